"""What a site was paid too much: a receivable, kept back from its next payments or paid back."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from contracts.envelope import Fen, Instant, Limit, Line, PositiveFen, Text, one_of
from contracts.sites.places import SiteRef

OVERPAYMENT_STATES = ("proposed", "open", "recovered", "refused")


@dataclass(frozen=True)
class ReportOverpayment:
    """Say in writing that a paid claim was paid too much, and by how much; another person confirms it."""

    claim_id: UUID
    amount_fen: PositiveFen
    reason: Text


@dataclass(frozen=True)
class MoveOverpayment:
    """Confirm another person's report."""

    overpayment_id: UUID


@dataclass(frozen=True)
class RefuseOverpayment:
    """Refuse a report, saying why."""

    overpayment_id: UUID
    reason: Text


@dataclass(frozen=True)
class RecordRepayment:
    """The site paid back; `reference` is the bank's."""

    overpayment_id: UUID
    amount_fen: PositiveFen
    reference: Line


@dataclass(frozen=True)
class OverpaymentsAsked:
    """Overpayments that the asker may see, newest first."""

    state: Annotated[str | None, one_of(OVERPAYMENT_STATES)] = None
    site_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class OverpaymentView:
    """A receivable on a site: found, confirmed, kept back in batches (reserved until the bank pays), recovered."""

    id: UUID
    claim_id: UUID
    site: SiteRef
    amount_fen: Fen
    reserved_fen: Fen
    recovered_fen: Fen
    reason: str
    state: str
    reported_by: str
    reported_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    refusal: str | None
    version: int
