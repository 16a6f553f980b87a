"""Who looked at whose data, what is held of me, and the purge of those who left."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import jobs
from chassis.actors import Actor, Forbidden, TokenTooOld
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import StoredFile
from contracts.roster.members import MemberAsked, MyViewsAsked, OpenPersonalData
from contracts.roster.privacy import PURGED_NAME, NamesAsked, PurgeListAsked, PurgePeople, SetPurgeRule
from contracts.roster.stocktakes import MakeRegister
from roster.operations import member_records, members, purges, registers, views
from roster.operations.members import Membership, Person
from roster.operations.purges import ListChanged
from roster.queries import members as member_queries
from roster.queries import privacy
from roster.service import RosterService
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.articles import NOON, an_actor
from tests.roster.factories import a_member, an_account, an_organisation, path_of
from tests.roster.registers import an_identity_number

LONG_GONE = date(2019, 5, 1)


class Tree:
    """A root with two branches, and who oversees all of it."""

    def __init__(self, db: Connection) -> None:
        self.root = an_organisation(db, kind="committee")
        self.branch = an_organisation(db, parent=self.root)
        self.other = an_organisation(db, parent=self.root)
        self.path = path_of(db, self.branch)
        self.admin = an_actor(("admin", path_of(db, self.root)), name="宋宁")


@pytest.fixture
def tree(db: Connection) -> Tree:
    return Tree(db)


def a_secretary(path: str, name: str = "李书记") -> Actor:
    return an_actor(("secretary", path), name=name)


def someone_who_left(
    db: Connection, branch: UUID, *, on: date = LONG_GONE, ended_by: str = "left", number: str | None = None
) -> UUID:
    person = Person(
        uuid4(),
        f"离开{uuid4().hex[:6]}",
        identity_number=number,
        phone="13853312345",
        born_on=date(1960, 3, 4),
        work_unit="某单位",
        sex="male",
    )
    since = on - timedelta(days=400)
    members.admit(db, person, Membership(person.id, branch, "full", since=since), at=NOON)
    member = db.execute(text("SELECT * FROM members WHERE person_id = :id"), {"id": person.id}).one()
    member_records.take_out(
        db,
        member,
        ended_by=ended_by,
        on=on,
        reason="他自己写的原因",
        document_number="1号",
        actor=an_actor(("officer", "x")),
        at=NOON,
    )
    return person.id


def seen(db: Connection, person: UUID, **asked: Any) -> Any:
    actor = an_actor(("member", "x"), person=person)
    return member_queries.own_views(db, MyViewsAsked(**asked), actor=actor)


def a_role(db: Connection, person: UUID) -> None:
    db.execute(
        text(
            "INSERT INTO grants (person_id, role, organisation_id, active_from, granted_at)"
            " SELECT :person, 'steward', id, '2020-01-01', now() FROM organisations LIMIT 1"
        ),
        {"person": person},
    )


def a_post(db: Connection, person: UUID) -> None:
    db.execute(
        text(
            "INSERT INTO posts (organisation_id, person_id, post, held_from)"
            " SELECT id, :person, 'committee_member', '2020-01-01' FROM organisations LIMIT 1"
        ),
        {"person": person},
    )


def an_open_account(db: Connection, person: UUID) -> None:
    other = an_account(db)
    db.execute(
        text("UPDATE accounts SET person_id = :person WHERE person_id = :other"), {"person": person, "other": other}
    )


def dues_reckoned(db: Connection, person: UUID) -> None:
    """A month of dues with everything that is written around it."""
    branch = db.execute(
        text("SELECT branch_id FROM membership_periods WHERE person_id = :person"), {"person": person}
    ).scalar_one()
    given = {"person": person, "branch": branch, "by": uuid4(), "at": NOON}
    for statement in (
        "INSERT INTO dues_books (branch_id) VALUES (:branch)",
        "INSERT INTO dues_bases (person_id, kind, amount_fen, active_from, ground, entered_at)"
        " VALUES (:person, 'wage', 400000, '2018-12-01', '他的工资条', :at)",
        "INSERT INTO dues_obligations (person_id, month, branch_id, base_id, table_id, assessed_fen, due_fen,"
        " assessed_at) SELECT person_id, '2019-01-01', :branch, id, (SELECT min(id) FROM dues_tables), 4000, 4000, :at"
        " FROM dues_bases WHERE person_id = :person",
        "INSERT INTO dues_notes (person_id, branch_id, has_reason, note, noted_on, by_id, by_name)"
        " VALUES (:person, :branch, true, '他病了', '2019-02-01', :by, '李书记')",
    ):
        db.execute(text(statement), given)


def dues_unpaid(db: Connection, person: UUID) -> None:
    dues_reckoned(db, person)


def dues_written_off(db: Connection, person: UUID) -> None:
    dues_reckoned(db, person)
    db.execute(
        text(
            "INSERT INTO dues_corrections (person_id, month, branch_id, from_fen, to_fen, reason, corrected_on,"
            " corrected_at, by_id, by_name) SELECT person_id, month, branch_id, 4000, 0, '他过世了', '2019-06-01', :at,"
            " :by, '李书记' FROM dues_obligations WHERE person_id = :person"
        ),
        {"person": person, "by": uuid4(), "at": NOON},
    )


def an_election(db: Connection, person: UUID) -> None:
    election = {"id": uuid4(), "person": person, "at": NOON}
    for statement in (
        "INSERT INTO elections (id, organisation_id, kind, state, seats, seats_left, planned_on, last_on, asked_at,"
        " waits_since) SELECT :id, branch_id, 'term', 'nominated', 3, 3, '2019-04-01', '2019-03-01', :at, :at"
        " FROM membership_periods WHERE person_id = :person",
        "INSERT INTO election_candidates (election_id, person_id, nominated) VALUES (:id, :person, true)",
    ):
        db.execute(text(statement), election)


class TestWhoLooked:
    def test_at_a_record_is_kept_once_a_day_with_the_right_it_was_by(self, db: Connection, tree: Tree) -> None:
        person = a_member(db, branch=tree.branch)
        for hours in (0, 1, 30):
            views.record(db, MemberAsked(person), actor=a_secretary(tree.path), at=NOON + timedelta(hours=hours))
        found = seen(db, person).items
        assert len(found) == 3  # three secretaries' looks: each actor is another person
        one = a_secretary(tree.path, "同一人")
        for hours in (0, 1, 30):
            views.record(db, MemberAsked(person), actor=one, at=NOON + timedelta(hours=hours))
        mine = [view for view in seen(db, person).items if view.by_name == "同一人"]
        assert len(mine) == 2
        assert (mine[0].fields, mine[0].by_role, mine[0].kind) == (["record"], "secretary", "person")
        assert mine[0].by_organisation is not None

    def test_oneself_is_nobody_who_looked(self, db: Connection, tree: Tree) -> None:
        person = a_member(db, branch=tree.branch)
        views.record(db, MemberAsked(person), actor=an_actor(("secretary", tree.path), person=person), at=NOON)
        assert seen(db, person).items == []

    def test_a_printed_register_was_seen_by_whoever_stood_in_it_that_day(self, db: Connection, tree: Tree) -> None:
        inside, elsewhere = a_member(db, branch=tree.branch), a_member(db, branch=tree.other)
        on = date.fromisoformat("2026-11-10")
        asked = MakeRegister(tree.branch, on=on)
        later = NOON + timedelta(days=20)  # members entered "now" by the test's clock stand since the real today
        db.execute(text("UPDATE membership_periods SET active_from = '2026-01-01'"))
        registers.ask(db, asked=asked, actor=a_secretary(tree.path), at=later)
        (view,) = seen(db, inside).items
        assert (view.kind, view.by_name) == ("register", "李书记")
        assert seen(db, elsewhere).items == []

    def test_pages_follow_each_other_over_looks_and_lists(self, db: Connection, tree: Tree) -> None:
        person = a_member(db, branch=tree.branch)
        db.execute(text("UPDATE membership_periods SET active_from = '2026-01-01'"))
        for _ in range(3):
            views.record(db, MemberAsked(person), actor=a_secretary(tree.path), at=NOON)
        for _ in range(2):
            actor = a_secretary(tree.path)
            registers.ask(db, asked=MakeRegister(tree.branch, on=date(2026, 11, 1)), actor=actor, at=NOON)
        first = seen(db, person, limit=2)
        second = seen(db, person, limit=2, cursor=first.next)
        third = seen(db, person, limit=2, cursor=second.next)
        kinds = [view.kind for page in (first, second, third) for view in page.items]
        assert sorted(kinds) == ["person"] * 3 + ["register"] * 2
        assert third.next is None

    def test_numbers_that_were_opened_stand_there_with_the_role(self, db: Connection, tree: Tree) -> None:
        person = a_member(db, branch=tree.branch)
        member_records.open_personal(
            db, asked=OpenPersonalData(person, ["phone"], "contact"), actor=a_secretary(tree.path), at=NOON
        )
        (view,) = seen(db, person).items
        assert (view.fields, view.purpose, view.by_role) == (["phone"], "contact", "secretary")


class TestHeldOfMe:
    def test_holds_all_and_ones_own_numbers_in_full(self, db: Connection, tree: Tree) -> None:
        number = an_identity_number()
        person = someone_who_left(db, tree.branch, number=number)
        dues_reckoned(db, person)
        held = privacy.held_of_me(db, actor=an_actor(("member", "x"), person=person), at=NOON)
        assert held.person["identity_number"] == number
        assert held.person["phone"] == "13853312345"
        parts = {part["part"]: part for part in held.parts}
        assert set(parts) >= {"periods", "moves", "roles", "sessions", "sign_ins", "views"}
        assert "他自己写的原因" in str(parts["moves"]["rows"])
        assert {"candidacies", "dues_bases", "dues", "dues_words", "api_tokens", "identities"} <= set(parts)
        assert "他病了" in str(parts["dues_words"]["rows"])
        for part in held.parts:
            assert all(len(row) == len(part["columns"]) for row in part["rows"])

    def test_needs_a_fresh_token(self, db: Connection, tree: Tree) -> None:
        person = a_member(db, branch=tree.branch)
        with pytest.raises(TokenTooOld):
            privacy.held_of_me(db, actor=an_actor(("member", "x"), person=person), at=NOON + timedelta(minutes=2))


SHOWS_NOBODY = {"finding_workbook_file", "import_template"}


def test_the_audit_keeps_who_took_a_file_or_looked_at_a_list_of_people() -> None:
    doors = {name: door for name in dir(RosterService) if (door := getattr(getattr(RosterService, name), "door", None))}
    files = {name for name, door in doors.items() if door.returns is StoredFile} - SHOWS_NOBODY
    lists = {
        *("members", "member", "developments", "transfers", "election_roll", "import_differences"),
        *("member_dues", "dues_members", "dues_arrears"),
    }
    assert {"import_errors_file", "roster_export_file", "register_file", "dues_document_file"} <= files
    assert {name for name in files | lists if not doors[name].recorded} == set()


class TestNames:
    def test_are_told_for_ones_own_part_alone(self, db: Connection, tree: Tree) -> None:
        here, there = a_member(db, branch=tree.branch), a_member(db, branch=tree.other)
        auditor = an_actor(("auditor", tree.path))
        told = privacy.names(db, NamesAsked([here, there, tree.other, uuid4()]), actor=auditor)
        assert {(view.id, view.kind) for view in told.items} == {(here, "person"), (tree.other, "organisation")}
        with pytest.raises(Forbidden):
            privacy.names(db, NamesAsked([here]), actor=a_secretary(tree.path))


class TestPurge:
    def purge(self, db: Connection, tree: Tree, at: datetime = NOON) -> Any:
        due = privacy.due(db, parts=[path_of(db, tree.root)], at=at)
        report = purges.ask(db, asked=PurgePeople(due), actor=tree.admin, at=at)
        while purges.purge_part(db, report.id, at=at):
            pass
        return purges.report(db, report.id, actor=tree.admin)

    def test_takes_the_data_and_leaves_the_history(self, db: Connection, tree: Tree) -> None:
        number = an_identity_number()
        gone = someone_who_left(db, tree.branch, number=number)
        stays = someone_who_left(db, tree.branch, on=date(2026, 1, 5))
        member = a_member(db, branch=tree.branch)
        listed = privacy.candidates(db, PurgeListAsked(), actor=tree.admin, at=NOON)
        assert [one.id for one in listed.items] == [gone]
        report = self.purge(db, tree)
        assert (report.persons, report.counts["identity_numbers"], report.counts["phones"]) == (1, 1, 1)
        row = db.execute(text("SELECT * FROM people WHERE id = :id"), {"id": gone}).one()
        assert (row.name, row.sex, row.born_year, row.born_on) == (PURGED_NAME, "male", 1960, None)
        taken = ("identity_number", "identity_index", "identity_masked", "phone", "phone_index", "work_unit")
        assert [getattr(row, name) for name in taken] == [None] * len(taken)
        moves = db.execute(text("SELECT verb, reason FROM member_moves WHERE person_id = :id"), {"id": gone}).all()
        assert ("left", None) in [tuple(move) for move in moves]
        periods = text("SELECT count(*) FROM membership_periods WHERE person_id = :id AND ended_by = 'left'")
        assert db.execute(periods, {"id": gone}).scalar_one() == 1
        for person in (stays, member):
            name = db.execute(text("SELECT name FROM people WHERE id = :id"), {"id": person}).scalar_one()
            assert name != PURGED_NAME

    def test_takes_what_dues_tokens_and_providers_keep_of_somebody(self, db: Connection, tree: Tree) -> None:
        gone, stays = (someone_who_left(db, tree.branch, on=day) for day in (LONG_GONE, date(2026, 1, 5)))
        dues_written_off(db, gone)
        an_open_account(db, gone)
        given = {"person": gone, "id": uuid4(), "at": NOON}
        for statement in (
            "UPDATE accounts SET state = 'closed' WHERE person_id = :person",
            "INSERT INTO external_identities (id, issuer, subject, person_id, provider, bound_at, bound_by)"
            " VALUES (:id, 'https://id.example', 'zhangsan@example.org', :person, 'unit', :at, :person)",
            "INSERT INTO api_tokens (id, person_id, name, token_hash, ends_with, scope, made_at, expires_at,"
            " last_used_from, ended_at, ended_reason) VALUES (:id, :person, '张三的程序', 'x', 'wxyz', '{all}', :at,"
            " CAST(:at AS timestamptz) + interval '1 day', '10.0.0.7', :at, 'closed')",
        ):
            db.execute(text(statement), given)
        assert self.purge(db, tree).persons == 1
        bases = db.execute(text("SELECT amount_fen, ground FROM dues_bases")).one()
        assert tuple(bases) == (None, None)
        for words in (
            "SELECT reason FROM dues_corrections",
            "SELECT note FROM dues_notes",
            "SELECT name FROM api_tokens",
        ):
            assert db.execute(text(words)).scalar_one() == PURGED_NAME
        assert db.execute(text("SELECT last_used_from FROM api_tokens")).scalar_one() is None
        assert db.execute(text("SELECT count(*) FROM external_identities")).scalar_one() == 0
        # What was owed stays as it was, and what is written about others is never changed.
        owed = db.execute(text("SELECT assessed_fen, due_fen FROM dues_obligations")).one()
        assert tuple(owed) == (4_000, 0)
        with pytest.raises(DBAPIError, match="permission denied"):
            db.execute(text("UPDATE dues_notes SET note = 'x' WHERE person_id <> :stays"), {"stays": stays})

    def test_twice_takes_nothing_twice(self, db: Connection, tree: Tree) -> None:
        someone_who_left(db, tree.branch)
        report = self.purge(db, tree)
        assert purges.purge_part(db, report.id, at=NOON) == 0
        assert privacy.due(db, parts=[path_of(db, tree.root)], at=NOON) == 0

    @pytest.mark.parametrize(
        ("opens", "word"),
        [
            (a_role, "role"),
            (a_post, "post"),
            (an_open_account, "account"),
            (dues_unpaid, "dues"),
            (an_election, "election"),
        ],
    )
    def test_leaves_those_with_whom_something_is_open(
        self, db: Connection, tree: Tree, opens: Callable[[Connection, UUID], None], word: str
    ) -> None:
        person = someone_who_left(db, tree.branch)
        opens(db, person)
        assert privacy.candidates(db, PurgeListAsked(), actor=tree.admin, at=NOON).items == []
        (kept,) = privacy.candidates(db, PurgeListAsked(kept=True), actor=tree.admin, at=NOON).items
        assert (kept.id, kept.against) == (person, [word])

    def test_leaves_who_came_back(self, db: Connection, tree: Tree) -> None:
        person = someone_who_left(db, tree.branch)
        again = Membership(person, tree.other, "full", since=date(2026, 1, 1))
        members.admit_all(db, [again], on=date(2026, 1, 1))
        assert privacy.due(db, parts=[path_of(db, tree.root)], at=NOON) == 0

    def test_a_list_that_changed_meanwhile_is_looked_at_again(self, db: Connection, tree: Tree) -> None:
        someone_who_left(db, tree.branch)
        with pytest.raises(ListChanged, match="1 people are due"):
            purges.ask(db, asked=PurgePeople(2), actor=tree.admin, at=NOON)

    def test_nobody_but_who_administers_all_purges(self, db: Connection, tree: Tree) -> None:
        for actor in (an_actor(("admin", tree.path)), an_actor(("auditor", path_of(db, tree.root)))):
            with pytest.raises(Forbidden):
                purges.ask(db, asked=PurgePeople(1), actor=actor, at=NOON)
        with pytest.raises(TokenTooOld):
            purges.ask(db, asked=PurgePeople(1), actor=tree.admin, at=NOON + timedelta(minutes=5))

    def test_the_purged_row_takes_no_member_again(self, db: Connection, tree: Tree) -> None:
        person = someone_who_left(db, tree.branch)
        self.purge(db, tree)
        with pytest.raises(NotFound):
            members.admit_all(db, [Membership(person, tree.branch, "full")], on=date(2026, 11, 10))

    def test_the_moves_of_others_stay_as_they_are(self, db: Connection, tree: Tree) -> None:
        someone_who_left(db, tree.branch)
        with pytest.raises(DBAPIError, match="permission denied"):
            db.execute(text("UPDATE member_moves SET reason = NULL"))

    def test_a_rule_begins_tomorrow_and_asks_for_a_year_at_least(self, db: Connection, tree: Tree) -> None:
        with pytest.raises(InvalidInput):
            purges.set_rule(db, asked=SetPurgeRule(24, 24, "x", active_from=NOON.date()), actor=tree.admin, at=NOON)
        told = purges.set_rule(db, asked=SetPurgeRule(24, 36, "某规定"), actor=tree.admin, at=NOON)
        assert (told.rules[0].left_months, told.rules[0].deceased_months) == (24, 36)
        with pytest.raises(DBAPIError, match="purge_rules_left_months"):
            db.execute(text("INSERT INTO purge_rules VALUES ('2030-01-01', 3, 12, 'x', now(), NULL)"))

    @pytest.mark.parametrize(
        ("day", "months", "before"),
        [
            (date(2026, 3, 31), 1, date(2026, 2, 28)),
            (date(2024, 2, 29), 12, date(2023, 2, 28)),
            (date(2026, 1, 1), 13, date(2024, 12, 1)),
        ],
    )
    def test_months_are_counted_by_the_calendar(self, day: date, months: int, before: date) -> None:
        assert privacy.months_before(day, months) == before

    def test_the_job_goes_part_by_part_and_its_report_stands(self, database: Engine) -> None:
        with database.begin() as db:
            tree = Tree(db)
            for _ in range(3):
                someone_who_left(db, tree.branch)
            report = purges.ask(db, asked=PurgePeople(3), actor=tree.admin, at=NOON)
        kind = jobs.Kind(purges.JOB, lambda db, job, *, at: purges.run(db, job, at=NOON))
        assert jobs.run_one(database, {purges.JOB: kind})
        with database.connect() as db:
            found = purges.report(db, report.id, actor=tree.admin)
            assert (found.persons, found.state, found.asked_by) == (3, "done", "")
