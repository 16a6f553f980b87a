"""Signing in by an identity provider of the unit (OpenID Connect), and whose account such an identity is bound to."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Line
from contracts.roster.sessions import Password, TokenView

SUBJECT_MAX = 255


def _text(most: int) -> Any:
    return fields.String(required=True, validate=validate.Length(1, most))


def _seen(most: int) -> Any:
    return fields.String(load_default="", validate=validate.Length(0, most))


@dataclass(frozen=True)
class ProvidersAsked:
    """By which providers can one sign in?"""


@dataclass(frozen=True)
class ProviderView:
    """A provider: its name in addresses, and what people call it."""

    name: str
    title: str


@dataclass(frozen=True)
class ProvidersView:
    """The providers that the operator has set up; none by default."""

    providers: list[ProviderView]


@dataclass(frozen=True)
class BeginProviderSignIn:
    """Begin to sign in at a provider."""

    provider: Annotated[str, _text(40)]


@dataclass(frozen=True)
class ProviderSignInBegun:
    """Where the browser goes, and what it has to bring back; `binding` stays in the browser that began."""

    address: str
    state: str
    binding: str


@dataclass(frozen=True)
class FinishProviderSignIn:
    """What the provider sent the browser back with, and what the browser kept."""

    code: Annotated[str, _text(4096)]
    state: Annotated[str, _text(200)]
    binding: Annotated[str, _text(200)]
    device: Annotated[str, _seen(300)] = ""
    address: Annotated[str, _seen(50)] = ""


@dataclass(frozen=True)
class ProviderSignInFinished:
    """The token of the new session; or, for somebody to whom no account is bound yet, a ticket for BindByPassword."""

    token: TokenView | None
    ticket: str | None
    provider: str
    provider_title: str


@dataclass(frozen=True)
class BindByPassword:
    """Bind the identity of the ticket to one's account, once, by its password, and its code where it has one."""

    ticket: Annotated[str, _text(200)]
    username: Line
    password: Password
    code: Annotated[str, _seen(30)] = ""
    device: Annotated[str, _seen(300)] = ""
    address: Annotated[str, _seen(50)] = ""


@dataclass(frozen=True)
class BindIdentity:
    """Bind what a provider calls somebody (`subject`) to their account, and say why."""

    person_id: UUID
    provider: Annotated[str, _text(40)]
    subject: Annotated[str, fields.String(required=True, validate=validate.Regexp(r"^[!-~]{1,255}\Z"))]
    reason: Line


@dataclass(frozen=True)
class UnbindIdentity:
    """End that somebody can sign in by a provider, and say why."""

    person_id: UUID
    identity_id: UUID
    reason: Line


@dataclass(frozen=True)
class MyIdentitiesAsked:
    """By which providers can I sign in?"""


@dataclass(frozen=True)
class UnbindMyIdentity:
    """Sign in by that provider no more."""

    identity_id: UUID


@dataclass(frozen=True)
class IdentitiesAsked:
    """By which providers can somebody sign in?"""

    person_id: UUID


@dataclass(frozen=True)
class IdentityView:
    """An identity elsewhere that is bound to an account; `bound_by_name` is the person's own name after a proof."""

    id: UUID
    provider: str
    issuer: str
    subject: str
    bound_at: Instant
    bound_by_name: str | None
    last_used_at: Instant | None


@dataclass(frozen=True)
class IdentitiesView:
    """All identities that are bound to an account."""

    identities: list[IdentityView]
