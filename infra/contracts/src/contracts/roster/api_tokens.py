"""Access tokens for programs: a person gives one of their own rights, or fewer, for some days.

A token reads `zhd_`, 43 letters and digits of chance, and six that are a checksum of what stands before them: so that
a search for lost secrets finds it by its looks, and a mistyped one is refused without looking it up.
"""

import secrets
import zlib
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, different, one_of
from contracts.roster.sessions import Password
from contracts.token_scopes import SCOPES

START: Final = "zhd_"
TOKEN_STATES = ("in_force", "expired", "ended")
DAYS_MAX = 365
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHANCE: Final = 43
_CHECKSUM: Final = 6


def new_token() -> str:
    """Return a token that nobody has: 256 bits of chance."""
    stem = START + "".join(secrets.choice(_LETTERS) for _ in range(_CHANCE))
    return stem + _checksum(stem)


def looks_whole(token: str) -> bool:
    """Say whether a text has the form of a token and the right checksum."""
    stem = token[:-_CHECKSUM]
    return (
        token.startswith(START)
        and len(token) == len(START) + _CHANCE + _CHECKSUM
        and token.isascii()
        and _checksum(stem) == token[-_CHECKSUM:]
    )


def _checksum(stem: str) -> str:
    number, written = zlib.crc32(stem.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_LETTERS))
        written = _LETTERS[digit] + written
    return written


def _scope() -> fields.List:
    word: Any = fields.String(validate=validate.OneOf(SCOPES, error="This is no scope."))
    return fields.List(word, required=True, validate=[validate.Length(1, 40), different])


@dataclass(frozen=True)
class MakeApiToken:
    """Give a program a token of one's own rights within `scope`, for `days`, perhaps only in a part of the tree.

    Words of a scope: `all`, `visits`, …, each also with `.read` behind it, or the name of an action.
    """

    password: Password
    name: Line
    scope: Annotated[list[str], _scope()]
    days: Annotated[int, fields.Integer(strict=True, required=True, validate=validate.Range(1, DAYS_MAX))]
    organisation_id: UUID | None = None


@dataclass(frozen=True)
class ApiTokenView:
    """A token as its owner and administrators see it: never the token, only the letters it ends with.

    `last_used_at` is right to a minute, `last_used_from` the network it was used from.
    """

    id: UUID
    person_id: UUID
    person_name: str
    name: str
    ends_with: str
    scope: list[str]
    organisation_id: UUID | None
    organisation_name: str | None
    made_at: Instant
    expires_at: Instant
    state: str
    last_used_at: Instant | None
    last_used_from: str | None
    ended_at: Instant | None
    ended_by_name: str | None
    ended_reason: str | None


@dataclass(frozen=True)
class ApiTokenMade:
    """The new token, shown once: it is kept nowhere."""

    token: str
    kept: ApiTokenView


@dataclass(frozen=True)
class MyApiTokensAsked:
    """Which tokens have I given?"""


@dataclass(frozen=True)
class MyApiTokensView:
    """All tokens of the asker, those in force first; how many one may have, and for how many days."""

    tokens: list[ApiTokenView]
    tokens_max: int
    days_max: int


@dataclass(frozen=True)
class EndMyApiToken:
    """End a token of one's own."""

    token_id: UUID


@dataclass(frozen=True)
class ApiTokensAsked:
    """The tokens of the people of the asker's part of the tree, the newest first."""

    state: Annotated[str | None, one_of(TOKEN_STATES)] = None
    person_id: UUID | None = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class EndApiToken:
    """End somebody's token, and say why."""

    token_id: UUID
    reason: Line


@dataclass(frozen=True)
class ExchangeApiToken:
    """A program's token, and the network that the gateway saw it come from."""

    token: Annotated[str, fields.String(required=True, validate=validate.Length(1, 200))]
    address: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 50))] = ""


@dataclass(frozen=True)
class ApiTokenExchanged:
    """What the services take in its place; it never leaves the platform."""

    access_token: str
    expires_in: int
