"""Files as evidence: rows that refer to the file store. What a file is was looked at when it was stored."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.actors import Actor, Forbidden
from chassis.files import FileStore, store_in
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.rectifications import (
    EVIDENCE_FILES_MAX,
    EVIDENCE_FOLDER,
    EVIDENCE_KEPT,
    EVIDENCE_MAX_BYTES,
    AddEvidence,
    MendingEvidenceView,
    RemoveEvidence,
)
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.cards import DUE
from assessment.domain.rectifications import OPEN, RETURNED
from assessment.operations.cards import must_fulfil
from assessment.operations.problems import found
from assessment.operations.rectifications import RectificationNotMovable
from assessment.queries import evidence as shown
from assessment.tables.problems import inspections
from assessment.tables.rectifications import evidence_files, rectifications


class TooMuchEvidence(Refusal):
    """There are {files_max} files already; remove one first."""


class EvidenceRepeated(Refusal):
    """This file is there already."""


class EvidenceKept(Refusal):
    """What was reported with this file stands; it is not taken away any more."""


def store() -> FileStore:
    """Return the part of the file store in which evidence stands."""
    return store_in(EVIDENCE_FOLDER)


def add(db: Connection, files: FileStore, *, asked: AddEvidence, actor: Actor, at: datetime) -> MendingEvidenceView:
    """Add a file to what is still open.

    Raises TooMuchEvidence, EvidenceRepeated, EvidenceKept, RectificationNotMovable, InvalidInput, NotFound, Forbidden.
    """
    subjects = {
        name: value
        for name in ("rectification_id", "inspection_id", "consequence_id")
        if (value := getattr(asked, name)) is not None
    }
    if len(subjects) != 1:
        raise InvalidInput({"file": ["Say what the file shows: one item, inspection or consequence."]})
    ((name, subject_id),) = subjects.items()
    _must_be_open(db, name, subject_id, actor=actor)
    file = asked.file
    if file.media_type not in EVIDENCE_KEPT or file.size > EVIDENCE_MAX_BYTES or not files.holds(file):
        raise InvalidInput({"file": ["No file of this name is stored."]})
    of = evidence_files.c
    if db.execute(select(func.count()).where(of[name] == subject_id)).scalar_one() >= EVIDENCE_FILES_MAX:
        raise TooMuchEvidence(files_max=EVIDENCE_FILES_MAX)
    new = insert(evidence_files).values(
        id=uuid4(),
        sha256=file.sha256,
        size=file.size,
        media_type=file.media_type,
        name=file.name,
        at=at,
        by_id=actor.person_id,
        by_name=actor.name,
        **subjects,
    )
    row = db.execute(new.on_conflict_do_nothing().returning(evidence_files)).one_or_none()
    if row is None:
        raise EvidenceRepeated()
    return MendingEvidenceView(row.id, row.name, row.media_type, row.size, row.at, row.by_name)


def remove(db: Connection, *, asked: RemoveEvidence, actor: Actor, at: datetime) -> MendingEvidenceView:
    """Take one's own file away while what it shows is open. Raises EvidenceKept, NotFound, Forbidden."""
    row = shown.row_of(db, asked.evidence_id)
    if row is None:
        raise NotFound()
    if row.by_id != actor.person_id:
        raise Forbidden()
    if row.inspection_id or row.mending_state not in (None, OPEN, RETURNED) or row.consequence_state not in (None, DUE):
        raise EvidenceKept()
    name = "rectification_id" if row.rectification_id else "consequence_id"
    _must_be_open(db, name, row._mapping[name], actor=actor)
    db.execute(delete(evidence_files).where(evidence_files.c.id == row.id))
    return MendingEvidenceView(row.id, row.name, row.media_type, row.size, row.at, row.by_name)


def referred(db: Connection) -> set[str]:
    """Return the names of all files that stand as evidence."""
    return set(db.execute(select(evidence_files.c.sha256)).scalars())


def _must_be_open(db: Connection, name: str, subject_id: UUID, *, actor: Actor) -> None:
    """Hold what the file shows, so that nobody reports it or says it is done meanwhile; whoever may show it may add."""
    if name == "rectification_id":
        of = rectifications.c
        item = db.execute(select(rectifications).where(of.id == subject_id).with_for_update()).one_or_none()
        if item is None:
            raise NotFound()
        found(db, item.problem_id, "mend_problem", actor=actor)
        if item.state not in (OPEN, RETURNED):
            raise RectificationNotMovable(state=item.state, move="show")
    elif name == "inspection_id":
        inspection = db.execute(select(inspections).where(inspections.c.id == subject_id)).one_or_none()
        if inspection is None:
            raise NotFound()
        if inspection.by_id != actor.person_id or not actor.paths_for("record_inspection"):
            raise Forbidden()
    else:
        consequence = must_fulfil(db, subject_id, actor=actor)
        if consequence.state != DUE:
            raise EvidenceKept()
