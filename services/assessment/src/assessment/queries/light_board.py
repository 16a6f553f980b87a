"""How the lights stand below an organisation: counts, the share of green against the goal, by part, field and month.

Counted from the stored lights, a row a branch; those of a month that runs are as fresh as the last fact or night.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from contracts.assessment.lights import (
    LightBoardAsked,
    LightBoardView,
    LightFieldView,
    LightPartView,
    LightShareView,
)
from sqlalchemy import Connection, Row, select, text

from assessment.domain.months import Month
from assessment.queries.boards import parts_of, place_of, way_up
from assessment.queries.checks import goal_in
from assessment.queries.organisations import BRANCHES, counted_at
from assessment.tables.lights import frozen_months

MONTHS: Final = 6


def board(db: Connection, *, asked: LightBoardAsked, actor: Actor, at: datetime) -> LightBoardView:
    """Return how an organisation and the parts directly below it stand, in the tree's order.

    Raises NotFound for an unknown organisation, Forbidden.
    """
    month = Month.named(asked.month) if asked.month else Month.at(at)
    above, below = place_of(db, "read_light_board", asked.organisation_id, actor=actor)
    rows, more = parts_of(db, above, below, limit=asked.limit, cursor=asked.cursor, with_dissolved=True)
    names = _names(db, month, at)
    counted = _by_part(db, [*rows, *([above] if above else [])], names)
    frozen = set(db.scalars(select(frozen_months.c.month)))
    return LightBoardView(
        organisation_id=above.id if above else None,
        name=above.name if above else None,
        parent_id=way_up(db, "read_light_board", above, actor=actor),
        month=str(month),
        frozen=str(month) in frozen,
        goal_percent=goal_in(db, month),
        whole=counted[above.id] if above else None,
        # A part that was dissolved is shown in the months in which it had branches.
        parts=[counted[row.id] for row in rows if not row.dissolved or _stood(counted[row.id])],
        fields=_by_field(db, below, names),
        months=_by_month(db, below, month, at=at, frozen=frozen),
        next=more,
    )


def _names(db: Connection, month: Month, at: datetime) -> dict[str, Any]:
    """Return the names of the statements."""
    return {"month": str(month), "counted_at": counted_at(db, month, at=at), "kinds": list(BRANCHES)}


def _by_part(db: Connection, parts: Sequence[Row[Any]], names: dict[str, Any]) -> dict[UUID, LightPartView]:
    counts = {row.id: row for row in db.execute(_PARTS, {**names, "ids": [part.id for part in parts]})}
    return {
        part.id: LightPartView(organisation_id=part.id, name=part.name, kind=part.kind, **_counts(counts[part.id]))
        for part in parts
    }


def _by_field(db: Connection, paths: Sequence[str], names: dict[str, Any]) -> list[LightFieldView]:
    rows = db.execute(_FIELDS, {**names, "paths": list(paths)})
    return [LightFieldView(field=row.field, **_counts(row)) for row in rows if _stood(row)]


def _by_month(
    db: Connection, paths: Sequence[str], month: Month, *, at: datetime, frozen: set[str]
) -> list[LightShareView]:
    found = []
    for _ in range(MONTHS):
        month = month.previous
        row = db.execute(_WHOLE, {**_names(db, month, at), "paths": list(paths)}).one()
        if _stood(row) == row.unread:  # nobody had a light then
            break
        found.append(
            LightShareView(
                month=str(month),
                branches=row.branches,
                green=row.green,
                exempt=row.exempt,
                share_bp=share_bp(green=row.green, counted=row.branches),
                goal_percent=goal_in(db, month),
                frozen=str(month) in frozen,
            )
        )
    return found


def share_bp(*, green: int, counted: int) -> int | None:
    """Return green ÷ counted in hundredths of a percent, rounded down: a share below the goal never seems to reach it.

    >>> share_bp(green=98, counted=99)
    9898
    """
    return green * 10_000 // counted if counted else None


_NAMES: Final = (
    *("branches", "green", "yellow", "red", "exempt", "unread"),
    *("members_green", "members_yellow", "members_red", "members_exempt"),
)


def _counts(row: Row[Any]) -> dict[str, Any]:
    counts = {name: int(row._mapping[name]) for name in _NAMES}
    return {**counts, "share_bp": share_bp(green=row.green, counted=row.branches)}


def _stood(row: Any) -> int:
    """Return how many branches there were, with those that are exempt and in neither part of the share (A3)."""
    return int(row.branches + row.exempt)


_COUNTS: Final = """
count(*) FILTER (WHERE l.light IS DISTINCT FROM 'exempt') AS branches,
count(*) FILTER (WHERE l.light = 'green') AS green,
count(*) FILTER (WHERE l.light = 'yellow') AS yellow, count(*) FILTER (WHERE l.light = 'red') AS red,
count(*) FILTER (WHERE l.light = 'exempt') AS exempt, count(*) FILTER (WHERE l.light IS NULL) AS unread,
coalesce(sum(m.green), 0) AS members_green, coalesce(sum(m.yellow), 0) AS members_yellow,
coalesce(sum(m.red), 0) AS members_red, coalesce(sum(m.exempt), 0) AS members_exempt
"""

_BRANCHES: Final = """
organisations b
LEFT JOIN lights l ON l.branch_id = b.id AND l.month = :month
LEFT JOIN member_light_counts m ON m.branch_id = b.id AND m.month = :month
"""

_STOOD: Final = """
b.kind = ANY (:kinds) AND NOT b.is_external AND b.known_since < :counted_at
AND (b.dissolved_since IS NULL OR b.dissolved_since >= :counted_at)
"""

_IN_PATHS: Final = """
EXISTS (SELECT FROM unnest(CAST(:paths AS text[]) COLLATE "C") AS p (path)
        WHERE b.path = p.path OR (b.path >= p.path || '.' AND b.path < p.path || '/'))
"""

_PARTS = text(
    f"""
SELECT p.id, c.* FROM organisations p
CROSS JOIN LATERAL (
    SELECT {_COUNTS} FROM {_BRANCHES}
    WHERE {_STOOD} AND (b.path = p.path OR (b.path >= p.path || '.' AND b.path < p.path || '/'))
) c
WHERE p.id = ANY (:ids)"""  # noqa: S608 - made of constants
)
_FIELDS = text(
    f"SELECT b.field, {_COUNTS} FROM {_BRANCHES} WHERE {_STOOD} AND {_IN_PATHS} GROUP BY b.field ORDER BY b.field"  # noqa: S608
)
_WHOLE = text(f"SELECT {_COUNTS} FROM {_BRANCHES} WHERE {_STOOD} AND {_IN_PATHS}")  # noqa: S608
