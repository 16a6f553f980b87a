"""Seats kept for somebody (S5): part of what is taken, given back by whoever takes seats next, proved nightly."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from sites.domain.orders import GroupsFull, NotYetBookable, SlotClosed, SlotFull, SlotPast
from sites.operations import holds, seat_proof
from sqlalchemy import Connection, text

from tests.sites.articles import (
    NOON,
    Slot,
    a_branch,
    a_placed_order,
    a_secretary,
    a_slot,
    an_order,
    place,
    seats_taken,
    set_slot,
)

HOUR = timedelta(hours=1)


def a_hold(db: Connection, slot: Slot, *, seats: int = 20, groups: int = 0, until: Any = NOON + HOUR) -> Any:
    return holds.hold(
        db, slot_id=slot.id, seats=seats, groups=groups, purpose="offer", for_id=uuid4(), until=until, at=NOON
    )


def held(db: Connection, slot: Slot) -> tuple[int, int, int]:
    """Return the slot's seats taken, those of them that are held, and its groups."""
    row = db.execute(
        text("SELECT seats_taken, seats_held, groups_taken FROM slots WHERE id = :id"), {"id": slot.id}
    ).one()
    return tuple(row)


def test_a_hold_keeps_its_seats_from_others(db: Connection) -> None:
    slot = a_slot(db, seats=30)
    a_hold(db, slot, seats=20)
    with pytest.raises(SlotFull) as refused:
        a_placed_order(db, slot=slot, party_size=11)
    assert refused.value.params == {"seats_left": 10}
    a_placed_order(db, slot=slot, party_size=10)
    assert held(db, slot) == (30, 20, 1)


def test_an_order_gives_back_what_has_expired(db: Connection) -> None:
    slot = a_slot(db, seats=30)
    a_hold(db, slot, seats=20, groups=1)
    a_hold(db, slot, seats=5, until=NOON + 3 * HOUR)
    a_placed_order(db, slot=slot, party_size=25, at=NOON + HOUR)
    assert held(db, slot) == (30, 5, 1)
    assert seat_proof.slots_differing(db) == []


def test_a_released_hold_is_released_once(db: Connection) -> None:
    slot = a_slot(db, seats=30)
    hold_id = a_hold(db, slot, groups=1)
    assert [hold.id for hold in holds.release(db, [hold_id], at=NOON)] == [hold_id]
    assert holds.release(db, [hold_id], at=NOON) == []
    assert holds.give_back_expired(db, slot_ids=[slot.id], at=NOON + 2 * HOUR) == []
    assert held(db, slot) == (0, 0, 0)


def test_the_timer_gives_back_what_has_expired_and_nothing_else(db: Connection) -> None:
    slot = a_slot(db, seats=30)
    expired = a_hold(db, slot, seats=10)
    a_hold(db, slot, seats=5, until=NOON + HOUR + timedelta(seconds=1))
    assert [hold.id for hold in holds.give_back_expired(db, slot_ids=[slot.id], at=NOON + HOUR)] == [expired]
    assert held(db, slot) == (5, 5, 0)


def test_a_limit_on_groups_counts_branches_and_not_members(db: Connection) -> None:
    slot = a_slot(db, seats=60)
    set_slot(db, slot, groups_max=1)
    a_placed_order(db, slot=slot, party_size=5)
    with pytest.raises(GroupsFull) as refused:
        a_placed_order(db, slot=slot, party_size=5)
    assert refused.value.params == {"groups_max": 1}
    member = a_secretary(a_branch(db))
    assert place(db, an_order(slot, party_size=1), actor=member)["state"] == "confirmed"
    assert held(db, slot) == (6, 0, 1)


def test_a_slot_opens_for_orders_at_its_instant(db: Connection) -> None:
    slot = a_slot(db)
    set_slot(db, slot, bookable_from=NOON + HOUR)
    with pytest.raises(NotYetBookable) as refused:
        a_placed_order(db, slot=slot, at=NOON + HOUR - timedelta(seconds=1))
    assert refused.value.params == {"bookable_from": "2026-11-10 13:00"}
    a_placed_order(db, slot=slot, at=NOON + HOUR)
    assert seats_taken(db, slot) == 20


@pytest.mark.parametrize(
    ("column", "value", "refusal"),
    [
        ("closed_reason", "布展", SlotClosed),
        ("bookable_until", NOON, SlotPast),
        ("bookable_from", NOON + HOUR, NotYetBookable),
        ("seats", 19, SlotFull),
        ("groups_max", 0, GroupsFull),
    ],
)
def test_the_database_itself_refuses(db: Connection, column: str, value: Any, refusal: type[Exception]) -> None:
    slot = a_slot(db)
    set_slot(db, slot, **{column: value})
    with pytest.raises(refusal):
        a_hold(db, slot, groups=1)


def test_the_proof_finds_a_lost_seat(db: Connection, caplog: pytest.LogCaptureFixture) -> None:
    slot = a_slot(db)
    a_placed_order(db, slot=slot)
    a_hold(db, slot, groups=1)
    assert seat_proof.slots_differing(db) == []
    set_slot(db, slot, seats_taken=41, groups_taken=1)
    seat_proof.prove(db)
    assert REGISTRY.get_sample_value("slots_differing") == 1
    (alarm,) = [record for record in caplog.records if getattr(record, "alarm", False)]
    assert str(slot.id) in alarm.getMessage()
