"""The days of a team (A9): which visits on which day, in which order, when each begins.

The way between two stops is the straight line × 1.3 at 40 km/h (precise rule 19), and none between two whose points are
not known. The first stop begins when the team departs; the next when the visit and the way are over, rounded up to
five minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID

from chassis.ways import Degrees, distance_m, travel_minutes

DETOUR_FACTOR: Final = 1.3
SPEED_KMH: Final = 40.0
ROUNDED_TO: Final = 5
LAST_MINUTE: Final = 24 * 60 - ROUNDED_TO
SATURDAY: Final = 5


@dataclass(frozen=True)
class Place:
    """A visit and where it is; none when nobody said."""

    id: UUID
    point: Degrees | None


@dataclass(frozen=True)
class Stop:
    """A stop of a day: when it begins, in minutes of the day, and the way there from the one before."""

    id: UUID
    starts: int
    travel_minutes: int | None
    distance_m: int | None


def in_order(places: Iterable[Place]) -> list[Place]:
    """Return the places along a way: from the westernmost on always the nearest; those without a point last.

    Among equals the lower id: the same places make the same way.
    """
    left = sorted(places, key=lambda place: (place.point is None, place.point or (), place.id))
    way: list[Place] = []
    while left:
        here = way[-1].point if way else None
        nearest = left[0] if here is None else min(left, key=lambda place: (_far(here, place), place.id))
        way.append(nearest)
        left.remove(nearest)
    return way


def spread(places: Iterable[Place], days: Sequence[date], *, a_day: int) -> list[tuple[date, list[Place]]]:
    """Return the days of a team, each with its places in order; the last day takes what no day has room for."""
    way = in_order(places)
    parts = [way[begin : begin + a_day] for begin in range(0, len(way), a_day)]
    if len(parts) > len(days):
        parts = [*parts[: len(days) - 1], [place for part in parts[len(days) - 1 :] for place in part]]
    return list(zip(days, parts, strict=False))


def timed(places: Sequence[Place], *, departs: time, visit_minutes: int) -> list[Stop]:
    """Return the stops of a day with the minute of the day at which each begins."""
    stops: list[Stop] = []
    minute = departs.hour * 60 + departs.minute
    before: Degrees | None = None
    for number, place in enumerate(places):
        straight_m = distance_m(before, place.point) if before is not None and place.point is not None else None
        travel = (
            None if straight_m is None else travel_minutes(straight_m, detour_factor=DETOUR_FACTOR, speed_kmh=SPEED_KMH)
        )
        if number:
            minute += visit_minutes + (travel or 0)
            minute += -minute % ROUNDED_TO
        stops.append(
            Stop(place.id, min(minute, LAST_MINUTE), travel, None if straight_m is None else round(straight_m))
        )
        before = place.point
    return stops


def workdays(first: date, last: date) -> list[date]:
    """Return the days from Monday to Friday in between, or all of them where there is none."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < SATURDAY] or days


def _far(here: Degrees, place: Place) -> float:
    return float("inf") if place.point is None else distance_m(here, place.point)
