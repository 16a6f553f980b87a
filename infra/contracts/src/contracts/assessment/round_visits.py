"""The visits of on-site rounds (A9): what the assessors write, the score, the report and the branch's word on it."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.rounds import NO_EVIDENCE, PROBLEM_KINDS, CriteriaVersionView
from contracts.envelope import Instant, Limit, Line, StoredFile, Text, one_of, optional_text, schema_of

REPORTS_FOLDER = "round-reports"
VISIT_STATES = (
    *("listed", "not_sampled", "unplaced", "assigned", "finished"),
    *("closed", "sent", "acknowledged", "disputed", "settled"),
)
ANSWERS_MAX = 600
PROBLEMS_MAX = 100


def _report_number() -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 999))


def _points() -> fields.Float:
    return fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 100))


# ---- what an assessor writes -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """An assessor's answer to an item; `id` is made on the device, so that what is sent again is the same answer.

    Without `points` the item does not apply here, which the remark explains. `no_evidence` says why nothing was shown.
    `answered_at` is by the device's clock; of several answers of one assessor the latest counts.
    """

    id: UUID
    item_id: UUID
    points: Annotated[float | None, _points()] = None
    no_evidence: Annotated[str | None, one_of(NO_EVIDENCE)] = None
    remark: Annotated[str | None, optional_text()] = None
    answered_at: Instant


@dataclass(frozen=True, kw_only=True)
class GivenProblem:
    """A problem found on a visit; `id` is made on the device."""

    id: UUID
    item_id: UUID | None = None
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(PROBLEM_KINDS))]
    text: Text
    found_at: Instant


@dataclass(frozen=True, kw_only=True)
class SyncVisit:
    """Take over what an assessor wrote on a visit, with or without a network in between; the same is taken once."""

    visit_id: UUID
    answers: Annotated[
        list[GivenAnswer],
        fields.List(fields.Nested(schema_of(GivenAnswer)), load_default=list, validate=validate.Length(0, ANSWERS_MAX)),
    ] = dataclass_field(default_factory=list)
    problems: Annotated[
        list[GivenProblem],
        fields.List(
            fields.Nested(schema_of(GivenProblem)), load_default=list, validate=validate.Length(0, PROBLEMS_MAX)
        ),
    ] = dataclass_field(default_factory=list)
    dropped: Annotated[
        list[UUID], fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, PROBLEMS_MAX))
    ] = dataclass_field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DecideItem:
    """As the team's leader say what counts for an item; without `points` it does not apply."""

    visit_id: UUID
    item_id: UUID
    points: Annotated[float | None, _points()] = None
    reason: Line


@dataclass(frozen=True)
class FinishVisit:
    """Say that everything is written; every item has an answer."""

    visit_id: UUID


@dataclass(frozen=True)
class ReopenVisit:
    """As the team's leader open a finished visit again."""

    visit_id: UUID
    reason: Line


@dataclass(frozen=True)
class OpenVisitAnew:
    """As the officer of the round open a visit again whose score is reckoned, until the round is ended.

    What it gave is kept as it was: the organisation goes on reading the report that it was sent until the next one
    comes. The score counts once the visit is closed again; problems that are registered are not registered twice.
    """

    visit_id: UUID
    reason: Line


@dataclass(frozen=True)
class CloseRoundVisit:
    """As the team's leader close a finished visit, with what its report says as a whole; this gives the score."""

    visit_id: UUID
    report: Text


@dataclass(frozen=True)
class SendReport:
    """Send the report of a closed visit to its organisation."""

    visit_id: UUID


@dataclass(frozen=True)
class SendReports:
    """Send the reports of all closed visits of a round."""

    round_id: UUID


@dataclass(frozen=True)
class ReportsSent:
    """How many reports were sent."""

    round_id: UUID
    sent: int


@dataclass(frozen=True)
class AcknowledgeReport:
    """Acknowledge the report, with the organisation's word on it."""

    visit_id: UUID
    word: Text


@dataclass(frozen=True)
class DisputeReport:
    """Dispute the report, with the reason."""

    visit_id: UUID
    reason: Text


@dataclass(frozen=True, kw_only=True)
class ChangedItem:
    """What counts for an item after a dispute; without `points` it does not apply."""

    item_id: UUID
    points: Annotated[float | None, _points()] = None


@dataclass(frozen=True, kw_only=True)
class SettleReport:
    """Decide a dispute: the report stands, or these items count otherwise and the score is reckoned anew."""

    visit_id: UUID
    decision: Text
    changes: Annotated[
        list[ChangedItem],
        fields.List(fields.Nested(schema_of(ChangedItem)), load_default=list, validate=validate.Length(0, 100)),
    ] = dataclass_field(default_factory=list)


# ---- asked and told ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoundVisitsAsked:
    """The visits of a round, in order of name; without a round one's own of rounds under way, by day."""

    round_id: UUID | None = None
    team_id: UUID | None = None
    state: Annotated[str | None, one_of(VISIT_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RoundReportsAsked:
    """The reports that were sent to an organisation and to those below it, in order of name."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RoundVisitAsked:
    """One visit, whole; with `report` that report of it, which was put aside when the visit was opened again."""

    visit_id: UUID
    report: Annotated[int | None, _report_number()] = None


@dataclass(frozen=True)
class MyFormsAsked:
    """Everything that an assessor needs on the way: own open visits with criteria and what was written so far."""


@dataclass(frozen=True, kw_only=True)
class RoundVisitLine:
    """A visit in a list. `score` only for whoever may read the round, and for its own organisation."""

    id: UUID
    round_id: UUID
    round_name: str
    organisation_id: UUID
    name: str
    town: str | None
    team_id: UUID | None
    team_name: str | None
    visit_on: date | None
    starts_at: str | None
    state: str
    answered: int
    items: int
    problems: int
    finished_on: date | None
    score: float | None


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """An assessor's latest answer to an item; told to the organisation visited, it is the team's (`by_id` none)."""

    id: UUID
    by_id: UUID | None
    by_name: str
    points: float | None
    no_evidence: str | None
    remark: str | None
    answered_at: Instant
    synced_at: Instant


@dataclass(frozen=True, kw_only=True)
class VisitDecisionView:
    """What was decided to count for an item."""

    points: float | None
    reason: str
    at: Instant
    by_name: str


@dataclass(frozen=True, kw_only=True)
class VisitItemView:
    """An item of a visit. `counted`: it is answered and nothing is open; then `points` count, none: does not apply.

    `is_conflict`: assessors differ, and the leader has not decided yet. Nothing of what they wrote is lost.
    """

    item_id: UUID
    answers: list[AnswerView]
    decision: VisitDecisionView | None
    counted: bool
    points: float | None
    is_conflict: bool


@dataclass(frozen=True, kw_only=True)
class VisitProblemView:
    """A problem found on a visit; once the visit is closed it stands in the register, and what became of it here.

    `state` is the problem's there, `mending_state` its rectification's, to be done by `deadline`.
    """

    id: UUID
    item_id: UUID | None
    kind: str
    text: str
    found_at: Instant
    by_id: UUID | None
    by_name: str
    problem_id: UUID | None = None
    state: str | None = None
    mending_state: str | None = None
    deadline: date | None = None


@dataclass(frozen=True, kw_only=True)
class CarriedProblemView:
    """A problem of an earlier round whose rectification was carried into this one, as it stands now."""

    problem_id: UUID
    kind: str
    text: str
    found_on: date
    mending_state: str
    deadline: date


@dataclass(frozen=True, kw_only=True)
class VisitStepView:
    """A step of a visit, with the score that it gave."""

    move: str
    state: str
    at: Instant
    by_name: str
    text: str | None
    score: float | None


@dataclass(frozen=True, kw_only=True)
class ScoreStepView:
    """What a heading gave: points of full marks, and so much of its weight; none when nothing of it applied."""

    heading: int
    name: str
    weight: int
    points: float
    full_marks: float
    given: float | None


@dataclass(frozen=True, kw_only=True)
class VisitScoreView:
    """The score, its steps, and over how much weight it was reckoned."""

    score: float
    weight: int
    steps: list[ScoreStepView]


@dataclass(frozen=True, kw_only=True)
class EarlierReportView:
    """A report that was put aside when its visit was opened again: why, and whether its organisation had got it."""

    number: int
    is_sent: bool
    score: float
    finished_on: date
    reason: str
    opened_at: Instant
    opened_by: str


@dataclass(frozen=True, kw_only=True)
class RoundVisitView:
    """A visit, whole. Its organisation sees it once it was sent: then without what single assessors wrote.

    `can_write` and `leads` say what the asker is to this visit: of its team, its leader. `number` is the report's:
    the first, or one more than those put aside. Of one put aside `is_aside` is true, and nothing can be done with it.
    """

    id: UUID
    round_id: UUID
    round_name: str
    organisation_id: UUID
    name: str
    town: str | None
    team_id: UUID | None
    team_name: str | None
    visit_on: date | None
    starts_at: str | None
    state: str
    can_write: bool
    leads: bool
    criteria: CriteriaVersionView
    items: list[VisitItemView]
    problems: list[VisitProblemView]
    carried: list[CarriedProblemView]
    score: VisitScoreView | None
    finished_on: date | None
    report: str | None
    word: str | None
    decision: str | None
    steps: list[VisitStepView]
    version: int
    round_state: str | None = None
    number: int = 1
    is_aside: bool = False
    earlier: list[EarlierReportView] = dataclass_field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MyFormsView:
    """What an assessor takes along: who it belongs to, and the open visits."""

    person_id: UUID
    name: str
    at: Instant
    visits: list[RoundVisitView]
    left_out: int


# ---- the report for print ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PrintReport:
    """Draw the report of a closed visit as it is now, or with `report` one that was put aside."""

    visit_id: UUID
    report: Annotated[int | None, _report_number()] = None


@dataclass(frozen=True)
class ReportPrintAsked:
    """A report that is or was being drawn."""

    job_id: UUID


@dataclass(frozen=True)
class ReportPrintView:
    """How far a report's file is; `file` when it is done, `error` when it failed. `done` in pages."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
