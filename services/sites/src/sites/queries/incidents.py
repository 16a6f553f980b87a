"""A site's log of incidents with their follow-ups, for its stewards and the officer."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.incidents import FollowUpView, IncidentsAsked, IncidentView
from sqlalchemy import Connection, Row, text

from sites.queries.site_records import record_for

_SELECT: Final = """
SELECT i.*, s.managing_path, b.name AS branch_name, f.closed_on, f.lines
  FROM incidents i
  JOIN sites s ON s.id = i.site_id
  LEFT JOIN orders o ON o.id = i.order_id
  LEFT JOIN organisations b ON b.id = o.branch_id
 CROSS JOIN LATERAL (SELECT max(closed_on) AS closed_on,
                            json_agg(json_build_object('at', at, 'by', by_name, 'note', note, 'closed_on', closed_on)
                                     ORDER BY id) AS lines
                       FROM incident_follow_ups WHERE incident_id = i.id) f
"""
_OF_SITE = text(f"""{_SELECT}
 WHERE i.site_id = :site_id AND (CAST(:kind AS text) IS NULL OR i.kind = :kind)
   AND (CAST(:is_open AS boolean) IS NULL OR (f.closed_on IS NULL) = :is_open)
   AND (CAST(:before_at AS timestamptz) IS NULL
        OR (i.happened_at, i.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid)))
 ORDER BY i.happened_at DESC, i.id DESC LIMIT :limit
""")
_BY_ID = text(f"{_SELECT} WHERE i.id = :id")


def incidents(db: Connection, asked: IncidentsAsked, *, actor: Actor) -> Page:
    """Return a site's incidents, the latest first. Raises NotFound, Forbidden."""
    record_for(db, asked.site_id, actor=actor, action="read_incidents")
    before_at, before_id = key_in(asked.cursor, datetime.fromisoformat, UUID) if asked.cursor else (None, None)
    given = {"site_id": asked.site_id, "kind": asked.kind, "is_open": asked.is_open}
    rows = db.execute(
        _OF_SITE, {**given, "before_at": before_at, "before_id": before_id, "limit": asked.limit + 1}
    ).all()
    return page_of(rows, limit=asked.limit, view=view, key=lambda row: (row.happened_at, row.id))


def incident_for(db: Connection, incident_id: UUID, *, actor: Actor, action: str = "read_incidents") -> Row[Any]:
    """Return an incident when the actor may do `action` with it. Raises NotFound, Forbidden."""
    row = db.execute(_BY_ID, {"id": incident_id}).one_or_none()
    if row is None or not actor.may("read_incidents", site=row.managing_path):
        raise NotFound()
    actor.must(action, site=row.managing_path)
    return row


def one(db: Connection, incident_id: UUID) -> IncidentView:
    """Return an incident to somebody who may see it."""
    return view(db.execute(_BY_ID, {"id": incident_id}).one())


def view(row: Row[Any]) -> IncidentView:
    """Return an incident's row as it is shown."""
    return IncidentView(
        id=row.id,
        site_id=row.site_id,
        happened_at=row.happened_at,
        kind=row.kind,
        space=row.space,
        order_id=row.order_id,
        branch_name=row.branch_name,
        what=row.what,
        done=row.done,
        recorded_at=row.recorded_at,
        by=row.by_name,
        closed_on=row.closed_on,
        follow_ups=[
            FollowUpView(
                at=datetime.fromisoformat(line["at"]),
                by=line["by"],
                note=line["note"],
                closed_on=date.fromisoformat(line["closed_on"]) if line["closed_on"] else None,
            )
            for line in row.lines or ()
        ],
    )
