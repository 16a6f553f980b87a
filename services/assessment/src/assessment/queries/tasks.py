"""Tasks of branches: a branch's month, what is open below an organisation, how far the parts of the tree are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.evidence import MendingEvidenceView
from contracts.assessment.tasks import (
    BurdenAsked,
    BurdenView,
    ListBurdenView,
    TaskAsked,
    TaskNoteView,
    TaskOverviewAsked,
    TaskOverviewView,
    TaskPartView,
    TasksAsked,
    TaskStepView,
    TaskView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, case, func, or_, select, text, tuple_

from assessment.domain import tasks as rules
from assessment.domain.months import Month
from assessment.queries.boards import parts_of, place_of, way_up
from assessment.queries.evidence import files_of
from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.organisations import organisations
from assessment.tables.rectifications import evidence_files
from assessment.tables.task_lists import list_items, list_versions, task_lists
from assessment.tables.tasks import task_notes, task_steps, tasks

OPEN_STATES = (rules.OPEN, rules.RETURNED)


def tasks_asked(db: Connection, *, asked: TasksAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of a branch's tasks of a month, or of all branches' below an organisation, in the tree's order.

    Raises NotFound for an unknown branch or organisation, Forbidden.
    """
    month = Month.named(asked.month) if asked.month else Month.at(at)
    rows = _TASKS.where(tasks.c.month == str(month))
    if asked.branch_id:
        branch = organisation_named(db, asked.branch_id)
        if branch is None:
            raise NotFound()
        actor.must("read_tasks", branch=branch.path)
        rows = rows.where(tasks.c.branch_id == asked.branch_id)
    else:
        rows = rows.where(is_below(_paths(db, asked.organisation_id, actor=actor)))
    if asked.list_code:
        rows = rows.where(tasks.c.list_code == asked.list_code)
    if asked.state:
        rows = _narrowed(rows, asked.state, today=clock.today(at))
    if asked.cursor:
        after = key_in(asked.cursor, str, date.fromisoformat, UUID)
        rows = rows.where(tuple_(organisations.c.path, tasks.c.due_on, tasks.c.id) > after)
    rows = rows.order_by(organisations.c.path, tasks.c.due_on, tasks.c.id).limit(asked.limit + 1)
    return page_of(
        db.execute(rows).all(),
        limit=asked.limit,
        view=lambda row: _view(row, at=at),
        key=lambda row: (row.path, row.due_on, row.id),
    )


def task(db: Connection, *, asked: TaskAsked, actor: Actor, at: datetime) -> TaskView:
    """Return a task with its steps, notes and files, the oldest first. Raises NotFound, Forbidden."""
    row = row_of(db, asked.task_id)
    if row is None:
        raise NotFound()
    actor.must("read_tasks", branch=row.path)
    steps = db.execute(select(task_steps).where(task_steps.c.task_id == row.id).order_by(task_steps.c.version))
    notes = db.execute(select(task_notes).where(task_notes.c.task_id == row.id).order_by(task_notes.c.at))
    return _view(
        row,
        at=at,
        steps=[TaskStepView(step.move, step.state, step.at, step.by_name, step.reason) for step in steps],
        notes=[TaskNoteView(note.at, note.by_name, note.text) for note in notes],
        files=files_of(db, evidence_files.c.task_id, [row.id])[row.id],
    )


def row_of(db: Connection, task_id: UUID) -> Row[Any] | None:
    """Return the task with its item, list and branch, if there is such a task."""
    return db.execute(_TASKS.where(tasks.c.id == task_id)).one_or_none()


def burden(db: Connection, *, asked: BurdenAsked, actor: Actor, at: datetime) -> BurdenView:
    """Return what the lists ask of a branch in a month; what it is exempt from asks nothing.

    What the platform filled in wholly costs no minutes. Raises NotFound, Forbidden.
    """
    month = asked.month or str(Month.at(at))
    branch = organisation_named(db, asked.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("read_tasks", branch=branch.path)
    filled = tasks.c.fields_filled >= list_items.c.field_count
    rows = db.execute(
        select(
            tasks.c.list_code,
            func.count().label("tasks"),
            func.sum(list_items.c.field_count).label("field_count"),
            func.sum(tasks.c.fields_filled).label("fields_filled"),
            func.sum(case((filled & (list_items.c.field_count > 0), 0), else_=list_items.c.minutes)).label("minutes"),
        )
        .join(list_items, list_items.c.id == tasks.c.item_id)
        .where(tasks.c.branch_id == asked.branch_id, tasks.c.month == month, tasks.c.state != rules.EXEMPT)
        .group_by(tasks.c.list_code)
        .order_by(tasks.c.list_code)
    ).all()
    return BurdenView(
        branch_id=asked.branch_id,
        month=month,
        lists=[
            ListBurdenView(row.list_code, row.tasks, row.field_count, row.fields_filled, row.minutes) for row in rows
        ],
        field_count=sum(row.field_count for row in rows),
        fields_filled=sum(row.fields_filled for row in rows),
        minutes=sum(row.minutes for row in rows),
    )


def overview(db: Connection, *, asked: TaskOverviewAsked, actor: Actor, at: datetime) -> TaskOverviewView:
    """Return how far the parts directly below an organisation are, in the tree's order.

    Raises NotFound for an unknown organisation, Forbidden.
    """
    month = Month.named(asked.month) if asked.month else Month.at(at)
    above, paths = place_of(db, "read_task_overview", asked.organisation_id, actor=actor)
    rows, more = parts_of(db, above, paths, limit=asked.limit, cursor=asked.cursor)
    counted = _counted(
        db, [*rows, *([above] if above else [])], month=month, list_=asked.list_code, today=clock.today(at)
    )
    return TaskOverviewView(
        organisation_id=above.id if above else None,
        name=above.name if above else None,
        parent_id=way_up(db, "read_task_overview", above, actor=actor),
        month=str(month),
        whole=counted[above.id] if above else None,
        parts=[counted[row.id] for row in rows],
        next=more,
    )


def _counted(
    db: Connection, parts: Sequence[Row[Any]], *, month: Month, list_: str | None, today: date
) -> dict[UUID, TaskPartView]:
    counts = {
        row.id: row
        for row in db.execute(
            _COUNTS,
            {
                "ids": [part.id for part in parts],
                "month": str(month),
                "list": list_,
                "today": today,
                "day": min(today, month.last),
                "yellow_days": rules.YELLOW_DAYS,
            },
        )
    }
    names = ("branches", "tasks", "done", "waiting", "overdue", "exempt", "green", "yellow", "red")
    return {
        part.id: TaskPartView(
            organisation_id=part.id,
            name=part.name,
            kind=part.kind,
            **{name: counts[part.id]._mapping[name] for name in names},
        )
        for part in parts
    }


# The colours are those of domain/tasks.py, which a test compares with these.
_COUNTS = text(
    """
SELECT p.id, c.*
FROM organisations p
CROSS JOIN LATERAL (
    SELECT count(DISTINCT t.branch_id) AS branches, count(*) AS tasks,
           count(*) FILTER (WHERE t.state IN ('done', 'accepted')) AS done,
           count(*) FILTER (WHERE t.state = 'done' AND t.needs_acceptance) AS waiting,
           count(*) FILTER (WHERE t.state IN ('open', 'returned') AND t.due_on < :today) AS overdue,
           count(*) FILTER (WHERE t.state = 'exempt') AS exempt,
           count(*) FILTER (WHERE t.is_required AND t.colour = 'green') AS green,
           count(*) FILTER (WHERE t.is_required AND t.colour = 'yellow') AS yellow,
           count(*) FILTER (WHERE t.is_required AND t.colour = 'red') AS red
    FROM (
        SELECT t.branch_id, t.state, t.due_on, t.is_required, i.needs_acceptance,
               CASE WHEN t.state = 'exempt' THEN NULL
                    WHEN t.state IN ('done', 'accepted') AND t.done_on <= CAST(:day AS date)
                        THEN CASE WHEN t.done_on <= t.due_on THEN 'green' ELSE 'yellow' END
                    WHEN CAST(:day AS date) > t.due_on THEN 'red'
                    WHEN CAST(:day AS date) >= t.due_on - CAST(:yellow_days AS integer) THEN 'yellow'
                    ELSE 'green' END AS colour
        FROM organisations b
        JOIN tasks t ON t.branch_id = b.id AND t.month = :month
            AND (CAST(:list AS text) IS NULL OR t.list_code = :list)
        JOIN list_items i ON i.id = t.item_id
        WHERE b.path = p.path OR (b.path >= p.path || '.' AND b.path < p.path || '/')
    ) t
) c
WHERE p.id = ANY (:ids)"""
)

_TASKS: Select[Any] = (
    select(
        tasks,
        list_items.c.text.label("text_of_task"),
        list_items.c.evidence,
        list_items.c.record_template,
        list_items.c.window_months,
        list_items.c.doer,
        list_items.c.needs_acceptance,
        list_items.c.citation,
        list_items.c.field_count,
        list_items.c.minutes,
        task_lists.c.name.label("list_name"),
        organisations.c.name.label("branch_name"),
        organisations.c.path,
    )
    .join(list_items, list_items.c.id == tasks.c.item_id)
    .join(organisations, organisations.c.id == tasks.c.branch_id)
    .outerjoin(list_versions, list_versions.c.id == list_items.c.version_id)
    .outerjoin(task_lists, task_lists.c.id == list_versions.c.list_id)
)


def _paths(db: Connection, organisation_id: UUID | None, *, actor: Actor) -> list[str]:
    if organisation_id is None:
        paths = actor.paths_for("read_task_overview")
        if not paths:
            raise Forbidden()
        return paths
    organisation = organisation_named(db, organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("read_task_overview", organisation=organisation.path)
    return [organisation.path]


def _narrowed(rows: Select[Any], state: str, *, today: date) -> Select[Any]:
    if state == "open":
        return rows.where(tasks.c.state.in_(OPEN_STATES))
    if state == "overdue":
        return rows.where(tasks.c.state.in_(OPEN_STATES), tasks.c.due_on < today)
    if state == "waiting":
        return rows.where(tasks.c.state == rules.DONE, list_items.c.needs_acceptance)
    if state == "done":
        return rows.where(or_(tasks.c.state == rules.DONE, tasks.c.state == rules.ACCEPTED))
    return rows.where(tasks.c.state == rules.EXEMPT)


def _view(
    row: Row[Any],
    *,
    at: datetime,
    steps: Sequence[TaskStepView] = (),
    notes: Sequence[TaskNoteView] = (),
    files: Sequence[MendingEvidenceView] = (),
) -> TaskView:
    one = rules.Task(row.state, row.due_on, row.done_on, row.is_required)
    told = ("is_overdue", "colour", "steps", "notes", "files")
    kept = {name: row._mapping[name] for name in TaskView.__dataclass_fields__ if name not in told}
    return TaskView(
        **kept,
        is_overdue=rules.is_overdue(one, today=clock.today(at)),
        colour=rules.colour(one, month=Month.named(row.month), today=clock.today(at)),
        steps=list(steps),
        notes=list(notes),
        files=list(files),
    )
