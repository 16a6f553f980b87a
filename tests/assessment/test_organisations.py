import itertools
from dataclasses import replace

from assessment.operations import organisations
from assessment.tables.lights import lights
from assessment.tables.organisations import organisations as copies
from sqlalchemy import Connection, select

from tests.assessment.articles import NOON, a_branch, a_branch_changed, an_event, at, the_light, the_reading


class TestRemember:
    def test_the_newest_state_stays_whatever_came_first(self, db: Connection) -> None:
        first = a_branch_changed(name="旧名党支部")
        events = [
            an_event(first, version=1, occurred_at=at(10, 1)),
            an_event(replace(first, name="新名党支部"), version=2, occurred_at=at(10, 2)),
            an_event(replace(first, name="今名党支部", members_full=2), version=3, occurred_at=at(10, 3)),
        ]
        ends = set()
        for arrival in itertools.permutations(events):
            undone = db.begin_nested()
            for event in arrival:
                organisations.remember(db, event=event, at=NOON)
            kept = db.execute(select(copies)).one()
            ends.add(
                (kept.name, kept.version, kept.members_full, kept.known_since, the_light(db, first.id, at=NOON).light)
            )
            undone.rollback()
        assert ends == {("今名党支部", 3, 2, at(10, 1), "yellow")}

    def test_reads_the_light_anew(self, db: Connection) -> None:
        branch = a_branch(db, secretary_id=None, at=NOON)
        assert the_light(db, branch, at=NOON).light == "red"
        a_branch(db, version=2, at=NOON)
        light = the_light(db, branch, at=NOON)
        assert the_reading(light, "RegisterComplete").light == "green"
        assert db.scalar(select(lights.c.light)) == "green"

    def test_a_committee_has_no_light(self, db: Connection) -> None:
        a_branch(db, kind="committee", path="3703.370302", at=NOON)
        a_branch(db, is_external=True, path="3703.370303.x", at=NOON)
        assert db.execute(select(lights)).all() == []
