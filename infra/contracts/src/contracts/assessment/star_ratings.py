"""Stars and levels: a rating of a period, what each organisation got and by which steps."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.star_formulas import STAR_LEVELS, STAR_MEASURES, StarFormulaView
from contracts.envelope import Instant, Limit, Line, StoredFile, Text, one_of

STAR_FILES_FOLDER = "star-files"
RATING_STATES = ("drawing", "draft", "shown", "published", "withdrawn")
STEP_CODES = ("part", "missing", "not_rated", "sum", "threshold", "veto", "rank", "share", "result")
OBJECTION_ANSWERS = ("upheld", "rejected")
ORDERS = ("name", "points")
HALVES = (1, 2)
DAYS_MAX = 60
VALUE_MAX = 100_000


def _year() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))


def _half() -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.OneOf(HALVES))


def _days() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, DAYS_MAX))


def _value() -> fields.Float:
    return fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, VALUE_MAX))


def _measure() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(STAR_MEASURES))


def _stars() -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 5))


@dataclass(frozen=True)
class StarRatingsAsked:
    """The ratings that reach into the asker's part of the tree, the newest period first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class StarRatingAsked:
    """One rating."""

    rating_id: UUID


@dataclass(frozen=True, kw_only=True)
class DrawUpStarRating:
    """Rate the branches at and below an organisation for a year, or for half of one.

    The formula is the one that holds on the period's last day. The facts are frozen with the rating.
    """

    organisation_id: UUID
    year: Annotated[int, _year()]
    half: Annotated[int | None, _half()] = None


@dataclass(frozen=True)
class ShowStarRating:
    """Show a drawn rating to the organisations, who may object for so many days."""

    rating_id: UUID
    days: Annotated[int, _days()]


@dataclass(frozen=True)
class PublishStarRating:
    """Adopt and publish a rating that somebody else drew up, once its objections are answered."""

    rating_id: UUID


@dataclass(frozen=True)
class WithdrawStarRating:
    """Put a rating away that is not published."""

    rating_id: UUID
    reason: Line


@dataclass(frozen=True, kw_only=True)
class StarResultsAsked:
    """What the organisations of a rating got: by name, by their points only when asked for."""

    rating_id: UUID
    stars: Annotated[int | None, _stars()] = None
    level: Annotated[str | None, one_of(STAR_LEVELS)] = None
    moved_by: Annotated[str | None, one_of(("veto", "share", "missing", "not_rated"))] = None
    order: Annotated[str, fields.String(load_default="name", validate=validate.OneOf(ORDERS))] = "name"
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class StarResultAsked:
    """What one organisation got in a rating, with every step; in an earlier revision of it when one is named."""

    rating_id: UUID
    organisation_id: UUID
    revision: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 1000))
    ] = None


@dataclass(frozen=True)
class StarsOfBranchAsked:
    """What an organisation got in the ratings that it may see, the newest first."""

    organisation_id: UUID


@dataclass(frozen=True)
class ObjectToStarRating:
    """Object to what one's organisation got, while the rating is shown."""

    rating_id: UUID
    organisation_id: UUID
    text: Text


@dataclass(frozen=True, kw_only=True)
class InputCorrection:
    """A fact as it should have been; none says that it is missing."""

    measure: Annotated[str, _measure()]
    value: Annotated[float | None, _value()] = None


@dataclass(frozen=True, kw_only=True)
class AnswerStarObjection:
    """Answer an objection. One that is upheld names the fact that was wrong; the rating is drawn anew."""

    objection_id: UUID
    answer: Annotated[str, fields.String(required=True, validate=validate.OneOf(OBJECTION_ANSWERS))]
    text: Text
    measure: Annotated[str | None, one_of(STAR_MEASURES)] = None
    value: Annotated[float | None, _value()] = None


@dataclass(frozen=True, kw_only=True)
class CorrectStarRating(InputCorrection):
    """Correct a fact of a rating, with the reason; the rating is drawn anew.

    In a published one a second person confirms it first, and the published revision stays to be seen.
    """

    rating_id: UUID
    organisation_id: UUID
    reason: Line


@dataclass(frozen=True)
class ConfirmStarCorrection:
    """Confirm a correction of a published rating that somebody else asked for."""

    correction_id: UUID


@dataclass(frozen=True, kw_only=True)
class TryStarFormula:
    """Calculate a rating anew from its frozen facts: by its own formula, which proves it, or by another version."""

    rating_id: UUID
    formula_id: UUID | None = None


@dataclass(frozen=True)
class StarTrialAsked:
    """A calculation that one asked for."""

    job_id: UUID


@dataclass(frozen=True, kw_only=True)
class MakeStarFile:
    """Draw the sheet of one organisation as PDF, or write down the whole rating so that anyone can repeat it."""

    rating_id: UUID
    organisation_id: UUID | None = None


@dataclass(frozen=True)
class StarFileAsked:
    """A file of a rating that is or was being made."""

    job_id: UUID


# ---- told ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StarCount:
    """How many organisations got a grade."""

    grade: str
    count: int


@dataclass(frozen=True, kw_only=True)
class StarCorrectionView:
    """A correction of a fact; `revision` is the first that rests on it, none while it waits for a second person."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    measure: str
    value_before: float | None
    value: float | None
    reason: str
    asked_by: str
    asked_at: Instant
    confirmed_by: str | None
    confirmed_at: Instant | None
    revision: int | None


@dataclass(frozen=True, kw_only=True)
class StarObjectionView:
    """An objection and its answer."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    text: str
    by: str
    at: Instant
    answer: str | None
    answer_text: str | None
    answered_by: str | None
    answered_at: Instant | None


@dataclass(frozen=True, kw_only=True)
class StarRatingView:
    """A rating. `digest` is the SHA-256 of its results as the exported file has them, of the revision in force.

    `wanted_revision` is ahead of `revision` while it is being drawn; `fault` says why that failed. `may_rank` says
    whether its results may be asked for by points: not while the compliance switch is on.
    """

    id: UUID
    organisation_id: UUID
    organisation_name: str
    period: str
    first_day: date
    last_day: date
    state: str
    revision: int
    wanted_revision: int
    formula_id: UUID
    drawn_up_by: str
    drawn_up_at: Instant
    frozen_at: Instant | None
    objections_until: date | None
    published_by: str | None
    published_at: Instant | None
    reason: str | None
    organisations: int
    open_objections: int
    digest: str | None
    fault: Any = None
    formula: StarFormulaView | None = None
    counts: list[StarCount] = dataclass_field(default_factory=list)
    missing: list[StarCount] = dataclass_field(default_factory=list)
    objections: list[StarObjectionView] = dataclass_field(default_factory=list)
    corrections: list[StarCorrectionView] = dataclass_field(default_factory=list)
    may_rank: bool = False


@dataclass(frozen=True, kw_only=True)
class StarStepView:
    """One step: the measure with its value, points and weight in percent, or what moved the organisation, and why."""

    position: int
    code: str
    measure: str | None
    value: float | None
    points: float | None
    weight: int | None
    details: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StarResultView:
    """What an organisation got; `points` is none and `level` is none when it was not rated, 0 stars are none.

    The rank is told to those alone who see the whole rating.
    """

    rating_id: UUID
    organisation_id: UUID
    organisation_name: str
    field: str
    kind: str
    period: str
    state: str
    revision: int
    points: float | None
    stars: int | None
    level: str | None
    rank: int | None
    weak_when: list[int]
    moved_by: list[str]
    objections_until: date | None = None
    formula: StarFormulaView | None = None
    steps: list[StarStepView] = dataclass_field(default_factory=list)
    objections: list[StarObjectionView] = dataclass_field(default_factory=list)
    corrections: list[StarCorrectionView] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class StarMove:
    """An organisation that gets something else in a calculation than in the rating."""

    organisation_id: UUID
    organisation_name: str
    points_before: float | None
    points: float | None
    stars_before: int | None
    stars: int | None
    level_before: str | None
    level: str | None


@dataclass(frozen=True, kw_only=True)
class StarTrialView:
    """A calculation from a rating's frozen facts; `moves` are the first 500 of `moved`, by name.

    `is_same` says that every result and every step came out as it is kept.
    """

    id: UUID
    rating_id: UUID
    formula_id: UUID
    state: str
    asked_at: Instant
    error: Any
    organisations: int | None = None
    is_same: bool | None = None
    digest: str | None = None
    moved: int | None = None
    counts_before: list[StarCount] = dataclass_field(default_factory=list)
    counts: list[StarCount] = dataclass_field(default_factory=list)
    moves: list[StarMove] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class StarFileView:
    """How far a file of a rating is; `file` when it is done, `error` when it failed."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
