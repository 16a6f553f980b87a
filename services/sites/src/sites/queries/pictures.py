"""The pictures of a subject in their sequence, and where the gateway serves them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from contracts.sites.pictures import PictureView
from contracts.sites.visits import VisitPicturesView
from sqlalchemy import Connection, text

from sites.queries.orders import order_for

CLOSURE: Final = "closure"
ADDRESS: Final = "/api/v1/pictures/"
ENDING: Final = ".webp"

AS_JSON: Final = """
(SELECT coalesce(json_agg(json_build_object('id', p.id, 'alt', p.alt, 'width', p.width, 'height', p.height,
    'sha256', p.sha256, 'thumbnail_sha256', p.thumbnail_sha256) ORDER BY p.position), '[]')
   FROM pictures p WHERE p.purpose = '{purpose}' AND p.subject_id = {subject})
"""
"""A subject's pictures as a column of another query, for `view_of`."""

_OF = text("""
SELECT id, alt, width, height, sha256, thumbnail_sha256 FROM pictures
 WHERE purpose = :purpose AND subject_id = :subject ORDER BY position
""")


def pictures_of(db: Connection, purpose: str, subject_id: UUID) -> list[PictureView]:
    """Return the pictures of a site, a check or a visit, in their sequence."""
    rows = db.execute(_OF, {"purpose": purpose, "subject": subject_id})
    return [view_of(row._mapping) for row in rows]


def of_visit(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> VisitPicturesView:
    """Return what was photographed at a visit, to those who may read its check-ins. Raises NotFound, Forbidden."""
    order_for(db, order_id, actor=actor, action="read_check_ins", at=at)
    return VisitPicturesView(order_id, pictures_of(db, CLOSURE, order_id))


def view_of(row: Any) -> PictureView:
    """Return a picture's row, or its JSON, as it is shown."""
    return PictureView(
        id=row["id"],
        alt=row["alt"],
        width=row["width"],
        height=row["height"],
        url=f"{ADDRESS}{row['sha256']}{ENDING}",
        thumbnail_url=f"{ADDRESS}{row['thumbnail_sha256']}{ENDING}",
    )
