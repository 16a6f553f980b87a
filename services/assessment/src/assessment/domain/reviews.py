"""The annual review of a secretary (A13), from the superior that opens it to the secretary who acknowledges its grade.

    opened ──hand_in──▶ handed_in ──call_vote──▶ voting ──count──▶ voted ──propose──▶ proposed ──decide──▶ decided
      ▲  │                │  │                                               ▲  ▲                            │
      └──┼───send_back────┘  │                                      propose──┘  └── propose ── decided,      │send_up
         └──────cancel───────┴──▶ cancelled                                                    sent_up       ▼
                               acknowledged ◀──acknowledge── published ◀────────────publish────────────── sent_up
                                    └──────────correct──────────▶ │ ▲
                                                                  └─┘ correct

The rule proposes the grade, people decide it and say why, and the year's highest card caps what they may decide. What
is published stays as it is; only a correction with its reason changes it, and has to be acknowledged anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

OPENED, HANDED_IN, VOTING, VOTED, PROPOSED, DECIDED, SENT_UP, PUBLISHED, ACKNOWLEDGED, CANCELLED = STATES = (
    *("opened", "handed_in", "voting", "voted", "proposed", "decided", "sent_up", "published", "acknowledged"),
    "cancelled",
)
FROZEN: Final = frozenset({PUBLISHED, ACKNOWLEDGED})

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "hand_in": (frozenset({OPENED}), HANDED_IN),
    "send_back": (frozenset({HANDED_IN}), OPENED),
    "cancel": (frozenset({OPENED, HANDED_IN}), CANCELLED),
    "call_vote": (frozenset({HANDED_IN}), VOTING),
    "count": (frozenset({VOTING}), VOTED),
    "propose": (frozenset({VOTED, PROPOSED, DECIDED, SENT_UP}), PROPOSED),
    "decide": (frozenset({PROPOSED}), DECIDED),
    "send_up": (frozenset({DECIDED}), SENT_UP),
    "publish": (frozenset({SENT_UP}), PUBLISHED),
    "acknowledge": (frozenset({PUBLISHED}), ACKNOWLEDGED),
    "correct": (FROZEN, PUBLISHED),
}

GOOD, FAIRLY_GOOD, AVERAGE, POOR = GRADES = ("good", "fairly_good", "average", "poor")
"""The grades 好、较好、一般、差, the best first; the votes of the meeting have the same words."""

CAPS: Final[dict[str, str]] = {"orange": FAIRLY_GOOD, "red": AVERAGE}
"""The best grade that a card of the year leaves, also when it was cleared (A11)."""

COMPONENTS: Final = ("votes", "superior", "field", "rounds", "visits")
"""What goes into the score, each from 0 to 100: the meeting's votes, the superior's marks, the field check's, the
year's rounds, and how many months had a visit to a site (a count of check-ins)."""

POST_KINDS: Final = ("village", "community", "branch", "general_branch", "committee")
"""Kinds of post: a run of years follows the person in the same kind."""


@dataclass(frozen=True)
class GradeRule:
    """A version of the rule: what each component weighs, what a vote is worth, from which score each grade begins.

    Fewer votes for the upper two grades than `good_votes_percent` leave at most 较好; as many votes for 差 as
    `poor_votes_percent` make 差.
    """

    weights: Mapping[str, int]
    vote_points: Mapping[str, int]
    good_from: int
    fairly_good_from: int
    average_from: int
    good_votes_percent: int
    poor_votes_percent: int


@dataclass(frozen=True)
class Part:
    """One component of a score: its value in tenths of a point (0 to 1000) and its weight."""

    component: str
    tenths: int
    weight: int


@dataclass(frozen=True)
class Proposal:
    """What the rule proposes: the score in tenths, its parts, the grade of the score, and the grade after votes and
    card; `because` names what lowered it: few_good_votes, many_poor_votes, card."""

    tenths: int
    parts: tuple[Part, ...]
    grade_of_score: str
    grade: str
    because: tuple[str, ...]


def tenths_of_votes(votes: Mapping[str, int], points: Mapping[str, int]) -> int:
    """Return what the votes are worth in tenths of a point, half up. Raises ValueError without a vote."""
    cast = sum(votes.values())
    if cast == 0:
        raise ValueError("nobody voted")
    return half_up(Fraction(10 * sum(points[grade] * number for grade, number in votes.items()), cast))


def propose(
    rule: GradeRule, *, votes: Mapping[str, int], tenths: Mapping[str, int], card: str | None, counted: Sequence[str]
) -> Proposal:
    """Return the grade that the rule proposes.

    `tenths` are the components that are there besides the votes; one that is missing, or not `counted`, weighs nothing
    and the others take its place. `card` is the highest of the year.
    """
    known = {"votes": tenths_of_votes(votes, rule.vote_points), **tenths}
    parts = tuple(
        Part(name, known[name], rule.weights[name])
        for name in COMPONENTS
        if name in known and name in counted and rule.weights.get(name)
    )
    score = half_up(Fraction(sum(part.tenths * part.weight for part in parts), sum(part.weight for part in parts)))
    of_score = grade_of(rule, score)
    grade, because = of_score, []
    cast = sum(votes.values())
    if 100 * (votes.get(GOOD, 0) + votes.get(FAIRLY_GOOD, 0)) < rule.good_votes_percent * cast and grade == GOOD:
        grade, because = FAIRLY_GOOD, ["few_good_votes"]
    if 100 * votes.get(POOR, 0) >= rule.poor_votes_percent * cast and grade != POOR:
        grade, because = POOR, [*because, "many_poor_votes"]
    if is_better(grade, cap := cap_of(card)):
        grade, because = cap, [*because, "card"]
    return Proposal(score, parts, of_score, grade, tuple(because))


def grade_of(rule: GradeRule, tenths: int) -> str:
    """Return the grade of a score in tenths of a point."""
    for grade, least in ((GOOD, rule.good_from), (FAIRLY_GOOD, rule.fairly_good_from), (AVERAGE, rule.average_from)):
        if tenths >= 10 * least:
            return grade
    return POOR


def cap_of(card: str | None) -> str:
    """Return the best grade that the year's highest card leaves."""
    return CAPS.get(card or "", GOOD)


def is_better(grade: str, than: str) -> bool:
    """Say whether one grade is better than another."""
    return GRADES.index(grade) < GRADES.index(than)


def worst(grades: Sequence[str]) -> str:
    """Return the worst of some grades."""
    return max(grades, key=GRADES.index)


def half_up(number: Fraction) -> int:
    """Return the whole number nearest to one that is not negative; the half goes up."""
    return int(number + Fraction(1, 2))


def post_kind(*, kind: str, field: str) -> str:
    """Return the kind of post of whoever leads such an organisation."""
    if kind in ("branch", "joint_branch"):
        return {"rural": "village", "community": "community"}.get(field, "branch")
    return "general_branch" if kind == "general_branch" else "committee"
