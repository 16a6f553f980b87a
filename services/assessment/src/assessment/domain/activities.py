"""What a branch does: a theme day, a meeting, a lecture.

    (nothing) ──plan──▶ planned ──hold──▶ held
        │               ▲  │ └──cancel──▶ cancelled
        │               plan                 ▲
        ├──cancel────────────────────────────┘
        └──hold──▶ held

A record written by hand is a draft, which counts for nothing, or begins as held; `correct` says what was held anew,
`withdraw` that it never took place: what is held is then cancelled.
What a visit tells about itself arrives in any order and more than once, so an activity is the fold of its facts in
the order of their versions, not of their arrival: whatever came first, the same facts make the same activity. That is
why a fact may find nothing before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

PLANNED, HELD, CANCELLED = TOLD = ("planned", "held", "cancelled")
DRAFT = "draft"
STATES = (DRAFT, *TOLD)
THEME_DAY = "theme_day"

MOVES: dict[str, tuple[frozenset[str | None], str]] = {
    "plan": (frozenset({None, PLANNED}), PLANNED),
    "hold": (frozenset({None, PLANNED}), HELD),
    "cancel": (frozenset({None, PLANNED}), CANCELLED),
    "correct": (frozenset({HELD}), HELD),
    "withdraw": (frozenset({HELD}), CANCELLED),
}


class OutOfTurn(ValueError):
    """An activity's facts contradict each other; the order they speak of cannot have moved like that."""


@dataclass(frozen=True)
class Fact:
    """One step in an activity's life. A cancellation knows neither day nor place."""

    version: int
    move: str
    at: datetime
    held_on: date | None = None
    subject: str | None = None
    place: str | None = None
    attended: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Activity:
    """An activity as its facts make it."""

    state: str
    held_on: date | None
    subject: str | None
    place: str | None
    attended: int | None
    recorded_at: datetime
    version: int


def told_by(facts: Iterable[Fact]) -> Activity:
    """Return the activity that the facts tell of; raises OutOfTurn, and ValueError when there are none."""
    activity: Activity | None = None
    for fact in sorted(facts, key=lambda fact: fact.version):
        allowed, state = MOVES[fact.move]
        before = activity.state if activity else None
        if before not in allowed:
            raise OutOfTurn(f"version {fact.version} would {fact.move} what is {before}")
        known = activity if activity and fact.held_on is None else fact
        activity = Activity(
            state=state,
            held_on=known.held_on,
            subject=known.subject,
            place=known.place,
            attended=fact.attended,
            recorded_at=activity.recorded_at if activity and fact.move == "correct" else fact.at,
            version=fact.version,
        )
    if activity is None:
        raise ValueError("no facts, no activity")
    return activity
