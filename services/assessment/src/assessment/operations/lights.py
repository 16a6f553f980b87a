"""The stored lights: written again when facts or the day change, frozen when the month is over (A3).

A branch's row in `organisations` is the lock of its light: who writes a light holds it before reading the facts, so
two facts that arrive at once are both seen by the one who writes last. A branch that nobody told us of yet has no row;
therefore whoever hears of one branch first takes its advisory lock.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.checks import RED
from assessment.domain.months import Month
from assessment.operations import slips, talks
from assessment.queries.lights import is_stale, of_branches, readings_of, worst_of
from assessment.queries.organisations import IS_ASSESSED
from assessment.tables.lights import frozen_months, lights
from assessment.tables.organisations import organisations

BATCH = 2000
FREEZE_WAIT = timedelta(minutes=10)
"""How long after midnight the old month is frozen: what was told in its last minutes must arrive first."""


def lock_branch(db: Connection, branch_id: UUID) -> None:
    """Keep whoever else hears of this branch waiting until the transaction ends. Taken before any row of it."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(branch_id), 0))))


def light_branch(db: Connection, *, branch_id: UUID, at: datetime) -> None:
    """Write the branch's light of the current month anew, after its facts changed; the caller holds the branch."""
    branches = db.execute(
        select(organisations).where(IS_ASSESSED, organisations.c.id == branch_id).with_for_update(key_share=True)
    ).all()
    _write(db, branches, month=Month.at(at), at=at)


def light_all(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Write the lights that are missing or were read on an earlier day, up to `batch` of them; returns how many."""
    month = Month.at(at)
    return _write(db, _held(db, of_branches(month).where(is_stale(month, at)), batch=batch), month=month, at=at)


def freeze(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Freeze the lights of the months that are over as they ended, up to `batch` of them; returns how many."""
    left = batch
    for month in _months_to_freeze(db, at=at):
        thawed = of_branches(month).where(lights.c.frozen_at.is_(None), organisations.c.known_since < month.ends_at)
        branches = _held(db, thawed, batch=left)
        left -= _write(db, branches, month=month, at=month.ends_at, frozen_at=at)
        if left <= 0:
            break  # the next run goes on
        db.execute(insert(frozen_months).values(month=str(month), frozen_at=at))
        talks.open_after(db, month, at=at)
    return batch - left


def _months_to_freeze(db: Connection, *, at: datetime) -> list[Month]:
    """Return the months since we know of any branch that are over and not frozen, oldest first."""
    last = Month.at(at - FREEZE_WAIT).previous
    frozen = set(db.scalars(select(frozen_months.c.month)))
    if str(last) in frozen:
        return []  # they are frozen in their order
    first_known = db.scalar(select(func.min(organisations.c.known_since)))
    month, months = last, []
    while first_known and month.ends_at > first_known and str(month) not in frozen:
        months.append(month)
        month = month.previous
    return months[::-1]


def _held(db: Connection, branches: Select[Any], *, batch: int) -> Sequence[Row[Any]]:
    """Return up to `batch` of the branches, locked in one order so that no two writers wait for each other."""
    locked = branches.order_by(organisations.c.id).limit(batch).with_for_update(of=organisations, key_share=True)
    return db.execute(locked).all()


def _write(
    db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime, frozen_at: datetime | None = None
) -> int:
    """Store the branches' lights as the facts stand at `at`, never over a frozen one; returns how many were read."""
    readings = readings_of(db, branches, month=month, at=at)
    rows: list[dict[str, Any]] = [
        {
            "branch_id": branch_id,
            "month": str(month),
            "light": worst_of(of_branch),
            "readings": [asdict(reading) for reading in of_branch],
            "computed_at": at,
            "frozen_at": frozen_at,
        }
        for branch_id, of_branch in readings.items()
    ]
    if rows:
        new = insert(lights)
        changed = {name: new.excluded[name] for name in ("light", "readings", "computed_at", "frozen_at")}
        db.execute(
            new.on_conflict_do_update(
                index_elements=["branch_id", "month"], set_=changed, where=lights.c.frozen_at.is_(None)
            ),
            rows,
        )
        slips.open_for_red(
            db, [row["branch_id"] for row in rows if row["light"] == RED], month=month, at=frozen_at or at
        )
    return len(rows)
