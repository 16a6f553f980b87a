"""Openings become slots (S5): every start that fits between opening and closing.

A start is counted from its own day's opening, so the slots of a day are the same whichever days are asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sites.domain.calendars import Opening
from sites.domain.days import midnight

DAY_MINUTES: Final = 24 * 60
AHEAD: Final = timedelta(weeks=4)
"""How far ahead slots are made, where no booking window reaches farther."""

OpeningsOn = Callable[[date], Sequence[Opening]]


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


def slot_times(rhythm: Rhythm, openings_on: OpeningsOn, *, first: date, last: date) -> Iterator[SlotTime]:
    """Yield the slots that start on the days `first` to `last` (both in).

    `openings_on` says when a day is open, in order and joined.
    """
    day = first
    while day <= last:
        for opening in openings_on(day):
            latest_end = _open_until(openings_on, day, opening, at_least=rhythm.minutes)
            for minute in range(opening.opens_minute, opening.closes_minute, rhythm.every_minutes):
                if minute + rhythm.minutes <= latest_end:
                    yield _slot(rhythm, day, minute)
        day += timedelta(days=1)


def _open_until(openings_on: OpeningsOn, day: date, opening: Opening, *, at_least: int) -> int:
    """Return the minute after midnight of `day` until which the place stays open, over midnight where it does.

    Followed no farther than a slot of `at_least` minutes that starts before `opening` ends can reach.
    """
    until = opening.closes_minute
    while until % DAY_MINUTES == 0 and until < opening.closes_minute + at_least:
        day += timedelta(days=1)
        first = next(iter(openings_on(day)), None)
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
