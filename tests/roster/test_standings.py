"""How branches stand is told once it changed: dues that are owed, setting rules that are broken."""

from uuid import UUID

from contracts.envelope import load
from contracts.roster.standings import BranchStanding
from roster.operations import standings
from roster.operations.organisations import tell_all, tell_changed
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON
from tests.roster.dues import a_payer, pay, reckon
from tests.roster.factories import a_branch, told_of


def tell(db: Connection) -> int:
    return standings.tell_noted(db, at=NOON)


def last(db: Connection, branch: UUID) -> BranchStanding:
    told = told_of(db, branch, aggregate="standing")[-1]
    assert told["event"] == "branch_standing"
    return load(BranchStanding, told)


def test_who_owes_is_told_and_who_paid_no_more(db: Connection) -> None:
    branch = a_branch(db)
    one, two = a_payer(db, branch=branch), a_payer(db, branch=branch)
    reckon(db, branch, "2026-10", "2026-11")
    assert tell(db) >= 1
    assert {unpaid.person_id: unpaid.months for unpaid in last(db, branch).unpaid} == {
        one: ["2026-10", "2026-11"],
        two: ["2026-10", "2026-11"],
    }
    due = db.execute(text("SELECT due_fen FROM dues_obligations WHERE person_id = :one LIMIT 1"), {"one": one})
    amount = due.scalar_one()
    pay(db, branch, (one, "2026-10", amount), (one, "2026-11", amount))
    assert tell(db) == 1
    assert [unpaid.person_id for unpaid in last(db, branch).unpaid] == [two]
    versions = [told["version"] for told in told_of(db, branch, aggregate="standing")]
    assert versions == sorted(set(versions))


def test_what_a_branch_breaks_is_told_and_nothing_twice(db: Connection) -> None:
    branch = a_branch(db, full=2)
    tell_changed(db, [branch], at=NOON)
    tell(db)
    assert last(db, branch).breaches
    assert tell(db) == 0
    tell_all(db, at=NOON)
    assert tell(db) >= 1


def test_what_is_noted_while_it_is_told_is_told_the_next_time(database: Engine) -> None:
    with database.begin() as db:
        branch = a_branch(db)
        standings.note(db, [branch])
    with database.connect() as first, database.connect() as second:
        standings.note(first, [branch])  # not committed yet: whoever tells leaves the branch alone
        assert tell(second) == 0
        second.rollback()
        first.commit()
        assert tell(second) == 1
        second.commit()
        assert tell(second) == 0
