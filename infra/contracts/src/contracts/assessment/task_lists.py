"""The five lists: what the branches of a field and level have to do each month, by versions from a month on."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.record_templates import RECORD_KINDS
from contracts.envelope import Instant, Limit, Line, Month, one_of, optional_line, schema_of
from contracts.roster.organisations import FIELDS

LISTS = ("study", "activities", "basic_tasks", "contact_point", "field_specific")
LEVELS = ("branch", "joint_branch")
"""The kinds of organisation that have lists."""
EVIDENCE = ("record", "text", "file", "none")
"""What shows that a task is done.

The record of an activity; a few sentences; a document, added as a file or said where it can be seen; or nothing but the
word of the branch. Files may be added to all but the first, and are never demanded.
"""
DOERS = ("secretary", "administrator", "committee", "group_leaders", "members", "contact_leader")
VERSION_STATES = ("draft", "adopted", "withdrawn")
ITEMS_MAX = 60
WINDOWS = (1, 2, 3, 6, 12)


def _number_or(usual: int, most: int) -> fields.Integer:
    return fields.Integer(load_default=usual, strict=True, validate=validate.Range(0, most))


def _day_or_25() -> fields.Integer:
    return fields.Integer(load_default=25, strict=True, validate=validate.Range(1, 31))


def _yes() -> fields.Boolean:
    return fields.Boolean(load_default=True)


def _no() -> fields.Boolean:
    return fields.Boolean(load_default=False)


def _window() -> fields.Integer:
    return fields.Integer(load_default=1, strict=True, validate=validate.OneOf(WINDOWS))


@dataclass(frozen=True, kw_only=True)
class TaskWords:
    """What is to be done, what shows that it is done, and what it costs those who do it.

    With evidence `record` the record that `record_template` names completes the task by itself, when it was held in
    the task's month or in one of the `window_months` that end with it. `field_count` is how many fields its evidence
    asks for, `minutes` how long filling them in takes.
    """

    text: Line
    evidence: Annotated[str, fields.String(required=True, validate=validate.OneOf(EVIDENCE))]
    record_template: Annotated[str | None, one_of(RECORD_KINDS)] = None
    window_months: Annotated[int, _window()] = 1
    doer: Annotated[str, fields.String(required=True, validate=validate.OneOf(DOERS))]
    is_required: Annotated[bool, _yes()] = True
    needs_acceptance: Annotated[bool, _no()] = False
    field_count: Annotated[int, _number_or(1, 200)] = 1
    minutes: Annotated[int, _number_or(5, 600)] = 5


@dataclass(frozen=True, kw_only=True)
class ListItem(TaskWords):
    """A task of a list: due on a day of each month that it applies in (1 to 12), with the source of it."""

    due_day: Annotated[int, _day_or_25()] = 25
    months: Annotated[
        list[int],
        fields.List(
            fields.Integer(strict=True, validate=validate.Range(1, 12)),
            load_default=lambda: list(range(1, 13)),
            validate=validate.Length(1, 12),
        ),
    ] = dataclass_field(default_factory=lambda: list(range(1, 13)))
    citation: Annotated[str | None, optional_line(200)] = None


Items = Annotated[
    list[ListItem],
    fields.List(fields.Nested(schema_of(ListItem)), required=True, validate=validate.Length(1, ITEMS_MAX)),
]


# ---- asked and told ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskListsAsked:
    """The lists with the version that holds in a month; in the current one when none is named."""

    list_code: Annotated[str | None, one_of(LISTS)] = None
    field: Annotated[str | None, one_of(FIELDS)] = None
    month: Month | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class TaskListAsked:
    """One list with all its versions."""

    list_id: UUID


@dataclass(frozen=True, kw_only=True)
class DraftTaskList:
    """Draft a new list for the branches of an organisation, all of them or those of one field and level.

    It holds from the month that its version names, once somebody else has adopted that. Without `organisation_id` it is
    for every branch.
    """

    list_code: Annotated[str, fields.String(required=True, validate=validate.OneOf(LISTS))]
    name: Line
    organisation_id: UUID | None = None
    field: Annotated[str | None, one_of(FIELDS)] = None
    level: Annotated[str | None, one_of(LEVELS)] = None
    from_month: Month
    citation: Line
    items: Items


@dataclass(frozen=True, kw_only=True)
class DraftListVersion:
    """Draft the list's next version, whole."""

    list_id: UUID
    from_month: Month
    citation: Line
    items: Items


@dataclass(frozen=True)
class AdoptListVersion:
    """Adopt a version that somebody else drafted; it holds from its month on."""

    version_id: UUID


@dataclass(frozen=True)
class WithdrawListVersion:
    """Put a draft away."""

    version_id: UUID
    reason: Line


@dataclass(frozen=True, kw_only=True)
class ListItemView:
    """A task of a version."""

    id: UUID
    position: int
    text: str
    evidence: str
    record_template: str | None
    window_months: int
    doer: str
    is_required: bool
    needs_acceptance: bool
    field_count: int
    minutes: int
    due_day: int
    months: list[int]
    citation: str | None


@dataclass(frozen=True, kw_only=True)
class ListVersionView:
    """A version of a list; `number` counts the adopted ones, a draft has none. It is never changed."""

    id: UUID
    number: int | None
    state: str
    from_month: str
    citation: str
    drafted_by: str
    drafted_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    reason: str | None
    items: list[ListItemView]


@dataclass(frozen=True, kw_only=True)
class TaskListView:
    """A list and whom it is for; `in_force` is the version that holds in the month asked for.

    `draft_count` drafts wait for somebody to adopt them.
    """

    id: UUID
    list_code: str
    name: str
    organisation_id: UUID | None
    organisation_name: str | None
    field: str | None
    level: str | None
    in_force: ListVersionView | None
    draft_count: int
    versions: list[ListVersionView] = dataclass_field(default_factory=list)


# ---- the tasks of branches ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AddTask(TaskWords):
    """Give the branches of an organisation, all of them or those of one field and level, a task besides their lists.

    It is due on `due_on` and belongs to that day's month.
    """

    organisation_id: UUID
    list_code: Annotated[str, fields.String(required=True, validate=validate.OneOf(LISTS))]
    field: Annotated[str | None, one_of(FIELDS)] = None
    level: Annotated[str | None, one_of(LEVELS)] = None
    due_on: date
    citation: Annotated[str | None, optional_line(200)] = None


@dataclass(frozen=True)
class AddedTaskView:
    """A task that was given to branches, and how many got it at once; others follow when they appear."""

    id: UUID
    text: str
    due_on: date
    branch_count: int
