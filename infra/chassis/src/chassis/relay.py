"""The relay: carries rows of the outbox to the broker and marks them sent once the broker has confirmed them.

It takes rows that are not sent, never "id greater than the last": ids appear in the order of commits' beginnings, not
of their ends. Several relays share the rows by SKIP LOCKED. Killed between the confirmation and the mark, it sends a
row again; the hearer drops the repeat by its event id.

It looks at both tables in one query, and tells when events wait in the inbox: a process that stands idle is woken once
a second, not once for each table.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from contracts.envelope import Header
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from chassis import metrics
from chassis.inbox import EVENTS_EXCHANGE, Listening, declare
from chassis.patience import PATIENCE
from chassis.wire import Confirmed, Link, LinkLost, table

log = logging.getLogger(__name__)

POLL_S: Final = 0.05
IDLE_POLL_S: Final = 1.0
"""While nothing comes, the pause between two looks at the table grows from POLL_S up to this."""
BATCH: Final = 500
CONFIRM_S: Final = 10.0 * PATIENCE

_LOOK = text(
    "SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL) AS leaving,"
    " EXISTS (SELECT FROM inbox WHERE state = 'waiting' AND next_try_at <= now()) AS arrived"
)
_TAKE = text(
    "SELECT id, event, traceparent, json_build_object('event_id', event_id, 'occurred_at', occurred_at,"
    " 'aggregate', aggregate, 'aggregate_id', aggregate_id, 'version', version, 'data', data)::text AS body"
    " FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED"
)
_MARK = text("UPDATE outbox SET sent_at = now() WHERE id = ANY(:ids)")


class Pause:
    """How long to wait before the next look at a table that is looked at again and again."""

    def __init__(self) -> None:
        self._s = POLL_S

    def after(self, *, found: bool) -> float:
        """Return the seconds to wait: none after something was found, ever more while nothing is."""
        if found:
            self._s = POLL_S
            return 0.0
        waits_s = self._s
        self._s = min(IDLE_POLL_S, self._s * 1.5)
        return waits_s


class Relay:
    """Carries one service's outbox over one link."""

    def __init__(
        self,
        engine: Engine,
        *,
        service: str,
        amqp_url: str,
        hears: list[Listening],
        tell_arrived: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._service = service
        self._url = amqp_url
        self._hears = hears
        self._tell_arrived = tell_arrived
        self._looking: Connection | None = None
        self._link: Link | None = None
        self._arrivals: Any = None
        self._published = 0
        self._pause = Pause()
        self._looks_at = 0.0

    @property
    def is_connected(self) -> bool:
        """Say whether the broker is connected."""
        return self._link is not None and self._link.alive

    def turn(self) -> None:
        """Carry what waits, or wait a moment for something; raises OSError, an amqp or a database error."""
        if self._link is None or not self._link.alive:
            self.close()
            self._connect()
        if (pause_s := self._looks_at - time.monotonic()) > 0:
            self._read(pause_s)
            return
        try:
            leaving, arrived = self._look()
            if arrived:
                self._tell_arrived()
                self._pause = Pause()  # where one comes, others follow
            carried = leaving and self._carry()
        except SQLAlchemyError:
            self._look_away()
            # The broker can do nothing for it: keep the link.
            self._read(POLL_S)
            raise
        except Exception:
            self.close()
            raise
        pause_s = self._pause.after(found=carried)
        self._looks_at = time.monotonic() + pause_s
        if not carried:
            # Reading is how the heartbeat is kept and how a broker that hangs up is noticed.
            self._read(pause_s)

    def close(self) -> None:
        """Let link and connection go; the next turn makes new ones."""
        self._look_away()
        link, self._link, self._arrivals = self._link, None, None
        if link is not None:
            link.close()
            link.drop()
        metrics.BROKER_CONNECTED.labels("relay").set(0)

    def _connect(self) -> None:
        link = Link(self._url)
        # Queues first: what is told before its hearer was ever there would be told to nobody.
        declare(link.channel, self._service, self._hears)
        link.channel.confirm_select()
        self._link, self._published = link, 0
        self._arrivals = link.arrivals(wait_s=POLL_S)
        metrics.BROKER_CONNECTED.labels("relay").set(1)

    def _look(self) -> tuple[bool, bool]:
        """Say whether events wait to leave, and whether some that arrived wait to be acted upon."""
        if self._looking is None:
            self._looking = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        leaving, arrived = self._looking.execute(_LOOK).one()
        return leaving, arrived

    def _look_away(self) -> None:
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.close()

    def _carry(self) -> bool:
        with self._engine.begin() as db:
            ids = self._send(db)
            if ids:
                db.execute(_MARK, {"ids": ids})
        metrics.EVENTS_RELAYED.labels(self._service).inc(len(ids))
        return bool(ids)

    def _send(self, db: Connection) -> list[int]:
        assert self._link is not None
        link, rows = self._link, db.execute(_TAKE, {"batch": BATCH}).all()
        if not rows:
            return []
        link.send(
            b"".join(
                link.publication(
                    row.body.encode(),
                    exchange=EVENTS_EXCHANGE.encode(),
                    routing_key=f"{self._service}.{row.event}".encode(),
                    headers=table({Header.TRACEPARENT: row.traceparent.encode()}) if row.traceparent else b"",
                    persistent=True,
                )
                for row in rows
            )
        )
        awaited = set(range(self._published + 1, self._published + len(rows) + 1))
        self._published += len(rows)
        until = time.monotonic() + CONFIRM_S
        while awaited:
            if time.monotonic() > until:
                raise LinkLost("the broker does not confirm")
            for said in self._read(POLL_S):
                if not isinstance(said, Confirmed):
                    continue
                if not said.taken:
                    raise LinkLost("the broker did not take an event")
                awaited -= {tag for tag in awaited if tag <= said.tag} if said.multiple else {said.tag}
        return [row.id for row in rows]

    def _read(self, wait_s: float) -> list[Any]:
        """Return what the broker has said, or nothing when it says nothing for so long."""
        assert self._link is not None
        self._link.wait_at_most(wait_s)
        try:
            return next(self._arrivals)
        except StopIteration:
            raise LinkLost("the broker took its leave") from None
