"""Visits as calendars show them, under a secret address (S6)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.feeds import CalendarEventView, CalendarView, FeedView
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, Select, select, text

from sites.domain.orders import state_at
from sites.tables.places import organisations
from sites.tables.quotas import calendar_feeds

BEHIND: Final = timedelta(days=92)
EVENTS_MAX: Final = 500

_FEEDS: Final[Select[Any]] = select(*calendar_feeds.c, organisations.c.name.label("branch_name")).outerjoin(
    organisations, organisations.c.id == calendar_feeds.c.branch_id
)
_EVENTS: Final = text("""
SELECT o.id, o.version, o.state, o.answer_by, o.checked_in, o.starts_at, o.ends_at, o.party_size, o.placed_at,
       o.slot_id, o.site_id, site.name AS site_name, site.address, p.name AS programme,
       ST_X(site.point) AS lon, ST_Y(site.point) AS lat
  FROM orders o
  JOIN sites site ON site.id = o.site_id
  JOIN programmes p ON p.id = o.programme_id
 WHERE CASE WHEN CAST(:branch AS uuid) IS NULL
            THEN o.placed_by_id = :person AND o.branch_id IS NULL AND o.source = 'online'
            ELSE o.branch_id = :branch END
   AND o.starts_at > :since
 ORDER BY o.starts_at DESC, o.id
 LIMIT :max
""")


def calendar(db: Connection, *, token: str, at: datetime) -> CalendarView:
    """Return the visits of the feed with this token. Raises NotFound, also for a revoked one."""
    hashed = hashlib.sha256(token.encode()).digest()
    asked = _FEEDS.where(calendar_feeds.c.token_hash == hashed, calendar_feeds.c.revoked_at.is_(None))
    feed = db.execute(asked).one_or_none()
    if feed is None:
        raise NotFound()
    given = {"branch": feed.branch_id, "person": feed.person_id, "since": at - BEHIND, "max": EVENTS_MAX}
    events = [_event(row, at=at) for row in db.execute(_EVENTS, given)]
    return CalendarView(name=feed.branch_name or "", events=events)


def feeds(db: Connection, *, actor: Actor) -> Page:
    """Return the actor's feeds that still answer, the newest first."""
    actor.must("make_feed", person=actor.person_id)
    mine = _FEEDS.where(calendar_feeds.c.person_id == actor.person_id, calendar_feeds.c.revoked_at.is_(None))
    rows = db.execute(mine.order_by(calendar_feeds.c.made_at.desc(), calendar_feeds.c.id)).all()
    return Page(items=[_feed(row) for row in rows], next=None)


def feed_view(db: Connection, feed_id: UUID, *, token: str | None = None) -> FeedView:
    """Return one feed to whoever has just made or revoked it."""
    return _feed(db.execute(_FEEDS.where(calendar_feeds.c.id == feed_id)).one(), token=token)


def _feed(row: Row[Any], *, token: str | None = None) -> FeedView:
    return FeedView(
        id=row.id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        token=token,
    )


def _event(row: Row[Any], *, at: datetime) -> CalendarEventView:
    state = state_at(row.state, answer_by=row.answer_by, checked_in=row.checked_in, ends_at=row.ends_at, at=at)
    return CalendarEventView(
        order_id=row.id,
        version=row.version,
        state=state,
        slot=SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at),
        site=SiteRef(row.site_id, row.site_name),
        address=row.address,
        lon=row.lon,
        lat=row.lat,
        party_size=row.party_size,
        placed_at=row.placed_at,
    )
