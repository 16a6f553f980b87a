"""Weekly hours become slots."""

import itertools
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from sites.domain.calendars import Hours, Rules, openings_on
from sites.domain.slots import Rhythm, slot_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 9)
SUNDAY = date(2026, 11, 15)


def opens(hours: Any) -> Any:
    return partial(openings_on, Rules(tuple(hours)), public_days={})


HOUR = Rhythm(minutes=60, every_minutes=60, notice_minutes=0)


def starts(rhythm: Rhythm, *hours: Hours, first: date = MONDAY, last: date = SUNDAY) -> list[str]:
    return [f"{slot.starts_at:%a %H:%M}" for slot in slot_times(rhythm, opens(hours), first=first, last=last)]


class TestSlotTimes:
    def test_fills_the_hours_and_nothing_more(self) -> None:
        assert starts(HOUR, Hours(1, 9 * 60, 11 * 60 + 30)) == ["Mon 09:00", "Mon 10:00"]

    def test_keeps_the_noon_break(self) -> None:
        morning_and_afternoon = Hours(2, 8 * 60 + 30, 11 * 60 + 30), Hours(2, 13 * 60 + 30, 15 * 60 + 30)
        assert starts(HOUR, *morning_and_afternoon) == [
            "Tue 08:30",
            "Tue 09:30",
            "Tue 10:30",
            "Tue 13:30",
            "Tue 14:30",
        ]

    def test_hours_that_meet_are_one_opening(self) -> None:
        assert starts(HOUR, Hours(3, 480, 570), Hours(3, 570, 660)) == ["Wed 08:00", "Wed 09:00", "Wed 10:00"]

    def test_around_the_clock_goes_over_midnight(self) -> None:
        rhythm = Rhythm(minutes=60, every_minutes=30, notice_minutes=0)
        always = [Hours(weekday, 0, 1440) for weekday in range(1, 8)]
        found = list(slot_times(rhythm, opens(always), first=MONDAY, last=SUNDAY))
        assert len(found) == 48 * 7
        assert f"{found[47].starts_at:%H:%M}" == "23:30"
        assert f"{found[47].ends_at:%a %H:%M}" == "Tue 00:30"
        gaps = {later.starts_at - earlier.starts_at for earlier, later in itertools.pairwise(found)}
        assert gaps == {timedelta(minutes=30)}

    def test_a_slot_counts_on_the_day_it_starts_and_closes_its_orders_in_time(self) -> None:
        rhythm = Rhythm(minutes=60, every_minutes=60, notice_minutes=24 * 60)
        (slot,) = slot_times(rhythm, opens([Hours(1, 540, 600)]), first=MONDAY, last=MONDAY)
        assert slot.visit_on == MONDAY
        assert slot.bookable_until == datetime(2026, 11, 8, 9, 0, tzinfo=SHANGHAI)

    def test_a_closed_week_has_none(self) -> None:
        assert starts(HOUR) == []

    @given(
        hours=st.lists(
            st.builds(
                lambda weekday, opens, length: Hours(weekday, opens, min(1440, opens + length)),
                st.integers(1, 7),
                st.integers(0, 1438),
                st.integers(1, 1440),
            ),
            max_size=8,
        ),
        minutes=st.integers(5, 300),
        every=st.integers(5, 300),
        shift=st.integers(0, 6),
    )
    def test_any_rule_set_keeps_every_slot_inside_the_hours(
        self, hours: Any, minutes: Any, every: Any, shift: Any
    ) -> None:
        open_minutes = {
            (day, minute)
            for day in range(-1, 16)
            for opening in hours
            if opening.weekday == (MONDAY + timedelta(days=day)).isoweekday()
            for minute in range(opening.opens_minute, opening.closes_minute)
        }
        found = list(
            slot_times(Rhythm(minutes, every, 0), opens(hours), first=MONDAY + timedelta(days=shift), last=SUNDAY)
        )
        for slot in found:
            day = (slot.starts_at.date() - MONDAY).days
            begin = slot.starts_at.hour * 60 + slot.starts_at.minute
            for minute in (begin, begin + minutes - 1, begin + minutes // 2):
                assert (day + minute // 1440, minute % 1440) in open_minutes
        assert len({slot.starts_at for slot in found}) == len(found)
        # The slots of a day do not depend on the days asked for.
        whole = list(slot_times(Rhythm(minutes, every, 0), opens(hours), first=MONDAY, last=SUNDAY))
        assert found == [slot for slot in whole if slot.visit_on >= MONDAY + timedelta(days=shift)]
