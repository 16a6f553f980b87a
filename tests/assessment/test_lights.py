"""Lights as they are asked for, read anew each night, and frozen when the month is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from assessment.operations import activities, light_corrections, lights
from assessment.queries import lights as light_queries
from assessment.queries.lights import PAGE_MAX, lights_below
from assessment.tables.lights import frozen_months
from assessment.tables.lights import lights as stored
from assessment.tables.notices import notices
from chassis.actors import Actor, Forbidden
from chassis.cursors import cursor_after
from chassis.refusals import BadRequest, NotFound
from contracts.assessment.lights import CorrectLight, LightAsked, LightsAsked
from contracts.envelope import dump
from contracts.rights import ROLES
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, text

from tests.articles import wait_until_somebody_waits
from tests.assessment.articles import (
    ANYBODY,
    NOON,
    a_branch,
    a_visit_closed,
    an_actor,
    an_order_ordered,
    at,
    the_light,
    the_reading,
)

MIDNIGHT = at(12, 1, 0)
SECOND = timedelta(seconds=1)
NUL_CURSOR = cursor_after("3703\x00", UUID(int=1))


class TestLight:
    @pytest.mark.parametrize(
        ("now", "light"),
        [
            (at(11, 1, 0), "green"),
            (at(11, 20, 0) - SECOND, "green"),
            (at(11, 20, 0), "yellow"),
            (at(11, 26, 0) - SECOND, "yellow"),
            (at(11, 26, 0), "red"),
            (MIDNIGHT - SECOND, "red"),
            (MIDNIGHT, "green"),
        ],
    )
    def test_changes_with_the_day_in_shanghai_without_any_timer(
        self, db: Connection, now: datetime, light: str
    ) -> None:
        branch = a_branch(db, at=at(10, 5))
        assert the_light(db, branch, at=now).light == light

    def test_the_month_that_just_ended_is_seen_as_it_ended(self, db: Connection) -> None:
        branch = a_branch(db)
        late = MIDNIGHT + SECOND
        activities.hold(db, event=a_visit_closed(branch, on=at(11, 24).date(), occurred_at=MIDNIGHT), at=late)
        november = the_light(db, branch, at=late, month="2026-11")
        assert (november.light, november.frozen, november.month) == ("red", False, "2026-11")

    def test_a_visit_closed_before_midnight_counts_however_late_we_hear_of_it(self, db: Connection) -> None:
        branch = a_branch(db)
        event = a_visit_closed(branch, on=at(11, 24).date(), occurred_at=MIDNIGHT - SECOND)
        activities.hold(db, event=event, at=MIDNIGHT + SECOND)
        assert the_light(db, branch, at=MIDNIGHT + SECOND, month="2026-11").light == "green"

    @pytest.mark.parametrize("month", ["2026-08", "2026-12"])
    def test_there_is_none_before_we_knew_the_branch_nor_in_a_month_to_come(self, db: Connection, month: str) -> None:
        branch = a_branch(db)
        with pytest.raises(NotFound):
            the_light(db, branch, at=NOON, month=month)

    def test_an_unknown_branch_is_not_found(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            the_light(db, uuid4(), at=NOON)

    @pytest.mark.parametrize("role", ROLES)
    def test_is_seen_by_the_branch_and_those_above(self, db: Connection, role: str) -> None:
        branch = a_branch(db)
        asked = LightAsked(branch_id=branch)
        may = role in ("member", "secretary", "administrator", "assessor", "officer", "auditor")
        for path in ("3703.370302.t1.b1", "3703.370302"):
            if may:
                view = light_queries.light(db, asked=asked, actor=an_actor((role, path)), at=NOON)
                assert view.branch_id == branch
            else:
                with pytest.raises(Forbidden):
                    light_queries.light(db, asked=asked, actor=an_actor((role, path)), at=NOON)
        with pytest.raises(Forbidden):
            light_queries.light(db, asked=asked, actor=an_actor((role, "3703.370302.t1.b2")), at=NOON)


class TestNightly:
    def test_reads_all_lights_that_the_new_day_changed_and_then_none(self, db: Connection) -> None:
        branches = [a_branch(db, path=f"3703.370302.t1.b{number}", at=at(11, 19)) for number in range(7)]
        morning = at(11, 20, 0, 1)
        assert [lights.light_all(db, at=morning, batch=3) for _ in range(4)] == [3, 3, 1, 0]
        found = db.execute(select(stored.c.branch_id, stored.c.light)).all()
        assert {tuple(row) for row in found} == {(branch, "yellow") for branch in branches}

    def test_a_yellow_branch_is_reminded_once_in_the_month(self, db: Connection) -> None:
        branch, done = (a_branch(db, path=f"3703.370302.t1.b{number}", at=at(11, 19)) for number in range(2))
        activities.hold(db, event=a_visit_closed(done, on=NOON.date()), at=at(11, 19))
        for day in (20, 21):
            lights.light_all(db, at=at(11, day, 0, 1))
        told = db.execute(select(notices).where(notices.c.kind == "light_yellow")).one()
        assert (told.organisation_id, told.subject_id, told.facts) == (branch, branch, {"light_month": "2026-11"})

    def test_begins_the_new_month(self, db: Connection) -> None:
        a_branch(db, at=at(11, 19))
        assert lights.light_all(db, at=at(12, 1, 0, 1)) == 1
        assert set(db.scalars(select(stored.c.month))) == {"2026-11", "2026-12"}

    def test_does_not_overwrite_what_is_told_meanwhile(self, database: Engine) -> None:
        """A visit is heard and not yet committed when the timer begins: the timer waits, then reads it too."""
        morning = at(11, 20, 0, 1)
        with database.begin() as db:
            branch = a_branch(db, at=at(11, 19))

        def run_timer() -> None:
            with database.begin() as timer:
                lights.light_all(timer, at=morning)

        with database.connect() as inbox, ThreadPoolExecutor(1) as threads:
            activities.hold(inbox, event=a_visit_closed(branch, on=NOON.date()), at=at(11, 19))
            running = threads.submit(run_timer)
            wait_until_somebody_waits(database)
            inbox.commit()
            running.result()
        with database.begin() as db:
            assert db.execute(select(stored.c.light, stored.c.computed_at)).one() == ("green", morning)


class TestFreeze:
    def test_keeps_the_month_as_it_ended(self, db: Connection) -> None:
        red, green = a_branch(db), a_branch(db, path="3703.370302.t1.b2")
        activities.hold(db, event=a_visit_closed(green, on=at(11, 12).date()), at=NOON)
        after = MIDNIGHT + lights.FREEZE_WAIT
        assert lights.freeze(db, at=after) == 6  # September, October, November
        assert set(db.scalars(select(frozen_months.c.month))) == {"2026-09", "2026-10", "2026-11"}
        activities.hold(db, event=a_visit_closed(red, on=at(11, 24).date(), occurred_at=after), at=after)
        for branch, colour in ((red, "red"), (green, "green")):
            view = the_light(db, branch, at=after, month="2026-11")
            assert (view.light, view.frozen) == (colour, True)
        assert lights.freeze(db, at=after + SECOND) == 0

    def test_waits_for_what_was_told_in_the_last_minutes(self, db: Connection) -> None:
        a_branch(db)
        assert lights.freeze(db, at=at(11, 20)) == 2  # September, October
        assert lights.freeze(db, at=MIDNIGHT + lights.FREEZE_WAIT - SECOND) == 0
        assert lights.freeze(db, at=MIDNIGHT + lights.FREEZE_WAIT) == 1

    def test_goes_on_where_a_run_ended(self, db: Connection) -> None:
        for number in range(5):
            a_branch(db, path=f"3703.370302.t1.b{number}", at=at(11, 19))
        after = MIDNIGHT + lights.FREEZE_WAIT
        assert [lights.freeze(db, at=after, batch=4) for _ in range(5)] == [4, 4, 4, 3, 0]
        assert len(db.execute(select(stored).where(stored.c.frozen_at.is_not(None))).all()) == 15
        assert len(db.execute(select(frozen_months)).all()) == 3

    def test_holds_the_branches_of_several_months_in_one_order(self, database: Engine) -> None:
        """A branch of a later month alone is held before those of all months that come after it."""
        with database.begin() as db:
            first, second = sorted(a_branch(db, path=f"3703.370302.t1.b{number}") for number in range(2))
            late = {"id": first, "since": at(10, 2)}
            db.execute(text("UPDATE organisations SET known_since = :since WHERE id = :id"), late)

        def run_timer() -> int:
            with database.begin() as timer:
                return lights.freeze(timer, at=MIDNIGHT + lights.FREEZE_WAIT)

        hold = text("SELECT FROM organisations WHERE id = :id FOR NO KEY UPDATE NOWAIT")
        with database.connect() as inbox, ThreadPoolExecutor(1) as threads:
            inbox.execute(hold, {"id": first})
            running = threads.submit(run_timer)
            wait_until_somebody_waits(database)
            inbox.execute(hold, {"id": second})
            inbox.commit()
            assert running.result() == 5

    def test_a_frozen_light_is_not_written_again(self, db: Connection) -> None:
        branch = a_branch(db)
        after = MIDNIGHT + lights.FREEZE_WAIT
        lights.freeze(db, at=after)
        wrong = CorrectLight(branch_id=branch, month="2026-11", light="green", reason="漏记")  # what no reading says
        light_corrections.correct(db, asked=wrong, actor=ANYBODY, at=after)
        for now in (at(11, 25), MIDNIGHT + lights.FREEZE_WAIT):
            lights.light_all(db, at=now)
            activities.plan(db, event=an_order_ordered(branch, on=at(11, 28).date(), occurred_at=now), at=now)
        assert db.scalar(select(stored.c.light).where(stored.c.month == "2026-11")) == "green"


class TestLightsBelow:
    def test_pages_walk_all_branches_once_in_the_order_of_the_tree(self, db: Connection, officer: Actor) -> None:
        names = [f"3703.370302.t{number % 3}.b{number}" for number in range(11)]
        ids = {path: a_branch(db, path=path) for path in names}
        walked: list[UUID] = []
        cursor = None
        while True:
            page = lights_below(db, asked=LightsAsked(limit=3, cursor=cursor), actor=officer, at=NOON)
            walked += [view.branch_id for view in page.items]
            cursor = page.next
            if cursor is None:
                break
            assert len(page.items) == 3
        assert walked == [ids[path] for path in sorted(names)]

    @given(total=st.integers(0, 9), limit=st.integers(1, 9), every=st.integers(1, 4))
    def test_a_colours_pages_hold_just_the_branches_of_that_colour(
        self, shared_engine: Engine, total: int, limit: int, every: int
    ) -> None:
        now = at(11, 22)
        with shared_engine.connect() as db:  # closed without a commit, so each example begins with nothing
            green = 0
            for number in range(total):
                branch = a_branch(db, path=f"3703.370302.t1.b{number}", at=NOON)
                if number % every == 0:
                    green += 1
                    activities.hold(db, event=a_visit_closed(branch, on=NOON.date()), at=NOON)
            if every % 2:
                lights.light_all(db, at=now)  # with and without the night's reading
            for colour, expected in (("green", green), ("yellow", total - green), ("red", 0)):
                found: list[UUID] = []
                cursor = None
                while True:
                    asked = LightsAsked(light=colour, limit=limit, cursor=cursor)
                    page = lights_below(db, asked=asked, actor=an_actor(("officer", "3703.370302")), at=now)
                    assert {view.light for view in page.items} <= {colour}
                    found += [view.branch_id for view in page.items]
                    cursor = page.next
                    if cursor is None:
                        break
                assert len(found) == len(set(found)) == expected

    def test_shows_only_what_lies_below_the_actors_places(self, db: Connection) -> None:
        inside = a_branch(db, path="3703.370302.t1.b1")
        a_branch(db, path="3703.370302.t10.b2")  # t10 is not below t1
        a_branch(db, path="3703.370303.t1.b3")
        actor = an_actor(("assessor", "3703.370302.t1"), ("secretary", "3703.370303.t1.b3"))
        page = lights_below(db, asked=LightsAsked(), actor=actor, at=NOON)
        assert [view.branch_id for view in page.items] == [inside]

    @pytest.mark.parametrize("role", ROLES)
    def test_is_for_those_who_look_after_branches(self, db: Connection, role: str) -> None:
        a_branch(db)
        actor = an_actor((role, "3703.370302"))
        if role in ("assessor", "officer", "auditor"):
            assert lights_below(db, asked=LightsAsked(), actor=actor, at=NOON).items
        else:
            with pytest.raises(Forbidden):
                lights_below(db, asked=LightsAsked(), actor=actor, at=NOON)

    def test_a_frozen_month_is_shown_as_it_was(self, db: Connection, officer: Actor) -> None:
        a_branch(db)
        after = MIDNIGHT + lights.FREEZE_WAIT
        lights.freeze(db, at=after)
        (view,) = lights_below(db, asked=LightsAsked(month="2026-11", light="red"), actor=officer, at=after).items
        assert view.frozen
        assert the_reading(view, "MonthlyThemeDay").light == "red"
        assert lights_below(db, asked=LightsAsked(month="2026-11", light="green"), actor=officer, at=after).items == []

    @pytest.mark.parametrize("cursor", ["?", "e30", "W10", "WyIxIiwgIngiXQ", "9" * 400, NUL_CURSOR])
    def test_a_cursor_of_another_is_refused(self, db: Connection, officer: Actor, cursor: str) -> None:
        with pytest.raises(BadRequest, match="cursor"):
            lights_below(db, asked=LightsAsked(cursor=cursor), actor=officer, at=NOON)

    def test_a_district_is_read_set_wise(self, db: Connection, officer: Actor, count_statements: list[str]) -> None:
        for number in range(PAGE_MAX + 10):
            a_branch(db, path=f"3703.370302.t1.b{number:04}", at=NOON)
        count_statements.clear()
        page = lights_below(db, asked=LightsAsked(limit=1000), actor=officer, at=at(11, 22))
        assert len(page.items) == PAGE_MAX
        assert len(count_statements) == 6
        dump(page)
        count_statements.clear()
        lights.light_all(db, at=at(11, 22))
        assert len(count_statements) == 12
