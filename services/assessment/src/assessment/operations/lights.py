"""The stored lights of branches and members: written again when facts or the day change, frozen with the month (A3).

A branch's row in `organisations` is the lock of its light: who writes a light holds it before reading the facts, so
two facts that arrive at once are both seen by the one who writes last. A branch that nobody told us of yet has no row;
therefore whoever hears of one branch first takes its advisory lock.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from contracts.assessment.lights import ReadingView
from contracts.envelope import plain
from sqlalchemy import Connection, Row, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.checks import RED, YELLOW
from assessment.domain.months import Month
from assessment.operations import notices, slips, talks
from assessment.queries.lights import is_stale, of_branches, seen_of
from assessment.queries.member_lights import lights_alike
from assessment.queries.organisations import IS_ASSESSED
from assessment.tables.lights import frozen_months, lights, member_lights
from assessment.tables.organisations import organisations

BATCH = 2000
ROOMY: Final = 100
"""From how many branches on more memory is asked for than the server gives to every statement."""
_TOLD: Final = "branches to light"
FREEZE_WAIT = timedelta(minutes=10)
"""How long after midnight the old month is frozen: what was told in its last minutes must arrive first."""


def lock_branch(db: Connection, branch_id: UUID) -> None:
    """Keep whoever else hears of this branch waiting until the transaction ends. Taken before any row of it."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(branch_id), 0))))


def lock_branches_at_rest(db: Connection, branch_ids: Sequence[UUID]) -> list[UUID]:
    """Lock those of the branches that nobody holds, and return them.

    For a timer that takes many: it waits for nobody while it holds some, and comes again for the others.
    """
    return list(db.scalars(_AT_REST, {"ids": list(branch_ids)}))


_AT_REST: Final = text("""
SELECT id FROM unnest(CAST(:ids AS uuid[])) AS b (id)
 WHERE pg_try_advisory_xact_lock(hashtextextended(CAST(id AS text), 0))
""")


@contextmanager
def lit_together(db: Connection) -> Iterator[None]:
    """Have the branches of which something is heard within this transaction lit once, all of them, at its end.

    A tree that roster tells with its rolls and standings is so read set-wise and not thrice a branch.
    """
    db.info[_TOLD] = told = dict[UUID, datetime]()
    try:
        yield
    finally:
        del db.info[_TOLD]
    if told:
        light_branches(db, branch_ids=list(told), at=max(told.values()))


def light_branch(db: Connection, *, branch_id: UUID, at: datetime) -> None:
    """Write the branch's light of the current month anew, after its facts changed; the caller holds the branch.

    Within `lit_together` it waits for the end of the events that are acted on together.
    """
    if (told := db.info.get(_TOLD)) is not None:
        told[branch_id] = at
        return
    branches = db.execute(
        select(organisations).where(IS_ASSESSED, organisations.c.id == branch_id).with_for_update(key_share=True)
    ).all()
    _write(db, branches, month=Month.at(at), at=at)


def hold_branch(db: Connection, branch_id: UUID) -> None:
    """Hold the branch's row, as who writes its light does; taken before any task of it."""
    db.execute(select(organisations.c.id).where(organisations.c.id == branch_id).with_for_update(key_share=True))


def light_branches(db: Connection, *, branch_ids: Sequence[UUID], at: datetime) -> None:
    """Write the lights of branches of the current month anew, after their facts changed set-wise."""
    branches = select(organisations).where(IS_ASSESSED, organisations.c.id.in_(branch_ids))
    _write(db, _held(db, branches, batch=len(branch_ids)), month=Month.at(at), at=at)


def light_all(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Write the lights that are missing or were read on an earlier day, up to `batch` of them; returns how many."""
    month = Month.at(at)
    return _write(db, _held(db, of_branches(month).where(is_stale(month, at)), batch=batch), month=month, at=at)


def freeze(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Freeze the lights of the months that are over as they ended, up to `batch` of them; returns how many."""
    left, months = batch, _months_to_freeze(db, at=at)
    if len(months) > 1:
        # A later month has branches that an earlier one has not: all are held before any of them, in the one order.
        known = select(organisations.c.id).where(IS_ASSESSED, organisations.c.known_since < months[-1].ends_at)
        db.execute(known.order_by(organisations.c.id).with_for_update(of=organisations, key_share=True))
    for month in months:
        thawed = of_branches(month).where(lights.c.frozen_at.is_(None), organisations.c.known_since < month.ends_at)
        branches = _held(db, thawed, batch=left)
        left -= _write(db, branches, month=month, at=month.ends_at, frozen_at=at)
        if left <= 0:
            break  # the next run goes on
        # What was dissolved before the month's end keeps the light it had.
        for kept in (lights, member_lights):
            rest = update(kept).where(kept.c.month == str(month), kept.c.frozen_at.is_(None))
            db.execute(rest.values(frozen_at=at))
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
    """Return up to `batch` of the branches, locked in one order so that no two writers wait for each other.

    Without what is stored of their lights: that is read anew.
    """
    locked = (
        branches.with_only_columns(*organisations.c)
        .order_by(organisations.c.id)
        .limit(batch)
        .with_for_update(of=organisations, key_share=True)
    )
    held = db.execute(locked).all()
    if len(held) > ROOMY:
        db.execute(_ROOM)
    return held


def _write(
    db: Connection, branches: Sequence[Row[Any]], *, month: Month, at: datetime, frozen_at: datetime | None = None
) -> int:
    """Store the branches' lights as the facts stand at `at`, never over a frozen one; returns how many were read."""
    seen = seen_of(db, branches, month=month, at=at)
    if not seen:
        return 0
    _write_members(db, [branch.id for branch in branches], month=month, at=at, frozen_at=frozen_at)
    db.execute(
        _KEEP,
        {
            "month": str(month),
            "at": at,
            "frozen_at": frozen_at,
            "branches": list(seen),
            "lights": [of.light for of in seen.values()],
            "readings": [_as_json(of.readings) for of in seen.values()],
        },
    )
    red = [branch_id for branch_id, of in seen.items() if of.light == RED]
    slips.open_for_red(db, red, month=month, at=frozen_at or at)
    if frozen_at is None:
        yellow = [branch_id for branch_id, of in seen.items() if of.light == YELLOW]
        _remind(db, yellow, month=month, at=at)
    return len(seen)


def _remind(db: Connection, branch_ids: Sequence[UUID], *, month: Month, at: datetime) -> None:
    """Tell branches that their light is yellow, once a month: yellow reminds by itself (A3)."""
    facts = {"light_month": str(month)}
    told = [{"organisation_id": one, "subject_id": one, "occasion": str(month), "facts": facts} for one in branch_ids]
    notices.tell_many(db, kind="light_yellow", at=at, told=told)


def _write_members(
    db: Connection, branch_ids: Sequence[UUID], *, month: Month, at: datetime, frozen_at: datetime | None
) -> None:
    """Store the lights of the branches' members; what did not change is not written again."""
    alike = lights_alike(db, branch_ids, month=month, at=at)
    names = {
        "month": str(month),
        "at": at,
        "frozen_at": frozen_at,
        "ids": list(branch_ids),
        "persons": [of.persons for of in alike],
        "branches": [of.branches for of in alike],
        "lights": [of.seen.light for of in alike],
        "readings": [_as_json(of.seen.readings) for of in alike],
    }
    if alike:
        db.execute(_KEEP_MEMBERS, names)
    db.execute(_FORGET_MEMBERS, names)
    db.execute(_COUNT_MEMBERS, names)


def _as_json(readings: Sequence[ReadingView]) -> str:
    return f"[{','.join(map(_reading_as_json, readings))}]"


@lru_cache(maxsize=4096)
def _reading_as_json(reading: ReadingView) -> str:
    """Return one reading as it is stored. Hundreds of branches have the same: it is written out once."""
    return json.dumps(plain(reading), ensure_ascii=False)


# All that is sorted and hashed of a batch's 50 000 members stays in memory.
_ROOM = text("SET LOCAL work_mem = '64MB'")

# Readings that did not change stay where they are: they are long, and most nights only the instant is new.
_KEEP = text(
    """
INSERT INTO lights AS l (branch_id, month, light, readings, computed_at, frozen_at)
SELECT n.branch_id, :month, n.light, CAST(n.readings AS jsonb), :at, :frozen_at
FROM unnest(CAST(:branches AS uuid[]), CAST(:lights AS text[]), CAST(:readings AS text[]))
     AS n (branch_id, light, readings)
ORDER BY n.branch_id
ON CONFLICT (branch_id, month) DO UPDATE
   SET light = excluded.light, computed_at = excluded.computed_at, frozen_at = excluded.frozen_at,
       readings = CASE WHEN l.readings = excluded.readings THEN l.readings ELSE excluded.readings END
 WHERE l.frozen_at IS NULL"""
)

# What stands there already is not touched: the batch's own rows are read at once and not one by one. Who stood in a
# branch of another batch, or is read by somebody else at once, is caught by the conflict.
_KEEP_MEMBERS = text(
    """
WITH o AS MATERIALIZED (
    SELECT person_id, branch_id, light, readings, frozen_at
      FROM member_lights WHERE month = :month AND branch_id = ANY (:ids)
)
INSERT INTO member_lights AS l (person_id, month, branch_id, light, readings, computed_at, frozen_at)
SELECT n.person_id, :month, n.branch_id, a.light, a.readings, :at, :frozen_at
FROM (SELECT persons, branches, light, CAST(readings AS jsonb) AS readings
        FROM unnest(CAST(:persons AS text[]), CAST(:branches AS text[]), CAST(:lights AS text[]),
                    CAST(:readings AS text[])) AS a (persons, branches, light, readings)) a
CROSS JOIN unnest(CAST(a.persons AS uuid[]), CAST(a.branches AS uuid[])) AS n (person_id, branch_id)
LEFT JOIN o ON o.person_id = n.person_id
WHERE o.person_id IS NULL
   OR o.frozen_at IS NULL AND (o.branch_id, o.light, o.readings, o.frozen_at)
      IS DISTINCT FROM (n.branch_id, a.light, a.readings, CAST(:frozen_at AS timestamptz))
ORDER BY n.person_id
ON CONFLICT (person_id, month) DO UPDATE
   SET branch_id = excluded.branch_id, light = excluded.light, readings = excluded.readings,
       computed_at = excluded.computed_at, frozen_at = excluded.frozen_at
 WHERE l.frozen_at IS NULL
   AND (l.branch_id, l.light, l.readings, l.frozen_at)
       IS DISTINCT FROM (excluded.branch_id, excluded.light, excluded.readings, excluded.frozen_at)"""
)

_FORGET_MEMBERS = text(
    """
DELETE FROM member_lights l
WHERE l.month = :month AND l.branch_id = ANY (:ids) AND l.frozen_at IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.branch_id = ANY (:ids) AND m.branch_id = l.branch_id
                  AND m.person_id = l.person_id)"""
)

_COUNT_MEMBERS = text(
    """
INSERT INTO member_light_counts AS c (branch_id, month, green, yellow, red, exempt)
SELECT b.branch_id, :month, count(*) FILTER (WHERE l.light = 'green'), count(*) FILTER (WHERE l.light = 'yellow'),
       count(*) FILTER (WHERE l.light = 'red'), count(*) FILTER (WHERE l.light = 'exempt')
FROM unnest(CAST(:ids AS uuid[])) AS b (branch_id)
LEFT JOIN (SELECT branch_id, light FROM member_lights WHERE month = :month AND branch_id = ANY (:ids)) l
     ON l.branch_id = b.branch_id
GROUP BY b.branch_id ORDER BY b.branch_id
ON CONFLICT (branch_id, month) DO UPDATE
   SET green = excluded.green, yellow = excluded.yellow, red = excluded.red, exempt = excluded.exempt
 WHERE (c.green, c.yellow, c.red, c.exempt)
       IS DISTINCT FROM (excluded.green, excluded.yellow, excluded.red, excluded.exempt)"""
)
