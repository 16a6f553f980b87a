"""When a programme is open: weekly hours, seasons, exceptions, holidays; and what becomes of the slots that stand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.calendars import (
    HolidayRule,
    Hours,
    Opening,
    Rules,
    Season,
    SpecialDay,
    is_working_day,
    openings_on,
    rules_of,
)
from sites.domain.days import midnight
from sites.domain.plans import (
    Closing,
    Offer,
    Plan,
    SiteCalendar,
    Standing,
    Terms,
    effect_of,
    plan,
    wanted_of,
)
from sites.domain.spaces import Space, is_a_tree, leaves_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 2, 9)
SPRING_FESTIVAL = date(2026, 2, 17)
MAKEUP_SATURDAY = date(2026, 2, 14)
PUBLIC = {SPRING_FESTIVAL: "off", MAKEUP_SATURDAY: "workday_makeup"}
PROGRAMME, OTHER = UUID(int=1), UUID(int=2)
HALL, ROOM_A, ROOM_B = UUID(int=11), UUID(int=12), UUID(int=13)
TREE = (Space(HALL, "大厅"), Space(ROOM_A, "东厅", HALL), Space(ROOM_B, "西厅", HALL))
WEEK = tuple(Hours(weekday, 540, 1020) for weekday in range(1, 6))
WINTER = Season(UUID(int=21), "冬季", date(2026, 2, 11), date(2026, 2, 13))
NINE = Opening(540, 1020)


def opens(rules: Rules, day: date) -> tuple[Opening, ...]:
    return openings_on(rules, day, public_days=PUBLIC)


class TestOpeningsOn:
    def test_a_plain_weekday_keeps_its_hours(self) -> None:
        assert opens(Rules(WEEK), MONDAY) == (NINE,)
        assert opens(Rules(WEEK), MONDAY + timedelta(days=5)) == ()

    def test_a_season_is_half_open(self) -> None:
        rules = Rules((*WEEK, *(Hours(weekday, 600, 900, WINTER.id) for weekday in range(1, 6))), (WINTER,))
        winter = (Opening(600, 900),)
        days = [opens(rules, MONDAY + timedelta(days=number)) for number in range(1, 5)]
        assert days == [(NINE,), winter, winter, (NINE,)]  # the 10th, 11th, 12th, 13th

    def test_a_season_without_hours_of_a_weekday_is_closed_on_it(self) -> None:
        assert opens(Rules(WEEK, (WINTER,)), WINTER.active_from) == ()

    @pytest.mark.parametrize(
        ("treatment", "hours"),
        [("open", (NINE,)), ("closed", ()), ("sunday", (Opening(600, 720),)), ("monday", (NINE,))],
    )
    def test_a_holiday_counts_as_the_site_says(self, treatment: str, hours: Any) -> None:
        rules = Rules((*WEEK, Hours(7, 600, 720)), holidays=HolidayRule(on_holiday=treatment))
        assert opens(rules, SPRING_FESTIVAL) == hours

    @pytest.mark.parametrize(("treatment", "hours"), [("open", ()), ("friday", (NINE,)), ("closed", ())])
    def test_a_makeup_workday_counts_as_the_site_says(self, treatment: str, hours: Any) -> None:
        rules = Rules(WEEK, holidays=HolidayRule(on_makeup_workday=treatment))
        assert opens(rules, MAKEUP_SATURDAY) == hours

    def test_an_exception_of_the_day_goes_before_all_else(self) -> None:
        days = {SPRING_FESTIVAL: (Opening(0, 60), Opening(30, 90)), MONDAY: ()}
        rules = Rules(WEEK, special_days=days, holidays=HolidayRule("closed", "closed"))
        assert opens(rules, SPRING_FESTIVAL) == (Opening(0, 90),)
        assert opens(rules, MONDAY) == ()

    def test_a_day_of_a_year_that_is_not_announced_is_a_plain_weekday(self) -> None:
        rules = Rules(WEEK, holidays=HolidayRule("closed", "closed"))
        assert opens(rules, date(2027, 1, 1)) == (NINE,)  # a Friday


class TestRulesOf:
    def rules(self, **given: Any) -> Rules:
        sections: dict[str, Any] = {"hours": WEEK, "seasons": (), "special_days": (), "holidays": ()}
        return rules_of(PROGRAMME, **{**sections, **given})

    def test_hours_of_its_own_go_before_those_of_the_site(self) -> None:
        own = Hours(6, 600, 700, programme_id=PROGRAMME)
        others = Hours(7, 600, 700, programme_id=OTHER)
        assert self.rules(hours=(*WEEK, own, others)).hours == (own,)
        assert self.rules(hours=(*WEEK, others)).hours == WEEK

    def test_a_closed_day_of_the_site_closes_every_programme(self) -> None:
        own = Hours(1, 600, 700, programme_id=PROGRAMME)
        closed, other_hours = SpecialDay(MONDAY, ()), SpecialDay(MONDAY + timedelta(days=7), (NINE,))
        rules = self.rules(hours=(own,), special_days=(closed, other_hours))
        assert rules.special_days == {MONDAY: ()}
        assert self.rules(special_days=(other_hours,)).special_days == {other_hours.day: (NINE,)}

    def test_its_own_exception_goes_before_the_sites(self) -> None:
        own = SpecialDay(MONDAY, (NINE,), programme_id=PROGRAMME)
        assert self.rules(special_days=(SpecialDay(MONDAY, ()), own)).special_days == {MONDAY: (NINE,)}

    def test_its_own_holiday_rule_goes_before_the_sites(self) -> None:
        site, own = HolidayRule("closed"), HolidayRule("sunday", programme_id=PROGRAMME)
        assert self.rules(holidays=(site,)).holidays == site
        assert self.rules(holidays=(site, own)).holidays == own


def test_working_days_know_holidays_and_makeup_days() -> None:
    days = [is_working_day(day, public_days=PUBLIC) for day in (MONDAY, MAKEUP_SATURDAY, SPRING_FESTIVAL)]
    assert days == [True, True, False]
    assert not is_working_day(MONDAY + timedelta(days=6), public_days=PUBLIC)


class TestSpaces:
    def test_a_parent_consists_of_its_leaves(self) -> None:
        assert leaves_of(TREE) == {HALL: {ROOM_A, ROOM_B}, ROOM_A: {ROOM_A}, ROOM_B: {ROOM_B}}

    @pytest.mark.parametrize(
        "spaces",
        [
            (Space(ROOM_A, "东厅", HALL),),
            (Space(HALL, "大厅", ROOM_A), Space(ROOM_A, "东厅", HALL)),
            (Space(HALL, "大厅", HALL),),
        ],
    )
    def test_what_is_no_tree_is_found(self, spaces: Any) -> None:
        assert is_a_tree(TREE)
        assert not is_a_tree(spaces)


# ---- plans --------------------------------------------------------------------------------------------------------

AT = datetime(2026, 2, 9, 0, 0, tzinfo=SHANGHAI)


def terms(programme: UUID = PROGRAMME, **given: Any) -> Terms:
    rest: dict[str, Any] = {"minutes": 60, "every_minutes": 60, "seats": 30, "confirmation": "automatic"}
    return Terms(programme, **{**rest, "notice_minutes": 0, **given})


def a_calendar(*offers: Terms, hours: Sequence[Hours] = (Hours(1, 540, 720),), **given: Any) -> SiteCalendar:
    rest: dict[str, Any] = {"seasons": (), "special_days": (), "holidays": (), "spaces": TREE}
    named = tuple(Offer(f"{number}", True, offer) for number, offer in enumerate(offers))
    return SiteCalendar(hours=tuple(hours), offers=named, **{**rest, **given})


def planned(
    calendar: SiteCalendar, standing: Sequence[Standing] = (), closings: Sequence[Closing] = (), at: datetime = AT
) -> Plan:
    wanted = wanted_of(calendar, public_days=PUBLIC, today=at.date())
    return plan(wanted, standing, closings=closings, at=at)


def stand(found: Plan, *, taken: int = 0, **changed: Any) -> list[Standing]:
    """The slots that a plan makes, as they stand once they are written."""
    return [
        Standing(
            **{
                "id": uuid4(),
                "programme_id": slot.programme_id,
                "starts_at": slot.starts_at,
                "ends_at": slot.ends_at,
                "seats_taken": taken,
                "groups_taken": int(taken > 0),
                "booking": slot.booking,
                "occupied": slot.occupied,
                **changed,
            }
        )
        for slot in found.come
    ]


def starts(slots: Sequence[Any]) -> list[str]:
    return [f"{slot.starts_at.astimezone(SHANGHAI):%d %H:%M}" for slot in slots]


class TestPlan:
    def test_made_again_it_changes_nothing(self) -> None:
        calendar = a_calendar(terms(space_id=ROOM_A, window_days=3, cancel_notice_minutes=60, groups_max=2))
        again = planned(calendar, stand(planned(calendar)))
        assert again == Plan()

    def test_goes_as_far_as_the_booking_window_reaches(self) -> None:
        assert starts(planned(a_calendar(terms(), hours=[Hours(1, 540, 600)])).come)[-1] == "09 09:00"  # 9 March
        far = planned(a_calendar(terms(window_days=60), hours=[Hours(1, 540, 600)])).come
        assert far[-1].visit_on == date(2026, 4, 6)
        assert far[-1].booking.bookable_from == midnight(date(2026, 2, 5))

    def test_notices_count_back_from_the_start(self) -> None:
        slot = planned(
            a_calendar(terms(notice_minutes=120, change_notice_minutes=240, cancel_notice_minutes=1440))
        ).come[0]
        booking, hour = slot.booking, timedelta(hours=1)
        assert booking.bookable_until == slot.starts_at - 2 * hour
        assert (booking.change_until, booking.cancel_until) == (slot.starts_at - 4 * hour, slot.starts_at - 24 * hour)

    def test_what_nobody_ordered_goes_with_its_rule_and_what_somebody_ordered_stays(self) -> None:
        before, after = a_calendar(terms()), a_calendar(terms(), hours=[Hours(1, 780, 840)])
        free, ordered = stand(planned(before))[0], stand(planned(before), taken=5)[1]
        found = planned(after, [free, ordered])
        assert found.go == [free]
        (change,) = found.change
        assert (change.there, effect_of(change), change.slot.booking) == (ordered, "keep", ordered.booking)
        # Kept, it is kept; and when the rule comes back it is a slot like any other.
        kept = replace(ordered, is_kept=True)
        assert planned(after, [kept]).change == []
        (back,) = planned(before, [kept]).change
        assert (effect_of(back), back.is_kept) == ("change", False)

    def test_an_order_loses_neither_seats_nor_time_to_cancel(self) -> None:
        generous = stand(planned(a_calendar(terms(seats=30, cancel_notice_minutes=60))), taken=20)[0]
        strict = a_calendar(terms(seats=10, cancel_notice_minutes=2880, groups_max=1), hours=[Hours(1, 540, 600)])
        (change,) = planned(strict, [generous]).change
        assert change.slot.booking.seats == 20
        assert change.slot.booking.cancel_until == generous.booking.cancel_until
        (free,) = planned(strict, [replace(generous, seats_taken=0)]).change
        assert free.slot.booking.seats == 10

    def test_a_longer_visit_leaves_the_ordered_one_as_it_is(self) -> None:
        ordered = stand(planned(a_calendar(terms())), taken=5)[0]
        (change,) = planned(a_calendar(terms(minutes=90)), [ordered]).change
        assert (effect_of(change), change.slot.ends_at) == ("keep", ordered.ends_at)

    def test_a_slot_entered_by_hand_is_left_alone(self) -> None:
        by_hand = replace(stand(planned(a_calendar(terms())))[0], by_rule=False, starts_at=AT + timedelta(hours=30))
        found = planned(a_calendar(terms(), hours=[]), [by_hand])
        assert found == Plan()

    def test_what_has_begun_is_left_alone(self) -> None:
        begun = stand(planned(a_calendar(terms())))[0]
        assert planned(a_calendar(terms(), hours=[]), [begun], at=begun.starts_at) == Plan()

    def test_a_dropped_slot_comes_back_with_its_rule(self) -> None:
        dropped = replace(stand(planned(a_calendar(terms())))[0], is_dropped=True)
        assert planned(a_calendar(terms(), hours=[]), [dropped]) == Plan()
        assert dropped.key in {slot.key for slot in planned(a_calendar(terms()), [dropped]).come}

    @pytest.mark.parametrize(
        ("part", "shut"),
        [
            ({}, True),
            ({"programme_id": PROGRAMME}, True),
            ({"programme_id": OTHER}, False),
            ({"leaves": frozenset({ROOM_A})}, True),
            ({"leaves": frozenset({ROOM_B})}, False),
        ],
    )
    def test_a_closure_shuts_what_it_covers(self, part: Any, shut: bool) -> None:
        closing = Closing(uuid4(), AT + timedelta(hours=9, minutes=30), AT + timedelta(hours=10), **part)
        slots = planned(a_calendar(terms(space_id=ROOM_A)), closings=[closing]).come
        assert [slot.booking.closure_id for slot in slots[:2]] == [closing.id if shut else None, None]

    def test_closing_one_slot_shuts_that_one(self) -> None:
        first, second, *rest = stand(planned(a_calendar(terms())), taken=3)
        closing = Closing(uuid4(), second.starts_at, second.ends_at, slot_id=second.id)
        (change,) = planned(a_calendar(terms()), [first, second, *rest], [closing]).change
        assert (change.there, effect_of(change)) == (second, "close")


class TestRooms:
    def test_a_slot_in_the_hall_leaves_no_room_and_one_in_a_room_leaves_the_other(self) -> None:
        in_hall, in_room = terms(space_id=HALL, rank=1), terms(OTHER, space_id=ROOM_A, rank=2)
        found = planned(a_calendar(in_hall, in_room))
        assert {slot.programme_id for slot in found.come} == {PROGRAMME}
        assert {slot.programme_id for slot in found.left_out} == {OTHER}
        apart = planned(a_calendar(terms(space_id=ROOM_B), in_room))
        assert apart.left_out == []

    def test_buffers_lie_inside_what_is_occupied(self) -> None:
        found = planned(a_calendar(terms(space_id=ROOM_A, before_minutes=10, after_minutes=30)))
        assert starts(found.come[:2]) == ["09 09:00", "09 11:00"]
        assert found.come[0].occupied.since == found.come[0].starts_at - timedelta(minutes=10)

    def test_without_a_room_a_programme_may_overlap_itself(self) -> None:
        assert len(planned(a_calendar(terms(every_minutes=30), hours=[Hours(1, 540, 660)])).come) == 3 * 5

    def test_what_is_ordered_keeps_its_room_from_what_is_new(self) -> None:
        ordered = stand(planned(a_calendar(terms(space_id=ROOM_A), hours=[Hours(1, 540, 600)])), taken=3)[:1]
        new = a_calendar(terms(space_id=ROOM_A), hours=[Hours(1, 570, 690)])
        assert starts(planned(new, ordered).left_out) == ["09 09:30"]

    @given(
        offers=st.lists(
            st.builds(
                terms,
                st.sampled_from([UUID(int=number) for number in range(1, 5)]),
                minutes=st.integers(20, 300),
                every_minutes=st.integers(20, 300),
                before_minutes=st.integers(0, 45),
                after_minutes=st.integers(0, 45),
                space_id=st.sampled_from([HALL, ROOM_A, ROOM_B]),
                rank=st.integers(0, 3),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda offer: offer.programme_id,
        ),
        hours=st.lists(
            st.builds(
                lambda weekday, opens, length, season: Hours(weekday, opens, min(1440, opens + length), season),
                st.integers(1, 7),
                st.integers(0, 1400),
                st.integers(30, 900),
                st.sampled_from([None, WINTER.id]),
            ),
            max_size=6,
        ),
        holidays=st.builds(HolidayRule, *[st.sampled_from(["open", "closed", "sunday", "monday"])] * 2),
        special=st.dictionaries(
            st.dates(MONDAY, MONDAY + timedelta(days=20)),
            st.lists(st.sampled_from([NINE, Opening(0, 1440), Opening(600, 660)]), max_size=2),
            max_size=3,
        ),
        ordered=st.sets(st.integers(0, 60), max_size=10),
    )
    def test_any_rule_set_overlaps_in_no_room_and_leaves_no_opening(
        self, offers: Any, hours: Any, holidays: Any, special: Any, ordered: Any
    ) -> None:
        days = tuple(SpecialDay(day, tuple(openings)) for day, openings in special.items())
        before = a_calendar(*offers, hours=hours, seasons=(WINTER,), special_days=days, holidays=(holidays,))
        standing = [
            replace(slot, seats_taken=5, groups_taken=1) if number in ordered else slot
            for number, slot in enumerate(stand(planned(before)))
        ]
        # The rules change: hours moved by twenty minutes, no exceptions any more.
        moved = [replace(rule, opens_minute=min(rule.closes_minute - 1, rule.opens_minute + 20)) for rule in hours]
        after = replace(before, hours=tuple(moved), special_days=())
        for calendar, stood in ((before, []), (after, standing)):
            found = planned(calendar, stood)
            _no_room_is_taken_twice(found, stood)
            _every_new_slot_lies_in_the_openings(found, calendar)
            gone = {slot.id for slot in found.go}
            assert not any(slot.seats_taken for slot in stood if slot.id in gone)


def _no_room_is_taken_twice(found: Plan, stood: Sequence[Standing]) -> None:
    gone = {slot.id for slot in found.go}
    becomes = {change.there.id: change.slot.occupied for change in found.change}
    occupied = [becomes.get(slot.id, slot.occupied) for slot in stood if slot.id not in gone]
    occupied += [slot.occupied for slot in found.come]
    for leaf in (ROOM_A, ROOM_B):
        spans = sorted((wish.since, wish.until) for wish in occupied if leaf in wish.leaves and wish.since)
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))  # type: ignore[operator]


def _every_new_slot_lies_in_the_openings(found: Plan, calendar: SiteCalendar) -> None:
    for slot in found.come:
        rules = rules_of(
            slot.programme_id,
            hours=calendar.hours,
            seasons=calendar.seasons,
            special_days=calendar.special_days,
            holidays=calendar.holidays,
        )
        is_open = partial(openings_on, rules, public_days=PUBLIC)
        minutes = {
            (number, minute)
            for number in range(-1, 2)
            for opening in is_open(slot.visit_on + timedelta(days=number))
            for minute in range(opening.opens_minute, opening.closes_minute)
        }
        length = int((slot.ends_at - slot.starts_at).total_seconds()) // 60
        begin = int((slot.starts_at - midnight(slot.visit_on)).total_seconds()) // 60
        for minute in (begin, begin + length // 2, begin + length - 1):
            assert (minute // 1440, minute % 1440) in minutes
