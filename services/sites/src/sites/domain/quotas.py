"""Quotas of orders or minutes in a period, and appeals against a no-show (S6).

filed ──excuse──▶ excused
  └────reject──▶ rejected
"""

from dataclasses import dataclass
from typing import Final

from chassis.refusals import Refusal

FILED: Final = "filed"
EXCUSED: Final = "excused"
REJECTED: Final = "rejected"
APPEAL_MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "excuse": ({FILED}, EXCUSED),
    "reject": ({FILED}, REJECTED),
}


class QuotaFull(Refusal):
    """The quota of {most} {counts} a {period} is used up."""


class NotANoShow(Refusal):
    """There is no no-show to appeal against in this order."""


class AppealFiled(Refusal):
    """An appeal against this no-show was filed already."""


class AppealDecided(Refusal):
    """This appeal has been decided already."""


@dataclass(frozen=True)
class QuotaUse:
    """How far a quota is used before an order, and how much of it the order would take."""

    counts: str
    period: str
    most: int
    used: int
    wanted: int

    @property
    def left(self) -> int:
        """What is left of it for one order: above 0 when the order fits."""
        return self.most - self.used - self.wanted + 1
