"""A site's calendar changes: first seen, then made; no order is broken, and whoever is affected is told."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy.exc
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.envelope import load
from contracts.sites.calendars import (
    ApplyCalendar,
    CalendarDaysAsked,
    CloseSite,
    ClosuresAsked,
    HoursRow,
    LiftClosure,
    NoticesAsked,
    PreviewCalendar,
)
from sites.domain.drafts import CalendarChanged, ClosureLifted, NothingToChange, PreviewApplied, SpaceInUse
from sites.domain.orders import SlotClosed
from sites.operations import calendars, closures, slots
from sites.queries import calendar_days, previews
from sites.queries import calendars as queries
from sites.queries import closures as closure_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import NOON, an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    Site,
    Slot,
    a_branch,
    a_placed_order,
    a_secretary,
    a_site,
    a_steward,
    an_order,
    history_of,
    place,
    the_order,
    told,
)

MORNINGS = tuple((weekday, 9 * 60, 12 * 60) for weekday in range(1, 8))
HALL, ROOM_A, ROOM_B = uuid4(), uuid4(), uuid4()


def a_made_site(db: Connection, **given: Any) -> Site:
    """A site that is open each morning, with its slots made."""
    site = a_site(db, hours=MORNINGS, **given)
    slots.extend(db, at=NOON)
    return site


def the_slot(db: Connection, site: Site, *, day: date = date(2026, 11, 12), hour: int = 9) -> Slot:
    starts_at = datetime.fromisoformat(f"{day}T{hour:02d}:00:00+08:00")
    found = db.execute(
        text("SELECT id, starts_at, ends_at FROM slots WHERE site_id = :site AND starts_at = :at"),
        {"site": site.id, "at": starts_at},
    ).one()
    return Slot(found.id, site, found.starts_at, found.ends_at)


def stands(db: Connection, slot: Slot) -> Any:
    return db.execute(text("SELECT * FROM slots WHERE id = :id"), {"id": slot.id}).one()


def hours(*openings: tuple[int, int, int]) -> list[dict[str, Any]]:
    return [{"weekday": day, "opens_minute": opens, "closes_minute": closes} for day, opens, closes in openings]


AFTERNOONS = hours(*((weekday, 13 * 60, 15 * 60) for weekday in range(1, 8)))


def previewed(db: Connection, site: Site, *, actor: Actor | None = None, version: int = 1, **draft: Any) -> Any:
    asked = load(PreviewCalendar, {"site_id": str(site.id), "version": version, **draft})
    return calendars.preview(db, asked=asked, actor=actor or a_steward(site), at=NOON)


def applied(db: Connection, site: Site, preview: Any, **rest: Any) -> Any:
    asked = ApplyCalendar(site_id=site.id, preview_id=preview.id, **rest)
    return calendars.apply(db, asked=asked, actor=a_steward(site), at=NOON)


def changed(db: Connection, site: Site, *, version: int = 1, **draft: Any) -> Any:
    return applied(db, site, previewed(db, site, version=version, **draft))


class TestAPreview:
    def test_says_what_comes_and_goes_and_whom_it_affects_and_changes_nothing(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        order_id, _ = a_placed_order(db, slot=slot)
        preview = previewed(db, site, hours=AFTERNOONS)
        expected = {"come": 29 * 2, "go": 28 * 3 - 1, "keep": 1, "change": 0, "close": 0, "left_out": 0}
        assert preview.counts == expected
        (affected,) = preview.affected
        assert (affected.order_id, affected.effect, preview.affected_count) == (order_id, "keep", 1)
        assert stands(db, slot).kept_since is None
        assert queries.rules_row(db, site.id)["version"] == 1

    def test_offers_the_nearest_slots_that_stay_and_have_seats_enough(self, db: Connection) -> None:
        site = a_made_site(db, seats=30)
        slot = the_slot(db, site)
        order_id, _ = a_placed_order(db, slot=slot, party_size=20)
        a_placed_order(db, slot=the_slot(db, site, hour=10), party_size=20)
        # The site closes on that day: the nearest that are left lie on the days before and after.
        closure = {"starts_at": "2026-11-12T00:00:00+08:00", "ends_at": "2026-11-13T00:00:00+08:00", "reason": "repair"}
        preview = previewed(db, site, closure=closure)
        assert preview.counts["close"] == 3
        mine = next(order for order in preview.affected if order.order_id == order_id)
        offered = [f"{offer.slot.starts_at + timedelta(hours=8):%d %H}" for offer in mine.alternatives]
        assert offered[:2] == ["11 11", "11 10"]
        assert offered[2] in ("11 09", "13 09")  # both are a day away
        assert all(offer.seats_left >= 20 for offer in mine.alternatives)

    def test_offers_a_near_site_with_the_same_theme_when_the_own_one_has_nothing(self, db: Connection) -> None:
        site, near = a_made_site(db), a_made_site(db, lon=117.97)
        far = a_made_site(db, lon=119.5)
        a_placed_order(db, slot=the_slot(db, site))
        closure = {"starts_at": "2026-11-10T12:30:00+08:00", "ends_at": "2027-02-13T00:00:00+08:00", "reason": "safety"}
        (affected,) = previewed(db, site, closure=closure).affected
        assert {offer.site_id for offer in affected.alternatives} == {near.id}
        assert far.id not in {offer.site_id for offer in affected.alternatives}

    def test_is_for_the_version_it_was_written_for(self, db: Connection) -> None:
        site = a_made_site(db)
        first, second = previewed(db, site, hours=AFTERNOONS), previewed(db, site, hours=hours((1, 600, 700)))
        assert applied(db, site, first).version == 2
        with pytest.raises(CalendarChanged):
            applied(db, site, second)
        with pytest.raises(PreviewApplied):
            applied(db, site, first)
        with pytest.raises(CalendarChanged):
            previewed(db, site, hours=AFTERNOONS)
        assert not previews.preview(db, site.id, second.id, actor=a_steward(site), at=NOON).is_current

    def test_is_the_stewards_alone(self, db: Connection) -> None:
        site = a_made_site(db)
        preview = previewed(db, site, hours=AFTERNOONS)
        for actor in (a_steward(a_site(db)), a_secretary(a_branch(db)), an_actor(("officer", DISTRICT))):
            with pytest.raises(Forbidden):
                previewed(db, site, actor=actor, hours=AFTERNOONS)
            with pytest.raises(Forbidden):
                calendars.apply(db, asked=ApplyCalendar(site.id, preview.id), actor=actor, at=NOON)
        with pytest.raises(NotFound):
            calendars.apply(db, asked=ApplyCalendar(site.id, uuid4()), actor=a_steward(site), at=NOON)

    @pytest.mark.parametrize(
        ("draft", "field"),
        [
            ({"hours": hours((1, 600, 540))}, "hours"),
            ({"hours": hours((1, 540, 700), (1, 690, 800))}, "hours"),
            ({"hours": [{**AFTERNOONS[0], "programme_id": str(uuid4())}]}, "hours"),
            ({"hours": [{**AFTERNOONS[0], "season_id": str(uuid4())}]}, "hours"),
            (
                {
                    "seasons": [
                        {"id": str(HALL), "name": "冬", "active_from": "2026-12-01", "active_until": "2026-12-01"}
                    ]
                },
                "seasons",
            ),
            ({"special_days": [{"day": "2026-12-01", "hours": []}] * 2}, "special_days"),
            ({"holidays": [{"on_holiday": "open", "on_makeup_workday": "open"}] * 2}, "holidays"),
            ({"spaces": [{"id": str(HALL), "name": "厅", "parent_id": str(ROOM_A)}]}, "spaces"),
            (
                {"closure": {"starts_at": "2026-11-12T00:00Z", "ends_at": "2026-11-11T00:00Z", "reason": "other"}},
                "closure.ends_at",
            ),
            (
                {"closure": {"starts_at": "2026-10-11T00:00Z", "ends_at": "2026-11-01T00:00Z", "reason": "other"}},
                "closure.ends_at",
            ),
        ],
    )
    def test_names_what_is_wrong(self, db: Connection, draft: Any, field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            previewed(db, a_made_site(db), **draft)
        assert list(refused.value.errors) == [field]

    def test_of_nothing_is_none(self, db: Connection) -> None:
        with pytest.raises(NothingToChange):
            previewed(db, a_made_site(db))


class TestAChange:
    def test_an_order_stays_and_its_slot_takes_no_other(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        order_id, _ = a_placed_order(db, slot=slot)
        done = changed(db, site, hours=AFTERNOONS)
        assert (done.counts["keep"], done.orders_told) == (1, 0)
        assert the_order(db, order_id).state == "confirmed"
        assert (stands(db, slot).kept_since, stands(db, slot).dropped_at) == (NOON, None)
        branch = a_branch(db)
        with pytest.raises(SlotClosed):
            place(db, an_order(slot, branch=branch), actor=a_secretary(branch))
        # What nobody had ordered is gone from every list, and the new slots are there.
        assert stands(db, the_slot(db, site, hour=10)).dropped_at == NOON
        assert stands(db, the_slot(db, site, hour=13)).closed_reason is None

    def test_a_rule_that_comes_back_brings_its_slots_back(self, db: Connection) -> None:
        site = a_made_site(db)
        slot, free = the_slot(db, site), the_slot(db, site, hour=10)
        a_placed_order(db, slot=slot)
        changed(db, site, hours=AFTERNOONS)
        changed(db, site, version=2, hours=hours(*MORNINGS))
        for again in (slot, free):
            row = stands(db, again)
            assert (row.kept_since, row.dropped_at, row.closed_reason) == (None, None, None)

    def test_closing_what_stays_needs_a_reason(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        a_placed_order(db, slot=slot)
        preview = previewed(db, site, hours=AFTERNOONS)
        with pytest.raises(InvalidInput):
            applied(db, site, preview, close_slot_ids=[slot.id])

    def test_closing_what_stays_tells_its_orders(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        order_id, secretary = a_placed_order(db, slot=slot)
        preview = previewed(db, site, hours=AFTERNOONS)
        done = applied(db, site, preview, close_slot_ids=[slot.id], reason="staff", note="讲解员培训")
        assert (done.orders_told, done.counts["close"]) == (1, 1)
        assert stands(db, slot).closed_reason == "人员不足：讲解员培训"
        (notice,) = closure_queries.notices(db, NoticesAsked(), actor=secretary, at=NOON).items
        assert (notice.order.order_id, notice.reason, notice.note) == (order_id, "staff", "讲解员培训")
        assert {f"{offer.slot.starts_at + timedelta(hours=8):%H}" for offer in notice.order.alternatives} <= {
            "13",
            "14",
        }

    def test_seasons_exceptions_and_holidays_are_kept_with_it(self, db: Connection) -> None:
        site = a_made_site(db)
        season = str(uuid4())
        changed(
            db,
            site,
            seasons=[{"id": season, "name": "冬季", "active_from": "2026-11-20", "active_until": "2026-11-22"}],
            hours=[*hours(*MORNINGS), *({**row, "season_id": season} for row in hours((5, 600, 660), (6, 600, 660)))],
            special_days=[
                {"day": "2026-11-25", "hours": [], "note": "内部整理"},
                {"day": "2026-11-26", "hours": [{"opens_minute": 1080, "closes_minute": 1140}]},
            ],
            holidays=[{"on_holiday": "closed", "on_makeup_workday": "monday"}],
        )
        starts = db.execute(
            text(
                "SELECT visit_on, array_agg(to_char(starts_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI')"
                " ORDER BY starts_at)"
                " FROM slots WHERE site_id = :id AND dropped_at IS NULL AND visit_on >= '2026-11-19' GROUP BY visit_on"
            ),
            {"id": site.id},
        )
        by_day = {f"{day:%d}": found for day, found in starts}
        assert by_day["19"] == by_day["22"] == ["09:00", "10:00", "11:00"]
        assert by_day["20"] == by_day["21"] == ["10:00"]
        assert "25" not in by_day
        assert by_day["26"] == ["18:00"]
        # A draft that leaves a section out leaves it as it is; a season may be written anew under its hours.
        row = queries.rules_row(db, site.id)
        assert (row["version"], len(row["special_days"]), row["holidays"][0]["on_makeup_workday"]) == (2, 2, "monday")
        later = [{"id": season, "name": "冬季", "active_from": "2026-11-21", "active_until": "2026-11-23"}]
        changed(db, site, version=2, seasons=later)
        assert len(queries.rules_row(db, site.id)["hours"]) == 9

    def test_terms_fill_the_times_of_the_slots(self, db: Connection) -> None:
        site = a_made_site(db)
        terms = {
            **{"programme_id": str(site.programme_id), "minutes": 60, "every_minutes": 60, "seats": 25},
            **{"notice_minutes": 60, "change_notice_minutes": 120, "cancel_notice_minutes": 2880},
            **{"window_days": 40, "groups_max": 1},
        }
        changed(db, site, terms=[terms])
        slot = stands(db, the_slot(db, site))
        hour = timedelta(hours=1)
        assert slot.bookable_until == slot.starts_at - hour
        assert (slot.change_until, slot.cancel_until) == (slot.starts_at - 2 * hour, slot.starts_at - 48 * hour)
        assert slot.bookable_from == datetime.fromisoformat("2026-10-03T00:00:00+08:00")
        assert (slot.seats, slot.groups_max) == (25, 1)
        last = db.execute(text("SELECT max(visit_on) FROM slots WHERE site_id = :id"), {"id": site.id}).scalar_one()
        assert last == date(2026, 12, 20)


def spaces(db: Connection, site: Site) -> list[dict[str, Any]]:
    """A hall with two rooms, of this site alone."""
    hall, room_a, room_b = str(uuid4()), str(uuid4()), str(uuid4())
    return [
        {"id": hall, "name": "报告厅"},
        {"id": room_a, "name": "东厅", "parent_id": hall},
        {"id": room_b, "name": "西厅", "parent_id": hall},
    ]


def a_programme(db: Connection, site: Site, *, name: str = "党课") -> UUID:
    programme_id = uuid4()
    db.execute(
        text(
            "INSERT INTO programmes (id, site_id, name, theme, minutes, every_minutes, seats, notice_minutes,"
            " confirmation) VALUES (:id, :site, :name, 'training', 60, 60, 20, 0, 'automatic')"
        ),
        {"id": programme_id, "site": site.id, "name": name},
    )
    return programme_id


def in_space(programme_id: UUID, space: str, **rest: Any) -> dict[str, Any]:
    terms = {"minutes": 60, "every_minutes": 60, "seats": 20, "notice_minutes": 0}
    return {"programme_id": str(programme_id), "space_id": space, **terms, **rest}


class TestRooms:
    def test_the_hall_occupies_both_rooms(self, db: Connection) -> None:
        site = a_made_site(db)
        tree, lecture = spaces(db, site), a_programme(db, site)
        in_room = in_space(lecture, tree[1]["id"], rank=200)
        done = changed(db, site, spaces=tree, terms=[in_space(site.programme_id, tree[0]["id"], rank=1), in_room])
        assert done.counts["left_out"] == 28 * 3
        occupied = db.execute(
            text(
                "SELECT count(*), count(DISTINCT space_id) FROM occupancies o JOIN slots s ON s.id = o.slot_id"
                " WHERE s.site_id = :id"
            ),
            {"id": site.id},
        ).one()
        assert occupied == (28 * 3 * 2, 2)
        # In the other room it fits beside the lecture.
        apart = in_space(site.programme_id, tree[2]["id"])
        assert changed(db, site, version=2, terms=[apart]).counts["come"] == 28 * 3

    def test_a_room_with_orders_is_neither_removed_nor_split(self, db: Connection) -> None:
        site = a_made_site(db)
        tree = spaces(db, site)
        changed(db, site, spaces=tree, terms=[in_space(site.programme_id, tree[1]["id"])])
        a_placed_order(db, slot=the_slot(db, site))
        elsewhere = in_space(site.programme_id, tree[2]["id"])
        with pytest.raises(SpaceInUse, match="removed"):
            previewed(db, site, version=2, spaces=[tree[0], tree[2]], terms=[elsewhere])
        split = [*tree, {"id": str(uuid4()), "name": "东厅里间", "parent_id": tree[1]["id"]}]
        with pytest.raises(SpaceInUse, match="split"):
            previewed(db, site, version=2, spaces=split)
        # Without orders both are possible; what is ordered keeps its room while the rest moves.
        changed(db, site, version=2, terms=[elsewhere])
        rooms = db.execute(
            text(
                "SELECT space_id::text, count(*) FROM occupancies o JOIN slots s ON s.id = o.slot_id"
                " WHERE s.site_id = :id GROUP BY 1"
            ),
            {"id": site.id},
        )
        assert {row[0]: row[1] for row in rooms} == {tree[1]["id"]: 1, tree[2]["id"]: 28 * 3 - 1}

    def test_the_database_refuses_an_overlap_whoever_writes_it(self, database: Engine) -> None:
        """Two connections at the same time: one of them occupies the room, the other is refused."""
        with database.begin() as db:
            site = a_made_site(db)
            first, second = the_slot(db, site, hour=9), the_slot(db, site, hour=10)

        def occupy(slot: Slot, begins: timedelta) -> str:
            try:
                with database.begin() as db:
                    db.execute(
                        text("INSERT INTO occupancies VALUES (:slot, :room, tstzrange(:since, :until))"),
                        {
                            "slot": slot.id,
                            "room": ROOM_A,
                            "since": NOON + begins,
                            "until": NOON + begins + timedelta(hours=1),
                        },
                    )
            except sqlalchemy.exc.IntegrityError as error:
                return str(error.orig.diag.constraint_name)  # type: ignore[union-attr]
            return "occupied"

        half = timedelta(minutes=30)
        results = at_once([partial(occupy, first, timedelta(0)), partial(occupy, second, half)])
        assert sorted(results) == ["occupancies_no_overlap", "occupied"]

    def test_two_who_make_the_slots_at_once_make_them_once(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_made_site(db)
            tree, lecture = spaces(db, site), a_programme(db, site)
            both = [in_space(site.programme_id, tree[0]["id"], rank=1), in_space(lecture, tree[1]["id"], rank=2)]
            preview = previewed(db, site, spaces=tree, terms=both)

        def extend() -> str:
            for _ in range(20):
                try:
                    with database.begin() as db:
                        slots.extend(db, at=NOON)
                except sqlalchemy.exc.OperationalError:  # waited too long for the others: a job is tried again
                    continue
                return "extended"
            return "never got a turn"

        def change() -> str:
            for _ in range(20):
                try:
                    with database.begin() as db:
                        applied(db, site, preview)
                except sqlalchemy.exc.OperationalError:
                    continue
                return "changed"
            return "never got a turn"

        assert at_once([extend, change, extend, extend]) == ["extended", "changed", "extended", "extended"]
        with database.begin() as db:
            assert slots.remake(db, site.id, at=NOON).total() == 28 * 3  # all left out: the hall has the rooms
            doubled = text(
                "SELECT count(*) FROM occupancies a JOIN occupancies b ON a.space_id = b.space_id"
                " AND a.during && b.during AND a.slot_id < b.slot_id"
            )
            assert db.execute(doubled).scalar_one() == 0


THAT_DAY = {
    "starts_at": datetime.fromisoformat("2026-11-12T00:00:00+08:00"),
    "ends_at": datetime.fromisoformat("2026-11-13T00:00:00+08:00"),
}


def closed(db: Connection, site: Site, *, actor: Actor | None = None, **rest: Any) -> Any:
    asked = CloseSite(**{"site_id": site.id, **THAT_DAY, "reason": "power", **rest})
    return closures.close(db, asked=asked, actor=actor or a_steward(site), at=NOON)


class TestASuddenClosure:
    def test_tells_everybody_at_once_and_offers_slots(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        order_id, secretary = a_placed_order(db, slot=slot)
        closure = closed(db, site, note="变压器检修")
        assert (closure.orders_told, closure.orders_waiting, closure.is_sudden) == (1, 1, True)
        assert [row.event for row in db.execute(text("SELECT event FROM outbox WHERE aggregate = 'order_notice'"))] == [
            "visit_slot_closed"
        ]
        for actor in (secretary, a_steward(site)):
            (notice,) = closure_queries.notices(db, NoticesAsked(order_id=order_id), actor=actor, at=NOON).items
            assert len(notice.order.alternatives) == 3
        stranger = a_secretary(a_branch(db))
        assert closure_queries.notices(db, NoticesAsked(order_id=order_id), actor=stranger, at=NOON).items == []
        member = an_actor(("member", "3703.370302.town.elsewhere"))
        assert closure_queries.notices(db, NoticesAsked(), actor=member, at=NOON).items == []
        branch = a_branch(db)
        with pytest.raises(SlotClosed, match="停水停电：变压器检修"):
            place(db, an_order(slot, branch=branch), actor=a_secretary(branch))

    def test_of_one_programme_or_room_leaves_the_rest_open(self, db: Connection) -> None:
        site = a_made_site(db)
        other = a_programme(db, site)
        slots.extend(db, at=NOON)
        closed(db, site, programme_id=other)
        shut = db.execute(text("SELECT DISTINCT programme_id FROM slots WHERE closure_id IS NOT NULL")).scalars().all()
        assert shut == [other]
        with pytest.raises(InvalidInput):
            closed(db, site, programme_id=uuid4())
        with pytest.raises(InvalidInput):
            closed(db, site, ends_at=THAT_DAY["starts_at"])

    def test_lifted_all_is_open_again(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        _, secretary = a_placed_order(db, slot=slot)
        closure = closed(db, site)
        lifting = LiftClosure(site.id, closure.id)
        closures.lift(db, asked=lifting, actor=a_steward(site), at=NOON)
        assert (stands(db, slot).closed_reason, stands(db, slot).closure_id) == (None, None)
        assert closure_queries.notices(db, NoticesAsked(), actor=secretary, at=NOON).items == []
        with pytest.raises(ClosureLifted):
            closures.lift(db, asked=lifting, actor=a_steward(site), at=NOON)

    def test_nobody_is_missing_where_nobody_could_come(self, db: Connection) -> None:
        site = a_made_site(db)
        slot = the_slot(db, site)
        order_id, _ = a_placed_order(db, slot=slot)
        closed(db, site)
        assert closures.cancel_closed(db, at=slot.starts_at - timedelta(seconds=1)) == 0
        assert closures.cancel_closed(db, at=slot.starts_at) == 1
        order = the_order(db, order_id)
        assert (order.state, order.reason) == ("cancelled", "活动点关闭：停水停电")
        assert history_of(db, order_id)[-1].by_id is None
        assert [row.event for row in told(db, order_id)] == ["visit_ordered", "visit_cancelled"]

    def test_rights_and_lists(self, db: Connection) -> None:
        site = a_made_site(db)
        for _ in range(3):
            closed(db, site)
        officer = an_actor(("officer", DISTRICT))
        closed(db, site, actor=officer)
        first = closure_queries.closures(db, ClosuresAsked(site.id, limit=3), actor=officer)
        rest = closure_queries.closures(db, ClosuresAsked(site.id, limit=3, cursor=first.next), actor=officer)
        assert len({row.id for row in (*first.items, *rest.items)}) == 4
        for act in (closed, lambda db, site, actor: closure_queries.closures(db, ClosuresAsked(site.id), actor=actor)):
            with pytest.raises(Forbidden):
                act(db, site, actor=a_secretary(a_branch(db)))


class TestTheDaysEverybodySees:
    def days(self, db: Connection, site: Site, **asked: Any) -> dict[str, Any]:
        view = calendar_days.calendar_days(db, CalendarDaysAsked(site.id, **asked), at=NOON)
        return {f"{day.day:%m-%d}": day for day in view.days}

    def test_say_free_full_closed_and_over(self, db: Connection) -> None:
        site = a_made_site(db, seats=20)
        for hour in (9, 10, 11):
            a_placed_order(db, slot=the_slot(db, site, hour=hour), party_size=20)
        closed(db, site, starts_at=THAT_DAY["ends_at"], ends_at=THAT_DAY["ends_at"] + timedelta(days=1))
        days = self.days(db, site)
        assert [days[day].state for day in ("11-10", "11-11", "11-12", "11-13", "12-14")] == [
            *("none", "free", "full", "closed", "none")
        ]
        assert (days["11-11"].slots_free, days["11-11"].seats_left_max, days["11-13"].note) == (3, 20, "停水停电")

    def test_say_which_holidays_they_are_and_whether_the_year_is_announced(self, db: Connection) -> None:
        site = a_made_site(db)
        days = self.days(db, site, from_day=date(2026, 12, 25), to_day=date(2027, 1, 2))
        assert [day.is_announced for day in days.values()] == [True] * 7 + [False] * 2
        october = self.days(db, site, from_day=date(2026, 10, 1), to_day=date(2026, 10, 10))
        assert (october["10-01"].public_day, october["10-01"].public_day_kind) == ("国庆节", "off")

    def test_are_ninety_two_at_the_most_and_of_a_site_that_is_shown(self, db: Connection) -> None:
        site = a_made_site(db)
        assert len(self.days(db, site, from_day=date(2026, 1, 1), to_day=date(2026, 4, 2))) == 92
        for first, last in ((date(2026, 1, 1), date(2026, 4, 3)), (date(2026, 1, 2), date(2026, 1, 1))):
            with pytest.raises(InvalidInput):
                self.days(db, site, from_day=first, to_day=last)
        with pytest.raises(NotFound):
            self.days(db, a_site(db, state="proposed"))


def test_the_rules_are_read_as_they_are_written(db: Connection) -> None:
    site = a_made_site(db)
    view = queries.rules(db, site.id, actor=a_steward(site))
    assert (view.version, len(view.hours), view.programmes[0].terms.seats) == (1, 7, 60)
    assert view.hours[0] == HoursRow(1, 540, 720)
    with pytest.raises(Forbidden):
        queries.rules(db, site.id, actor=a_secretary(a_branch(db)))
