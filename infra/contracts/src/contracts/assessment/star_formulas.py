"""Stars and levels: the formula, by versions; data that is checked and bounded, nothing in it is ever run."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.task_lists import LEVELS as KINDS
from contracts.envelope import Instant, Limit, Line, one_of, schema_of
from contracts.roster.organisations import FIELDS

STAR_MEASURES = (
    *("round_score", "green_share", "tasks_done", "records_held", "red_months"),
    *("problems_found", "problems_open", "card_highest", "card_open", "has_secretary"),
)
"""What is known of an organisation for a period; a card is 0 for none, 1 yellow, 2 orange, 3 red."""
STAR_PERCENTAGES = ("round_score", "green_share", "tasks_done", "has_secretary")
WHEN_MISSING = ("left_out", "zero", "not_rated")
COMPARISONS = ("at_least", "below", "missing")
STAR_LEVELS = ("advanced", "middle", "lagging")
STAR_GRADES = ("5", "4", "3", "2", "1", "advanced", "lagging")
FORMULA_STATES = ("draft", "adopted", "withdrawn")
PARTS_MAX = len(STAR_MEASURES)
RULES_MAX = 20


def _word(words: tuple[str, ...]) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(words))


def _number(least: int, most: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(least, most))


def _number_or_none(least: int, most: int) -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(least, most))


def _rules(of: type) -> fields.List:
    return fields.List(fields.Nested(schema_of(of)), load_default=list, validate=validate.Length(max=RULES_MAX))


@dataclass(frozen=True, kw_only=True)
class FormulaPart:
    """A measure and its weight in percent.

    A percentage is its points; of a count `number` are full marks (`records_held`), or each takes `number` points off.
    """

    measure: Annotated[str, _word(STAR_MEASURES)]
    weight: Annotated[int, _number(1, 100)]
    number: Annotated[int | None, _number_or_none(1, 1000)] = None
    when_missing: Annotated[str, _word(WHEN_MISSING)]


@dataclass(frozen=True, kw_only=True)
class FormulaCondition:
    """A measure compared with a whole number, or missing."""

    measure: Annotated[str, _word(STAR_MEASURES)]
    comparison: Annotated[str, _word(COMPARISONS)]
    number: Annotated[int | None, _number_or_none(0, 1000)] = None


@dataclass(frozen=True, kw_only=True)
class FormulaVeto(FormulaCondition):
    """What an organisation gets at most when the condition holds."""

    stars_max: Annotated[int | None, _number_or_none(0, 5)] = None
    level_max: Annotated[str | None, one_of(STAR_LEVELS)] = None


@dataclass(frozen=True, kw_only=True)
class FormulaShare:
    """How many percent may have a grade at most; of `lagging` have at least. Of one field or kind, or of all."""

    grade: Annotated[str, _word(STAR_GRADES)]
    percent: Annotated[int, _number(0, 100)]
    field: Annotated[str | None, one_of(FIELDS)] = None
    kind: Annotated[str | None, one_of(KINDS)] = None


Ties = Annotated[
    list[str],
    fields.List(
        fields.String(validate=validate.OneOf(STAR_MEASURES)),
        load_default=list,
        validate=validate.Length(max=PARTS_MAX),
    ),
]
Points = Annotated[int, _number(0, 100)]


@dataclass(frozen=True, kw_only=True)
class StarFormula:
    """What counts how much: parts whose weights are 100 percent, and the points that 1 to 5 stars and levels take.

    Vetoes and shares lower what the points gave. Organisations with equal sums are ranked by their points in `ties`, in
    that order; those still equal share a rank. `weak_when` says who is proposed for the list of weak organisations.
    """

    parts: Annotated[
        list[FormulaPart],
        fields.List(fields.Nested(schema_of(FormulaPart)), required=True, validate=validate.Length(1, PARTS_MAX)),
    ]
    stars_min: Annotated[
        list[int],
        fields.List(
            fields.Integer(strict=True, validate=validate.Range(0, 100)), required=True, validate=validate.Length(5, 5)
        ),
    ]
    advanced_min: Points
    middle_min: Points
    vetoes: Annotated[list[FormulaVeto], _rules(FormulaVeto)] = dataclass_field(default_factory=list)
    shares: Annotated[list[FormulaShare], _rules(FormulaShare)] = dataclass_field(default_factory=list)
    ties: Ties = dataclass_field(default_factory=list)
    weak_when: Annotated[list[FormulaCondition], _rules(FormulaCondition)] = dataclass_field(default_factory=list)
    lagging_is_weak: Annotated[bool, fields.Boolean(load_default=True)] = True


Formula = Annotated[StarFormula, fields.Nested(schema_of(StarFormula), required=True)]


@dataclass(frozen=True)
class StarFormulasAsked:
    """The versions of the formula, the newest first."""

    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class StarFormulaAsked:
    """One version of the formula."""

    formula_id: UUID


@dataclass(frozen=True, kw_only=True)
class DraftStarFormula:
    """Draft the formula's next version, whole; for the organisations at and below a node, or for every one.

    Once somebody else has adopted it, it holds for the periods that end on `from_day` or later.
    """

    organisation_id: UUID | None = None
    from_day: date
    citation: Line
    formula: Formula


@dataclass(frozen=True)
class AdoptStarFormula:
    """Adopt a version that somebody else drafted."""

    formula_id: UUID


@dataclass(frozen=True)
class WithdrawStarFormula:
    """Put a draft away."""

    formula_id: UUID
    reason: Line


@dataclass(frozen=True, kw_only=True)
class StarFormulaView:
    """A version of the formula; `number` counts the adopted ones of its node, a draft has none. Never changed."""

    id: UUID
    organisation_id: UUID | None
    organisation_name: str | None
    number: int | None
    state: str
    from_day: date
    citation: str
    formula: StarFormula
    drafted_by: str
    drafted_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    reason: str | None
