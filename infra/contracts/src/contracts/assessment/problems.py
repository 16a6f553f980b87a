"""The register of problems (A9): what was found at an organisation, where, by whom, and what became of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.rectifications import RectificationView
from contracts.envelope import Instant, Limit, Line, one_of

PROBLEM_SOURCES = ("round_visit", "spot_check", "superior_inspection", "supervision", "sampling", "light")
PROBLEM_STATES = ("open", "mending", "mended", "withdrawn")
PROBLEM_FILTERS = (*PROBLEM_STATES, "unmended", "waiting", "overdue")
"""What the register is narrowed to besides a state: not mended yet, reported and waiting, after its day."""


@dataclass(frozen=True)
class ProblemsAsked:
    """The problems at or below an organisation (below the asker's places if none), those found last first.

    `until_day` is the last day; `sample_id` keeps those that the inspections of one draw found.
    """

    organisation_id: UUID | None = None
    kind: Annotated[str | None, fields.String(load_default=None, validate=validate.Length(1, 40))] = None
    source: Annotated[str | None, one_of(PROBLEM_SOURCES)] = None
    state: Annotated[str | None, one_of(PROBLEM_FILTERS)] = None
    from_day: date | None = None
    until_day: date | None = None
    sample_id: UUID | None = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class ProblemAsked:
    """One problem with everything that became of it."""

    problem_id: UUID


@dataclass(frozen=True)
class ProblemCountsAsked:
    """How many problems there are at or below an organisation, by type, part, source and month."""

    organisation_id: UUID | None = None
    from_day: date | None = None
    until_day: date | None = None


@dataclass(frozen=True)
class WithdrawProblem:
    """Withdraw a problem that was registered by mistake, with its rectification."""

    problem_id: UUID
    reason: Line


@dataclass(frozen=True)
class AssignTraining:
    """Assign a training to a problem's organisation: what, who, by when."""

    problem_id: UUID
    subject: Line
    who: Line
    due_on: date


@dataclass(frozen=True)
class HoldTraining:
    """Say that a training that was assigned has been held."""

    training_id: UUID
    done_on: date
    text: Line


@dataclass(frozen=True)
class TrainingView:
    """A training that follows from a problem."""

    id: UUID
    subject: str
    who: str
    due_on: date
    assigned_by: str
    done_on: date | None
    done_text: str | None
    done_by: str | None
    is_overdue: bool


@dataclass(frozen=True)
class ProblemStepView:
    """A step of a problem."""

    move: str
    state: str
    at: Instant
    reason: str | None
    by_name: str


@dataclass(frozen=True)
class AgainView:
    """An earlier problem of the same organisation that is the same again: of the same kind, or in similar words.

    `similarity` of the two texts lies between 0 and 1.
    """

    id: UUID
    kind: str
    kind_name: str
    text: str
    found_on: date
    state: str
    is_same_kind: bool
    similarity: float


@dataclass(frozen=True, kw_only=True)
class ProblemView:
    """A problem. `superior` is the name of the organisation above its own. `rectification` is none until it is opened.

    `card_id` and `card_colour` name the card that was given for it. `steps`, `trainings`, `again` and `may` (what the
    asker may do with it now, by the names of the calls) come with one problem alone.
    """

    id: UUID
    organisation_id: UUID
    organisation_name: str
    superior: str | None
    kind: str
    kind_name: str
    text: str
    found_on: date
    found_by: str | None
    source: str
    source_id: UUID
    state: str
    registered_at: Instant
    rectification: RectificationView | None
    card_id: UUID | None
    card_colour: str | None
    card_state: str | None
    steps: list[ProblemStepView] = field(default_factory=list)
    trainings: list[TrainingView] = field(default_factory=list)
    again: list[AgainView] = field(default_factory=list)
    may: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ProblemCountView:
    """How many problems one kind, part, source or month has: together, of them not mended, of them overdue."""

    key: str
    name: str
    count: int
    unmended: int
    overdue: int


@dataclass(frozen=True)
class ProblemCountsView:
    """The counts of an organisation's problems; those withdrawn are left out.

    `organisation_id` is none where the asker's own places are counted together.
    """

    organisation_id: UUID | None
    name: str | None
    whole: ProblemCountView
    kinds: list[ProblemCountView]
    parts: list[ProblemCountView]
    sources: list[ProblemCountView]
    months: list[ProblemCountView]
