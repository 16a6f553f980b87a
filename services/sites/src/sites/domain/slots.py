"""Weekly hours become slots (S5): every start that fits between opening and closing, hours that meet count as one.

A start is counted from its own day's opening, so the slots of a day are the same whichever days are asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sites.domain.days import midnight

DAY_MINUTES: Final = 24 * 60
AHEAD: Final = timedelta(weeks=4)
"""How far ahead slots are made."""


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
    openings = _openings(hours)
    day = first
    while day <= last:
        for opening in openings.get(day.isoweekday(), ()):
            latest_end = _open_until(openings, day, opening, at_least=rhythm.minutes)
            for minute in range(opening.opens_minute, opening.closes_minute, rhythm.every_minutes):
                if minute + rhythm.minutes <= latest_end:
                    yield _slot(rhythm, day, minute)
        day += timedelta(days=1)


def _openings(hours: Iterable[Hours]) -> dict[int, list[Hours]]:
    """Return each weekday's hours in order, those that meet or overlap made one."""
    openings: dict[int, list[Hours]] = {}
    for opening in sorted(hours, key=lambda opening: opening.opens_minute):
        of_day = openings.setdefault(opening.weekday, [])
        if of_day and opening.opens_minute <= of_day[-1].closes_minute:
            of_day[-1] = replace(of_day[-1], closes_minute=max(of_day[-1].closes_minute, opening.closes_minute))
        else:
            of_day.append(opening)
    return openings


def _open_until(openings: dict[int, list[Hours]], day: date, opening: Hours, *, at_least: int) -> int:
    """Return the minute after midnight of `day` until which the place stays open, over midnight where it does.

    Followed no farther than a slot of `at_least` minutes that starts before `opening` ends can reach.
    """
    until = opening.closes_minute
    while until % DAY_MINUTES == 0 and until < opening.closes_minute + at_least:
        day += timedelta(days=1)
        first = next(iter(openings.get(day.isoweekday(), ())), None)
        if first is None or first.opens_minute > 0:
            break
        until += first.closes_minute
    return until


def _slot(rhythm: Rhythm, day: date, minute: int) -> SlotTime:
    starts_at = midnight(day) + timedelta(minutes=minute)
    return SlotTime(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=rhythm.minutes),
        visit_on=day,
        bookable_until=starts_at - timedelta(minutes=rhythm.notice_minutes),
    )
