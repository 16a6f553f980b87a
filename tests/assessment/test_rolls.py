import itertools
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from assessment.operations import rolls
from assessment.tables.rolls import members
from contracts.roster.rolls import RollChanged, RollFact, RollMember
from sqlalchemy import Connection, select

from tests.assessment.articles import an_event

ILL = RollFact("ill", date(2026, 3, 1), date(2026, 9, 1))
ONE = RollMember(uuid4(), "蒲一", "full", "active", "第1党小组", date(2001, 7, 1), [ILL])
TWO = RollMember(uuid4(), "蒲二", "probationary", "floating")


def kept(db: Connection) -> set[tuple[UUID, str]]:
    return {(row.branch_id, row.name) for row in db.execute(select(members))}


class TestRemember:
    def test_keeps_what_is_told_of_each(self, db: Connection) -> None:
        branch = uuid4()
        rolls.remember(db, event=an_event(RollChanged(branch, [ONE, TWO])))
        row = db.execute(select(members).where(members.c.person_id == ONE.person_id)).one()
        assert row.facts == [{"fact": "ill", "active_from": "2026-03-01", "active_until": "2026-09-01"}]
        assert (row.branch_id, row.status, row.party_group, row.joined_on) == (
            branch,
            "full",
            "第1党小组",
            date(2001, 7, 1),
        )

    def test_the_newest_roll_stays_whatever_came_first(self, db: Connection) -> None:
        branch = uuid4()
        told = [
            an_event(RollChanged(branch, [ONE]), version=1),
            an_event(RollChanged(branch, [ONE, TWO]), version=2),
            an_event(RollChanged(branch, [replace(TWO, name="蒲改名")]), version=3),
        ]
        for arrival in itertools.permutations(told):
            undone = db.begin_nested()
            for event in arrival:
                rolls.remember(db, event=event)
            assert kept(db) == {(branch, "蒲改名")}
            undone.rollback()

    def test_who_moved_stands_in_the_new_branch_alone_whatever_came_first(self, db: Connection) -> None:
        was, now = uuid4(), uuid4()
        told = [
            an_event(RollChanged(was, [ONE, TWO]), version=4),
            an_event(RollChanged(was, [ONE]), version=5),
            an_event(RollChanged(now, [TWO]), version=2),
        ]
        for arrival in itertools.permutations(told):
            undone = db.begin_nested()
            for event in arrival:
                rolls.remember(db, event=event)
            assert kept(db) == {(was, "蒲一"), (now, "蒲二")}
            undone.rollback()

    def test_an_empty_roll_empties_the_branch(self, db: Connection) -> None:
        branch = uuid4()
        rolls.remember(db, event=an_event(RollChanged(branch, [ONE])))
        rolls.remember(db, event=an_event(RollChanged(branch, []), version=2))
        assert kept(db) == set()
