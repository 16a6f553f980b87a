"""Reports as PDF and Excel (S13): asked for, made in the background, fetched for a week by whoever asked."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Month, StoredFile, one_of
from contracts.sites.places import CATEGORIES, SITE_KINDS
from contracts.sites.statistics import SPLITS

REPORT_KINDS = (
    "settlement_statement",
    "budget_execution",
    "publicity_list",
    "site_statement",
    "branch_costs",
    "claim_file",
    "statistics",
    "ledger_book",
    "vouchers",
)
REPORT_FORMATS = ("pdf", "xlsx", "csv")
CSV_KINDS = ("vouchers",)
"""What another program reads; the others are for people."""
REPORTS_FOLDER = "reports"
"""Where in the platform's file store reports stand, apart from files that live longer."""

REPORT_SUBJECTS = {
    "settlement_statement": ("fund_id", "period"),
    "budget_execution": ("fund_id",),
    "publicity_list": ("batch_id",),
    "site_statement": ("site_id",),
    "branch_costs": ("branch_id",),
    "claim_file": ("claim_id",),
    "statistics": (),
    "ledger_book": ("fund_id",),
    "vouchers": ("fund_id", "period"),
}
"""The fields that each kind cannot do without; a year is this one when none is named."""


@dataclass(frozen=True)
class AskReport:
    """Have a report made; which fields it needs stands in REPORT_SUBJECTS. `site_kind` is the kind of site counted."""

    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(REPORT_KINDS))]
    format: Annotated[str, fields.String(load_default="pdf", validate=validate.OneOf(REPORT_FORMATS))] = "pdf"
    period: Month | None = None
    year: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2000, 2199))
    ] = None
    fund_id: UUID | None = None
    batch_id: UUID | None = None
    claim_id: UUID | None = None
    site_id: UUID | None = None
    branch_id: UUID | None = None
    from_day: date | None = None
    to_day: date | None = None
    by: Annotated[str, fields.String(load_default="site", validate=validate.OneOf(SPLITS))] = "site"
    town: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))] = (
        None
    )
    category: Annotated[str | None, one_of(CATEGORIES)] = None
    site_kind: Annotated[str | None, one_of(SITE_KINDS)] = None


@dataclass(frozen=True)
class ReportAsked:
    """One of one's own reports."""

    report_id: UUID


@dataclass(frozen=True)
class ReportsAsked:
    """One's own reports, newest first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class ReportView:
    """A report: waiting, running, done or failed. `done` counts its pages or rows; its file is there once it is done.

    It is gone at `expires_at`.
    """

    id: UUID
    kind: str
    format: str
    title: str
    state: str
    done: int
    total: int | None
    asked_at: Instant
    ended_at: Instant | None
    expires_at: Instant
    file: StoredFile | None
    error: dict[str, Any] | None
