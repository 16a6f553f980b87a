"""Half-yearly meetings of secretaries (A13): the round's results are their paper."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Text


@dataclass(frozen=True)
class HalfYearMeetingsAsked:
    """The half-yearly meetings of an organisation (of the asker's places if none), the newest first."""

    organisation_id: UUID | None = None


@dataclass(frozen=True)
class HalfYearMeetingAsked:
    """One half-yearly meeting with the paper's figures."""

    meeting_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlanHalfYearMeeting:
    """Plan the meeting of a half-year, once for each."""

    organisation_id: UUID
    year: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))]
    half: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.OneOf((1, 2)))]
    planned_on: date
    agenda: Text


@dataclass(frozen=True)
class HoldHalfYearMeeting:
    """Write down that the meeting was held, and what it said."""

    meeting_id: UUID
    held_on: date
    minutes: Text


@dataclass(frozen=True)
class PrintHalfYearPaper:
    """Draw the meeting's paper."""

    meeting_id: UUID


@dataclass(frozen=True)
class HalfYearLine:
    """What the half-year gave one organisation directly below, with the half-year before in `…_before`."""

    organisation_id: UUID
    name: str
    secretary_name: str | None
    branches: int
    visited: int
    score: float | None
    score_before: float | None
    problems: int
    problems_open: int
    problems_before: int
    cards: int
    green_percent: int | None
    green_percent_before: int | None


@dataclass(frozen=True)
class HalfYearMeetingView:
    """A half-yearly meeting; `lines` in the order of the tree come with one meeting alone."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    year: int
    half: int
    from_day: date
    until_day: date
    planned_on: date
    agenda: str
    held_on: date | None
    minutes: str | None
    made_at: Instant
    made_by: str
    lines: list[HalfYearLine]
    may_hold: bool


@dataclass(frozen=True)
class HalfYearMeetingsView:
    """The meetings, and the organisations for which the asker may plan one."""

    items: list[HalfYearMeetingView]
    may_plan: bool
