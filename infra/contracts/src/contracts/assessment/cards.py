"""Warning cards (A11): one problem of one organisation, yellow, orange, red and back, with what follows from each."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.evidence import MendingEvidenceView
from contracts.assessment.problems import ProblemView
from contracts.envelope import Instant, Limit, Text, one_of, optional_line

CARD_COLOURS = ("yellow", "orange", "red")
CARD_STATES = ("standing", "cleared", "lifted")
CARD_FILTERS = (*CARD_STATES, "overdue", "objected")
CARD_MOVES = ("give", "escalate", "step_down", "undo", "lift", "clear")
CARD_GROUNDS = (
    *("general_problem", "early_sign", "lagging"),
    *("perfunctory", "rebound", "weak_progress"),
    *("false_mending", "refused", "severely_late", "superior_finding"),
)
CONSEQUENCE_KINDS = (
    *("review_cap", "superior_talk", "mending_report", "inquiry_letter", "inquiry_talk"),
    *("named_person", "placed_under_rectification", "removal"),
)
DECISIONS = ("upheld", "rejected")


@dataclass(frozen=True)
class CardsAsked:
    """The cards at or below an organisation (below the asker's places if none), the latest first."""

    organisation_id: UUID | None = None
    colour: Annotated[str | None, one_of(CARD_COLOURS)] = None
    state: Annotated[str | None, one_of(CARD_FILTERS)] = None
    year: Annotated[int | None, fields.Integer(load_default=None, validate=validate.Range(2000, 2199))] = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class CardAsked:
    """One card with its steps, what follows from it, and what turns it back."""

    card_id: UUID


@dataclass(frozen=True)
class CardBoardAsked:
    """How many cards of each colour stand below an organisation (below the asker's places if none)."""

    organisation_id: UUID | None = None


@dataclass(frozen=True)
class GiveCard:
    """Give a card for a problem: a yellow one, or a red one for what a superior's inspection found.

    `secretary_name` is asked for only where the platform knows of nobody who leads the organisation that day.
    """

    problem_id: UUID
    ground: Annotated[str, fields.String(required=True, validate=validate.OneOf(CARD_GROUNDS))]
    text: Text
    colour: Annotated[str, fields.String(load_default="yellow", validate=validate.OneOf(("yellow", "red")))] = "yellow"
    secretary_name: Annotated[str | None, optional_line(100)] = None
    is_grave: Annotated[bool, fields.Boolean(load_default=False)] = False


@dataclass(frozen=True)
class EscalateCard:
    """Raise a card by one colour, with the ground and the evidence; `is_grave`: removal is to be decided on as well.

    `colour` is the one it has now: of two who raise it at once only one does.
    """

    card_id: UUID
    colour: Annotated[str, fields.String(required=True, validate=validate.OneOf(("yellow", "orange")))]
    ground: Annotated[str, fields.String(required=True, validate=validate.OneOf(CARD_GROUNDS))]
    text: Text
    is_grave: Annotated[bool, fields.Boolean(load_default=False)] = False


@dataclass(frozen=True)
class StepCardDown:
    """Take a card back by one colour, with the evidence; what follows from its colour must have been done."""

    card_id: UUID
    colour: Annotated[str, fields.String(required=True, validate=validate.OneOf(("orange", "red")))]
    text: Text


@dataclass(frozen=True)
class ClearCard:
    """Clear a card: its problem's rectification is accepted, and everything that follows from it is done."""

    card_id: UUID
    text: Text


@dataclass(frozen=True)
class FulfilCardConsequence:
    """Say that something that follows from a card has been done, with the proof: who, when, the document's number."""

    consequence_id: UUID
    done_on: date
    proof: Text


@dataclass(frozen=True)
class ObjectToCard:
    """Object to the last step of a card: its giving or its raising."""

    card_id: UUID
    text: Text


@dataclass(frozen=True)
class DecideCardObjection:
    """Decide on an objection: upheld, the step is undone; rejected, it stays."""

    card_id: UUID
    decision: Annotated[str, fields.String(required=True, validate=validate.OneOf(DECISIONS))]
    reason: Text


@dataclass(frozen=True)
class CardStepView:
    """A step of a card with its ground and evidence; `is_undone` when an objection against it was upheld."""

    version: int
    move: str
    colour: str
    state: str
    ground: str | None
    text: str
    at: Instant
    deadline: date
    by_name: str
    is_undone: bool


@dataclass(frozen=True)
class CardConsequenceView:
    """What follows from a card; `state` is in_force (a cap), due, done or void. `may` names what the asker may do."""

    id: UUID
    kind: str
    colour: str
    state: str
    due_on: date | None
    is_overdue: bool
    done_on: date | None
    proof: str | None
    by_name: str | None
    files: list[MendingEvidenceView] = field(default_factory=list)
    may: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CardObjectionView:
    """An objection against a step; `decide_by` is the last day for its answer."""

    version: int
    text: str
    raised_at: Instant
    by_name: str
    decide_by: date
    decision: str | None
    reason: str | None
    decided_at: Instant | None
    decided_by: str | None


@dataclass(frozen=True)
class CardNextView:
    """Something that stands between a card and its being taken back; `due_on` is its day, if it has one."""

    what: str
    due_on: date | None
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class CardView:
    """A card. `secretary_name` is who led the organisation on the day it was given.

    `review_cap` is the best grade that the year's review may give because of it. `problem`, `steps`, `consequences`,
    `objections`, `way_back` (what turns it back), `object_until` and `may` come with one card alone.
    """

    id: UUID
    problem_id: UUID
    organisation_id: UUID
    organisation_name: str
    superior: str | None
    kind_name: str
    problem_text: str
    colour: str
    highest: str
    state: str
    secretary_name: str
    given_on: date
    deadline: date
    ended_on: date | None
    is_overdue: bool
    due: int
    review_cap: str | None
    is_objected: bool
    problem: ProblemView | None = None
    steps: list[CardStepView] = field(default_factory=list)
    consequences: list[CardConsequenceView] = field(default_factory=list)
    objections: list[CardObjectionView] = field(default_factory=list)
    way_back: list[CardNextView] = field(default_factory=list)
    object_until: date | None = None
    may: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CardPartView:
    """The standing cards of one part of the tree by colour, and those past their day."""

    organisation_id: UUID
    name: str
    yellow: int
    orange: int
    red: int
    overdue: int


@dataclass(frozen=True)
class CardBoardView:
    """The standing cards as a whole and by the parts directly below; the year's caps count cleared cards as well."""

    organisation_id: UUID | None
    name: str | None
    yellow: int
    orange: int
    red: int
    overdue: int
    objected: int
    capped_below_good: int
    capped_at_fair: int
    parts: list[CardPartView]
