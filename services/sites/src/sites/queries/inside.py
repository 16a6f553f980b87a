"""How many are inside now, against what a site's capacity allows: counted when it is asked, in one statement (S8)."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page
from contracts.sites.places import SiteRef
from contracts.sites.visits import InsideAsked, InsideView
from sqlalchemy import Connection, Row, text

from sites.domain.capacity import level
from sites.queries.scopes import visible_to

# A visit that began yesterday may run past midnight; the days keep the index short.
_INSIDE: Final = """
SELECT s.id, s.name, s.pinyin, s.capacity, i.heads, i.parties, a.warn_percent, a.alarm_percent
  FROM sites s
 CROSS JOIN LATERAL (SELECT coalesce(sum(o.checked_in), 0) AS heads, count(*) AS parties
                       FROM orders o
                      WHERE o.site_id = s.id AND o.visit_on BETWEEN :yesterday AND :today
                        AND o.state = 'confirmed' AND o.checked_in IS NOT NULL AND o.ends_at > :at) i
 CROSS JOIN (SELECT warn_percent, alarm_percent FROM capacity_alarms
              WHERE active_from <= :today ORDER BY active_from DESC LIMIT 1) a
 WHERE {conditions}
 ORDER BY s.pinyin, s.id LIMIT :limit
"""


def inside(db: Connection, asked: InsideAsked, *, actor: Actor, at: datetime) -> Page:
    """Return who is inside at the sites that the actor keeps or oversees: let in, not closed, the slot not over.

    Raises Forbidden.
    """
    condition, given = visible_to(actor, "read_inside", site="s.managing_path")
    conditions = [condition, "s.state IN ('open', 'suspended')"]
    if asked.site_id is not None:
        conditions.append("s.id = :site_id")
        given["site_id"] = asked.site_id
    if asked.cursor:
        given["after_pinyin"], given["after_id"] = key_in(asked.cursor, str, UUID)
        conditions.append("(s.pinyin, s.id) > (:after_pinyin, :after_id)")
    today = clock.today(at)
    given |= {"at": at, "today": today, "yesterday": today - timedelta(days=1), "limit": asked.limit + 1}
    rows = db.execute(text(_INSIDE.format(conditions=" AND ".join(conditions))), given).all()

    def view(row: Row[Any]) -> InsideView:
        shares = {"warn_percent": row.warn_percent, "alarm_percent": row.alarm_percent}
        return InsideView(
            site=SiteRef(row.id, row.name),
            heads=row.heads,
            parties=row.parties,
            capacity=row.capacity,
            level=level(row.heads, capacity=row.capacity, **shares),
            at=at,
            **shares,
        )

    return page_of(rows, limit=asked.limit, view=view, key=lambda row: (row.pinyin, row.id))
