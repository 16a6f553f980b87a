"""Seats held, amended, offered and taken by many at once; and any sequence of it all: nothing is sold twice or lost."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.database import connect, direct
from chassis.guard import Command
from chassis.refusals import Refusal
from contracts.sites.orders import AmendOrder
from contracts.sites.waiting import JoinWaitingList
from hypothesis import given, settings
from hypothesis import strategies as st
from sites.operations import holds, orders, seat_proof, waiting
from sqlalchemy import Connection, Engine, text

from tests.conftest import TestDatabase
from tests.sites.articles import (
    NOON,
    Branch,
    Slot,
    a_branch,
    a_secretary,
    a_site,
    a_slot,
    a_steward,
    an_order,
    fund_year,
    money_in_the_fund,
)
from tests.sites.articles import place as place_in
from tests.sites.test_races import _id, at_once, place
from tests.sites.test_waiting import accepted

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
        here, there = (
            a_slot(db, site=site, seats=60, starts_at=NOON + timedelta(days=2, hours=number)) for number in (0, 1)
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


acts = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(0, 2), st.integers(1, 12)),
        st.tuples(st.just("join"), st.integers(0, 2), st.integers(1, 12)),
        st.tuples(st.just("amend"), st.integers(0, 9), st.integers(1, 14)),
        st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 2)),
        st.tuples(st.sampled_from(["accept", "leave"]), st.integers(0, 9), st.just(0)),
        st.tuples(st.sampled_from(["cancel", "refuse", "confirm", "expire"]), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("pass_on"), st.integers(0, 30), st.just(0)),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def ground(clone_of: Callable[[str], TestDatabase]) -> Iterator[Any]:
    engine = connect(clone_of("sites").url, service="sites")
    with engine.begin() as db:
        fund = money_in_the_fund(db)
        site = a_site(db)
    yield engine, fund, site
    engine.dispose()


@settings(max_examples=25)
@given(acts=acts)
def test_counters_and_ledger_add_up_whatever_happens(ground: Any, acts: Any) -> None:
    """Orders, amendments, cancellations, promotions, expiries in any sequence; what is refused changes nothing."""
    engine, fund, site = ground
    with engine.connect() as db:
        slots = [
            a_slot(db, site=site, seats=20, starts_at=NOON + timedelta(days=3, minutes=number), confirmation=way)
            for number, way in enumerate(("automatic", "manual", "automatic"))
        ]
        placed: list[tuple[UUID, Branch]] = []
        entries: list[tuple[UUID, Branch]] = []
        for verb, number, count in acts:
            point = db.begin_nested()
            try:
                _act(db, verb, number, count, slots=slots, placed=placed, entries=entries)
                point.commit()
            except Refusal:
                point.rollback()
        assert seat_proof.slots_differing(db) == []
        for taken, seats in db.execute(text("SELECT seats_taken, seats FROM slots")):
            assert 0 <= taken <= seats
        year = fund_year(db, fund)
        pending = db.execute(
            text("SELECT coalesce(sum(amount_fen), 0) FROM encumbrances WHERE state = 'pending'")
        ).scalar_one()
        estimated = db.execute(
            text("SELECT coalesce(sum(subsidy_estimate_fen), 0) FROM orders WHERE state IN ('placed', 'confirmed')")
        ).scalar_one()
        by_entries = db.execute(
            text(
                "SELECT coalesce(sum(CASE WHEN credit = 'encumbered' THEN amount_fen"
                " WHEN debit = 'encumbered' THEN -amount_fen END), 0) FROM ledger_entries"
            )
        ).scalar_one()
        assert year.encumbered_fen == pending == estimated == by_entries
        assert year.available_fen + year.encumbered_fen == year.appropriated_fen
        db.rollback()


def _act(
    db: Connection,
    verb: str,
    number: int,
    count: int,
    *,
    slots: list[Slot],
    placed: list[tuple[UUID, Branch]],
    entries: list[tuple[UUID, Branch]],
) -> None:
    if verb == "place":
        branch = a_branch(db)
        order = an_order(slots[number], branch=branch, party_size=count)
        placed.append((UUID(place_in(db, order, actor=a_secretary(branch))["id"]), branch))
    elif verb == "join":
        branch = a_branch(db)
        entries.append((join(db, slots[number], branch, party_size=count), branch))
    elif verb == "pass_on":
        waiting.pass_on(db, at=NOON + number * HOUR)
    elif verb in ("accept", "leave") and entries:
        entry_id, branch = entries[number % len(entries)]
        if verb == "leave":
            waiting.leave(db, entry_id=entry_id, actor=a_secretary(branch), at=NOON)
            return
        placed.append((UUID(accepted(db, entry_id, by=a_secretary(branch), at=NOON)["id"]), branch))
    elif verb not in ("accept", "leave") and placed:
        order_id, branch = placed[number % len(placed)]
        _move(db, verb, order_id, branch, count=count, slots=slots)


def _move(db: Connection, verb: str, order_id: UUID, branch: Branch, *, count: int, slots: list[Slot]) -> None:
    secretary, steward = a_secretary(branch), a_steward(slots[0].site)
    if verb == "amend":
        orders.amend(db, asked=AmendOrder(order_id, party_size=count), actor=secretary, at=NOON)
    elif verb == "move":
        orders.amend(db, asked=AmendOrder(order_id, slot_id=slots[count].id), actor=secretary, at=NOON)
    elif verb == "cancel":
        orders.cancel(db, order_id=order_id, reason="雨", actor=secretary, at=NOON)
    elif verb == "refuse":
        orders.refuse(db, order_id=order_id, reason="满", actor=steward, at=NOON)
    elif verb == "confirm":
        orders.confirm(db, order_id=order_id, actor=steward, at=NOON)
    elif verb == "expire":
        orders.expire(db, at=slots[0].starts_at)
