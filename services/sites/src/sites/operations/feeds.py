"""Calendar feeds (S6): made with a random token of which only the hash is kept; each lapses a year later.

A branch's feed is the branch's: whoever may make one for it sees and revokes all of them, whoever made them.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.feeds import FeedView
from sqlalchemy import Connection, func, insert, select, update

from sites.queries.feeds import LIVES, feed_view, may_revoke
from sites.tables.places import organisations
from sites.tables.quotas import calendar_feeds

TOKEN_BYTES: Final = 24
FEEDS_MAX: Final = 20
"""How many feeds of one person answer at once."""


def make(db: Connection, *, branch_id: UUID | None, actor: Actor, at: datetime) -> FeedView:
    """Make a feed; its token is told now and never again.

    Raises Forbidden, InvalidInput; NotFound for an unknown branch.
    """
    if branch_id is None:
        actor.must("make_feed", person=actor.person_id)
    else:
        path = db.execute(select(organisations.c.path).where(organisations.c.id == branch_id)).scalar_one_or_none()
        if path is None:
            raise NotFound()
        actor.must("make_feed", branch=path)
    table = calendar_feeds.c
    mine = select(func.count()).where(
        table.person_id == actor.person_id, table.revoked_at.is_(None), table.made_at > at - LIVES
    )
    if db.execute(mine).scalar_one() >= FEEDS_MAX:
        raise InvalidInput({"branch_id": ["Revoke one of your feeds first."]})
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed_id = uuid4()
    db.execute(
        insert(calendar_feeds).values(
            id=feed_id,
            token_hash=hash_of(token),
            person_id=actor.person_id,
            branch_id=branch_id,
            made_at=at,
            made_by=actor.name,
        )
    )
    return feed_view(db, feed_id, token=token)


def revoke(db: Connection, *, feed_id: UUID, actor: Actor, at: datetime) -> FeedView:
    """Let the feed's address answer no more; again, it changes nothing.

    Raises NotFound for one that is neither the actor's nor of a branch for which the actor may make one.
    """
    if not may_revoke(db, feed_id, actor=actor):
        raise NotFound()
    db.execute(
        update(calendar_feeds)
        .where(calendar_feeds.c.id == feed_id)
        .values(revoked_at=func.coalesce(calendar_feeds.c.revoked_at, at))
    )
    return feed_view(db, feed_id)


def hash_of(token: str) -> bytes:
    """Return what is kept of a token. It is random and long, so a plain hash tells nothing of it."""
    return hashlib.sha256(token.encode()).digest()
