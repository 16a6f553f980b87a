"""Sites as their keepers see them, in every state: the list, the whole record, its history; and the way in for those
who come (S1)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.personal import unseal
from chassis.refusals import NotFound, Refusal
from contracts.envelope import Page
from contracts.sites.records import (
    ArrivalView,
    KeptSitesAsked,
    KeptSiteView,
    SiteChangeView,
    SiteHistoryAsked,
    SiteRecordView,
)
from sqlalchemy import Connection, Row, insert, text

from sites.domain.orders import CONFIRMED, USED
from sites.queries.orders import order_for
from sites.queries.pictures import AS_JSON, view_of
from sites.queries.scopes import visible_to
from sites.queries.sites import with_origin
from sites.tables.places import contact_views

_RECORD = """
SELECT id, code, name, category, kind, district, town, address, ST_AsGeoJSON(point, 6)::json AS point,
       ST_AsGeoJSON(entrance, 6)::json AS entrance, point_datum, point_source, point_accuracy_m, point_checked_on,
       point_checked_by, capacity, visit_minutes, hours_text, facilities, facilities_text, accessibility_text,
       contact_name, contact_phone_masked, arrival_text, parking_text, bring_text, state, synthetic,
       managing_organisation_id, managing_organisation, managing_path, version, star, grade, state_reason, state_since,
       {pictures} AS pictures
  FROM sites WHERE id = :id
"""

_KEPT = """
SELECT id, code, name, category, kind, district, town, state, managing_organisation, synthetic, pinyin
  FROM sites WHERE {conditions} ORDER BY pinyin, id LIMIT :limit
"""


_PICTURES = AS_JSON.format(purpose="site", subject="sites.id")


class NotConfirmedYet(Refusal):
    """The contact and the notes for arriving are shown once the order is confirmed."""


def record_for(db: Connection, site_id: UUID, *, actor: Actor, action: str = "read_site_record") -> Row[Any]:
    """Return a site's row when the actor may do `action` with it.

    Raises NotFound when they may not even read its record, Forbidden when they may, but not do this.
    """
    row = db.execute(text(_RECORD.format(pictures=_PICTURES)), {"id": site_id}).one_or_none()
    if row is None or not actor.may("read_site_record", site=row.managing_path):
        raise NotFound()
    actor.must(action, site=row.managing_path)
    return row


def record(db: Connection, site_id: UUID, *, actor: Actor) -> SiteRecordView:
    """Return a site's whole record. Raises NotFound."""
    return record_view(record_for(db, site_id, actor=actor))


def record_view(row: Row[Any]) -> SiteRecordView:
    """Return the row of a record as it is shown."""
    return SiteRecordView(**{**with_origin(row), "pictures": [view_of(picture) for picture in row.pictures]})


def kept(db: Connection, asked: KeptSitesAsked, *, actor: Actor) -> Page:
    """Return the sites that the actor keeps or oversees, by pinyin. Raises Forbidden."""
    condition, given = visible_to(actor, "read_site_record", site="managing_path")
    conditions = [condition]
    if asked.state:
        conditions.append("state = :state")
        given["state"] = asked.state
    if asked.q.strip():
        conditions.append("search ILIKE '%' || :q || '%'")
        given["q"] = asked.q.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    if asked.cursor:
        given["after_pinyin"], given["after_id"] = key_in(asked.cursor, str, UUID)
        conditions.append("(pinyin, id) > (:after_pinyin, :after_id)")
    statement = _KEPT.format(conditions=" AND ".join(conditions))
    rows = db.execute(text(statement), {**given, "limit": asked.limit + 1}).all()

    def view(row: Row[Any]) -> KeptSiteView:
        return KeptSiteView(**{name: value for name, value in row._mapping.items() if name != "pinyin"})

    return page_of(rows, limit=asked.limit, view=view, key=lambda row: (row.pinyin, row.id))


def history(db: Connection, asked: SiteHistoryAsked, *, actor: Actor) -> Page:
    """Return what was changed of a site, newest first. Raises NotFound."""
    record_for(db, asked.site_id, actor=actor)
    (before,) = key_in(asked.cursor, int) if asked.cursor else (None,)
    rows = db.execute(
        text(
            "SELECT id, move, state, at, by_name AS by, reason, changes FROM site_history"
            " WHERE site_id = :id AND (CAST(:before AS bigint) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit"
        ),
        {"id": asked.site_id, "before": before, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=lambda row: SiteChangeView(**row._mapping), key=lambda row: (row.id,))


def arrival(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> ArrivalView:
    """Return what is released to who comes; that the number was shown is recorded.

    Raises NotFound, Forbidden; NotConfirmedYet while the order is not confirmed, or not any more.
    """
    order = order_for(db, order_id, actor=actor, action="read_voucher", at=at)
    if order.state not in (CONFIRMED, USED):
        raise NotConfirmedYet()
    row = db.execute(
        text(
            "SELECT contact_name, contact_phone, arrival_text, parking_text, bring_text,"
            " ST_AsGeoJSON(entrance, 6)::json AS entrance FROM sites WHERE id = :id"
        ),
        {"id": order.site_id},
    ).one()
    phone = unseal(row.contact_phone) if row.contact_phone else None
    if phone:
        view = {"at": at, "by_id": actor.person_id, "by_name": actor.name}
        db.execute(insert(contact_views).values(site_id=order.site_id, order_id=order.id, **view))
    return ArrivalView(order_id=order.id, site_id=order.site_id, **{**row._mapping, "contact_phone": phone})
