"""Reminder talks with the secretaries of branches that were red for two frozen months running (A5)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from contracts.envelope import Instant, Limit, Line, Text, one_of

TALK_STATES: Final = ("due", "held")
TALK_FILTERS: Final = ("due", "overdue", "held")


@dataclass(frozen=True)
class TalksAsked:
    """Reminder talks that the asker may see, the one due first at the top."""

    organisation_id: UUID | None = None
    branch_id: UUID | None = None
    state: Annotated[str | None, one_of(TALK_FILTERS)] = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class TalkAsked:
    """One reminder talk."""

    talk_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecordTalk:
    """Record a talk that was held: when, by whom, with whom, what was said, what was promised. It closes the talk."""

    talk_id: UUID
    held_on: date
    held_by: Line
    with_name: Line
    said: Text
    promised: Text


@dataclass(frozen=True)
class TalkView:
    """A reminder talk: the branch, its red months, by when; once held its record."""

    id: UUID
    branch_id: UUID
    branch_name: str
    months: list[str]
    secretary_name: str | None
    opened_at: Instant
    due_on: date
    state: str
    is_overdue: bool
    held_on: date | None
    held_by: str | None
    with_name: str | None
    said: str | None
    promised: str | None
    recorded_by: str | None
    recorded_at: Instant | None
    may_record: bool
