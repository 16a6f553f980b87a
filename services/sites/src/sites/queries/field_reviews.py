"""Draws for field review with everything that repeats them, and the drawn claims as a list (S11)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.draws import seed_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.claims import (
    FieldReviewRow,
    FieldReviewsAsked,
    ReviewDrawDetail,
    ReviewDrawsAsked,
    ReviewDrawView,
    ReviewEntryView,
)
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.queries.scopes import visible_to

_DRAWS: Final = """
SELECT d.*, f.name AS fund_name, f.path AS fund_path,
       (SELECT count(*) FROM review_entries e WHERE e.draw_id = d.id) AS entries,
       (SELECT count(*) FROM field_reviews r WHERE r.draw_id = d.id) AS drawn,
       (SELECT count(*) FROM field_reviews r WHERE r.draw_id = d.id AND r.state = 'awaited') AS awaited
  FROM review_draws d
  JOIN funds f ON f.id = d.fund_id
"""
_ENTRIES: Final = text("""
SELECT e.*, r.state, s.name AS site_name, c.visit_on
  FROM review_entries e
  JOIN claims c ON c.id = e.claim_id
  JOIN sites s ON s.id = c.site_id
  LEFT JOIN field_reviews r ON r.claim_id = e.claim_id
 WHERE e.draw_id = :draw
 ORDER BY array_position(ARRAY['high', 'medium', 'low'], e.stratum), e.position
""")
_REVIEWS: Final = """
SELECT r.*, d.draw_at, c.site_id, s.name AS site_name, b.name AS branch_name, c.visit_on, c.headcount AS closed_with,
       c.score
  FROM field_reviews r
  JOIN review_draws d ON d.id = r.draw_id
  JOIN claims c ON c.id = r.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN organisations b ON b.id = c.branch_id
  JOIN funds f ON f.id = c.fund_id
 WHERE {conditions}
 ORDER BY d.draw_at, r.claim_id
 LIMIT :limit
"""


def draws(db: Connection, *, asked: ReviewDrawsAsked, actor: Actor) -> Page:
    """Return the draws of the funds that the actor may see, the newest first."""
    visible, given = visible_to(actor, "read_review_draws", fund="f.path")
    conditions = [visible]
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(d.announced_at, d.id) < (:after_at, :after_id)")
    rows = db.execute(
        text(f"{_DRAWS} WHERE {' AND '.join(conditions)} ORDER BY d.announced_at DESC, d.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_draw, key=lambda row: (row.announced_at, row.id))


def draw(db: Connection, draw_id: UUID, *, actor: Actor) -> ReviewDrawDetail:
    """Return a draw with every claim that took part, in the order of the draw. Raises NotFound."""
    row = db.execute(text(f"{_DRAWS} WHERE d.id = :id"), {"id": draw_id}).one_or_none()
    if row is None or not actor.may("read_review_draws", fund=row.fund_path):
        raise NotFound()
    entries = [
        ReviewEntryView(
            claim_id=one.claim_id,
            stratum=one.stratum,
            score=one.score,
            digest=one.digest,
            position=one.position,
            is_drawn=one.is_drawn,
            state=one.state,
            site_name=one.site_name,
            visit_on=one.visit_on,
        )
        for one in db.execute(_ENTRIES, {"draw": draw_id})
    ]
    return ReviewDrawDetail(draw=_draw(row), entries=entries)


def draw_view(db: Connection, draw_id: UUID) -> ReviewDrawView:
    """Return one draw as it is shown; who may see it was asked before."""
    return _draw(db.execute(text(f"{_DRAWS} WHERE d.id = :id"), {"id": draw_id}).one())


def reviews(db: Connection, *, asked: FieldReviewsAsked, actor: Actor) -> Page:
    """Return the drawn claims that the actor may see, those first whose draw is longest ago."""
    visible, given = visible_to(actor, "read_field_reviews", site="s.managing_path", fund="f.path")
    # What was rejected meanwhile waits for nobody.
    conditions = [visible, "(r.state <> 'awaited' OR c.state NOT IN ('rejected', 'lapsed'))"]
    if asked.state:
        conditions.append("r.state = :state")
        given["state"] = asked.state
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(d.draw_at, r.claim_id) > (:after_at, :after_id)")
    rows = db.execute(
        text(_REVIEWS.format(conditions=" AND ".join(conditions))), {**given, "limit": asked.limit + 1}
    ).all()
    return page_of(rows, limit=asked.limit, view=_review, key=lambda row: (row.draw_at, row.claim_id))


def _draw(row: Row[Any]) -> ReviewDrawView:
    return ReviewDrawView(
        id=row.id,
        fund_id=row.fund_id,
        fund_name=row.fund_name,
        period=row.period,
        state=row.state,
        seed=seed_of(row.seed_on, row.seed_number),
        draw_at=row.draw_at,
        announced_at=row.announced_at,
        announced_by=row.announced_by,
        drawn_at=row.drawn_at,
        shares=row.shares,
        citation=row.citation,
        entries=row.entries,
        drawn=row.drawn,
        awaited=row.awaited,
    )


def _review(row: Row[Any]) -> FieldReviewRow:
    return FieldReviewRow(
        claim_id=row.claim_id,
        draw_id=row.draw_id,
        state=row.state,
        site=SiteRef(row.site_id, row.site_name),
        branch_name=row.branch_name,
        visit_on=row.visit_on,
        headcount=row.closed_with,
        score=row.score,
        draw_at=row.draw_at,
        found_by=row.found_by,
    )
