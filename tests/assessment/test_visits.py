"""What visits tell of themselves: at least once, in any order, also two at a time."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.operations import activities, organisations
from assessment.queries.activities import activities_of
from assessment.tables.activities import activities as activities_table
from assessment.tables.activities import activity_history
from assessment.tables.lights import lights
from contracts.assessment.activities import ActivitiesAsked, ActivityView
from contracts.envelope import Event
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import DBAPIError

from tests.articles import wait_until_somebody_waits
from tests.assessment.articles import (
    ANYBODY,
    NOON,
    SITE,
    a_branch,
    a_branch_changed,
    a_visit_closed,
    an_event,
    an_order_cancelled,
    an_order_ordered,
    at,
    the_light,
    the_reading,
)

ORDER = uuid4()
HEAR: dict[str, Callable[..., None]] = {
    "VisitOrdered": activities.plan,
    "VisitCancelled": activities.cancel,
    "VisitClosed": activities.hold,
    "OrganisationChanged": organisations.remember,
}


def hear(db: Connection, event: Event) -> None:
    HEAR[type(event.data).__name__](db, event=event, at=NOON)


def records_of(db: Connection, branch_id: UUID) -> list[ActivityView]:
    return activities_of(db, asked=ActivitiesAsked(branch_id=branch_id), actor=ANYBODY, at=NOON).items


def all_rows(db: Connection) -> list[Any]:
    """Everything that hearing of visits wrote."""
    tables = (activities_table, activity_history, lights)
    return [sorted(map(repr, db.execute(select(table)).mappings())) for table in tables]


class TestHold:
    def test_writes_the_theme_day_record_by_itself(self, db: Connection) -> None:
        branch = a_branch(db)
        hear(db, a_visit_closed(branch, order_id=ORDER, on=NOON.date()))
        (record,) = records_of(db, branch)
        assert (record.kind, record.state) == ("theme_day", "held")
        assert (record.place, record.attended, record.held_on, record.order_id) == (SITE, 18, NOON.date(), ORDER)
        assert record.branch_name == "蒲家庄党支部"

    def test_changes_what_the_light_says(self, db: Connection) -> None:
        branch = a_branch(db)
        before = the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay")
        hear(db, a_visit_closed(branch, on=NOON.date()))
        after = the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay")
        assert "No theme day is recorded yet" in before.why_en
        assert (after.light, after.why_en) == ("green", f"The theme day was held on 12 November at {SITE}.")

    @pytest.mark.parametrize(("day", "before", "after"), [(22, "yellow", "green"), (26, "red", "yellow")])
    def test_mends_the_light_at_once(self, db: Connection, day: int, before: str, after: str) -> None:
        now = at(11, day)
        branch = a_branch(db, at=now)
        assert the_light(db, branch, at=now).light == before
        activities.hold(db, event=a_visit_closed(branch, on=now.date(), occurred_at=now), at=now)
        assert the_light(db, branch, at=now).light == after
        assert db.scalar(select(lights.c.light).where(lights.c.branch_id == branch)) == after

    def test_a_branch_nobody_told_us_of_gets_its_light_when_it_is_told(self, db: Connection) -> None:
        told = a_branch_changed(path="3703.370302.t9.b9")
        hear(db, a_visit_closed(told.id, on=NOON.date()))
        assert db.scalars(select(lights.c.light)).all() == []
        hear(db, an_event(told))
        assert "held on 12 November" in the_reading(the_light(db, told.id, at=NOON), "MonthlyThemeDay").why_en
        assert db.scalar(select(lights.c.light)) == "green"


class TestCancel:
    def test_takes_the_plan_back(self, db: Connection) -> None:
        branch = a_branch(db)
        hear(db, an_order_ordered(branch, order_id=ORDER, on=at(11, 15).date()))
        assert "One is planned for 15 November" in the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay").why_en
        hear(db, an_order_cancelled(branch, order_id=ORDER))
        assert "planned" not in the_reading(the_light(db, branch, at=NOON), "MonthlyThemeDay").why_en
        assert [record.state for record in records_of(db, branch)] == ["cancelled"]

    def test_alone_shows_no_record(self, db: Connection) -> None:
        branch = a_branch(db)
        hear(db, an_order_cancelled(branch, order_id=ORDER))
        assert records_of(db, branch) == []


@pytest.mark.parametrize("ending", ["closed", "cancelled"])
def test_events_in_any_order_and_doubled_end_the_same(db: Connection, ending: str) -> None:
    told = a_branch_changed(path="3703.370302.t1.b7")
    moved = an_order_ordered(told.id, order_id=ORDER, on=at(11, 16).date(), version=2)
    last = {
        "closed": a_visit_closed(told.id, order_id=ORDER, on=at(11, 12).date()),
        "cancelled": an_order_cancelled(told.id, order_id=ORDER, version=3),
    }[ending]
    plan = an_order_ordered(told.id, order_id=ORDER, on=at(11, 15).date())
    events = [an_event(told), plan, moved, last, last]
    ends = set()
    for arrival in set(itertools.permutations(range(len(events)))):
        undone = db.begin_nested()
        for number in arrival:
            hear(db, events[number])
        ends.add(repr(all_rows(db)))
        undone.rollback()
    assert len(ends) == 1
    assert ("held" if ending == "closed" else "cancelled") in ends.pop()


def test_contradicting_events_are_told_to_whoever_looks_after_the_inbox(db: Connection) -> None:
    branch = a_branch(db)
    hear(db, an_order_cancelled(branch, order_id=ORDER, version=2))
    with pytest.raises(ValueError, match="would hold what is cancelled"):
        hear(db, a_visit_closed(branch, order_id=ORDER, on=NOON.date(), version=3))


def test_history_is_only_added_to(db: Connection) -> None:
    branch = a_branch(db)
    hear(db, a_visit_closed(branch, order_id=ORDER, on=NOON.date()))
    with pytest.raises(DBAPIError, match="permission denied"):
        db.execute(delete(activity_history))


def test_duplicates_at_the_same_time_write_one_record(database: Engine) -> None:
    with database.begin() as db:
        branch = a_branch(db)
    event = a_visit_closed(branch, order_id=ORDER, on=NOON.date())

    def once(_: int) -> None:
        with database.begin() as db:
            hear(db, event)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(once, range(12)))
    with database.begin() as db:
        assert len(records_of(db, branch)) == 1
        assert len(db.execute(select(activity_history)).all()) == 1


def test_a_branch_told_of_while_its_visit_is_heard_gets_the_right_light(database: Engine) -> None:
    """Neither transaction sees the other's rows; the later one waits for the earlier."""
    told = a_branch_changed()

    def hear_of_branch() -> None:
        with database.begin() as db:
            hear(db, an_event(told))

    with database.connect() as inbox, ThreadPoolExecutor(1) as threads:
        hear(inbox, a_visit_closed(told.id, on=NOON.date()))
        running = threads.submit(hear_of_branch)
        wait_until_somebody_waits(database)
        inbox.commit()
        running.result()
    with database.begin() as db:
        assert "held on 12 November" in db.scalars(select(lights.c.readings)).one()[0]["why_en"]


def test_facts_that_arrive_at_the_same_time_are_all_in_the_light(database: Engine) -> None:
    """The branch itself, its register and its visit: whoever commits last has seen the others."""
    for round_number in range(8):
        told = a_branch_changed(path=f"3703.370302.t1.r{round_number}", secretary_id=None)
        complete = a_branch_changed(path=told.path)
        order = uuid4()
        events = [
            an_event(told),
            an_event(complete, version=2),
            an_order_ordered(told.id, order_id=order, on=at(11, 15).date()),
            a_visit_closed(told.id, order_id=order, on=NOON.date()),
        ]

        def once(event: Event) -> None:
            with database.begin() as db:
                hear(db, event)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(once, events))
        with database.begin() as db:
            (stored,) = db.execute(select(lights).where(lights.c.branch_id == told.id)).all()
            assert [(reading["check"], reading["light"]) for reading in stored.readings] == [
                ("MonthlyThemeDay", "green"),
                ("RegisterComplete", "green"),
            ]
            assert "held on 12 November" in stored.readings[0]["why_en"]
