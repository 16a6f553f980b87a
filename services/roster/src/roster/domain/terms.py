"""How long a committee is in office, how far its end can be moved, and how its term stands on a day.

    shift:  asked ──approve──▶ approved    the superior, another person; the term ends on the new day
              ├──refuse──▶ refused         the superior
              └──withdraw──▶ withdrawn     whoever asked

The numbers come from rows with dates and a citation (`term_rules`). A term runs from the day on which its result was
approved to the day before the same date so many years later.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chassis.refusals import Refusal

from roster.domain.organisations import BRANCH, COMMITTEE, GENERAL_BRANCH, JOINT_BRANCH
from roster.domain.periods import months_after

WITH_TERMS: Final = (COMMITTEE, GENERAL_BRANCH, BRANCH, JOINT_BRANCH)
"""The kinds whose committees are elected; working committees and leading groups are appointed for no fixed time."""
VILLAGES: Final = frozenset({"rural", "community"})

SHIFT_MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "approve": (frozenset({"asked"}), "approved"),
    "refuse": (frozenset({"asked"}), "refused"),
    "withdraw": (frozenset({"asked"}), "withdrawn"),
}


class NoTerm(Refusal):
    """No term is recorded here; have the superior write it down first."""


class TermRunning(Refusal):
    """A term is recorded here already, from {active_from} on."""


class NoFixedTerm(Refusal):
    """A {kind} is not elected for a fixed time."""


class TooFar(Refusal):
    """The end can be moved by at most a year: to a day from {earliest} to {latest}."""


class ShiftOpen(Refusal):
    """An application to move this term's end waits for its answer already."""


class ShiftDecided(Refusal):
    """This application is {state} already."""


class NotByOneself(Refusal):
    """Nobody approves what they entered themself; somebody else of the superior does."""


class NotHere(Refusal):
    """{name} is no full member of this organisation."""


class PostNotHeld(Refusal):
    """This post is not held any more."""


class SeatsFull(Refusal):
    """All {seats} seats of the committee are taken."""


class PostTaken(Refusal):
    """This person holds this post already."""


def term_rule(*, kind: str, field: str) -> str:
    """Return the name of the rule that says how long a term is; raises NoFixedTerm.

    《关于党的基层组织任期的意见》 (2018): committees five years; general branches and branches of villages and
    communities five, others three.
    """
    if kind not in WITH_TERMS:
        raise NoFixedTerm(kind=kind)
    if kind == COMMITTEE:
        return "term-committee"
    return "term-village" if field in VILLAGES else "term-other"


def last_day(active_from: date, years: int) -> date:
    """Return the day before the same date so many years later."""
    return months_after(active_from, 12 * years) - timedelta(days=1)


def shift_limits(regular_ends_on: date, months: int) -> tuple[date, date]:
    """Return the earliest and the latest last day, as 选举工作条例 article 3 allows: about a year early or late."""
    return months_after(regular_ends_on, -months), months_after(regular_ends_on, months)


def warned_on(ends_on: date, months: int) -> date:
    """Return the day from which on a term's end is near."""
    return months_after(ends_on, -months)


def status_of(ends_on: date | None, *, today: date, warning_months: int) -> str:
    """Return how a term stands: without, overdue, ending, running."""
    if ends_on is None:
        return "without"
    if today > ends_on:
        return "overdue"
    return "ending" if today >= warned_on(ends_on, warning_months) else "running"


@dataclass(frozen=True)
class TermFacts:
    """What the rules on terms look at: an organisation's open term, its seats, and since when something is empty."""

    today: date
    ends_on: date | None
    is_postponed: bool
    vacant_seats: int
    vacant_since: date | None
    secretary_vacant_since: date | None

    @property
    def longest_vacancy(self) -> date | None:
        """The day since which the secretary's or another seat has been empty longest."""
        return min((day for day in (self.vacant_since, self.secretary_vacant_since) if day), default=None)
