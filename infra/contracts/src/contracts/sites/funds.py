"""The money that pays subsidies, by fiscal year. Money is integer fen."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import DAY_MAX, DAY_MIN, Fen, Line, PositiveFen


@dataclass(frozen=True)
class FundsAsked:
    """All funds with the balances of a year, or of this one."""

    year: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, validate=validate.Range(DAY_MIN.year, DAY_MAX.year)),
    ] = None


@dataclass(frozen=True)
class AppropriateFund:
    """Money granted to a fund by a document."""

    fund_id: UUID
    amount_fen: PositiveFen
    document_number: Line


@dataclass(frozen=True)
class FundView:
    """A fund's year: appropriated + received + brought = available + encumbered + payable + paid + receivable
    + contributed + carried + returned."""

    id: UUID
    code: str
    name: str
    path: str
    year: int
    appropriated_fen: Fen
    available_fen: Fen
    encumbered_fen: Fen
    payable_fen: Fen
    paid_fen: Fen
    version: int
    received_fen: Fen = 0  # owed by other funds for visits that this one pays
    contributed_fen: Fen = 0  # owed to others
    receivable_fen: Fen = 0  # owed by sites that were paid too much
    brought_fen: Fen = 0  # from the year before
    carried_fen: Fen = 0  # to the next one
    returned_fen: Fen = 0  # to the treasury
