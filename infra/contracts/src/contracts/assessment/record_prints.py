"""Records of the handbook for print: the paper form as PDF, or as a Word document."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, StoredFile

PRINTS_FOLDER = "record-prints"
PRINT_FORMATS = ("pdf", "docx")


@dataclass(frozen=True)
class PrintRecord:
    """Draw the paper form of a record as it is now."""

    record_id: UUID
    format: Annotated[str, fields.String(load_default="pdf", validate=validate.OneOf(PRINT_FORMATS))] = "pdf"


@dataclass(frozen=True)
class PrintHandbook:
    """Draw the records of a branch's year as one book: contents, every record by heading, room for signatures."""

    branch_id: UUID
    year: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))]


@dataclass(frozen=True)
class RecordPrintAsked:
    """A paper form that is or was being drawn."""

    job_id: UUID


@dataclass(frozen=True)
class RecordPrintView:
    """How far a paper form is; `file` when it is done, `error` when it failed. `done` in pages."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
