"""Seats kept for somebody for a time (S5, S6): hold, release, give back what has expired.

The slot is locked before its holds, as sql/take_seats.sql does, so each hold is given back once.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, text, update

from sites.tables.holds import holds
from sites.tables.places import slots


def hold(
    db: Connection, *, slot_id: UUID, seats: int, groups: int, purpose: str, for_id: UUID, until: datetime, at: datetime
) -> UUID:
    """Keep `seats` of the slot, and `groups` (0 or 1) places among its groups, until an instant; returns the hold.

    Raises what sql/take_seats.sql raises for an order, or for the draw of an allocation round: SlotFull, GroupsFull,
    SlotClosed, SlotPast, NotYetBookable, InAllocationRound.
    """
    db.execute(
        text("SELECT take_seats(:slot, :seats, :groups, :what, :at)"),
        {
            "slot": slot_id,
            "seats": seats,
            "groups": groups,
            "what": "allocation" if purpose == "allocation" else "order",
            "at": at,
        },
    )
    db.execute(update(slots).where(slots.c.id == slot_id).values(seats_held=slots.c.seats_held + seats))
    made = insert(holds).values(
        slot_id=slot_id, seats=seats, groups=groups, purpose=purpose, for_id=for_id, held_at=at, ends_at=until
    )
    hold_id: UUID = db.execute(made.returning(holds.c.id)).scalar_one()
    return hold_id


def release(db: Connection, hold_ids: Sequence[UUID], *, at: datetime) -> list[Row[Any]]:
    """Give back holds before their end; returns those that were live."""
    return _end(db, hold_ids, state="released", at=at)


def give_back_expired(db: Connection, *, slot_ids: Collection[UUID], at: datetime) -> list[Row[Any]]:
    """Give back the slots' holds whose end has come; returns them."""
    due = select(holds.c.id).where(holds.c.slot_id.in_(slot_ids), holds.c.state == "live", holds.c.ends_at <= at)
    return _end(db, list(db.execute(due).scalars()), state="expired", at=at)


def _end(db: Connection, hold_ids: Sequence[UUID], *, state: str, at: datetime) -> list[Row[Any]]:
    if not hold_ids:
        return []
    held = select(holds.c.slot_id).where(holds.c.id.in_(hold_ids))
    db.execute(select(slots.c.id).where(slots.c.id.in_(held)).order_by(slots.c.id).with_for_update(key_share=True))
    ended = list(
        db.execute(
            update(holds)
            .where(holds.c.id.in_(hold_ids), holds.c.state == "live")
            .values(state=state, ended_at=at)
            .returning(*holds.c)
        )
    )
    for hold in ended:
        db.execute(
            update(slots)
            .where(slots.c.id == hold.slot_id)
            .values(
                seats_taken=slots.c.seats_taken - hold.seats,
                seats_held=slots.c.seats_held - hold.seats,
                groups_taken=slots.c.groups_taken - hold.groups,
            )
        )
    return ended
