"""The numbers of annual reviews (A13): how a score and a grade come about, and what follows by when."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Final

import marshmallow

from contracts.envelope import Instant, Line

WEIGHTS: Final = ("weight_votes", "weight_superior", "weight_field", "weight_rounds", "weight_visits")


def _number(lowest: int, highest: int) -> marshmallow.fields.Integer:
    within = marshmallow.validate.Range(lowest, highest)
    return marshmallow.fields.Integer(required=True, strict=True, validate=within)


Percent = Annotated[int, _number(0, 100)]
Days = Annotated[int, _number(1, 365)]


@dataclass(frozen=True, kw_only=True)
class ReviewNumbers:
    """One version's numbers.

    Weights are shares of 100 together; `points_…` is what a vote is worth; `…_from` is the score from which a grade
    begins. With fewer than `good_votes_percent` votes for the upper two grades there is no 好, from
    `poor_votes_percent` votes for 差 on it is 差. `quorum_percent` of a meeting's members vote at least.
    `upward_depth` is the depth in the tree of the committees that recommend upward (1 is the root), `upward_most` how
    many a year. The rest are days until something is due, years, and the subsidy's percent.
    """

    weight_votes: Percent
    weight_superior: Percent
    weight_field: Percent
    weight_rounds: Percent
    weight_visits: Percent
    points_good: Percent
    points_fairly_good: Percent
    points_average: Percent
    points_poor: Percent
    good_from: Percent
    fairly_good_from: Percent
    average_from: Percent
    good_votes_percent: Percent
    poor_votes_percent: Annotated[int, _number(1, 100)]
    quorum_percent: Annotated[int, _number(1, 100)]
    report_days: Days
    talk_days: Days
    mend_days: Days
    other_days: Days
    no_promotion_years: Annotated[int, _number(1, 20)]
    subsidy_percent: Percent
    upward_depth: Annotated[int, _number(1, 6)]
    upward_most: Annotated[int, _number(1, 3)]
    reinspect_years: Annotated[int, _number(1, 10)]


REVIEW_NUMBERS: Final = tuple(field.name for field in fields(ReviewNumbers))


@dataclass(frozen=True)
class ReviewRulesAsked:
    """Every version of the numbers of reviews."""


@dataclass(frozen=True, kw_only=True)
class SetReviewRule(ReviewNumbers):
    """Enter the numbers that hold from a day to come on, with what they rest on."""

    effective_from: date
    citation: Line


@dataclass(frozen=True)
class ReviewRuleView:
    """A version; `state` is past, in_force or to_come."""

    effective_from: date
    numbers: ReviewNumbers
    citation: str
    state: str
    set_at: Instant | None
    set_by: str | None


@dataclass(frozen=True)
class ReviewRulesView:
    """The versions, newest first, and whether the asker may enter one."""

    versions: list[ReviewRuleView]
    may_set: bool
