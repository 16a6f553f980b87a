"""Accounts that an administrator opens, locks and closes, and roles that are granted, in a part of the tree."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden, TokenTooOld
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from chassis.tokens import Signer, Verifier
from contracts.envelope import load
from contracts.rights import MAY_GRANT
from contracts.roster.accounts import AccountAsked, AccountsAsked, AccountStep, OpenAccount, PeopleAsked
from contracts.roster.grants import EndGrant, GrantRole, GrantsAsked
from contracts.roster.sessions import OpenSession
from contracts.roster.sign_in_policies import SetSignInPolicy
from roster.domain.accounts import (
    CLOSED,
    LOCKED,
    MOVES,
    OPEN,
    AccountExists,
    AccountNotMovable,
    NoSecondFactor,
    OwnAccount,
    RolesElsewhere,
    UsernameTaken,
)
from roster.domain.attempts import AccountNotOpen, SessionEnded, WrongCredentials
from roster.domain.grants import (
    GrantedAlready,
    GrantEnded,
    NotTheSecretary,
    NotToOneself,
    NotYoursToGive,
    PersonUnknown,
)
from roster.operations import accounts, grants, members, sessions, sign_in_policies
from roster.operations.accounts import NewAccount, NewGrant, grant_all, open_accounts
from roster.operations.members import Appointment, Person
from roster.queries import accounts as account_queries
from roster.queries import grants as grant_queries
from roster.queries import people
from roster.queries import sign_in_policies as policy_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.roster.factories import a_branch, a_committee, a_member, an_account, path_of

TODAY = date(2026, 11, 10)


class Town:
    """Two towns under a district, each with a branch; an admin of the first one."""

    def __init__(self, db: Connection) -> None:
        self.district = a_committee(db)
        self.here, self.there = (a_committee(db, parent=self.district) for _ in range(2))
        self.branch, self.other_branch = a_branch(db, parent=self.here), a_branch(db, parent=self.there)
        self.person = a_member(db, branch=self.branch, name="王晓燕")
        self.stranger = a_member(db, branch=self.other_branch, name="王建国")
        self.path = path_of(db, self.here)
        self.admin = an_actor(("admin", self.path))
        self.above = an_actor(("admin", path_of(db, self.district)))


@pytest.fixture
def town(db: Connection) -> Town:
    return Town(db)


def opens(db: Connection, town: Town, *, person: UUID | None = None, username="wang", actor: Actor | None = None):
    asked = OpenAccount(person or town.person, username, "新任支部管理员")
    return accounts.open_account(db, asked, actor=actor or town.admin, at=NOON)


def step(town: Town, person: UUID | None = None) -> AccountStep:
    return AccountStep(person or town.person, "离岗")


def sign_in(db: Connection, signer: Signer, username: str, password: str):
    return sessions.open_session(db, OpenSession(username, password), signer=signer, at=NOON)


class TestOpening:
    def test_shows_a_first_password_that_has_to_be_changed(
        self, db: Connection, town: Town, signer, verifier: Verifier
    ):
        first = opens(db, town, username="Wang.XY")
        assert first.username == "wang.xy"
        opened = sign_in(db, signer, "wang.xy", first.first_password)
        assert opened.first == "password"
        assert first.first_password not in str(db.execute(text("SELECT * FROM accounts, account_moves")).all())

    def test_only_for_people_of_ones_part(self, db: Connection, town: Town):
        for nobody in (town.stranger, uuid4()):
            with pytest.raises(NotFound):
                opens(db, town, person=nobody)
        for role in ("officer", "secretary", "auditor"):
            with pytest.raises(Forbidden):
                opens(db, town, actor=an_actor((role, town.path)))
        assert opens(db, town, person=town.stranger, actor=town.above)

    def test_for_somebody_without_a_branch_from_the_root_alone(self, db: Connection, town: Town):
        nomad = Person(uuid4(), "孟宪法")
        members.register_all(db, [nomad])
        with pytest.raises(NotFound):
            opens(db, town, person=nomad.id)
        assert opens(db, town, person=nomad.id, actor=town.above)

    def test_needs_a_fresh_token(self, db: Connection, town: Town):
        old = an_actor(("admin", town.path), at=NOON - timedelta(seconds=61))
        with pytest.raises(TokenTooOld):
            opens(db, town, actor=old)

    def test_once_for_a_person_and_for_a_user_name(self, db: Connection, town: Town):
        opens(db, town)
        with pytest.raises(AccountExists):
            opens(db, town, username="other")
        second = a_member(db, branch=town.branch, name="李明")
        with pytest.raises(UsernameTaken):
            opens(db, town, person=second, username="WANG")

    def test_takes_nothing_that_is_not_asked_for(self):
        asked = load(
            OpenAccount,
            {
                "person_id": str(uuid4()),
                "username": "wang",
                "reason": "x",
                "password": "chosen by the caller",
                "must_change": False,
                "state": "open",
                "roles": ["admin"],
            },
        )
        assert set(vars(asked)) == {"person_id", "username", "reason"}


class TestMoving:
    @pytest.mark.parametrize("move", ["lock", "unlock", "close"])
    @pytest.mark.parametrize("state", [OPEN, LOCKED, CLOSED])
    def test_every_pair(self, db: Connection, town: Town, state, move):
        opens(db, town)
        db.execute(text("UPDATE accounts SET state = :state"), {"state": state})
        sources, target = MOVES[move]
        if state in sources:
            assert accounts.move(db, step(town), move, actor=town.admin, at=NOON).state == target
            kept = db.execute(text("SELECT move, reason FROM account_moves ORDER BY id DESC LIMIT 1")).one()
            assert tuple(kept) == (move, "离岗")
        else:
            with pytest.raises(AccountNotMovable):
                accounts.move(db, step(town), move, actor=town.admin, at=NOON)

    @pytest.mark.parametrize("move", ["lock", "close"])
    def test_a_locked_or_closed_account_signs_in_no_more(
        self, db: Connection, town: Town, signer, verifier: Verifier, move
    ):
        open_accounts(db, [NewAccount(town.person, "wang", "right")], at=NOON)
        actor = verifier.actor(sign_in(db, signer, "wang", "right").access_token, at=NOON)
        accounts.move(db, step(town), move, actor=town.admin, at=NOON)
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=actor, signer=signer, at=NOON)
        assert isinstance(sign_in(db, signer, "wang", "right"), AccountNotOpen)
        # Who does not know the password does not learn it either.
        assert isinstance(sign_in(db, signer, "wang", "wrong"), WrongCredentials)

    def test_a_new_first_password_replaces_the_old_and_ends_sessions(
        self, db: Connection, town: Town, signer, verifier: Verifier
    ):
        open_accounts(db, [NewAccount(town.person, "wang", "right")], at=NOON)
        actor = verifier.actor(sign_in(db, signer, "wang", "right").access_token, at=NOON)
        first = accounts.reset_password(db, step(town), actor=town.admin, at=NOON)
        assert isinstance(sign_in(db, signer, "wang", "right"), WrongCredentials)
        assert sign_in(db, signer, "wang", first.first_password).first == "password"
        with pytest.raises(SessionEnded):
            sessions.renew(db, actor=actor, signer=signer, at=NOON)

    @pytest.mark.parametrize("how", ["reset", "close"])
    def test_whoever_bound_an_identity_to_it_before_stays_outside(self, db: Connection, town: Town, how: str):
        open_accounts(db, [NewAccount(town.person, "wang", "right")], at=NOON)
        bound = {"id": uuid4(), "person": town.person, "at": NOON}
        db.execute(
            text(
                "INSERT INTO external_identities (id, issuer, subject, person_id, provider, bound_at, bound_by)"
                " VALUES (:id, 'https://id.example', 'an intruder', :person, 'unit', :at, :person)"
            ),
            bound,
        )
        if how == "reset":
            accounts.reset_password(db, step(town), actor=town.admin, at=NOON)
        else:
            accounts.move(db, step(town), "close", actor=town.admin, at=NOON)
        assert db.execute(text("SELECT count(*) FROM external_identities")).scalar_one() == 0
        moves = db.execute(text("SELECT move FROM account_moves WHERE person_id = :person"), bound).scalars().all()
        assert "unbind_identity" in moves

    def test_a_closed_one_opens_again_under_its_name(self, db: Connection, town: Town, signer):
        opens(db, town)
        accounts.move(db, step(town), "close", actor=town.admin, at=NOON)
        again = opens(db, town, username="another")
        assert again.username == "wang"
        assert sign_in(db, signer, "wang", again.first_password).first == "password"

    def test_nobody_administers_who_may_do_more_elsewhere(self, db: Connection, town: Town):
        open_accounts(db, [NewAccount(town.person, "wang", "right")], at=NOON)
        grant_all(db, [NewGrant(town.person, "approver", town.district)], at=NOON)
        for act in (
            lambda: accounts.reset_password(db, step(town), actor=town.admin, at=NOON),
            lambda: accounts.move(db, step(town), "lock", actor=town.admin, at=NOON),
            lambda: accounts.remove_second_factor(db, step(town), actor=town.admin, at=NOON),
            lambda: accounts.end_sessions(db, step(town), actor=town.admin, at=NOON),
        ):
            with pytest.raises(RolesElsewhere):
                act()
        assert accounts.reset_password(db, step(town), actor=town.above, at=NOON)
        record = account_queries.record(db, AccountAsked(town.person), actor=town.admin, at=NOON)
        assert not record.may_administer

    def test_nobody_administers_themselves(self, db: Connection, town: Town):
        open_accounts(db, [NewAccount(town.person, "wang", "right")], at=NOON)
        oneself = an_actor(("admin", town.path), person=town.person)
        with pytest.raises(OwnAccount):
            accounts.reset_password(db, step(town), actor=oneself, at=NOON)

    def test_what_is_not_there_is_not_taken(self, db: Connection, town: Town):
        opens(db, town)
        with pytest.raises(NoSecondFactor):
            accounts.remove_second_factor(db, step(town), actor=town.admin, at=NOON)
        with pytest.raises(NotFound):
            accounts.end_sessions(db, step(town, town.stranger), actor=town.admin, at=NOON)


class TestFinding:
    def test_people_by_the_beginning_of_a_name_within_ones_part(self, db: Connection, town: Town):
        opens(db, town, username="xiaoyan")
        found = account_queries.people(db, PeopleAsked("王"), actor=town.admin).items
        assert [(person.name, person.username) for person in found] == [("王晓燕", "xiaoyan")]
        assert [one.id for one in account_queries.people(db, PeopleAsked("XIAO"), actor=town.admin).items] == [
            town.person
        ]
        assert account_queries.people(db, PeopleAsked("%"), actor=town.admin).items == []
        assert {one.name for one in account_queries.people(db, PeopleAsked("王"), actor=town.above).items} >= {
            "王晓燕",
            "王建国",
        }

    def test_accounts_page_by_page(self, db: Connection, town: Town):
        for number in range(3):
            opens(db, town, person=a_member(db, branch=town.branch, name="李明"), username=f"user{number}")
        opens(db, town, person=town.stranger, username="aaa", actor=town.above)
        first = account_queries.page(db, AccountsAsked(limit=2), actor=town.admin)
        rest = account_queries.page(db, AccountsAsked(limit=2, cursor=first.next), actor=town.admin)
        assert [one.username for one in (*first.items, *rest.items)] == ["user0", "user1", "user2"]
        assert account_queries.page(db, AccountsAsked(state="locked"), actor=town.admin).items == []


def gives(
    db: Connection,
    actor: Actor,
    person: UUID,
    role: str,
    organisation: UUID,
    *,
    first: date | None = None,
    until: date | None = None,
):
    asked = GrantRole(person, role, organisation, "淄川组〔2026〕8号", first, until)
    return grants.grant(db, asked, actor=actor, at=NOON)


def roles(db: Connection, person: UUID, *, on: date = TODAY) -> set[str]:
    return {role.role for role in people.roles_of(db, person, on=on)} - {"member"}


class TestGranting:
    def test_holds_from_its_day_until_its_end(self, db: Connection, town: Town):
        given = gives(
            db, town.admin, town.person, "assessor", town.here, first=date(2026, 11, 12), until=date(2026, 11, 20)
        )
        assert (given.state, given.person_name, given.may_end) == ("to_come", "王晓燕", True)
        held = {day: "assessor" in roles(db, town.person, on=date(2026, 11, day)) for day in (11, 12, 19, 20)}
        assert held == {11: False, 12: True, 19: True, 20: False}

    @pytest.mark.parametrize("role", sorted(MAY_GRANT["admin"] | {"secretary"}))
    @pytest.mark.parametrize("granter", ["admin", "officer", "secretary", "steward", "auditor"])
    def test_only_what_the_table_says(self, db: Connection, town: Town, granter, role):
        actor = an_actor((granter, town.path))
        if granter not in MAY_GRANT:
            with pytest.raises(Forbidden):
                gives(db, actor, town.person, role, town.here)
        elif role not in MAY_GRANT[granter]:
            with pytest.raises(NotYoursToGive):
                gives(db, actor, town.person, role, town.here)
        elif role != "secretary":
            assert gives(db, actor, town.person, role, town.here).role == role

    def test_only_at_and_below_ones_own_node_to_ones_own_people(self, db: Connection, town: Town):
        for place in (town.there, town.district):
            with pytest.raises(Forbidden):
                gives(db, town.admin, town.person, "auditor", place)
        with pytest.raises(PersonUnknown):
            gives(db, town.admin, town.stranger, "auditor", town.here)
        with pytest.raises(NotFound):
            gives(db, town.admin, town.person, "auditor", uuid4())
        # What one may give as an officer above is not given with the admin's right below.
        both = an_actor(("admin", path_of(db, town.branch)), ("officer", town.path))
        with pytest.raises(NotYoursToGive):
            gives(db, both, town.person, "approver", town.here)

    def test_never_to_oneself(self, db: Connection, town: Town):
        oneself = an_actor(("admin", town.path), person=town.person)
        with pytest.raises(NotToOneself):
            gives(db, oneself, town.person, "approver", town.here)
        given = gives(db, town.admin, town.person, "approver", town.here)
        with pytest.raises(NotToOneself):
            grants.end(db, EndGrant(given.id, "x"), actor=oneself, at=NOON)

    @pytest.mark.parametrize(
        ("first", "until", "field"),
        [
            (date(2026, 11, 9), None, "active_from"),
            (date(2028, 1, 1), None, "active_from"),
            (None, TODAY, "active_until"),
            (date(2026, 12, 1), date(2026, 11, 30), "active_until"),
        ],
    )
    def test_for_days_that_can_be(self, db: Connection, town: Town, first, until, field):
        with pytest.raises(InvalidInput) as refused:
            gives(db, town.admin, town.person, "assessor", town.here, first=first, until=until)
        assert list(refused.value.errors) == [field]

    def test_not_twice_for_the_same_days(self, db: Connection, town: Town):
        gives(db, town.admin, town.person, "assessor", town.here, until=date(2026, 12, 1))
        with pytest.raises(GrantedAlready):
            gives(db, town.admin, town.person, "assessor", town.here, first=date(2026, 11, 30))
        assert gives(db, town.admin, town.person, "assessor", town.here, first=date(2026, 12, 1))

    def test_of_many_at_once_one_is_granted(self, database: Engine):
        with database.begin() as db:
            town = Town(db)

        def give():
            with database.begin() as db:
                return type(gives(db, town.admin, town.person, "assessor", town.here)).__name__

        assert sorted(at_once([give] * 4)) == ["GrantRecord"] + ["granted-already"] * 3

    def test_ended_it_is_gone_from_the_next_token_and_stays_on_record(
        self, db: Connection, town: Town, signer, verifier: Verifier
    ):
        open_accounts(db, [NewAccount(town.person, "wang", "right")], at=NOON)
        given = gives(db, town.admin, town.person, "assessor", town.here)
        actor = verifier.actor(sign_in(db, signer, "wang", "right").access_token, at=NOON)
        assert ("assessor", town.path) in [(grant.role, grant.path) for grant in actor.grants]
        ended = grants.end(db, EndGrant(given.id, "任务结束"), actor=town.admin, at=NOON)
        assert (ended.state, ended.ended_reason) == ("ended", "任务结束")
        renewed = verifier.actor(sessions.renew(db, actor=actor, signer=signer, at=NOON).access_token, at=NOON)
        assert [grant.role for grant in renewed.grants] == ["member"]
        with pytest.raises(GrantEnded):
            grants.end(db, EndGrant(given.id, "x"), actor=town.admin, at=NOON)
        found = grant_queries.page(db, GrantsAsked(state="ended"), actor=town.admin, on=TODAY).items
        assert [one.id for one in found] == [given.id]

    def test_what_others_granted_elsewhere_is_neither_seen_nor_ended(self, db: Connection, town: Town):
        given = gives(db, town.above, town.person, "approver", town.district)
        assert grant_queries.page(db, GrantsAsked(), actor=town.admin, on=TODAY).items == []
        with pytest.raises(NotFound):
            grants.end(db, EndGrant(given.id, "x"), actor=town.admin, at=NOON)
        inside = gives(db, town.above, town.person, "approver", town.here)
        officer = an_actor(("officer", town.path))
        with pytest.raises(NotYoursToGive):
            grants.end(db, EndGrant(inside.id, "x"), actor=officer, at=NOON)


class TestDeputies:
    def secretary(self, db: Connection, town: Town) -> Actor:
        person = a_member(db, branch=town.branch, name="赵永海")
        members.appoint(db, Appointment(town.branch, person, "secretary", date(2026, 1, 1)), at=NOON)
        return an_actor(("secretary", path_of(db, town.branch)), person=person)

    def test_are_named_by_the_secretary_until_a_day(self, db: Connection, town: Town):
        secretary = self.secretary(db, town)
        with pytest.raises(InvalidInput):
            gives(db, secretary, town.person, "secretary", town.branch)
        with pytest.raises(InvalidInput):
            gives(db, secretary, town.person, "secretary", town.branch, until=date(2027, 12, 1))
        gives(db, secretary, town.person, "secretary", town.branch, until=date(2026, 11, 20))
        assert roles(db, town.person) == {"secretary"}
        assert roles(db, town.person, on=date(2026, 11, 20)) == set()

    def test_name_no_deputy_themselves(self, db: Connection, town: Town):
        gives(db, self.secretary(db, town), town.person, "secretary", town.branch, until=date(2026, 11, 20))
        third = a_member(db, branch=town.branch, name="李明")
        deputy = an_actor(("secretary", path_of(db, town.branch)), person=town.person)
        with pytest.raises(NotTheSecretary):
            gives(db, deputy, third, "secretary", town.branch, until=date(2026, 11, 20))

    def test_are_none_once_who_named_them_has_left_the_post(self, db: Connection, town: Town):
        gives(db, self.secretary(db, town), town.person, "secretary", town.branch, until=date(2026, 11, 20))
        successor = a_member(db, branch=town.branch, name="李明")
        members.appoint(db, Appointment(town.branch, successor, "secretary", TODAY), at=NOON)
        assert roles(db, town.person) == set()


class TestPolicy:
    def asked(self, db: Connection, **changed) -> SetSignInPolicy:
        read = policy_queries.rows(db, on=TODAY)
        numbers = {**vars(read.in_force.numbers), **changed}
        return load(SetSignInPolicy, {"version": read.version, "numbers": numbers, "ground": "保密检查整改"})

    def test_is_set_at_the_root_and_holds_at_once(self, db: Connection, town: Town, signer):
        asked = self.asked(db, wrong_max=3)
        with pytest.raises(Forbidden):
            sign_in_policies.set_policy(db, asked, actor=town.admin, at=NOON)
        view = sign_in_policies.set_policy(db, asked, actor=town.above, at=NOON)
        assert view.in_force.numbers.wrong_max == 3
        an_account(db, username="li")
        answers = [type(sign_in(db, signer, "li", "wrong")).__name__ for _ in range(3)]
        assert answers == ["WrongCredentials"] * 2 + ["TooManyAttempts"]

    def test_of_two_who_read_the_same_the_second_is_told(self, db: Connection, town: Town):
        first, second = self.asked(db, length_min=12), self.asked(db, length_min=14)
        sign_in_policies.set_policy(db, first, actor=town.above, at=NOON)
        with pytest.raises(PreconditionFailed):
            sign_in_policies.set_policy(db, second, actor=town.above, at=NOON)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"longest_wait_s": 30}, "numbers.longest_wait_s"),
            ({"forgotten_after_s": 600}, "numbers.forgotten_after_s"),
            ({"session_max_s": 3600}, "numbers.session_max_s"),
        ],
    )
    def test_takes_only_numbers_that_fit_together(self, db: Connection, town: Town, changed, field):
        with pytest.raises(InvalidInput) as refused:
            sign_in_policies.set_policy(db, self.asked(db, **changed), actor=town.above, at=NOON)
        assert list(refused.value.errors) == [field]

    def test_says_whose_sign_in_needs_a_second_factor(self, db: Connection, town: Town, signer):
        an_account(db, username="li")
        person = db.execute(text("SELECT person_id FROM accounts")).scalar_one()
        grant_all(db, [NewGrant(person, "officer", town.here)], at=NOON)
        assert sign_in(db, signer, "li", "right").first is None
        asked = self.asked(db, second_factor_roles=["officer"])
        sign_in_policies.set_policy(db, asked, actor=town.above, at=NOON)
        assert sign_in(db, signer, "li", "right").first == "second_factor"
