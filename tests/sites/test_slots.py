"""Free seats, and the making of slots."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.refusals import NotFound
from contracts.sites.slots import SlotsAsked
from sites.operations import slots as operations
from sites.queries import slots as queries
from sqlalchemy import Connection, text

from tests.sites.articles import NOON, Site, a_placed_order, a_site, a_slot

ALWAYS = tuple((weekday, 8 * 60, 12 * 60) for weekday in range(1, 8))


def listed(db: Connection, site: Site, **days: Any) -> Any:
    return queries.slots(db, SlotsAsked(site_id=site.id, **days), at=NOON)


class TestSlots:
    def test_say_how_many_seats_are_left(self, db: Connection) -> None:
        slot = a_slot(db, seats=60)
        a_placed_order(db, slot=slot, party_size=20)
        (view,) = listed(db, slot.site).items
        assert (view.id, view.seats, view.seats_left, view.bookable) == (slot.id, 60, 40, True)
        assert view.programme.name == "参观学习"
        assert queries.slot(db, slot.id, at=NOON) == view

    @pytest.mark.parametrize(
        ("slot", "bookable"),
        [
            ({}, True),
            ({"closed_reason": "检修"}, False),
            ({"starts_at": NOON}, False),
            ({"starts_at": NOON + timedelta(seconds=1)}, True),
            ({"notice": timedelta(days=2)}, False),
            ({"seats": 0}, False),
        ],
    )
    def test_say_whether_they_take_orders(self, db: Connection, slot: Any, bookable: Any) -> None:
        made = a_slot(db, **slot)
        assert queries.slot(db, made.id, at=NOON).bookable is bookable

    def test_of_a_suspended_site_take_none(self, db: Connection) -> None:
        slot = a_slot(db, site=a_site(db, state="suspended"))
        assert queries.slot(db, slot.id, at=NOON).bookable is False

    def test_are_those_of_the_days_asked_for(self, db: Connection) -> None:
        site = a_site(db)
        for day in range(9):
            a_slot(db, site=site, starts_at=NOON + timedelta(days=day))
        assert len(listed(db, site).items) == 7
        assert len(listed(db, site, from_day=date(2026, 11, 12)).items) == 7
        days = listed(db, site, from_day=date(2026, 11, 12), to_day=date(2026, 11, 13)).items
        assert [str(view.starts_at.date()) for view in days] == ["2026-11-12", "2026-11-13"]
        assert listed(db, site, from_day=date(2026, 11, 13), to_day=date(2026, 11, 12)).items == []

    def test_come_page_by_page_in_order_of_time(self, db: Connection) -> None:
        site = a_site(db)
        for hour in range(5):
            a_slot(db, site=site, starts_at=NOON + timedelta(days=1, hours=hour))
        first = listed(db, site, limit=3)
        second = listed(db, site, limit=3, cursor=first.next)
        starts = [view.starts_at for view in (*first.items, *second.items)]
        assert starts == sorted(starts)
        assert (len(starts), second.next) == (5, None)

    def test_of_no_site_do_not_exist(self, db: Connection) -> None:
        for site_id in (uuid4(), a_site(db, state="withdrawn").id):
            with pytest.raises(NotFound):
                queries.slots(db, SlotsAsked(site_id=site_id), at=NOON)
        with pytest.raises(NotFound):
            queries.slot(db, uuid4(), at=NOON)


class TestExtend:
    def test_makes_four_weeks_and_then_nothing_more(self, db: Connection) -> None:
        site = a_site(db, hours=ALWAYS)
        assert operations.extend(db, at=NOON) == 28 * 4  # what begins after noon of today, in 28 days
        assert operations.extend(db, at=NOON) == 0
        assert operations.extend(db, at=NOON + timedelta(days=2)) == 2 * 4
        rows = db.execute(
            text("SELECT count(*), count(DISTINCT starts_at), max(visit_on) FROM slots WHERE site_id = :id"),
            {"id": site.id},
        ).one()
        assert rows == (30 * 4, 30 * 4, date(2026, 12, 10))

    def test_says_how_far_it_is(self, db: Connection) -> None:
        for _ in range(3):
            a_site(db, hours=ALWAYS)
        told = []
        operations.extend(db, at=NOON, progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 3), (2, 3), (3, 3)]

    def test_leaves_out_sites_that_are_not_open_and_programmes_not_offered(self, db: Connection) -> None:
        a_site(db, hours=ALWAYS, state="suspended")
        quiet = a_site(db, hours=ALWAYS)
        db.execute(text("UPDATE programmes SET is_offered = false WHERE id = :id"), {"id": quiet.programme_id})
        assert operations.extend(db, at=NOON) == 0

    def test_a_programme_with_hours_of_its_own_keeps_those(self, db: Connection) -> None:
        site = a_site(db, hours=ALWAYS)
        db.execute(
            text(
                "INSERT INTO weekly_hours (site_id, programme_id, weekday, opens_minute, closes_minute)"
                " VALUES (:site, :programme, 1, 1200, 1260)"
            ),
            {"site": site.id, "programme": site.programme_id},
        )
        assert operations.extend(db, at=NOON) == 4  # the four Mondays
        starts = db.execute(
            text("SELECT DISTINCT (starts_at AT TIME ZONE 'Asia/Shanghai')::time::text FROM slots")
        ).scalars()
        assert list(starts) == ["20:00:00"]

    def test_gives_what_was_ordered_more_seats_but_never_fewer_than_are_taken(self, db: Connection) -> None:
        site = a_site(db, hours=ALWAYS)
        operations.extend(db, at=NOON)
        db.execute(text("UPDATE slots SET seats_taken = 7"))
        for seats, kept in ((99, 99), (5, 7)):
            db.execute(
                text("UPDATE programmes SET seats = :seats WHERE id = :id"), {"seats": seats, "id": site.programme_id}
            )
            operations.extend(db, at=NOON)
            assert db.execute(text("SELECT DISTINCT seats FROM slots")).scalars().all() == [kept]
