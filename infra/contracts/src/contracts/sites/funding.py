"""Which funds bear a place's visits. Money is integer fen."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import DAY_MAX, DAY_MIN, Fen, Instant, Limit, Line, PositiveFen


@dataclass(frozen=True)
class FundingShare:
    """What a fund bears, in percent of a visit; 0: only what the funds before it have not."""

    fund_id: UUID
    percent: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(0, 100))]


@dataclass(frozen=True)
class ProposeFunding:
    """Have the visits of the branches at a place borne by funds in this sequence, for visits from a day on."""

    organisation_id: UUID
    active_from: date
    shares: list[FundingShare]
    citation: Line


@dataclass(frozen=True)
class MoveFunding:
    """Adopt or withdraw a rule that was proposed."""

    rule_id: UUID


@dataclass(frozen=True)
class FundingRulesAsked:
    """The rules for places that the person sees, the newest first."""

    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class FundingShareView:
    """A fund's share in percent."""

    fund_id: UUID
    fund_name: str
    percent: int


@dataclass(frozen=True)
class FundingRuleView:
    """A rule: for which place, from when, which funds in sequence, who proposed and who decided."""

    id: UUID
    state: str
    path: str
    organisation_name: str
    active_from: date
    shares: list[FundingShareView]
    citation: str
    proposed_by: str
    proposed_at: Instant
    decided_by: str | None
    decided_at: Instant | None


@dataclass(frozen=True)
class OwedAsked:
    """What funds owe each other for visits of a year, or of this one."""

    year: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, validate=validate.Range(DAY_MIN.year, DAY_MAX.year)),
    ] = None


@dataclass(frozen=True)
class OwedView:
    """What one fund bore of visits whose sites another fund pays: in all, what was passed on, and what is owed."""

    from_fund_id: UUID
    from_fund_name: str
    to_fund_id: UUID
    to_fund_name: str
    year: int
    borne_fen: Fen
    transferred_fen: Fen
    owed_fen: Fen


@dataclass(frozen=True)
class RecordTransfer:
    """Say that one fund's account paid another's, by a document; never more than is owed."""

    from_fund_id: UUID
    to_fund_id: UUID
    year: Annotated[
        int, fields.Integer(required=True, strict=True, validate=validate.Range(DAY_MIN.year, DAY_MAX.year))
    ]
    amount_fen: PositiveFen
    document_number: Line
