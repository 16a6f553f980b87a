"""The way from an application to full membership: stages, steps, what is missing before the next."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Limit, Line, one_of
from contracts.roster.members import Details, required, short

STAGES = ("applicant", "activist", "object", "probationary", "full", "ended")
STEPS = (
    "talk",
    "recommendation",
    "committee_decision",
    "filed_above",
    "mentors_named",
    "inspection",
    "opinions_heard",
    "object_decision",
    "object_filed",
    "introducers_named",
    "political_review",
    "training",
    "committee_review",
    "pre_review",
    "application_form",
    "assembly_vote",
    "talk_above",
    "approval_above",
    "oath",
    "full_application",
    "full_opinions",
    "full_vote",
    "full_approval",
)


@dataclass(frozen=True)
class DevelopmentsAsked:
    """Those of an organisation and all below it who are on the way, by stage."""

    organisation_id: UUID
    stage: Annotated[str | None, one_of(STAGES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class DevelopmentAsked:
    """One person's way."""

    person_id: UUID


@dataclass(frozen=True)
class StepView:
    """A step that was done; `struck_*` when it was entered by mistake."""

    id: int
    step: str
    done_on: date
    hours: int | None
    note: str | None
    recorded_by: str
    struck_by: str | None
    struck_because: str | None


@dataclass(frozen=True)
class MissingView:
    """What is missing before the next stage.

    `step` is to be done (`count` more times), or `not_before` says from which day on the period has passed;
    `late_since` is the day on which the regulation's time for it ran out.
    """

    step: str | None
    count: int
    not_before: date | None
    late_since: date | None
    citation: str | None


@dataclass(frozen=True)
class DevelopmentView:
    """Where somebody stands on the way; `next_stage` is null at the end, `missing` is empty when it can be taken."""

    person_id: UUID
    name: str
    branch_id: UUID
    branch_name: str
    stage: str
    applied_on: date | None
    activist_on: date | None
    object_on: date | None
    probationary_on: date | None
    probation_until: date | None
    extended_until: date | None
    full_on: date | None
    ended_on: date | None
    next_stage: str | None
    missing: list[MissingView]
    steps: list[StepView]
    version: int


@dataclass(frozen=True)
class EnterApplicant(Details):
    """Enter somebody who applied to join."""

    branch_id: UUID = dataclass_field(kw_only=True)
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))] = dataclass_field(kw_only=True)
    applied_on: date = dataclass_field(kw_only=True)


@dataclass(frozen=True)
class RecordStep:
    """Write down a step that was done; `hours` for training alone."""

    person_id: UUID
    step: Annotated[str, required(STEPS)]
    done_on: date
    hours: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 1000)),
    ] = None
    note: Annotated[str | None, short(500)] = None


@dataclass(frozen=True)
class StrikeStep:
    """Strike out a step that was entered by mistake."""

    person_id: UUID
    step_id: int
    reason: Line


@dataclass(frozen=True)
class AdvanceStage:
    """Take the next stage on a day; that of a probationary or full member is the day of the assembly's vote."""

    person_id: UUID
    to_stage: Annotated[str, required(STAGES[1:-1])]
    happened_on: date
    version: int


@dataclass(frozen=True)
class ExtendProbation:
    """Extend a probation once, by half a year to a year, until a day."""

    person_id: UUID
    until: date
    reason: Line
    version: int


@dataclass(frozen=True)
class EndDevelopment:
    """Say that somebody who is no member yet goes no further."""

    person_id: UUID
    happened_on: date
    reason: Line
    version: int


@dataclass(frozen=True)
class MemberRuleView:
    """A period or a number of the regulation, with its dates and its citation."""

    rule: str
    numbers: dict[str, int]
    citation: str
    active_from: date
    active_until: date | None


@dataclass(frozen=True)
class RulesAsked:
    """The regulation's periods in force on a day (today)."""

    on: date | None = None
