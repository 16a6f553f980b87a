"""A batch before everybody's eyes (公示, S12): an objection holds its line alone, until finance decides it.

    open ──uphold───▶ upheld       the line leaves the batch, and the claim goes back to the site
      └───dismiss──▶ dismissed     the line is released

A line that is still held when the batch is approved leaves it; its claim waits for the decision, and another batch.
"""

from datetime import date, datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

from sites.domain.days import day_of

OPEN: Final = "open"
UPHELD: Final = "upheld"
DISMISSED: Final = "dismissed"
STATES: Final = (OPEN, UPHELD, DISMISSED)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "uphold": ({OPEN}, UPHELD),
    "dismiss": ({OPEN}, DISMISSED),
}


class NotPublic(Refusal):
    """This batch is not published, or the time for objections is over."""


class ObjectedAlready(Refusal):
    """You have objected to this line already; it waits for the decision."""


class ObjectionDecided(Refusal):
    """This objection is {state} already."""


class OwnObjection(Refusal):
    """Whoever objects, or entered the objection, does not decide it."""


def public_until(published_at: datetime, *, days: int) -> date:
    """Return the last day for objections: so many whole days after the day of publishing."""
    return day_of(published_at) + timedelta(days=days)
