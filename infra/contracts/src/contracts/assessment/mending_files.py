"""The register of problems as a workbook, and the naming bulletin of a supervision month as PDF: made by *work*."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.problems import PROBLEM_FILTERS, PROBLEM_SOURCES
from contracts.envelope import Instant, StoredFile, one_of

MENDING_FILES_FOLDER = "mending-files"


@dataclass(frozen=True)
class MakeProblemWorkbook:
    """Have the register written as a workbook: the problems, and their counts by type, part and source."""

    organisation_id: UUID | None = None
    kind: Annotated[str | None, fields.String(load_default=None, validate=validate.Length(1, 40))] = None
    source: Annotated[str | None, one_of(PROBLEM_SOURCES)] = None
    state: Annotated[str | None, one_of(PROBLEM_FILTERS)] = None
    from_day: date | None = None
    until_day: date | None = None


@dataclass(frozen=True)
class DrawSampleBulletin:
    """Have the bulletin of a draw drawn as PDF: issued as it was, or a draft of what it would say now."""

    sample_id: UUID


@dataclass(frozen=True)
class MendingFileAsked:
    """A file of one's own that is or was being made."""

    job_id: UUID


@dataclass(frozen=True)
class MendingFileView:
    """How far a file is; `file` when it is done, `error` when it failed. `done` in rows or pages."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
