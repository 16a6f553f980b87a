"""Guides and slots in the database: opened, closed, moved; and the races that the database decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import combinations
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Forbidden
from chassis.database import refusal_of
from chassis.refusals import InvalidInput, PreconditionFailed
from contracts.sites.guides import (
    AddGuide,
    AssignGuide,
    DatedShift,
    EditGuide,
    GuidesAsked,
    ReportAbsence,
    RotaAsked,
    SetRota,
    Shift,
    Span,
)
from contracts.sites.programmes import EditProgramme, MoveProgramme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites.domain.guides import (
    NO_GUIDE,
    GuideAway,
    GuideBusy,
    GuideDayFull,
    GuidedVisitBegun,
    GuidePartyTooLarge,
    SlotNeedsNoGuide,
)
from sites.operations import guides as operations
from sites.operations import programmes as programme_operations
from sites.queries import guides as queries
from sites.queries.run_sheets import run_sheet
from sites.tables.places import programmes, slots
from sites.work import match_guides
from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.conftest import drawn
from tests.sites.articles import NOON, Site, Slot, a_placed_order, a_site, a_slot, a_steward, the_order

ALL_WEEK = tuple(Shift(day, 0, 1440) for day in range(1, 8))


def a_guided_site(db: Connection, **fields: Any) -> Site:
    site = a_site(db, **fields)
    db.execute(update(programmes).where(programmes.c.id == site.programme_id).values(needs_guide=True))
    return site


def a_guide(db: Connection, site: Site, *, rota: Any = ALL_WEEK, **fields: Any) -> UUID:
    given = {"name": f"讲解员{uuid4().hex[:4]}", "languages": ["zh"], "party_max": 100, **fields}
    made = operations.add(db, asked=AddGuide(site_id=site.id, **given), actor=a_steward(site), at=NOON).guide
    assert made is not None
    asked = SetRota(guide_id=made.id, version=made.version, weekly=list(rota))
    operations.set_rota(db, asked=asked, actor=a_steward(site), at=NOON)
    return made.id


def assign(db: Connection, slot: Slot, guide_id: UUID | None, *, at: datetime = NOON) -> Any:
    return operations.assign(
        db, asked=AssignGuide(slot_id=slot.id, guide_id=guide_id), actor=a_steward(slot.site), at=at
    )


def absent(db: Connection, site: Site, guide_id: UUID, day: datetime) -> Any:
    asked = ReportAbsence(guide_id=guide_id, from_day=day.date(), until_day=day.date(), reason="生病")
    return operations.report_absence(db, asked=asked, actor=a_steward(site), at=NOON)


def match_all(db: Connection) -> int:
    found = operations.sites_that_wait(db, at=NOON)
    return sum(len(operations.match_site(db, site_id, at=NOON, by=operations.MATCHED_BY)) for site_id in found)


def closed(db: Connection, slot: Slot) -> Any:
    return db.execute(select(slots.c.closed_reason).where(slots.c.id == slot.id)).scalar_one()


def led_by(db: Connection, slot: Slot) -> Any:
    found = queries.guide_of_slot(db, slot.id)
    return found.id if found else None


class TestASlotThatNeedsAGuide:
    def test_opens_only_while_one_is_free(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        assert closed(db, slot) == NO_GUIDE
        guide_id = a_guide(db, site)
        assert (closed(db, slot), led_by(db, slot)) == (None, guide_id)
        clash = a_slot(db, site=site, starts_at=slot.starts_at + timedelta(minutes=30))
        operations.match_site(db, site.id, at=NOON, by="timer")
        assert closed(db, clash) == NO_GUIDE

    def test_cannot_be_opened_otherwise(self, db: Connection) -> None:
        slot = a_slot(db, site=a_guided_site(db), closed_reason="检修")
        db.execute(update(slots).where(slots.c.id == slot.id).values(closed_reason=None))
        assert closed(db, slot) == NO_GUIDE

    def test_shut_for_another_reason_gives_its_guide_back(self, db: Connection) -> None:
        site = a_guided_site(db)
        first = a_slot(db, site=site)
        a_guide(db, site)
        db.execute(update(slots).where(slots.c.id == first.id).values(closed_reason="检修"))
        second = a_slot(db, site=site, starts_at=first.starts_at + timedelta(minutes=15))
        assert match_all(db) == 1
        assert (closed(db, first), led_by(db, first), closed(db, second)) == ("检修", None, None)

    def test_that_moves_in_time_looks_for_its_guide_anew(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        a_guide(db, site)
        later = {"starts_at": slot.starts_at + timedelta(hours=2), "ends_at": slot.ends_at + timedelta(hours=2)}
        db.execute(update(slots).where(slots.c.id == slot.id).values(**later))
        assert closed(db, slot) == NO_GUIDE
        match_all(db)
        assert closed(db, slot) is None

    def test_is_one_only_while_its_programme_says_so(self, db: Connection) -> None:
        site = a_site(db)
        slot = a_slot(db, site=site)
        fields = {"name": "参观学习", "theme": "training", "minutes": 60, "every_minutes": 60, "seats": 60}
        for version, needed, reason in ((1, True, NO_GUIDE), (2, False, None)):
            asked = EditProgramme(programme_id=site.programme_id, version=version, needs_guide=needed, **fields)
            programme_operations.edit(db, asked=asked, actor=a_steward(site), at=NOON)
            assert closed(db, slot) == reason


class TestAGuideWhoDropsOut:
    def test_is_replaced_where_another_is_free(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        first, second = a_guide(db, site), a_guide(db, site)
        told = absent(db, site, first, slot.starts_at)
        assert [(change.slot_id, change.outcome) for change in told.changed] == [(slot.id, "moved")]
        assert (led_by(db, slot), closed(db, slot)) == (second, None)

    def test_closes_the_slot_else_and_shows_the_orders_that_stand(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        guide_id = a_guide(db, site, name="周讲解")
        order_id, secretary = a_placed_order(db, slot=slot)
        assert run_sheet(db, order_id, actor=secretary, at=NOON).guide.name == "周讲解"
        (change,) = absent(db, site, guide_id, slot.starts_at).changed
        assert (change.outcome, change.closed_reason) == ("closed", NO_GUIDE)
        assert [order.id for order in change.orders] == [order_id]
        assert the_order(db, order_id).state == "confirmed"
        assert run_sheet(db, order_id, actor=secretary, at=NOON).guide is None

    def test_says_days_that_are_some(self, db: Connection) -> None:
        site = a_guided_site(db)
        guide_id = a_guide(db, site)
        for days in ((3, 1), (0, 200), (-9, -8)):
            first, last = (NOON.date() + timedelta(days=n) for n in days)
            asked = ReportAbsence(guide_id=guide_id, from_day=first, until_day=last, reason="休假")
            with pytest.raises(InvalidInput):
                operations.report_absence(db, asked=asked, actor=a_steward(site), at=NOON)


class TestByHand:
    def test_a_guide_leads_outside_their_hours_too(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        guide_id = a_guide(db, site, rota=())
        assign(db, slot, guide_id)
        operations.match_site(db, site.id, at=NOON, by="timer")
        assert (led_by(db, slot), closed(db, slot)) == (guide_id, None)
        assign(db, slot, None)
        assert closed(db, slot) == NO_GUIDE

    def test_what_the_guide_cannot_is_refused(self, db: Connection) -> None:
        site = a_guided_site(db)
        first = a_slot(db, site=site)
        clash = a_slot(db, site=site, starts_at=first.starts_at + timedelta(minutes=70))
        guide_id = a_guide(db, site, rota=(), visits_a_day_max=1, buffer_minutes=15)
        busy = a_guide(db, site, rota=(), visits_a_day_max=2, buffer_minutes=15)
        small = a_guide(db, site, rota=(), party_max=30)
        assign(db, first, guide_id)
        assign(db, a_slot(db, site=site, starts_at=first.starts_at + timedelta(minutes=5)), busy)
        for slot, chosen, refusal in (
            (clash, busy, GuideBusy),
            (a_slot(db, site=site, starts_at=first.starts_at + timedelta(hours=3)), guide_id, GuideDayFull),
            (clash, small, GuidePartyTooLarge),
        ):
            point = db.begin_nested()
            with pytest.raises(refusal):
                assign(db, slot, chosen)
            point.rollback()

    def test_nobody_is_given_to_slots_that_need_none_or_have_begun(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        guide_id = a_guide(db, site, rota=())
        with pytest.raises(GuidedVisitBegun):
            assign(db, slot, guide_id, at=slot.starts_at)
        with pytest.raises(SlotNeedsNoGuide):
            assign(db, a_slot(db), guide_id)
        absent(db, site, guide_id, slot.starts_at)
        with pytest.raises(GuideAway):
            assign(db, slot, guide_id)


class TestKeepers:
    def test_write_what_nobody_wrote_meanwhile(self, db: Connection) -> None:
        site = a_guided_site(db)
        guide_id = a_guide(db, site)
        seen = queries.guide(db, guide_id, actor=a_steward(site), at=NOON)
        fields = {"name": "新名字", "languages": ["zh", "en"], "party_max": 20}
        asked = EditGuide(guide_id=guide_id, version=seen.version, **fields)
        assert operations.edit(db, asked=asked, actor=a_steward(site), at=NOON).guide.party_max == 20
        with pytest.raises(PreconditionFailed):
            operations.edit(db, asked=asked, actor=a_steward(site), at=NOON)

    def test_see_the_week(self, db: Connection) -> None:
        site = a_guided_site(db)
        slot = a_slot(db, site=site)
        guide_id = a_guide(db, site, rota=(Shift(slot.starts_at.isoweekday(), 0, 1440),))
        absent(db, site, guide_id, slot.starts_at + timedelta(days=1))
        week = queries.rota(db, RotaAsked(site_id=site.id), actor=a_steward(site), at=NOON)
        assert [found.slot_id for found in week.slots] == [slot.id]
        (row,) = week.guides
        assert sum(day.visits for day in row.days) == 1
        assert [day.reason for day in row.days if day.is_dated] == ["生病"]

    def test_of_other_sites_see_and_do_nothing(self, db: Connection) -> None:
        site, stranger = a_guided_site(db), a_steward(a_site(db))
        guide_id = a_guide(db, site)
        with pytest.raises(Forbidden):
            queries.guides_of(db, GuidesAsked(site_id=site.id), actor=stranger, at=NOON)
        with pytest.raises(Forbidden):
            queries.guide(db, guide_id, actor=stranger, at=NOON)

    def test_read_the_rota_that_they_wrote(self, db: Connection) -> None:
        site = a_guided_site(db)
        guide_id = a_guide(db, site)
        seen = queries.guide(db, guide_id, actor=a_steward(site), at=NOON)
        dated = [DatedShift(on=NOON.date() + timedelta(days=3), hours=[Span(540, 600)], reason="晚班")]
        asked = SetRota(guide_id=guide_id, version=seen.version, weekly=[Shift(1, 480, 720)], dated=dated)
        told = operations.set_rota(db, asked=asked, actor=a_steward(site), at=NOON).guide
        assert (told.weekly, told.dated) == ([Shift(1, 480, 720)], dated)
        backwards = SetRota(guide_id=guide_id, version=told.version, weekly=[Shift(1, 720, 480)])
        with pytest.raises(InvalidInput):
            operations.set_rota(db, asked=backwards, actor=a_steward(site), at=NOON)


class TestRaces:
    def at_once(self, database: Engine, *acts: Any) -> list[str]:
        """Do each act in a connection of its own, all at once; returns the code of what refused each, or ``done``."""
        together = Barrier(len(acts))

        def run(act: Any) -> str:
            with database.connect() as db:
                together.wait()
                try:
                    act(db)
                    db.commit()
                except Exception as error:
                    refusal = getattr(error, "code", None) if not isinstance(error, DBAPIError) else None
                    found = refusal_of(error, service="sites", deadline=None)
                    return refusal or (found.code if found else type(error.orig).__name__)  # type: ignore[attr-defined]
                return "done"

        with ThreadPoolExecutor(len(acts)) as pool:
            return sorted(pool.map(run, acts))

    def test_two_slots_at_one_time_get_one_guide_once(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_guided_site(db)
            pair = [a_slot(db, site=site, starts_at=NOON + timedelta(days=1, minutes=30 * n)) for n in range(2)]
            guide_id = a_guide(db, site, rota=())
        told = self.at_once(database, *(lambda db, slot=slot: assign(db, slot, guide_id) for slot in pair))
        assert told == ["done", "guide-busy"]
        with database.begin() as db:
            assert sum(closed(db, slot) is None for slot in pair) == 1

    def test_the_database_alone_keeps_place_and_limit(self, database: Engine) -> None:
        insert = text(
            "INSERT INTO guide_assignments (slot_id, guide_id, visit_on, during, assigned_at, assigned_by)"
            " SELECT id, :guide, visit_on, tstzrange(starts_at, ends_at), now(), 'x' FROM slots WHERE id = :slot"
        )
        with database.begin() as db:
            site = a_guided_site(db)
            apart = [a_slot(db, site=site, starts_at=NOON + timedelta(days=1, hours=2 * n)) for n in range(4)]
            same = [a_slot(db, site=site, starts_at=NOON + timedelta(days=2, minutes=10 * n)) for n in range(3)]
            guide_id = a_guide(db, site, rota=(), visits_a_day_max=2)

        def direct(slot: Slot) -> Any:
            return lambda db: db.execute(insert, {"guide": guide_id, "slot": slot.id})

        assert self.at_once(database, *map(direct, apart)) == ["done", "done", "guide-day-full", "guide-day-full"]
        assert self.at_once(database, *map(direct, same)) == ["ExclusionViolation", "ExclusionViolation", "done"]
        with database.begin() as db:
            loads = db.execute(text("SELECT sum(visits) FROM guide_loads")).scalar_one()
            assert loads == db.execute(text("SELECT count(*) FROM guide_assignments")).scalar_one() == 3

    def test_offering_again_waits_for_who_matches_guides_before_it_takes_a_slot(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_guided_site(db)
            slot = a_slot(db, site=site)
            move = MoveProgramme(programme_id=site.programme_id, reason="改造")
            programme_operations.retire(db, asked=move, actor=a_steward(site), at=NOON)

        def offer() -> None:
            with database.begin() as db:
                programme_operations.offer(db, asked=move, actor=a_steward(site), at=NOON)

        with database.connect() as db, ThreadPoolExecutor(1) as pool:
            operations.alone(db, site.id)
            offering = pool.submit(offer)
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not db.execute(waits).scalar_one() and not offering.done():
                pass
            free = text("SELECT count(*) FROM (SELECT 1 FROM slots WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED) free")
            assert db.execute(free, {"id": slot.id}).scalar_one() == 1
            db.rollback()
            offering.result()

    def test_the_timer_leaves_a_site_before_it_goes_to_the_next(self, database: Engine) -> None:
        with database.begin() as db:
            first, second = sorted((a_guided_site(db) for _ in range(2)), key=lambda site: site.id)
            pair = [a_slot(db, site=site) for site in (first, second)]
            for site in (first, second):
                a_guide(db, site)
            db.execute(text("DELETE FROM guide_assignments"))

        def timer() -> None:
            with database.begin() as db:
                match_guides(db, at=NOON)

        # Whoever holds a slot of the second site may still take one of the first.
        with database.connect() as db, ThreadPoolExecutor(1) as pool:
            lock = text("SELECT 1 FROM slots WHERE id = :id FOR NO KEY UPDATE")
            db.execute(lock, {"id": pair[1].id})
            matching = pool.submit(timer)
            waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while not db.execute(waits).scalar_one() and not matching.done():
                pass
            assert db.execute(lock, {"id": pair[0].id}).scalar_one() == 1
            db.rollback()
            matching.result()

    def test_a_slot_opened_while_its_guide_is_taken_off_stays_closed(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_guided_site(db)
            slot = a_slot(db, site=site)
            guide_id = a_guide(db, site, rota=())
            assign(db, slot, guide_id)
            db.execute(update(slots).where(slots.c.id == slot.id).values(closed_reason="检修"))

        def reopen(db: Connection) -> None:
            db.execute(update(slots).where(slots.c.id == slot.id).values(closed_reason=None))

        assert self.at_once(database, reopen, lambda db: assign(db, slot, None)) == ["done", "done"]
        with database.begin() as db:
            assert closed(db, slot) is not None


@settings(max_examples=drawn(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 100)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 3), st.integers(20, 100), st.integers(0, 60)), max_size=3),
    st.lists(st.tuples(st.sampled_from(["absent", "lower", "match"]), st.integers(0, 2)), max_size=4),
)
def test_whatever_happens_no_guide_is_in_two_places_or_over_a_limit(
    db: Connection, wanted: Any, limits: Any, moves: Any
) -> None:
    point = db.begin_nested()
    site = a_guided_site(db)
    start = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    seen = set()
    for day, quarter, seats in wanted:
        starts_at = start + timedelta(days=day, minutes=15 * quarter)
        if starts_at not in seen:
            seen.add(starts_at)
            a_slot(db, site=site, starts_at=starts_at, seats=seats)
    ids = [
        a_guide(db, site, visits_a_day_max=visits, party_max=party, buffer_minutes=buffer)
        for visits, party, buffer in limits
    ]
    for move, number in moves:
        if move == "match" or not ids:
            operations.match_site(db, site.id, at=NOON, by="timer")
        elif move == "absent":
            absent(db, site, ids[number % len(ids)], start + timedelta(days=number))
        else:
            kept = queries.guide(db, ids[number % len(ids)], actor=a_steward(site), at=NOON)
            fields = {"name": kept.name, "languages": ["zh"], "visits_a_day_max": 1, "party_max": kept.party_max}
            asked = EditGuide(guide_id=kept.id, version=kept.version, buffer_minutes=number * 20, **fields)
            operations.edit(db, asked=asked, actor=a_steward(site), at=NOON)
    rows = db.execute(
        text(
            "SELECT s.closed_reason, s.seats, s.starts_at, s.ends_at, s.visit_on, a.guide_id, g.party_max,"
            " g.visits_a_day_max, g.buffer_minutes FROM slots s LEFT JOIN guide_assignments a ON a.slot_id = s.id"
            " LEFT JOIN guides g ON g.id = a.guide_id WHERE s.site_id = :site"
        ),
        {"site": site.id},
    ).all()
    assert all((row.closed_reason is None) == (row.guide_id is not None) for row in rows)
    assert all(row.seats <= row.party_max for row in rows if row.guide_id)
    for guide_id in ids:
        mine = sorted((row for row in rows if row.guide_id == guide_id), key=lambda row: row.starts_at)
        for day in {row.visit_on for row in mine}:
            assert sum(row.visit_on == day for row in mine) <= mine[0].visits_a_day_max
        for one, other in combinations(mine, 2):
            assert one.ends_at + timedelta(minutes=one.buffer_minutes) <= other.starts_at
    point.rollback()
