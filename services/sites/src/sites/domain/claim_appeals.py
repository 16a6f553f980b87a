"""The site appeals, once, against the rejection or the lowered amount of its claim (S11).

    filed ──grant──▶ granted    a rejected claim comes back, a lowered one is raised to what was due
      └────refuse──▶ refused

Another person decides than who decided on the claim.
"""

from datetime import datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

from sites.domain.days import day_of, midnight

FILED: Final = "filed"
GRANTED: Final = "granted"
REFUSED: Final = "refused"
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "grant": ({FILED}, GRANTED),
    "refuse": ({FILED}, REFUSED),
}

REJECTION: Final = "rejection"
LOWERING: Final = "lowering"


class NothingToAppeal(Refusal):
    """Only a rejected claim, or one whose amount was lowered and that is in no batch yet, can be appealed against."""


class AppealOver(Refusal):
    """The time to appeal ended on {until}."""


class ClaimAppealed(Refusal):
    """This claim was appealed against already; that is done once."""


class ClaimAppealDecided(Refusal):
    """This appeal has been decided already."""


class AppealFindsNoMoney(Refusal):
    """The fund has not enough left in {year} for what this appeal brings back. Enter a further appropriation first,
    then grant it; the appeal waits meanwhile."""


class AppealOfEndedYear(Refusal):
    """{year} is over and has not enough left for what this appeal brings back, and an ended year gets no more money.
    Refuse the appeal with this reason; the site can ask the organisation department for a payment of its own."""


def appeal_until(decided_at: datetime, *, days: int) -> datetime:
    """Return when the time to appeal ends: after so many whole days from the day after the decision."""
    return midnight(day_of(decided_at) + timedelta(days=1 + days))
