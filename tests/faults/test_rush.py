"""Seats are neither oversold nor lost, whatever is killed meanwhile (S6)."""

import threading
import time
from collections.abc import Callable

import pytest
from local.testing import Platform

from tests.faults.rush import a_slot_with, buy_in_parallel, seats_taken
from tests.journeys.actors import Person


def test_64_parallel_orders_for_10_seats_give_exactly_10(stack: Platform, member: Person) -> None:
    slot = a_slot_with(stack, member, seats=10)
    outcomes = buy_in_parallel(member, slot, buyers=64)
    assert sorted(outcome.status for outcome in outcomes) == [201] * 10 + [409] * 54
    assert {outcome.body["code"] for outcome in outcomes if outcome.status == 409} == {"slot-full"}
    assert seats_taken(stack, slot) == 10


@pytest.mark.parametrize("victim", ["sites-serve", "rabbitmq", "postgres", "gateway"])
def test_a_rush_survives_a_kill(stack: Platform, member: Person, victim: str) -> None:
    slot = a_slot_with(stack, member, seats=50)
    with _meanwhile(lambda: stack.kill(victim), after_s=0.3):
        outcomes = buy_in_parallel(member, slot, buyers=300, threads=32)
    stack.wait_until_ready()
    sold = [outcome for outcome in outcomes if outcome.status == 201]
    assert len(sold) == 50
    assert all(outcome.status == 409 for outcome in outcomes if outcome not in sold)
    assert seats_taken(stack, slot) == 50
    # Who was told 201 has an order of their own.
    assert len({outcome.body["id"] for outcome in sold}) == 50
    for outcome in sold:
        assert member.get(f"/orders/{outcome.body['id']}")["state"] == "confirmed"


class _meanwhile:
    """Do something in another thread a moment after the block began; its failure fails the test."""

    def __init__(self, act: Callable[[], None], *, after_s: float) -> None:
        self._error: BaseException | None = None

        def wait_and_act() -> None:
            time.sleep(after_s)
            try:
                act()
            except BaseException as error:
                self._error = error

        self._thread = threading.Thread(target=wait_and_act)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        if self._error:
            raise self._error
