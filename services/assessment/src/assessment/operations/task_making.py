"""The tasks of branches are made by *work* (A1): on the first of the month, and within a minute of whatever changes.

Everything is set-wise and may be done twice: a branch has a task of an item in a month once. `task_months` notes for
which version of the branch its month was made, so a run that has nothing to do reads one row a branch and writes none.
Whoever writes tasks of a branch by themselves holds the branch's row in `organisations` first, in the order of the ids,
as whoever reads its light does: so nobody waits in a circle. What a record shows is read from `branch_activities`: a
branch's own, and the joint ones in which it confirmed its part, each once.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.months import Month
from assessment.operations.lights import light_branches
from assessment.queries.organisations import BRANCHES, IS_ASSESSED
from assessment.tables.organisations import organisations
from assessment.tables.tasks import task_months

BATCH = 2000


def make(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Make the month's tasks of up to `batch` branches that are new, or that have changed; returns how many.

    A branch that was dissolved, or that another list is for now, is exempt from what it still had to do.
    """
    month = Month.at(at)
    made = and_(task_months.c.branch_id == organisations.c.id, task_months.c.month == str(month))
    branches = db.execute(
        select(organisations.c.id, organisations.c.version)
        .outerjoin(task_months, made)
        .where(
            or_(
                and_(IS_ASSESSED, task_months.c.branch_id.is_(None), organisations.c.known_since < month.ends_at),
                task_months.c.branch_version < organisations.c.version,
            )
        )
        .order_by(organisations.c.id)
        .limit(batch)
        .with_for_update(of=organisations, key_share=True)
    ).all()
    if not branches:
        return 0
    ids = [branch.id for branch in branches]
    names = {"ids": ids, "kinds": list(BRANCHES), "at": at, **_of(month)}
    db.execute(_MAKE, names)
    db.execute(_EXEMPT, names)
    complete(db, branch_ids=ids, month=month, at=at)
    rows = [
        {"month": str(month), "branch_id": branch.id, "branch_version": branch.version, "made_at": at}
        for branch in branches
    ]
    new = insert(task_months).values(rows)
    changed = {name: new.excluded[name] for name in ("branch_version", "made_at")}
    db.execute(
        new.on_conflict_do_update(
            index_elements=["month", "branch_id"],
            set_=changed,
            where=task_months.c.branch_version < new.excluded.branch_version,
        )
    )
    light_branches(db, branch_ids=ids, at=at)
    return len(branches)


def make_added(db: Connection, *, at: datetime) -> int:
    """Make the tasks that officers gave to branches besides their lists; returns how many such tasks were new."""
    added = db.execute(_ADDED, {"at": at}).all()
    for row in added:
        ids = list(db.scalars(_WHOM_ADDED, {"item_id": row.item_id, "kinds": list(BRANCHES)}))
        db.execute(_MAKE_ADDED, {"item_id": row.item_id, "ids": ids})
        complete(db, branch_ids=ids, month=Month.named(row.month), at=at)
        light_branches(db, branch_ids=ids, at=at)
    return len(added)


def hold_branches(db: Connection, branch_ids: Sequence[UUID]) -> None:
    """Hold the branches' rows in the order of their ids, as whoever writes tasks or lights of several does."""
    db.execute(_HOLD, {"ids": list(branch_ids)})


def complete(db: Connection, *, branch_ids: Sequence[UUID], month: Month, at: datetime) -> None:
    """Complete the month's open tasks of these branches that a record shows.

    Done is the day the activity was held; of one that was written down after the month's end, the day it was. A record
    older than the reopening of a task does not complete it again.
    """
    hold_branches(db, branch_ids)
    db.execute(_COMPLETE, {"ids": list(branch_ids), "at": at, **_of(month)})


def complete_by_record(db: Connection, *, branch_ids: Sequence[UUID], held_on: date, at: datetime) -> None:
    """Complete the tasks that a new record shows: of its own month, and of the current one that may look back."""
    for month in sorted({Month.of(held_on), Month.at(at)}):
        complete(db, branch_ids=branch_ids, month=month, at=at)


def look_again(db: Connection, *, record_id: UUID, branch_ids: Sequence[UUID], at: datetime) -> None:
    """Look again which tasks a record shows that was corrected or taken back, in the months that are not over.

    `branch_ids` are all for which it counted. What it shows no longer, or on another day, is opened; then whatever
    shows it completes it. An accepted task stays.
    """
    hold_branches(db, branch_ids)
    months = db.scalars(_RELEASE, {"record_id": record_id, "month": str(Month.at(at)), "at": at}).all()
    for month in sorted({*months, str(Month.at(at))}):
        complete(db, branch_ids=branch_ids, month=Month.named(month), at=at)


def _of(month: Month) -> dict[str, object]:
    return {
        "month": str(month),
        "number": month.number,
        "first": month.first,
        "last": month.last,
        "ends_at": month.ends_at,
    }


# A branch that appears after a task's day has until the month's last one; what an officer gave until then it is spared.
_MAKE = text(
    """
WITH branches AS (
    SELECT id, path, field, kind, (known_since AT TIME ZONE 'Asia/Shanghai')::date AS known_on
    FROM organisations
    WHERE id = ANY (:ids) AND kind = ANY (:kinds) AND NOT is_external AND NOT dissolved
), in_force AS (
    SELECT DISTINCT ON (list_id) id, list_id FROM list_versions
    WHERE state = 'adopted' AND from_month <= :month
    ORDER BY list_id, from_month DESC
), due AS (
    SELECT b.id AS branch_id, i.id AS item_id, l.list_code, i.is_required,
           CASE WHEN b.known_on > CAST(:first AS date) + (i.due_day - 1) THEN CAST(:last AS date)
                ELSE least(CAST(:first AS date) + (i.due_day - 1), CAST(:last AS date)) END AS due_on
    FROM branches b
    JOIN task_lists l ON (l.field IS NULL OR l.field = b.field) AND (l.level IS NULL OR l.level = b.kind)
    LEFT JOIN organisations o ON o.id = l.organisation_id
    JOIN in_force v ON v.list_id = l.id
    JOIN list_items i ON i.version_id = v.id AND CAST(:number AS smallint) = ANY (i.months)
    WHERE l.organisation_id IS NULL OR b.path = o.path OR (b.path >= o.path || '.' AND b.path < o.path || '/')
    UNION ALL
    SELECT b.id, i.id, a.list_code, i.is_required, a.due_on
    FROM branches b
    JOIN added_tasks a ON a.month = :month AND b.known_on <= a.due_on
        AND (a.field IS NULL OR a.field = b.field) AND (a.level IS NULL OR a.level = b.kind)
    JOIN organisations o ON o.id = a.organisation_id
        AND (b.path = o.path OR (b.path >= o.path || '.' AND b.path < o.path || '/'))
    JOIN list_items i ON i.id = a.item_id
)
INSERT INTO tasks (branch_id, month, item_id, list_code, is_required, due_on)
SELECT branch_id, :month, item_id, list_code, is_required, due_on FROM due ORDER BY branch_id, item_id
ON CONFLICT (branch_id, month, item_id) DO NOTHING"""
)

# Who takes the row makes it: two runs never make the same one.
_ADDED = text(
    """UPDATE added_tasks SET made_at = :at
    WHERE item_id IN (
        SELECT item_id FROM added_tasks WHERE made_at IS NULL ORDER BY added_at LIMIT 20 FOR UPDATE SKIP LOCKED
    )
    RETURNING item_id, month"""
)

_WHOM_ADDED = text(
    """
SELECT b.id
FROM added_tasks a
JOIN organisations o ON o.id = a.organisation_id
JOIN organisations b ON (b.path = o.path OR (b.path >= o.path || '.' AND b.path < o.path || '/'))
    AND (a.field IS NULL OR a.field = b.field) AND (a.level IS NULL OR a.level = b.kind)
WHERE a.item_id = :item_id AND b.kind = ANY (:kinds) AND NOT b.is_external AND NOT b.dissolved
ORDER BY b.id
FOR NO KEY UPDATE OF b"""
)

_MAKE_ADDED = text(
    """
INSERT INTO tasks (branch_id, month, item_id, list_code, is_required, due_on)
SELECT b.id, a.month, i.id, a.list_code, i.is_required, a.due_on
FROM added_tasks a
JOIN list_items i ON i.id = a.item_id
CROSS JOIN unnest(CAST(:ids AS uuid[])) AS b (id)
WHERE a.item_id = :item_id
ON CONFLICT (branch_id, month, item_id) DO NOTHING"""
)

_HOLD = text("SELECT 1 FROM organisations WHERE id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE")

_EXEMPT = text(
    """
WITH gone AS (
    SELECT t.id,
           CASE WHEN b.dissolved THEN 'dissolved' WHEN b.is_external OR b.kind <> ALL (:kinds) THEN 'not_assessed'
                ELSE 'other_list' END AS why
    FROM tasks t
    JOIN organisations b ON b.id = t.branch_id
    JOIN list_items i ON i.id = t.item_id
    LEFT JOIN list_versions v ON v.id = i.version_id
    LEFT JOIN task_lists l ON l.id = v.list_id
    LEFT JOIN organisations o ON o.id = l.organisation_id
    WHERE t.month = :month AND t.branch_id = ANY (:ids) AND t.state IN ('open', 'returned')
      AND (b.dissolved OR b.is_external OR b.kind <> ALL (:kinds)
           OR l.field <> b.field OR l.level <> b.kind
           OR NOT (b.path = o.path OR (b.path >= o.path || '.' AND b.path < o.path || '/')))
), moved AS (
    UPDATE tasks t SET state = 'exempt', reason = gone.why, version = t.version + 1
    FROM gone WHERE t.id = gone.id AND t.state IN ('open', 'returned')
    RETURNING t.*
)
INSERT INTO task_steps (task_id, version, move, state, at, reason, by_name)
SELECT id, version, 'exempt', 'exempt', :at, reason, 'timer' FROM moved"""
)

_RELEASE = text(
    """
WITH moved AS (
    UPDATE tasks t
    SET state = 'open', done_on = NULL, done_at = NULL, done_by = NULL, record_id = NULL, fields_filled = 0,
        reason = 'record_changed', version = t.version + 1
    FROM list_items i
    WHERE i.id = t.item_id AND t.record_id = :record_id AND t.done_by = 'record' AND t.state = 'done'
      AND t.month >= :month
      AND NOT EXISTS (SELECT FROM branch_activities a
                      WHERE a.id = :record_id AND a.branch_id = t.branch_id AND a.kind = i.record_template
                        AND a.state = 'held' AND a.held_on = t.done_on)
    RETURNING t.*
), kept AS (
    INSERT INTO task_steps (task_id, version, move, state, at, reason, by_name)
    SELECT id, version, 'reopen', 'open', :at, reason, 'record' FROM moved
)
SELECT month FROM moved"""
)

_COMPLETE = text(
    """
WITH shown AS (
    SELECT t.id, a.id AS record_id, a.by_visit, i.field_count,
           CASE WHEN a.recorded_at >= :ends_at THEN (a.recorded_at AT TIME ZONE 'Asia/Shanghai')::date
                ELSE a.held_on END AS done_on
    FROM tasks t
    JOIN list_items i ON i.id = t.item_id AND i.record_template IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT a.id, a.held_on, a.recorded_at, a.order_id IS NOT NULL AS by_visit
        FROM branch_activities a
        WHERE a.branch_id = t.branch_id AND a.kind = i.record_template AND a.state = 'held'
          AND a.held_on BETWEEN (CAST(:first AS date) - make_interval(months => i.window_months - 1))::date
                            AND CAST(:last AS date)
          AND (t.open_since IS NULL OR a.recorded_at > t.open_since)
        ORDER BY a.held_on, a.id LIMIT 1
    ) a
    WHERE t.month = :month AND t.branch_id = ANY (:ids) AND t.state IN ('open', 'returned')
    ORDER BY t.id
    FOR NO KEY UPDATE OF t
), moved AS (
    UPDATE tasks t
    SET state = 'done', done_on = shown.done_on, done_at = :at, done_by = 'record', done_by_id = NULL,
        record_id = shown.record_id, reason = NULL, version = t.version + 1,
        fields_filled = CASE WHEN shown.by_visit THEN shown.field_count ELSE 0 END
    FROM shown WHERE t.id = shown.id AND t.state IN ('open', 'returned')
    RETURNING t.*
)
INSERT INTO task_steps (task_id, version, move, state, at, done_on, record_id, by_name)
SELECT id, version, 'do', 'done', :at, done_on, record_id, 'record' FROM moved"""
)
