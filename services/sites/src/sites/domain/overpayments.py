"""What a site was paid too much (S12): found in writing, confirmed by another person, kept back from its next payments.

    proposed ──confirm──▶ open ──recover──▶ recovered     all of it was kept back or paid back
        └─────refuse────▶ refused

A line of a batch reserves what it keeps back; the bank's answer recovers it, a line that leaves or fails gives it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

PROPOSED: Final = "proposed"
OPEN: Final = "open"
RECOVERED: Final = "recovered"
REFUSED: Final = "refused"
STATES: Final = (PROPOSED, OPEN, RECOVERED, REFUSED)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "confirm": ({PROPOSED}, OPEN),
    "refuse": ({PROPOSED}, REFUSED),
    "recover": ({OPEN}, RECOVERED),
}


class ClaimNotPaid(Refusal):
    """Only a paid claim can have been paid too much."""


class MoreThanPaid(Refusal):
    """That is more than was paid for the claim and not reported before."""


class OverpaymentNotMovable(Refusal):
    """This overpayment is {state} now; it cannot be {move} any more."""


class MoreThanOwed(Refusal):
    """The site owes {owed} yuan of this overpayment that no batch keeps back."""


@dataclass(frozen=True)
class Owed:
    """What a site still owes of one overpayment and no batch keeps back."""

    id: UUID
    site_id: UUID
    amount_fen: int


@dataclass(frozen=True)
class Due:
    """A line that is to be paid to a site."""

    line_id: UUID
    site_id: UUID
    amount_fen: int


@dataclass(frozen=True)
class Offset:
    """What a line keeps back for an overpayment."""

    line_id: UUID
    overpayment_id: UUID
    amount_fen: int


def offsets_of(dues: Iterable[Due], owed: Iterable[Owed]) -> list[Offset]:
    """Keep back from each site's lines, in their sequence, what it owes, oldest first, down to nothing to pay."""
    left: dict[UUID, list[Owed]] = {}
    for each in owed:
        left.setdefault(each.site_id, []).append(each)
    found = []
    for due in dues:
        rest = due.amount_fen
        waiting = left.get(due.site_id, [])
        while rest and waiting:
            first = waiting.pop(0)
            kept = min(rest, first.amount_fen)
            found.append(Offset(due.line_id, first.id, kept))
            rest -= kept
            if kept < first.amount_fen:
                waiting.insert(0, replace(first, amount_fen=first.amount_fen - kept))
    return found
