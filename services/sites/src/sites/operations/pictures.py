"""Pictures of a site, of a check, of a visit: rows that refer to the file store (S1, S8, S14).

Whoever adds, orders or removes pictures of a site locks the site's row first, so that positions stay a sequence; the
table allows each position once and none above the maximum.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.files import FileStore
from chassis.pictures import FOLDER
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.envelope import StoredPicture
from contracts.sites.pictures import PICTURES_MAX, AddPicture, OrderPictures, PicturesView, RemovePicture
from sqlalchemy import Connection, delete, insert, select, text

from sites.queries.pictures import pictures_of
from sites.queries.site_records import record_for
from sites.tables.pictures import pictures
from sites.tables.places import site_history

SITE: Final = "site"


class TooManyPictures(Refusal):
    """There are {pictures_max} pictures already; remove one first."""


class PictureRepeated(Refusal):
    """This picture is there already."""


class PicturesDiffer(Refusal):
    """Name each of the pictures once; they are others now, reload them."""


def must_be_stored(files: FileStore, given: Sequence[StoredPicture]) -> None:
    """Refuse pictures whose files the store does not hold: their names came from the caller. Raises InvalidInput."""
    store = FileStore(files.folder / FOLDER)
    errors = {
        f"pictures.{number}.{name}": ["No picture of this name is stored."]
        for number, picture in enumerate(given)
        for name in ("sha256", "thumbnail_sha256")
        if not store.has(getattr(picture, name))
    }
    if errors:
        raise InvalidInput(errors)


def add(db: Connection, *, asked: AddPicture, actor: Actor, at: datetime) -> PicturesView:
    """Add a picture to a site. Raises NotFound, Forbidden, TooManyPictures, PictureRepeated."""
    kept = record_for(db, asked.site_id, actor=actor, action="edit_site")
    attach(db, asked.picture, site_id=kept.id, purpose=SITE, subject_id=kept.id, alt=asked.alt, actor=actor, at=at)
    _note(db, kept, "add_picture", asked.alt, actor=actor, at=at)
    return PicturesView(kept.id, pictures_of(db, SITE, kept.id))


def attach(
    db: Connection,
    picture: StoredPicture,
    *,
    site_id: UUID,
    purpose: str,
    subject_id: UUID,
    alt: str,
    actor: Actor,
    at: datetime,
) -> UUID:
    """Write the row that refers to a stored picture, at the end of its subject's row; who may was asked before.

    `subject_id` is the site's, the check's or the order's, as `purpose` says. Raises TooManyPictures, PictureRepeated.
    """
    _lock(db, site_id)
    there = db.execute(
        select(pictures.c.sha256, pictures.c.position).where(
            pictures.c.purpose == purpose, pictures.c.subject_id == subject_id
        )
    ).all()
    if len(there) >= PICTURES_MAX:
        raise TooManyPictures(pictures_max=PICTURES_MAX)
    if any(row.sha256 == picture.sha256 for row in there):
        raise PictureRepeated()
    picture_id = uuid4()
    db.execute(
        insert(pictures).values(
            id=picture_id,
            site_id=site_id,
            purpose=purpose,
            subject_id=subject_id,
            position=max((row.position for row in there), default=0) + 1,
            sha256=picture.sha256,
            thumbnail_sha256=picture.thumbnail_sha256,
            width=picture.width,
            height=picture.height,
            size=picture.size,
            alt=alt,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )
    return picture_id


def order(db: Connection, *, asked: OrderPictures, actor: Actor, at: datetime) -> PicturesView:
    """Put a site's pictures into the sequence. Raises NotFound, Forbidden, PicturesDiffer."""
    kept = record_for(db, asked.site_id, actor=actor, action="edit_site")
    _lock(db, kept.id)
    there = [picture.id for picture in pictures_of(db, SITE, kept.id)]
    if sorted(there) != sorted(asked.picture_ids):
        raise PicturesDiffer()
    _number(db, asked.picture_ids)
    _note(db, kept, "order_pictures", None, actor=actor, at=at)
    return PicturesView(kept.id, pictures_of(db, SITE, kept.id))


def remove(db: Connection, *, asked: RemovePicture, actor: Actor, at: datetime) -> PicturesView:
    """Take a picture away; its files go a day later. Raises NotFound, Forbidden."""
    kept = record_for(db, asked.site_id, actor=actor, action="edit_site")
    _lock(db, kept.id)
    gone = db.execute(
        delete(pictures)
        .where(pictures.c.id == asked.picture_id, pictures.c.purpose == SITE, pictures.c.subject_id == kept.id)
        .returning(pictures.c.alt)
    ).scalar_one_or_none()
    if gone is None:
        raise NotFound()
    _number(db, [picture.id for picture in pictures_of(db, SITE, kept.id)])
    _note(db, kept, "remove_picture", gone, actor=actor, at=at)
    return PicturesView(kept.id, pictures_of(db, SITE, kept.id))


def referred(db: Connection) -> set[str]:
    """Return the names of all files that a picture refers to."""
    rows = db.execute(select(pictures.c.sha256, pictures.c.thumbnail_sha256))
    return {name for row in rows for name in row}


def _lock(db: Connection, site_id: UUID) -> None:
    db.execute(text("SELECT 1 FROM sites WHERE id = :id FOR NO KEY UPDATE"), {"id": site_id})


def _number(db: Connection, picture_ids: Sequence[UUID]) -> None:
    """Number the pictures from one; the constraint on positions is judged at the end of the statement."""
    db.execute(
        text(
            "UPDATE pictures SET position = given.position"
            " FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS given (id, position) WHERE pictures.id = given.id"
        ),
        {"ids": list(picture_ids)},
    )


def _note(db: Connection, kept: Any, move: str, reason: str | None, *, actor: Actor, at: datetime) -> None:
    step = {"move": move, "state": kept.state, "at": at, "by_id": actor.person_id, "by_name": actor.name}
    db.execute(insert(site_history).values(site_id=kept.id, **step, reason=reason))
