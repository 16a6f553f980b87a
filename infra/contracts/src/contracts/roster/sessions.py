"""Signing in, and who one is."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Line

PASSWORD_MAX = 200
Password = Annotated[str, fields.String(required=True, validate=validate.Length(1, PASSWORD_MAX))]
Code = Annotated[str, fields.String(required=True, validate=validate.Length(6, 30))]


@dataclass(frozen=True)
class Credentials:
    """Sign in with a user name and a password."""

    username: Line
    password: Password


@dataclass(frozen=True)
class OpenSession(Credentials):
    """Credentials, with what the gateway saw of the asker: what the browser calls itself, and the network it asks from
    (`203.0.113.0/24`)."""

    device: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 300))] = ""
    address: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 50))] = ""


@dataclass(frozen=True)
class PassSecondFactor:
    """Complete the sign-in: the six digits that the authenticator shows now, or one of the recovery codes."""

    code: Code


@dataclass(frozen=True)
class RenewToken:
    """Ask for a fresh access token of the session that the token names."""


@dataclass(frozen=True)
class CloseSession:
    """Sign out."""


@dataclass(frozen=True)
class TokenView:
    """An access token; `expires_in` in seconds.

    `first` names what has to be done before the token opens anything else: `code` (POST
    /sessions/current/second-factor), `password` (POST /me/password), `second_factor` (POST /me/second-factor); null
    when the sign-in is complete.
    """

    access_token: str
    token_type: str
    expires_in: int
    first: str | None = None


@dataclass(frozen=True)
class Nothing:
    """An empty answer."""


@dataclass(frozen=True)
class SignedOut:
    """The session has ended; where to sign out of the identity provider too, for one that came by such a provider."""

    provider_sign_out: str | None = None


@dataclass(frozen=True)
class MeAsked:
    """Who am I?"""


@dataclass(frozen=True)
class GrantView:
    """A role within a part of the tree; one granted for days ends before `active_until`."""

    role: str
    path: str
    organisation_id: UUID | None
    organisation_name: str
    active_until: date | None = None


@dataclass(frozen=True)
class MeView:
    """The signed-in person, their roles with their part of the tree, and the branch they belong to.

    `first` as in TokenView: a person who has it holds no roles yet.
    """

    person_id: UUID
    name: str
    roles: list[GrantView]
    branch_id: UUID | None
    branch_name: str | None
    username: str | None = None
    password_set_at: Instant | None = None
    has_second_factor: bool = False
    first: str | None = None


@dataclass(frozen=True)
class ChangePassword:
    """Choose a new password. All other sessions end; the answer is the token of a new one."""

    password: Password
    new_password: Password


@dataclass(frozen=True)
class MySessionsAsked:
    """Where am I signed in?"""


@dataclass(frozen=True)
class SessionView:
    """A session that lives: since when, when it last asked for a token, from what device and network."""

    id: UUID
    started_at: Instant
    last_renewed_at: Instant
    device: str
    address: str
    with_second_factor: bool
    is_this_one: bool


@dataclass(frozen=True)
class MySessionsView:
    """All living sessions of the asker, the newest first."""

    sessions: list[SessionView]


@dataclass(frozen=True)
class EndMySessions:
    """Sign out elsewhere: of one session, or without `session_id` of all but the one that asks."""

    session_id: UUID | None = None


@dataclass(frozen=True)
class SessionsEnded:
    """How many sessions ended. Their tokens open nothing new after ten minutes, and nothing on money after one."""

    ended: int
