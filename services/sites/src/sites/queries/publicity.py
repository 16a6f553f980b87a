"""Published batches as everybody may read them, without personal data; and objections, for those who decide them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.places import SiteRef
from contracts.sites.publicity import (
    ObjectionsAsked,
    ObjectionView,
    PublicationAsked,
    PublicationsAsked,
    PublicationView,
    PublicLineView,
    PublicSiteView,
)
from sqlalchemy import Connection, Row, text

from sites.domain.batches import PUBLISHED
from sites.queries.scopes import seen_by_sql

_BATCHES: Final = """
SELECT b.id, b.number, b.period, b.state, b.count AS lines_count, b.total_fen, b.published_at, b.public_until,
       f.name AS fund_name
  FROM batches b JOIN funds f ON f.id = b.fund_id
 WHERE b.published_at IS NOT NULL AND {condition}
"""
_HEADS: Final = "coalesce(c.headcount_confirmed, c.headcount)"
_SITES: Final = text(f"""
SELECT s.id, s.name, s.town, count(*) AS visits, sum({_HEADS})::bigint AS heads, sum(l.amount_fen)::bigint AS amount_fen
  FROM batch_lines l JOIN claims c ON c.id = l.claim_id JOIN sites s ON s.id = c.site_id
 WHERE l.batch_id = :batch AND l.state <> 'freed'
 GROUP BY s.id ORDER BY s.town NULLS LAST, s.name, s.id
""")  # noqa: S608 - constants of this module
_LINES: Final = text(f"""
SELECT l.id, l.number, s.id AS site_id, s.name AS site_name, s.town, c.visit_on, {_HEADS} AS heads, l.amount_fen,
       EXISTS (SELECT FROM objections o WHERE o.line_id = l.id AND o.state = 'open') AS is_held
  FROM batch_lines l JOIN claims c ON c.id = l.claim_id JOIN sites s ON s.id = c.site_id
 WHERE l.batch_id = :batch AND l.state <> 'freed' AND l.number > :after
 ORDER BY l.number LIMIT :limit
""")  # noqa: S608 - constants of this module
_OBJECTIONS: Final = """
SELECT o.*, b.number AS batch_number, l.amount_fen, l.state AS line_state, c.visit_on, s.id AS site_id,
       s.name AS site_name, s.code AS site_code, s.managing_path AS site_path, n.path AS branch_path,
       f.path AS fund_path
  FROM objections o
  JOIN batches b ON b.id = o.batch_id
  JOIN batch_lines l ON l.id = o.line_id
  JOIN claims c ON c.id = o.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN organisations n ON n.id = c.branch_id
  JOIN funds f ON f.id = b.fund_id
"""


def publications(db: Connection, *, asked: PublicationsAsked, at: datetime) -> Page:
    """Return the batches that are or were published, newest first; what was rejected since is not shown."""
    given: dict[str, Any] = {}
    condition = "b.state <> 'rejected'"
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        condition += " AND (b.published_at, b.id) < (:after_at, :after_id)"
    rows = db.execute(
        text(f"{_BATCHES.format(condition=condition)} ORDER BY b.published_at DESC, b.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: _view(row, at=at), key=lambda row: (row.published_at, row.id)
    )


def publication(db: Connection, *, asked: PublicationAsked, at: datetime) -> PublicationView:
    """Return one published batch with its sites and a page of its lines. Raises NotFound."""
    condition = "b.id = :batch AND b.state <> 'rejected'"
    row = db.execute(text(_BATCHES.format(condition=condition)), {"batch": asked.batch_id}).one_or_none()
    if row is None:
        raise NotFound()
    after = key_in(asked.cursor, int)[0] if asked.cursor else 0
    lines = db.execute(_LINES, {"batch": row.id, "after": after, "limit": asked.limit + 1}).all()
    page = page_of(lines, limit=asked.limit, view=_line_view, key=lambda line: (line.number,))
    sites = db.execute(_SITES, {"batch": row.id}).all()
    return _view(row, at=at, sites=[_site_view(site) for site in sites], lines=page.items, next_=page.next)


def objections(db: Connection, *, asked: ObjectionsAsked, actor: Actor) -> Page:
    """Return the objections that the actor may see and asks for, newest first: one's own, or those of one's fund."""
    visible, given = seen_by_sql(actor, "read_objections", person="o.by_id", fund="f.path")
    conditions = [visible]
    for column in ("batch_id", "state"):
        if (value := getattr(asked, column)) is not None:
            conditions.append(f"o.{column} = :{column}")
            given[column] = value
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(o.made_at, o.id) < (:after_at, :after_id)")
    rows = db.execute(
        text(f"{_OBJECTIONS} WHERE {' AND '.join(conditions)} ORDER BY o.made_at DESC, o.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_objection_view, key=lambda row: (row.made_at, row.id))


def objection(db: Connection, objection_id: UUID, *, actor: Actor) -> ObjectionView:
    """Return one objection. Raises NotFound."""
    return _objection_view(objection_for(db, objection_id, actor=actor, action="read_objections"))


def objection_for(db: Connection, objection_id: UUID, *, actor: Actor, action: str) -> Row[Any]:
    """Return the objection when the actor may do `action` with it. Raises NotFound, Forbidden."""
    row = db.execute(text(f"{_OBJECTIONS} WHERE o.id = :id"), {"id": objection_id}).one_or_none()
    if row is None or not actor.may("read_objections", fund=row.fund_path, person=row.by_id):
        raise NotFound()
    actor.must(action, fund=row.fund_path, person=row.by_id)
    return row


def _view(
    row: Row[Any],
    *,
    at: datetime,
    sites: list[PublicSiteView] | None = None,
    lines: list[PublicLineView] | None = None,
    next_: str | None = None,
) -> PublicationView:
    return PublicationView(
        batch_id=row.id,
        number=row.number,
        fund_name=row.fund_name,
        period=row.period,
        published_at=row.published_at,
        public_until=row.public_until,
        is_open=row.state == PUBLISHED and clock.today(at) <= row.public_until,
        count=row.lines_count,
        total_fen=row.total_fen,
        sites=sites or [],
        lines=lines or [],
        next=next_,
    )


def _site_view(row: Row[Any]) -> PublicSiteView:
    return PublicSiteView(SiteRef(row.id, row.name), row.town, row.visits, row.heads, row.amount_fen)


def _line_view(row: Row[Any]) -> PublicLineView:
    return PublicLineView(
        id=row.id,
        number=row.number,
        site=SiteRef(row.site_id, row.site_name),
        town=row.town,
        visit_on=row.visit_on,
        heads=row.heads,
        amount_fen=row.amount_fen,
        is_held=row.is_held,
    )


def _objection_view(row: Row[Any]) -> ObjectionView:
    return ObjectionView(
        id=row.id,
        batch_id=row.batch_id,
        batch_number=row.batch_number,
        line_id=row.line_id,
        claim_id=row.claim_id,
        site=SiteRef(row.site_id, row.site_name),
        visit_on=row.visit_on,
        amount_fen=row.amount_fen,
        reason=row.reason,
        by=row.on_paper_from or row.by_name,
        entered_by=row.by_name if row.on_paper_from else None,
        made_at=row.made_at,
        state=row.state,
        decision_reason=row.decision_reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
