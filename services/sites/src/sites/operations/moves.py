"""How an order moves: compare-and-set on its state, a row of history, and what an ending gives back.

Locks are always taken in the sequence order, slot, branch, caps, fund.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.outbox import tell
from chassis.refusals import NotFound
from contracts.sites.events import VisitCancelled
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, text, true, update

from sites.domain.orders import CONFIRMED, MOVES, is_group, state_at
from sites.operations import ledger, waiting
from sites.operations.guards import is_one_of
from sites.queries.order_rules import order_rules_at
from sites.tables.orders import order_history, orders
from sites.tables.places import slots

TIMER: Final = "timer"


def move(
    db: Connection,
    order_ids: Sequence[UUID],
    verb: str,
    *,
    at: datetime,
    by: Actor | None = None,
    reason: str | None = None,
    only_when: ColumnElement[bool] | None = None,
    **fields: Any,
) -> list[Row[Any]]:
    """Move the orders that the verb can move and `only_when` holds for; return them as they are now."""
    sources, target = MOVES[verb]
    changed = (
        update(orders)
        .where(
            orders.c.id.in_(order_ids), is_one_of(orders.c.state, sources), true() if only_when is None else only_when
        )
        .values(state=target, reason=reason, version=orders.c.version + 1, **fields)
        .returning(*orders.c)
    )
    moved = sorted(db.execute(changed), key=lambda order: order.id)
    who = {"by_id": by.person_id if by else None, "by_name": by.name if by else TIMER}
    history = [
        {"order_id": order.id, "move": verb, "state": target, "at": at, "reason": reason, **who} for order in moved
    ]
    if history:
        db.execute(insert(order_history), history)
    return moved


def end(
    db: Connection,
    order_ids: Sequence[UUID],
    verb: str,
    *,
    at: datetime,
    by: Actor | None = None,
    reason: str,
    only_when: ColumnElement[bool] | None = None,
    **fields: Any,
) -> list[Row[Any]]:
    """End orders without a visit: give back their seats and their money, tell the others. Returns the ended ones.

    The seats are offered to those who wait for them, in the same transaction.
    Class by class, never order by order: all orders, then all slots, then caps, then the fund.
    """
    ended = move(db, order_ids, verb, at=at, by=by, reason=reason, only_when=only_when, **fields)
    give_back_seats(db, ended)
    waiting.promote(db, {order.slot_id for order in ended}, at=at)
    subsidised = [order.id for order in ended if order.is_subsidised]
    if len(subsidised) > 1:
        ledger.lock_caps(db, subsidised)
    for order in ended:
        if order.is_subsidised:
            ledger.release(db, order_id=order.id, reason=f"order_{order.state}", at=at, by=by)
        if order.branch_id is not None:
            fact = VisitCancelled(order_id=order.id, branch_id=order.branch_id, state=order.state, reason=reason)
            tell(db, fact, aggregate="order", aggregate_id=order.id, version=order.version, at=at)
    return ended


def is_late(db: Connection, *, at: datetime) -> ColumnElement[bool]:
    """Return the condition under which cancelling an order now is late: it is confirmed, and the free time is over."""
    hours = timedelta(hours=order_rules_at(db, at).late_cancel_hours)
    free_until = (
        select(func.coalesce(slots.c.cancel_until, slots.c.starts_at - hours))
        .where(slots.c.id == orders.c.slot_id)
        .scalar_subquery()
    )
    return (orders.c.state == CONFIRMED) & (free_until <= at)


def give_back_seats(db: Connection, ended: Iterable[Row[Any]]) -> None:
    """Free the seats that the orders held, and their places among the slots' groups."""
    seats: dict[UUID, int] = {}
    groups: dict[UUID, int] = {}
    for order in ended:
        seats[order.slot_id] = seats.get(order.slot_id, 0) + order.seats
        groups[order.slot_id] = groups.get(order.slot_id, 0) + is_group(order.branch_id, order.group_name)
    if not seats:
        return
    slots = sorted(seats)
    given = {"slots": slots, "seats": [seats[slot] for slot in slots], "groups": [groups[slot] for slot in slots]}
    # Locked in the sequence of their ids, so that two who give back to the same slots do not wait in a ring.
    db.execute(text("SELECT 1 FROM slots WHERE id = ANY(:slots) ORDER BY id FOR NO KEY UPDATE"), given)
    db.execute(
        text(
            "UPDATE slots SET seats_taken = seats_taken - given.seats, groups_taken = groups_taken - given.groups"
            " FROM unnest(CAST(:slots AS uuid[]), CAST(:seats AS integer[]), CAST(:groups AS integer[]))"
            " AS given (slot_id, seats, groups)"
            " WHERE id = given.slot_id"
        ),
        given,
    )


def state_of(db: Connection, order_id: UUID, *, at: datetime) -> str:
    """Return the order's state as it stands now, by time. Raises NotFound."""
    table = orders.c
    found = db.execute(
        select(table.state, table.answer_by, table.checked_in, table.ends_at).where(table.id == order_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return state_at(**found._mapping, at=at)
