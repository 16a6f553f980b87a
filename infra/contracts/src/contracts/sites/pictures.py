"""Pictures of a site (S1): added, ordered, taken away; of its check for a training base; of a visit's closure."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Line, StoredPicture

PICTURE_PURPOSES = ("site", "check", "closure", "field_review")

PICTURES_MAX = 20
"""Of one subject: a site, one of its checks, one visit."""


@dataclass(frozen=True)
class AddPicture:
    """Add a picture at the end of a site's row of pictures; `alt` says what it shows to who does not see it."""

    site_id: UUID
    alt: Line
    picture: StoredPicture


@dataclass(frozen=True)
class OrderPictures:
    """Put a site's pictures into a sequence: all of them, each once."""

    site_id: UUID
    picture_ids: Annotated[
        list[UUID], fields.List(fields.UUID(), required=True, validate=validate.Length(1, PICTURES_MAX))
    ]


@dataclass(frozen=True)
class RemovePicture:
    """Take a picture away from a site."""

    site_id: UUID
    picture_id: UUID


@dataclass(frozen=True)
class PictureView:
    """A picture as it stands on a page: `url` leads to the large one, `thumbnail_url` to the small one."""

    id: UUID
    alt: str
    width: int
    height: int
    url: str
    thumbnail_url: str


@dataclass(frozen=True)
class PicturesView:
    """A site's pictures in their sequence."""

    site_id: UUID
    pictures: list[PictureView]
