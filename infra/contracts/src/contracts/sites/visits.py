"""At the door: vouchers, check-ins, the end of a visit."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import HeadcountOrNone, Instant
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef


@dataclass(frozen=True)
class CheckIn:
    """Record that the holder of a voucher came: a count, or the members by id. `happened_at` is the device's clock."""

    voucher: Annotated[str, fields.String(required=True, validate=validate.Length(4, 300))]
    check_in_id: UUID
    happened_at: Instant | None = None
    count: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 500))
    ] = None
    member_ids: Annotated[
        list[UUID] | None,
        fields.List(fields.UUID(), load_default=None, allow_none=True, validate=validate.Length(1, 500)),
    ] = None
    device_id: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    ] = None
    site_id: UUID | None = None


@dataclass(frozen=True)
class CloseOrder:
    """The visit is over; `headcount` heads came. A claim is drafted when the order was subsidised."""

    order_id: UUID
    headcount: HeadcountOrNone


@dataclass(frozen=True)
class CheckInView:
    """One use of a voucher at the door."""

    id: UUID
    order_id: UUID
    count: int
    happened_at: Instant
    recorded_at: Instant
    site: SiteRef
    party_size: int
    branch_name: str | None


@dataclass(frozen=True)
class VoucherView:
    """The proof shown at the door."""

    order_id: UUID
    voucher: str
    site: SiteRef
    slot: SlotRef
    party_size: int
    state: str
