"""Sealing what waits: one sealer numbers the records and adds them to the service's chain; no call waits for it.

Whoever seals holds the sealer's lock for the transaction, so that each record is sealed once and the chain never forks.
"""

import json
import logging
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from prometheus_client import Gauge
from sqlalchemy import Connection, text

from chassis.audit import seals

log = logging.getLogger(__name__)

AT_ONCE_MAX: Final = 2000

UNSEALED = Gauge("audit_unsealed_records", "Records that waited for their seal when the sealer last looked")
SEALED = Gauge("audit_sealed_records", "The number of the last sealed record: it never falls")

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('the sealer of the audit', 0))")
_LEFT: Final = text("SELECT count(*) FROM audit_waiting")
_TAKE: Final = text("""
DELETE FROM audit_waiting WHERE id IN (SELECT id FROM audit_waiting ORDER BY id LIMIT :limit) RETURNING id, record
""")
# The last record, or, when all have been removed by the rule, the last one removed.
_HEAD: Final = text("""
SELECT number, hash FROM (
    (SELECT number, hash FROM audit_records ORDER BY number DESC LIMIT 1)
    UNION ALL
    (SELECT until_number, hash FROM audit_removals ORDER BY until_number DESC LIMIT 1)) AS ends
 ORDER BY number DESC LIMIT 1
""")
_ADD: Final = text("""
INSERT INTO audit_records (number, at, door, outcome, person_id, session_id, place, address, request_id, command_id,
                           targets, fields, times, hash)
SELECT number, at, door, outcome, person_id, session_id, place, address, request_id, command_id,
       targets, fields, times, decode(hash, 'hex')
  FROM jsonb_to_recordset(CAST(:records AS jsonb)) AS r (
       number bigint, at timestamptz, door text, outcome text, person_id uuid, session_id uuid, place text,
       address text, request_id text, command_id uuid, targets uuid[], fields text[], times integer, hash text)
""")
_CHECKPOINT: Final = text("""
INSERT INTO audit_checkpoints (number, hash, made_at) VALUES (:number, :hash, :at) ON CONFLICT DO NOTHING
""")


def head_of(db: Connection, service: str) -> tuple[int, bytes]:
    """Return number and seal of the last record; 0 and the first seal before there is one."""
    row = db.execute(_HEAD).one_or_none()
    return (row.number, bytes(row.hash)) if row else (0, seals.first(service))


def seal(db: Connection, *, service: str) -> int:
    """Seal at most AT_ONCE_MAX waiting records; returns how many."""
    db.execute(_LOCK)
    waiting = sorted(db.execute(_TAKE, {"limit": AT_ONCE_MAX}).all(), key=lambda row: row.id)
    if not waiting:
        return 0
    number, head = head_of(db, service)
    records = [_read(row.record, number=number + place) for place, row in enumerate(waiting, start=1)]
    made = seals.chained(head, records)
    rows = [
        {**record, "at": record["at"].isoformat(), "hash": seal.hex()}
        for record, seal in zip(records, made, strict=True)
    ]
    db.execute(_ADD, {"records": json.dumps(rows, default=str)})
    SEALED.set(number + len(rows))
    return len(rows)


def seal_all(db: Connection, *, service: str) -> int:
    """Seal all that waits, a transaction for each AT_ONCE_MAX; returns how many."""
    UNSEALED.set(db.execute(_LEFT).scalar_one())
    sealed = 0
    while done := seal(db, service=service):
        sealed += done
        db.commit()
        if done < AT_ONCE_MAX:
            break
    return sealed


def make_checkpoint(db: Connection, *, service: str, at: datetime) -> None:
    """Write the chain's head down, in the database and in the log: a cut-off end shows against either."""
    db.execute(_LOCK)
    number, hash_ = head_of(db, service)
    if number and db.execute(_CHECKPOINT, {"number": number, "hash": hash_, "at": at}).rowcount:
        log.info("The audit of %s stands at number %s with the seal %s.", service, number, hash_.hex())


def _read(record: dict[str, Any], *, number: int) -> dict[str, Any]:
    """Return a waiting record as it will stand in the table."""
    read: dict[str, Any] = {name: record.get(name) for name in seals.FIELDS}
    ids = {name: UUID(read[name]) if read[name] else None for name in ("person_id", "session_id", "command_id")}
    return {
        **read,
        **ids,
        "number": number,
        "at": datetime.fromisoformat(read["at"]),
        "targets": [UUID(one) for one in read["targets"]],
        "times": read["times"] or 1,
    }
