"""A site's log of incidents and damage: what happened, what was done, and every follow-up until it is closed."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Text, one_of, optional_text

INCIDENT_KINDS = ("injury", "damage", "lost_item", "complaint", "other")


@dataclass(frozen=True)
class RecordIncident:
    """Write down what happened at a site, in which of its spaces and at which visit where that is known."""

    site_id: UUID
    happened_at: Instant
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(INCIDENT_KINDS))]
    what: Text
    done: Annotated[str | None, optional_text()] = None
    space_id: UUID | None = None
    order_id: UUID | None = None


@dataclass(frozen=True)
class FollowUpIncident:
    """Add to an incident what was done since; with `closed_on` the matter is closed, once."""

    incident_id: UUID
    note: Text
    closed_on: date | None = None


@dataclass(frozen=True)
class IncidentsAsked:
    """A site's incidents, the latest first; `is_open` keeps those that are open, or those that are closed."""

    site_id: UUID
    kind: Annotated[str | None, one_of(INCIDENT_KINDS)] = None
    is_open: Annotated[bool | None, fields.Boolean(load_default=None, allow_none=True)] = None
    limit: Limit = 20
    cursor: str | None = None


@dataclass(frozen=True)
class FollowUpView:
    """What was added to an incident; nothing of it is ever changed."""

    at: Instant
    by: str
    note: str
    closed_on: date | None


@dataclass(frozen=True)
class IncidentView:
    """An incident with its follow-ups, oldest first; closed with the day of the one that closed it."""

    id: UUID
    site_id: UUID
    happened_at: Instant
    kind: str
    space: str | None
    order_id: UUID | None
    branch_name: str | None
    what: str
    done: str | None
    recorded_at: Instant
    by: str
    closed_on: date | None
    follow_ups: list[FollowUpView]
