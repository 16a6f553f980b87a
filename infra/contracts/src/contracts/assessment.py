"""What the assessment says and hears: activity records and lights."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import HeadcountOrNone, Instant, Limit, Line, Month, one_of

LIGHTS = ("green", "yellow", "red")
ACTIVITY_KINDS = (
    "theme_day",
    "assembly",
    "committee_meeting",
    "group_meeting",
    "lecture",
    "organisational_life_meeting",
)


@dataclass(frozen=True)
class LightAsked:
    """One branch's light for a month; the current month when none is named."""

    branch_id: UUID
    month: Month | None = None


@dataclass(frozen=True)
class LightsAsked:
    """The lights of all branches below the asker's place in the tree."""

    month: Month | None = None
    light: Annotated[str | None, one_of(LIGHTS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class ReadingView:
    """What one check reads: the light, why, and what turns it green. Sentences in Chinese and English."""

    check: str
    title_zh: str
    title_en: str
    light: str
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True)
class LightView:
    """A branch's light for a month with its readings; the worst one decides."""

    branch_id: UUID
    branch_name: str
    month: str
    light: str
    readings: list[ReadingView]
    frozen: bool
    computed_at: Instant


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
