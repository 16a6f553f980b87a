"""Documents of dues: receipts, a branch's month, the sums over the tree."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Month, StoredFile
from contracts.roster.members import required

DUES_DOCUMENTS = ("receipts", "statement", "rollup")
DUES_FORMATS = ("pdf", "xlsx")
DUES_FOLDER = "dues"
"""Where in the file store dues' documents stand."""


@dataclass(frozen=True)
class MakeDuesDocument:
    """Have a document drawn: the receipts named, a branch's statement, or the sums of a part of the tree."""

    document: Annotated[str, required(DUES_DOCUMENTS)]
    format: Annotated[str, required(DUES_FORMATS)]
    organisation_id: UUID | None = None
    month: Month | None = None
    receipt_ids: Annotated[list[UUID], fields.List(fields.UUID(), validate=validate.Length(0, 300))] = dataclass_field(
        default_factory=list
    )


@dataclass(frozen=True)
class DuesDocumentAsked:
    """A document that is or was being drawn."""

    job_id: UUID


@dataclass(frozen=True)
class DuesDocumentView:
    """How far a document is; `file` when it is done, `error` when it failed."""

    id: UUID
    state: str
    asked_at: Instant
    file: StoredFile | None
    error: Any
