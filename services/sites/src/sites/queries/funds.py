"""Funds with the balances of a year."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from contracts.envelope import Page
from contracts.sites.funds import FundsAsked, FundView
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_SELECT: Final = """
SELECT f.id, f.code, f.name, f.path, CAST(:year AS integer) AS year,
       coalesce(y.appropriated_fen, 0) AS appropriated_fen, coalesce(y.available_fen, 0) AS available_fen,
       coalesce(y.encumbered_fen, 0) AS encumbered_fen, coalesce(y.payable_fen, 0) AS payable_fen,
       coalesce(y.paid_fen, 0) AS paid_fen, coalesce(y.version, 0) AS version,
       coalesce(y.received_fen, 0) AS received_fen, coalesce(y.contributed_fen, 0) AS contributed_fen,
       coalesce(y.brought_fen, 0) AS brought_fen, coalesce(y.carried_fen, 0) AS carried_fen,
       coalesce(y.returned_fen, 0) AS returned_fen, coalesce(y.receivable_fen, 0) AS receivable_fen
  FROM funds f
  LEFT JOIN fund_years y ON y.fund_id = f.id AND y.year = :year
"""


def funds(db: Connection, *, asked: FundsAsked, actor: Actor, at: datetime) -> Page:
    """Return the funds that the actor may see, with the balances of the year asked for, or of this year."""
    visible, given = visible_to(actor, "read_fund", fund="f.path")
    year = clock.today(at).year if asked.year is None else asked.year
    rows = db.execute(text(f"{_SELECT} WHERE {visible} ORDER BY f.code"), {"year": year, **given})
    return Page(items=[_view(row) for row in rows])


def fund(db: Connection, fund_id: UUID, *, year: int) -> FundView:
    """Return one fund's year."""
    return _view(db.execute(text(f"{_SELECT} WHERE f.id = :id"), {"id": fund_id, "year": year}).one())


def _view(row: Row[Any]) -> FundView:
    return FundView(**row._mapping)
