"""Trips: how long a way takes, which slots can follow each other (precise rule 19)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sites.domain.geography import Point
from sites.domain.routes import PLANS_MAX, Time, TravelRule, Way, plans, ready_at, way

from tests.articles import NOON

RULE = TravelRule(detour_factor=1.3, speed_kmh=40, pause_minutes=10)


def a_time(minute: int, *, minutes: int = 60) -> Time:
    starts_at = NOON + timedelta(minutes=minute)
    return Time(uuid4(), starts_at, starts_at + timedelta(minutes=minutes))


def test_a_way_is_the_straight_line_times_1_3_at_40_km_an_hour() -> None:
    # One tenth of a degree of latitude is 11.12 km: 14.46 km of road, 21.7 minutes.
    found = way(Point(lon=118, lat=36.6), Point(lon=118, lat=36.7), rule=RULE)
    assert found == Way(distance_m=pytest.approx(11_120, abs=5), travel_minutes=22)


def test_the_operators_figure_wins() -> None:
    found = way(Point(lon=118, lat=36.6), Point(lon=118, lat=36.7), rule=RULE, known_minutes=35)
    assert found.travel_minutes == 35


def test_the_next_stop_begins_after_the_way_and_ten_minutes() -> None:
    before = a_time(0)
    assert ready_at(before, Way(1, 20), rule=RULE) == before.ends_at + timedelta(minutes=30)
    exactly, too_early = a_time(90), a_time(89)
    assert plans([[before], [too_early]], [Way(1, 20)], rule=RULE) == []
    assert plans([[before], [too_early, exactly]], [Way(1, 20)], rule=RULE) == [[before, exactly]]


def test_the_shortest_trips_are_told_from_the_earliest_on() -> None:
    first = [a_time(minute) for minute in (0, 60, 120, 180)]
    second = [a_time(minute) for minute in (150, 270, 600)]
    found = plans([first, second], [Way(1, 20)], rule=RULE)
    assert [plan[0] for plan in found] == [first[0], first[1], first[3]]
    assert found[1] == [first[1], second[0]]


def test_a_stop_without_a_slot_leaves_no_plan() -> None:
    assert plans([[a_time(0)], []], [Way(1, 1)], rule=RULE) == []


@given(
    st.lists(st.lists(st.integers(0, 600), max_size=6), min_size=2, max_size=4),
    st.lists(st.integers(0, 60), min_size=3, max_size=3),
)
def test_every_plan_can_be_walked_and_one_is_found_where_there_is_one(
    minutes: list[list[int]], travel: list[int]
) -> None:
    times = [[a_time(minute, minutes=30) for minute in stop] for stop in minutes]
    ways = [Way(1, minute) for minute in travel[: len(times) - 1]]

    def walks(plan: list[Time]) -> bool:
        return all(
            after.starts_at >= ready_at(before, leg, rule=RULE)
            for before, after, leg in zip(plan, plan[1:], ways, strict=False)
        )

    def any_walk(plan: list[Time], rest: list[list[Time]]) -> bool:
        if not walks(plan):
            return False
        return not rest or any(any_walk([*plan, time], rest[1:]) for time in rest[0])

    found = plans(times, ways, rule=RULE)
    assert len(found) <= PLANS_MAX
    assert all(walks(plan) and len(plan) == len(times) for plan in found)
    assert bool(found) == any_walk([], times)
