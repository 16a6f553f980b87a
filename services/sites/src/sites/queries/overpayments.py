"""What sites were paid too much, and how much of it has come back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.overpayments import OverpaymentsAsked, OverpaymentView
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_SELECT: Final = """
SELECT o.*, s.name AS site_name, s.code AS site_code, s.managing_path AS site_path, b.path AS branch_path,
       f.path AS fund_path
  FROM overpayments o
  JOIN claims c ON c.id = o.claim_id
  JOIN sites s ON s.id = o.site_id
  JOIN organisations b ON b.id = c.branch_id
  JOIN funds f ON f.id = o.fund_id
"""


def overpayments(db: Connection, *, asked: OverpaymentsAsked, actor: Actor) -> Page:
    """Return the overpayments that the actor may see and asks for, newest first."""
    visible, given = visible_to(actor, "read_overpayments", site="s.managing_path", fund="f.path")
    conditions = [visible]
    for column in ("state", "site_id"):
        if (value := getattr(asked, column)) is not None:
            conditions.append(f"o.{column} = :{column}")
            given[column] = value
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(o.reported_at, o.id) < (:after_at, :after_id)")
    rows = db.execute(
        text(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY o.reported_at DESC, o.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.reported_at, row.id))


def overpayment(db: Connection, overpayment_id: UUID, *, actor: Actor) -> OverpaymentView:
    """Return one overpayment. Raises NotFound."""
    return _view(overpayment_for(db, overpayment_id, actor=actor))


def overpayment_for(
    db: Connection, overpayment_id: UUID, *, actor: Actor, action: str = "read_overpayments", locked: bool = False
) -> Row[Any]:
    """Return the overpayment when the actor may do `action` with it. Raises NotFound, Forbidden."""
    lock = " FOR NO KEY UPDATE OF o" if locked else ""
    row = db.execute(text(f"{_SELECT} WHERE o.id = :id{lock}"), {"id": overpayment_id}).one_or_none()
    if row is None:
        raise NotFound()
    places = {"site": row.site_path, "fund": row.fund_path}
    if not actor.may("read_overpayments", **places):
        raise NotFound()
    actor.must(action, **places)
    return row


def _view(row: Row[Any]) -> OverpaymentView:
    return OverpaymentView(
        id=row.id,
        claim_id=row.claim_id,
        site=SiteRef(row.site_id, row.site_name),
        amount_fen=row.amount_fen,
        reserved_fen=row.reserved_fen,
        recovered_fen=row.recovered_fen,
        reason=row.reason,
        state=row.state,
        reported_by=row.reported_by,
        reported_at=row.reported_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        refusal=row.refusal,
        version=row.version,
    )
