"""What a steward prints: the sheet of a day or a week, and the list of a day's vouchers for when the phone is lost."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit
from contracts.sites.places import SiteRef

SHEET_KINDS = ("day", "week", "vouchers")


@dataclass(frozen=True)
class SheetAsked:
    """Who comes to a site on the day `on`, or in the 7 days from it."""

    site_id: UUID
    on: date
    days: Annotated[int, fields.Integer(load_default=1, strict=False, validate=validate.OneOf((1, 7)))] = 1


@dataclass(frozen=True)
class SheetRowView:
    """One party on the sheet. `contact_phone` is whole on the visit's own day alone, masked otherwise."""

    order_id: UUID
    starts_at: Instant
    ends_at: Instant
    party: str | None
    source: str
    state: str
    party_size: int
    checked_in: int | None
    programme: str
    theme: str
    contact_name: str
    contact_phone: str
    needs: str | None
    guide: str | None
    names: list[str]


@dataclass(frozen=True)
class SheetView:
    """A site's parties in the order of time. `has_phones`: whole numbers stand in it, and that it was drawn is kept."""

    site: SiteRef
    first_day: date
    last_day: date
    rows: list[SheetRowView]
    parties: int
    heads: int
    has_phones: bool
    drawn_at: Instant
    drawn_by: str


@dataclass(frozen=True)
class PrintVouchers:
    """List a day's vouchers with their short codes, to be printed; who asked for it, and when, is kept."""

    site_id: UUID
    on: date


@dataclass(frozen=True)
class ListedVoucher:
    """One voucher of the list; the code lets the party in."""

    order_id: UUID
    starts_at: Instant
    ends_at: Instant
    code: str
    party: str | None
    party_size: int
    checked_in: int | None


@dataclass(frozen=True)
class VoucherListView:
    """The vouchers of one day that can still be shown, in the order of time."""

    site: SiteRef
    on: date
    vouchers: list[ListedVoucher]
    printed_at: Instant
    printed_by: str


@dataclass(frozen=True)
class SheetPrintsAsked:
    """Who drew which sheets of a site with telephone numbers or codes on them, the last first."""

    site_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class SheetPrintView:
    """One sheet that was drawn: day or week (with telephone numbers), or the vouchers' list."""

    id: int
    kind: str
    on: date
    drawn_at: Instant
    drawn_by: str
