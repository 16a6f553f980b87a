"""At the door: vouchers, check-ins, the end of a visit."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import HeadcountOrNone, Instant, Limit, Line, StoredPicture, one_of, schema_of
from contracts.sites.pictures import PictureView
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef

CHECK_IN_STATES = ("valid", "duplicate", "flagged", "rejected")
CHECK_IN_FLAGS = ("cancelled", "superseded", "leaked", "early", "late", "no_show")
CHECK_IN_WAYS = ("code", "token", "list", "self", "walk_in")


@dataclass(frozen=True)
class CheckIn:
    """Record that the holder of a voucher came: a count, or the members by id. `happened_at` is the device's clock.

    `is_more` lets in more of a party that has arrived in parts; `reason` admits a party after the visit's end.
    `distance_m`: how far from the site the device was, where it knows; the place itself is not sent.
    """

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
    is_more: bool = False
    reason: Line | None = None
    distance_m: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 10**7))
    ] = None


@dataclass(frozen=True)
class DoorCheckIn:
    """One check-in as a device recorded it with no network.

    `happened_at` is the device's clock and `clock_offset_ms` ours less the device's at its last sync. `by_id` is who
    was on shift. `is_more` marks more of a party already inside, `reason` why somebody was admitted late.
    """

    voucher: Annotated[str, fields.String(required=True, validate=validate.Length(4, 300))]
    check_in_id: UUID
    happened_at: Instant
    count: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 500))
    ] = None
    member_ids: Annotated[
        list[UUID] | None,
        fields.List(fields.UUID(), load_default=None, allow_none=True, validate=validate.Length(1, 500)),
    ] = None
    clock_offset_ms: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(-(10**12), 10**12)),
    ] = None
    is_more: bool = False
    reason: Line | None = None
    way: Annotated[str | None, one_of(CHECK_IN_WAYS)] = None
    by_id: UUID | None = None
    distance_m: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 10**7))
    ] = None


@dataclass(frozen=True)
class RecordCheckIns:
    """Up to 500 check-ins recorded with no network, each an object like DoorCheckIn; each gets an answer of its own.

    Sent again, an item (by its `check_in_id`) gets its answer again. `sent_at` is the device's clock now.
    """

    items: Annotated[list[dict[str, Any]], fields.List(fields.Dict(), required=True, validate=validate.Length(1, 500))]
    sent_at: Instant | None = None
    site_id: UUID | None = None
    device_id: Annotated[
        str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    ] = None


@dataclass(frozen=True)
class CheckInsAnswered:
    """An answer per item, in their sequence.

    `state` is valid, duplicate (`valid` says which use counts: when, how many, by whom), flagged (`flag` says why; a
    person decides, and until then nothing is paid) or refused (with the `code` of a refusal, and nothing was kept).
    """

    items: list[dict[str, Any]]


@dataclass(frozen=True)
class CheckInsAsked:
    """Check-ins that the asker may see, the last received first."""

    order_id: UUID | None = None
    site_id: UUID | None = None
    state: Annotated[str | None, one_of(CHECK_IN_STATES)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class CheckInRecord:
    """One check-in with all that is known of it: three clocks, who, where, and what was decided."""

    id: UUID
    order_id: UUID
    order_state: str
    site_id: UUID
    site_name: str
    branch_name: str | None
    party_size: int
    count: int
    state: str
    flag: str | None
    is_more: bool
    way: str
    reason: str | None
    was_offline: bool
    happened_at: Instant
    device_at: Instant | None
    clock_offset_ms: int | None
    recorded_at: Instant
    by_name: str
    device: str | None
    decided_at: Instant | None
    decided_by: str | None
    decision_reason: str | None
    claim_id: UUID | None


CHECK_IN_DECISIONS = ("accept", "accept_unpaid", "reject")


@dataclass(frozen=True)
class DecideCheckIn:
    """Decide about a doubtful check-in: it counts and is paid, it counts unpaid, or it does not count."""

    check_in_id: UUID
    decision: Annotated[str, fields.String(required=True, validate=validate.OneOf(CHECK_IN_DECISIONS))]
    reason: Line


CLOSURE_PICTURES_MAX = 4


@dataclass(frozen=True)
class CloseOrder:
    """The visit is over; `headcount` heads came. A claim is drafted when the order was subsidised.

    `pictures` of the visit may be added; none has to be.
    """

    order_id: UUID
    headcount: HeadcountOrNone
    pictures: Annotated[
        list[StoredPicture],
        fields.List(
            fields.Nested(schema_of(StoredPicture)),
            load_default=list,
            validate=validate.Length(0, CLOSURE_PICTURES_MAX),
        ),
    ] = field(default_factory=list)


@dataclass(frozen=True)
class VisitPicturesView:
    """The pictures that the steward added when the visit was closed."""

    order_id: UUID
    pictures: list[PictureView]


@dataclass(frozen=True)
class InsideAsked:
    """How many are inside now at the sites that the asker keeps or oversees."""

    site_id: UUID | None = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class InsideView:
    """Who was let in and is still in a visit: `heads` of `parties`, against the site's `capacity`.

    `level`: calm, near (from `warn_percent` of the capacity) or full (from `alarm_percent`).
    """

    site: SiteRef
    heads: int
    parties: int
    capacity: int
    level: str
    warn_percent: int
    alarm_percent: int
    at: Instant


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
    state: str = "valid"
    flag: str | None = None
    is_more: bool = False
    way: str = "code"
    by_name: str | None = None
    device_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class VoucherView:
    """The proof shown at the door: a short code to type, and a signed token for the QR code of a confirmed order.

    `revision` counts the changes of the order that made older tokens invalid.
    """

    order_id: UUID
    voucher: str
    token: str | None
    revision: int
    site: SiteRef
    slot: SlotRef
    party_size: int
    state: str
