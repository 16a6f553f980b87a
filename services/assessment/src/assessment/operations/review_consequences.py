"""What follows from grades (A13): raised and lifted by the rule; shown to be done, decided, recommended by people."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.reviews import (
    ConsequenceView,
    DecideReplacement,
    FulfilConsequence,
    RecommendationsAsked,
    RecommendationsView,
    RecommendSecretary,
    WithdrawRecommendation,
)
from sqlalchemy import Connection, Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from assessment.domain import consequences as rules
from assessment.domain import reviews as review_rules
from assessment.operations import notices
from assessment.queries import consequences as shown
from assessment.queries.review_rules import rule_on
from assessment.queries.reviews import grades_of, recommender, row_of
from assessment.queries.scopes import must_be_none_of
from assessment.tables.organisations import organisations
from assessment.tables.reviews import recommendations, review_consequences, reviews

REACHES: Final = 2
"""A grade is part of the runs of so many years after it."""


class ConsequenceNotDue(Refusal):
    """This is not to be done any more."""


class OwnConsequence(Refusal):
    """Nobody decides on, or vouches for, what follows from their own review."""


class TooManyRecommended(Refusal):
    """{organisation} has recommended {most} secretaries for {year} already."""


class AlreadyRecommended(Refusal):
    """This secretary is recommended already."""


class NotRecommendable(Refusal):
    """Only a secretary whose published grade is the best is recommended, by a committee above their organisation."""


class RecommendationWithdrawn(Refusal):
    """This recommendation was taken back already."""


def settle(db: Connection, *, member_id: UUID, post_kind: str, year: int, at: datetime) -> None:
    """Work out anew what follows from a person's grades of a year and of those whose runs reach back to it.

    What is new is raised, what has lost its ground is lifted, what was lifted and has it again is due again; what was
    done stays done as long as it has a ground. The superior is told of what has become due.
    """
    # Two grades of one person that are published together would not see each other's year.
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"review runs {member_id}"})
    grades = grades_of(db, member_id, post_kind)
    rows = db.execute(
        select(reviews, organisations.c.name.label("organisation_name"))
        .join(organisations, organisations.c.id == reviews.c.organisation_id)
        .where(
            reviews.c.member_id == member_id,
            reviews.c.post_kind == post_kind,
            reviews.c.year.between(year, year + REACHES),
            reviews.c.state.in_(sorted(review_rules.FROZEN)),
        )
    ).all()
    for row in rows:
        following = rules.following(
            {**grades, row.year: row.grade},
            row.year,
            post_kind=post_kind,
            published_on=row.published_on,
            numbers=rule_on(db, row.published_on).consequences,
        )
        of = review_consequences.c
        lifted = update(review_consequences).where(
            of.review_id == row.id, of.kind.not_in([one.kind for one in following]), of.state != rules.LIFTED
        )
        db.execute(lifted.values(state=rules.LIFTED))
        due: list[Row[Any]] = []
        for one in following:
            new = insert_or(review_consequences).values(
                id=uuid4(),
                review_id=row.id,
                kind=one.kind,
                state=rules.DUE,
                due_on=one.due_on,
                lasts_until=one.lasts_until,
                percent=one.percent,
            )
            raised = db.execute(
                new.on_conflict_do_update(
                    index_elements=["review_id", "kind"],
                    set_={
                        "state": rules.DUE,
                        "done_on": None,
                        "proof": None,
                        "decision": None,
                        "by_id": None,
                        "by_name": None,
                    },
                    where=of.state == rules.LIFTED,
                ).returning(of.kind, of.due_on)
            )
            due += raised.all()
        if due:
            facts = {"name": row.secretary_name, "organisation": row.organisation_name, "year": row.year}
            notices.tell(
                db,
                kind="review_consequence_due",
                subject_id=row.id,
                organisation_id=row.superior_id,
                at=at,
                occasion=at.isoformat(),
                facts={**facts, "what": [one.kind for one in due], "due_on": min(one.due_on for one in due)},
            )


def fulfil(db: Connection, *, asked: FulfilConsequence, actor: Actor, at: datetime) -> ConsequenceView:
    """Show that a consequence was carried out.

    Raises NotFound, Forbidden, OwnConsequence, ConsequenceNotDue; InvalidInput for a day to come.
    """
    row = _consequence(db, asked.consequence_id, "fulfil_review_consequence", actor=actor)
    if row.kind == rules.REPLACEMENT:
        raise InvalidInput({"consequence_id": ["People decide on this one: replace or keep."]})
    return _done(db, row, asked, actor=actor, at=at)


def decide_replacement(db: Connection, *, asked: DecideReplacement, actor: Actor, at: datetime) -> ConsequenceView:
    """Decide whether the secretary is replaced; the software has raised it and does no more.

    Raises NotFound, Forbidden, OwnConsequence, ConsequenceNotDue; InvalidInput for a day to come.
    """
    row = _consequence(db, asked.consequence_id, "decide_replacement", actor=actor)
    if row.kind != rules.REPLACEMENT:
        raise InvalidInput({"consequence_id": ["There is nothing to decide here; show that it was done."]})
    return _done(db, row, asked, actor=actor, at=at, decision=asked.decision)


def recommend(db: Connection, *, asked: RecommendSecretary, actor: Actor, at: datetime) -> RecommendationsView:
    """Recommend a secretary upward: the committee takes the lowest of its year's numbers that is free.

    The numbers end at three, and one is held once: of two that take the last at the same time one is refused.
    Raises NotFound, Forbidden, OwnConsequence, NotRecommendable, AlreadyRecommended, TooManyRecommended.
    """
    row = row_of(db, asked.review_id)
    committee = recommender(db, row) if row.state in review_rules.FROZEN else None
    if committee is None:
        actor.must("recommend_secretary", organisation=row.path)
        raise NotRecommendable()
    actor.must("recommend_secretary", organisation=committee.path)
    if row.grade != review_rules.GOOD:
        raise NotRecommendable()
    if row.member_id == actor.person_id:
        raise OwnConsequence()
    must_be_none_of(db, actor, organisation_id=row.organisation_id, path=row.path)
    most = rule_on(db, clock.today(at)).numbers.upward_most
    for number in range(1, most + 1):
        new = insert_or(recommendations).values(
            id=uuid4(),
            review_id=row.id,
            organisation_id=committee.id,
            year=row.year,
            number=number,
            reason=asked.reason,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
        if db.execute(new.on_conflict_do_nothing()).rowcount:
            return shown.recommendations_asked(db, asked=RecommendationsAsked(row.year), actor=actor, at=at)
        of = recommendations.c
        if db.scalar(select(of.id).where(of.review_id == row.id, of.withdrawn_at.is_(None))) is not None:
            raise AlreadyRecommended()
    raise TooManyRecommended(organisation=committee.name, most=most, year=row.year)


def withdraw_recommendation(
    db: Connection, *, asked: WithdrawRecommendation, actor: Actor, at: datetime
) -> RecommendationsView:
    """Take a recommendation back. Raises NotFound, Forbidden, RecommendationWithdrawn."""
    of = recommendations.c
    row = db.execute(
        select(recommendations, organisations.c.path)
        .join(organisations, organisations.c.id == of.organisation_id)
        .where(of.id == asked.recommendation_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    actor.must("recommend_secretary", organisation=row.path)
    taken = db.execute(
        update(recommendations)
        .where(of.id == row.id, of.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawn_by=actor.name, withdrawn_reason=asked.reason)
    )
    if taken.rowcount == 0:
        raise RecommendationWithdrawn()
    return shown.recommendations_asked(db, asked=RecommendationsAsked(row.year), actor=actor, at=at)


def to_fulfil(db: Connection, consequence_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return one that the actor may show to be done, or decide on. Raises NotFound, Forbidden, OwnConsequence."""
    of = review_consequences.c
    kind = db.scalar(select(of.kind).where(of.id == consequence_id))
    action = "decide_replacement" if kind == rules.REPLACEMENT else "fulfil_review_consequence"
    return _consequence(db, consequence_id, action, actor=actor)


def _consequence(db: Connection, consequence_id: UUID, action: str, *, actor: Actor) -> Row[Any]:
    row = db.execute(shown.CONSEQUENCES.where(review_consequences.c.id == consequence_id)).one_or_none()
    if row is None:
        raise NotFound()
    actor.must(action, organisation=row.superior_path)
    if row.member_id == actor.person_id:
        raise OwnConsequence()
    must_be_none_of(db, actor, organisation_id=row.organisation_id, path=row.path)
    return row


def _done(
    db: Connection,
    row: Row[Any],
    asked: FulfilConsequence | DecideReplacement,
    *,
    actor: Actor,
    at: datetime,
    decision: str | None = None,
) -> ConsequenceView:
    today = clock.today(at)
    if asked.done_on > today:
        raise InvalidInput({"done_on": ["This day has not come yet."]})
    written = db.execute(
        update(review_consequences)
        .where(review_consequences.c.id == row.id, review_consequences.c.state == rules.DUE)
        .values(
            state=rules.DONE,
            done_on=asked.done_on,
            proof=asked.proof,
            decision=decision,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    if written.rowcount == 0:
        raise ConsequenceNotDue()
    return shown.consequence(db, row.id, actor=actor, today=today)
