"""Visits as calendars show them, under a secret address (S6)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.feeds import CalendarEventView, CalendarView, FeedView
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, Select, select, text

from sites.domain.orders import state_at
from sites.queries.scopes import visible_to
from sites.tables.places import organisations
from sites.tables.quotas import calendar_feeds

BEHIND: Final = timedelta(days=92)
EVENTS_MAX: Final = 500
LISTED_MAX: Final = 200
LIVES: Final = timedelta(days=365)
"""How long an address answers; then a new one is made by whoever still has the right to."""
LAPSED_TOLD: Final = timedelta(days=92)
"""How long a lapsed feed is still listed, so that people see why their calendar stands still."""

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
    """Return the visits of the feed with this token. Raises NotFound, also for one that is revoked or has lapsed."""
    hashed = hashlib.sha256(token.encode()).digest()
    asked = _FEEDS.where(
        calendar_feeds.c.token_hash == hashed,
        calendar_feeds.c.revoked_at.is_(None),
        calendar_feeds.c.made_at > at - LIVES,
    )
    feed = db.execute(asked).one_or_none()
    if feed is None:
        raise NotFound()
    given = {"branch": feed.branch_id, "person": feed.person_id, "since": at - BEHIND, "max": EVENTS_MAX}
    events = [_event(row, at=at) for row in db.execute(_EVENTS, given)]
    return CalendarView(name=feed.branch_name or "", events=events)


def feeds(db: Connection, *, actor: Actor, at: datetime) -> Page:
    """Return the actor's feeds and all of the branches for which the actor may make one, the newest first.

    None that is revoked; one that has lapsed for a while longer. Raises Forbidden.
    """
    condition, given = _theirs(actor)
    wanted = _FEEDS.where(
        text(condition), calendar_feeds.c.revoked_at.is_(None), calendar_feeds.c.made_at > at - LIVES - LAPSED_TOLD
    )
    rows = db.execute(wanted.order_by(calendar_feeds.c.made_at.desc(), calendar_feeds.c.id).limit(LISTED_MAX), given)
    return Page(items=[_feed(row) for row in rows], next=None)


def may_revoke(db: Connection, feed_id: UUID, *, actor: Actor) -> bool:
    """Say whether the feed is the actor's, or of a branch for which the actor may make one."""
    condition, given = _theirs(actor)
    return db.execute(_FEEDS.where(text(condition), calendar_feeds.c.id == feed_id), given).first() is not None


def feed_view(db: Connection, feed_id: UUID, *, token: str | None = None) -> FeedView:
    """Return one feed to whoever has just made or revoked it."""
    return _feed(db.execute(_FEEDS.where(calendar_feeds.c.id == feed_id)).one(), token=token)


def _theirs(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the condition of the feeds in the actor's hands. Raises Forbidden for who may make none at all."""
    mine = "calendar_feeds.person_id = :person"
    try:
        condition, given = visible_to(actor, "make_feed", branch="organisations.path")
    except Forbidden:
        actor.must("make_feed", person=actor.person_id)
        return mine, {"person": actor.person_id}
    return f"({mine} OR {condition})", {**given, "person": actor.person_id}


def _feed(row: Row[Any], *, token: str | None = None) -> FeedView:
    return FeedView(
        id=row.id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        token=token,
        made_by=row.made_by,
        lapses_at=row.made_at + LIVES,
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
