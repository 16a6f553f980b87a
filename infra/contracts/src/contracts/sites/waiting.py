"""The waiting list of a full slot: who waits for how many seats, and the timed offer of what comes free."""

from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import Headcount, Instant, Limit, Line, Phone
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef

WAITING_STATES = ("waiting", "offered", "ordered", "declined", "lapsed", "left", "closed")


@dataclass(frozen=True)
class JoinWaitingList:
    """Wait for seats of a slot, for a branch; without `branch_id` the actor waits for one seat for themself."""

    slot_id: UUID
    party_size: Headcount
    contact_name: Line
    contact_phone: Phone
    branch_id: UUID | None = None


@dataclass(frozen=True)
class MoveWaitingEntry:
    """Take the offered seats, or give up one's place (an offer is declined by it)."""

    entry_id: UUID


@dataclass(frozen=True)
class WaitingEntryAsked:
    """One entry of a waiting list."""

    entry_id: UUID


@dataclass(frozen=True)
class WaitingEntriesAsked:
    """Entries that the asker may see, the newest first; `open` leaves out those that have ended."""

    branch_id: UUID | None = None
    site_id: UUID | None = None
    slot_id: UUID | None = None
    mine: bool = False
    open: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class WaitingEntryView:
    """One entry. `position` counts from 1 while it is open; `passed_over`: how often seats went to others behind,
    because too few came free or the quota was used up."""

    id: UUID
    state: str
    slot: SlotRef
    site: SiteRef
    branch_id: UUID | None
    branch_name: str | None
    person_name: str
    party_size: int
    position: int | None
    passed_over: int
    joined_at: Instant
    offer_ends_at: Instant | None
    order_id: UUID | None
