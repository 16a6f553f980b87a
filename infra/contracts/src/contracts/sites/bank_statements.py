"""The bank's own account of a fund, held against the ledger day by day; what differs stands open until explained."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.envelope import Fen, Instant, Limit, StoredFile, Text, one_of

DIFFERENCE_KINDS = (
    "not_on_statement",
    "not_in_ledger",
    "amount_differs",
    "opening_balance",
    "closing_balance",
)
DIFFERENCE_STATES = ("open", "explained", "closed", "resolved")


@dataclass(frozen=True)
class ImportBankStatement:
    """Take over a statement of the fund's account (CSV or XLSX by the fund's layout, or camt.053)."""

    fund_id: UUID
    file: StoredFile


@dataclass(frozen=True)
class BankStatementsAsked:
    """Statements of a fund, newest first."""

    fund_id: UUID
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class BankStatementView:
    """A statement: the days it covers, the balances it begins and ends with, and the ledger's at its end."""

    id: UUID
    fund_id: UUID
    name: str
    first_on: date
    last_on: date
    opening_fen: Fen
    closing_fen: Fen
    ledger_fen: Fen  # the ledger's balance at the end of the last day
    lines: int
    matched: int
    imported_by: str
    imported_at: Instant


@dataclass(frozen=True)
class ReconciliationAsked:
    """How the ledger of a fund stands against its bank."""

    fund_id: UUID
    state: Annotated[str | None, one_of(DIFFERENCE_STATES)] = None
    limit: Limit = 200


@dataclass(frozen=True)
class DifferenceView:
    """One difference between ledger and bank; explained by one person, closed by another, or resolved by itself."""

    id: UUID
    statement_id: UUID
    kind: str
    on: date
    amount_fen: Fen  # bank less ledger
    what: str
    state: str
    explanation: str | None
    explained_by: str | None
    explained_at: Instant | None
    closing_note: str | None
    closed_by: str | None
    closed_at: Instant | None


@dataclass(frozen=True)
class ReconciliationView:
    """The newest statement against the ledger, and the differences."""

    fund_id: UUID
    fund_name: str
    statement: BankStatementView | None
    open_fen: Fen  # what the open and explained differences come to
    differences: list[DifferenceView]


@dataclass(frozen=True)
class ExplainDifference:
    """Explain a difference, or close one that another person explained, in writing."""

    difference_id: UUID
    reason: Text
