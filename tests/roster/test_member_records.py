"""The register: who is entered once, what is known, how it changes, and the list of any day."""

import threading
from datetime import date, timedelta

import pytest
from chassis.actors import Forbidden, TokenTooOld
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.envelope import plain
from contracts.roster.members import (
    ChangeState,
    DuplicatesAsked,
    EditMember,
    EndFact,
    EndMembership,
    LookUpMember,
    MemberAsked,
    MembersAsked,
    MyViewsAsked,
    OpenPersonalData,
    PersonalViewsAsked,
    RegisterMember,
    StateFact,
    TellApart,
)
from cryptography.fernet import Fernet
from roster.domain.members import (
    BeforeItBegan,
    FactAlready,
    IdentityNumberTaken,
    NotAMember,
    NotYet,
    OnlyProbation,
    StateAlready,
)
from roster.operations import member_records, people
from roster.queries import members as asked
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from tests.articles import NOON, an_actor
from tests.roster.factories import a_branch, a_committee, a_member, path_of, told_of
from tests.roster.registers import a_registered, an_administrator, an_identity_number
from tests.roster.test_members import run_all

TODAY = date(2026, 11, 10)
NUMBER = an_identity_number()


def everything_in(db: Connection) -> str:
    """All that is told, remembered or kept in the clear of personal data's tables."""
    rows = [
        *db.execute(text("SELECT data::text FROM outbox")).scalars(),
        *db.execute(text("SELECT p::text FROM people p")).scalars(),
        *db.execute(text("SELECT v::text FROM personal_views v")).scalars(),
        *db.execute(text("SELECT v::text FROM member_moves v")).scalars(),
    ]
    return "\n".join(rows)


class TestRegister:
    def test_is_counted_sealed_and_found_again(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER, phone="13805331234")
        assert told_of(db, branch)[-1]["members_full"] == 1
        record = asked.record(db, MemberAsked(person), actor=an_administrator(db, branch))
        assert (record.sex, record.born_on, record.status) == ("female", date(1980, 5, 17), "full")
        assert (record.identity_masked, record.phone_masked) == ("370" + "*" * 14 + NUMBER[-1], "138****1234")
        assert NUMBER not in everything_in(db)
        assert "13805331234" not in everything_in(db)
        assert NUMBER not in str(plain(record))

    def test_the_same_number_is_refused_across_branches_and_does_not_say_where(self, db: Connection):
        a_registered(db, branch=a_branch(db), name="甲", identity_number=NUMBER)
        with pytest.raises(IdentityNumberTaken) as refused:
            a_registered(db, branch=a_branch(db), name="乙", identity_number=NUMBER)
        assert NUMBER not in str(refused.value)
        assert refused.value.params == {}

    def test_the_database_refuses_it_too(self, db: Connection):
        person = a_registered(db, branch=a_branch(db), identity_number=NUMBER)
        other = a_registered(db, branch=a_branch(db))
        with pytest.raises(IntegrityError, match="people_identity_index_key"):
            db.execute(
                text(
                    "UPDATE people SET (identity_number, identity_index, identity_masked, sealed_with, indexed_with) ="
                    " (SELECT identity_number, identity_index, identity_masked, sealed_with, indexed_with"
                    "  FROM people WHERE id = :known) WHERE id = :other"
                ),
                {"known": person, "other": other},
            )

    def test_two_branches_that_enter_one_person_at_the_same_time(self, database: Engine):
        with database.begin() as db:
            branches = [a_branch(db), a_branch(db)]
        barrier, ends = threading.Barrier(2), []

        def enter(branch):
            with database.connect() as db:
                barrier.wait()
                try:
                    a_registered(db, branch=branch, identity_number=NUMBER)
                    db.commit()
                    ends.append("entered")
                except (IdentityNumberTaken, InvalidInput):
                    ends.append("refused")

        run_all([lambda branch=branch: enter(branch) for branch in branches])
        assert sorted(ends) == ["entered", "refused"]
        with database.connect() as db:
            assert db.execute(text("SELECT count(*) FROM members")).scalar_one() == 1

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"identity_number": NUMBER[:-1] + "0"}, "identity_number"),
            ({"identity_number": NUMBER, "sex": "male"}, "sex"),
            ({"identity_number": NUMBER, "born_on": date(1980, 5, 18)}, "born_on"),
            ({"status": "probationary", "full_on": date(2010, 7, 1)}, "full_on"),
            ({"joined_on": date(2011, 1, 1)}, "joined_on"),
        ],
    )
    def test_what_does_not_agree_is_refused_by_field(self, db: Connection, fields: dict, wrong: str):
        with pytest.raises(InvalidInput) as refused:
            a_registered(db, branch=a_branch(db), **fields)
        assert set(refused.value.errors) == {wrong}

    def test_an_unknown_area_only_warns(self, db: Connection):
        branch = a_branch(db)
        form = RegisterMember(
            branch_id=branch, name="李", status="full", identity_number=an_identity_number(area="990101")
        )
        done = member_records.register(db, asked=form, actor=an_administrator(db, branch), at=NOON)
        assert done.warnings == ["area-unknown"]

    def test_nobody_is_entered_for_a_day_to_come(self, db: Connection):
        with pytest.raises(NotYet):
            a_registered(db, branch=a_branch(db), since=TODAY + timedelta(days=1))

    def test_who_left_comes_back_as_the_same_person(self, db: Connection):
        branch, other = a_branch(db), a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER)
        end(db, branch, person, "left")
        assert a_registered(db, branch=other, identity_number=NUMBER, since=TODAY) == person


class TestPeriods:
    def test_the_list_of_any_day_is_right(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(
            db, branch=branch, joined_on=date(2019, 7, 1), full_on=date(2020, 7, 1), since=date(2019, 7, 1)
        )
        officer = an_actor(("officer", path_of(db, branch)))
        member_records.change_state(
            db, asked=ChangeState(person, "floating", date(2023, 3, 1), "外出务工"), actor=officer, at=NOON
        )
        end(db, branch, person, "deceased", on=date(2025, 5, 5))
        seen = {}
        for day in ("2019-06-30", "2019-07-01", "2020-06-30", "2020-07-01", "2023-03-01", "2025-05-04", "2025-05-05"):
            page = asked.page(db, MembersAsked(branch, on=date.fromisoformat(day)), actor=officer, at=NOON)
            seen[day] = [(view.status, view.state) for view in page.items]
        assert seen == {
            "2019-06-30": [],
            "2019-07-01": [("probationary", "active")],
            "2020-06-30": [("probationary", "active")],
            "2020-07-01": [("full", "active")],
            "2023-03-01": [("full", "floating")],
            "2025-05-04": [("full", "floating")],
            "2025-05-05": [],
        }

    def test_no_member_is_taken_out_without_saying_how(self, db: Connection):
        person = a_member(db, branch=a_branch(db))
        with pytest.raises(IntegrityError, match="has not been ended"):
            db.execute(text("DELETE FROM members WHERE person_id = :person"), {"person": person})

    def test_nobody_stands_in_two_branches_on_one_day(self, db: Connection):
        branch, other = a_branch(db), a_branch(db)
        person = a_member(db, branch=branch)
        with pytest.raises(IntegrityError, match="membership_periods_one_branch"):
            db.execute(
                text(
                    "INSERT INTO membership_periods (person_id, branch_id, status, state, active_from, active_until)"
                    " VALUES (:person, :branch, 'full', 'active', '2026-11-10', '2026-11-12')"
                ),
                {"person": person, "branch": other},
            )

    def test_many_rows_of_one_statement_each_begin_theirs(self, db: Connection):
        here, there = a_branch(db, full=3), a_branch(db)
        db.execute(
            text("UPDATE members SET branch_id = :there, since = '2026-11-12' WHERE branch_id = :here"),
            {"there": there, "here": here},
        )
        rows = db.execute(
            text(
                "SELECT branch_id, active_from, active_until FROM membership_periods"
                " WHERE branch_id IN (:here, :there) ORDER BY id"
            ),
            {"here": here, "there": there},
        ).all()
        assert [tuple(row) for row in rows] == [
            *[(here, TODAY, date(2026, 11, 12))] * 3,
            *[(there, date(2026, 11, 12), None)] * 3,
        ]


class TestChanges:
    def test_an_edit_keeps_the_sealed_numbers_and_is_refused_when_stale(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER, phone="13805331234")
        actor = an_administrator(db, branch)
        form = EditMember(person_id=person, version=0, name="王建军", education="college", party_group="第一党小组")
        assert member_records.edit(db, asked=form, actor=actor, at=NOON).version == 1
        record = asked.record(db, MemberAsked(person), actor=actor)
        assert (record.name, record.education, record.party_group) == ("王建军", "college", "第一党小组")
        assert (record.identity_masked[:3], record.phone_masked, record.sex) == ("370", "138****1234", "female")
        with pytest.raises(PreconditionFailed):
            member_records.edit(db, asked=form, actor=actor, at=NOON)

    def test_states_follow_one_another_and_never_backwards(self, db: Connection):
        branch = a_branch(db)
        person, actor = a_registered(db, branch=branch), an_administrator(db, branch)
        change = ChangeState(person, "lost", date(2026, 5, 1), "半年无联系")
        member_records.change_state(db, asked=change, actor=actor, at=NOON)
        with pytest.raises(StateAlready):
            member_records.change_state(db, asked=change, actor=actor, at=NOON)
        with pytest.raises(BeforeItBegan, match="2026-05-01"):
            member_records.change_state(
                db, asked=ChangeState(person, "active", date(2026, 4, 30), "找到了"), actor=actor, at=NOON
            )
        with pytest.raises(NotYet):
            member_records.change_state(
                db, asked=ChangeState(person, "active", date(2026, 11, 11), "找到了"), actor=actor, at=NOON
            )
        moves = asked.record(db, MemberAsked(person), actor=actor).moves
        assert [(move.verb, move.reason) for move in moves] == [("became_lost", "半年无联系"), ("registered", None)]

    def test_an_end_leaves_posts_and_counts_right(self, db: Connection):
        branch = a_branch(db, full=2)
        person = a_registered(db, branch=branch)
        end(db, branch, person, "expelled")
        assert told_of(db, branch)[-1]["members_full"] == 2
        record = asked.record(db, MemberAsked(person), actor=an_actor(("secretary", path_of(db, branch))))
        assert (record.branch_id, record.ended_by, record.ended_on) == (None, "expelled", TODAY)
        with pytest.raises(NotAMember):
            end(db, branch, person, "left")

    def test_only_a_probation_is_cancelled(self, db: Connection):
        branch = a_branch(db)
        with pytest.raises(OnlyProbation):
            end(db, branch, a_registered(db, branch=branch), "cancelled")
        end(db, branch, a_registered(db, branch=branch, status="probationary"), "cancelled")

    def test_a_fact_holds_once_at_a_time(self, db: Connection):
        branch = a_branch(db)
        person, actor = a_registered(db, branch=branch), an_administrator(db, branch)
        fact = StateFact(person, "retired", date(2025, 1, 1))
        member_records.state_fact(db, asked=fact, actor=actor, at=NOON)
        with pytest.raises(FactAlready):
            member_records.state_fact(db, asked=fact, actor=actor, at=NOON)
        page = asked.page(db, MembersAsked(branch, fact="retired"), actor=actor, at=NOON)
        assert [view.facts for view in page.items] == [["retired"]]
        (known,) = asked.record(db, MemberAsked(person), actor=actor).facts
        member_records.end_fact(db, asked=EndFact(person, known.id, TODAY), actor=actor, at=NOON)
        assert asked.page(db, MembersAsked(branch, fact="retired"), actor=actor, at=NOON).items == []


class TestWhoSees:
    def test_a_branch_of_another_subtree_gets_nothing_by_id(self, db: Connection):
        branch, other = a_branch(db), a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER)
        stranger = an_administrator(db, other)
        for act in (
            lambda: asked.record(db, MemberAsked(person), actor=stranger),
            lambda: asked.personal_views(db, PersonalViewsAsked(person), actor=stranger),
            lambda: open_numbers(db, person, stranger),
            lambda: end(db, other, person, "left"),
            lambda: member_records.edit(
                db, asked=EditMember(person_id=person, version=0, name="x"), actor=stranger, at=NOON
            ),
        ):
            with pytest.raises(NotFound):
                act()

    def test_an_auditor_reads_and_neither_opens_nor_writes(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER)
        auditor = an_actor(("auditor", path_of(db, branch)))
        assert asked.record(db, MemberAsked(person), actor=auditor).can_open is False
        with pytest.raises(Forbidden):
            open_numbers(db, person, auditor)

    def test_opening_is_kept_and_shown_to_whom_it_is_about(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER, phone="13805331234")
        opened = open_numbers(db, person, an_administrator(db, branch, name="孙秀兰"))
        assert (opened.identity_number, opened.phone) == (NUMBER, None)
        oneself = an_actor(("member", path_of(db, branch)), person=person)
        (view,) = asked.own_views(db, MyViewsAsked(), actor=oneself).items
        assert (view.by_name, view.fields, view.purpose) == ("孙秀兰", ["identity_number"], "file_check")
        assert asked.own_record(db, actor=oneself).id == person
        with pytest.raises(Exception, match="permission denied"):
            db.execute(text("DELETE FROM personal_views"))

    def test_opening_takes_a_fresh_token_and_a_purpose(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER)
        stale = an_administrator(db, branch, at=NOON - timedelta(seconds=61))
        with pytest.raises(TokenTooOld):
            open_numbers(db, person, stale)
        with pytest.raises(InvalidInput):
            open_numbers(db, person, an_administrator(db, branch), purpose="other")
        assert db.execute(text("SELECT count(*) FROM personal_views")).scalar_one() == 0

    def test_a_number_is_looked_up_in_ones_own_part_of_the_tree(self, db: Connection):
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER, phone="0533-5281234")
        officer = an_actor(("officer", path_of(db, branch)))
        elsewhere = an_actor(("officer", path_of(db, a_committee(db))))
        for look in (LookUpMember(identity_number=NUMBER.lower()), LookUpMember(phone="05335281234")):
            assert [v.id for v in member_records.look_up(db, asked=look, actor=officer, at=NOON).items] == [person]
            assert member_records.look_up(db, asked=look, actor=elsewhere, at=NOON).items == []
        with pytest.raises(Forbidden):
            member_records.look_up(db, asked=look, actor=an_administrator(db, branch), at=NOON)
        assert db.execute(text("SELECT count(*) FROM personal_views")).scalar_one() == 2


class TestDuplicates:
    def test_one_name_and_birthday_are_listed_until_told_apart(self, db: Connection):
        town = a_committee(db)
        here, there = a_branch(db, parent=town), a_branch(db, parent=town)
        one = a_registered(db, branch=here, name="李梅", born_on=date(1970, 1, 2))
        other = a_registered(db, branch=there, name="李梅", born_on=date(1970, 1, 2))
        a_registered(db, branch=there, name="李梅", born_on=date(1970, 1, 3))
        officer = an_actor(("officer", path_of(db, town)))
        (pair,) = asked.duplicates(db, DuplicatesAsked(), actor=officer, on=TODAY).items
        assert {pair.person.id, pair.other.id} == {one, other}
        assert (
            asked.duplicates(db, DuplicatesAsked(), actor=an_actor(("officer", path_of(db, here))), on=TODAY).items
            == []
        )
        member_records.tell_apart(db, asked=TellApart(other, one, "两人，身份证号不同"), actor=officer, at=NOON)
        assert asked.duplicates(db, DuplicatesAsked(), actor=officer, on=TODAY).items == []
        (told,) = asked.duplicates(db, DuplicatesAsked(told_apart=True), actor=officer, on=TODAY).items
        assert told.reason == "两人，身份证号不同"

    def test_a_corrected_birthday_takes_the_pair_away(self, db: Connection):
        branch = a_branch(db)
        one, _ = (a_registered(db, branch=branch, name="李梅", born_on=date(1970, 1, 2)) for _ in range(2))
        actor = an_administrator(db, branch)
        member_records.edit(
            db,
            asked=EditMember(person_id=one, version=0, name="李梅", born_on=date(1971, 1, 2)),
            actor=actor,
            at=NOON,
        )
        assert db.execute(text("SELECT count(*) FROM likely_duplicates")).scalar_one() == 0


class TestKeys:
    def test_sealing_anew_leaves_nothing_to_the_old_key(self, db: Connection, monkeypatch: pytest.MonkeyPatch):
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        monkeypatch.setenv("PERSONAL_DATA_KEYS", old)
        branch = a_branch(db)
        person = a_registered(db, branch=branch, identity_number=NUMBER, phone="13805331234")
        monkeypatch.setenv("PERSONAL_DATA_KEYS", f"{new},{old}")
        assert people.stale(db) == 1
        assert people.seal_anew(db, part=10) == 1
        assert people.stale(db) == 0
        with pytest.raises(IdentityNumberTaken):  # the index is still made with the last key
            a_registered(db, branch=branch, name="另一人", identity_number=NUMBER)
        monkeypatch.setenv("PERSONAL_DATA_KEYS", new)
        assert people.seal_anew(db, part=10) == 1  # the last key changed: indexes are made anew
        assert open_numbers(db, person, an_administrator(db, branch)).identity_number == NUMBER
        with pytest.raises(IdentityNumberTaken):
            a_registered(db, branch=branch, name="另一人", identity_number=NUMBER)


def open_numbers(db: Connection, person, actor, *, purpose: str = "file_check"):
    form = OpenPersonalData(person, ["identity_number"], purpose)
    return member_records.open_personal(db, asked=form, actor=actor, at=NOON)


def end(db: Connection, branch, person, how: str, *, on: date = TODAY):
    form = EndMembership(person, how, on, "依规办理", "淄组〔2026〕1号")
    actor = an_actor(("secretary", path_of(db, branch)))
    return member_records.end(db, asked=form, actor=actor, at=NOON)
