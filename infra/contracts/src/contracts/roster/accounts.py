"""Accounts, as an administrator sees them within their part of the tree."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of
from contracts.roster.sessions import GrantView, SessionView

ACCOUNT_STATES = ("open", "locked", "closed")
ACCOUNT_MOVES = (
    "open",
    "reopen",
    "lock",
    "unlock",
    "close",
    "reset_password",
    "remove_second_factor",
    "end_sessions",
    "bind_identity",
    "unbind_identity",
    "recover",
)
Username = Annotated[
    str,
    fields.String(
        required=True,
        validate=validate.Regexp(
            r"^[A-Za-z0-9][A-Za-z0-9._-]{1,39}\Z",
            error="A user name has 2 to 40 letters, digits, dots, hyphens or underscores.",
        ),
    ),
]


@dataclass(frozen=True)
class PeopleAsked:
    """People whose name or user name begins with `q`, within the asker's part of the tree."""

    q: Annotated[str, fields.String(required=True, validate=validate.Length(1, 50))]
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class PersonView:
    """Somebody of the roster: their branch, and their account when they have one."""

    id: UUID
    name: str
    branch_id: UUID | None
    branch_name: str | None
    username: str | None
    account_state: str | None


@dataclass(frozen=True)
class AccountsAsked:
    """The accounts of the asker's part of the tree, by user name."""

    state: Annotated[str | None, one_of(ACCOUNT_STATES)] = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class AccountView:
    """An account: `must_change` says that the first password still has to be changed."""

    person_id: UUID
    name: str
    username: str
    state: str
    branch_id: UUID | None
    branch_name: str | None
    must_change: bool
    has_second_factor: bool
    last_sign_in_at: Instant | None


@dataclass(frozen=True)
class AccountAsked:
    """One account."""

    person_id: UUID


@dataclass(frozen=True)
class AccountMoveView:
    """What was done to an account: when, by whom, why."""

    move: str
    at: Instant
    by_name: str | None
    reason: str


@dataclass(frozen=True)
class AccountRecord:
    """An account with its roles in force, its living sessions, and what was done to it, the newest first.

    `may_administer` is false when a role of the person lies outside the asker's part of the tree.
    """

    account: AccountView
    roles: list[GrantView]
    sessions: list[SessionView]
    moves: list[AccountMoveView]
    may_administer: bool


@dataclass(frozen=True)
class OpenAccount:
    """Open an account for a person of the roster, or open a closed one again."""

    person_id: UUID
    username: Username
    reason: Line


@dataclass(frozen=True)
class AccountStep:
    """Do something to an account, and say why."""

    person_id: UUID
    reason: Line


@dataclass(frozen=True)
class FirstPassword:
    """The account with its first password, which is shown once and has to be changed at the first sign-in."""

    person_id: UUID
    username: str
    first_password: str
