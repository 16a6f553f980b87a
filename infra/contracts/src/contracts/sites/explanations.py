"""Why something can or cannot be done with a slot or an order: every rule, with what it was judged by."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef


@dataclass(frozen=True)
class BookingAsked:
    """Can this party have this slot? Without `branch_id` one seat for oneself is meant."""

    slot_id: UUID
    party_size: Annotated[int, fields.Integer(required=True, validate=validate.Range(1, 500))]  # from an address: text
    branch_id: UUID | None = None


@dataclass(frozen=True)
class RuleView:
    """One rule as it was judged. One that does not stop an order is a note: something will be different."""

    rule: str
    passes: bool
    stops: bool
    inputs: dict[str, Any]
    code: str | None
    detail: str | None


@dataclass(frozen=True)
class NearbySlotView:
    """A slot that passes the rules for this party."""

    slot: SlotRef
    site: SiteRef
    seats_left: int


@dataclass(frozen=True)
class BookingExplanationView:
    """The slot's answer now: may be ordered when no rule that stops is broken; else the nearest slots that pass."""

    slot: SlotRef
    site: SiteRef
    party_size: int
    bookable: bool
    rules: list[RuleView]
    nearest: list[NearbySlotView]
    judged_at: Instant


@dataclass(frozen=True)
class OrderExplanationView:
    """How an order stands: what can still be done with it and until when, and why it costs what it costs."""

    order_id: UUID
    state: str
    rules: list[RuleView]
    subsidy_explanation: list[dict[str, Any]]
    judged_at: Instant
