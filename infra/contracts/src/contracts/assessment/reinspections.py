"""Re-inspections every two years (A13): does the same problem come back?"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Text, one_of


@dataclass(frozen=True)
class ReinspectionsAsked:
    """The re-inspections below an organisation (below the asker's places if none), in the order of the tree."""

    organisation_id: UUID | None = None
    state: Annotated[str | None, one_of(("due", "done"))] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReinspectionAsked:
    """One re-inspection."""

    reinspection_id: UUID


@dataclass(frozen=True)
class PlanReinspections:
    """Plan those of a year: every branch below the organisation whose last one lies the rule's years back, or that
    never had one. What is planned already stays."""

    organisation_id: UUID
    year: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))]


@dataclass(frozen=True)
class ReinspectionsPlannedView:
    """How many were planned."""

    planned: int


@dataclass(frozen=True)
class RecordReinspection:
    """Record what a re-inspection found; which problems came back the platform finds by kind and text."""

    reinspection_id: UUID
    done_on: date
    found: Text


@dataclass(frozen=True)
class CameBackView:
    """A problem of the time since the last one, and the earlier one that it is again."""

    problem_id: UUID
    kind_name: str
    text: str
    found_on: date
    earlier_text: str
    earlier_found_on: date
    is_same_kind: bool
    similarity: float


@dataclass(frozen=True)
class ReinspectionView:
    """A re-inspection; `again` comes with one alone."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    state: str
    due_on: date
    is_overdue: bool
    since: date
    opened_at: Instant
    done_on: date | None
    found: str | None
    done_by: str | None
    again: list[CameBackView]
    may_record: bool
