"""Writing a site's log: what happened, and what was done since. Rows are added, never changed."""

from datetime import datetime
from uuid import uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.incidents import FollowUpIncident, IncidentView, RecordIncident
from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.days import day_of
from sites.domain.incidents import IncidentClosed
from sites.queries.incidents import incident_for, one
from sites.queries.site_records import record_for
from sites.tables.calendars import spaces
from sites.tables.incidents import incident_follow_ups, incidents
from sites.tables.orders import orders


def record(db: Connection, *, asked: RecordIncident, actor: Actor, at: datetime) -> IncidentView:
    """Write down what happened. Raises NotFound, Forbidden, InvalidInput."""
    kept = record_for(db, asked.site_id, actor=actor, action="record_incident")
    if asked.happened_at > at:
        raise InvalidInput({"happened_at": ["This time lies ahead."]})
    space = None
    if asked.space_id is not None:
        of_site = select(spaces.c.name).where(spaces.c.id == asked.space_id, spaces.c.site_id == kept.id)
        space = db.execute(of_site).scalar_one_or_none()
        if space is None:
            raise InvalidInput({"space_id": ["This is no space of the site."]})
    if asked.order_id is not None:
        there = select(orders.c.id).where(orders.c.id == asked.order_id, orders.c.site_id == kept.id)
        if db.execute(there).scalar_one_or_none() is None:
            raise InvalidInput({"order_id": ["This is no order of the site."]})
    incident_id = uuid4()
    db.execute(
        insert(incidents).values(
            id=incident_id,
            site_id=kept.id,
            happened_at=asked.happened_at,
            kind=asked.kind,
            space=space,
            order_id=asked.order_id,
            what=asked.what,
            done=asked.done,
            recorded_at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    return one(db, incident_id)


def follow_up(db: Connection, *, asked: FollowUpIncident, actor: Actor, at: datetime) -> IncidentView:
    """Add what was done since. Raises NotFound, Forbidden, IncidentClosed, InvalidInput."""
    seen = incident_for(db, asked.incident_id, actor=actor, action="record_incident")
    if asked.closed_on is not None and not day_of(seen.happened_at) <= asked.closed_on <= clock.today(at):
        raise InvalidInput({"closed_on": ["Give a day between the incident and today."]})
    added = db.execute(
        insert_new(incident_follow_ups)
        .values(
            incident_id=seen.id,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            note=asked.note,
            closed_on=asked.closed_on,
        )
        .on_conflict_do_nothing()
        .returning(incident_follow_ups.c.id)
    ).scalar_one_or_none()
    if added is None:
        raise IncidentClosed(closed_on=one(db, seen.id).closed_on)
    return one(db, seen.id)
