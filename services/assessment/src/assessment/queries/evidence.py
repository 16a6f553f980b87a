"""Steps and rounds of rectification items; the files that show something."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.assessment.evidence import EvidenceAsked, MendingEvidenceView
from contracts.assessment.rectifications import CarriedView, RectificationStepView
from contracts.envelope import StoredFile
from sqlalchemy import Column, Connection, Row, func, select

from assessment.tables.cards import card_consequences, cards
from assessment.tables.organisations import organisations
from assessment.tables.problems import inspections
from assessment.tables.rectifications import (
    evidence_files,
    rectification_rounds,
    rectification_steps,
    rectifications,
)
from assessment.tables.reviews import review_consequences, reviews
from assessment.tables.tasks import tasks
from assessment.tables.weak_organisations import weak_items, weak_organisations


def of_rectification(db: Connection, rectification_id: UUID) -> dict[str, Any]:
    """Return what a rectification's view has besides its row: `item_steps`, `rounds`, `files`."""
    steps = select(rectification_steps).where(rectification_steps.c.rectification_id == rectification_id)
    rounds = select(rectification_rounds).where(rectification_rounds.c.rectification_id == rectification_id)
    return {
        "item_steps": [
            RectificationStepView(step.move, step.state, step.at, step.text, step.deadline, step.by_name)
            for step in db.execute(steps.order_by("version"))
        ],
        "rounds": [CarriedView(one.source_id, one.at) for one in db.execute(rounds.order_by("position"))],
        "files": files_of(db, evidence_files.c.rectification_id, [rectification_id])[rectification_id],
    }


def files_of(db: Connection, subject: Column[Any], ids: Sequence[UUID]) -> dict[UUID, list[MendingEvidenceView]]:
    """Return the files of each subject, in the order in which they came."""
    found: dict[UUID, list[MendingEvidenceView]] = defaultdict(list)
    rows = select(evidence_files).where(subject.in_(ids)).order_by(evidence_files.c.at, evidence_files.c.id)
    for row in db.execute(rows):
        found[row._mapping[subject.name]].append(view_of(row))
    return found


def view_of(row: Row[Any]) -> MendingEvidenceView:
    """Return the view of a row of evidence."""
    return MendingEvidenceView(row.id, row.name, row.media_type, row.size, row.at, row.by_name)


_PLACES = (
    rectifications.c.organisation_id,
    inspections.c.organisation_id,
    cards.c.organisation_id,
    tasks.c.branch_id,
    weak_organisations.c.organisation_id,
    reviews.c.organisation_id,
)


def row_of(db: Connection, evidence_id: UUID) -> Row[Any] | None:
    """Return a file with the organisation that it is about."""
    of = evidence_files.c
    return db.execute(
        select(
            evidence_files,
            organisations.c.path,
            organisations.c.parent_id,
            rectifications.c.state.label("mending_state"),
            card_consequences.c.state.label("consequence_state"),
        )
        .outerjoin(rectifications, rectifications.c.id == of.rectification_id)
        .outerjoin(inspections, inspections.c.id == of.inspection_id)
        .outerjoin(card_consequences, card_consequences.c.id == of.consequence_id)
        .outerjoin(cards, cards.c.id == card_consequences.c.card_id)
        .outerjoin(tasks, tasks.c.id == of.task_id)
        .outerjoin(weak_items, weak_items.c.id == of.weak_item_id)
        .outerjoin(weak_organisations, weak_organisations.c.id == weak_items.c.entry_id)
        .outerjoin(review_consequences, review_consequences.c.id == of.review_consequence_id)
        .outerjoin(reviews, reviews.c.id == review_consequences.c.review_id)
        .join(organisations, organisations.c.id == func.coalesce(*_PLACES))
        .where(of.id == evidence_id)
    ).one_or_none()


def file_of(db: Connection, *, asked: EvidenceAsked, actor: Actor) -> StoredFile:
    """Return the reference to a file of evidence, to whoever reads what it shows. Raises NotFound, Forbidden."""
    row = row_of(db, asked.evidence_id)
    if row is None:
        raise NotFound()
    if row.task_id:
        actor.must("read_tasks", branch=row.path)
    elif row.weak_item_id:
        actor.must("read_weak_entry", branch=row.path)
    elif row.review_consequence_id:
        actor.must("read_reviews", organisation=row.path)
    else:
        actor.must("read_problems", organisation=row.path)
    return StoredFile(sha256=row.sha256, size=row.size, media_type=row.media_type, name=row.name)
