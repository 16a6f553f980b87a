"""What the sites service tells the others: facts about visits."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from contracts.envelope import Instant


@dataclass(frozen=True)
class VisitOrdered:
    """A branch's order stands: the month's theme day is planned."""

    order_id: UUID
    branch_id: UUID
    site_id: UUID
    site_name: str
    programme: str
    theme: str
    visit_on: date
    starts_at: Instant
    party_size: int


@dataclass(frozen=True)
class VisitAmended:
    """A branch's order was changed: another party, another time or another site. The whole of it, as it stands now."""

    order_id: UUID
    branch_id: UUID
    site_id: UUID
    site_name: str
    programme: str
    theme: str
    visit_on: date
    starts_at: Instant
    party_size: int
    state: str


@dataclass(frozen=True)
class VisitCancelled:
    """An order ended without a visit: cancelled, refused, expired or no-show."""

    order_id: UUID
    branch_id: UUID
    state: str
    reason: str


@dataclass(frozen=True)
class VisitClosed:
    """A visit took place and was closed with a headcount; `member_ids` are those who checked in by name."""

    order_id: UUID
    branch_id: UUID
    site_id: UUID
    site_name: str
    programme: str
    theme: str
    visit_on: date
    headcount: int
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    member_ids: list[UUID] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VisitSlotClosed:
    """The site closed the slot of an order that stands; its people choose another one or cancel."""

    order_id: UUID
    branch_id: UUID
    site_id: UUID
    site_name: str
    starts_at: Instant
    reason: str
    note: str | None


@dataclass(frozen=True)
class RequestDecided:
    """A branch's request in an allocation round ended: given, waiting, not_given, or withdrawn with the round."""

    request_id: UUID
    round_id: UUID
    title: str
    branch_id: UUID
    state: str
    position: int | None
