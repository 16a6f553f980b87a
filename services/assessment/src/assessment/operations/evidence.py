"""Files as evidence: rows that refer to the file store. What a file is was looked at when it was stored."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from chassis.actors import Actor, Forbidden
from chassis.files import FileStore, store_in
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.evidence import (
    EVIDENCE_FILES_MAX,
    EVIDENCE_FOLDER,
    EVIDENCE_KEPT,
    EVIDENCE_MAX_BYTES,
    EVIDENCE_SUBJECTS,
    AddEvidence,
    MendingEvidenceView,
    RemoveEvidence,
)
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from assessment.domain import consequences as reviewed
from assessment.domain import weak_organisations as weak
from assessment.domain.cards import DUE
from assessment.domain.rectifications import OPEN, RETURNED
from assessment.operations.cards import must_fulfil
from assessment.operations.problems import found
from assessment.operations.rectifications import RectificationNotMovable
from assessment.operations.review_consequences import to_fulfil
from assessment.operations.tasks import TaskNeedsRecord
from assessment.operations.weak_organisations import locked_with_item
from assessment.queries import evidence as shown
from assessment.queries.tasks import OPEN_STATES
from assessment.queries.tasks import row_of as task_row
from assessment.tables.problems import inspections
from assessment.tables.rectifications import evidence_files, rectifications
from assessment.tables.reviews import review_consequences
from assessment.tables.tasks import tasks


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

    Raises TooMuchEvidence, EvidenceRepeated, EvidenceKept, RectificationNotMovable, WeakEntryNotMovable,
    TaskNeedsRecord, OwnConsequence, InvalidInput, NotFound, Forbidden.
    """
    subjects = {name: value for name in EVIDENCE_SUBJECTS if (value := getattr(asked, name)) is not None}
    if len(subjects) != 1:
        raise InvalidInput({"file": ["Say what the file shows: one of its subjects is named."]})
    ((name, subject_id),) = subjects.items()
    _HOLDS[name](db, subject_id, actor=actor)
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
    return shown.view_of(row)


def remove(db: Connection, *, asked: RemoveEvidence, actor: Actor, at: datetime) -> MendingEvidenceView:
    """Take one's own file away while what it shows is open.

    Raises EvidenceKept, WeakEntryNotMovable, OwnConsequence, NotFound, Forbidden.
    """
    row = shown.row_of(db, asked.evidence_id)
    if row is None:
        raise NotFound()
    if row.by_id != actor.person_id:
        raise Forbidden()
    if row.inspection_id or row.mending_state not in (None, OPEN, RETURNED) or row.consequence_state not in (None, DUE):
        raise EvidenceKept()
    name = next(name for name in EVIDENCE_SUBJECTS if row._mapping[name] is not None)
    _HOLDS[name](db, row._mapping[name], actor=actor)
    gone = delete(evidence_files).where(evidence_files.c.id == row.id).returning(evidence_files.c.id)
    if db.execute(gone).one_or_none() is None:
        raise NotFound()  # it was taken away while this one waited
    return shown.view_of(row)


def referred(db: Connection) -> set[str]:
    """Return the names of all files that stand as evidence."""
    return set(db.execute(select(evidence_files.c.sha256)).scalars())


# Each holds what a file shows, so that nobody reports it or says it is done meanwhile; whoever may show it may add.


def _hold_rectification(db: Connection, rectification_id: UUID, *, actor: Actor) -> None:
    of = rectifications.c
    item = db.execute(select(rectifications).where(of.id == rectification_id).with_for_update()).one_or_none()
    if item is None:
        raise NotFound()
    found(db, item.problem_id, "mend_problem", actor=actor)
    if item.state not in (OPEN, RETURNED):
        raise RectificationNotMovable(state=item.state, move="show")


def _hold_inspection(db: Connection, inspection_id: UUID, *, actor: Actor) -> None:
    inspection = db.execute(select(inspections).where(inspections.c.id == inspection_id)).one_or_none()
    if inspection is None:
        raise NotFound()
    if inspection.by_id != actor.person_id or not actor.paths_for("record_inspection"):
        raise Forbidden()


def _hold_consequence(db: Connection, consequence_id: UUID, *, actor: Actor) -> None:
    if must_fulfil(db, consequence_id, actor=actor).state != DUE:
        raise EvidenceKept()


def _hold_task(db: Connection, task_id: UUID, *, actor: Actor) -> None:
    db.execute(select(tasks.c.id).where(tasks.c.id == task_id).with_for_update())
    task = task_row(db, task_id)
    if task is None:
        raise NotFound()
    actor.must("do_task", branch=task.path)
    if task.evidence == "record":
        raise TaskNeedsRecord()
    if task.state not in OPEN_STATES:
        raise EvidenceKept()


def _hold_weak_item(db: Connection, item_id: UUID, *, actor: Actor) -> None:
    _, item = locked_with_item(db, item_id, "do_weak_item", actor=actor)
    if item.state != weak.OPEN:
        raise EvidenceKept()


def _hold_review_consequence(db: Connection, consequence_id: UUID, *, actor: Actor) -> None:
    of = review_consequences.c
    db.execute(select(of.id).where(of.id == consequence_id).with_for_update())
    if to_fulfil(db, consequence_id, actor=actor).state != reviewed.DUE:
        raise EvidenceKept()


_HOLDS: Final[dict[str, Callable[..., None]]] = {
    "rectification_id": _hold_rectification,
    "inspection_id": _hold_inspection,
    "consequence_id": _hold_consequence,
    "task_id": _hold_task,
    "weak_item_id": _hold_weak_item,
    "review_consequence_id": _hold_review_consequence,
}
