"""How problems are mended (A9): measures, a person, a deadline, a report with evidence, acceptance or return."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.envelope import Instant, Line, StoredFile, Text, optional_line, optional_text

EVIDENCE_FOLDER = "mending-evidence"
"""Where in the platform's file store evidence stands; its readers are those of the problem, inspection or card."""

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
EVIDENCE_KEPT = tuple(one for one in EVIDENCE_TYPES if one not in ("image/jpeg", "image/png"))
"""What is stored of them: a picture is encoded anew, as WebP, and says no more where and when it was taken."""

RECTIFICATION_STATES = ("open", "reported", "returned", "accepted", "withdrawn")
RECTIFICATION_MOVES = (*("begin", "plan", "report", "accept", "return", "reopen", "extend", "carry", "withdraw"),)


@dataclass(frozen=True)
class OpenRectification:
    """Have a problem mended by a day; measures and the person in charge may be left to the organisation's plan."""

    problem_id: UUID
    deadline: date
    measures: Annotated[str | None, optional_text()] = None
    in_charge: Annotated[str | None, optional_line(100)] = None


@dataclass(frozen=True)
class PlanRectification:
    """Write down the measures, and who is in charge of them."""

    rectification_id: UUID
    measures: Text
    in_charge: Line


@dataclass(frozen=True)
class ReportRectification:
    """Report that the problem is mended, and how; files that show it are added before."""

    rectification_id: UUID
    text: Text


@dataclass(frozen=True)
class AcceptRectification:
    """Accept what was reported."""

    rectification_id: UUID
    text: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class ReturnRectification:
    """Give a report back to be done better, by a day of its own if one is named."""

    rectification_id: UUID
    reason: Text
    deadline: date | None = None


@dataclass(frozen=True)
class ExtendRectification:
    """Give an item a later deadline, with the reason."""

    rectification_id: UUID
    deadline: date
    reason: Line


@dataclass(frozen=True)
class AddEvidence:
    """Add a file as evidence to an item, an inspection or a card's consequence: one of the three is named."""

    file: StoredFile
    rectification_id: UUID | None = None
    inspection_id: UUID | None = None
    consequence_id: UUID | None = None


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


@dataclass(frozen=True)
class RectificationStepView:
    """A step of an item; `text` is the report, the reason or the plan of it, `deadline` the one that held from then."""

    move: str
    state: str
    at: Instant
    text: str | None
    deadline: date | None
    by_name: str


@dataclass(frozen=True)
class CarriedView:
    """A round, or an inspection, in which an item was open."""

    source_id: UUID
    at: Instant


@dataclass(frozen=True, kw_only=True)
class RectificationView:
    """An item. `steps`, `rounds` and `files` come with one problem alone.

    `returned` counts how often it was given back.
    """

    id: UUID
    state: str
    measures: str | None
    in_charge: str | None
    deadline: date
    is_overdue: bool
    report: str | None
    reported_on: date | None
    accepted_on: date | None
    returned: int
    steps: list[RectificationStepView] = field(default_factory=list)
    rounds: list[CarriedView] = field(default_factory=list)
    files: list[MendingEvidenceView] = field(default_factory=list)
