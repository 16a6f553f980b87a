"""The words and files that bulletins, supervision slips and reminder talks share (A5)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Line, StoredFile

EVIDENCE_FOLDER: Final = "slip-evidence"
"""Where in the platform's file store the files stand that replies to slips bring."""
EVIDENCE_MAX: Final = 3
PAPERS_FOLDER: Final = "supervision-papers"
"""Where in the file store the documents stand that are made of bulletins and slips."""

PAPERS: Final = ("bulletin", "slip", "slips", "talks")
PAPER_FORMATS: Final = ("pdf", "xlsx")


@dataclass(frozen=True)
class SupervisionRulesAsked:
    """The numbers of slips and talks, the newest rows first."""


@dataclass(frozen=True)
class SupervisionRuleView:
    """Numbers in force from a day on: how many days a red light's slip gives, a reminder talk, and between two levels
    of escalation; with their source."""

    effective_from: date
    slip_days: int
    talk_days: int
    escalate_days: int
    citation: str
    set_by_name: str | None


@dataclass(frozen=True)
class SupervisionRulesView:
    """The rows of the numbers; the first that is not in the future is in force."""

    rows: list[SupervisionRuleView]
    may_set: bool


def _days(most: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(1, most))


@dataclass(frozen=True, kw_only=True)
class SetSupervisionRule:
    """Enter numbers that are in force from a day to come."""

    effective_from: date
    slip_days: Annotated[int, _days(60)]
    talk_days: Annotated[int, _days(60)]
    escalate_days: Annotated[int, _days(30)]
    citation: Line


@dataclass(frozen=True)
class MakePaper:
    """Have a document made of a bulletin, a slip, the list of slips or that of talks.

    `subject_id` is the bulletin's or the slip's. A slip is made as PDF; the lists as a workbook.
    """

    paper: Annotated[str, fields.String(required=True, validate=validate.OneOf(PAPERS))]
    format: Annotated[str, fields.String(load_default="pdf", validate=validate.OneOf(PAPER_FORMATS))] = "pdf"
    subject_id: UUID | None = None


@dataclass(frozen=True)
class PaperAsked:
    """A document that one has asked for."""

    job_id: UUID


@dataclass(frozen=True)
class PaperView:
    """How far a document is; `file` is none until it is there, `error` none unless it could not be made."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
