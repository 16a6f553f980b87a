"""Files that show something: that a task or an item is done, how a problem was mended, what an inspection found.

One folder of the file store, one list of kinds of files. A picture is never demanded: wherever a file can be added, a
few sentences do as well.
"""

from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import Instant, StoredFile

EVIDENCE_FOLDER = "mending-evidence"
"""Where in the platform's file store evidence stands; its readers are those of what it shows."""

EVIDENCE_FILES_MAX = 10
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024
EVIDENCE_TYPES = (
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""What is taken in, here and with the reply to a supervision slip."""

EVIDENCE_KEPT = tuple(one for one in EVIDENCE_TYPES if one not in ("image/jpeg", "image/png"))
"""What is stored of them: a picture is encoded anew, as WebP, and says no more where and when it was taken."""

EVIDENCE_SUBJECTS = (
    *("rectification_id", "inspection_id", "consequence_id"),
    *("task_id", "weak_item_id", "review_consequence_id"),
)
"""What a file may show, by the field that names it."""


@dataclass(frozen=True)
class AddEvidence:
    """Add a file that shows something; one of the EVIDENCE_SUBJECTS is named.

    They are a rectification item, an inspection, a consequence of a card, a task of a branch, an item of a weak
    organisation, a consequence of a review.
    """

    file: StoredFile
    rectification_id: UUID | None = None
    inspection_id: UUID | None = None
    consequence_id: UUID | None = None
    task_id: UUID | None = None
    weak_item_id: UUID | None = None
    review_consequence_id: UUID | None = None


@dataclass(frozen=True)
class RemoveEvidence:
    """Take a file away that one added, until what it shows has been reported."""

    evidence_id: UUID


@dataclass(frozen=True)
class EvidenceAsked:
    """A file of evidence."""

    evidence_id: UUID


@dataclass(frozen=True)
class MendingEvidenceView:
    """A file of evidence; `size` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int
    at: Instant
    by_name: str
