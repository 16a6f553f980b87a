"""`python -m tests.benchmarks.dues`: a month of dues of 48 000 members in 1 800 branches, and the sums of the district.

A private, durable server; each figure is the median of five runs; what is reckoned is undone after each.
"""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID, uuid4

from chassis.database import connect
from contracts.roster.dues import DuesMonthAsked
from contracts.roster.dues_arrears import DuesArrearsAsked
from local import databases, processes
from local.clone import CLONE, TEST_RUN
from local.erasing import erase
from local.postgres import Postgres
from roster.operations.dues import assess_due
from roster.queries import dues, dues_arrears, dues_sums
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor

FOLDER: Final = TEST_RUN / "dues"
TOWNS: Final = 13
BRANCHES: Final = 1_800
MEMBERS: Final = 48_000
AT: Final = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
RUNS: Final = 5

_GROUND: Final = (
    """INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
       SELECT CAST(:root AS uuid), '9', '区委', 'committee', 'rural', '9', NULL""",
    """INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
       SELECT gen_random_uuid(), '9t' || n, '镇党委' || n, 'committee', 'rural', '9.9t' || n, CAST(:root AS uuid)
       FROM generate_series(1, :towns) n""",
    """INSERT INTO organisations (id, code, name, kind, field, path, parent_id)
       SELECT gen_random_uuid(), '9b' || n, '党支部' || n, 'branch', 'rural', t.path || '.9b' || n, t.id
       FROM generate_series(1, :branches) n JOIN organisations t ON t.code = '9t' || (n % :towns + 1)""",
    """INSERT INTO people (id, name, born_on) SELECT gen_random_uuid(), '党员' || n, date '1950-01-01' + n
       FROM generate_series(1, :members) n""",
    """INSERT INTO members (person_id, branch_id, status, since)
       SELECT p.id, b.id, 'full', '2015-01-01'
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM people WHERE name LIKE '党员%') p
       JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS n FROM organisations WHERE code LIKE '9b%') b
         ON b.n = p.n % :branches""",
    """INSERT INTO dues_bases (person_id, kind, amount_fen, active_from, entered_at)
       SELECT person_id, (ARRAY['wage', 'pension'])[1 + abs(hashtext(person_id::text)) % 2],
              250000 + abs(hashtext(person_id::text)) % 900000, '2026-01-01', now() FROM members""",
    "ANALYZE",
)
_PAID: Final = (
    """INSERT INTO dues_receipts
           (id, branch_id, year, number, person_id, method, paid_on, issued_on, issued_at, issued_by)
       SELECT gen_random_uuid(), branch_id, 2026, row_number() OVER (PARTITION BY branch_id), person_id, 'cash',
              '2026-11-09', '2026-11-09', now(), 'x'
       FROM (SELECT DISTINCT branch_id, person_id FROM dues_obligations) p WHERE hashtext(person_id::text) % 50 <> 0""",
    """INSERT INTO dues_payments (receipt_id, person_id, month, branch_id, amount_fen, paid_on, recorded_at, by_name)
       SELECT r.id, o.person_id, o.month, o.branch_id, o.due_fen, r.paid_on, now(), 'x'
       FROM dues_receipts r JOIN dues_obligations o ON o.person_id = r.person_id""",
    "ANALYZE",
)


def main() -> int:
    with _database() as engine:
        root = uuid4()
        given = {"root": root, "towns": TOWNS, "branches": BRANCHES, "members": MEMBERS}
        with engine.begin() as db:
            for statement in _GROUND:
                db.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})
        month = _timed("a month reckoned", lambda: _undone(engine, lambda db: assess_due(db, at=AT, part=BRANCHES)))
        print(f"{MEMBERS / month:,.0f} members a second")
        for at in (AT.replace(month=9), AT.replace(month=10), AT):
            with engine.begin() as db:
                assess_due(db, at=at, part=BRANCHES)
        with engine.begin() as db:
            for statement in _PAID:
                db.execute(text(statement))
        with engine.connect() as db:
            _look(db, root)
    return 0


@contextmanager
def _database() -> Iterator[Engine]:
    """A durable server with an empty, migrated roster database; all of it is gone afterwards."""
    server = Postgres(folder=FOLDER, durable=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    processes.stop([found.pid for found in processes.found(FOLDER)], first=signal.SIGINT, wait_s=60)
    erase(FOLDER)
    server.choose_port()
    server.prepare()
    started = processes.start(server.program(), dies_with_parent=True)
    try:
        while not server.is_ready():
            time.sleep(0.2)
        databases.create_service_database(server, "roster")
        subprocess.run(
            [sys.executable, "-m", "chassis.migrations", "upgrade", "roster"],
            cwd=CLONE,
            env={
                **os.environ,
                "MIGRATION_DATABASE_URL": server.url(user=databases.owner_of("roster"), database="roster"),
            },
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        yield connect(server.url(user="roster", database="roster"), service="roster", pool_size=2)
    finally:
        processes.stop([started.pid], first=signal.SIGINT, wait_s=60)
        started.wait()
        erase(FOLDER)


def _look(db: Connection, root: UUID) -> None:
    _timed(
        "the sums of the district",
        lambda: dues_sums.sums_of(db, root, path="9", month=date(2026, 11, 1), current=date(2026, 11, 1)),
    )
    branch, path = db.execute(text("SELECT id, path FROM organisations WHERE code = '9b1'")).one()
    keeper = an_actor(("administrator", path), at=AT)
    _timed("a branch's month", lambda: dues.month(db, DuesMonthAsked(branch, "2026-11"), actor=keeper, at=AT))
    _timed("a branch's arrears", lambda: dues_arrears.arrears(db, DuesArrearsAsked(branch), actor=keeper, at=AT))


def _undone(engine: Engine, act: Callable[[Connection], object]) -> None:
    with engine.connect() as db:
        act(db)


def _timed(name: str, act: Callable[[], object], *, runs: int = RUNS) -> float:
    took = []
    for _ in range(runs):
        began_at = time.perf_counter()
        act()
        took.append(time.perf_counter() - began_at)
    print(f"{name:<28} {statistics.median(took) * 1000:9.1f} ms", flush=True)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())
