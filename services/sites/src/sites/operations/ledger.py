"""The acts on the books, each one round trip to a function of the database that guards it (S10).

The ledger is a closed room: orders, claims and batches call it; it knows of them only the ids they give.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from sqlalchemy import Connection, text

from sites.domain.ledger import RELEASES


@dataclass(frozen=True)
class Payment:
    """What the bank paid to a site for one claim."""

    order_id: UUID
    claim_id: UUID
    site_code: str
    amount_fen: int


@dataclass(frozen=True)
class Overpaid:
    """What a site was paid too much for one claim, or gave back of it."""

    claim_id: UUID
    site_code: str
    amount_fen: int


_ENCUMBER = text("SELECT encumber(:fund, :year, :order, :amount_fen, :at, :by_id, :by_name)")
_AMEND = text(
    "SELECT amend_encumbrance(:order, :fund, :year, :amount_fen, :at, :by_id, :by_name,"
    "                         CAST(:contributions AS jsonb))"
)
_LOCK_CAPS = text("SELECT lock_caps(CAST(:orders AS uuid[]))")
_RELEASE = text("SELECT release_encumbrance(:order, :reason, :claim, :at, :by_id, :by_name)")
_POST = text("SELECT post_encumbrance(:order, :claim, :site_code, :amount_fen, :at, :by_id, :by_name)")
_PAY = text("SELECT pay_lines(:fund, :year, :batch, CAST(:lines AS jsonb), :at, :by_id, :by_name)")
_POST_MANY = text("SELECT post_encumbrances(CAST(:lines AS jsonb), :at, :by_id, :by_name)")
_RESTORE = text("SELECT restore_encumbrance(:order, :claim, :at, :by_id, :by_name)")
_RAISE = text("SELECT raise_encumbrance(:order, :claim, :site_code, :amount_fen, :at, :by_id, :by_name)")
_REOPEN = text("SELECT reopen_encumbrance(:order, :claim, :site_code, :at, :by_id, :by_name)")
_OVERPAYMENT = text(
    "SELECT move_overpayment(:fund, :year, :batch, :reason, CAST(:lines AS jsonb), :at, :by_id, :by_name)"
)
_APPROPRIATE = text("SELECT appropriate(:fund, :year, :amount_fen, :document_number, :at, :by_id, :by_name)")


def appropriate(
    db: Connection, *, fund_id: UUID, year: int, amount_fen: int, document_number: str, at: datetime, by: Actor | None
) -> None:
    """Put granted money into a fund's year; raises AppropriationRepeated."""
    db.execute(
        _APPROPRIATE,
        {
            "fund": fund_id,
            "year": year,
            "amount_fen": amount_fen,
            "document_number": document_number,
            "at": at,
            **_named(by),
        },
    )


def encumber(
    db: Connection, *, fund_id: UUID, year: int, order_id: UUID, amount_fen: int, at: datetime, by: Actor | None
) -> None:
    """Set money aside for an order; raises FundExhausted. Placing an order calls the function in its own SQL."""
    db.execute(
        _ENCUMBER,
        {
            "fund": fund_id,
            "year": year,
            "order": order_id,
            "amount_fen": amount_fen,
            "at": at,
            **_named(by),
        },
    )


def amend(
    db: Connection,
    *,
    fund_id: UUID,
    year: int,
    order_id: UUID,
    amount_fen: int,
    at: datetime,
    by: Actor | None,
    contributions: str | None = None,
) -> None:
    """Set aside for an amended order what it is worth now, 0 for nothing; raises FundExhausted, EncumbranceResolved.

    `contributions` are the other funds' parts in JSON (`domain.funding.contributions`).
    """
    db.execute(
        _AMEND,
        {
            "fund": fund_id,
            "year": year,
            "order": order_id,
            "amount_fen": amount_fen,
            "contributions": contributions,
            "at": at,
            **_named(by),
        },
    )


def lock_caps(db: Connection, order_ids: Sequence[UUID]) -> None:
    """Lock the caps that these orders count on, before the fund is locked for the first of them."""
    db.execute(_LOCK_CAPS, {"orders": list(order_ids)})


def release(
    db: Connection,
    *,
    order_id: UUID,
    reason: str,
    at: datetime,
    by: Actor | None = None,
    claim_id: UUID | None = None,
) -> int:
    """Give back what is set aside for an order, for one of RELEASES; returns the fen, 0 when nothing is pending."""
    if reason not in RELEASES:
        raise ValueError(f"{reason!r} releases no encumbrance; one of {', '.join(RELEASES)} does")
    return db.execute(
        _RELEASE, {"order": order_id, "reason": reason, "claim": claim_id, "at": at, **_named(by)}
    ).scalar_one()


def post(
    db: Connection, *, order_id: UUID, claim_id: UUID, site_code: str, amount_fen: int, at: datetime, by: Actor | None
) -> None:
    """Owe a site the amount, out of what was set aside; the rest is available again. Raises EncumbranceResolved."""
    db.execute(
        _POST,
        {
            "order": order_id,
            "claim": claim_id,
            "site_code": site_code,
            "amount_fen": amount_fen,
            "at": at,
            **_named(by),
        },
    )


def post_many(db: Connection, *, postings: Sequence[Payment], at: datetime, by: Actor | None) -> None:
    """Owe sites for many claims at once, as `post` does for one; all or none. Raises EncumbranceResolved."""
    lines = json.dumps([asdict(posting) for posting in postings], default=str)
    db.execute(_POST_MANY, {"lines": lines, "at": at, **_named(by)})


def restore(db: Connection, *, order_id: UUID, claim_id: UUID, at: datetime, by: Actor | None) -> int:
    """Set aside again what a rejected claim gave back; returns the fen. Raises FundExhausted, EncumbranceResolved."""
    return db.execute(_RESTORE, {"order": order_id, "claim": claim_id, "at": at, **_named(by)}).scalar_one()


def raise_posted(
    db: Connection, *, order_id: UUID, claim_id: UUID, site_code: str, amount_fen: int, at: datetime, by: Actor | None
) -> None:
    """Owe a site `amount_fen` more for an approved claim, at most what was set aside for its order.

    Raises FundExhausted, EncumbranceResolved when nothing was posted for it.
    """
    db.execute(
        _RAISE,
        {
            "order": order_id,
            "claim": claim_id,
            "site_code": site_code,
            "amount_fen": amount_fen,
            "at": at,
            **_named(by),
        },
    )


def pay(
    db: Connection,
    *,
    fund_id: UUID,
    year: int,
    batch_id: UUID,
    payments: Sequence[Payment],
    at: datetime,
    by: Actor | None,
) -> None:
    """Record what the bank paid out of one fund's year."""
    lines = json.dumps([asdict(payment) for payment in payments], default=str)
    db.execute(_PAY, {"fund": fund_id, "year": year, "batch": batch_id, "lines": lines, "at": at, **_named(by)})


def reopen(db: Connection, *, order_id: UUID, claim_id: UUID, site_code: str, at: datetime, by: Actor | None) -> int:
    """Set aside again what a site is owed for a claim that goes back to it; returns the fen.

    Raises EncumbranceResolved.
    """
    return db.execute(
        _REOPEN, {"order": order_id, "claim": claim_id, "site_code": site_code, "at": at, **_named(by)}
    ).scalar_one()


def move_overpayment(
    db: Connection,
    *,
    fund_id: UUID,
    year: int,
    reason: str,
    lines: Sequence[Overpaid],
    at: datetime,
    by: Actor | None,
    batch_id: UUID | None = None,
) -> None:
    """Record overpayments of one fund's year as found, kept back or paid back (`reason`)."""
    given = {"fund": fund_id, "year": year, "batch": batch_id, "reason": reason, "at": at, **_named(by)}
    db.execute(_OVERPAYMENT, {**given, "lines": json.dumps([asdict(line) for line in lines], default=str)})


def _named(by: Actor | None) -> dict[str, Any]:
    return {"by_id": by.person_id if by else None, "by_name": by.name if by else None}
