"""What can be done with a counter."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.outbox import tell
from chassis.refusals import Refusal
from sqlalchemy import Connection, text

from counters.messages import Add, Added, Total

FULL = 100


class CounterFull(Refusal):
    """The counter has room for {room} more."""


def add(db: Connection, *, asked: Add, at: datetime) -> Total:
    """Add to a counter and tell of it. Raises CounterFull beyond one hundred."""
    if asked.pause_s:
        db.execute(text("SELECT pg_sleep(:s)"), {"s": asked.pause_s})
    total = db.execute(
        text(
            "INSERT INTO counters (name, total) VALUES (:name, :amount)"
            " ON CONFLICT (name) DO UPDATE SET total = counters.total + excluded.total RETURNING total"
        ),
        {"name": asked.counter, "amount": asked.amount},
    ).scalar_one()
    if total > FULL:
        raise CounterFull(room=FULL - (total - asked.amount))
    tell(
        db,
        Added(asked.counter, asked.amount, asked.listeners_fail),
        aggregate="counter",
        aggregate_id=asked.counter,
        version=total,
        at=at,
    )
    return Total(asked.counter, total)


def add_fast(cursor: Any, *, asked: Add, command_id: UUID, body_hash: bytes) -> bytes:
    """Add to a counter in one round trip. Raises CounterFull beyond one hundred."""
    cursor.execute(
        "SELECT add_fast(%s, %s, %s, %s, %s)", (command_id, body_hash, asked.counter, asked.amount, asked.pause_s)
    )
    answer: str = cursor.fetchone()[0]
    return answer.encode()


def hear(db: Connection, *, event_id: UUID, added: Added) -> None:
    """Write down that an addition was heard of."""
    db.execute(
        text("INSERT INTO heard (event_id, counter, amount) VALUES (:event_id, :counter, :amount)"),
        {"event_id": event_id, "counter": added.counter, "amount": added.amount},
    )
