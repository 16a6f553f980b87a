"""How a fund's year is executed, compared and forecast, how it ends, and how its vouchers look. Money is integer fen.

A rate in `_bp` is in hundredths of a percent: 525 is 5.25 %.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import DAY_MAX, DAY_MIN, Fen, Instant, Line

YEAR_END_USES = ("carry_over", "give_back")

Year = Annotated[int, fields.Integer(required=True, validate=validate.Range(DAY_MIN.year, DAY_MAX.year - 1))]
YearOrThis = Annotated[
    int | None,
    fields.Integer(load_default=None, allow_none=True, validate=validate.Range(DAY_MIN.year, DAY_MAX.year - 1)),
]
Bp = Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(-10_000, 100_000))]


@dataclass(frozen=True)
class ExecutionAsked:
    """How a fund's year, or this year, is executed."""

    fund_id: UUID
    year: YearOrThis = None


@dataclass(frozen=True)
class ExecutionMonthView:
    """A month: granted, committed anew less what was set free, owed by approved claims, paid."""

    month: str
    granted_fen: Fen
    committed_fen: Fen
    owed_fen: Fen
    paid_fen: Fen


@dataclass(frozen=True)
class ExecutionPlaceView:
    """A site, a town or a category: what is set aside for it, owed, paid by this fund, and borne of other funds'
    payments."""

    key: str
    name: str
    encumbered_fen: Fen
    payable_fen: Fen
    paid_fen: Fen
    contributed_fen: Fen
    committed_fen: Fen


@dataclass(frozen=True)
class ComparisonView:
    """The appropriation beside last year's, and beside the growth of fiscal revenue that somebody entered."""

    last_year_fen: Fen
    change_bp: int | None
    fiscal_growth_bp: int | None
    source: str | None
    entered_by: str | None
    entered_at: Instant | None


@dataclass(frozen=True)
class ForecastView:
    """How the year will end when the pace of the last `pace_days` goes on for `days_left`, until `last_day`.

    `level`: None, "watch" (80 % committed), "short" (95 %), "over" (more is expected than was granted).
    """

    committed_fen: Fen
    expected_fen: Fen
    total_fen: Fen
    pace_days: int
    days_left: int
    last_day: date
    level: str | None


@dataclass(frozen=True)
class ExecutionView:
    """A fund's year. granted = appropriated + brought; its forecast is none for another year than this."""

    fund_id: UUID
    code: str
    name: str
    year: int
    appropriated_fen: Fen
    brought_fen: Fen
    granted_fen: Fen
    received_fen: Fen
    available_fen: Fen
    encumbered_fen: Fen
    payable_fen: Fen
    paid_fen: Fen
    receivable_fen: Fen
    contributed_fen: Fen
    carried_fen: Fen
    returned_fen: Fen
    paid_bp: int | None
    committed_bp: int | None
    comparison: ComparisonView
    forecast: ForecastView | None
    months: list[ExecutionMonthView]
    sites: list[ExecutionPlaceView]
    towns: list[ExecutionPlaceView]
    categories: list[ExecutionPlaceView]
    counted_at: Instant


@dataclass(frozen=True)
class RecordFiscalGrowth:
    """By how much fiscal revenue grew in a year, by which document; the newest figure counts."""

    fund_id: UUID
    year: Year
    growth_bp: Bp
    source: Line


# ---- the end of a year -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class YearEndAsked:
    """How a fund's year, or the last one, stands at its end."""

    fund_id: UUID
    year: YearOrThis = None


@dataclass(frozen=True)
class ProposeYearEnd:
    """Propose to carry over or to give back all that a year has left, by a document."""

    fund_id: UUID
    year: Year
    use: Annotated[str, fields.String(required=True, validate=validate.OneOf(YEAR_END_USES))]
    document_number: Line


@dataclass(frozen=True)
class MoveYearEnd:
    """Approve another person's proposal, or withdraw one."""

    year_end_id: UUID


@dataclass(frozen=True)
class YearEndView:
    """A proposal and what became of it."""

    id: UUID
    fund_id: UUID
    year: int
    use: str
    amount_fen: Fen
    document_number: str
    state: str
    proposed_by: str
    proposed_at: Instant
    decided_by: str | None
    decided_at: Instant | None


@dataclass(frozen=True)
class YearEndDeedView:
    """A line of the closing list: what was done, by whom, when."""

    deed: str
    subject: str
    by: str
    at: Instant
    amount_fen: Fen | None = None


@dataclass(frozen=True)
class YearEndStandingView:
    """A year at its end: what is left, what stays set aside and owed in it, what waits, and who did what.

    `checklist` counts what hinders (open_months) and what is only to be looked at: orders, claims and batches of the
    year that are not done, appeals that may come.
    """

    fund_id: UUID
    name: str
    year: int
    is_over: bool
    available_fen: Fen
    encumbered_fen: Fen
    payable_fen: Fen
    carries_over: bool | None
    checklist: dict[str, int]
    year_ends: list[YearEndView]
    deeds: list[YearEndDeedView]
    kept_fen: Fen = 0  # of what is left: stays for what an appeal may still bring back


# ---- accounting vouchers ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VoucherLayoutAsked:
    """How a fund's accounting vouchers look."""

    fund_id: UUID


@dataclass(frozen=True)
class VoucherColumn:
    """A column of the vouchers: its heading, and which field stands in it."""

    heading: Line
    field: Annotated[str, fields.String(required=True, validate=validate.Length(1, 40))]


@dataclass(frozen=True)
class SetVoucherLayout:
    """Give a fund's vouchers columns, and codes of accounts and classifications by their names."""

    fund_id: UUID
    columns: list[VoucherColumn]
    codes: dict[str, str]


@dataclass(frozen=True)
class VoucherLayoutView:
    """Columns and codes of a fund's vouchers; `fields` are all that a column may hold."""

    fund_id: UUID
    columns: list[VoucherColumn]
    codes: dict[str, str]
    fields: list[str]
    set_by: str | None
    set_at: Instant | None
