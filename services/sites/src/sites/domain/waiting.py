"""The waiting list of a slot (S6): seats that come free are offered by the sequence of joining, and kept meanwhile.

    waiting ──offer──▶ offered ──accept──▶ ordered
      │ └──close──▶ closed │ └──lapse──▶ lapsed
      └──leave──▶ left     └──decline──▶ declined

Who needs more seats than are free keeps the place and is passed over, and is told how often; the free seats go to the
next whose party fits. An entry closes when its slot takes no more orders.
"""

from datetime import datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

WAITING: Final = "waiting"
OFFERED: Final = "offered"
ORDERED: Final = "ordered"
DECLINED: Final = "declined"
LAPSED: Final = "lapsed"
LEFT: Final = "left"
CLOSED: Final = "closed"

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "offer": ({WAITING}, OFFERED),
    "accept": ({OFFERED}, ORDERED),
    "decline": ({OFFERED}, DECLINED),
    "lapse": ({OFFERED}, LAPSED),
    "leave": ({WAITING}, LEFT),
    "close": ({WAITING}, CLOSED),
}


class SeatsFree(Refusal):
    """{seats_left} seats are free in this slot: order them, there is nothing to wait for."""


class WaitingAlready(Refusal):
    """You wait for seats of this slot already."""


class PartyOverSeats(Refusal):
    """This slot has {seats} seats in all; a larger party waits in vain."""


class OfferOver(Refusal):
    """These seats are not offered to you any more."""


class NotWaiting(Refusal):
    """You are not on this waiting list any more."""


def state_at(state: str, *, offer_ends_at: datetime | None, at: datetime) -> str:
    """Return the entry's state as time has it: an offer lapses at its end, whether or not the timer has come by."""
    return LAPSED if state == OFFERED and offer_ends_at is not None and offer_ends_at <= at else state


def offer_until(at: datetime, *, offer_hours: int, bookable_until: datetime) -> datetime:
    """Return until when an offer is kept: so many hours, never past the instant until which the slot takes orders."""
    return min(at + timedelta(hours=offer_hours), bookable_until)
