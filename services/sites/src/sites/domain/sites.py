"""A site's life (S1, S14): who may be received, who not any more.

    proposed ──open──▶ open ──suspend──▶ suspended ──withdraw──▶ withdrawn
       │                │ ◀───resume───────┘                        ▲
       └────────────────┴────────────────withdraw───────────────────┘

Only an open site takes orders. Suspending and withdrawing name a ground; the ground's rule says how many days of notice
those who have orders get: their visits until then stand, later ones may be kept or are cancelled.
"""

from datetime import date, timedelta
from typing import Final

from chassis.refusals import Refusal

PROPOSED: Final = "proposed"
OPEN: Final = "open"
SUSPENDED: Final = "suspended"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (PROPOSED, OPEN, SUSPENDED, WITHDRAWN)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "open": ({PROPOSED}, OPEN),
    "suspend": ({OPEN}, SUSPENDED),
    "resume": ({SUSPENDED}, OPEN),
    "withdraw": ({PROPOSED, OPEN, SUSPENDED}, WITHDRAWN),
}

ENDING: Final = frozenset({"suspend", "withdraw"})
"""Moves after which the site takes no orders; they need a ground."""


class SiteNotMovable(Refusal):
    """The site is {state} now; it cannot be {move} any more."""


class GroundUnknown(Refusal):
    """No rule in force knows this ground for this step."""


class NoticeTooShort(Refusal):
    """This ground asks for {notice_days} days of notice: keep the visits until {keep_until} at least."""


class ThreeSameUnchecked(Refusal):
    """A site becomes a training base only after sign, area and equipment are checked, within the check's term."""


def kept_until(asked: date | None, *, notice_days: int, today: date) -> date:
    """Return the last day whose visits still take place; without `asked` as few as the notice allows.

    Without notice that is the day before today: visits of today are cancelled too. Raises NoticeTooShort.
    """
    least = today + timedelta(days=notice_days) if notice_days else today - timedelta(days=1)
    if asked is None:
        return least
    if asked < least:
        raise NoticeTooShort(notice_days=notice_days, keep_until=least.isoformat())
    return asked
