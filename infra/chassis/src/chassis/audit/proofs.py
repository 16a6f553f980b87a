"""Proving the audit: each seal is made anew from its record and the one before, and held against the checkpoints."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from chassis.audit import seals

JOB: Final = "prove_audit"
READ_AT_ONCE: Final = 5000

_ROWS: Final = text("SELECT * FROM audit_records WHERE number > :after ORDER BY number LIMIT :limit")
_BEGINS: Final = text("SELECT until_number, hash FROM audit_removals ORDER BY until_number DESC LIMIT 1")
_CHECKPOINTS: Final = text("SELECT number, hash FROM audit_checkpoints WHERE number > :after ORDER BY number")
_TOTAL: Final = text("SELECT count(*) FROM audit_records")


def prove(db: Connection, *, service: str, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Prove the chain of a service from its first record, or from where the rule has removed those before.

    Returns {"is_right", "records", "from_number", "until_number", "hash", "fault"}; `fault` is None or {"why",
    "number"} of the first thing that is wrong: changed, missing, checkpoint, cut_off.
    """
    removed = db.execute(_BEGINS).one_or_none()
    before = removed.until_number if removed else 0
    previous = bytes(removed.hash) if removed else seals.first(service)
    points = {row.number: bytes(row.hash) for row in db.execute(_CHECKPOINTS, {"after": before})}
    total = db.execute(_TOTAL).scalar_one()
    number, fault = before, None
    for row in _rows(db, after=before):
        number += 1
        fault = _fault_in(row, number=number, previous=previous, point=points.pop(number, None))
        if fault:
            break
        previous = bytes(row.hash)
        if number % READ_AT_ONCE == 0:
            progress(number - before, total)
    if fault is None and points:
        fault = {"why": "cut_off", "number": min(points)}
    progress(total, total)
    return {
        "is_right": fault is None,
        "records": number - before,
        "from_number": before + 1,
        "until_number": number,
        "hash": previous.hex(),
        "fault": fault,
    }


def _fault_in(row: Row[Any], *, number: int, previous: bytes, point: bytes | None) -> dict[str, Any] | None:
    if row.number != number:
        return {"why": "missing", "number": number}
    if seals.sealed(previous, row._asdict()) != bytes(row.hash):
        return {"why": "changed", "number": number}
    if point is not None and point != bytes(row.hash):
        return {"why": "checkpoint", "number": number}
    return None


def _rows(db: Connection, *, after: int) -> Iterator[Row[Any]]:
    while rows := db.execute(_ROWS, {"after": after, "limit": READ_AT_ONCE}).all():
        yield from rows
        after = rows[-1].number
