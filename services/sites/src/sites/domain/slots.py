"""Weekly hours become slots (S5): every start that fits between opening and closing, hours that meet count as one.

A start is counted from its own day's opening, so the slots of a day are the same whichever days are asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_MINUTES: Final = 24 * 60
AHEAD: Final = timedelta(weeks=4)
"""How far ahead slots are made."""

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Hours:
    """One opening of a weekday (ISO, Monday is 1), in minutes after midnight; 1440 is the next midnight."""

    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True)
class Rhythm:
    """How a programme repeats: its length, the distance between two starts, and until when it can be booked."""

    minutes: int
    every_minutes: int
    notice_minutes: int


@dataclass(frozen=True)
class SlotTime:
    """When one slot starts and ends, on which day it counts, and until when it takes orders."""

    starts_at: datetime
    ends_at: datetime
    visit_on: date
    bookable_until: datetime


def slot_times(rhythm: Rhythm, hours: Iterable[Hours], *, first: date, last: date) -> Iterator[SlotTime]:
    """Yield the slots that start on the days `first` to `last` (both in)."""
    by_weekday: dict[int, list[Hours]] = {}
    for opening in sorted(hours, key=lambda opening: opening.opens_minute):
        by_weekday.setdefault(opening.weekday, []).append(opening)
    day = first
    while day <= last:
        for opening in by_weekday.get(day.isoweekday(), ()):
            latest_end = _open_until(by_weekday, day, opening, at_least=rhythm.minutes)
            for minute in range(opening.opens_minute, opening.closes_minute, rhythm.every_minutes):
                if minute + rhythm.minutes <= latest_end:
                    yield _slot(rhythm, day, minute)
        day += timedelta(days=1)


def _open_until(by_weekday: dict[int, list[Hours]], day: date, opening: Hours, *, at_least: int) -> int:
    """Return the minute, after midnight of `day`, until which the site stays open without a break.

    Followed only as far as a slot that starts before `opening` ends could reach.
    """
    until, reach = opening.closes_minute, opening.closes_minute + at_least
    for ahead in range(reach // DAY_MINUTES + 1):
        offset = ahead * DAY_MINUTES
        for later in by_weekday.get((day + timedelta(days=ahead)).isoweekday(), ()):
            if later.opens_minute + offset <= until:
                until = max(until, later.closes_minute + offset)
    return until


def _slot(rhythm: Rhythm, day: date, minute: int) -> SlotTime:
    starts_at = datetime.combine(day, time(), _SHANGHAI) + timedelta(minutes=minute)
    return SlotTime(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=rhythm.minutes),
        visit_on=day,
        bookable_until=starts_at - timedelta(minutes=rhythm.notice_minutes),
    )
