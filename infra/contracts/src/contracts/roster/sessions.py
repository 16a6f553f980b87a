"""Signing in, and who one is."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Line


@dataclass(frozen=True)
class OpenSession:
    """Sign in with a user name and a password."""

    username: Line
    password: Annotated[str, fields.String(required=True, validate=validate.Length(1, 200))]


@dataclass(frozen=True)
class RenewToken:
    """Ask for a fresh access token of the session that the token names."""


@dataclass(frozen=True)
class CloseSession:
    """Sign out."""


@dataclass(frozen=True)
class TokenView:
    """An access token; `expires_in` in seconds."""

    access_token: str
    token_type: str
    expires_in: int


@dataclass(frozen=True)
class Nothing:
    """An empty answer."""


@dataclass(frozen=True)
class MeAsked:
    """Who am I?"""


@dataclass(frozen=True)
class GrantView:
    """A role within a part of the tree."""

    role: str
    path: str
    organisation_id: UUID | None
    organisation_name: str


@dataclass(frozen=True)
class MeView:
    """The signed-in person, their roles with their part of the tree, and the branch they belong to."""

    person_id: UUID
    name: str
    roles: list[GrantView]
    branch_id: UUID | None
    branch_name: str | None
