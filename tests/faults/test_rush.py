"""Seats are neither oversold nor lost, whatever is killed meanwhile (S6)."""

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
    slot = a_slot_with(stack, member, seats=20)
    outcomes = buy_in_parallel(member, slot, buyers=120, threads=32, after=10, act=lambda: stack.kill(victim))
    stack.wait_until_ready()
    sold = [outcome for outcome in outcomes if outcome.status == 201]
    assert len(sold) == 20
    assert all(outcome.status == 409 for outcome in outcomes if outcome not in sold)
    assert seats_taken(stack, slot) == 20
    # Who was told 201 has an order of their own.
    assert len({outcome.body["id"] for outcome in sold}) == 20
    for outcome in sold:
        assert member.get(f"/orders/{outcome.body['id']}")["state"] == "confirmed"
