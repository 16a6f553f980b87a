"""What the sites service says and hears: places, slots, orders, visits, claims, settlement, the fund.

Money is integer fen. Points are WGS-84, longitude first. Days are Asia/Shanghai calendar days.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from contracts.envelope import (
    DAY_MAX,
    DAY_MIN,
    Fen,
    Headcount,
    HeadcountOrNone,
    Instant,
    Limit,
    Line,
    Month,
    Phone,
    PositiveFen,
    StoredFile,
    Text,
)

CATEGORIES = ("rural", "urban", "new_economy_and_social", "comprehensive")
SITE_KINDS = (
    "education_base",
    "demonstration_site",
    "party_school_teaching_point",
    "service_centre",
    "check_up_centre",
    "training_base",
)
ORDER_STATES = ("placed", "confirmed", "refused", "expired", "cancelled", "used", "no_show")
CLAIM_STATES = (
    "drafted",
    "submitted",
    "disputed",
    "confirmed",
    "approved",
    "batched",
    "paid",
    "returned",
    "rejected",
    "lapsed",
)
BATCH_STATES = ("prepared", "approved", "rejected", "settled", "partly_settled")
PAYMENT_FORMATS = ("xlsx", "csv", "pain.001")


class _Bbox(fields.Field[list[float]]):
    """Four numbers west,south,east,north in degrees, as OGC API – Features writes them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[float]:
        return numbers(value, low=(-180, -90, -180, -90), high=(180, 90, 180, 90))


class _LonLat(fields.Field[list[float]]):
    """A point lon,lat in degrees."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[float]:
        return numbers(value, low=(-180, -90), high=(180, 90))


def numbers(value: Any, *, low: tuple[float, ...], high: tuple[float, ...]) -> list[float]:
    """Read as many numbers as `low` has, comma-separated or a list; raises ValidationError."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != len(low):
        raise ValidationError(f"Write {len(low)} numbers, separated by commas.")
    try:
        found = [float(part) for part in parts]
    except (TypeError, ValueError) as error:
        raise ValidationError("Not a valid number.") from error
    if not all(a <= number <= b for a, number, b in zip(low, found, high, strict=True)):
        raise ValidationError("A coordinate is out of range; write longitude first, in degrees.")
    if len(found) == 4 and found[1] > found[3]:
        raise ValidationError("The box's south lies above its north.")
    return found


def _one_of(choices: tuple[str, ...]) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.OneOf(choices))


def _optional_text() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 2000))


# ---- the catalogue ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SitesAsked:
    """The map and the list: open sites, filtered; answered as a GeoJSON FeatureCollection."""

    bbox: Annotated[list[float] | None, _Bbox(load_default=None, allow_none=True)] = None
    category: Annotated[str | None, _one_of(CATEGORIES)] = None
    kind: Annotated[str | None, _one_of(SITE_KINDS)] = None
    town: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))] = (
        None
    )
    on: date | None = None
    seats: Annotated[int, fields.Integer(load_default=1, validate=validate.Range(1, 500))] = 1
    near: Annotated[list[float] | None, _LonLat(load_default=None, allow_none=True)] = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class SiteAsked:
    """One site; also asks for its programmes or its navigation links."""

    site_id: UUID


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
class SiteView:
    """One site. `point` is GeoJSON, WGS-84."""

    id: UUID
    code: str
    name: str
    category: str
    kind: str
    district: str
    town: str | None
    address: str | None
    point: dict[str, Any]
    capacity: int
    visit_minutes: int
    hours_text: str | None
    state: str
    synthetic: bool
    managing_organisation: str
    managing_path: str
    version: int


@dataclass(frozen=True)
class ProgrammeView:
    """One line of a site's menu."""

    id: UUID
    site_id: UUID
    name: str
    theme: str
    minutes: int
    seats: int


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


@dataclass(frozen=True)
class NavigationView:
    """Links that open a map programme at the site, each in that map's own datum."""

    amap: str
    baidu: str
    tencent: str
    geo: str


# ---- orders and visits ------------------------------------------------------------------------------------------


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
class OrderAsked:
    """One order, or its voucher."""

    order_id: UUID


@dataclass(frozen=True)
class OrdersAsked:
    """Orders that the asker may see, newest first."""

    branch_id: UUID | None = None
    site_id: UUID | None = None
    state: Annotated[str | None, _one_of(ORDER_STATES)] = None
    on: date | None = None
    mine: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class SiteRef:
    """A site, in another view."""

    id: UUID
    name: str


@dataclass(frozen=True)
class SlotRef:
    """A slot, in another view."""

    id: UUID
    programme: str
    starts_at: Instant
    ends_at: Instant


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
class OrderView:
    """One order. `voucher` is the short code shown at the door: none before confirmation, and for the finance side."""

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


@dataclass(frozen=True)
class VoucherView:
    """The proof shown at the door."""

    order_id: UUID
    voucher: str
    site: SiteRef
    slot: SlotRef
    party_size: int
    state: str


# ---- claims and settlement ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClaimsAsked:
    """Claims that the asker may see; `period` is the month of the visit."""

    state: Annotated[str | None, _one_of(CLAIM_STATES)] = None
    period: Month | None = None
    site_id: UUID | None = None
    branch_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ClaimAsked:
    """One claim."""

    claim_id: UUID


@dataclass(frozen=True)
class MoveClaim:
    """Submit a claim, confirm its headcount, or approve it.

    Approving decides a dispute: that takes a `reason`, and may name the `headcount` that counts (otherwise the
    branch's).
    """

    claim_id: UUID
    headcount: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 500))
    ] = None
    reason: Annotated[str | None, _optional_text()] = None


@dataclass(frozen=True)
class MoveClaimWithReason:
    """Return or reject a claim, saying why."""

    claim_id: UUID
    reason: Text


@dataclass(frozen=True)
class DisputeHeadcount:
    """The branch says that another number of heads came."""

    claim_id: UUID
    headcount: HeadcountOrNone
    reason: Text


@dataclass(frozen=True)
class MoveView:
    """One step of a history: who, when, why."""

    move: str
    state: str
    at: Instant
    by: str
    reason: str | None


@dataclass(frozen=True)
class ClaimView:
    """The site's bill for one visit, explained line by line; asked, approved and paid amounts are kept apart."""

    id: UUID
    order_id: UUID
    state: str
    period: str
    site: SiteRef
    branch_id: UUID
    branch_name: str
    visit_on: date
    party_size: int
    checked_in: int
    headcount: int
    headcount_confirmed: int | None
    headcount_disputed: int | None
    asked_fen: Fen
    approved_fen: Fen | None
    paid_fen: Fen | None
    encumbered_fen: Fen
    explanation: list[dict[str, Any]]
    confirm_by: Instant | None
    batch_id: UUID | None
    reason: str | None
    history: list[MoveView]
    version: int


@dataclass(frozen=True)
class MakeBatch:
    """Put the period's approved claims (or those named) into one batch; of one fund, named when several wait."""

    period: Month
    fund_id: UUID | None = None
    claim_ids: Annotated[
        list[UUID] | None,
        fields.List(fields.UUID(), load_default=None, allow_none=True, validate=validate.Length(1, 10_000)),
    ] = None


@dataclass(frozen=True)
class BatchesAsked:
    """Settlement batches, newest first."""

    state: Annotated[str | None, _one_of(BATCH_STATES)] = None
    period: Month | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class BatchAsked:
    """One batch with its lines."""

    batch_id: UUID


@dataclass(frozen=True)
class MoveBatch:
    """Approve a batch."""

    batch_id: UUID


@dataclass(frozen=True)
class MoveBatchWithReason:
    """Reject a batch, saying why; its claims are free for another one."""

    batch_id: UUID
    reason: Text


@dataclass(frozen=True)
class PaymentFileAsked:
    """An approved batch's payment file; answered as bytes."""

    batch_id: UUID
    format: Annotated[str, fields.String(load_default="csv", validate=validate.OneOf(PAYMENT_FORMATS))] = "csv"


@dataclass(frozen=True)
class RecordBankResults:
    """The bank's answer to a batch's payment file: paid and failed lines."""

    batch_id: UUID
    file: StoredFile


@dataclass(frozen=True)
class BatchLineView:
    """One payee's payment of one claim inside a batch."""

    id: UUID
    claim_id: UUID
    site: SiteRef
    payee_name: str
    payee_account_masked: str
    amount_fen: Fen
    state: str
    bank_reference: str | None
    reason: str | None


@dataclass(frozen=True)
class BatchView:
    """Claims paid together; count and control sum equal the lines."""

    id: UUID
    number: str
    period: str
    state: str
    count: int
    total_fen: Fen
    paid_fen: Fen
    failed_fen: Fen
    prepared_by: str
    approved_by: str | None
    prepared_at: Instant
    approved_at: Instant | None
    reason: str | None
    lines: list[BatchLineView]
    history: list[MoveView]
    version: int


# ---- the fund and its ledger ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FundsAsked:
    """All funds with the balances of a year, or of this one."""

    year: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, validate=validate.Range(DAY_MIN.year, DAY_MAX.year)),
    ] = None


@dataclass(frozen=True)
class AppropriateFund:
    """Money granted to a fund by a document."""

    fund_id: UUID
    amount_fen: PositiveFen
    document_number: Line


@dataclass(frozen=True)
class FundView:
    """A fund's year: appropriated = available + encumbered + payable + paid."""

    id: UUID
    code: str
    name: str
    path: str
    year: int
    appropriated_fen: Fen
    available_fen: Fen
    encumbered_fen: Fen
    payable_fen: Fen
    paid_fen: Fen
    version: int


@dataclass(frozen=True)
class PolicyAsked:
    """The subsidy policy in force on a day; on today when none is named."""

    on: date | None = None


@dataclass(frozen=True)
class PolicyView:
    """What a visit is worth: a base, a rate for each head, the most for one visit, the least heads; and its source."""

    name: str
    version: int
    active_from: date
    active_until: date | None
    per_visit_fen: Fen
    per_head_fen: Fen
    visit_cap_fen: Fen
    heads_min: int
    citation: str


@dataclass(frozen=True)
class TrialBalanceAsked:
    """The trial balance as at the end of a day; of all entries when none is named."""

    on: date | None = None
    fund_id: UUID | None = None


@dataclass(frozen=True)
class AccountBalanceView:
    """One account's debits, credits and balance (credits − debits)."""

    account: str
    name: str
    debits_fen: Fen
    credits_fen: Fen
    balance_fen: Fen


@dataclass(frozen=True)
class TrialBalanceView:
    """All accounts; debits equal credits, so `difference_fen` is 0, and the kept balances agree with the entries."""

    on: date | None
    accounts: list[AccountBalanceView]
    debits_fen: Fen
    credits_fen: Fen
    difference_fen: Fen
    agrees_with_balances: bool


@dataclass(frozen=True)
class StatementAsked:
    """The entries of one account, oldest first."""

    account: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    fund_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class EntryView:
    """One fact about money: an amount moved from the debited to the credited account, for a business reason."""

    id: UUID
    sequence: int
    occurred_at: Instant
    debit: str
    credit: str
    amount_fen: Fen
    reason: str
    order_id: UUID | None
    claim_id: UUID | None
    batch_id: UUID | None
    document_number: str | None
    by: str | None


# ---- events ---------------------------------------------------------------------------------------------------------


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
class VisitCancelled:
    """An order ended without a visit: cancelled, refused, expired or no-show."""

    order_id: UUID
    branch_id: UUID
    state: str
    reason: str


@dataclass(frozen=True)
class VisitClosed:
    """A visit took place and was closed with a headcount."""

    order_id: UUID
    branch_id: UUID
    site_id: UUID
    site_name: str
    programme: str
    theme: str
    visit_on: date
    headcount: int
    extra: dict[str, str] = field(default_factory=dict)
