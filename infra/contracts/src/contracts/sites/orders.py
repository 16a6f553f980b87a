"""Seats asked for and kept: orders of branches and of members."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Headcount, Instant, Limit, Line, Phone, one_of
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from contracts.sites.visits import CheckInView

HeadcountOrUnchanged = Annotated[
    int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 500))
]

ORDER_STATES = ("placed", "confirmed", "refused", "expired", "cancelled", "used", "no_show")


@dataclass(frozen=True)
class PlaceOrder:
    """Order a visit for a branch; without `branch_id` the actor books `party_size` seats for themself."""

    slot_id: UUID
    party_size: Headcount
    contact_name: Line
    contact_phone: Phone
    branch_id: UUID | None = None


@dataclass(frozen=True)
class MoveOrder:
    """Confirm an order by hand."""

    order_id: UUID


@dataclass(frozen=True)
class MoveOrderWithReason:
    """Refuse or cancel an order, saying why."""

    order_id: UUID
    reason: Line


@dataclass(frozen=True)
class AmendOrder:
    """Change the party, the slot, or both; what is left out stays. All of it is done or nothing."""

    order_id: UUID
    party_size: HeadcountOrUnchanged = None
    slot_id: UUID | None = None


@dataclass(frozen=True)
class OrderAsked:
    """One order, or its voucher."""

    order_id: UUID


@dataclass(frozen=True)
class OrdersAsked:
    """Orders that the asker may see, newest first."""

    branch_id: UUID | None = None
    site_id: UUID | None = None
    state: Annotated[str | None, one_of(ORDER_STATES)] = None
    on: date | None = None
    mine: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class OrderView:
    """One order. `voucher` is the short code shown at the door: none before confirmation, and for the finance side.

    `state` is what time has made of it. A cancellation after `cancel_free_until` is a late one. `answer_by`: until when
    a placed order waits for the site; in its last day `answer_is_due` reminds. `source`: online, or entered by the
    steward for somebody who called (telephone) or stood at the door (walk_in); then `branch_name` may be a group's.
    """

    id: UUID
    state: str
    branch_id: UUID | None
    branch_name: str | None
    party_size: int
    seats: int
    slot: SlotRef
    site: SiteRef
    subsidy_estimate_fen: Fen
    subsidy_explanation: list[dict[str, Any]]
    voucher: str | None
    contact_name: str
    contact_phone_masked: str
    placed_at: Instant
    placed_by: str
    check_in: CheckInView | None
    headcount: int | None
    claim_id: UUID | None
    reason: str | None
    version: int
    route_order_id: UUID | None = None
    cancelled_late: bool = False
    cancel_free_until: Instant | None = None
    answer_by: Instant | None = None
    answer_is_due: bool = False
    source: str = "online"
    needs: str | None = None
    branch_is_external: bool = False  # outside the district: never subsidised
