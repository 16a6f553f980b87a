"""Claims paid together: batches, payment files, what the bank answered. Money is integer fen."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Limit, Month, StoredFile, Text, one_of, optional_line
from contracts.sites.claims import MoveView
from contracts.sites.places import SiteRef

BATCH_STATES = ("prepared", "published", "approved", "paying", "rejected", "settled", "partly_settled")
LINES_SHOWN = 1000
"""How many lines a batch tells with itself; the rest by `BatchLinesAsked`."""
LISTED_LINES = 20
"""How many lines each batch of a list tells."""


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
class BatchLinesAsked:
    """The lines of one batch in the sequence of their numbers."""

    batch_id: UUID
    state: Annotated[str | None, one_of(("waiting", "paid", "failed", "freed"))] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class MoveBatch:
    """Publish or approve a batch; approving a large one names the `minutes_number` of the meeting that decided it."""

    batch_id: UUID
    minutes_number: Annotated[str | None, optional_line(100)] = None


@dataclass(frozen=True)
class HandOverBatch:
    """The payer gave the payment file to the bank: which file, by its SHA-256, and when (now, when not said)."""

    batch_id: UUID
    sha256: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))]
    handed_at: Instant | None = None


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
    number: int = 0
    visit_on: date | None = None
    offset_fen: Fen = 0  # kept back for what the site was paid too much before
    net_fen: Fen = 0  # what the bank pays
    has_objection: bool = False  # an open one: the line waits for its decision


@dataclass(frozen=True)
class TakenFileView:
    """A payment file that somebody took: with all account numbers in it."""

    format: str
    sha256: str
    size: int
    at: Instant
    by: str


@dataclass(frozen=True)
class BankAnswerView:
    """An answer of the bank that was read: how many lines it paid, could not pay and still works on."""

    name: str
    paid: int
    failed: int
    pending: int
    at: Instant
    by: str


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
    lines: list[BatchLineView]  # the first LINES_SHOWN, in a list the first LISTED_LINES
    history: list[MoveView]
    version: int
    fund_id: UUID | None = None
    fund_name: str = ""
    offset_fen: Fen = 0
    net_fen: Fen = 0  # what the bank pays of it
    separate_payer: bool = False  # a third person hands the file to the bank
    publicity_days: int = 0
    published_at: Instant | None = None
    public_until: date | None = None  # the last day for objections
    minutes_number: str | None = None
    needs_minutes_above_fen: Fen = 0
    handed_by: str | None = None
    handed_at: Instant | None = None
    file_sha256: str | None = None
    left_out: list[dict[str, Any]] = dataclass_field(default_factory=list)  # {site, reason, count, amount_fen}
    files: list[TakenFileView] = dataclass_field(default_factory=list)
    answers: list[BankAnswerView] = dataclass_field(default_factory=list)


@dataclass(frozen=True)
class SiteShareView:
    """What one site gets by a batch, beside what it got for the period before."""

    site: SiteRef
    count: int
    heads: int
    amount_fen: Fen
    last_count: int
    last_amount_fen: Fen


@dataclass(frozen=True)
class QuestionView:
    """Something the approver may want to ask before deciding; `code` says what, `facts` of what."""

    code: str
    site: SiteRef | None
    claim_id: UUID | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class BatchReviewView:
    """A batch as the approver judges it: by site against the last period, and a list of questions."""

    batch_id: UUID
    last_period: str
    amount_fen: Fen
    last_amount_fen: Fen
    count: int
    last_count: int
    sites: list[SiteShareView]
    questions: list[QuestionView]
    open_objections: int
