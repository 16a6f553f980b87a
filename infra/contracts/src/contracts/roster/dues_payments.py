"""Payments of dues with their receipts, what is handed up, and the months' ends. Amounts are fen."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Limit, Line, Month, PositiveFen, StoredFile, schema_of
from contracts.roster.dues_bases import LINES_MAX
from contracts.roster.members import required

DUES_METHODS = ("cash", "transfer", "online")


@dataclass(frozen=True)
class DuesPaid:
    """A member paid a month: exactly what is owed for it."""

    person_id: UUID
    month: Month
    amount_fen: PositiveFen


@dataclass(frozen=True)
class PayDues:
    """Write down who of a branch paid which months, and issue a receipt to each member; all or none.

    Up to three months ahead may be paid. `paid_on` is today when left out.
    """

    organisation_id: UUID
    lines: Annotated[
        list[DuesPaid],
        fields.List(fields.Nested(schema_of(DuesPaid)), required=True, validate=validate.Length(1, LINES_MAX)),
    ]
    method: Annotated[str, required(DUES_METHODS)]
    paid_on: date | None = None


@dataclass(frozen=True)
class PayDuesByFile:
    """Write down what a file says was paid, all of it or nothing: XLSX or CSV (UTF-8, GBK) with the columns 姓名,
    月份, 金额, and 身份证号 where two members have one name; a last row 合计 has to agree."""

    organisation_id: UUID
    file: StoredFile
    method: Annotated[str, fields.String(load_default="cash", validate=validate.OneOf(DUES_METHODS))] = "cash"
    paid_on: date | None = None


@dataclass(frozen=True)
class DuesReceiptLine:
    """A month on a receipt."""

    month: str
    amount_fen: int


@dataclass(frozen=True)
class DuesReceiptView:
    """A receipt, numbered by branch and year without gaps; `reversed_at` when its payments were taken back."""

    id: UUID
    number: str
    organisation_id: UUID
    organisation_name: str
    person_id: UUID
    name: str
    issued_on: date
    paid_on: date
    method: str
    amount_fen: int
    amount_in_words: str
    lines: list[DuesReceiptLine]
    issued_by: str
    reversed_at: Instant | None
    reversed_because: str | None


@dataclass(frozen=True)
class DuesPaidView:
    """What was written down: how many receipts, by which numbers, and their sum."""

    receipts: list[UUID]
    first_number: str
    last_number: str
    amount_fen: int


@dataclass(frozen=True)
class DuesReceiptAsked:
    """One receipt."""

    receipt_id: UUID


@dataclass(frozen=True)
class DuesReceiptsAsked:
    """The receipts of a branch, newest first."""

    organisation_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReverseDuesReceipt:
    """Take a receipt's payments back by counter-entries of today."""

    receipt_id: UUID
    reason: Line


@dataclass(frozen=True)
class HandUpDues:
    """Write down what the branch handed to the committee above, never more than it holds."""

    organisation_id: UUID
    amount_fen: PositiveFen
    handed_on: date
    document_number: Line


@dataclass(frozen=True)
class DuesHandedUp:
    """What the branch still holds."""

    cash_fen: int


@dataclass(frozen=True)
class CloseDuesMonth:
    """Close a branch's month that is over; the sums are those that were read."""

    organisation_id: UUID
    month: Month
    due_fen: Fen
    received_fen: Fen
    arrears_fen: Fen
