"""Background jobs: a long task is a row; the call that asks for it answers at once, *work* does it, its state is seen.

waiting ──claim──▶ running ──▶ done
   ▲                 │  └────▶ failed      a refusal, or the last attempt failed
   └──attempt fails──┘
           also when the lease runs out: the process that worked on it is gone
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from contracts.envelope import dump
from sqlalchemy import Connection, Engine, Row, text

from chassis import clock, logs, metrics
from chassis.database import is_lost
from chassis.refusals import Refusal

log = logging.getLogger(__name__)

LEASE_S: Final = 30.0
PROGRESS_EVERY_S: Final = 0.5


class LeaseLost(Exception):
    """Another process has taken the job over; what this one did is undone."""


@dataclass(frozen=True)
class JobView:
    """A job as its owner sees it; `error` is {code, detail, params} of a refusal, or {detail}."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int | None
    asked_by: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    result: Any
    error: Any


@dataclass
class Job:
    """A job at work."""

    id: UUID
    kind: str
    params: dict[str, Any]
    asked_by: UUID | None
    attempt: int
    _engine: Engine = field(repr=False)
    _lease: UUID = field(repr=False)
    _told_at: float = field(default=0.0, repr=False)

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """Give a transaction of its own: what it writes is seen at once, whatever becomes of the job's."""
        with self._engine.begin() as db:
            yield db

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is; everybody sees it at once. Raises LeaseLost."""
        now = time.monotonic()
        if done != total and now - self._told_at < PROGRESS_EVERY_S:
            return
        self._told_at = now
        with self._engine.begin() as db:
            told = db.execute(_PROGRESS, {"id": self.id, "lease": self._lease, "done": done, "total": total})
        if told.rowcount != 1:
            raise LeaseLost(str(self.id))


@dataclass(frozen=True)
class Kind:
    """How one kind of job is done: `run(db, job, at=...)` returns the result."""

    name: str
    run: Callable[..., Any]
    attempts_max: int = 3
    first_pause_s: float = 5.0
    lease_s: float = LEASE_S


_ASK = text(
    "INSERT INTO jobs (id, kind, params, asked_by, asked_at)"
    " VALUES (:id, :kind, CAST(:params AS jsonb), :asked_by, :at)"
)
_FIND = text(
    "SELECT id, kind, state, done, total, asked_by, asked_at, ended_at, result, error FROM jobs WHERE id = :id"
)
_CLAIM = text(
    "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = gen_random_uuid(),"
    " lease_until = now() + make_interval(secs => :lease_s) WHERE id = (SELECT id FROM jobs"
    " WHERE kind = ANY(:kinds) AND next_try_at <= now()"
    " AND (state = 'waiting' OR (state = 'running' AND lease_until < now()))"
    " ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *"
)
_EXTEND = text(
    "UPDATE jobs SET lease_until = now() + make_interval(secs => :lease_s) WHERE id = :id AND lease = :lease"
)
_PROGRESS = text("UPDATE jobs SET done = :done, total = coalesce(:total, total) WHERE id = :id AND lease = :lease")
_DONE = text(
    "UPDATE jobs SET state = 'done', result = CAST(:result AS jsonb), ended_at = now(), lease = NULL,"
    " lease_until = NULL, error = NULL WHERE id = :id AND lease = :lease"
)
_FAILED = text(
    "UPDATE jobs SET state = :state, error = CAST(:error AS jsonb), lease = NULL, lease_until = NULL,"
    " ended_at = CASE WHEN :state = 'failed' THEN now() END,"
    " next_try_at = now() + make_interval(secs => :pause_s) WHERE id = :id AND lease = :lease"
)


def ask(db: Connection, kind: str, *, params: Mapping[str, Any], at: datetime, asked_by: UUID | None = None) -> UUID:
    """Ask for a job; it begins after the caller's transaction has committed. Returns its id."""
    job_id = uuid4()
    db.execute(
        _ASK, {"id": job_id, "kind": kind, "params": dump(dict(params)).decode(), "asked_by": asked_by, "at": at}
    )
    return job_id


def find(db: Connection, job_id: UUID) -> JobView | None:
    """Return a job as it stands, or None."""
    row = db.execute(_FIND, {"id": job_id}).first()
    return None if row is None else JobView(**row._mapping)


def run_one(engine: Engine, kinds: Mapping[str, Kind]) -> bool:
    """Claim a job of one of the kinds and do it; say whether there was one.

    The kind's function works on one transaction that also marks the job done. It may commit in between when its parts
    can be repeated.
    """
    lease_s = min((kind.lease_s for kind in kinds.values()), default=LEASE_S)
    with engine.begin() as db:
        row = db.execute(_CLAIM, {"kinds": list(kinds), "lease_s": lease_s}).first()
    if row is None:
        return False
    kind = kinds[row.kind]
    logs.enter(request=str(row.id), trace=None)
    if row.attempts > kind.attempts_max:
        # Its lease ran out each time: it ends the process that works on it.
        _end(engine, kind, row, TimeoutError("the process that worked on it was lost each time"))
        return True
    job = Job(row.id, row.kind, row.params, row.asked_by, row.attempts, _engine=engine, _lease=row.lease)
    done = threading.Event()
    threading.Thread(target=_keep_lease, args=(engine, row, lease_s, done), daemon=True).start()
    try:
        with engine.connect() as db:
            result = kind.run(db, job, at=clock.now())
            marked = db.execute(_DONE, {"id": row.id, "lease": row.lease, "result": dump(result).decode()})
            if marked.rowcount == 1:
                db.commit()
                metrics.JOBS_ENDED.labels(row.kind, "done").inc()
            else:
                log.warning("The job %s was taken over by another process.", row.kind)
    except LeaseLost:
        log.warning("The job %s was taken over by another process.", row.kind)
    except Exception as error:
        done.set()
        _end(engine, kind, row, error)
    finally:
        done.set()
    return True


def _keep_lease(engine: Engine, row: Row[Any], lease_s: float, done: threading.Event) -> None:
    while not done.wait(lease_s / 3):
        try:
            with engine.begin() as db:
                db.execute(_EXTEND, {"id": row.id, "lease": row.lease, "lease_s": lease_s})
        except Exception as error:
            # The next turn tries again; when the database stays away the lease runs out, as it should.
            log.warning("The lease of the job %s could not be extended: %s.", row.kind, type(error).__name__)


def _end(engine: Engine, kind: Kind, row: Row[Any], error: Exception) -> None:
    """Write down a failed attempt: failed for good, or to be tried again later."""
    refused = isinstance(error, Refusal)
    for_good = refused or (row.attempts >= kind.attempts_max and not is_lost(error))
    told: dict[str, Any] = {"detail": str(error) if refused else "It failed; the log says why."}
    if isinstance(error, Refusal):
        told |= {"code": error.code, "params": error.params}
    else:
        log.error("The job %s failed.", row.kind, exc_info=error, extra={"attempt": row.attempts, "alarm": for_good})
    with engine.begin() as db:
        db.execute(
            _FAILED,
            {
                "id": row.id,
                "lease": row.lease,
                "state": "failed" if for_good else "waiting",
                "error": dump(told).decode(),
                "pause_s": kind.first_pause_s * 2 ** (row.attempts - 1),
            },
        )
    if for_good:
        metrics.JOBS_ENDED.labels(row.kind, "failed").inc()
