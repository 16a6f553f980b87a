"""Recurring orders: one request, an answer for each date."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Headcount, Line, Phone

RHYTHMS = ("week", "fortnight", "month")


@dataclass(frozen=True)
class PlaceSeries:
    """Order the slot of the same programme and time of day on each date, for a branch; `dry_run` changes nothing."""

    slot_id: UUID
    branch_id: UUID
    party_size: Headcount
    contact_name: Line
    contact_phone: Phone
    every: Annotated[str, fields.String(required=True, validate=validate.OneOf(RHYTHMS))]
    times: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2, 53))]
    dry_run: Annotated[bool, fields.Boolean(load_default=False)] = False


@dataclass(frozen=True)
class OccurrenceView:
    """What became of one date: `status` as HTTP would say it (201, 404 without a slot, else the refusal's)."""

    visit_on: date
    status: int
    slot_id: UUID | None
    order_id: UUID | None
    subsidy_estimate_fen: int | None
    code: str | None
    detail: str | None


@dataclass(frozen=True)
class SeriesView:
    """A recurring order, date by date. Dates that conflict are skipped; nobody else's orders are touched."""

    dry_run: bool
    placed: int
    items: list[OccurrenceView]
