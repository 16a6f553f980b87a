"""The process *work* of a service, on plain threads: relay, inbox acts, timers under a leader lock, jobs.

    python -m chassis.work sites      loads sites.work:WORK and the listeners of sites.service:SERVICE

Each thread outlives the broker and the database: what fails is logged and tried again, ever more slowly up to 5 s.
"""

import argparse
import functools
import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

from chassis import clock, jobs, logs, metrics
from chassis.audit import proofs, refused, retention, sealing
from chassis.config import WorkConfig, leave, read_or_exit
from chassis.database import Access, connect
from chassis.inbox import Acting, Listening, Together, act
from chassis.leader import Leadership
from chassis.patience import PATIENCE
from chassis.relay import Pause, Relay

log = logging.getLogger(__name__)

PAUSE_MAX_S: Final = 5.0
LOOK_S: Final = 5.0
MOVED_LOOK_S: Final = 0.2
"""How often at least it is looked whether a timer is due, who leads, and what waits in the inbox."""
STOP_WAIT_S: Final = 10.0 * PATIENCE
ANSWER_S: Final = 2.0 * PATIENCE
NICENESS: Final = 5
POOL_SIZE: Final = 12


@dataclass(frozen=True)
class Timer:
    """Something to be done every so often by the leader: `run(db, at=...)`.

    It runs in one transaction, or in several when it commits its parts. Whether it is due is judged by the platform's
    clock: when that is moved, all timers are due.
    """

    name: str
    every_s: float
    run: Callable[..., Any]


class Work:
    """What a service does besides answering: its timers and jobs."""

    def __init__(
        self, *, service: str, attempts_max: int = 10, first_pause_s: float = 1.0, together: Together = nullcontext
    ) -> None:
        """`attempts_max` and `first_pause_s` say when an event that cannot be acted on is parked (pauses double).

        `together` stands around the events that are acted on in one transaction.
        """
        self.service = service
        self.together = together
        self.attempts_max = attempts_max
        self.first_pause_s = first_pause_s
        self.timers: dict[str, Timer] = {}
        self.jobs: dict[str, jobs.Kind] = {proofs.JOB: jobs.Kind(proofs.JOB, self._prove_audit)}

    def _prove_audit(self, db: Connection, job: jobs.Job, *, at: datetime) -> dict[str, Any]:
        return proofs.prove(db, service=self.service, progress=job.progress)

    def timer(self, *, every_s: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Have the leader run a function `(db, *, at)` every so many seconds."""

        def decorate(run: Callable[..., Any]) -> Callable[..., Any]:
            self.timers[run.__name__] = Timer(run.__name__, every_s, run)
            return run

        return decorate

    def job(
        self, kind: str, *, attempts_max: int = 3, first_pause_s: float = 5.0, lease_s: float = jobs.LEASE_S
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Do jobs of a kind with a function `(db, job, *, at)` that returns the result."""

        def decorate(run: Callable[..., Any]) -> Callable[..., Any]:
            self.jobs[kind] = jobs.Kind(kind, run, attempts_max, first_pause_s, lease_s)
            return run

        return decorate


class Process:
    """The threads of one *work* process."""

    def __init__(self, work: Work, service: type, *, database_url: str, amqp_url: str) -> None:
        self._work = work
        self._database_url = database_url
        self.engine = connect(database_url, service=work.service, pool_size=POOL_SIZE)
        self._acting = Acting(
            service, attempts_max=work.attempts_max, first_pause_s=work.first_pause_s, together=work.together
        )
        self._arrived = threading.Event()
        self._jobs_pause = Pause()
        hears = [Listening(source, event) for (source, _), (_, event) in self._acting.listeners.items()]
        self._relay = Relay(
            self.engine, service=work.service, amqp_url=amqp_url, hears=hears, tell_arrived=self._arrived.set
        )
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every thread."""
        self._spawn("relay", self._relay.turn, leave=self._relay.close)
        self._spawn("inbox", self._act)
        timers = _Timers(self._work, self.engine, url=self._database_url)
        self._spawn("timers", functools.partial(timers.turn, self._stopping), leave=timers.resign)
        if self._work.jobs:
            self._spawn("jobs", self._do_job)

    def stop(self) -> None:
        """Ask every thread to end with what it has in hand, and wait for them."""
        self._stopping.set()
        self._arrived.set()
        until = time.monotonic() + STOP_WAIT_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))
            if thread.is_alive():
                log.warning("The thread %s did not end in time; its work is undone and done again later.", thread.name)
        self.engine.dispose()

    def missing(self) -> list[str]:
        """Name what this process cannot reach."""
        found = [] if self._relay.is_connected else ["broker"]
        return found if answers(self.engine) else [*found, "database"]

    def _spawn(self, name: str, turn: Callable[[], None], *, leave: Callable[[], None] = lambda: None) -> None:
        thread = threading.Thread(target=self._repeat, args=(name, turn, leave), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _repeat(self, name: str, turn: Callable[[], None], leave: Callable[[], None]) -> None:
        """Take turns until the process stops, whatever happens to the broker and the database."""
        pause_s = 0.0
        while not self._stopping.is_set():
            try:
                turn()
                if pause_s:
                    log.info("The %s goes on.", name)
                pause_s = 0.0
            except Exception as error:
                if pause_s == 0.0:
                    log.warning("The %s stands still: %s.", name, type(error).__name__, exc_info=error)
                pause_s = min(PAUSE_MAX_S, pause_s * 2 or 0.2)
                self._stopping.wait(pause_s)
        try:
            leave()
        except Exception as error:
            log.warning("The %s did not take its leave: %s.", name, type(error).__name__)

    def _act(self) -> None:
        # The relay says when something waits; without a broker it does not look, and this looks by itself.
        self._arrived.wait(LOOK_S)
        self._arrived.clear()
        while not self._stopping.is_set() and act(self.engine, self._acting):
            pass

    def _do_job(self) -> None:
        if pause_s := self._jobs_pause.after(found=jobs.run_one(self.engine, self._work.jobs)):
            self._stopping.wait(pause_s)


class _Timers:
    """Runs a service's timers, each in a thread of its own, while this process leads."""

    def __init__(self, work: Work, engine: Engine, *, url: str) -> None:
        self._timers = {**own_timers(work.service), **work.timers}
        self._engine = engine
        self._leadership = Leadership(url, name=f"timers of {work.service}")
        self._running: dict[str, threading.Thread] = {}
        self._not_before: dict[str, float] = {}

    def turn(self, stopping: threading.Event) -> None:
        """Start what is due; then wait a few seconds."""
        leads = self._leadership.holds()
        metrics.LEADER.set(leads)
        with self._engine.begin() as db:
            ages = {row.name: row for row in db.execute(_LAST_RAN, {"at": clock.now()})}
        for name, row in ages.items():
            metrics.TIMER_LAST_RAN.labels(name).set(row.last_ran_at.timestamp())
        for timer in self._timers.values() if leads else ():
            ran = ages.get(timer.name)
            busy = self._running.get(timer.name)
            is_due = ran is None or abs(ran.age_s) >= timer.every_s
            if is_due and not (busy and busy.is_alive()) and time.monotonic() >= self._not_before.get(timer.name, 0):
                thread = threading.Thread(target=self._run, args=(timer,), name=timer.name, daemon=True)
                self._running[timer.name] = thread
                thread.start()
        often = MOVED_LOOK_S if clock.is_moved() else LOOK_S  # many a timer is due at once when a day is jumped over
        stopping.wait(min(often, *(timer.every_s / 2 for timer in self._timers.values())))

    def resign(self) -> None:
        """Wait for the runs that have begun, then let another process lead."""
        for thread in self._running.values():
            thread.join(timeout=STOP_WAIT_S / 2)
        self._leadership.resign()
        metrics.LEADER.set(0)

    def _run(self, timer: Timer) -> None:
        logs.enter(request=None, trace=None)
        try:
            with self._engine.connect() as db:
                at = clock.now()
                timer.run(db, at=at)
                # By when it began and not by when it ended: the clock may have been moved meanwhile.
                db.execute(_RAN, {"name": timer.name, "at": at})
                db.commit()
        except Exception:
            self._not_before[timer.name] = time.monotonic() + min(timer.every_s, 60)
            metrics.TIMER_FAILED.labels(timer.name).inc()
            log.exception("The timer %s failed.", timer.name, extra={"alarm": True})


_LAST_RAN = text(
    "SELECT name, last_ran_at, extract(epoch FROM CAST(:at AS timestamptz) - last_ran_at)::float8 AS age_s FROM timers"
)
_RAN = text(
    "INSERT INTO timers (name, last_ran_at) VALUES (:name, :at)"
    " ON CONFLICT (name) DO UPDATE SET last_ran_at = excluded.last_ran_at"
)


# ---- the chassis' own timers ----------------------------------------------------------------------------------

SWEPT_MAX: Final = 20_000

_SWEEPS: Final = (
    "DELETE FROM commands WHERE id IN (SELECT id FROM commands WHERE created_at < :at - interval '7 days' LIMIT :max)",
    # What the database dated itself is judged by its own clock.
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE sent_at < now() - interval '3 days' LIMIT :max)",
    "DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox"
    " WHERE state = 'acted' AND acted_at < now() - interval '30 days' LIMIT :max)",
)


def sweep(db: Connection, *, at: datetime) -> None:
    """Remove what nobody will ask for again: old answers, relayed events, events acted upon."""
    for statement in _SWEEPS:
        db.execute(text(statement), {"at": at, "max": SWEPT_MAX})


def count_waiting(db: Connection, *, at: datetime) -> None:
    """Tell in the metrics what waits in the outbox and the inbox."""
    row = db.execute(
        text(
            "SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS oldest_s"
            " FROM outbox WHERE sent_at IS NULL"
        )
    ).one()
    metrics.OUTBOX_WAITING.set(row.waiting)
    metrics.OUTBOX_OLDEST_S.set(row.oldest_s)
    for state in ("waiting", "parked"):
        found = db.execute(text("SELECT count(*) FROM inbox WHERE state = :state"), {"state": state})
        metrics.INBOX.labels(state).set(found.scalar_one())


def pass_refusals_on(db: Connection, *, at: datetime) -> None:
    """Pass the refusals of the minutes that are over on to the audit."""
    refused.pass_on(db, at=at)


def remove_old_audit(db: Connection, *, at: datetime) -> None:
    """Remove the audit's records that the rule keeps no longer, and write down which."""
    retention.remove_old(db, at=at)


def own_timers(service: str) -> dict[str, Timer]:
    """Return the timers that every service has by itself."""

    def seal_audit(db: Connection, *, at: datetime) -> None:
        sealing.seal_all(db, service=service)

    def checkpoint_audit(db: Connection, *, at: datetime) -> None:
        sealing.make_checkpoint(db, service=service, at=at)

    own = (
        Timer("sweep", 3600, sweep),
        Timer("count_waiting", 10, count_waiting),
        Timer("seal_audit", 2, seal_audit),
        Timer("checkpoint_audit", 600, checkpoint_audit),
        Timer("pass_refusals_on", 30, pass_refusals_on),
        Timer("remove_old_audit", 24 * 3600, remove_old_audit),
    )
    return {timer.name: timer for timer in own}


# ---- the process ----------------------------------------------------------------------------------------------


def answers(engine: Engine) -> bool:
    """Say whether the database answers."""
    try:
        with Access(engine, deadline=time.time() + ANSWER_S) as access:
            access.direct.execute("SELECT 1")
    except Exception:
        return False
    return True


def main() -> int:
    """Run the work of the service named on the command line until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m chassis.work", description=__doc__)
    parser.add_argument("service")
    name = parser.parse_args().service
    config = read_or_exit(WorkConfig)
    logs.begin(process=config.process_name or f"{name}-work", level=config.log_level)
    try:
        work = importlib.import_module(f"{name}.work").WORK
        service = importlib.import_module(f"{name}.service").SERVICE
    except (ModuleNotFoundError, AttributeError) as error:
        if getattr(error, "name", name) not in (name, f"{name}.work", f"{name}.service", "WORK", "SERVICE"):
            raise
        leave([f"{name} is no service: it needs {name}.service with SERVICE and {name}.work with WORK ({error})"])
    # Where cores are few, who waits for an answer goes first; what is told and timed catches up a moment later.
    os.nice(NICENESS)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    process = Process(work, service, database_url=config.database_url, amqp_url=config.amqp_url)
    metrics.serve_or_exit(config.metrics_port, missing=process.missing)
    process.start()
    log.info("%s works.", name)
    stopping.wait()
    log.info("%s stops.", name)
    process.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
