"""Identity providers of the unit: what the operator says of one, what it proves, and what is said when it does not."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from chassis.refusals import Refusal

SIGN_IN_WITHIN: Final = timedelta(minutes=10)
"""How long somebody may stay at the provider, and how long the ticket for the password is good."""
SKEW: Final = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""


class ProviderUnknown(Refusal):
    """There is no sign-in by this provider here."""


class ProviderAway(Refusal):
    """{provider} does not answer; try again in a moment, or sign in with your password."""


class ProviderNotProved(Refusal):
    """What {provider} answered could not be verified, so nobody is signed in; begin again."""


class SignInNotBegun(Refusal):
    """This sign-in was not begun in this browser, took too long, or is over; begin again."""


class IdentityBound(Refusal):
    """This identity is bound to an account already, or the account to another identity of that provider."""


@dataclass(frozen=True)
class Provider:
    """A provider as the operator describes it; `trusted_*` are what it says of a sign-in with a second factor."""

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str
    trusted_amr: frozenset[str] = frozenset()
    trusted_acr: frozenset[str] = frozenset()
    certificates: str | None = None


@dataclass(frozen=True)
class Proof:
    """Whom a provider says it is, and whether it vouches for a second factor of its own."""

    issuer: str
    subject: str
    vouched: bool


def is_safe(address: str) -> bool:
    """Say whether an address is one over TLS, or on this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"))
    )
