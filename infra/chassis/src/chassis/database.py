"""A service's own PostgreSQL: SQLAlchemy on psycopg2, a sized pool, timeouts, and the fast path on a raw cursor.

Under eventlet (patched first) psycopg2 yields while it waits; in plain threads it blocks its thread. A call holds at
most one connection of the pool, so calls never wait for each other's second one.

    .transaction   a SQLAlchemy Connection inside one transaction; the door begins, commits or rolls back
    .direct        a psycopg2 cursor in autocommit, for an SQL function that does a whole command in one round trip
"""

import math
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import eventlet
import eventlet.patcher
import psycopg2
import psycopg2.extras
import sqlalchemy
from nameko.extensions import DependencyProvider, SharedExtension
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.audit.records import KEEP, Record
from chassis.patience import PATIENCE
from chassis.refusals import SQLSTATE_CLASS, Busy, DeadlinePassed, Refusal, ServiceUnavailable, from_sql

POOL_SIZE: Final = 8
POOL_WAIT_S: Final = 3.0 * PATIENCE
CONNECT_S: Final = math.ceil(3 * PATIENCE)
LOCK_TIMEOUT_MS: Final = math.ceil(3_000 * PATIENCE)
STATEMENT_STEP_MS: Final = 250
"""A statement may outlive its deadline by this much: equal timeouts need no SET, so they are rounded up to it."""
STATEMENT_MAX_MS: Final = 300_000

# LockNotAvailable, DeadlockDetected, SerializationFailure; the caller's retry is safe, its guard row is gone.
_CONTENDED = {"55P03", "40P01", "40001"}
_CANCELLED = "57014"

psycopg2.extras.register_uuid()


def connect(
    url: str, *, service: str = "", pool_size: int = POOL_SIZE, lock_timeout_ms: int = LOCK_TIMEOUT_MS
) -> Engine:
    """Return an engine for the service's database; connects when it is first used.

    SQL functions that refuse raise the service's Refusal classes. A connection that the server has closed while it
    stood in the pool is noticed without a round trip and replaced.
    """
    engine = sqlalchemy.create_engine(
        make_url(url).set(drivername="postgresql+psycopg2"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        pool_use_lifo=True,
        # A statement's parameters are personal data; they never stand in an error's text.
        hide_parameters=True,
        connect_args={
            "application_name": service or "plain",
            "connect_timeout": CONNECT_S,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            # Our statements are planned each time they are sent. Trying all sequences of eight joins takes three times
            # as long as of six, and both come out the same: they begin at the table that they ask for by its key.
            "options": f"-c timezone=UTC -c lock_timeout={lock_timeout_ms} -c statement_timeout={STATEMENT_MAX_MS}"
            " -c join_collapse_limit=6"
            f" -c idle_in_transaction_session_timeout={STATEMENT_MAX_MS}",
        },
    )
    poll = _unpatched_poll()

    if _is_green():

        @event.listens_for(engine, "do_connect")
        def connect_in_time(dialect: Any, record: Any, args: Any, settings: Any) -> Any:
            # libpq keeps its connect_timeout only where it may block.
            late = psycopg2.OperationalError("the database did not answer in time")
            with eventlet.Timeout(CONNECT_S, late):
                return dialect.connect(*args, **settings)

    @event.listens_for(engine, "checkout")
    def replace_stale(raw: Any, record: Any, fairy: Any) -> None:
        # Nothing is asked of an idle connection, so anything to read is the server's farewell.
        if raw.closed:
            raise DisconnectionError("the connection is closed")
        waiter = poll()
        waiter.register(raw.fileno(), select.EPOLLIN)
        if waiter.poll(0):
            raise DisconnectionError("the server closed the connection")

    @event.listens_for(engine, "handle_error")
    def refuse(context: Any) -> None:
        refusal = _refusal_in(context.original_exception, service)
        if refusal is not None:
            raise refusal from context.original_exception

    return engine


class DirectCursor(psycopg2.extensions.cursor):
    """A psycopg2 cursor whose errors of class ZH are the service's refusals."""

    service = ""

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run one statement; raises the Refusal that an SQL function raised."""
        try:
            super().execute(query, vars)
        except psycopg2.Error as error:
            refusal = _refusal_in(error, self.service)
            if refusal is None:
                raise
            raise refusal from error


class Access:
    """What one call may do with the database: either a transaction or the direct cursor, on one connection."""

    def __init__(self, engine: Engine, *, service: str = "", deadline: float | None = None) -> None:
        self.engine = engine
        self.deadline = deadline
        self._service = service
        self._connection: Connection | None = None
        self._fairy: Any = None
        self._cursor: DirectCursor | None = None
        self.record: Record | None = None
        """What the audit keeps of this call; written with the next commit."""

    @property
    def transaction(self) -> Connection:
        """The call's transaction, begun when it is first asked for."""
        if self._connection is None:
            if self._cursor is not None:
                raise RuntimeError("this call already works on the direct cursor; it cannot open a transaction too")
            connection = self.engine.connect()
            try:
                raw = connection.connection.dbapi_connection
                assert raw is not None
                _limit(raw, connection.info, self._limit_ms())
                connection.begin()
            except BaseException:
                connection.invalidate()
                connection.close()
                raise
            self._connection = connection
        return self._connection

    @property
    def direct(self) -> DirectCursor:
        """A raw cursor in autocommit, from the same pool."""
        if self._cursor is None:
            if self._connection is not None:
                raise RuntimeError("this call already works in a transaction; it cannot use the direct cursor too")
            fairy = self.engine.raw_connection()
            try:
                raw = cast(Any, fairy.dbapi_connection)
                _limit(raw, fairy.info, self._limit_ms())
                raw.autocommit = True
                self._cursor = raw.cursor(cursor_factory=DirectCursor)
                self._cursor.service = self._service
            except BaseException:
                fairy.invalidate()
                raise
            self._fairy = fairy
        return self._cursor

    def commit(self) -> None:
        """Commit the transaction, if one was begun; raises DeadlinePassed instead when nobody waits any more."""
        if self._connection is not None:
            if self.deadline is not None and time.time() > self.deadline:
                raise DeadlinePassed()
            if self.record is not None:
                record, self.record = self.record, None
                self._connection.execute(KEEP, {"record": record.text()})
            self._connection.commit()

    def close(self) -> None:
        """Undo what was not committed and give the connection back."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            # A connection that cannot even roll back is thrown away by SQLAlchemy; the next call gets a new one.
            try:
                connection.close()
            except DBAPIError:
                connection.invalidate()
        if self._fairy is not None:
            fairy, self._fairy, self._cursor = self._fairy, None, None
            raw = fairy.dbapi_connection
            if raw.closed or raw.info.transaction_status != TRANSACTION_STATUS_IDLE:
                fairy.invalidate()
            else:
                raw.autocommit = False
                fairy.close()

    def __enter__(self) -> "Access":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _limit_ms(self) -> int:
        if self.deadline is None:
            return STATEMENT_MAX_MS
        left_ms = (self.deadline - time.time()) * 1000
        if left_ms <= 0:
            raise DeadlinePassed()
        return min(STATEMENT_MAX_MS, math.ceil(left_ms / STATEMENT_STEP_MS) * STATEMENT_STEP_MS)


@contextmanager
def direct(engine: Engine, *, service: str = "") -> Iterator[DirectCursor]:
    """Lend a direct cursor outside of a door: tests, jobs."""
    with Access(engine, service=service) as access:
        yield access.direct


class Pool(SharedExtension):
    """The one engine of a nameko container."""

    engine: Engine

    def setup(self) -> None:
        """Make the engine from the container's settings."""
        settings = self.container.config
        self.engine = connect(
            settings["DATABASE_URL"],
            service=self.container.service_name,
            pool_size=int(settings.get("POOL_SIZE", POOL_SIZE)),
            lock_timeout_ms=int(settings.get("LOCK_TIMEOUT_MS", LOCK_TIMEOUT_MS)),
        )

    def stop(self) -> None:
        """Close the connections that stand in the pool."""
        self.engine.dispose()


class Database(DependencyProvider):
    """Gives each call of a service its access to the service's database."""

    pool = Pool()

    def get_dependency(self, worker_ctx: Any) -> Access:
        """Return the access of one call."""
        return Access(self.pool.engine, service=worker_ctx.service_name)


def refusal_of(error: BaseException, *, service: str, deadline: float | None) -> Refusal | None:
    """Return what a database error means to the caller, or None when it is a fault."""
    if isinstance(error, PoolTimeout):
        return Busy()
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg2.Error):
        return None
    state = original.pgcode
    if state in _CONTENDED:
        return Busy()
    if state == _CANCELLED:
        late = deadline is not None and time.time() > deadline - STATEMENT_STEP_MS / 1000
        return DeadlinePassed() if late else Busy()
    if is_lost(original):
        return ServiceUnavailable(service=service)
    return None


def is_lost(error: BaseException) -> bool:
    """Say whether the error means that the database, or the way to it, is gone."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, (psycopg2.OperationalError, psycopg2.InterfaceError)):
        return False
    state = original.pgcode
    # No state: libpq could not connect, or the server hung up. 08 connection, 53 resources, 57P shutting down.
    return state is None or state[:2] in ("08", "53") or state.startswith("57P")


def _refusal_in(error: BaseException | None, service: str) -> Refusal | None:
    if isinstance(error, psycopg2.Error) and (error.pgcode or "").startswith(SQLSTATE_CLASS):
        return from_sql(error.diag.message_primary or "", error.diag.message_detail, service=service)
    return None


def _limit(raw: Any, info: Any, limit_ms: int) -> None:
    """Set the connection's statement_timeout, outside of any transaction, where it differs from the last one."""
    if info.get("statement_timeout_ms") == limit_ms:
        return
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {limit_ms:d}")
    finally:
        if not raw.closed:
            raw.autocommit = False
    info["statement_timeout_ms"] = limit_ms


def _unpatched_poll() -> Any:
    """Return select.poll as the system has it: a poll that does not wait needs no green version."""
    return eventlet.patcher.original("select").poll if _is_green() else select.poll


def _is_green() -> bool:
    return bool(eventlet.patcher.is_monkey_patched("socket"))
