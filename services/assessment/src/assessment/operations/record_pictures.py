"""Pictures of a record: rows that refer to the file store."""

from datetime import datetime
from uuid import uuid4

from chassis.actors import Actor
from chassis.files import FileStore, store_in
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.record_pictures import (
    RECORD_PICTURES_FOLDER,
    RECORD_PICTURES_MAX,
    AddRecordPicture,
    RemoveRecordPicture,
)
from contracts.assessment.records import RecordView
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.records import CANCELLED
from assessment.operations.records import RecordNotMovable, held
from assessment.queries.records import record_named, view_of
from assessment.tables.records import record_pictures


class TooManyPictures(Refusal):
    """There are {pictures_max} pictures already; remove one first."""


class PictureRepeated(Refusal):
    """This picture is there already."""


def store() -> FileStore:
    """Return the part of the file store in which pictures of records stand."""
    return store_in(RECORD_PICTURES_FOLDER)


def add(db: Connection, files: FileStore, *, asked: AddRecordPicture, actor: Actor, at: datetime) -> RecordView:
    """Add a picture. Raises NotFound, Forbidden, RecordNotMovable, TooManyPictures, PictureRepeated, InvalidInput."""
    row = held(db, asked.record_id, action="write_record", actor=actor)
    if row.record_state == CANCELLED:
        raise RecordNotMovable(state=row.record_state, move="complete")
    picture = asked.picture
    # The names came from the caller: a row may refer only to what is stored.
    absent = [name for name in ("sha256", "thumbnail_sha256") if not files.has(getattr(picture, name))]
    if absent:
        raise InvalidInput({f"picture.{name}": ["No picture of this name is stored."] for name in absent})
    of = record_pictures.c
    there = db.execute(select(func.count()).where(of.activity_id == row.id)).scalar_one()
    if there >= RECORD_PICTURES_MAX:
        raise TooManyPictures(pictures_max=RECORD_PICTURES_MAX)
    new = insert(record_pictures).values(
        id=uuid4(),
        activity_id=row.id,
        sha256=picture.sha256,
        thumbnail_sha256=picture.thumbnail_sha256,
        width=picture.width,
        height=picture.height,
        alt=asked.alt,
        at=at,
        by_id=actor.person_id,
        by_name=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing().returning(of.id)).first() is None:
        raise PictureRepeated()
    return view_of(db, record_named(db, row.id), actor=actor)


def remove(db: Connection, *, asked: RemoveRecordPicture, actor: Actor, at: datetime) -> RecordView:
    """Take a picture away; its files go a day later. Raises NotFound, Forbidden."""
    row = held(db, asked.record_id, action="write_record", actor=actor)
    of = record_pictures.c
    gone = db.execute(delete(record_pictures).where(of.activity_id == row.id, of.id == asked.picture_id))
    if gone.rowcount != 1:
        raise NotFound()
    return view_of(db, record_named(db, row.id), actor=actor)


def referred(db: Connection) -> set[str]:
    """Return the names of all files that a picture refers to."""
    rows = db.execute(select(record_pictures.c.sha256, record_pictures.c.thumbnail_sha256))
    return {name for row in rows for name in row}
