"""Steps, rounds and files of rectification items; files of inspections and of the consequences of cards."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.assessment.rectifications import CarriedView, EvidenceAsked, MendingEvidenceView, RectificationStepView
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


def files_of(db: Connection, subject: Column[Any], ids: list[UUID]) -> dict[UUID, list[MendingEvidenceView]]:
    """Return the files of each subject, in the order in which they came."""
    found: dict[UUID, list[MendingEvidenceView]] = defaultdict(list)
    rows = select(evidence_files).where(subject.in_(ids)).order_by(evidence_files.c.at, evidence_files.c.id)
    for row in db.execute(rows):
        found[row._mapping[subject.name]].append(
            MendingEvidenceView(row.id, row.name, row.media_type, row.size, row.at, row.by_name)
        )
    return found


def row_of(db: Connection, evidence_id: UUID) -> Row[Any] | None:
    """Return a file with the organisation that it is about."""
    of = evidence_files.c
    about = func.coalesce(rectifications.c.organisation_id, inspections.c.organisation_id, cards.c.organisation_id)
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
        .join(organisations, organisations.c.id == about)
        .where(of.id == evidence_id)
    ).one_or_none()


def file_of(db: Connection, *, asked: EvidenceAsked, actor: Actor) -> StoredFile:
    """Return the reference to a file of evidence. Raises NotFound, Forbidden."""
    row = row_of(db, asked.evidence_id)
    if row is None:
        raise NotFound()
    actor.must("read_problems", organisation=row.path)
    return StoredFile(sha256=row.sha256, size=row.size, media_type=row.media_type, name=row.name)
