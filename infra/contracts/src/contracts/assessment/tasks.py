"""The tasks of branches: what a branch has to do in a month, and what was done about it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.evidence import MendingEvidenceView
from contracts.assessment.task_lists import LISTS
from contracts.envelope import Instant, Limit, Line, Month, Text, one_of, optional_text

TASK_STATES = ("open", "done", "returned", "accepted", "exempt")
COLOURS = ("green", "yellow", "red")
TASK_FILTERS = ("open", "overdue", "waiting", "done", "exempt")
"""What a list of tasks is narrowed to: still to be done, that after its day, done and waiting to be accepted, done."""


@dataclass(frozen=True)
class TasksAsked:
    """A branch's tasks of a month, or those of all branches below an organisation (below the asker's places if none).

    The current month when none is named.
    """

    branch_id: UUID | None = None
    organisation_id: UUID | None = None
    month: Month | None = None
    list_code: Annotated[str | None, one_of(LISTS)] = None
    state: Annotated[str | None, one_of(TASK_FILTERS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class TaskAsked:
    """One task with its steps and notes."""

    task_id: UUID


@dataclass(frozen=True, kw_only=True)
class DoTask:
    """Say that a task is done, with what shows it; `done_on` is today when it is not named.

    Files that show it are added before. A task that a record shows is completed by that record itself.
    """

    task_id: UUID
    done_on: date | None = None
    text: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class AcceptTask:
    """Accept what a branch did."""

    task_id: UUID


@dataclass(frozen=True)
class ReturnTask:
    """Give a done task back to its branch to be done better."""

    task_id: UUID
    reason: Line


@dataclass(frozen=True)
class ReopenTask:
    """Open a task anew that was done, accepted or exempt."""

    task_id: UUID
    reason: Line


@dataclass(frozen=True)
class ExemptTask:
    """Exempt a branch from a task."""

    task_id: UUID
    reason: Line


@dataclass(frozen=True)
class NoteTask:
    """Write a dated note to a task."""

    task_id: UUID
    text: Text


@dataclass(frozen=True)
class TaskStepView:
    """One step of a task."""

    move: str
    state: str
    at: Instant
    by_name: str
    reason: str | None


@dataclass(frozen=True)
class TaskNoteView:
    """A dated note."""

    at: Instant
    by_name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A branch's task. `colour` is that of the day, as its month ended once that is over; an exempt task has none.

    `record_id` names the record that shows it, `text` what was written. `steps`, `notes` and `files` come with one task
    alone.
    """

    id: UUID
    branch_id: UUID
    branch_name: str
    month: str
    list_code: str
    list_name: str | None
    text_of_task: str
    due_on: date
    evidence: str
    record_template: str | None
    window_months: int
    doer: str
    is_required: bool
    needs_acceptance: bool
    citation: str | None
    state: str
    is_overdue: bool
    colour: str | None
    done_on: date | None
    done_at: Instant | None
    done_by: str | None
    text: str | None
    record_id: UUID | None
    reason: str | None
    field_count: int
    fields_filled: int
    minutes: int
    version: int
    steps: list[TaskStepView] = field(default_factory=list)
    notes: list[TaskNoteView] = field(default_factory=list)
    files: list[MendingEvidenceView] = field(default_factory=list)


@dataclass(frozen=True)
class BurdenAsked:
    """What the lists ask of a branch in a month; the current one when none is named."""

    branch_id: UUID
    month: Month | None = None


@dataclass(frozen=True)
class ListBurdenView:
    """What one list asks: tasks, fields, of them filled in by the platform from what it has, minutes of work."""

    list_code: str
    tasks: int
    field_count: int
    fields_filled: int
    minutes: int


@dataclass(frozen=True)
class BurdenView:
    """What the lists ask of a branch in a month, by list and together."""

    branch_id: UUID
    month: str
    lists: list[ListBurdenView]
    field_count: int
    fields_filled: int
    minutes: int


@dataclass(frozen=True)
class TaskOverviewAsked:
    """How far the parts directly below an organisation are with the tasks of a month.

    Without `organisation_id` the asker's own places are the parts; the current month when none is named.
    """

    organisation_id: UUID | None = None
    month: Month | None = None
    list_code: Annotated[str | None, one_of(LISTS)] = None
    limit: Annotated[int, fields.Integer(load_default=50, validate=validate.Range(1, 100))] = 50
    cursor: str | None = None


@dataclass(frozen=True)
class TaskPartView:
    """How far one part of the tree is: its branches with tasks, their tasks, and those that are required by colour."""

    organisation_id: UUID
    name: str
    kind: str
    branches: int
    tasks: int
    done: int
    waiting: int
    overdue: int
    exempt: int
    green: int
    yellow: int
    red: int


@dataclass(frozen=True)
class TaskOverviewView:
    """How far an organisation is as a whole, and a page of the parts directly below it.

    `organisation_id` is none where the parts are the asker's own places; `parent_id` leads up, where the asker may.
    """

    organisation_id: UUID | None
    name: str | None
    parent_id: UUID | None
    month: str
    whole: TaskPartView | None
    parts: list[TaskPartView]
    next: str | None
