"""What follows from grades: the list of it below an organisation, with its days and proofs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.evidence import MendingEvidenceView
from contracts.assessment.reviews import (
    ConsequencesAsked,
    ConsequenceView,
    RecommendationsAsked,
    RecommendationsView,
    RecommendationView,
)
from contracts.envelope import Page
from sqlalchemy import Connection, Row, Select, select, tuple_

from assessment.domain import consequences as rules
from assessment.queries.evidence import files_of
from assessment.queries.organisations import is_below, organisation_named
from assessment.queries.review_rules import rule_on
from assessment.tables.organisations import organisations
from assessment.tables.rectifications import evidence_files
from assessment.tables.reviews import recommendations, review_consequences, reviews

_superior = organisations.alias("superior")
CONSEQUENCES: Select[Any] = (
    select(
        review_consequences,
        reviews.c.organisation_id,
        reviews.c.secretary_name,
        reviews.c.member_id,
        reviews.c.year,
        reviews.c.grade,
        organisations.c.name.label("organisation_name"),
        organisations.c.path,
        _superior.c.path.label("superior_path"),
    )
    .join(reviews, reviews.c.id == review_consequences.c.review_id)
    .join(organisations, organisations.c.id == reviews.c.organisation_id)
    .join(_superior, _superior.c.id == reviews.c.superior_id)
)


def consequences_asked(db: Connection, *, asked: ConsequencesAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of what follows, the earliest due first. Raises NotFound, Forbidden."""
    if asked.organisation_id is None:
        paths = actor.paths_for("read_reviews")
        if not paths:
            raise Forbidden()
    else:
        organisation = organisation_named(db, asked.organisation_id)
        if organisation is None:
            raise NotFound()
        actor.must("read_reviews", organisation=organisation.path)
        paths = [organisation.path]
    of, today = review_consequences.c, clock.today(at)
    rows = CONSEQUENCES.where(is_below(paths))
    if asked.kind:
        rows = rows.where(of.kind == asked.kind)
    if asked.state == "overdue":
        rows = rows.where(of.state == rules.DUE, of.due_on < today)
    elif asked.state:
        rows = rows.where(of.state == asked.state)
    if asked.cursor:
        rows = rows.where(tuple_(of.due_on, of.id) > key_in(asked.cursor, date.fromisoformat, UUID))
    found = db.execute(rows.order_by(of.due_on, of.id).limit(asked.limit + 1)).all()
    files = _files(db, found)
    return page_of(
        found,
        limit=asked.limit,
        view=lambda row: view_of(row, actor=actor, today=today, files=files[row.id]),
        key=lambda row: (row.due_on, row.id),
    )


def of_review(db: Connection, review_id: UUID, *, actor: Actor, today: date) -> list[ConsequenceView]:
    """Return what follows from one review, the earliest due first."""
    of = review_consequences.c
    rows = db.execute(CONSEQUENCES.where(of.review_id == review_id).order_by(of.due_on, of.kind)).all()
    files = _files(db, rows)
    return [view_of(row, actor=actor, today=today, files=files[row.id]) for row in rows]


def consequence(db: Connection, consequence_id: UUID, *, actor: Actor, today: date) -> ConsequenceView:
    """Return one that exists."""
    row = db.execute(CONSEQUENCES.where(review_consequences.c.id == consequence_id)).one()
    return view_of(row, actor=actor, today=today, files=_files(db, [row])[row.id])


def _files(db: Connection, rows: Sequence[Row[Any]]) -> dict[UUID, list[MendingEvidenceView]]:
    return files_of(db, evidence_files.c.review_consequence_id, [row.id for row in rows])


def view_of(row: Row[Any], *, actor: Actor, today: date, files: Sequence[MendingEvidenceView]) -> ConsequenceView:
    """Return the view of a row of CONSEQUENCES."""
    can: list[str] = []
    if row.state == rules.DUE and row.member_id != actor.person_id:
        if row.kind == rules.REPLACEMENT:
            can = ["decide", "add_evidence"] if actor.may("decide_replacement", organisation=row.superior_path) else []
        elif actor.may("fulfil_review_consequence", organisation=row.superior_path):
            can = ["fulfil", "add_evidence"]
    told = ("is_overdue", "can", "files")
    same = {name: row._mapping[name] for name in ConsequenceView.__dataclass_fields__ if name not in told}
    is_overdue = row.state == rules.DUE and row.due_on < today
    return ConsequenceView(**same, is_overdue=is_overdue, can=can, files=list(files))


def recommendations_asked(
    db: Connection, *, asked: RecommendationsAsked, actor: Actor, at: datetime
) -> RecommendationsView:
    """Return who was recommended upward, by committee and number. Raises Forbidden."""
    paths = actor.paths_for("read_recommendations")
    if not paths:
        raise Forbidden()
    today = clock.today(at)
    committee = organisations.alias("committee")
    # Whoever watches over a part reads what the committee above it recommended out of that part.
    rows = db.execute(
        select(
            recommendations,
            reviews.c.secretary_name,
            reviews.c.grade,
            organisations.c.name.label("organisation_name"),
            committee.c.name.label("recommended_by"),
            committee.c.path.label("committee_path"),
        )
        .join(reviews, reviews.c.id == recommendations.c.review_id)
        .join(organisations, organisations.c.id == reviews.c.organisation_id)
        .join(committee, committee.c.id == recommendations.c.organisation_id)
        .where(is_below(paths), recommendations.c.year == (asked.year or year_now(at)))
        .order_by(committee.c.path, recommendations.c.number, recommendations.c.at)
    )
    told = ("may_withdraw",)
    return RecommendationsView(
        year=asked.year or year_now(at),
        most=rule_on(db, today).numbers.upward_most,
        items=[
            RecommendationView(
                **{name: row._mapping[name] for name in RecommendationView.__dataclass_fields__ if name not in told},
                may_withdraw=row.withdrawn_at is None
                and actor.may("recommend_secretary", organisation=row.committee_path),
            )
            for row in rows
        ],
    )


def year_now(at: datetime) -> int:
    """Return the year that is reviewed now: the last one until the end of June, else this one."""
    today = clock.today(at)
    return today.year - (today.month < 7)
