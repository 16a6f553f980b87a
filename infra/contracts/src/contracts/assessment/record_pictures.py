"""Pictures of a record: never asked for, taken when a branch wants to show some. Only its readers see them."""

from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import Line, StoredPicture

RECORD_PICTURES_FOLDER = "record-pictures"
"""Where in the platform's file store they stand, apart from the pictures that everybody may see."""

RECORD_PICTURES_MAX = 20


@dataclass(frozen=True)
class AddRecordPicture:
    """Add a picture to a record; `alt` says what it shows to who does not see it."""

    record_id: UUID
    alt: Line
    picture: StoredPicture


@dataclass(frozen=True)
class RemoveRecordPicture:
    """Take a picture away from a record."""

    record_id: UUID
    picture_id: UUID


@dataclass(frozen=True)
class RecordPictureView:
    """A picture of a record: `url` leads to the large one, `thumbnail_url` to the small one."""

    id: UUID
    alt: str
    width: int
    height: int
    url: str
    thumbnail_url: str
