"""A trip through several sites (S7): how long the ways take, which slots follow each other, and whether they can.

Between two stops lie the way and a pause (precise rule 19). The way is the operator's own figure where there is one,
otherwise the straight line times a detour factor at an average speed; those numbers are a row with a first day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal
from chassis.ways import travel_minutes

from sites.domain.geography import Point, distance_m

STOPS_MAX: Final = 8
PLANS_MAX: Final = 3


class RouteTooTight(Refusal):
    """Between {before} and {after} the way takes {travel_minutes} minutes and {pause_minutes} more; these slots leave {gap_minutes}."""  # noqa: E501


class StopRefused(Refusal):
    """Stop {number}, {site}: {reason}. Nothing was ordered."""


@dataclass(frozen=True)
class TravelRule:
    """How a way is reckoned: the straight line times `detour_factor` at `speed_kmh`, `pause_minutes` between."""

    detour_factor: float
    speed_kmh: float
    pause_minutes: int


@dataclass(frozen=True)
class Way:
    """From one stop to the next: along the straight line, and how long it takes."""

    distance_m: int
    travel_minutes: int


@dataclass(frozen=True)
class Time:
    """A slot of a stop."""

    slot_id: UUID
    starts_at: datetime
    ends_at: datetime


def way(before: Point, after: Point, *, rule: TravelRule, known_minutes: int | None = None) -> Way:
    """Return the way between two points; `known_minutes` is the operator's figure."""
    straight_m = distance_m(before, after)
    reckoned = travel_minutes(straight_m, detour_factor=rule.detour_factor, speed_kmh=rule.speed_kmh)
    return Way(round(straight_m), reckoned if known_minutes is None else known_minutes)


def ready_at(before: Time, way: Way, *, rule: TravelRule) -> datetime:
    """Return when the next stop may begin at the earliest."""
    return before.ends_at + timedelta(minutes=way.travel_minutes + rule.pause_minutes)


def plans(times: Sequence[Sequence[Time]], ways: Sequence[Way], *, rule: TravelRule) -> list[list[Time]]:
    """Return at most PLANS_MAX ways through the day, one slot for each stop in order; none when it does not fit.

    For each begin the slots that end earliest follow, which finds a plan wherever there is one. The plans with the
    least time in all are kept, and told from the earliest on.
    """
    found = list(_from_each_start(times, ways, rule=rule))
    shortest = sorted(found, key=lambda plan: (plan[-1].ends_at - plan[0].starts_at, plan[0].starts_at))
    return sorted(shortest[:PLANS_MAX], key=lambda plan: plan[0].starts_at)


def _from_each_start(times: Sequence[Sequence[Time]], ways: Sequence[Way], *, rule: TravelRule) -> Iterator[list[Time]]:
    for first in times[0]:
        plan = [first]
        for stop, leg in zip(times[1:], ways, strict=True):
            earliest = ready_at(plan[-1], leg, rule=rule)
            fitting = [time for time in stop if time.starts_at >= earliest]
            if not fitting:
                break
            plan.append(min(fitting, key=lambda time: (time.ends_at, time.slot_id)))
        else:
            yield plan
