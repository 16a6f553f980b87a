"""Dues over the tree: sums by what stands directly below an organisation, read from a row a branch and month.

Nobody's name or base stands here; who has not paid is counted from the unpaid months alone.
"""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from contracts.roster.dues_sums import DuesRollupAsked, DuesRollupRow, DuesRollupView, DuesSums
from sqlalchemy import Connection, text

from roster.domain.dues import MARK_MONTHS
from roster.domain.dues import first_of as first_day
from roster.queries.dues_arrears import RUNS
from roster.queries.organisations import in_part, name_of, path_the_actor_may

_SUMS: Final = text(
    f"""
    WITH {RUNS.format(chosen=f"o.branch_id IN (SELECT b.id FROM organisations b WHERE {in_part('b.path')})")},
    owing AS (
        SELECT branch_id, count(*) AS members, count(*) FILTER (WHERE is_marked) AS marked FROM (
            SELECT u.branch_id, u.person_id, max(u.in_a_row) >= :mark
                   AND EXISTS (SELECT FROM members m WHERE m.person_id = u.person_id) AS is_marked
            FROM unpaid u GROUP BY u.branch_id, u.person_id
        ) found GROUP BY branch_id
    ),
    late AS (
        SELECT branch_id, sum(due_fen - paid_fen) AS fen FROM dues_months
        WHERE month < :current AND paid_fen < due_fen GROUP BY branch_id
    )
    SELECT p.id AS organisation_id, p.name, p.kind, count(k.branch_id) AS branches,
           count(k.branch_id) FILTER (WHERE k.open_from > :month) AS branches_closed,
           coalesce(sum(m.members), 0)::bigint AS members_due, coalesce(sum(m.settled), 0)::bigint AS members_paid,
           coalesce(sum(m.due_fen), 0)::bigint AS due_fen, coalesce(sum(m.paid_fen), 0)::bigint AS paid_fen,
           coalesce(sum(l.fen), 0)::bigint AS arrears_fen, coalesce(sum(w.members), 0)::bigint AS members_in_arrears,
           coalesce(sum(w.marked), 0)::bigint AS members_marked, coalesce(sum(k.cash_fen), 0)::bigint AS cash_fen
    FROM organisations p
    LEFT JOIN organisations b ON {in_part("b.path", "p.path")}
    LEFT JOIN dues_books k ON k.branch_id = b.id
    LEFT JOIN dues_months m ON m.branch_id = k.branch_id AND m.month = :month
    LEFT JOIN late l ON l.branch_id = k.branch_id LEFT JOIN owing w ON w.branch_id = k.branch_id
    WHERE p.parent_id = :id OR (p.id = :id AND p.kind IN ('branch', 'joint_branch'))
    GROUP BY p.id, p.name, p.kind ORDER BY p.name COLLATE "zh-x-icu", p.id
    """  # noqa: S608 - made of constants
)


def rollup(db: Connection, asked: DuesRollupAsked, *, actor: Actor, at: datetime) -> DuesRollupView:
    """Return a part of the tree's month in sums. Raises NotFound, Forbidden."""
    path = path_the_actor_may(db, "read_dues_sums", asked.organisation_id, actor=actor)
    return sums_of(db, asked.organisation_id, path=path, month=first_day(asked.month), current=clock.first_of_month(at))


def sums_of(db: Connection, organisation_id: UUID, *, path: str, month: date, current: date) -> DuesRollupView:
    """Sum up what stands directly below an organisation."""
    values = {"id": organisation_id, "path": path, "month": month, "current": current, "mark": MARK_MONTHS}
    rows = [
        DuesRollupRow(
            organisation_id=row.organisation_id,
            name=row.name,
            kind=row.kind,
            sums=DuesSums(**{field.name: getattr(row, field.name) for field in fields(DuesSums)}),
        )
        for row in db.execute(_SUMS, values)
    ]
    name = name_of(db, organisation_id)
    total: dict[str, Any] = {
        field.name: sum(getattr(row.sums, field.name) for row in rows) for field in fields(DuesSums)
    }
    return DuesRollupView(
        organisation_id=organisation_id,
        organisation_name=name,
        month=f"{month:%Y-%m}",
        total=DuesSums(**total),
        rows=rows,
    )
