"""How a bank wants its payment file, and how its statements look: columns, headings, encoding, dates, amounts."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Line, schema_of

LAYOUT_PURPOSES = ("payment", "statement")
PAYMENT_FIELDS = (
    "number",
    "end_to_end_id",
    "line_id",
    "payee_name",
    "credit_code",
    "account",
    "bank",
    "bank_code",
    "amount",
    "purpose",
    "visit_on",
    "batch_number",
    "payer_name",
    "payer_account",
    "currency",
)
STATEMENT_FIELDS = (
    "booked_on",
    "amount_in",
    "amount_out",
    "balance",
    "reference",
    "end_to_end_id",
    "counterparty",
    "note",
)
LAYOUT_FIELDS = tuple(dict.fromkeys((*PAYMENT_FIELDS, *STATEMENT_FIELDS)))
ENCODINGS = ("utf-8", "gb18030")
DATE_FORMATS = ("YYYY-MM-DD", "YYYYMMDD", "YYYY/MM/DD", "YYYY年MM月DD日")
AMOUNT_UNITS = ("yuan", "fen")


@dataclass(frozen=True)
class LayoutColumn:
    """One column: what stands in it and what its heading is."""

    field: Annotated[str, fields.String(required=True, validate=validate.OneOf(LAYOUT_FIELDS))]
    heading: Line


@dataclass(frozen=True)
class SetFileLayout:
    """Set how the files of a fund look from now on; batches approved before keep theirs."""

    fund_id: UUID
    purpose: Annotated[str, fields.String(required=True, validate=validate.OneOf(LAYOUT_PURPOSES))]
    columns: Annotated[
        list[LayoutColumn],
        fields.List(fields.Nested(schema_of(LayoutColumn)), required=True, validate=validate.Length(1, 30)),
    ]
    encoding: Annotated[str, fields.String(load_default="utf-8", validate=validate.OneOf(ENCODINGS))] = "utf-8"
    date_format: Annotated[str, fields.String(load_default="YYYY-MM-DD", validate=validate.OneOf(DATE_FORMATS))] = (
        "YYYY-MM-DD"
    )
    amount_unit: Annotated[str, fields.String(load_default="yuan", validate=validate.OneOf(AMOUNT_UNITS))] = "yuan"


@dataclass(frozen=True)
class FilePreviewView:
    """The first lines of a file in a layout, from the fund's newest batch or bank statement, which `source` names.

    Account numbers show their last four digits. Without a batch or a statement there is a made-up line and no source.
    """

    source: str | None
    headings: list[str]
    lines: list[list[str]]


@dataclass(frozen=True)
class FileLayoutAsked:
    """The layout in force for a fund's files."""

    fund_id: UUID
    purpose: Annotated[str, fields.String(load_default="payment", validate=validate.OneOf(LAYOUT_PURPOSES))] = "payment"


@dataclass(frozen=True)
class FileLayoutView:
    """A layout, with a first line as it would be written (made-up data); the one in force with its first real lines."""

    fund_id: UUID
    purpose: str
    version: int  # 0: the platform's own, which nobody changed
    columns: list[LayoutColumn]
    encoding: str
    date_format: str
    amount_unit: str
    sample: list[str]
    set_by: str | None
    set_at: Instant | None
    preview: FilePreviewView | None = None
