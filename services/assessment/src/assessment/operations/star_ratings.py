"""Ratings (A10): drawn up, shown for objections, answered, published by a second person, corrected with a reason."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock, jobs
from chassis.actors import Actor, Forbidden
from chassis.jobs import JobView
from chassis.made_files import MadeFiles
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.star_ratings import (
    AnswerStarObjection,
    ConfirmStarCorrection,
    CorrectStarRating,
    DrawUpStarRating,
    ObjectToStarRating,
    PublishStarRating,
    ShowStarRating,
    StarRatingView,
    StarResultAsked,
    StarResultView,
    StarTrialAsked,
    StarTrialView,
    TryStarFormula,
    WithdrawStarRating,
)
from sqlalchemy import Connection, Row, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.star_ratings import DRAWING, PUBLISHED, RATING_MOVES, SHOWN, days_of, period_named
from assessment.operations import notices
from assessment.operations.star_drawings import DRAW, TRY
from assessment.queries import star_ratings as shown
from assessment.queries.organisations import organisation_named
from assessment.queries.scopes import must_be_none_of, must_judge
from assessment.queries.star_formulas import formula_with, in_force_for
from assessment.tables.stars import (
    rated_organisations,
    star_corrections,
    star_inputs,
    star_objections,
    star_ratings,
)


class StarPeriodNotOver(Refusal):
    """{period} is not over; a rating is drawn up from the facts of the whole period."""


class StarRatingThere(Refusal):
    """A rating of {period} stands already for this organisation; put it away first, or correct it."""


class NoStarFormula(Refusal):
    """No formula is in force on the last day of {period}."""


class StarRatingNotMovable(Refusal):
    """This rating is {state}; it cannot be {move} any more."""


class StarRatingBeingDrawn(Refusal):
    """This rating is being drawn; try again in a moment."""


class StarSameDrawer(Refusal):
    """Whoever drew up a rating does not publish it; a second person does."""


class StarObjectionsOpen(Refusal):
    """{count} objections are not answered yet."""


class StarObjectionDaysOpen(Refusal):
    """The organisations may object until {day}."""


class StarObjectionDaysOver(Refusal):
    """The days for objections are over, or have not begun."""


class StarObjectionThere(Refusal):
    """An objection of this organisation waits for its answer already."""


class StarObjectionAnswered(Refusal):
    """This objection is answered already."""


class StarCorrectionConfirmed(Refusal):
    """This correction is confirmed already."""


class StarCorrectionOwn(Refusal):
    """Whoever asked for a correction of a published rating does not confirm it; a second person does."""


class TooManyStarTrials(Refusal):
    """{most} calculations of yours are running; wait for one of them."""


TRIALS: Final = MadeFiles(TRY, TooManyStarTrials, ("try_star_formula",))


def draw_up(db: Connection, *, asked: DrawUpStarRating, actor: Actor, at: datetime) -> StarRatingView:
    """Rate a part of the tree for a period; *work* takes the facts and draws it.

    Raises StarPeriodNotOver, StarRatingThere, NoStarFormula, NotFound, Forbidden.
    """
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("draw_up_stars", organisation=organisation.path)
    period = period_named(asked.year, asked.half)
    last = days_of(period)[1]
    if last >= clock.today(at):
        raise StarPeriodNotOver(period=period)
    formula_id = in_force_for(db, organisation.path, last)
    if formula_id is None:
        raise NoStarFormula(period=period)
    rating_id = uuid4()
    new = insert(star_ratings).values(
        id=rating_id,
        organisation_id=organisation.id,
        path=organisation.path,
        period=period,
        formula_id=formula_id,
        state=DRAWING,
        drawn_up_by_id=actor.person_id,
        drawn_up_by=actor.name,
        drawn_up_at=at,
    )
    once = new.on_conflict_do_nothing(
        index_elements=["organisation_id", "period"], index_where=text("state <> 'withdrawn'")
    )
    if db.execute(once.returning(star_ratings.c.id)).first() is None:
        raise StarRatingThere(period=period)
    _have_drawn(db, rating_id, actor=actor, at=at)
    return shown.rating_view(db, rating_id, actor=actor)


def show(db: Connection, *, asked: ShowStarRating, actor: Actor, at: datetime) -> StarRatingView:
    """Show it to the organisations, who may object until the end of the last of so many days after today.

    Raises StarRatingBeingDrawn, StarRatingNotMovable, NotFound, Forbidden.
    """
    rating = _locked(db, asked.rating_id, "show_stars", actor=actor)
    until = clock.today(at) + timedelta(days=asked.days)
    _move(db, rating, "show", shown_at=at, objections_until=until)
    _tell(db, "rating_shown", rating, at=at, until_on=until)
    return shown.rating_view(db, rating.id, actor=actor)


def publish(db: Connection, *, asked: PublishStarRating, actor: Actor, at: datetime) -> StarRatingView:
    """Adopt and publish it; from then on it is frozen.

    Raises StarSameDrawer, StarObjectionDaysOpen, StarObjectionsOpen, StarRatingBeingDrawn, StarRatingNotMovable,
    NotFound, Forbidden.
    """
    rating = _locked(db, asked.rating_id, "publish_stars", actor=actor)
    if rating.state == SHOWN:
        if rating.drawn_up_by_id == actor.person_id:
            raise StarSameDrawer()
        if rating.objections_until >= clock.today(at):
            raise StarObjectionDaysOpen(day=rating.objections_until.isoformat())
        if count := shown.open_objections(db, rating.id):
            raise StarObjectionsOpen(count=count)
    _move(db, rating, "publish", published_by_id=actor.person_id, published_by=actor.name, published_at=at)
    _tell(db, "rating_published", rating, at=at)
    return shown.rating_view(db, rating.id, actor=actor)


def withdraw(db: Connection, *, asked: WithdrawStarRating, actor: Actor, at: datetime) -> StarRatingView:
    """Put it away before it is published; another may then be drawn up. Raises as `show` does."""
    rating = _locked(db, asked.rating_id, "withdraw_stars", actor=actor)
    who = {"withdrawn_by_id": actor.person_id, "withdrawn_by": actor.name, "withdrawn_at": at}
    _move(db, rating, "withdraw", reason=asked.reason, **who)
    return shown.rating_view(db, rating.id, actor=actor)


def object_to(db: Connection, *, asked: ObjectToStarRating, actor: Actor, at: datetime) -> StarResultView:
    """Object to what the organisation got.

    Raises StarObjectionDaysOver, StarObjectionThere, NotFound, Forbidden.
    """
    of = rated_organisations.c
    path = db.execute(
        select(of.path).where(of.rating_id == asked.rating_id, of.organisation_id == asked.organisation_id)
    ).scalar_one_or_none()
    if path is None:
        raise NotFound()
    actor.must("object_to_stars", branch=path)
    # Held until the objection is there: whoever publishes the rating waits and sees it.
    rating = db.execute(
        select(star_ratings).where(star_ratings.c.id == asked.rating_id).with_for_update(read=True)
    ).one()
    if rating.state != SHOWN or rating.objections_until < clock.today(at):
        raise StarObjectionDaysOver()
    new = insert(star_objections).values(
        id=uuid4(),
        rating_id=rating.id,
        organisation_id=asked.organisation_id,
        text=asked.text,
        by_id=actor.person_id,
        by_name=actor.name,
        at=at,
    )
    once = new.on_conflict_do_nothing(
        index_elements=["rating_id", "organisation_id"], index_where=text("answer IS NULL")
    )
    if db.execute(once.returning(star_objections.c.id)).first() is None:
        raise StarObjectionThere()
    return shown.result(db, asked=StarResultAsked(rating.id, asked.organisation_id), actor=actor, at=at)


def answer(db: Connection, *, asked: AnswerStarObjection, actor: Actor, at: datetime) -> StarRatingView:
    """Answer an objection; one that is upheld corrects a fact, and the rating is drawn anew.

    Raises StarObjectionAnswered, StarRatingNotMovable, InvalidInput, NotFound, Forbidden.
    """
    objection = db.execute(select(star_objections).where(star_objections.c.id == asked.objection_id)).one_or_none()
    if objection is None:
        raise NotFound()
    rating = _locked(db, objection.rating_id, "answer_star_objection", actor=actor)
    path = db.execute(
        select(rated_organisations.c.path).where(
            rated_organisations.c.rating_id == rating.id,
            rated_organisations.c.organisation_id == objection.organisation_id,
        )
    ).scalar_one()
    must_judge(db, actor, "answer_star_objection", organisation_id=objection.organisation_id, path=path)
    if objection.by_id == actor.person_id:
        raise Forbidden()
    if (asked.answer == "upheld") != (asked.measure is not None):
        raise InvalidInput(
            {"measure": ["An objection that is upheld names the fact that was wrong, another one none."]}
        )
    answered = db.execute(
        update(star_objections)
        .where(star_objections.c.id == objection.id, star_objections.c.answer.is_(None))
        .values(
            answer=asked.answer,
            answer_text=asked.text,
            answered_by_id=actor.person_id,
            answered_by=actor.name,
            answered_at=at,
        )
    )
    if answered.rowcount != 1:
        raise StarObjectionAnswered()
    if rating.state != SHOWN:
        raise StarRatingNotMovable(state=rating.state, move="correct")
    if asked.measure is not None:
        _correct(
            db,
            rating,
            organisation_id=objection.organisation_id,
            measure=asked.measure,
            value=asked.value,
            reason=asked.text[:200],
            actor=actor,
            at=at,
        )
    return shown.rating_view(db, rating.id, actor=actor)


def correct(db: Connection, *, asked: CorrectStarRating, actor: Actor, at: datetime) -> StarRatingView:
    """Correct a fact, with the reason; the rating is drawn anew, a published one once somebody else confirms it.

    Raises StarRatingNotMovable, NotFound, Forbidden.
    """
    rating = _locked(db, asked.rating_id, "correct_stars", actor=actor)
    if rating.state not in ("draft", SHOWN, PUBLISHED):
        raise StarRatingNotMovable(state=rating.state, move="correct")
    _must_be_anothers(db, rating, asked.organisation_id, actor=actor)
    _correct(
        db,
        rating,
        organisation_id=asked.organisation_id,
        measure=asked.measure,
        value=asked.value,
        reason=asked.reason,
        actor=actor,
        at=at,
    )
    return shown.rating_view(db, rating.id, actor=actor)


def confirm_correction(db: Connection, *, asked: ConfirmStarCorrection, actor: Actor, at: datetime) -> StarRatingView:
    """Confirm a correction of a published rating; its next revision is drawn, those before stay.

    Raises StarCorrectionOwn, StarCorrectionConfirmed, NotFound, Forbidden.
    """
    found = db.execute(select(star_corrections).where(star_corrections.c.id == asked.correction_id)).one_or_none()
    if found is None:
        raise NotFound()
    rating = _locked(db, found.rating_id, "confirm_star_correction", actor=actor)
    if found.asked_by_id == actor.person_id:
        raise StarCorrectionOwn()
    _must_be_anothers(db, rating, found.organisation_id, actor=actor)
    revision = rating.wanted_revision + 1
    confirmed = db.execute(
        update(star_corrections)
        .where(star_corrections.c.id == found.id, star_corrections.c.confirmed_at.is_(None))
        .values(confirmed_by_id=actor.person_id, confirmed_by=actor.name, confirmed_at=at, revision=revision)
    )
    if confirmed.rowcount != 1:
        raise StarCorrectionConfirmed()
    _want(db, rating, revision, actor=actor, at=at)
    return shown.rating_view(db, rating.id, actor=actor)


def ask_trial(db: Connection, *, asked: TryStarFormula, actor: Actor, at: datetime) -> StarTrialView:
    """Have a rating calculated from its frozen facts: by its own formula, or by another version, a draft too.

    What comes of it names every organisation that was rated: it is for whoever sees all of them. Raises
    StarRatingBeingDrawn, TooManyStarTrials, NotFound, Forbidden.
    """
    rating = shown.rating_the_actor_may(db, "try_star_formula", asked.rating_id, actor=actor)
    actor.must("try_star_formula", organisation=rating.path)
    if rating.revision == 0:
        raise StarRatingBeingDrawn()
    formula_id = formula_with(db, asked.formula_id or rating.formula_id).id
    params = {"rating_id": str(rating.id), "formula_id": str(formula_id)}
    job = TRIALS.ask(db, params=params, actor=actor, at=at)
    return StarTrialView(
        id=job["id"], rating_id=rating.id, formula_id=formula_id, state="waiting", asked_at=at, error=None
    )


def trial(db: Connection, *, asked: StarTrialAsked, actor: Actor, at: datetime) -> StarTrialView:
    """Return a calculation that the actor asked for. Raises NotFound."""
    job = TRIALS.own(db, asked.job_id, actor=actor, at=at)
    params = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": job.id}).scalar_one()
    return _trial_view(job, params)


def _trial_view(job: JobView, params: dict[str, Any]) -> StarTrialView:
    return StarTrialView(
        id=job.id,
        rating_id=UUID(params["rating_id"]),
        formula_id=UUID(params["formula_id"]),
        state=job.state,
        asked_at=job.asked_at,
        error=job.error if job.state == "failed" else None,
        **(job.result or {}),
    )


def _locked(db: Connection, rating_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    """Return the rating, held by whoever decides on it. Raises NotFound, Forbidden."""
    rating = db.execute(select(star_ratings).where(star_ratings.c.id == rating_id).with_for_update()).one_or_none()
    if rating is None:
        raise NotFound()
    actor.must(action, organisation=rating.path)
    return rating


def _move(db: Connection, rating: Row[Any], move: str, **columns: Any) -> None:
    sources, state = RATING_MOVES[move]
    if rating.state not in sources:
        raise StarRatingNotMovable(state=rating.state, move=move)
    if move != "withdraw" and rating.revision != rating.wanted_revision:
        raise StarRatingBeingDrawn()
    db.execute(update(star_ratings).where(star_ratings.c.id == rating.id).values(state=state, **columns))


def _tell(db: Connection, kind: str, rating: Row[Any], *, at: datetime, **facts: Any) -> None:
    """Tell every branch that is rated; the notice leads to the branch's own page."""
    of = rated_organisations.c
    rated = db.scalars(select(of.organisation_id).where(of.rating_id == rating.id))
    told = {"occasion": str(rating.id), "facts": {"period": rating.period, **facts}}
    notices.tell_many(db, kind=kind, at=at, told=[{"organisation_id": one, "subject_id": one, **told} for one in rated])


def _must_be_anothers(db: Connection, rating: Row[Any], organisation_id: UUID, *, actor: Actor) -> None:
    """Raise Forbidden for who is one of the organisation's own, NotFound when it was not rated."""
    of = rated_organisations.c
    path = db.execute(
        select(of.path).where(of.rating_id == rating.id, of.organisation_id == organisation_id)
    ).scalar_one_or_none()
    if path is None:
        raise NotFound()
    must_be_none_of(db, actor, organisation_id=organisation_id, path=path)


def _correct(
    db: Connection,
    rating: Row[Any],
    *,
    organisation_id: UUID,
    measure: str,
    value: float | None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Write the correction down; the caller holds the rating. One of a published rating waits for a second person."""
    of = star_inputs.c
    known = (of.rating_id == rating.id, of.organisation_id == organisation_id, of.measure == measure)
    if not db.execute(select(exists().where(*known))).scalar_one():
        raise NotFound()
    is_published = rating.state == PUBLISHED
    revision = rating.wanted_revision + 1
    db.execute(
        insert(star_corrections).values(
            id=uuid4(),
            rating_id=rating.id,
            organisation_id=organisation_id,
            measure=measure,
            value_before=shown.value_of(db, rating.id, organisation_id, measure),
            value=None if value is None else round(value * 100),
            reason=reason,
            asked_by_id=actor.person_id,
            asked_by=actor.name,
            asked_at=at,
            needs_second=is_published,
            **({} if is_published else {"confirmed_at": at, "confirmed_by_id": actor.person_id, "revision": revision}),
            **({} if is_published else {"confirmed_by": actor.name}),
        )
    )
    if not is_published:
        _want(db, rating, revision, actor=actor, at=at)


def _want(db: Connection, rating: Row[Any], revision: int, *, actor: Actor, at: datetime) -> None:
    db.execute(update(star_ratings).where(star_ratings.c.id == rating.id).values(wanted_revision=revision))
    _have_drawn(db, rating.id, actor=actor, at=at)


def _have_drawn(db: Connection, rating_id: UUID, *, actor: Actor, at: datetime) -> None:
    job_id = jobs.ask(db, DRAW, params={"rating_id": str(rating_id)}, at=at, asked_by=actor.person_id)
    db.execute(update(star_ratings).where(star_ratings.c.id == rating_id).values(job_id=job_id))
