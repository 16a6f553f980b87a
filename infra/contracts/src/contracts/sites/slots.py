"""Free seats: one programme at one time. Days are Asia/Shanghai calendar days."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.envelope import Instant, Limit
from contracts.sites.programmes import ProgrammeView


@dataclass(frozen=True)
class SlotsAsked:
    """A site's slots that start on the days `from_day` to `to_day` (both in); of a week from today without them."""

    site_id: UUID
    from_day: date | None = None
    to_day: date | None = None
    limit: Limit = 1000
    cursor: str | None = None


@dataclass(frozen=True)
class SlotAsked:
    """One slot, to be drawn on an order form."""

    slot_id: UUID


@dataclass(frozen=True)
class SlotView:
    """One programme at one time with its seats."""

    id: UUID
    site_id: UUID
    programme: ProgrammeView
    starts_at: Instant
    ends_at: Instant
    seats: int
    seats_left: int
    confirmation: str
    bookable: bool
    round_id: UUID | None = None  # the allocation round that gives it out
    waitable: bool = False  # full, and its waiting list is open


@dataclass(frozen=True)
class SlotRef:
    """A slot, in another view."""

    id: UUID
    programme: str
    starts_at: Instant
    ends_at: Instant
