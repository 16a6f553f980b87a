"""Records of what a branch held."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import HeadcountOrNone, Instant, Limit, Line, Month

ACTIVITY_KINDS = (
    "theme_day",
    "assembly",
    "committee_meeting",
    "group_meeting",
    "lecture",
    "organisational_life_meeting",
)


@dataclass(frozen=True)
class ActivitiesAsked:
    """Activity records of one branch, newest first."""

    branch_id: UUID | None = None
    month: Month | None = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class RecordActivity:
    """Write an activity record by hand."""

    branch_id: UUID
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(ACTIVITY_KINDS))]
    held_on: date
    subject: Line
    attended: HeadcountOrNone


@dataclass(frozen=True)
class ActivityView:
    """One activity record; `order_id` names the visit that wrote it."""

    id: UUID
    branch_id: UUID
    branch_name: str
    kind: str
    state: str
    held_on: date
    subject: str
    place: str | None
    attended: int | None
    order_id: UUID | None
    recorded_at: Instant
    version: int
    extra: dict[str, str] = field(default_factory=dict)
