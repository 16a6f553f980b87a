"""A year of a district in the audit, and how long a search takes: `python -m tests.benchmarks.audit [records]`.

The records are made up by the database, with seals that prove nothing: only the searches are measured here.
"""

import hashlib
import statistics
import sys
import time
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from chassis.actors import Actor, Grant
from chassis.audit.searching import search
from chassis.database import connect
from contracts.audit import AuditAsked
from contracts.envelope import NAMESPACE_ZHENDI
from local.testing import create_service_database, drop_database, test_servers
from sqlalchemy import Engine, text

from tests.articles import NOON
from tests.conftest import _migrate

PERSONS: Final = 50_000
TIMES: Final = 20

FILL: Final = """
INSERT INTO audit_records (number, at, door, outcome, person_id, session_id, place, address, request_id, command_id,
                           targets, fields, times, hash)
SELECT n, timestamptz '2025-11-22' + n * (interval '365 days' / :records),
       (ARRAY['place_order','check_in','member','members','confirm_headcount','open_personal_data','audit'])[1 + n % 7],
       (ARRAY['done','done','done','seen','forbidden'])[1 + n % 5],
       md5('person ' || n * 7919 % :persons)::uuid, md5('session ' || n / 20)::uuid, '3703.370302.t' || n % 13,
       '10.' || n % 200 || '.' || n % 251 || '.' || n % 97, md5('request ' || n), md5('command ' || n)::uuid,
       ARRAY[md5('target ' || n * 104729 % 200000)::uuid], ARRAY['slot_id', 'party_size'], 1, sha256(n::text::bytea)
  FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
"""


def main() -> int:
    """Fill a database, search it, print the milliseconds."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    servers, name = test_servers(), "bench_audit"
    drop_database(name)
    create_service_database("assessment", database=name)
    try:
        _migrate("assessment", url=servers.owner_url("assessment", database=name))
        engine = connect(servers.service_url("assessment", database=name), service="assessment")
        began = time.perf_counter()
        fill(engine, records)
        print(f"{records} records written in {time.perf_counter() - began:.0f} s")
        with engine.connect() as db:
            size = db.execute(text("SELECT pg_total_relation_size('audit_records') / 1e6")).scalar_one()
        print(f"{size:.0f} MB with indexes")
        with engine.connect() as db:
            db.execute(text("ANALYZE audit_records"))
        for what, asked in SEARCHES.items():
            print(f"{what:<42} {millis(engine, asked):8.1f} ms")
        engine.dispose()
    finally:
        drop_database(name)
    return 0


def fill(engine: Engine, records: int) -> None:
    """Write the records, so many at a time."""
    part = 250_000
    for first in range(1, records + 1, part):
        with engine.begin() as db:
            given = {"records": records, "persons": PERSONS, "first": first, "last": min(records, first + part - 1)}
            db.execute(text(FILL), given)


def made(what: str, number: int) -> UUID:
    """Return an id as the database made it."""

    return UUID(hashlib.md5(f"{what} {number}".encode()).hexdigest())  # noqa: S324 - no secret


DISTRICT: Final = Actor(
    uuid5(NAMESPACE_ZHENDI, "x"), uuid5(NAMESPACE_ZHENDI, "y"), "x", (Grant("auditor", "3703"),), NOON
)
SEARCHES: Final[dict[str, Any]] = {
    "the newest": AuditAsked(limit=50),
    "of a person": AuditAsked(person_id=made("person", 4711), limit=50),
    "about a target": AuditAsked(target_id=made("target", 4711), limit=50),
    "of a request": AuditAsked(request_id=made("request", 4711).hex, limit=50),
    "from an address": AuditAsked(address="10.7.7.7", limit=50),
    "a door, half a year ago": AuditAsked(door="open_personal_data", until_day=date(2026, 5, 1), limit=50),
    "a day half a year ago": AuditAsked(from_day=date(2026, 5, 1), until_day=date(2026, 5, 1), limit=50),
    "refused, of a person, in a month": AuditAsked(
        person_id=made("person", 4711),
        outcome="forbidden",
        from_day=date(2026, 3, 1),
        until_day=date(2026, 3, 31),
        limit=50,
    ),
    "an outcome that there is not, in all": AuditAsked(outcome="wrong-code", limit=50),
}


def millis(engine: Engine, asked: AuditAsked) -> float:
    """Return the median of some searches."""
    took = []
    with engine.connect() as db:
        for _ in range(TIMES if asked.outcome != "wrong-code" else 3):
            began = time.perf_counter()
            search(db, asked, actor=DISTRICT)
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())
