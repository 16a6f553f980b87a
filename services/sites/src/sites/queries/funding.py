"""The rules that say which funds bear a visit, and what funds owe each other."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.funding import FundingRulesAsked, FundingRuleView, FundingShareView, OwedAsked, OwedView
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_SELECT: Final = """
SELECT r.*, coalesce(o.name, r.path) AS organisation_name,
       (SELECT jsonb_agg(jsonb_build_object('fund_id', s.fund_id, 'fund_name', f.name, 'percent', s.percent)
                         ORDER BY s.position)
          FROM funding_shares s JOIN funds f ON f.id = s.fund_id WHERE s.rule_id = r.id) AS shares
  FROM funding_rules r
  LEFT JOIN organisations o ON o.path = r.path
"""

# A part was borne when its claim was approved; the fund that pays is that of the encumbrance. What was passed on
# for a claim that was sent back afterwards stands there as more than is owed: it counts for the visits to come.
_OWED: Final = """
SELECT owed.*, giving.name AS from_fund_name, paying.name AS to_fund_name,
       coalesce((SELECT sum(t.amount_fen) FROM fund_transfers t
                  WHERE (t.from_fund_id, t.to_fund_id, t.year) = (owed.from_fund_id, owed.to_fund_id, owed.year)
                ), 0)::bigint AS transferred_fen
  FROM (SELECT from_fund_id, to_fund_id, year, sum(fen)::bigint AS borne_fen
          FROM (SELECT c.fund_id AS from_fund_id, e.fund_id AS to_fund_id, c.year, c.posted_fen AS fen
                  FROM contributions c
                  JOIN encumbrances e ON e.order_id = c.order_id
                 WHERE c.state = 'posted' AND c.year = :year
                 UNION ALL
                SELECT from_fund_id, to_fund_id, year, 0 FROM fund_transfers WHERE year = :year) AS borne
         GROUP BY 1, 2, 3) AS owed
  JOIN funds giving ON giving.id = owed.from_fund_id
  JOIN funds paying ON paying.id = owed.to_fund_id
"""


def rules(db: Connection, asked: FundingRulesAsked, *, actor: Actor) -> Page:
    """Return the rules for places that the actor sees, the newest proposal first."""
    visible, given = visible_to(actor, "read_fund", fund="r.path")
    conditions = [visible]
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(r.proposed_at, r.id) < (:after_at, :after_id)")
    rows = db.execute(
        text(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY r.proposed_at DESC, r.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.proposed_at, row.id))


def rule(db: Connection, rule_id: UUID) -> FundingRuleView:
    """Return one rule. Raises NotFound."""
    row = db.execute(text(f"{_SELECT} WHERE r.id = :id"), {"id": rule_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def owed(db: Connection, asked: OwedAsked, *, actor: Actor, at: datetime) -> Page:
    """Return what each fund owes each other for visits of a year, where the actor sees both."""
    giving, given = visible_to(actor, "read_fund", fund="giving.path")
    paying, _ = visible_to(actor, "read_fund", fund="paying.path")
    rows = db.execute(
        text(f"{_OWED} WHERE {giving} AND {paying} ORDER BY giving.code, paying.code"),
        {**given, "year": asked.year or clock.today(at).year},
    )
    return Page(items=[owed_view(row) for row in rows])


def owed_between(db: Connection, *, from_fund_id: UUID, to_fund_id: UUID, year: int) -> OwedView | None:
    """Return what one fund owes another for visits of a year; None when it bore nothing of them."""
    row = db.execute(
        text(f"{_OWED} WHERE owed.from_fund_id = :from_fund AND owed.to_fund_id = :to_fund"),
        {"from_fund": from_fund_id, "to_fund": to_fund_id, "year": year},
    ).one_or_none()
    return owed_view(row) if row else None


def owed_view(row: Row[Any]) -> OwedView:
    """Return the row as it is told."""
    return OwedView(**row._mapping, owed_fen=row.borne_fen - row.transferred_fen)


def _view(row: Row[Any]) -> FundingRuleView:
    return FundingRuleView(
        id=row.id,
        state=row.state,
        path=row.path,
        organisation_name=row.organisation_name,
        active_from=row.active_from,
        shares=[FundingShareView(**{**share, "fund_id": UUID(share["fund_id"])}) for share in row.shares],
        citation=row.citation,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
