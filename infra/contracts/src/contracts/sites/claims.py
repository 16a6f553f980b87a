"""The site's bill for a visit. Money is integer fen."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Fen, HeadcountOrNone, Instant, Limit, Month, Text, one_of, optional_text
from contracts.sites.places import SiteRef

CLAIM_STATES = (
    "drafted",
    "submitted",
    "disputed",
    "confirmed",
    "approved",
    "batched",
    "paid",
    "returned",
    "rejected",
    "lapsed",
)


@dataclass(frozen=True)
class ClaimsAsked:
    """Claims that the asker may see; `period` is the month of the visit."""

    state: Annotated[str | None, one_of(CLAIM_STATES)] = None
    period: Month | None = None
    site_id: UUID | None = None
    branch_id: UUID | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ClaimAsked:
    """One claim."""

    claim_id: UUID


@dataclass(frozen=True)
class MoveClaim:
    """Submit a claim, confirm its headcount, or approve it.

    Approving decides a dispute: that takes a `reason`, and may name the `headcount` that counts (otherwise the
    branch's).
    """

    claim_id: UUID
    headcount: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 500))
    ] = None
    reason: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class MoveClaimWithReason:
    """Return or reject a claim, saying why."""

    claim_id: UUID
    reason: Text


@dataclass(frozen=True)
class DisputeHeadcount:
    """The branch says that another number of heads came."""

    claim_id: UUID
    headcount: HeadcountOrNone
    reason: Text


@dataclass(frozen=True)
class MoveView:
    """One step of a history: who, when, why."""

    move: str
    state: str
    at: Instant
    by: str
    reason: str | None


@dataclass(frozen=True)
class ClaimView:
    """The site's bill for one visit, explained line by line; asked, approved and paid amounts are kept apart."""

    id: UUID
    order_id: UUID
    state: str
    period: str
    site: SiteRef
    branch_id: UUID
    branch_name: str
    visit_on: date
    party_size: int
    checked_in: int
    headcount: int
    headcount_confirmed: int | None
    headcount_disputed: int | None
    asked_fen: Fen
    approved_fen: Fen | None
    paid_fen: Fen | None
    encumbered_fen: Fen
    explanation: list[dict[str, Any]]
    confirm_by: Instant | None
    batch_id: UUID | None
    reason: str | None
    history: list[MoveView]
    version: int
