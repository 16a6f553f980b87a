"""The register of payees: the account in force for each site, what is proposed, and what was before. Numbers masked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.payees import PaidAccountView, PayeeAsked, PayeeChangeView, PayeesAsked, PayeeView
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_CHANGES: Final = """
SELECT c.*, s.name AS site_name, s.managing_path AS site_path
  FROM payee_changes c JOIN sites s ON s.id = c.site_id
"""
_SITES: Final = """
SELECT s.id, s.name, s.code, s.managing_path AS site_path FROM sites s
 WHERE {condition} ORDER BY s.name, s.id LIMIT :limit
"""
_PENDING: Final = "EXISTS (SELECT FROM payee_changes p WHERE p.site_id = s.id AND p.state = 'proposed')"


def payees(db: Connection, *, asked: PayeesAsked, actor: Actor, at: datetime) -> Page:
    """Return the payees of the sites that the actor may see, by the site's name."""
    visible, given = visible_to(actor, "read_payees", site="s.managing_path")
    conditions = [visible]
    if asked.pending:
        conditions.append(_PENDING)
    if asked.q:
        conditions.append("(strpos(s.name, :q) > 0 OR strpos(s.initials, lower(:q)) = 1)")
        given["q"] = asked.q
    if asked.cursor:
        given["after_name"], given["after_id"] = key_in(asked.cursor, str, UUID)
        conditions.append("(s.name, s.id) > (:after_name, :after_id)")
    rows = db.execute(
        text(_SITES.format(condition=" AND ".join(conditions))), {**given, "limit": asked.limit + 1}
    ).all()
    ids = [row.id for row in rows]
    accounts = {row.site_id: row for row in _accounts(db, ids) if row.active_until is None}
    pending = {row.site_id: row for row in _changes(db, ids) if row.state == "proposed"}
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _view(row, accounts.get(row.id), pending.get(row.id), (), (), at=at),
        key=lambda row: (row.name, row.id),
    )


def payee(db: Connection, *, asked: PayeeAsked, actor: Actor, at: datetime) -> PayeeView:
    """Return one site's payee with all that was before. Raises NotFound."""
    site = site_for(db, asked.site_id, actor=actor, action="read_payees")
    accounts, changes = _accounts(db, [site.id]), _changes(db, [site.id])
    current = next((row for row in accounts if row.active_until is None), None)
    pending = next((row for row in changes if row.state == "proposed"), None)
    return _view(site, current, pending, accounts, changes, at=at)


def change(db: Connection, change_id: UUID, *, actor: Actor) -> PayeeChangeView:
    """Return one proposal. Raises NotFound."""
    return _change_view(change_for(db, change_id, actor=actor, action="read_payees"))


def change_for(db: Connection, change_id: UUID, *, actor: Actor, action: str, locked: bool = False) -> Row[Any]:
    """Return the proposal when the actor may do `action` with it. Raises NotFound, Forbidden."""
    lock = " FOR NO KEY UPDATE OF c" if locked else ""
    row = db.execute(text(f"{_CHANGES} WHERE c.id = :id{lock}"), {"id": change_id}).one_or_none()
    if row is None or not actor.may("read_payees", site=row.site_path):
        raise NotFound()
    actor.must(action, site=row.site_path)
    return row


def site_for(db: Connection, site_id: UUID, *, actor: Actor, action: str) -> Row[Any]:
    """Return the site when the actor may do `action` with its payee. Raises NotFound, Forbidden."""
    row = db.execute(text(_SITES.format(condition="s.id = :id")), {"id": site_id, "limit": 1}).one_or_none()
    if row is None or not actor.may("read_payees", site=row.site_path):
        raise NotFound()
    actor.must(action, site=row.site_path)
    return row


def _accounts(db: Connection, site_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    return db.execute(
        text("SELECT * FROM payees WHERE site_id = ANY(:sites) ORDER BY active_from DESC"), {"sites": list(site_ids)}
    ).all()


def _changes(db: Connection, site_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    return db.execute(
        text(f"{_CHANGES} WHERE c.site_id = ANY(:sites) ORDER BY c.proposed_at DESC, c.id"), {"sites": list(site_ids)}
    ).all()


def _view(
    site: Row[Any],
    current: Row[Any] | None,
    pending: Row[Any] | None,
    accounts: Sequence[Row[Any]],
    changes: Sequence[Row[Any]],
    *,
    at: datetime,
) -> PayeeView:
    return PayeeView(
        site=SiteRef(site.id, site.name),
        current=_account_view(current) if current else None,
        is_held=bool(current and current.held_until and current.held_until > at),
        pending=_change_view(pending) if pending else None,
        accounts=[_account_view(row) for row in accounts],
        changes=[_change_view(row) for row in changes],
    )


def _account_view(row: Row[Any]) -> PaidAccountView:
    return PaidAccountView(
        kind=row.kind,
        name=row.name,
        account_masked=row.account_masked,
        bank=row.bank,
        bank_code=row.bank_code,
        credit_code=row.credit_code,
        is_synthetic=row.is_synthetic,
        active_from=row.active_from,
        active_until=row.active_until,
        held_until=row.held_until,
    )


def _change_view(row: Row[Any]) -> PayeeChangeView:
    return PayeeChangeView(
        id=row.id,
        site=SiteRef(row.site_id, row.site_name),
        kind=row.kind,
        name=row.name,
        account_masked=row.account_masked,
        bank=row.bank,
        bank_code=row.bank_code,
        credit_code=row.credit_code,
        reason=row.reason,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        refusal=row.refusal,
        version=row.version,
    )
