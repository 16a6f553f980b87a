"""The burden meter: what this platform asks of a branch each month, counted from what was really asked and filled."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.record_templates import RECORD_KINDS
from contracts.envelope import Instant, Line, Month, schema_of

TASK, ADDED_TASK, JOINT_PART, MAKE_UP, REVIEW_REPORT = OTHER_FORMS = (
    *("task", "added_task", "joint_part", "make_up"),
    "review_report",
)
"""A task that no record shows, one given besides the lists, a word on another branch's joint activity, how somebody
made up what they missed, a report for the annual review."""
BURDEN_FORMS = (*RECORD_KINDS, *OTHER_FORMS)
TENTHS_MAX = 2400


def _tenths() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, TENTHS_MAX))


@dataclass(frozen=True)
class FormMinutes:
    """What one form costs, in tenths of a minute: `form_tenths` for opening and keeping it, `field_tenths` a field."""

    form: Annotated[str, fields.String(required=True, validate=validate.OneOf(BURDEN_FORMS))]
    form_tenths: Annotated[int, _tenths()]
    field_tenths: Annotated[int, _tenths()]


@dataclass(frozen=True)
class BranchBurdenAsked:
    """What a branch was asked for in a month, the current one when none is named, and the months before."""

    branch_id: UUID
    month: Month | None = None


@dataclass(frozen=True)
class BurdenOverviewAsked:
    """What the parts directly below an organisation were asked for (the asker's own place if none is named)."""

    organisation_id: UUID | None = None
    month: Month | None = None


@dataclass(frozen=True)
class FormBurdenView:
    """One form: how many of it, fields that were typed, fields that were filled in from what was known, minutes."""

    form: str
    forms: int
    typed: int
    filled: int
    minutes: float


@dataclass(frozen=True)
class MonthBurdenView:
    """A month as a whole."""

    month: str
    typed: int
    filled: int
    minutes: float


@dataclass(frozen=True)
class BranchBurdenView:
    """A branch's month by form, those that cost most first, and the twelve months up to it."""

    branch_id: UUID
    branch_name: str
    month: str
    ceiling_minutes: int
    is_over: bool
    typed: int
    filled: int
    minutes: float
    forms: list[FormBurdenView]
    trend: list[MonthBurdenView]
    citation: str
    is_compliant: bool


@dataclass(frozen=True)
class PartBurdenView:
    """A part of the tree: its branches, the average branch's fields and minutes, how many are over the ceiling."""

    organisation_id: UUID
    name: str
    kind: str
    branches: int
    typed: float
    filled: float
    minutes: float
    over: int


@dataclass(frozen=True)
class BurdenOverviewView:
    """The parts in the order of the tree, the whole, which forms cost most, and the trend; averages of a branch.

    `counted_at` says as of when; none while the month has not been counted.
    """

    organisation_id: UUID | None
    name: str | None
    parent_id: UUID | None
    month: str
    ceiling_minutes: int
    counted_at: Instant | None
    whole: PartBurdenView | None
    parts: list[PartBurdenView]
    forms: list[FormBurdenView]
    trend: list[MonthBurdenView]
    is_compliant: bool


@dataclass(frozen=True)
class BurdenRulesAsked:
    """Every version of the ceiling and of the minutes."""


@dataclass(frozen=True)
class SetBurdenRule:
    """Enter the ceiling (minutes a month for a branch) and what fields cost, from a day to come on.

    Tenths of a minute: `form_tenths` for opening and keeping a form, `field_tenths` for a typed field; `forms` names
    those that cost otherwise (as they are in force when none are named).
    """

    effective_from: date
    ceiling_minutes: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))]
    form_tenths: Annotated[int, _tenths()]
    field_tenths: Annotated[int, _tenths()]
    citation: Line
    forms: Annotated[
        list[FormMinutes] | None,
        fields.List(
            fields.Nested(schema_of(FormMinutes)), load_default=None, allow_none=True, validate=validate.Length(max=100)
        ),
    ] = None


@dataclass(frozen=True)
class BurdenRuleView:
    """A version; `state` is past, in_force or to_come."""

    effective_from: date
    ceiling_minutes: int
    form_tenths: int
    field_tenths: int
    forms: list[FormMinutes]
    citation: str
    state: str
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class BurdenRulesView:
    """The versions, newest first, and whether the asker may enter one."""

    versions: list[BurdenRuleView]
    may_set: bool
