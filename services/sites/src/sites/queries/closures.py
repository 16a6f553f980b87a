"""The closures of a site, and the notices of the orders that they affect (S5)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.calendars import AffectedOrderView, ClosuresAsked, ClosureView, NoticesAsked, NoticeView
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, text

from sites.queries.alternatives import alternatives
from sites.queries.scopes import visible_to
from sites.queries.sites import kept_site

# A notice stands open as long as its order is live and still in the slot that the closure shuts.
_WAITS: Final = "o.state IN ('placed', 'confirmed') AND o.slot_id = n.slot_id AND s.closure_id = n.closure_id"

_CLOSURES: Final = f"""
SELECT c.*, p.name AS programme, sp.name AS space, told.orders_told, told.orders_waiting
  FROM closures c
  LEFT JOIN programmes p ON p.id = c.programme_id
  LEFT JOIN spaces sp ON sp.id = c.space_id
 CROSS JOIN LATERAL (
     SELECT count(*) AS orders_told, count(*) FILTER (WHERE {_WAITS}) AS orders_waiting
       FROM order_notices n
       JOIN orders o ON o.id = n.order_id
       JOIN slots s ON s.id = n.slot_id
      WHERE n.closure_id = c.id
 ) told
 WHERE c.site_id = :site_id
"""  # noqa: S608 - constants of this module

_NOTICES: Final = f"""
SELECT n.id AS notice_id, n.told_at, n.closure_id, c.reason, c.note, site.name AS site_name,
       o.id, o.slot_id, o.site_id, o.programme_id, o.starts_at, o.ends_at, o.party_size, o.branch_id, o.state,
       o.contact_name, o.contact_phone_masked, p.name AS programme, branch.name AS branch_name
  FROM order_notices n
  JOIN orders o ON o.id = n.order_id
  JOIN slots s ON s.id = n.slot_id
  JOIN closures c ON c.id = n.closure_id
  JOIN sites site ON site.id = o.site_id
  JOIN programmes p ON p.id = o.programme_id
  LEFT JOIN organisations branch ON branch.id = o.branch_id
 WHERE {_WAITS} AND o.starts_at > :at
   AND (o.placed_by_id = :person_id OR {{seen}})
"""  # noqa: S608


def closure(db: Connection, site_id: UUID, closure_id: UUID) -> ClosureView:
    """Return one closure of a site. Raises NotFound."""
    row = db.execute(text(f"{_CLOSURES} AND c.id = :id"), {"site_id": site_id, "id": closure_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


def closures(db: Connection, asked: ClosuresAsked, *, actor: Actor) -> Page:
    """Return a site's closures, the latest first. Raises NotFound, Forbidden."""
    kept_site(db, asked.site_id, actor=actor, action="read_calendar")
    given: dict[str, Any] = {"site_id": asked.site_id, "limit": asked.limit + 1}
    after = ""
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        after = "AND (c.starts_at, c.id) < (:after_at, :after_id)"
    rows = db.execute(text(f"{_CLOSURES} {after} ORDER BY c.starts_at DESC, c.id DESC LIMIT :limit"), given).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.starts_at, row.id))


def notices(db: Connection, asked: NoticesAsked, *, actor: Actor, at: datetime) -> Page:
    """Return the notices that wait for an answer, of orders that the actor may see, with offers; the soonest first."""
    seen, given = _seen_by(actor)
    given |= {"at": at, "person_id": actor.person_id, "limit": asked.limit + 1}
    conditions = ""
    for name, column in (("branch_id", "o.branch_id"), ("site_id", "o.site_id"), ("order_id", "o.id")):
        if getattr(asked, name) is not None:
            conditions += f" AND {column} = :{name}"
            given[name] = getattr(asked, name)
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions += " AND (o.starts_at, n.id) > (:after_at, :after_id)"
    statement = f"{_NOTICES.format(seen=seen)} {conditions} ORDER BY o.starts_at, n.id LIMIT :limit"
    rows = db.execute(text(statement), given).all()
    offers = alternatives(db, rows[: asked.limit], at=at)
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: NoticeView(
            id=row.notice_id,
            told_at=row.told_at,
            closure_id=row.closure_id,
            reason=row.reason,
            note=row.note,
            site_id=row.site_id,
            site_name=row.site_name,
            order=AffectedOrderView(
                order_id=row.id,
                branch_name=row.branch_name,
                contact_name=row.contact_name,
                contact_phone_masked=row.contact_phone_masked,
                party_size=row.party_size,
                state=row.state,
                slot=SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at),
                effect="close",
                alternatives=offers[row.id],
            ),
        ),
        key=lambda row: (row.starts_at, row.notice_id),
    )


def _seen_by(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the condition for orders of others; whoever holds no role over a branch or a site sees their own alone."""
    try:
        return visible_to(actor, "read_notices", branch="branch.path", site="site.managing_path")
    except Forbidden:
        actor.must("read_notices", person=actor.person_id)
        return "false", {}


def _view(row: Row[Any]) -> ClosureView:
    shown = {
        *("id", "site_id", "programme", "space", "slot_id", "starts_at", "ends_at", "is_sudden", "reason", "note"),
        *("made_at", "made_by", "lifted_at", "orders_told", "orders_waiting"),
    }
    return ClosureView(**{name: value for name, value in row._mapping.items() if name in shown})
