"""After a visit (S8) who came gives stars and words, and the site replies; an officer may take a rating from view.

    shown ──flag──▶ flagged ──hide──▶ hidden     a flagged rating counts, its words wait
      │ └──────────────hide─────────────┘ │      a hidden one does not count
      └◀──────────────show────────────────┘

`show` leads back from both. The rating may be changed until the site has replied, and for so many days after the visit
was closed as the rule of that day says.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chassis.refusals import Refusal

from sites.domain.days import day_of, midnight

SHOWN: Final = "shown"
FLAGGED: Final = "flagged"
HIDDEN: Final = "hidden"
STATES: Final = (SHOWN, FLAGGED, HIDDEN)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "flag": ({SHOWN}, FLAGGED),
    "hide": ({SHOWN, FLAGGED}, HIDDEN),
    "show": ({FLAGGED, HIDDEN}, SHOWN),
}


class NotVisited(Refusal):
    """Only a visit that was closed can be rated."""


class KeepersDoNotRate(Refusal):
    """You keep this site; it is rated by those who visit it."""


class RatingOver(Refusal):
    """This visit could be rated until {open_until}."""


class RatingAnswered(Refusal):
    """The site has replied; the rating stays as it is."""


class RatingChanged(Refusal):
    """The rating is another one now; read it before you send yours. What you wrote is kept."""


class RatingNotMovable(Refusal):
    """The rating is {state} now; it cannot be {move}."""


def average(stars: Mapping[str, int]) -> Decimal:
    """Return the mean of the stars, to a hundredth."""
    return (Decimal(sum(stars.values())) / len(stars)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def open_until(closed_at: datetime, *, days: int) -> datetime:
    """Return until when a visit may be rated: the end of the last day."""
    return midnight(day_of(closed_at) + timedelta(days=days + 1))
