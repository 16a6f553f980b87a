"""What branches do about their tasks, and what their superiors say of it (A1).

Every move is one compare-and-set: of two who do the same task at once the second is told that it is done.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.tasks import (
    AcceptTask,
    DoTask,
    ExemptTask,
    NoteTask,
    ReopenTask,
    ReturnTask,
    TaskAsked,
    TaskView,
)
from sqlalchemy import Connection, Row, exists, insert, select

from assessment.domain.months import Month
from assessment.domain.tasks import MOVES
from assessment.operations.activities import MonthFrozen
from assessment.operations.lights import hold_branch, light_branch
from assessment.operations.moves import Machine
from assessment.queries import tasks as shown
from assessment.queries.scopes import must_judge, superior_of
from assessment.tables.rectifications import evidence_files
from assessment.tables.tasks import task_notes, task_steps, tasks


class TaskNotMovable(Refusal):
    """This task is {state}; it cannot be {move} any more."""


class TaskNeedsRecord(Refusal):
    """This task is completed by its record: write that down."""


class AcceptanceNotAsked(Refusal):
    """Nobody is asked to accept this task."""


class OwnTask(Refusal):
    """Whoever did a task does not judge it; somebody else does."""


MACHINE: Final = Machine(tasks, MOVES, TaskNotMovable, steps=task_steps, row_id="task_id")


_NOT_DONE: dict[str, Any] = {
    "done_on": None,
    "done_at": None,
    "done_by": None,
    "done_by_id": None,
    "record_id": None,
    "fields_filled": 0,
}


def do(db: Connection, *, asked: DoTask, actor: Actor, at: datetime) -> TaskView:
    """Say that a task is done, with what shows it.

    Raises TaskNeedsRecord, InvalidInput, MonthFrozen for a day of a month that is over, TaskNotMovable, NotFound,
    Forbidden.
    """
    task = _found(db, asked.task_id, "do_task", actor=actor)
    if task.evidence == "record":
        raise TaskNeedsRecord()
    today = clock.today(at)
    month = Month.named(task.month)
    done_on = asked.done_on or today
    faults: dict[str, list[str]] = {}
    if task.evidence == "text" and not asked.text:
        faults["text"] = ["Missing data for required field."]
    if not month.first <= done_on <= today:
        faults["done_on"] = ["The day lies between the month's first and today."]
    if faults:
        raise InvalidInput(faults)
    if today > month.last >= done_on:
        raise MonthFrozen(month=task.month)
    done = {"done_on": done_on, "done_at": at, "done_by": actor.name, "done_by_id": actor.person_id}
    _move(
        db,
        task,
        "do",
        actor=actor,
        at=at,
        kept={"done_on": done_on, "text": asked.text},
        reason=None,
        text=asked.text,
        **done,
    )
    if task.evidence == "file" and not asked.text and not _has_files(db, asked.task_id):
        raise InvalidInput({"text": ["Add a file that shows it, or write where it can be seen."]})
    return _told(db, asked.task_id, actor=actor, at=at)


def accept(db: Connection, *, asked: AcceptTask, actor: Actor, at: datetime) -> TaskView:
    """Accept what a branch did. Raises AcceptanceNotAsked, OwnTask, TaskNotMovable, NotFound, Forbidden."""
    task = _judged(db, asked.task_id, actor=actor)
    _move(db, task, "accept", actor=actor, at=at)
    return _told(db, asked.task_id, actor=actor, at=at)


def give_back(db: Connection, *, asked: ReturnTask, actor: Actor, at: datetime) -> TaskView:
    """Give a done task back to its branch. Raises AcceptanceNotAsked, OwnTask, TaskNotMovable, NotFound, Forbidden."""
    task = _judged(db, asked.task_id, actor=actor)
    _move(db, task, "return", actor=actor, at=at, reason=asked.reason, open_since=at, **_NOT_DONE)
    return _told(db, asked.task_id, actor=actor, at=at)


def reopen(db: Connection, *, asked: ReopenTask, actor: Actor, at: datetime) -> TaskView:
    """Open a task anew. In a month that is over this is a correction, which only a superior makes.

    Only they open again what they accepted or exempted. Raises MonthFrozen, TaskNotMovable, NotFound, Forbidden.
    """
    task = _found(db, asked.task_id, "reopen_task", actor=actor)
    if not actor.may("judge_task", branch=superior_of(task.path)):
        if Month.named(task.month) < Month.at(at):
            raise MonthFrozen(month=task.month)
        if task.state in ("accepted", "exempt"):
            actor.must("judge_task", branch=superior_of(task.path))
    _move(db, task, "reopen", actor=actor, at=at, reason=asked.reason, open_since=at, **_NOT_DONE)
    return _told(db, asked.task_id, actor=actor, at=at)


def exempt(db: Connection, *, asked: ExemptTask, actor: Actor, at: datetime) -> TaskView:
    """Exempt a branch from a task. Raises TaskNotMovable, NotFound, Forbidden."""
    task = _found(db, asked.task_id, "exempt_task", actor=actor)
    must_judge(db, actor, "exempt_task", organisation_id=task.branch_id, path=task.path)
    _move(db, task, "exempt", actor=actor, at=at, reason=asked.reason)
    return _told(db, asked.task_id, actor=actor, at=at)


def note(db: Connection, *, asked: NoteTask, actor: Actor, at: datetime) -> TaskView:
    """Write a dated note to a task. Raises NotFound, Forbidden."""
    _found(db, asked.task_id, "note_task", actor=actor)
    who = {"by_id": actor.person_id, "by_name": actor.name}
    db.execute(insert(task_notes).values(id=uuid4(), task_id=asked.task_id, at=at, text=asked.text, **who))
    return _told(db, asked.task_id, actor=actor, at=at)


def _told(db: Connection, task_id: UUID, *, actor: Actor, at: datetime) -> TaskView:
    return shown.task(db, asked=TaskAsked(task_id), actor=actor, at=at)


def _found(db: Connection, task_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    task = shown.row_of(db, task_id)
    if task is None:
        raise NotFound()
    actor.must(action, branch=task.path)
    return task


def _has_files(db: Connection, task_id: UUID) -> bool:
    """Tell whether files show the task; asked once it is moved, so that none is taken away any more."""
    return bool(db.scalar(select(exists().where(evidence_files.c.task_id == task_id))))


def _judged(db: Connection, task_id: UUID, *, actor: Actor) -> Row[Any]:
    task = _found(db, task_id, "judge_task", actor=actor)
    must_judge(db, actor, "judge_task", organisation_id=task.branch_id, path=task.path)
    if not task.needs_acceptance:
        raise AcceptanceNotAsked()
    if task.done_by_id == actor.person_id:
        raise OwnTask()
    return task


def _move(
    db: Connection,
    task: Row[Any],
    move: str,
    *,
    actor: Actor,
    at: datetime,
    kept: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Move the task if its state allows it, keep the step, and read the branch's light anew. Raises TaskNotMovable."""
    hold_branch(db, task.branch_id)
    told = {"reason": columns.get("reason"), **(kept or {})}
    MACHINE.move(db, task.id, move, actor=actor, at=at, kept=told, **columns)
    light_branch(db, branch_id=task.branch_id, at=at)
