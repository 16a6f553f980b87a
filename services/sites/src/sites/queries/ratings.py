"""Ratings as the branch, everybody, and the site's keepers see them; no view names who rated (S8)."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.claims import MoveView
from contracts.sites.ratings import (
    OrderRatingView,
    RatingRecord,
    RatingsAsked,
    RatingView,
    SiteRatingsAsked,
    SiteRatingsView,
    SiteRatingView,
    StarsLine,
)
from sqlalchemy import Connection, Row, text

from sites.domain.orders import USED
from sites.domain.ratings import FLAGGED, HIDDEN, open_until
from sites.queries.orders import order_for
from sites.queries.site_records import record_for
from sites.queries.sites import site

_SELECT: Final = """
SELECT r.*, r.average::float8 AS mean, b.name AS branch_name, b.path AS branch_path, s.managing_path,
       (SELECT json_agg(json_build_object('code', c.code, 'name', c.name, 'name_en', c.name_en,
                                          'stars', (r.stars ->> c.code)::int, 'citation', c.citation)
                        ORDER BY c.position)
          FROM rating_criteria c
         WHERE r.stars ? c.code AND c.active_from <= r.visit_on
           AND (c.active_until IS NULL OR c.active_until > r.visit_on)) AS lines,
       (SELECT json_agg(json_build_object('move', h.move, 'state', h.state, 'at', h.at, 'by', h.by_name,
                                          'reason', h.reason) ORDER BY h.id)
          FROM rating_history h WHERE h.rating_id = r.id) AS history
  FROM ratings r
  JOIN sites s ON s.id = r.site_id
  LEFT JOIN organisations b ON b.id = r.branch_id
"""

_OF_ORDER = text(f"{_SELECT} WHERE r.order_id = :order_id")
_BY_ID = text(f"{_SELECT} WHERE r.id = :id")
_PAGE = """
  AND (CAST(:before_at AS timestamptz) IS NULL
       OR (r.made_at, r.id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid)))
 ORDER BY r.made_at DESC, r.id DESC LIMIT :limit
"""
_PUBLIC: Final = """
SELECT r.id, b.name AS branch_name, r.visit_on, r.average::float8 AS average, r.feedback, r.reply, r.replied_at,
       r.state, r.made_at
  FROM ratings r LEFT JOIN organisations b ON b.id = r.branch_id
 WHERE r.site_id = :site_id AND r.state <> 'hidden'
"""
_KEEPERS = text(f"{_SELECT} WHERE r.site_id = :site_id AND (CAST(:state AS text) IS NULL OR r.state = :state) {_PAGE}")

_FIGURES = text("""
WITH counted AS (SELECT * FROM ratings WHERE site_id = :site_id AND state <> 'hidden')
SELECT (SELECT count(*) FROM counted) AS count, (SELECT avg(average)::float8 FROM counted) AS average,
       (SELECT count(*) FROM ratings WHERE site_id = :site_id AND state = 'hidden') AS hidden,
       (SELECT json_agg(line ORDER BY position) FROM (
           SELECT DISTINCT ON (c.code) c.code, c.name, c.name_en, c.citation, c.position,
                  (SELECT avg((stars ->> c.code)::int)::float8 FROM counted WHERE stars ? c.code) AS stars
             FROM rating_criteria c
            WHERE c.active_from <= :today AND (c.active_until IS NULL OR c.active_until > :today)
            ORDER BY c.code, c.active_from DESC) line) AS lines,
       (SELECT json_agg(json_build_object('year', year, 'count', count, 'average', average) ORDER BY year DESC)
          FROM (SELECT extract(year FROM visit_on)::int AS year, count(*) AS count, avg(average)::float8 AS average
                  FROM counted GROUP BY 1) by_year) AS years
""")

_WINDOW = text("""
SELECT max(h.at) AS closed_at, t.days
  FROM order_history h
 CROSS JOIN LATERAL (SELECT days FROM rating_terms
                      WHERE active_from <= (h.at AT TIME ZONE 'Asia/Shanghai')::date
                      ORDER BY active_from DESC LIMIT 1) t
 WHERE h.order_id = :order_id AND h.move = 'close'
 GROUP BY t.days ORDER BY 1 DESC LIMIT 1
""")
_CRITERIA = text("""
SELECT code, name, name_en, citation FROM rating_criteria
 WHERE active_from <= :day AND (active_until IS NULL OR active_until > :day) ORDER BY position
""")


def of_order(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> OrderRatingView:
    """Return the rating of an order's visit, and whether the actor may still write it. Raises NotFound."""
    seen = order_for(db, order_id, actor=actor, at=at)
    row = db.execute(_OF_ORDER, {"order_id": order_id}).one_or_none()
    until = rated_until(db, order_id) if seen.state == USED else None
    return OrderRatingView(
        order_id=order_id,
        criteria=criteria_on(db, seen.visit_on),
        rating=view(row) if row else None,
        may_rate=until is not None
        and at < until
        and (row is None or row.reply is None)
        and actor.may("rate_visit", **rater_of(seen))
        and not actor.may("reply_to_rating", site=seen.managing_path),
        open_until=until,
    )


def rater_of(order: Row[Any]) -> dict[str, Any]:
    """Return whose visit an order was: the branch's, or of who booked for themself; never both."""
    if order.branch_id is None:
        return {"person": order.placed_by_id}
    return {"branch": order.branch_path}


def rated_until(db: Connection, order_id: UUID) -> datetime | None:
    """Return until when a visit may be rated; none while it is not closed."""
    row = db.execute(_WINDOW, {"order_id": order_id}).one_or_none()
    return open_until(row.closed_at, days=row.days) if row else None


def criteria_on(db: Connection, day: date) -> list[StarsLine]:
    """Return what visitors of a day give stars on."""
    return [StarsLine(**row._mapping, stars=None) for row in db.execute(_CRITERIA, {"day": day})]


def rating_for(db: Connection, rating_id: UUID, *, actor: Actor, action: str) -> Row[Any]:
    """Return a rating when the actor may do `action` with it.

    Raises NotFound when they may not even read the site's ratings, Forbidden when they may, but not do this.
    """
    row = db.execute(_BY_ID, {"id": rating_id}).one_or_none()
    if row is None or not actor.may("read_ratings", site=row.managing_path):
        raise NotFound()
    actor.must(action, site=row.managing_path)
    return row


def of_site(db: Connection, asked: SiteRatingsAsked, *, at: datetime) -> SiteRatingsView:
    """Return a site's average and what was written of it, newest first. Raises NotFound."""
    site(db, asked.site_id)
    figures = db.execute(_FIGURES, {"site_id": asked.site_id, "today": clock.today(at)}).one()
    rows = db.execute(text(_PUBLIC + _PAGE), {"site_id": asked.site_id, **_before(asked.cursor, asked.limit)}).all()
    page = page_of(rows, limit=asked.limit, view=_public, key=_key)
    lines = [{name: value for name, value in line.items() if name != "position"} for line in figures.lines or []]
    return SiteRatingsView(
        site_id=asked.site_id,
        count=figures._mapping["count"],
        average=figures.average,
        criteria=[StarsLine(**line) for line in lines],
        years=figures.years or [],
        hidden=figures.hidden,
        items=page.items,
        next=page.next,
    )


def records(db: Connection, asked: RatingsAsked, *, actor: Actor) -> Page:
    """Return all ratings of a site for its keepers, newest first. Raises NotFound, Forbidden."""
    record_for(db, asked.site_id, actor=actor, action="read_ratings")
    given = {"site_id": asked.site_id, "state": asked.state, **_before(asked.cursor, asked.limit)}
    return page_of(db.execute(_KEEPERS, given).all(), limit=asked.limit, view=record, key=_key)


def one(db: Connection, rating_id: UUID) -> RatingRecord:
    """Return a rating for the keepers of its site, who may see it."""
    return record(db.execute(_BY_ID, {"id": rating_id}).one())


def record(row: Row[Any]) -> RatingRecord:
    """Return a rating's row as keepers see it: who rated is told by the branch's name alone."""
    return RatingRecord(
        rating=view(row),
        replied_by=row.replied_by,
        history=[
            MoveView(
                **{
                    **step,
                    "at": datetime.fromisoformat(step["at"]),
                    "by": (row.branch_name or "") if step["move"] in ("rate", "change_rating") else step["by"],
                }
            )
            for step in row.history
        ],
    )


def view(row: Row[Any]) -> RatingView:
    """Return a rating's row as it is shown."""
    return RatingView(
        id=row.id,
        order_id=row.order_id,
        site_id=row.site_id,
        branch_name=row.branch_name,
        visit_on=row.visit_on,
        stars=[StarsLine(**line) for line in row.lines],
        average=row.mean,
        feedback=row.feedback,
        summary=row.summary,
        made_at=row.made_at,
        changed_at=row.changed_at,
        reply=row.reply,
        replied_at=row.replied_at,
        state=row.state,
        state_reason=row.state_reason,
        version=row.version,
    )


def _public(row: Row[Any]) -> SiteRatingView:
    assert row.state != HIDDEN
    is_flagged = row.state == FLAGGED
    return SiteRatingView(
        id=row.id,
        branch_name=row.branch_name,
        visit_on=row.visit_on,
        average=row.average,
        feedback=None if is_flagged else row.feedback,
        reply=None if is_flagged else row.reply,
        replied_at=None if is_flagged else row.replied_at,
        is_flagged=is_flagged,
    )


def _before(cursor: str | None, limit: int) -> dict[str, Any]:
    before_at, before_id = key_in(cursor, datetime.fromisoformat, UUID) if cursor else (None, None)
    return {"before_at": before_at, "before_id": before_id, "limit": limit + 1}


def _key(row: Row[Any]) -> tuple[Any, ...]:
    return (row.made_at, row.id)
