"""The outbox: a fact is told by a row in the transaction that makes it true; *work* relays the rows to the broker."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.envelope import dump, event_name
from sqlalchemy import Connection, text

from chassis import logs

_TELL = text(
    "INSERT INTO outbox (event_id, event, aggregate, aggregate_id, version, data, occurred_at, traceparent)"
    " VALUES (:event_id, :event, :aggregate, :aggregate_id, :version, CAST(:data AS jsonb), :at, :traceparent)"
)


def tell(db: Connection, event: Any, *, aggregate: str, aggregate_id: Any, version: int, at: datetime) -> UUID:
    """Tell the other services a past-tense fact when, and only when, the caller's transaction commits.

    `version` is the aggregate's version after the fact; hearers keep the highest. Returns the event's id.
    """
    event_id = uuid4()
    db.execute(
        _TELL,
        {
            "event_id": event_id,
            "event": event_name(type(event)),
            "aggregate": aggregate,
            "aggregate_id": str(aggregate_id),
            "version": version,
            "data": dump(event).decode(),
            "at": at,
            "traceparent": logs.traceparent.get() or None,
        },
    )
    return event_id
