"""Who has not paid dues for months that are over, and for how many months running."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page
from contracts.roster.dues_arrears import DuesArrearsAsked, DuesArrearsView
from sqlalchemy import Connection, text

from roster.domain.dues import MARK_MONTHS
from roster.domain.dues import said as month_said
from roster.queries.organisations import in_part, path_the_actor_may

RUNS: Final = """
owed AS (
    SELECT o.person_id, o.month, o.due_fen, o.branch_id, n.noted_on IS NULL OR o.month > n.noted_on AS counts
    FROM dues_obligations o
    LEFT JOIN (SELECT person_id, max(noted_on) AS noted_on FROM dues_notes WHERE has_reason GROUP BY person_id) n
      ON n.person_id = o.person_id
    WHERE o.payment_id IS NULL AND o.due_fen > 0 AND o.month < :current AND {chosen}
),
unpaid AS (
    SELECT person_id, month, due_fen, branch_id,
           CASE WHEN counts THEN count(*) OVER (PARTITION BY person_id, counts, run) ELSE 0 END AS in_a_row
    FROM (
        SELECT *, extract(year FROM month)::int * 12 + extract(month FROM month)::int
               - row_number() OVER (PARTITION BY person_id, counts ORDER BY month) AS run
        FROM owed
    ) numbered
)
"""
"""Unpaid months that are over, and how many of them follow one another: months exempt or not reckoned break a run, and
so does a reason that the branch accepted."""


def in_a_row(db: Connection, person_id: UUID, *, current: date) -> int:
    """Return how many months running a member has not paid, without an accepted reason."""
    found = db.execute(
        text(f"WITH {RUNS.format(chosen='o.person_id = :person')} SELECT max(in_a_row) FROM unpaid"),  # noqa: S608
        {"person": person_id, "current": current},
    ).scalar()
    return int(found or 0)


_ARREARS: Final = """
WITH {runs},
owing AS (
    SELECT person_id, branch_id, count(*) AS months, sum(due_fen)::bigint AS amount_fen, min(month) AS first_month,
           max(max(in_a_row)) OVER (PARTITION BY person_id) AS in_a_row
    FROM unpaid GROUP BY person_id, branch_id
)
SELECT u.person_id, p.name, u.branch_id, g.name AS branch_name, u.months, u.amount_fen, u.first_month, u.in_a_row,
       u.in_a_row >= :mark AND m.person_id IS NOT NULL AS is_marked,
       (SELECT max(reminded_on) FROM dues_reminders d WHERE d.person_id = u.person_id) AS reminded_on,
       (SELECT note FROM dues_notes n WHERE n.person_id = u.person_id ORDER BY n.id DESC LIMIT 1) AS note
FROM owing u JOIN people p ON p.id = u.person_id JOIN organisations g ON g.id = u.branch_id
LEFT JOIN members m ON m.person_id = u.person_id
WHERE {inside} ORDER BY p.name COLLATE "zh-x-icu", u.person_id, u.branch_id LIMIT :limit
"""


def arrears(db: Connection, asked: DuesArrearsAsked, *, actor: Actor, at: datetime) -> Page:
    """Return who has not paid for months that are over, in a branch or a part of the tree. Raises NotFound,
    Forbidden."""
    path = path_the_actor_may(db, "read_dues", asked.organisation_id, actor=actor)
    values: dict[str, Any] = {
        "path": path,
        "current": clock.first_of_month(at),
        "mark": MARK_MONTHS,
        "limit": asked.limit + 1,
    }
    inside = [in_part("g.path")]
    if asked.marked:
        inside.append("u.in_a_row >= :mark AND m.person_id IS NOT NULL")
    if asked.cursor:
        values["name"], values["person"], values["branch"] = key_in(asked.cursor, str, UUID, UUID)
        inside.append(
            '(p.name COLLATE "zh-x-icu", u.person_id, u.branch_id)'
            ' > (:name COLLATE "zh-x-icu", CAST(:person AS uuid), CAST(:branch AS uuid))'
        )
    # A run goes on where the member moved: of whoever owes here, all unpaid months are looked at.
    chosen = (
        "o.person_id IN (SELECT person_id FROM dues_obligations q WHERE q.payment_id IS NULL"  # noqa: S608
        f" AND q.due_fen > 0 AND q.branch_id IN (SELECT b.id FROM organisations b WHERE {in_part('b.path')}))"
    )
    rows = db.execute(text(_ARREARS.format(runs=RUNS.format(chosen=chosen), inside=" AND ".join(inside))), values).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: DuesArrearsView(**{**row._mapping, "first_month": month_said(row.first_month)}),
        key=lambda row: (row.name, row.person_id, row.branch_id),
    )
