"""After a visit (S8): a branch rates it, the site replies, an officer decides what stays in view.

Every step is one compare-and-set on the rating's row with a row of history; one rating for each order.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.refusals import InvalidInput
from contracts.sites.ratings import JudgeRating, OrderRatingView, RateVisit, RatingRecord, ReplyToRating
from sqlalchemy import Connection, Executable, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.days import said
from sites.domain.orders import USED
from sites.domain.ratings import (
    MOVES,
    SHOWN,
    KeepersDoNotRate,
    NotVisited,
    RatingAnswered,
    RatingChanged,
    RatingNotMovable,
    RatingOver,
    average,
)
from sites.queries.orders import order_for
from sites.queries.ratings import criteria_on, of_order, one, rated_until, rater_of, rating_for
from sites.tables.ratings import rating_history, ratings


def rate(db: Connection, *, asked: RateVisit, actor: Actor, at: datetime) -> OrderRatingView:
    """Rate a visit, or change the rating of which `version` was read.

    Raises NotFound, Forbidden, KeepersDoNotRate, NotVisited, RatingOver, RatingAnswered, RatingChanged; InvalidInput
    unless exactly the criteria of the visit's day get stars.
    """
    seen = order_for(db, asked.order_id, actor=actor, at=at)
    actor.must("rate_visit", **rater_of(seen))
    if actor.may("reply_to_rating", site=seen.managing_path):
        raise KeepersDoNotRate()
    until = rated_until(db, asked.order_id) if seen.state == USED else None
    if until is None:
        raise NotVisited()
    if at >= until:
        raise RatingOver(open_until=said(until))
    if {line.code for line in criteria_on(db, seen.visit_on)} != set(asked.stars):
        raise InvalidInput({"stars": ["Give stars on every criterion, and on no other."]})
    written: dict[str, Any] = {
        "stars": asked.stars,
        "average": average(asked.stars),
        "feedback": asked.feedback,
        "summary": asked.summary,
    }
    by = {"by_id": actor.person_id, "by_name": actor.name}
    if asked.version is None:
        places = {"order_id": seen.id, "site_id": seen.site_id, "branch_id": seen.branch_id, "visit_on": seen.visit_on}
        change: Executable = (
            insert_new(ratings)
            .values(id=uuid4(), **places, **written, **by, made_at=at)
            .on_conflict_do_nothing(constraint="ratings_order_id_key")
            .returning(ratings.c.id, ratings.c.state)
        )
    else:
        change = (
            update(ratings)
            .where(ratings.c.order_id == seen.id, ratings.c.version == asked.version, ratings.c.reply.is_(None))
            .values(**written, **by, changed_at=at, version=ratings.c.version + 1)
            .returning(ratings.c.id, ratings.c.state)
        )
    row = db.execute(change).one_or_none()
    if row is None:
        reply = db.execute(select(ratings.c.reply).where(ratings.c.order_id == seen.id)).scalar_one_or_none()
        raise RatingChanged() if reply is None else RatingAnswered()
    move = "rate" if asked.version is None else "change_rating"
    kept = {"stars": asked.stars, "feedback": asked.feedback, "summary": asked.summary}
    _note(db, row.id, move, row.state, actor=actor, at=at, said=kept)
    return of_order(db, seen.id, actor=actor, at=at)


def reply(db: Connection, *, asked: ReplyToRating, actor: Actor, at: datetime) -> RatingRecord:
    """Reply for the site, or change its reply. Raises NotFound, Forbidden, RatingChanged."""
    seen = rating_for(db, asked.rating_id, actor=actor, action="reply_to_rating")
    row = db.execute(
        update(ratings)
        .where(ratings.c.id == seen.id, ratings.c.version == asked.version)
        .values(reply=asked.reply, replied_at=at, replied_by=actor.name, version=ratings.c.version + 1)
        .returning(ratings.c.state)
    ).one_or_none()
    if row is None:
        raise RatingChanged()
    move = "reply" if seen.reply is None else "change_reply"
    _note(db, seen.id, move, row.state, actor=actor, at=at, said={"reply": asked.reply})
    return one(db, seen.id)


def judge(db: Connection, *, asked: JudgeRating, actor: Actor, at: datetime) -> RatingRecord:
    """Flag, hide or show a rating. Raises NotFound, Forbidden, RatingNotMovable."""
    seen = rating_for(db, asked.rating_id, actor=actor, action="judge_rating")
    sources, target = MOVES[asked.move]
    reason = None if target == SHOWN else asked.reason
    moved = db.execute(
        update(ratings)
        .where(ratings.c.id == seen.id, ratings.c.state.in_(sorted(sources)))
        .values(state=target, state_reason=reason)
        .returning(ratings.c.id)
    ).scalar_one_or_none()
    if moved is None:
        state = db.execute(select(ratings.c.state).where(ratings.c.id == seen.id)).scalar_one()
        raise RatingNotMovable(state=state, move=asked.move)
    _note(db, seen.id, asked.move, target, actor=actor, at=at, reason=asked.reason)
    return one(db, seen.id)


def _note(
    db: Connection,
    rating_id: UUID,
    move: str,
    state: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
    said: dict[str, Any] | None = None,
) -> None:
    step = {"move": move, "state": state, "at": at, "by_id": actor.person_id, "by_name": actor.name}
    db.execute(insert(rating_history).values(rating_id=rating_id, **step, reason=reason, said=said))
