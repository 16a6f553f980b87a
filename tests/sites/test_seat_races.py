"""Seats held, amended, offered and taken by many at once: nothing is sold twice or lost."""

import hashlib
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.database import direct
from chassis.guard import Command
from contracts.sites.orders import AmendOrder
from contracts.sites.waiting import JoinWaitingList
from sites.operations import holds, orders, seat_proof, waiting
from sqlalchemy import Connection, Engine, text

from tests.races import at_once
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_secretary,
    a_site,
    a_slot,
    an_order,
    money_in_the_fund,
)
from tests.sites.test_races import _id, place

HOUR = timedelta(hours=1)


def amend(database: Engine, order_id: UUID, branch: Branch, **changed: Any) -> Any:
    with database.begin() as db:
        orders.amend(db, asked=AmendOrder(order_id, **changed), actor=a_secretary(branch), at=NOON)
        return "amended"


def join(db: Connection, slot: Slot, branch: Branch, *, party_size: int = 20) -> UUID:
    asked = JoinWaitingList(slot.id, party_size, "李书记", "13853312345", branch.id)
    return waiting.join(db, asked=asked, actor=a_secretary(branch), at=NOON).id


def accept(database: Engine, entry_id: UUID, branch: Branch, *, at: Any, command_id: UUID | None = None) -> Any:
    actor = a_secretary(branch)
    command = Command(command_id or uuid4(), hashlib.sha256(entry_id.bytes).digest(), "accept_offer")
    with direct(database, service="sites") as cursor:
        waiting.accept(cursor, entry_id=entry_id, actor=actor, at=at, command=command)
    return "accepted"


def proved(database: Engine) -> bool:
    with database.connect() as db:
        return seat_proof.slots_differing(db) == []


def test_holds_and_orders_at_once_share_the_seats_exactly(database: Engine) -> None:
    with database.begin() as db:
        slot = a_slot(db, seats=10)
        branches = [a_branch(db) for _ in range(12)]
        # Four seats are held past their end: whoever comes first gives them back, once.
        for _ in range(2):
            holds.hold(
                db, slot_id=slot.id, seats=2, groups=0, purpose="offer", for_id=uuid4(), until=NOON, at=NOON - HOUR
            )

    def hold() -> Any:
        with database.begin() as db:
            holds.hold(
                db, slot_id=slot.id, seats=1, groups=0, purpose="offer", for_id=uuid4(), until=NOON + HOUR, at=NOON
            )
            return "held"

    results = at_once(
        [
            *[hold] * 12,
            *(partial(place, database, an_order(slot, branch=b, party_size=1), actor=a_secretary(b)) for b in branches),
        ]
    )
    told = Counter(result if isinstance(result, str) else "placed" for result in results)
    assert told["held"] + told["placed"] == 10
    assert told["slot-full"] == 14
    assert proved(database)


def test_parties_that_change_places_both_ways_do_not_wait_in_a_ring(database: Engine) -> None:
    with database.begin() as db:
        money_in_the_fund(db)
        site = a_site(db)
        # Room for all of one side to come before any of the other has left.
        here, there = (
            a_slot(db, site=site, seats=3 * 10 + 3 * 12, starts_at=NOON + timedelta(days=2, hours=number))
            for number in (0, 1)
        )
        branches = [a_branch(db) for _ in range(6)]
    placed = [
        UUID(_id(place(database, an_order((here, there)[n % 2], branch=b, party_size=10), actor=a_secretary(b))))
        for n, b in enumerate(branches)
    ]
    moves = [
        partial(amend, database, order_id, branch, slot_id=(there, here)[n % 2].id, party_size=12)
        for n, (order_id, branch) in enumerate(zip(placed, branches, strict=True))
    ]
    assert Counter(at_once(moves)) == {"amended": 6}
    assert proved(database)
    with database.connect() as db:
        taken = list(db.execute(text("SELECT seats_taken, groups_taken FROM slots ORDER BY starts_at")))
        assert taken == [(36, 3), (36, 3)]


def test_the_last_seats_go_to_one_of_those_who_grow(database: Engine) -> None:
    with database.begin() as db:
        slot = a_slot(db, seats=25)
        branches = [a_branch(db), a_branch(db)]
    placed = [
        UUID(_id(place(database, an_order(slot, branch=b, party_size=10), actor=a_secretary(b)))) for b in branches
    ]
    grow = [partial(amend, database, o, b, party_size=15) for o, b in zip(placed, branches, strict=True)]
    assert Counter(at_once(grow)) == {"amended": 1, "slot-full": 1}
    assert proved(database)


@pytest.mark.parametrize("offset", [timedelta(seconds=-1), timedelta(0)])
def test_an_offer_is_taken_or_passed_on_and_never_both(database: Engine, offset: timedelta) -> None:
    with database.begin() as db:
        slot = a_slot(db, seats=20, starts_at=NOON + timedelta(days=3))
        leaving, first, second = a_branch(db), a_branch(db), a_branch(db)
    order_id = UUID(_id(place(database, an_order(slot, branch=leaving), actor=a_secretary(leaving))))
    with database.begin() as db:
        entry_id = join(db, slot, first)
        join(db, slot, second)
        orders.cancel(db, order_id=order_id, reason="雨", actor=a_secretary(leaving), at=NOON)
    over = NOON + 24 * HOUR

    def expire() -> Any:
        with database.begin() as db:
            return f"offered {waiting.pass_on(db, at=over)}"

    results = at_once([partial(accept, database, entry_id, first, at=over + offset), expire, expire])
    assert results[0] in ("accepted", "offer-over")
    assert results.count("offered 1") == (0 if results[0] == "accepted" else 1)
    assert proved(database)


def test_one_offer_accepted_and_declined_eight_times_is_one_or_the_other(database: Engine) -> None:
    with database.begin() as db:
        slot = a_slot(db, seats=20, starts_at=NOON + timedelta(days=3))
        leaving, branch = a_branch(db), a_branch(db)
    order_id = UUID(_id(place(database, an_order(slot, branch=leaving), actor=a_secretary(leaving))))
    with database.begin() as db:
        entry_id = join(db, slot, branch)
        orders.cancel(db, order_id=order_id, reason="雨", actor=a_secretary(leaving), at=NOON)
    command_id = uuid4()

    def leave() -> Any:
        with database.begin() as db:
            return waiting.leave(db, entry_id=entry_id, actor=a_secretary(branch), at=NOON).state

    results = at_once(
        [*[partial(accept, database, entry_id, branch, at=NOON, command_id=command_id)] * 4, *[leave] * 4]
    )
    told = Counter(results)
    assert (told["accepted"] > 0) != (told["declined"] > 0)
    assert told["declined"] <= 1
    with database.connect() as db:
        live = db.execute(text("SELECT count(*) FROM orders WHERE state = 'confirmed'")).scalar_one()
    assert live == (1 if told["accepted"] else 0)
    assert proved(database)
