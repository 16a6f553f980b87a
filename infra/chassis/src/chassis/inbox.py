"""The inbox: *serve* stores what other services tell before it acknowledges; *work* acts on each event once.

    broker ──▶ stored (waiting) ──▶ acknowledged          in *serve*; a repeat is dropped by its event id
    waiting ──act──▶ acted                                in *work*; the effect and the mark commit together
       └──attempt fails──▶ waiting, later … ──▶ parked    an alarm: somebody must look

Delivery is at least once and unordered. What cannot be read is parked, not lost.
"""

import functools
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg2
from contracts.envelope import Event, Header, event_name, load
from nameko.extensions import Entrypoint
from psycopg2.extras import execute_values
from sqlalchemy import Connection, Engine, Row, text

from chassis import clock, logs, metrics
from chassis.consumers import Consumer
from chassis.database import Access, Pool, is_lost
from chassis.patience import PATIENCE
from chassis.wire import Delivery, Link, acknowledgement

log = logging.getLogger(__name__)

EVENTS_EXCHANGE: Final = "events"
BATCH: Final = 200
STORE_S: Final = 5.0 * PATIENCE
TOGETHER: Final = 50
PAUSE_MAX_S: Final = 300


# psycopg2 itself refuses a text with NUL, by ValueError.
_NOT_TAKEN: Final = (psycopg2.DataError, ValueError)


class PredecessorMissing(Exception):
    """A listener raises this for an event that came before the one it builds on; it is tried again later."""


@dataclass(frozen=True)
class Listening:
    """What a listener hears: one kind of event of one service."""

    source: str
    event: type

    @property
    def key(self) -> str:
        """The routing key of these events."""
        return f"{self.source}.{event_name(self.event)}"


# ---- serve: store, then acknowledge ---------------------------------------------------------------------------


class InboxConsumer(Consumer):
    """Stores the events that a service hears."""

    part = "inbox"
    prefetch = BATCH
    pool = Pool()

    def __init__(self) -> None:
        super().__init__()
        self._listenings: list[Listening] = []

    def register(self, listening: Listening) -> None:
        """Hear these events too."""
        self._listenings.append(listening)

    def queue(self, channel: Any) -> str:
        """Declare the service's inbox queue and bind it to what the service hears."""
        return declare(channel, self.container.service_name, self._listenings)

    def take(self, link: Link, deliveries: list[Delivery]) -> None:
        """Store what arrived, then acknowledge it all at once."""
        rows = [_row_of(delivery) for delivery in deliveries]
        with Access(self.pool.engine, deadline=time.time() + STORE_S) as access:
            try:
                _store(access.direct, rows)
            except _NOT_TAKEN:
                # One of them holds what PostgreSQL does not take; it must not keep its neighbours out.
                for row, delivery in zip(rows, deliveries, strict=True):
                    try:
                        _store(access.direct, [row])
                    except _NOT_TAKEN as error:
                        _store(access.direct, [_unreadable(delivery, type(error).__name__)])
        metrics.EVENTS_STORED.labels(self.container.service_name).inc(len(rows))
        link.send(acknowledgement(deliveries[-1].tag, multiple=True))


class Listener(Entrypoint):
    """Has a listener's events stored; the method itself is run by *work*."""

    inbox_consumer = InboxConsumer()

    def __init__(self, source: str, event: type, **kwargs: Any) -> None:
        self._listening = Listening(source, event)
        super().__init__(**kwargs)

    def setup(self) -> None:
        """Let the events in."""
        self.inbox_consumer.register(self._listening)

    def stop(self) -> None:
        """Let no more events in."""
        self.inbox_consumer.pause()


def declare(channel: Any, service: str, listenings: Iterable[Listening]) -> str:
    """Declare the queue `inbox.<service>` and bind it to what the service hears; returns its name."""
    name = f"inbox.{service}"
    channel.exchange_declare(EVENTS_EXCHANGE, "topic", durable=True, auto_delete=False)
    channel.queue_declare(name, durable=True, auto_delete=False)
    for listening in listenings:
        channel.queue_bind(name, EVENTS_EXCHANGE, listening.key)
    return name


def _store(cursor: Any, rows: list[tuple[Any, ...]]) -> None:
    execute_values(
        cursor,
        "INSERT INTO inbox (event_id, source, event, aggregate, aggregate_id, version, data, occurred_at, traceparent,"
        " state, error) VALUES %s ON CONFLICT (event_id) DO NOTHING",
        rows,
        page_size=BATCH * 5,
    )


def _row_of(delivery: Delivery) -> tuple[Any, ...]:
    source, _, event = delivery.routing_key.partition(".")
    try:
        told = orjson.loads(delivery.body)
        return (
            UUID(told["event_id"]),
            source,
            event,
            str(told["aggregate"]),
            str(told["aggregate_id"]),
            int(told["version"]),
            orjson.dumps(told["data"]).decode(),
            str(told["occurred_at"]),
            delivery.headers.get(Header.TRACEPARENT, b"").decode(errors="replace") or None,
            "waiting",
            None,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return _unreadable(delivery, f"{type(error).__name__}: {error}")


def _unreadable(delivery: Delivery, reason: str) -> tuple[Any, ...]:
    """Return a parked row that keeps what could not be read, under an id made of its content."""
    source, _, event = delivery.routing_key.partition(".")
    metrics.EVENTS_PARKED.labels(event).inc()
    log.error("An event of %s cannot be read and is parked: %s.", delivery.routing_key, reason, extra={"alarm": True})
    kept = json.dumps({"unreadable": delivery.body.decode("latin-1").replace("\x00", "\\x00")})
    return (
        UUID(bytes=hashlib.sha256(delivery.routing_key.encode() + delivery.body).digest()[:16]),
        source,
        event,
        "",
        "",
        0,
        kept,
        clock.now(),
        None,
        "parked",
        reason.replace("\x00", ""),
    )


# ---- work: act once -------------------------------------------------------------------------------------------


Together = Callable[[Connection], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Acting:
    """How a service acts on what it hears: the service class with its listeners, and when to give up.

    `together` stands around the events of one transaction: what many of them ask for can be done once, at its end.
    """

    service: type
    attempts_max: int = 10
    first_pause_s: float = 1.0
    together: Together = nullcontext

    @functools.cached_property
    def listeners(self) -> dict[tuple[str, str], tuple[str, type]]:
        """Return the method's name and the event's class by source and event name."""
        return {
            (listening.source, event_name(listening.event)): (name, listening.event)
            for name in dir(self.service)
            for listening in getattr(getattr(self.service, name), "listens", ())
        }


_NEXT = text(
    "SELECT * FROM inbox WHERE state = 'waiting' AND next_try_at <= now()"
    " ORDER BY next_try_at LIMIT :most FOR UPDATE SKIP LOCKED"
)
_THIS = text("SELECT * FROM inbox WHERE event_id = :event_id AND state = 'waiting' FOR UPDATE SKIP LOCKED")
_ACTED = text("UPDATE inbox SET state = 'acted', acted_at = now(), error = NULL WHERE event_id = ANY(:event_ids)")
_FAILED = text(
    "UPDATE inbox SET attempts = attempts + 1, error = :error,"
    " state = CASE WHEN attempts + 1 >= :attempts_max THEN 'parked' ELSE 'waiting' END,"
    " next_try_at = now() + make_interval(secs => least(:pause_max_s, :first_pause_s * power(2, least(attempts, 20))))"
    " WHERE event_id = :event_id AND state = 'waiting' RETURNING state, attempts"
)


def act(engine: Engine, acting: Acting, *, most: int = TOGETHER) -> int:
    """Act on what waits, up to `most` events in one transaction; return how many were looked at.

    When one of them fails all are undone and each is acted upon by itself, so that it alone is put off, at last parked.
    Raises what a lost database raises.
    """
    with Access(engine) as access:
        db = access.transaction
        rows = db.execute(_NEXT, {"most": most}).all()
        if not rows:
            return 0
        try:
            with acting.together(db):
                for row in rows:
                    _hear(access, acting, row)
            db.execute(_ACTED, {"event_ids": [row.event_id for row in rows]})
            access.commit()
        except Exception as error:
            log.debug("One of %s events failed (%s); each is acted upon by itself.", len(rows), type(error).__name__)
        else:
            for row in rows:
                metrics.EVENTS_ACTED.labels(row.event).inc()
            return len(rows)
    for row in rows:
        act_once(engine, acting, event_id=row.event_id)
    return len(rows)


def act_once(engine: Engine, acting: Acting, *, event_id: UUID | None = None) -> bool:
    """Act on one event, the next one or the one named, unless somebody else holds it; say whether there was one.

    A failing listener's effect is undone and the event is put off, at last parked. Raises what a lost database raises.
    """
    with Access(engine) as access:
        db = access.transaction
        found = db.execute(_THIS, {"event_id": event_id}) if event_id else db.execute(_NEXT, {"most": 1})
        row = found.first()
        if row is None:
            return False
        undone = db.begin_nested()
        try:
            _hear(access, acting, row)
            undone.commit()
        except Exception as error:
            if is_lost(error):
                _put_off_afresh(engine, acting, row, error)
                return True
            undone.rollback()
            _put_off(db, acting, row, error)
        else:
            db.execute(_ACTED, {"event_ids": [row.event_id]})
            metrics.EVENTS_ACTED.labels(row.event).inc()
        access.commit()
        return True


def _hear(access: Access, acting: Acting, row: Row[Any]) -> None:
    logs.enter(request=str(row.event_id), trace=row.traceparent)
    found = acting.listeners.get((row.source, row.event))
    if found is None:
        log.info("Nobody listens to %s.%s any more.", row.source, row.event)
        return
    name, event = found
    service = acting.service()
    service.database = access
    heard = Event(
        event_id=row.event_id,
        occurred_at=row.occurred_at,
        aggregate=row.aggregate,
        aggregate_id=row.aggregate_id,
        version=row.version,
        data=load(event, row.data),
    )
    getattr(service, name)(heard, at=clock.now())


def _put_off(db: Connection, acting: Acting, row: Row[Any], error: Exception) -> None:
    put_off = db.execute(
        _FAILED,
        {
            "event_id": row.event_id,
            "error": logs.without_quotes(f"{type(error).__name__}: {error}")[:1000],
            "attempts_max": acting.attempts_max,
            "first_pause_s": acting.first_pause_s,
            "pause_max_s": PAUSE_MAX_S,
        },
    ).first()
    if put_off is None:
        return
    metrics.EVENTS_FAILED.labels(row.event).inc()
    fields = {"event_id": str(row.event_id), "attempts": put_off.attempts}
    if put_off.state == "parked":
        metrics.EVENTS_PARKED.labels(row.event).inc()
        log.error(
            "The event %s.%s is parked after its last attempt.",
            row.source,
            row.event,
            exc_info=error,
            extra={**fields, "alarm": True},
        )
    elif isinstance(error, PredecessorMissing):
        log.info("The event %s.%s waits for its predecessor.", row.source, row.event, extra=fields)
    else:
        log.warning("The event %s.%s failed and is put off.", row.source, row.event, exc_info=error, extra=fields)


def _put_off_afresh(engine: Engine, acting: Acting, row: Row[Any], error: Exception) -> None:
    """Put an event off on another connection, so that one which breaks its connection does not hold up all others."""
    with engine.begin() as db:
        _put_off(db, acting, row, error)
