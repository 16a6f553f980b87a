"""Access tokens of programs: shown once, kept as a hash, never more than their person may, and ended."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden, SecondFactorSetupNeeded, TokenOutside, TokenTooOld
from chassis.refusals import InvalidInput, NotFound
from chassis.tokens import Signer, Verifier
from contracts.rights import ROLES
from contracts.roster.accounts import AccountStep
from contracts.roster.api_tokens import (
    ApiTokensAsked,
    EndApiToken,
    EndMyApiToken,
    ExchangeApiToken,
    MakeApiToken,
    looks_whole,
    new_token,
)
from contracts.roster.elections import ApprovalsAsked
from contracts.roster.imports import ImportsAsked
from contracts.roster.members import DuplicatesAsked
from contracts.roster.terms import TermsAsked
from contracts.token_scopes import AREAS, BY_TOKEN, NEVER_BY_TOKEN, READS, actions_of
from roster.domain.api_tokens import TokenRefused, TooManyTokens, narrowed
from roster.domain.sign_in_policies import DEFAULT
from roster.operations import accounts, api_tokens
from roster.operations.accounts import NewGrant, grant_all
from roster.queries import api_tokens as queries
from roster.queries import elections, members, terms
from roster.queries import imports as import_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.roster.factories import a_branch, a_committee, a_member, an_account, path_of

SOON = NOON + timedelta(minutes=5)


class Office:
    """Somebody with an account who is officer of a town with two branches, and an administrator of it."""

    def __init__(self, db: Connection, *, role: str = "officer") -> None:
        self.town = a_committee(db, parent=a_committee(db))
        self.branch, self.other = (a_branch(db, parent=self.town) for _ in range(2))
        self.person = an_account(db, username=f"u{uuid4().hex[:12]}")
        grant_all(db, [NewGrant(self.person, role, self.town)], at=NOON)
        self.path = path_of(db, self.town)
        self.actor = an_actor((role, self.path), person=self.person)
        self.admin = an_actor(("admin", self.path.split(".")[0]))


@pytest.fixture
def office(db: Connection) -> Office:
    return Office(db)


def makes(db: Connection, office: Office, *, at=NOON, policy=DEFAULT, actor: Actor | None = None, **more):
    asked = MakeApiToken(
        password="-",
        **{"name": "月报表格", "scope": ["all"], "days": 30, "organisation_id": None, **more},
    )
    return api_tokens.make(db, asked, actor=actor or office.actor, policy=policy, at=at)


def exchanged(db: Connection, token: str, signer: Signer, verifier: Verifier, *, at=SOON, address="203.0.113.0/24"):
    signed = api_tokens.exchange(db, ExchangeApiToken(token, address), signer=signer, at=at)
    return verifier.actor(signed.access_token, at=at)


class TestMaking:
    def test_only_a_hash_is_kept(self, db: Connection, office: Office):
        made = makes(db, office)
        assert looks_whole(made.token)
        assert made.kept.ends_with == made.token[-4:]
        row = db.execute(text("SELECT t.*, encode(token_hash, 'hex') AS hash FROM api_tokens t")).one()
        assert made.token not in str(row)
        assert len(row.hash) == 64

    def test_a_mistyped_one_is_known_without_looking(self):
        token = new_token()
        assert looks_whole(token)
        swapped = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]
        assert not any(looks_whole(wrong) for wrong in (swapped, token[:-1], token + "x", "zhd_", "", "ü" * 53))

    def test_needs_a_fresh_token(self, db: Connection, office: Office):
        with pytest.raises(TokenTooOld):
            makes(db, office, at=NOON + timedelta(seconds=61))

    def test_lives_no_longer_than_the_policy_says(self, db: Connection, office: Office):
        with pytest.raises(InvalidInput):
            makes(db, office, days=91, policy=replace(DEFAULT, token_days_max=90))
        assert makes(db, office, days=90, policy=replace(DEFAULT, token_days_max=90))

    def test_not_for_a_part_where_one_holds_nothing(self, db: Connection, office: Office):
        for nowhere in (a_committee(db), uuid4()):
            with pytest.raises(InvalidInput):
                makes(db, office, organisation_id=nowhere)

    def test_no_more_than_the_policy_says(self, db: Connection, office: Office):
        policy = replace(DEFAULT, tokens_max=2)
        first = makes(db, office, policy=policy, days=1)
        makes(db, office, policy=policy)
        with pytest.raises(TooManyTokens):
            makes(db, office, policy=policy)
        api_tokens.end_mine(db, EndMyApiToken(first.kept.id), actor=office.actor, at=NOON)
        assert makes(db, office, policy=policy)


class TestExchanging:
    def test_gives_the_roles_of_now_and_no_more(self, db: Connection, office: Office, signer, verifier):
        token = makes(db, office, scope=["visits", "sites.read"]).token
        actor = exchanged(db, token, signer, verifier)
        assert (actor.person_id, [grant.role for grant in actor.grants]) == (office.person, ["officer"])
        assert actor.only == AREAS["visits"] | (AREAS["sites"] & READS) | {"me"}
        assert actor.may("read_site_record", site=office.path)
        for action in ("edit_site", "read_members"):
            assert not actor.may(action, site=office.path, organisation=office.path)
            with pytest.raises(TokenOutside):
                actor.must(action, site=office.path, organisation=office.path)
        db.execute(text("UPDATE grants SET ended_at = :at, ended_reason = 'x'"), {"at": NOON})
        assert exchanged(db, token, signer, verifier).grants == ()

    def test_of_one_kept_to_a_part_of_the_tree(self, db: Connection, office: Office, signer, verifier):
        token = makes(db, office, organisation_id=office.branch).token
        actor = exchanged(db, token, signer, verifier)
        here, there = path_of(db, office.branch), path_of(db, office.other)
        assert actor.may("read_members", organisation=here)
        assert not actor.may("read_members", organisation=there)
        # What is everybody's is read, not changed.
        assert actor.may("read_policies")
        assert not actor.may("announce_holidays")

    @pytest.mark.parametrize("what", ["unknown", "expired", "ended", "locked", "first password"])
    def test_refuses_all_alike(self, db: Connection, office: Office, signer, verifier, what):
        made = makes(db, office, days=1)
        token, at = made.token, SOON
        if what == "unknown":
            token = new_token()
        elif what == "expired":
            at = NOON + timedelta(days=1)
        elif what == "ended":
            api_tokens.end_mine(db, EndMyApiToken(made.kept.id), actor=office.actor, at=NOON)
        elif what == "locked":
            db.execute(text("UPDATE accounts SET state = 'locked'"))
        else:
            db.execute(text("UPDATE accounts SET must_change = true"))
        with pytest.raises(TokenRefused):
            exchanged(db, token, signer, verifier, at=at)

    def test_not_for_roles_that_need_a_second_factor_without_one(self, db: Connection, signer, verifier):
        finance = Office(db, role="preparer")
        token = makes(db, finance).token
        with pytest.raises(SecondFactorSetupNeeded):
            exchanged(db, token, signer, verifier)

    def test_notes_its_use_at_most_once_a_minute(self, db: Connection, office: Office, signer, verifier):
        made = makes(db, office)
        seen = []
        for seconds, network in ((0, "203.0.113.0/24"), (59, "198.51.100.0/24"), (61, "192.0.2.0/24")):
            exchanged(db, made.token, signer, verifier, at=SOON + timedelta(seconds=seconds), address=network)
            seen.append(queries.view(db, made.kept.id, at=SOON).last_used_from)
        assert seen == ["203.0.113.0/24", "203.0.113.0/24", "192.0.2.0/24"]

    def test_never_lives_past_its_token(self, db: Connection, office: Office, signer, verifier):
        made = makes(db, office, days=1)
        at = NOON + timedelta(days=1, seconds=-20)
        assert exchanged(db, made.token, signer, verifier, at=at).expires_at == NOON + timedelta(days=1)


class TestWhatNoTokenDoes:
    def test_whatever_its_scope_says(self, db: Connection, office: Office, signer, verifier):
        actor = exchanged(db, makes(db, office, scope=["all"]).token, signer, verifier)
        assert actor.only == BY_TOKEN
        assert not any(actor.reaches(action) for action in NEVER_BY_TOKEN)
        with pytest.raises(TokenOutside):
            actor.must_be_fresh(SOON)

    def test_lists_show_nothing_that_its_scope_does_not_name(self, db: Connection):
        token = replace(an_actor(*((role, "37") for role in ROLES)), only=actions_of(("visits",)))
        lists = [
            lambda: import_queries.page(db, ImportsAsked(), actor=token),
            lambda: members.duplicates(db, DuplicatesAsked(), actor=token, on=NOON.date()),
            lambda: terms.page(db, TermsAsked(), actor=token, today=NOON.date()),
            lambda: elections.approvals(db, ApprovalsAsked(), actor=token),
        ]
        for asking in lists:
            with pytest.raises((Forbidden, TokenOutside)):
                asking()

    def test_puts_nobody_into_office_and_changes_nobodys_dues(self):
        reached = actions_of(("all",))
        assert reached.isdisjoint(
            {
                *("manage_posts", "decide_election", "change_structure", "set_dues_base", "assess_dues"),
                *("read_own_dues", "import_members"),
            }
        )

    @pytest.mark.parametrize("door", ["renew_token", "make_api_token", "change_password", "close_session"])
    def test_opens_no_door_of_the_account(self, db: Connection, office: Office, signer, verifier, door):
        actor = exchanged(db, makes(db, office).token, signer, verifier)
        with pytest.raises(TokenOutside):
            actor.must_be_done_first(door)
        actor.must_be_done_first("me")

    def test_a_word_that_is_no_scope_reaches_nothing(self):
        assert actions_of(("everything", "money.write", "approve_claim", "")) == {"me"}


class TestEnding:
    def test_only_ones_own_and_once(self, db: Connection, office: Office):
        made = makes(db, office)
        with pytest.raises(NotFound):
            api_tokens.end_mine(db, EndMyApiToken(made.kept.id), actor=an_actor(), at=NOON)
        first = api_tokens.end_mine(db, EndMyApiToken(made.kept.id), actor=office.actor, at=NOON)
        again = api_tokens.end_mine(db, EndMyApiToken(made.kept.id), actor=office.actor, at=SOON)
        assert (first.state, again.ended_at) == ("ended", first.ended_at)

    def test_by_an_administrator_of_the_persons_part(self, db: Connection, office: Office):
        made = makes(db, office)
        elsewhere = an_actor(("admin", path_of(db, a_committee(db, parent=a_committee(db)))))
        for nobody, refusal in ((elsewhere, NotFound), (an_actor(("officer", office.path)), Forbidden)):
            with pytest.raises(refusal):
                api_tokens.end(db, EndApiToken(made.kept.id, "离岗"), actor=nobody, at=NOON)
        ended = api_tokens.end(db, EndApiToken(made.kept.id, "离岗"), actor=office.admin, at=NOON)
        assert (ended.state, ended.ended_reason) == ("ended", "离岗")

    @pytest.mark.parametrize("step", ["close", "reset_password", "end_sessions"])
    def test_with_the_account(self, db: Connection, office: Office, signer, verifier, step):
        made = makes(db, office)
        asked = AccountStep(office.person, "离岗")
        if step == "close":
            accounts.move(db, asked, "close", actor=office.admin, at=NOON)
        else:
            getattr(accounts, step)(db, asked, actor=office.admin, at=NOON)
        assert queries.view(db, made.kept.id, at=NOON).state == "ended"


class TestListing:
    def test_of_ones_part_of_the_tree_page_by_page(self, db: Connection, office: Office):
        branch = a_branch(db, parent=office.town)
        person = a_member(db, branch=branch, name="李明")
        accounts.open_accounts(db, [accounts.NewAccount(person, "liming", "x")], at=NOON)
        actor = an_actor(person=person)
        made = [makes(db, office, actor=actor, at=NOON + timedelta(seconds=n), name=f"n{n}").kept.id for n in range(3)]
        here = an_actor(("admin", office.path))
        first = queries.page(db, ApiTokensAsked(limit=2), actor=here, at=SOON)
        second = queries.page(db, ApiTokensAsked(limit=2, cursor=first.next), actor=here, at=SOON)
        assert [token.id for token in (*first.items, *second.items)] == made[::-1]
        elsewhere = an_actor(("auditor", path_of(db, a_committee(db, parent=a_committee(db)))))
        assert queries.page(db, ApiTokensAsked(), actor=elsewhere, at=SOON).items == []
        with pytest.raises(Forbidden):
            queries.page(db, ApiTokensAsked(), actor=an_actor(("officer", office.path)), at=SOON)


@pytest.mark.parametrize(
    ("grants", "within", "left"),
    [
        ([("a", "1")], None, [("a", "1")]),
        ([("a", "1")], "1.2", [("a", "1.2")]),
        ([("a", "1.2.3"), ("a", "1")], "1.2", [("a", "1.2"), ("a", "1.2.3")]),
        ([("a", "1.20"), ("b", "1.2.3")], "1.2", [("b", "1.2.3")]),
        ([("a", "1.2")], "1.20", []),
    ],
)
def test_narrowing(grants, within, left):
    assert narrowed(grants, within=within) == left


class TestRaces:
    """Real connections, real commits."""

    def test_two_made_at_once_are_no_more_than_allowed(self, database: Engine):
        with database.begin() as db:
            office = Office(db)
        policy = replace(DEFAULT, tokens_max=1)

        def make() -> UUID:
            with database.begin() as db:
                return makes(db, office, policy=policy).kept.id

        told = at_once([make] * 4)
        assert sorted(str(answer) for answer in told).count("too-many-tokens") == 3

    def test_ended_while_it_is_used(self, database: Engine, signer, verifier):
        """An exchange comes before the end or after it; after the end is committed there is none."""
        with database.begin() as db:
            office = Office(db)
            made = makes(db, office)

        def use() -> str:
            with database.begin() as db:
                exchanged(db, made.token, signer, verifier)
                return "taken"

        def end() -> str:
            with database.begin() as db:
                return api_tokens.end_mine(db, EndMyApiToken(made.kept.id), actor=office.actor, at=SOON).state

        told = at_once([use, use, end, use, use])
        assert told[2] == "ended"
        assert set(told) <= {"taken", "token-refused", "ended"}
        with pytest.raises(TokenRefused):
            use()


def test_the_areas_are_made_of_what_a_token_can_do():
    assert all(actions <= BY_TOKEN for actions in AREAS.values())
    assert sum(len(actions) for actions in AREAS.values()) == len(frozenset().union(*AREAS.values()))
