"""Claims as site, branch and finance see them: asked, approved and paid amounts apart, each with its explanation."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.claims import ClaimsAsked, ClaimView, MoveView
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_SELECT: Final = """
SELECT c.*, s.name AS site_name, s.code AS site_code, s.managing_path AS site_path,
       b.name AS branch_name, b.path AS branch_path, f.path AS fund_path,
       (SELECT jsonb_agg(jsonb_build_object('move', h.move, 'state', h.state, 'at', h.at, 'by', h.by_name,
                                            'reason', h.reason) ORDER BY h.id)
          FROM claim_history h WHERE h.claim_id = c.id) AS history
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  JOIN funds f ON f.id = c.fund_id
"""


def claims(db: Connection, *, asked: ClaimsAsked, actor: Actor) -> Page:
    """Return the claims that the actor may see and asks for, the latest visits first."""
    visible, given = visible_to(actor, "read_claim", branch="b.path", site="s.managing_path", fund="f.path")
    conditions = [visible]
    for column in ("state", "period", "site_id", "branch_id"):
        if (value := getattr(asked, column)) is not None:
            conditions.append(f"c.{column} = :{column}")
            given[column] = value
    if asked.cursor:
        given["after_on"], given["after_id"] = key_in(asked.cursor, date.fromisoformat, UUID)
        conditions.append("(c.visit_on, c.id) < (:after_on, :after_id)")
    rows = db.execute(
        # The conditions are constants of this module and of `scopes`; every value is bound.
        text(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY c.visit_on DESC, c.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.visit_on, row.id))


def claim(db: Connection, claim_id: UUID, *, actor: Actor) -> ClaimView:
    """Return one claim. Raises NotFound."""
    return _view(claim_for(db, claim_id, actor=actor))


def claim_for(
    db: Connection, claim_id: UUID, *, actor: Actor, action: str = "read_claim", locked: bool = False
) -> Row[Any]:
    """Return the claim with its places when the actor may do `action` with it; `locked` until the transaction ends.

    Raises NotFound when they may not even see it, Forbidden when they see it but may not do this.
    """
    lock = " FOR NO KEY UPDATE OF c" if locked else ""
    row = db.execute(text(f"{_SELECT} WHERE c.id = :id{lock}"), {"id": claim_id}).one_or_none()
    if row is None:
        raise NotFound()
    places = {"branch": row.branch_path, "site": row.site_path, "fund": row.fund_path}
    if not actor.may("read_claim", **places):
        raise NotFound()
    actor.must(action, **places)
    return row


def _view(row: Row[Any]) -> ClaimView:
    return ClaimView(
        id=row.id,
        order_id=row.order_id,
        state=row.state,
        period=row.period,
        site=SiteRef(row.site_id, row.site_name),
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        visit_on=row.visit_on,
        party_size=row.party_size,
        checked_in=row.checked_in,
        headcount=row.headcount,
        headcount_confirmed=row.headcount_confirmed,
        headcount_disputed=row.headcount_disputed,
        asked_fen=row.asked_fen,
        approved_fen=row.approved_fen,
        paid_fen=row.paid_fen,
        encumbered_fen=row.encumbered_fen,
        explanation=row.explanation,
        confirm_by=row.confirm_by,
        batch_id=row.batch_id,
        reason=row.reason,
        history=history_of(row),
        version=row.version,
    )


def history_of(row: Row[Any]) -> list[MoveView]:
    """Return the moves that a row carries as JSON, oldest first."""
    return [MoveView(**{**step, "at": datetime.fromisoformat(step["at"])}) for step in row.history or ()]
