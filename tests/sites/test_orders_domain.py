"""The rules of orders: the machine, the time to answer, what is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sites.domain import orders
from sites.domain.days import said
from sites.domain.orders import MOVES, STATES, answer_by, first_state

MONDAY = datetime(2026, 11, 9, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
FAR = MONDAY + timedelta(days=30)


class TestTheMachine:
    def test_every_state_is_reached_or_is_the_first(self) -> None:
        reached = {target for _, target in MOVES.values()}
        assert reached | {first_state("manual")} == set(STATES)

    def test_only_placed_and_confirmed_are_left_again_but_by_a_party_that_came(self) -> None:
        left = set().union(*(sources for move, (sources, _) in MOVES.items() if move != "restore"))
        assert left == {orders.PLACED, orders.CONFIRMED}
        assert MOVES["restore"] == ({orders.CANCELLED, orders.NO_SHOW}, orders.CONFIRMED)

    def test_the_drawing_names_every_move_and_state(self) -> None:
        drawing = orders.__doc__ or ""
        for word in (*MOVES, *STATES):
            assert word in drawing


SPRING = {date(2026, 2, 14): "workday_makeup", date(2026, 2, 16): "off"}


class TestAnswerBy:
    @pytest.mark.parametrize(
        ("placed_at", "until"),
        [
            (MONDAY, "2026-11-12 00:00"),  # Tuesday, Wednesday
            (MONDAY + timedelta(days=3), "2026-11-17 00:00"),  # Thursday: Friday, Monday
            (MONDAY + timedelta(days=5), "2026-11-18 00:00"),  # Saturday: Monday, Tuesday
            (datetime(2026, 11, 9, 15, 59, tzinfo=UTC), "2026-11-12 00:00"),  # 23:59 of Monday
            (datetime(2026, 11, 9, 16, 0, tzinfo=UTC), "2026-11-13 00:00"),  # 00:00 of Tuesday
            (datetime(2026, 2, 13, 4, 0, tzinfo=UTC), "2026-02-18 00:00"),  # Friday: the make-up Saturday, Tuesday
        ],
    )
    def test_is_the_end_of_the_second_working_day_after(self, placed_at: Any, until: Any) -> None:
        assert said(answer_by(placed_at, starts_at=FAR, public_days=SPRING)) == until

    def test_is_never_after_the_start(self) -> None:
        soon = MONDAY + timedelta(hours=3)
        assert answer_by(MONDAY, starts_at=soon, public_days={}) == soon


def test_an_order_begins_confirmed_where_the_site_confirms_by_itself() -> None:
    assert first_state("automatic") == orders.CONFIRMED
    assert first_state("manual") == orders.PLACED
