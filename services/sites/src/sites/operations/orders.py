"""What happens to an order until the party comes (S6): place, amend (in modules of their own), confirm, refuse, cancel,
expire, miss. Every move is judged by time, so it makes no difference whether a timer has come by.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.actors import Actor
from contracts.sites.orders import OrderView
from sqlalchemy import ColumnElement, Connection, select

from sites.domain import vouchers
from sites.domain.orders import CONFIRMED, MISSED_AFTER, MOVES, PLACED, CancelledTooLate, OrderNotMovable
from sites.operations.amending import amend
from sites.operations.moves import end, is_late, move, state_of
from sites.operations.placing import place
from sites.queries.orders import order, order_for
from sites.tables.orders import orders

__all__ = ["amend", "cancel", "confirm", "expire", "miss", "miss_one", "place", "refuse"]

AT_ONCE_MAX: Final = 200
"""How many orders one run of a timer ends; the next run takes the rest."""


def confirm(db: Connection, *, order_id: UUID, actor: Actor, at: datetime) -> OrderView:
    """Say yes for the site and give the order its voucher. Raises OrderNotMovable."""
    order_for(db, order_id, actor=actor, action="confirm_order", at=at)
    in_time = orders.c.answer_by > at
    if not move(db, [order_id], "confirm", at=at, by=actor, only_when=in_time, voucher=vouchers.new_code()):
        raise OrderNotMovable(state=state_of(db, order_id, at=at), move="confirm")
    return order(db, order_id, actor=actor, at=at)


def refuse(db: Connection, *, order_id: UUID, reason: str, actor: Actor, at: datetime) -> OrderView:
    """Say no for the site; seats and money are free again. Raises OrderNotMovable."""
    order_for(db, order_id, actor=actor, action="refuse_order", at=at)
    if not end(db, [order_id], "refuse", at=at, by=actor, reason=reason, only_when=orders.c.answer_by > at):
        raise OrderNotMovable(state=state_of(db, order_id, at=at), move="refuse")
    return order(db, order_id, actor=actor, at=at)


def cancel(db: Connection, *, order_id: UUID, reason: str, actor: Actor, at: datetime) -> OrderView:
    """Give the seats back before the visit begins; a confirmed one too late for a free cancellation says so.

    Raises OrderNotMovable, CancelledTooLate.
    """
    order_for(db, order_id, actor=actor, action="cancel_order", at=at)
    in_time = orders.c.checked_in.is_(None) & (orders.c.starts_at > at)
    is_open = (orders.c.state == CONFIRMED) | (orders.c.answer_by > at)
    late = is_late(db, at=at)
    ended = end(
        db, [order_id], "cancel", at=at, by=actor, reason=reason, only_when=in_time & is_open, cancelled_late=late
    )
    if not ended:
        state = state_of(db, order_id, at=at)
        if state in MOVES["cancel"][0]:
            raise CancelledTooLate()
        raise OrderNotMovable(state=state, move="cancel")
    return order(db, order_id, actor=actor, at=at)


def expire(db: Connection, *, at: datetime) -> int:
    """End the orders that no steward answered in time; returns how many."""
    due = _due(db, (orders.c.state == PLACED) & (orders.c.answer_by <= at))
    return len(end(db, due, "expire", at=at, reason="未在期限内答复"))


def miss(db: Connection, *, at: datetime) -> int:
    """End the orders whose party had not come 30 minutes after the slot's end; returns how many."""
    not_come = orders.c.checked_in.is_(None)
    due = _due(db, (orders.c.state == CONFIRMED) & not_come & (orders.c.ends_at <= at - MISSED_AFTER))
    return len(end(db, due, "miss", at=at, reason="未到场", only_when=not_come))


def miss_one(db: Connection, *, order_id: UUID, at: datetime) -> None:
    """End one order that is a no-show by time, as the timer would."""
    not_come = orders.c.checked_in.is_(None) & (orders.c.ends_at <= at - MISSED_AFTER)
    end(db, [order_id], "miss", at=at, reason="未到场", only_when=not_come)


def _due(db: Connection, condition: ColumnElement[bool]) -> list[UUID]:
    """Return the orders that a timer has to end, locked; one that somebody moves right now is left to them."""
    found = select(orders.c.id).where(condition).order_by(orders.c.id).limit(AT_ONCE_MAX)
    return list(db.execute(found.with_for_update(skip_locked=True, key_share=True)).scalars())
