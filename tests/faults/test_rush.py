"""Seats are neither oversold nor lost, whatever is killed meanwhile (S6).

`make test` sends a small rush for each part that is killed; `make test-long` sends five hundred buyers at fifty seats,
and once more with one part after the other killed in the same rush.
"""

import time
from functools import partial
from typing import Final

import pytest
from local.testing import Platform

from tests.conftest import IS_LONG
from tests.faults.rush import a_slot_with, buy_in_parallel, orders_of, seats_taken
from tests.journeys.actors import Person

BUYERS, SEATS = (500, 50) if IS_LONG else (120, 20)
VICTIMS: Final = ("sites-serve", "rabbitmq", "postgres", "gateway")
RUSHES = [*((victim,) for victim in VICTIMS), *([VICTIMS] if IS_LONG else [])]


def test_64_parallel_orders_for_10_seats_give_exactly_10(stack: Platform, member: Person) -> None:
    slot = a_slot_with(stack, member, seats=10)
    outcomes = buy_in_parallel(member, slot, buyers=64)
    assert sorted(outcome.status for outcome in outcomes) == [201] * 10 + [409] * 54
    assert {outcome.body["code"] for outcome in outcomes if outcome.status == 409} == {"slot-full"}
    assert seats_taken(stack, slot) == 10


@pytest.mark.parametrize("victims", RUSHES, ids="+".join)
def test_a_rush_survives_kills(stack: Platform, member: Person, victims: tuple[str, ...]) -> None:
    slot = a_slot_with(stack, member, seats=SEATS)
    # The first is killed while seats are still sold, the others while buyers still ask.
    acts = {SEATS // 2 + number * SEATS: partial(stack.kill, victim) for number, victim in enumerate(victims)}
    began = time.monotonic()
    outcomes = buy_in_parallel(member, slot, buyers=BUYERS, threads=32, acts=acts)
    took_s = time.monotonic() - began
    stack.wait_until_ready()
    sold = [outcome for outcome in outcomes if outcome.status == 201]
    refused = [outcome for outcome in outcomes if outcome.status != 201]
    asked_again = sum(outcome.unanswered for outcome in outcomes)
    print(
        f"{BUYERS} buyers, {SEATS} seats, killed {', '.join(victims)}: {len(sold)} sold, {len(refused)} told that"
        f" the slot is full, in {took_s:.1f} s; {asked_again} times nobody could say, and the buyer asked again"
    )
    assert len(sold) == SEATS
    # Each of the others is told, and why.
    assert {(outcome.status, outcome.body["code"]) for outcome in refused} == {(409, "slot-full")}
    assert seats_taken(stack, slot) == SEATS
    # Who was told 201 has an order of their own, and nobody has one who was not told.
    assert {outcome.body["id"] for outcome in sold} == orders_of(stack, slot)
    for outcome in sold:
        assert member.get(f"/orders/{outcome.body['id']}")["state"] == "confirmed"
