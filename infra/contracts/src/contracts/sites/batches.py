"""Claims paid together: batches, payment files, what the bank answered. Money is integer fen."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Limit, Month, StoredFile, Text, one_of
from contracts.sites.claims import MoveView
from contracts.sites.places import SiteRef

BATCH_STATES = ("prepared", "approved", "rejected", "settled", "partly_settled")


PAYMENT_FORMATS = ("xlsx", "csv", "pain.001")


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

    state: Annotated[str | None, one_of(BATCH_STATES)] = None
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
