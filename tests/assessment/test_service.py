"""The doors as the platform uses them: events come through the inbox, each is acted on once."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations.lights import lit_together
from assessment.service import SERVICE
from assessment.tables.lights import lights
from assessment.work import WORK
from chassis import clock
from chassis.inbox import Acting, act, act_once
from contracts.envelope import Event, dump, event_name
from contracts.rights import RIGHTS
from contracts.roster.rolls import RollChanged
from sqlalchemy import Engine, select, text
from sqlalchemy.event import listen, remove

from tests.assessment.articles import (
    SITE,
    a_branch_changed,
    a_visit_closed,
    an_event,
    an_order_cancelled,
    an_order_ordered,
    the_light,
    the_reading,
)

SOURCES = {"OrganisationChanged": "roster", "RollChanged": "roster"}


def comes_in(database: Engine, event: Event) -> None:
    """The event as *serve* stores it."""
    name = type(event.data).__name__
    with database.begin() as db:
        db.execute(
            text(
                "INSERT INTO inbox (event_id, source, event, aggregate, aggregate_id, version, data, occurred_at)"
                " VALUES (:id, :source, :event, 'order', '', :version, CAST(:data AS jsonb), :occurred_at)"
            ),
            {
                "id": event.event_id,
                "source": SOURCES.get(name, "sites"),
                "event": event_name(type(event.data)),
                "version": event.version,
                "data": dump(event.data).decode(),
                "occurred_at": event.occurred_at,
            },
        )


def act_on_all(database: Engine) -> None:
    while act_once(database, Acting(SERVICE)):
        pass


@pytest.fixture
def told(database: Engine) -> UUID:
    branch = a_branch_changed()
    comes_in(database, an_event(branch, occurred_at=clock.now()))
    return branch.id


class TestListening:
    def test_what_is_heard_together_is_lit_at_once(self, database: Engine) -> None:
        branches = [a_branch_changed() for _ in range(3)]
        for branch in branches:
            comes_in(database, an_event(branch, occurred_at=clock.now()))
            comes_in(database, an_event(RollChanged(branch.id, [])))
        written = []

        def note(*given: Any) -> None:
            written.append(given[2].count("INSERT INTO lights "))

        listen(database, "before_cursor_execute", note)
        assert act(database, Acting(SERVICE, together=lit_together)) == 6
        remove(database, "before_cursor_execute", note)
        with database.begin() as db:
            assert set(db.scalars(select(lights.c.branch_id))) == {branch.id for branch in branches}
        assert sum(written) == 1

    def test_a_closed_visit_becomes_a_record_and_a_light(self, database: Engine, told: UUID) -> None:
        now = clock.now()
        order, today = uuid4(), clock.today(now)
        for event in (
            a_visit_closed(told, order_id=order, on=today, occurred_at=now),
            an_order_ordered(told, order_id=order, on=today, occurred_at=now),
        ):
            comes_in(database, event)
        act_on_all(database)
        with database.begin() as db:
            assert set(db.scalars(text("SELECT state FROM inbox"))) == {"acted"}
            reading = the_reading(the_light(db, told, at=clock.now()), "MonthlyThemeDay")
            assert f"{today.day} " in reading.why_en
            assert SITE in reading.why_en

    def test_a_cancelled_visit_is_heard(self, database: Engine, told: UUID) -> None:
        comes_in(database, an_order_cancelled(told, order_id=uuid4(), occurred_at=clock.now()))
        act_on_all(database)
        with database.begin() as db:
            assert db.scalar(text("SELECT state FROM activities")) == "cancelled"

    def test_the_timers_run(
        self, database: Engine, told: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FILE_STORE", str(tmp_path))
        act_on_all(database)
        with database.connect() as db:  # a timer may commit in between
            for timer in WORK.timers.values():
                timer.run(db, at=clock.now())
                db.commit()
            assert db.scalar(text("SELECT count(*) FROM lights")) == 1


def test_each_door_stands_in_the_table_of_rights() -> None:
    doors = {name for name in dir(SERVICE) if hasattr(getattr(SERVICE, name), "door")}
    assert {"light", "lights", "activities", "record_activity", "records", "draft_record", "confirm_part"} <= doors
    assert {"read_light", "read_lights", "read_activities", "record_activity", "read_records"} <= set(RIGHTS)
