"""The score of a visit (A9), each step of it: items to headings, headings to one number of 100.

A heading gives its weight times the points of its items over their full marks. What does not apply leaves both; a
heading of which nothing applies gives its weight to the others. Only the last number is rounded, halves up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Item:
    """An item of criteria, as far as the score goes."""

    id: str
    heading: int
    full_marks: Decimal


@dataclass(frozen=True)
class Heading:
    """A heading of criteria with its weight of 100."""

    number: int
    name: str
    weight: int


@dataclass(frozen=True)
class Step:
    """What a heading gave: points of full marks, and so much of its weight; none when nothing of it applied."""

    heading: int
    name: str
    weight: int
    points: Decimal
    full_marks: Decimal
    given: Decimal | None


@dataclass(frozen=True)
class Score:
    """The score, its steps, and over how much weight it was reckoned."""

    score: Decimal
    weight: int
    steps: list[Step]


def score_of(headings: Sequence[Heading], items: Sequence[Item], points: Mapping[str, Decimal | None]) -> Score | None:
    """Return the score of a visit whose items all have an answer; `points` of an item that does not apply are none.

    None when nothing applies at all. Raises KeyError for an item without an answer.
    """
    steps = []
    for heading in headings:
        counted = [item for item in items if item.heading == heading.number and points[item.id] is not None]
        got = sum((points[item.id] or Decimal(0) for item in counted), Decimal(0))
        full = sum((item.full_marks for item in counted), Decimal(0))
        given = heading.weight * got / full if full else None
        steps.append(Step(heading.number, heading.name, heading.weight, got, full, given))
    weight = sum(step.weight for step in steps if step.given is not None)
    if not weight:
        return None
    total = sum((step.given for step in steps if step.given is not None), Decimal(0))
    return Score((total * 100 / weight).quantize(CENT, ROUND_HALF_UP), weight, steps)
