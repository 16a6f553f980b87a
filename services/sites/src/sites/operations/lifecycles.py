"""A site is opened, suspended, resumed or withdrawn (S1, S14), in one transaction with what that does to its orders.

Locks are taken class by class: the site, its orders, its slots, then branch and fund as every ending does. An order
placed between the look at the orders and the closing of the slots is found afterwards, for no new one can come then.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.lifecycles import MoveSite, SiteMovedView
from sqlalchemy import Connection, insert, select, text, update

from sites.domain.days import midnight
from sites.domain.sites import ENDING, MOVES, GroundUnknown, SiteNotMovable, kept_until
from sites.operations import moves
from sites.operations.programmes import RETIRED
from sites.queries.site_records import record_for
from sites.tables.places import site_grounds, site_history, sites

CLOSED_BY_SITE: Final = "活动点停止接待："
"""How the reason begins that stands at a slot which closed with its site; resuming the site opens those again."""

_LIVE: Final = text("""
SELECT id FROM orders
 WHERE site_id = :site AND state IN ('placed', 'confirmed') AND starts_at > :at
 ORDER BY id FOR UPDATE
""")
_CLOSE: Final = text("""
WITH ahead AS (
    SELECT id FROM slots WHERE site_id = :site AND starts_at > :at AND closed_reason IS NULL
     ORDER BY id FOR NO KEY UPDATE
)
UPDATE slots SET closed_reason = :reason FROM ahead WHERE slots.id = ahead.id
""")
# A programme may have left the menu while the site was closed: its slots stay shut, for that reason now.
_REOPEN: Final = text("""
WITH ahead AS (
    SELECT id FROM slots WHERE site_id = :site AND starts_at > :at AND starts_with(closed_reason, :reason)
     ORDER BY id FOR NO KEY UPDATE
)
UPDATE slots SET closed_reason = CASE WHEN NOT p.is_offered THEN :retired END
  FROM ahead, programmes p WHERE slots.id = ahead.id AND p.id = slots.programme_id
""")


def move(db: Connection, *, asked: MoveSite, actor: Actor, at: datetime) -> SiteMovedView:
    """Move a site; orders after the days that are kept are cancelled, told, and their money is set free.

    Raises NotFound, Forbidden, SiteNotMovable, GroundUnknown, NoticeTooShort; InvalidInput without a ground.
    """
    kept = record_for(db, asked.site_id, actor=actor, action="move_site")
    today = clock.today(at)
    until = _kept_until(db, asked, today=today) if asked.move in ENDING else None
    sources, target = MOVES[asked.move]
    version = db.execute(
        update(sites)
        .where(sites.c.id == kept.id, sites.c.state.in_(sorted(sources)))
        .values(state=target, state_reason=asked.reason, state_since=today, version=sites.c.version + 1)
        .returning(sites.c.version)
    ).scalar_one_or_none()
    if version is None:
        state = db.execute(select(sites.c.state).where(sites.c.id == kept.id)).scalar_one()
        raise SiteNotMovable(state=state, move=asked.move)
    step = {"by_id": actor.person_id, "by_name": actor.name, "at": at, "reason": asked.reason}
    changes = {"ground": [None, asked.ground], "keep_until": [None, str(until)]} if until else None
    db.execute(insert(site_history).values(site_id=kept.id, move=asked.move, state=target, changes=changes, **step))
    cancelled, left = 0, 0
    if until is not None:
        cancelled, left = _empty(db, kept.id, until=until, reason=asked.reason, actor=actor, at=at)
    elif asked.move == "resume":
        db.execute(_REOPEN, {"site": kept.id, "at": at, "reason": CLOSED_BY_SITE, "retired": RETIRED})
    return SiteMovedView(
        id=kept.id, state=target, version=version, cancelled_orders=cancelled, kept_orders=left, keep_until=until
    )


def _kept_until(db: Connection, asked: MoveSite, *, today: date) -> date:
    if asked.ground is None:
        raise InvalidInput({"ground": ["Missing data for required field."]})
    table = site_grounds.c
    notice_days = db.execute(
        select(table.notice_days)
        .where(table.move == asked.move, table.ground == asked.ground, table.active_from <= today)
        .order_by(table.active_from.desc())
        .limit(1)
    ).scalar_one_or_none()
    if notice_days is None:
        raise GroundUnknown()
    return kept_until(asked.keep_until, notice_days=notice_days, today=today)


def _empty(db: Connection, site_id: UUID, *, until: date, reason: str, actor: Actor, at: datetime) -> tuple[int, int]:
    """Close the site's coming slots and end its orders after a day; returns how many ended and how many are left."""
    where: dict[str, Any] = {"site": site_id, "at": at}
    db.execute(_LIVE, where)
    db.execute(_CLOSE, {**where, "reason": CLOSED_BY_SITE + reason})
    live = db.execute(_LIVE, where).scalars().all()
    after = midnight(until + timedelta(days=1))
    later = db.execute(
        text("SELECT id FROM orders WHERE id = ANY(:live) AND starts_at >= :after ORDER BY id"),
        {"live": list(live), "after": after},
    )
    ended = moves.end(db, list(later.scalars()), "cancel", at=at, by=actor, reason=reason)
    return len(ended), len(live) - len(ended)
