"""Drawing claims for field review with a published seed, and what is found at the place (S11)."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from chassis.actors import Actor
from chassis.draws import seed_of
from chassis.files import FileStore
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.claims import AnnounceReviewDraw, FieldReviewView, RecordFinding, ReviewDrawView
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from sites.domain.claims import must_be_disinterested
from sites.domain.days import day_of
from sites.domain.field_reviews import (
    ANNOUNCED,
    AWAITED,
    CORRECTED,
    DRAWN,
    MOVES,
    DrawAnnounced,
    ReviewFound,
    entries_of,
)
from sites.operations import anomalies
from sites.operations.pictures import attach, must_be_stored
from sites.queries.claim_evidence import FIELD_REVIEW, review_view
from sites.queries.claim_rules import claim_rules_on
from sites.queries.claims import claim_for
from sites.queries.field_reviews import draw_view
from sites.tables.claims import field_reviews, review_draws, review_entries
from sites.tables.money import funds

VERBS: Final = {"confirmed": "confirm", "corrected": "correct", "not_found": "miss"}

# What is not decided and was in no draw yet takes part.
_TAKE_PART: Final = text("""
SELECT c.id FROM claims c
 WHERE c.fund_id = :fund AND c.period = :period AND c.state IN ('submitted', 'disputed', 'confirmed')
   AND NOT EXISTS (SELECT FROM review_entries e WHERE e.claim_id = c.id)
 ORDER BY c.id
   FOR NO KEY UPDATE
""")


def announce(db: Connection, *, asked: AnnounceReviewDraw, actor: Actor, at: datetime) -> ReviewDrawView:
    """Announce the draw of a fund's month with its seed. Raises DrawAnnounced; NotFound, InvalidInput."""
    fund = db.execute(select(funds).where(funds.c.id == asked.fund_id)).one_or_none()
    if fund is None:
        raise NotFound()
    actor.must("announce_review_draw", fund=fund.path)
    if asked.seed_on > day_of(at):
        raise InvalidInput({"seed_on": ["The day lies ahead."]})
    if asked.draw_at < at:
        raise InvalidInput({"draw_at": ["This time is over already."]})
    draw_id = uuid4()
    announced = insert_or(review_draws).values(
        id=draw_id,
        fund_id=fund.id,
        period=asked.period,
        state=ANNOUNCED,
        seed_on=asked.seed_on,
        seed_number=asked.seed_number,
        draw_at=asked.draw_at,
        announced_at=at,
        announced_by_id=actor.person_id,
        announced_by=actor.name,
    )
    if db.execute(announced.on_conflict_do_nothing()).rowcount == 0:
        raise DrawAnnounced()
    return draw_view(db, draw_id)


def draw_due(db: Connection, *, at: datetime) -> int:
    """Make the draws whose time has come; returns how many."""
    due = select(review_draws).where(review_draws.c.state == ANNOUNCED, review_draws.c.draw_at <= at)
    found = db.execute(due.order_by(review_draws.c.id).with_for_update(skip_locked=True)).all()
    for one in found:
        _draw(db, one, at=at)
    return len(found)


def _draw(db: Connection, draw: Any, *, at: datetime) -> None:
    claims = list(db.execute(_TAKE_PART, {"fund": draw.fund_id, "period": draw.period}).scalars())
    scores = anomalies.mark(db, claims, at=at)
    rules = claim_rules_on(db, day_of(draw.draw_at))
    shares = {"low": rules.low_percent, "medium": rules.medium_percent, "high": rules.high_percent}
    entries = entries_of(
        draw.id,
        seed_of(draw.seed_on, draw.seed_number),
        sorted(scores.items()),
        medium_score=rules.medium_score,
        high_score=rules.high_score,
        shares=shares,
    )
    if entries:
        db.execute(insert(review_entries), [{"draw_id": draw.id, **entry.__dict__} for entry in entries])
    drawn = [{"claim_id": entry.claim_id, "draw_id": draw.id, "state": AWAITED} for entry in entries if entry.is_drawn]
    if drawn:
        db.execute(insert(field_reviews), drawn)
    db.execute(
        update(review_draws)
        .where(review_draws.c.id == draw.id)
        .values(state=DRAWN, drawn_at=at, shares=shares, citation=rules.citation)
    )


def record(db: Connection, files: FileStore, *, asked: RecordFinding, actor: Actor, at: datetime) -> FieldReviewView:
    """Record what was found at the place, once, with notes and perhaps pictures.

    Raises ReviewFound, OwnSiteOrBranch, PictureRepeated; NotFound for a claim that was not drawn, InvalidInput.
    """
    row = claim_for(db, asked.claim_id, actor=actor, action="record_finding", locked=True)
    must_be_disinterested(actor.grants, site_path=row.site_path, branch_path=row.branch_path)
    if row.review is None:
        raise NotFound()
    sources, target = MOVES[VERBS[asked.finding]]
    if (target == CORRECTED) != (asked.headcount is not None):
        wrong = (
            "Missing data for required field." if target == CORRECTED else "Only a corrected headcount has a number."
        )
        raise InvalidInput({"headcount": [wrong]})
    if asked.pictures:
        must_be_stored(files, asked.pictures)
    found = db.execute(
        update(field_reviews)
        .where(field_reviews.c.claim_id == row.id, field_reviews.c.state.in_(sorted(sources)))
        .values(
            state=target,
            headcount=asked.headcount,
            notes=asked.notes,
            found_at=at,
            found_by_id=actor.person_id,
            found_by=actor.name,
        )
        .returning(*field_reviews.c)
    ).one_or_none()
    if found is None:
        raise ReviewFound()
    for number, picture in enumerate(asked.pictures, start=1):
        alt = f"{row.visit_on.isoformat()} · {number}"
        attach(db, picture, site_id=row.site_id, purpose=FIELD_REVIEW, subject_id=row.id, alt=alt, actor=actor, at=at)
    return review_view(db, found)
