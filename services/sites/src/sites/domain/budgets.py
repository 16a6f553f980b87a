"""How a fund's year goes and ends (S10): a forecast by the pace of its spending, and what is done with what is left.

    proposed ──approve──▶ done         another person; what the year has left is carried over or given back, once
        └────withdraw──▶ withdrawn

What is set aside or owed when a year ends stays in that year: it was promised from its money, for visits of that year,
and is paid from it later. So does what a rejected or lowered claim gave back, as long as an appeal may bring it back.
What is set free afterwards is left over again, and proposed again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chassis.refusals import Refusal

from sites.domain.days import month_after

CARRY_OVER: Final = "carry_over"
GIVE_BACK: Final = "give_back"
USES: Final = (CARRY_OVER, GIVE_BACK)

PROPOSED: Final = "proposed"
DONE: Final = "done"
WITHDRAWN: Final = "withdrawn"
STATES: Final = (PROPOSED, DONE, WITHDRAWN)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "approve": ({PROPOSED}, DONE),
    "withdraw": ({PROPOSED}, WITHDRAWN),
}

PACE_DAYS: Final = 90
WARN_BP: Final = (8000, 9500)
"""Of what was granted, in hundredths of a percent: where somebody should look, and where little is left."""


class FundYearNotOver(Refusal):
    """{year} is not over yet."""


class YearIsEmpty(Refusal):
    """The year {year} has nothing left to carry over or to give back."""


class KeptForAppeals(Refusal):
    """All that {year} has left is kept for claims that an appeal may still bring back: {filed} appeals wait for a
    decision, others can be filed until {until}. Decide the appeals, or propose again when that time is over."""


class YearEndTaken(Refusal):
    """What {year} has left is proposed already; have it approved or withdraw it first."""


class YearEndNotMovable(Refusal):
    """This proposal was decided already."""


class YearEndChanged(Refusal):
    """What the year has left is another amount meanwhile; withdraw the proposal and make it anew."""


class OwnYearEnd(Refusal):
    """You proposed this; another person has to approve it."""


@dataclass(frozen=True)
class Forecast:
    """What a year will have taken at its end: what is committed, and what its pace adds until the last day."""

    committed_fen: int
    expected_fen: int
    pace_days: int
    days_left: int
    last_day: date
    level: str | None

    @property
    def total_fen(self) -> int:
        """What will have been taken."""
        return self.committed_fen + self.expected_fen


def last_day(year: int, last_spending_day: str | None) -> date:
    """Return the last day for visits of the year; `last_spending_day` is MM-DD, or none for the year's end."""
    if last_spending_day is None:
        return date(year, 12, 31)
    month, _, day = last_spending_day.partition("-")
    # 02-29 is the last of February in other years.
    first = date(year, int(month), 1)
    return min(first + timedelta(days=int(day) - 1), month_after(first) - timedelta(days=1))


def forecast(
    *, today: date, year: int, first_day: date | None, recent_fen: int, committed_fen: int, granted_fen: int, last: date
) -> Forecast:
    """Say how the year will end, if what was committed a day in the last PACE_DAYS goes on until the last day.

    `recent_fen` was committed in these days; `first_day` is the first on which anything was, or none. Half a fen is
    up. The level is None, "watch" or "short" by the share committed, "over" when more is expected than was granted.
    """
    days_left = max((last - max(today, date(year, 1, 1) - timedelta(days=1))).days, 0)
    since = max(today - timedelta(days=PACE_DAYS - 1), first_day) if first_day else today
    pace_days = max((today - since).days + 1, 1)
    expected = max((2 * recent_fen * days_left + pace_days) // (2 * pace_days), 0) if first_day else 0
    level = None
    if committed_fen + expected > granted_fen:
        level = "over"
    if committed_fen:
        share_bp = 10_000 * committed_fen // granted_fen if granted_fen else 10_000
        if share_bp >= WARN_BP[1]:
            level = "short"
        elif share_bp >= WARN_BP[0] and level is None:
            level = "watch"
    return Forecast(committed_fen, expected, pace_days, days_left, last, level)


def change_bp(now_fen: int, before_fen: int) -> int | None:
    """Return by how many hundredths of a percent an amount changed; None from nothing."""
    return round(10_000 * (now_fen - before_fen) / before_fen) if before_fen else None
