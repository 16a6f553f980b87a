"""The vocabulary of problems, and the numbers of days of mending and cards, in force from a day on."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from marshmallow import fields, validate

from contracts.envelope import Instant, Line

MENDING_DAYS: Final = (
    "yellow_days",
    "orange_days",
    "red_days",
    "talk_days",
    "report_days",
    "letter_days",
    "person_days",
    "objection_days",
    "decision_days",
)


def _number(lowest: int, highest: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(lowest, highest))


@dataclass(frozen=True)
class MendingRulesAsked:
    """Every kind of problem, and every version of the numbers."""


@dataclass(frozen=True)
class SetMendingRule:
    """Enter the numbers that are in force from a day to come on, with what they rest on.

    How many days a problem has after a card of each colour; within how many the superior talks, the written report is
    filed, the letter is sent, a named person takes over; within how many the organisation objects, and is answered.
    The supervision is held in the months from `supervision_from` to `supervision_until`.
    """

    effective_from: date
    yellow_days: Annotated[int, _number(1, 365)]
    orange_days: Annotated[int, _number(1, 365)]
    red_days: Annotated[int, _number(1, 365)]
    talk_days: Annotated[int, _number(1, 365)]
    report_days: Annotated[int, _number(1, 365)]
    letter_days: Annotated[int, _number(1, 365)]
    person_days: Annotated[int, _number(1, 365)]
    objection_days: Annotated[int, _number(1, 365)]
    decision_days: Annotated[int, _number(1, 365)]
    supervision_from: Annotated[int, _number(1, 12)]
    supervision_until: Annotated[int, _number(1, 12)]
    citation: Line


@dataclass(frozen=True)
class AddProblemKind:
    """Add a kind of problem to the vocabulary, from a day on. Its code is for programs: small letters, digits, `_`."""

    code: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,39}\Z"))]
    name: Line
    active_from: date
    citation: Line


@dataclass(frozen=True)
class RetireProblemKind:
    """Let a kind be used no more from a day to come on; the problems that bear it keep it."""

    code: Annotated[str, fields.String(required=True, validate=validate.Length(1, 64))]
    active_until: date


@dataclass(frozen=True)
class MendingRuleView:
    """A version; `state` is past, in_force or to_come."""

    effective_from: date
    yellow_days: int
    orange_days: int
    red_days: int
    talk_days: int
    report_days: int
    letter_days: int
    person_days: int
    objection_days: int
    decision_days: int
    supervision_from: int
    supervision_until: int
    citation: str
    state: str
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class ProblemKindView:
    """A kind of problem; `active_until` is the first day on which it is no longer given."""

    code: str
    name: str
    active_from: date
    active_until: date | None
    is_active: bool
    citation: str
    set_by: str | None


@dataclass(frozen=True)
class MendingRulesView:
    """The versions, newest first, the vocabulary in its order, and whether the asker may change them."""

    versions: list[MendingRuleView]
    kinds: list[ProblemKindView]
    may_set: bool
