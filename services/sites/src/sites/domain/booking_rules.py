"""Which rules an order must keep, one by one, with what each was judged by: the one place that says yes or no (S6).

Placing, amending, accepting an offer, recurring orders and the explanation "why can't I book this?" all judge by RULES.
A rule that refuses has the refusal that its breach is told as; one that only notes says what will be different. What
nobody has asked for yet (None) is not judged here: placing leaves the counts to its write, which holds the locks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.refusals import NotFound, Refusal

from sites.domain.allocation import InAllocationRound
from sites.domain.days import said
from sites.domain.ledger import FundExhausted
from sites.domain.orders import GroupsFull, NotYetBookable, QuotaReached, SlotClosed, SlotFull, SlotPast
from sites.domain.quotas import QuotaFull, QuotaUse
from sites.domain.subsidy import CAPS
from sites.domain.training import PartyOutsideProgramme


@dataclass(frozen=True)
class Round:
    """The allocation round that gives a slot out."""

    id: UUID
    title: str
    draw_at: datetime


@dataclass(frozen=True)
class Booking:
    """What is asked of a slot, and how slot, branch and fund stand; None: not known here, so not judged."""

    party_size: int
    at: datetime
    closed_reason: str | None
    bookable_from: datetime | None
    bookable_until: datetime
    seats_left: int | None
    groups_max: int | None = None
    groups_taken: int | None = None
    is_group: bool = True
    open_orders: int | None = None
    open_orders_max: int | None = None
    quotas: Sequence[QuotaUse] = ()
    fund_left_fen: int | None = None
    estimate_fen: int | None = None
    estimate: Sequence[dict[str, Any]] | None = None  # the lines of its explanation
    subsidised_in_month: int | None = None
    subsidised_a_month_max: int | None = None
    is_external: bool | None = None
    site_confirms_by_hand: bool | None = None
    by_hand_until: datetime | None = None
    round: Round | None = None
    site_is_open: bool = True
    party_min: int | None = None
    party_max: int | None = None  # none: as many as there are seats
    programme_seats: int | None = None


Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """One rule as it was judged. `refusal` is what a breach is told as; a note has none and stops nothing."""

    rule: str
    passes: bool
    inputs: Inputs
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Rule:
    """`holds` says whether it is kept, None where it does not apply; `inputs` what it looked at."""

    name: str
    holds: Callable[[Booking], bool | None]
    inputs: Callable[[Booking], Inputs]
    refusal: Callable[[Booking], Refusal] | None = None


def in_round(round: Round | None) -> InAllocationRound:
    """Return the refusal that leads to the round."""
    assert round is not None
    return InAllocationRound(title=round.title, draw_at=said(round.draw_at), round_id=str(round.id))


def _tightest(booking: Booking) -> QuotaUse:
    """Return the quota that leaves the least room."""
    return min(booking.quotas, key=lambda quota: quota.left)


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


RULES: Final = (
    Rule(
        "site_open",
        lambda b: b.site_is_open,
        lambda b: {},
        lambda b: NotFound(),
    ),
    Rule(
        "slot_open",
        lambda b: b.closed_reason is None,
        lambda b: {"closed_reason": b.closed_reason},
        lambda b: SlotClosed(reason=b.closed_reason),
    ),
    Rule(
        "not_too_late",
        lambda b: b.bookable_until > b.at,
        lambda b: {"bookable_until": _instant(b.bookable_until)},
        lambda b: SlotPast(bookable_until=said(b.bookable_until)),
    ),
    Rule(
        "not_too_early",
        lambda b: None if b.bookable_from is None else b.bookable_from <= b.at,
        lambda b: {"bookable_from": _instant(b.bookable_from)},
        lambda b: NotYetBookable(bookable_from=said(b.bookable_from or b.at)),
    ),
    Rule(
        "allocation",
        lambda b: False if b.round else None,
        lambda b: (
            {"round_id": str(b.round.id), "title": b.round.title, "draw_at": _instant(b.round.draw_at)}
            if b.round
            else {}
        ),
        lambda b: in_round(b.round),
    ),
    Rule(
        "party",
        lambda b: (
            None
            if b.party_min is None or not b.is_group
            else b.party_min <= b.party_size <= (b.party_max or b.party_size)
        ),
        lambda b: {"party_size": b.party_size, "party_min": b.party_min, "party_max": b.party_max or b.programme_seats},
        lambda b: PartyOutsideProgramme(party_min=b.party_min, party_max=b.party_max or b.programme_seats),
    ),
    Rule(
        "seats",
        lambda b: None if b.seats_left is None else b.party_size <= b.seats_left,
        lambda b: {"party_size": b.party_size, "seats_left": b.seats_left},
        lambda b: SlotFull(seats_left=b.seats_left),
    ),
    Rule(
        "groups",
        lambda b: (
            None
            if b.groups_max is None or b.groups_taken is None or not b.is_group
            else b.groups_taken + 1 <= b.groups_max
        ),
        lambda b: {"groups_taken": b.groups_taken, "groups_max": b.groups_max},
        lambda b: GroupsFull(groups_max=b.groups_max),
    ),
    Rule(
        "open_orders",
        lambda b: None if b.open_orders is None or b.open_orders_max is None else b.open_orders < b.open_orders_max,
        lambda b: {"open_orders": b.open_orders, "open_orders_max": b.open_orders_max},
        lambda b: QuotaReached(limit=b.open_orders_max),
    ),
    Rule(
        "quota",
        lambda b: _tightest(b).left > 0 if b.quotas else None,
        lambda b: asdict(_tightest(b)),
        lambda b: QuotaFull(most=_tightest(b).most, counts=_tightest(b).counts, period=_tightest(b).period),
    ),
    Rule(
        "fund",
        lambda b: None if b.fund_left_fen is None or not b.estimate_fen else b.estimate_fen <= b.fund_left_fen,
        lambda b: {"estimate_fen": b.estimate_fen, "left_fen": b.fund_left_fen},
        lambda b: FundExhausted(),
    ),
    # ---- notes: they stop nothing, but something will be different -----------------------------------------------
    Rule(
        "subsidised_branch",
        lambda b: None if b.is_external is None else not b.is_external,
        lambda b: {"is_external": b.is_external},
    ),
    Rule(
        "subsidy_caps",
        lambda b: not _cuts(b) if b.estimate is not None else None,
        lambda b: {"cuts": _cuts(b)},
    ),
    Rule(
        "subsidised_visit_of_month",
        lambda b: (
            None
            if b.subsidised_in_month is None or b.subsidised_a_month_max is None
            else b.subsidised_in_month < b.subsidised_a_month_max
        ),
        lambda b: {"subsidised": b.subsidised_in_month, "subsidised_a_month_max": b.subsidised_a_month_max},
    ),
    Rule(
        "confirmed_at_once",
        lambda b: None if b.site_confirms_by_hand is None else not b.site_confirms_by_hand,
        lambda b: {"confirmation": "manual" if b.site_confirms_by_hand else "automatic"},
    ),
    Rule(
        "came_before",
        lambda b: None if not b.is_group else b.by_hand_until is None,
        lambda b: {"by_hand_until": _instant(b.by_hand_until)},
    ),
)


def _cuts(booking: Booking) -> list[dict[str, Any]]:
    """Return the lines by which caps, a last day or the kind of the site lower the estimate."""
    return [line for line in booking.estimate or () if line["rule"] in (*CAPS, "last_spending_day", "site_kind")]


def judge(booking: Booking) -> Iterator[Judged]:
    """Yield every rule that applies, in sequence, as it was judged."""
    for rule in RULES:
        holds = rule.holds(booking)
        if holds is not None:
            refusal = rule.refusal(booking) if rule.refusal and not holds else None
            yield Judged(rule.name, holds, rule.inputs(booking), refusal)


def refuse_breach(booking: Booking) -> None:
    """Raise the refusal of the first rule that is broken; a note stops nothing."""
    for judged in judge(booking):
        if judged.refusal is not None:
            raise judged.refusal
