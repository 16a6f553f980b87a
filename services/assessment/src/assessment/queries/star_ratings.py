"""Ratings as people see them: the officer all of those below their place, an organisation its own and no rank."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import jobs
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.star_ratings import (
    StarCorrectionView,
    StarCount,
    StarObjectionView,
    StarRatingAsked,
    StarRatingsAsked,
    StarRatingView,
    StarResultAsked,
    StarResultsAsked,
    StarResultView,
    StarsOfBranchAsked,
    StarStepView,
)
from contracts.envelope import Page
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from assessment.domain.star_ratings import PUBLISHED, SHOWN, days_of
from assessment.queries import compliance
from assessment.queries.star_formulas import formula_with
from assessment.tables.organisations import organisations
from assessment.tables.stars import (
    rated_organisations,
    star_corrections,
    star_inputs,
    star_objections,
    star_ratings,
    star_results,
    star_steps,
)

UNRANKED = 2**31 - 1
GRADES = ("5", "4", "3", "2", "1", "0", "advanced", "middle", "lagging", "unrated")


def star_ratings_asked(db: Connection, *, asked: StarRatingsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of the ratings that reach into the actor's part of the tree, the newest period first.

    Raises Forbidden.
    """
    rows = _RATINGS.where(_touches(_paths(actor, "read_star_ratings")))
    key = (star_ratings.c.period, star_ratings.c.id)
    rows = rows.order_by(key[0].desc(), key[1].desc()).limit(asked.limit + 1)
    if asked.cursor:
        rows = rows.where(tuple_(*key) < key_in(asked.cursor, str, UUID))
    found = db.execute(rows).all()
    return page_of(found, limit=asked.limit, view=_rating, key=lambda row: (row.period, row.id))


def star_rating(db: Connection, *, asked: StarRatingAsked, actor: Actor, at: datetime) -> StarRatingView:
    """Return one rating with how many got what. Raises NotFound, Forbidden."""
    rating_the_actor_may(db, "read_star_ratings", asked.rating_id, actor=actor)
    return replace(rating_view(db, asked.rating_id, actor=actor), may_rank=not compliance.is_on(db, at))


def rating_the_actor_may(db: Connection, action: str, rating_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return a rating that reaches into the part of the tree where the actor may do this.

    Raises NotFound, Forbidden.
    """
    paths = _paths(actor, action)
    row = db.execute(select(star_ratings).where(star_ratings.c.id == rating_id)).one_or_none()
    if row is None:
        raise NotFound()
    if not any(_is_at_or_below(row.path, path) or _is_at_or_below(path, row.path) for path in paths):
        raise Forbidden()
    return row


def rating_view(db: Connection, rating_id: UUID, *, actor: Actor) -> StarRatingView:
    """Return a rating with its counts, objections and corrections, as far as the actor's places reach."""
    row = db.execute(_RATINGS.where(star_ratings.c.id == rating_id)).one()
    paths = actor.paths_for("read_star_ratings")
    of = rated_organisations.c
    seen = and_(of.rating_id == rating_id, _below(paths))
    return _rating(
        row,
        fault=_fault(db, row),
        formula=formula_with(db, row.formula_id),
        counts=_counts(db, row, paths),
        missing=_missing(db, row, paths),
        objections=_objections(db, seen),
        corrections=_corrections(db, seen),
    )


def results(db: Connection, *, asked: StarResultsAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of what the organisations below the actor's places got.

    Raises NotFound, Forbidden; RankingSwitchedOff when they are asked for by points while the compliance switch is on.
    """
    if asked.order != "name":
        compliance.must_not_rank(db, at)
    rating = rating_the_actor_may(db, "read_star_ratings", asked.rating_id, actor=actor)
    rows = _results_of(rating).where(_below(actor.paths_for("read_star_ratings")))
    if asked.stars is not None:
        rows = rows.where(star_results.c.stars == asked.stars)
    if asked.level:
        rows = rows.where(star_results.c.level == asked.level)
    if asked.moved_by:
        rows = rows.where(star_results.c.moved_by.contains([asked.moved_by]))
    by_name = (rated_organisations.c.name, rated_organisations.c.organisation_id)
    rank = func.coalesce(star_results.c.rank, UNRANKED)
    key: tuple[ColumnElement[Any], ...] = by_name if asked.order == "name" else (rank, *by_name)
    if asked.cursor:
        kinds = (str, UUID) if asked.order == "name" else (int, str, UUID)
        rows = rows.where(tuple_(*key) > key_in(asked.cursor, *kinds))
    found = db.execute(rows.order_by(*key).limit(asked.limit + 1)).all()
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: _result(row, ranked=True),
        key=lambda row: (
            (row.name, row.organisation_id)
            if asked.order == "name"
            else (UNRANKED if row.rank is None else row.rank, row.name, row.organisation_id)
        ),
    )


def result(db: Connection, *, asked: StarResultAsked, actor: Actor, at: datetime) -> StarResultView:
    """Return what one organisation got, with every step. Its own people see it once it is shown, and no rank.

    Raises NotFound, Forbidden.
    """
    rating = db.execute(select(star_ratings).where(star_ratings.c.id == asked.rating_id)).one_or_none()
    if rating is None:
        raise NotFound()
    of = rated_organisations.c
    row = db.execute(
        _results_of(rating, asked.revision).where(of.organisation_id == asked.organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    sees_all = actor.may("read_star_ratings", organisation=row.path)
    if not sees_all:
        actor.must("read_own_stars", branch=row.path)
        if rating.state not in (SHOWN, PUBLISHED):
            raise NotFound()
    only_this = and_(of.rating_id == rating.id, of.organisation_id == asked.organisation_id)
    return _result(
        row,
        ranked=sees_all,
        objections_until=rating.objections_until,
        formula=formula_with(db, rating.formula_id),
        steps=[step for step in _steps(db, row) if sees_all or step.code != "rank"],
        objections=_objections(db, only_this),
        corrections=_corrections(db, only_this),
    )


def of_branch(db: Connection, *, asked: StarsOfBranchAsked, actor: Actor, at: datetime) -> Page:
    """Return what an organisation got in the ratings that are shown or published, the newest period first.

    Raises NotFound, Forbidden.
    """
    path = db.execute(
        select(organisations.c.path).where(organisations.c.id == asked.organisation_id)
    ).scalar_one_or_none()
    if path is None:
        raise NotFound()
    actor.must("read_own_stars", branch=path)
    rows = (
        _RESULTS.where(
            star_results.c.revision == star_ratings.c.revision,
            star_ratings.c.state.in_((SHOWN, PUBLISHED)),
            rated_organisations.c.organisation_id == asked.organisation_id,
        )
        .order_by(star_ratings.c.period.desc())
        .limit(100)
    )
    return Page(items=[_result(row, ranked=False) for row in db.execute(rows)])


def open_objections(db: Connection, rating_id: UUID) -> int:
    """Return how many objections of a rating wait for their answer."""
    waiting = (star_objections.c.rating_id == rating_id, star_objections.c.answer.is_(None))
    return int(db.execute(select(func.count()).where(*waiting)).scalar_one())


def value_of(db: Connection, rating_id: UUID, organisation_id: UUID, measure: str) -> int | None:
    """Return a fact in hundredths as the newest confirmed correction has it."""
    of = star_corrections.c
    corrected = db.execute(
        select(of.value)
        .where(
            of.rating_id == rating_id,
            of.organisation_id == organisation_id,
            of.measure == measure,
            of.revision.is_not(None),
        )
        .order_by(of.revision.desc())
        .limit(1)
    ).one_or_none()
    if corrected is not None:
        return corrected.value
    kept = star_inputs.c
    return db.execute(
        select(kept.value).where(
            kept.rating_id == rating_id, kept.organisation_id == organisation_id, kept.measure == measure
        )
    ).scalar_one_or_none()


_RATINGS = select(
    star_ratings,
    organisations.c.name.label("organisation_name"),
    select(func.count())
    .where(rated_organisations.c.rating_id == star_ratings.c.id)
    .correlate(star_ratings)
    .scalar_subquery()
    .label("organisations"),
    select(func.count())
    .where(star_objections.c.rating_id == star_ratings.c.id, star_objections.c.answer.is_(None))
    .correlate(star_ratings)
    .scalar_subquery()
    .label("open_objections"),
).outerjoin(organisations, organisations.c.id == star_ratings.c.organisation_id)

_OF_RATED = and_(
    rated_organisations.c.rating_id == star_results.c.rating_id,
    rated_organisations.c.organisation_id == star_results.c.organisation_id,
)
_RESULTS = (
    select(
        star_results,
        rated_organisations.c.name,
        rated_organisations.c.path,
        rated_organisations.c.field,
        rated_organisations.c.kind,
        star_ratings.c.period,
        star_ratings.c.state,
    )
    .join(rated_organisations, _OF_RATED)
    .join(star_ratings, star_ratings.c.id == star_results.c.rating_id)
)


def _results_of(rating: Row[Any], revision: int | None = None) -> Select[Any]:
    return _RESULTS.where(
        star_results.c.rating_id == rating.id, star_results.c.revision == (revision or rating.revision)
    )


def _paths(actor: Actor, action: str) -> list[str]:
    paths = actor.paths_for(action)
    if not paths:
        raise Forbidden()
    return paths


def _is_at_or_below(path: str, node: str) -> bool:
    return path == node or path.startswith(f"{node}.")


def _touches(paths: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a rating's node lies at, below or above one of the paths."""
    path = star_ratings.c.path
    return or_(
        *(or_(path == node, func.starts_with(path, f"{node}."), func.starts_with(node, path + ".")) for node in paths)
    )


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a rated organisation lay at or below one of the paths when it was rated."""
    path = rated_organisations.c.path
    return or_(*(or_(path == node, and_(path >= f"{node}.", path < f"{node}/")) for node in paths))


def _rating(row: Row[Any], **more: Any) -> StarRatingView:
    first, last = days_of(row.period)
    kept = {name: row._mapping[name] for name in StarRatingView.__dataclass_fields__ if name in row._mapping}
    kept["organisation_name"] = row.organisation_name or ""
    return StarRatingView(**kept, first_day=first, last_day=last, **more)


def _fault(db: Connection, row: Row[Any]) -> Any:
    if row.revision == row.wanted_revision or row.job_id is None:
        return None
    job = jobs.find(db, row.job_id)
    return job.error if job is not None and job.state == "failed" else None


def _counts(db: Connection, row: Row[Any], paths: Sequence[str]) -> list[StarCount]:
    of = star_results.c
    counts: dict[str, int] = defaultdict(int)
    for stars, level, count in db.execute(
        select(of.stars, of.level, func.count())
        .join(rated_organisations, _OF_RATED)
        .where(of.rating_id == row.id, of.revision == row.revision, _below(paths))
        .group_by(of.stars, of.level)
    ):
        for grade in (str(stars), level) if level else ("unrated",):
            counts[grade] += count
    return [StarCount(grade, counts[grade]) for grade in GRADES] if row.revision else []


def _missing(db: Connection, row: Row[Any], paths: Sequence[str]) -> list[StarCount]:
    """Return of how many organisations each measure of the formula is missing."""
    of = star_steps.c
    is_rated = and_(
        rated_organisations.c.rating_id == of.rating_id, rated_organisations.c.organisation_id == of.organisation_id
    )
    found = db.execute(
        select(of.measure, func.count())
        .join(rated_organisations, is_rated)
        .where(of.rating_id == row.id, of.revision == row.revision, of.code == "missing", _below(paths))
        .group_by(of.measure)
        .order_by(of.measure)
    )
    return [StarCount(measure, count) for measure, count in found]


def _steps(db: Connection, row: Row[Any]) -> list[StarStepView]:
    of = star_steps.c
    found = db.execute(
        select(star_steps)
        .where(of.rating_id == row.rating_id, of.revision == row.revision, of.organisation_id == row.organisation_id)
        .order_by(of.position)
    )
    return [
        StarStepView(
            position=step.position,
            code=step.code,
            measure=step.measure,
            value=_shown(step.value),
            points=_shown(step.points),
            weight=step.weight,
            details=step.details,
        )
        for step in found
    ]


def _result(row: Row[Any], *, ranked: bool, **more: Any) -> StarResultView:
    return StarResultView(
        rating_id=row.rating_id,
        organisation_id=row.organisation_id,
        organisation_name=row.name,
        field=row.field,
        kind=row.kind,
        period=row.period,
        state=row.state,
        revision=row.revision,
        points=_shown(row.points),
        stars=row.stars,
        level=row.level,
        rank=row.rank if ranked else None,
        weak_when=list(row.weak_when),
        moved_by=list(row.moved_by),
        **more,
    )


def _objections(db: Connection, seen: ColumnElement[bool]) -> list[StarObjectionView]:
    of = star_objections.c
    is_rated = and_(
        rated_organisations.c.rating_id == of.rating_id, rated_organisations.c.organisation_id == of.organisation_id
    )
    rows = db.execute(
        select(star_objections, rated_organisations.c.name)
        .join(rated_organisations, is_rated)
        .where(seen)
        .order_by(of.answer.is_not(None), of.at)
        .limit(500)
    )
    return [
        StarObjectionView(
            id=row.id,
            organisation_id=row.organisation_id,
            organisation_name=row.name,
            text=row.text,
            by=row.by_name,
            at=row.at,
            answer=row.answer,
            answer_text=row.answer_text,
            answered_by=row.answered_by,
            answered_at=row.answered_at,
        )
        for row in rows
    ]


def _corrections(db: Connection, seen: ColumnElement[bool]) -> list[StarCorrectionView]:
    of = star_corrections.c
    is_rated = and_(
        rated_organisations.c.rating_id == of.rating_id, rated_organisations.c.organisation_id == of.organisation_id
    )
    rows = db.execute(
        select(star_corrections, rated_organisations.c.name)
        .join(rated_organisations, is_rated)
        .where(seen)
        .order_by(of.asked_at.desc())
        .limit(500)
    )
    return [
        StarCorrectionView(
            id=row.id,
            organisation_id=row.organisation_id,
            organisation_name=row.name,
            measure=row.measure,
            value_before=_shown(row.value_before),
            value=_shown(row.value),
            reason=row.reason,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            confirmed_by=row.confirmed_by,
            confirmed_at=row.confirmed_at,
            revision=row.revision,
        )
        for row in rows
    ]


def _shown(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100
