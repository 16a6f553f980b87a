"""Applications for admission as those may see them whom they concern (S14)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.admissions import AdmissionsAsked, AdmissionView
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_ADMISSIONS = """
SELECT a.id, a.organisation_id, a.organisation, a.path, a.name, a.category, a.kind, a.district, a.town, a.address,
       ST_AsGeoJSON(a.point, 6)::json AS point, a.point_datum, a.capacity, a.visit_minutes, a.statement, a.state,
       a.applied_at, a.checklist, a.site_id,
       (SELECT json_agg(json_build_object('move', h.move, 'state', h.state, 'at', h.at, 'by', h.by_name,
                                          'reason', h.reason) ORDER BY h.id)
          FROM admission_history h WHERE h.admission_id = a.id) AS history
  FROM admissions a
 WHERE {conditions}
 ORDER BY a.applied_at DESC, a.id DESC LIMIT :limit
"""


def admission_for(db: Connection, admission_id: UUID, *, actor: Actor, action: str = "read_admission") -> Row[Any]:
    """Return the application when the actor may do `action` with it.

    Raises NotFound when they may not even read it, Forbidden when they may, but not do this.
    """
    statement = _ADMISSIONS.format(conditions="a.id = :id")
    row = db.execute(text(statement), {"id": admission_id, "limit": 1}).one_or_none()
    if row is None or not actor.may("read_admission", organisation=row.path):
        raise NotFound()
    actor.must(action, organisation=row.path)
    return row


def admission(db: Connection, admission_id: UUID, *, actor: Actor) -> AdmissionView:
    """Return one application. Raises NotFound."""
    return _view(admission_for(db, admission_id, actor=actor))


def admissions(db: Connection, asked: AdmissionsAsked, *, actor: Actor) -> Page:
    """Return the applications that the actor may see, newest first. Raises Forbidden."""
    condition, given = visible_to(actor, "read_admission", organisation="a.path")
    conditions = [condition]
    if asked.state:
        conditions.append("a.state = :state")
        given["state"] = asked.state
    if asked.cursor:
        given["before_at"], given["before_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(a.applied_at, a.id) < (:before_at, :before_id)")
    statement = _ADMISSIONS.format(conditions=" AND ".join(conditions))
    rows = db.execute(text(statement), {**given, "limit": asked.limit + 1}).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.applied_at, row.id))


def _view(row: Row[Any]) -> AdmissionView:
    return AdmissionView(**{name: value for name, value in row._mapping.items() if name != "path"})
