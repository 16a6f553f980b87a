"""Accounts, balances and entries. Money is integer fen."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, Instant, Limit


@dataclass(frozen=True)
class TrialBalanceAsked:
    """The trial balance as at the end of a day; of all entries when none is named."""

    on: date | None = None
    fund_id: UUID | None = None


@dataclass(frozen=True)
class AccountBalanceView:
    """One account's debits, credits and balance (credits − debits)."""

    account: str
    name: str
    debits_fen: Fen
    credits_fen: Fen
    balance_fen: Fen


@dataclass(frozen=True)
class TrialBalanceView:
    """All accounts; debits equal credits, so `difference_fen` is 0, and the kept balances agree with the entries."""

    on: date | None
    accounts: list[AccountBalanceView]
    debits_fen: Fen
    credits_fen: Fen
    difference_fen: Fen
    agrees_with_balances: bool


@dataclass(frozen=True)
class StatementAsked:
    """The entries of one account that count in a period, in the sequence of the days on which they count."""

    account: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    fund_id: UUID | None = None
    from_day: date | None = None
    to_day: date | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class EntryView:
    """One fact about money: an amount moved from the debited to the credited account, for a business reason."""

    id: UUID
    sequence: int
    occurred_at: Instant
    debit: str
    credit: str
    amount_fen: Fen
    reason: str
    order_id: UUID | None
    claim_id: UUID | None
    batch_id: UUID | None
    document_number: str | None
    by: str | None
    booked_on: date | None = None  # the day on which it counts; later than it occurred where that month was closed
    reverses: int | None = None  # the sequence of the entry that it reverses
    note: str | None = None
    balance_fen: Fen | None = None  # of the statement's account after this entry; none outside of a statement


@dataclass(frozen=True)
class StatementView:
    """A part of an account's statement: its balance before the first entry shown, and at the end of the period."""

    account: str
    opening_fen: Fen
    closing_fen: Fen
    items: list[EntryView]
    next: str | None
