"""A branch or a member asks a site for seats in one slot (S6), comes or does not come (S8).

    placed ──confirm──▶ confirmed ──close──▶ used
      │ ├──refuse──▶ refused  │ └──miss──▶ no_show
      │ └──expire──▶ expired  │
      └───────cancel──────────┴──▶ cancelled

    cancelled, no_show ──restore──▶ confirmed     the party came: a device without network let it in

Where the site confirms automatically, an order is confirmed when it is placed. Live orders hold seats: placed,
confirmed and used; whatever ends an order otherwise gives them back.

An amendment changes party or slot of a placed or confirmed order before its visit begins. It keeps the state, except
that one which grows or moves where the site confirms by hand is placed again.

Time ends orders by itself: one that no steward answered is expired, one whose party did not come is a no-show, from
that instant on for whoever reads or moves it (`state_at`); the timers only write it down and give the seats back.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.calendars import PublicDays, is_working_day
from sites.domain.days import day_of, midnight

PLACED: Final = "placed"
CONFIRMED: Final = "confirmed"
REFUSED: Final = "refused"
EXPIRED: Final = "expired"
CANCELLED: Final = "cancelled"
USED: Final = "used"
NO_SHOW: Final = "no_show"
STATES: Final = (PLACED, CONFIRMED, REFUSED, EXPIRED, CANCELLED, USED, NO_SHOW)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "confirm": ({PLACED}, CONFIRMED),
    "refuse": ({PLACED}, REFUSED),
    "expire": ({PLACED}, EXPIRED),
    "close": ({CONFIRMED}, USED),
    "miss": ({CONFIRMED}, NO_SHOW),
    "cancel": ({PLACED, CONFIRMED}, CANCELLED),
    "restore": ({CANCELLED, NO_SHOW}, CONFIRMED),
}

ONLINE: Final = "online"
TELEPHONE: Final = "telephone"
WALK_IN: Final = "walk_in"
"""Who entered an order: whoever it is for, or a steward for somebody who called or stood at the door."""

AUTOMATIC: Final = "automatic"
MANUAL: Final = "manual"
ANSWER_WORKING_DAYS: Final = 2
REMIND_BEFORE: Final = timedelta(days=1)
"""An order that the site has not answered reminds its steward this long before it lapses."""
MISSED_AFTER: Final = timedelta(minutes=30)
"""An order whose party has not come this long after the slot's end is a no-show (precise rule 4)."""


class SlotFull(Refusal):
    """Only {seats_left} seats are left in this slot."""


class SlotClosed(Refusal):
    """This slot takes no orders: {reason}."""


class SlotPast(Refusal):
    """This slot took orders until {bookable_until}."""


class NotYetBookable(Refusal):
    """This slot takes orders from {bookable_from} on."""


class GroupsFull(Refusal):
    """This slot takes {groups_max} groups, and has them."""


class QuotaReached(Refusal):
    """Your branch has {limit} open orders already; finish or cancel one first."""


class NotYourBranch(Refusal):
    """You are not this branch's secretary; you cannot order for it."""


class BranchUnknown(Refusal):
    """This branch is not known here, or its data has not arrived yet; try again in a moment."""


class OrderNotMovable(Refusal):
    """The order is {state} now; it cannot be {move} any more."""


class CancelledTooLate(Refusal):
    """The visit has begun; it cannot be cancelled any more."""


class ChangedTooLate(Refusal):
    """A party could grow or move until {change_until}; you can still shrink it or cancel."""


class VisitBegun(Refusal):
    """The visit has begun; the order cannot be changed any more."""


def state_at(state: str, *, answer_by: datetime | None, checked_in: int | None, ends_at: datetime, at: datetime) -> str:
    """Return the order's state as time has it: expired or missed as soon as it is, not when a timer comes by."""
    if state == PLACED and answer_by is not None and answer_by <= at:
        return EXPIRED
    if state == CONFIRMED and checked_in is None and ends_at + MISSED_AFTER <= at:
        return NO_SHOW
    return state


def first_state(confirmation: str) -> str:
    """Return the state in which an order begins."""
    return CONFIRMED if confirmation == AUTOMATIC else PLACED


def answer_by(placed_at: datetime, *, starts_at: datetime, public_days: PublicDays | None = None) -> datetime:
    """Return until when the steward may answer: the end of the second working day after, at the latest the start.

    Working days keep the public holidays and make-up workdays, as far as they are announced and given.
    """
    day = day_of(placed_at)
    left = ANSWER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day, public_days=public_days or {})
    return min(midnight(day + timedelta(days=1)), starts_at)


def is_group(branch_id: UUID | None, group_name: str | None) -> bool:
    """Say whether an order takes a place among its slot's groups: a member's own booking does not."""
    return branch_id is not None or group_name is not None


def unsubsidised(why: str) -> list[dict[str, Any]]:
    """Return the explanation of an order that no fund pays for.

    `why`: member_booking, external_branch, no_fund, month_used, telephone, walk_in or decided_unpaid.
    """
    return [{"rule": "unsubsidised", "inputs": {"why": why}, "amount_fen": 0}]
