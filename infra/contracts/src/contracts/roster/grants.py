"""Roles that people are granted on a part of the tree, from a day on, perhaps until a day."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of
from contracts.rights import MAY_GRANT, ROLES

GRANTABLE = tuple(role for role in ROLES if any(role in given for given in MAY_GRANT.values()))
GRANT_STATES = ("in_force", "to_come", "ended")


@dataclass(frozen=True)
class GrantsAsked:
    """The grants of the asker's part of the tree, the newest first; by state, role or person."""

    state: Annotated[str | None, one_of(GRANT_STATES)] = None
    role: Annotated[str | None, one_of(GRANTABLE)] = None
    person_id: UUID | None = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class GrantRole:
    """Grant a role at an organisation and all below it, from a day (today when left out) until before another."""

    person_id: UUID
    role: Annotated[str, fields.String(required=True, validate=validate.OneOf(GRANTABLE))]
    organisation_id: UUID
    ground: Line
    active_from: date | None = None
    active_until: date | None = None


@dataclass(frozen=True)
class EndGrant:
    """End a grant now, and say why; it stays on record."""

    grant_id: UUID
    reason: Line


@dataclass(frozen=True)
class GrantRecord:
    """A grant: to whom, what, where, for which days, by whom, on which ground, and how it ended."""

    id: UUID
    person_id: UUID
    person_name: str
    role: str
    organisation_id: UUID
    organisation_name: str
    active_from: date
    active_until: date | None
    ground: str
    granted_at: Instant
    granted_by_name: str | None
    ended_at: Instant | None
    ended_by_name: str | None
    ended_reason: str | None
    state: str
    may_end: bool
