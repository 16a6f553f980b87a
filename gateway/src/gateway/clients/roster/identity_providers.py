"""Signing in by an identity provider, and the identities that are bound to accounts."""

from typing import Final
from uuid import UUID, uuid4

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"
PROVIDER_TIMEOUT_S: Final = 25.0
"""Roster asks the provider up to three times."""


def identity_providers(fields: Fields) -> Answer:
    """List the providers to sign in by (ProvidersAsked → ProvidersView)."""
    return call(SERVICE, "identity_providers", fields)


def begin_provider_sign_in(fields: Fields) -> Answer:
    """Begin to sign in at a provider (BeginProviderSignIn → ProviderSignInBegun)."""
    return call(SERVICE, "begin_provider_sign_in", fields, command_id=uuid4(), timeout_s=PROVIDER_TIMEOUT_S)


def finish_provider_sign_in(fields: Fields) -> Answer:
    """Sign in with what the provider sent (FinishProviderSignIn → ProviderSignInFinished)."""
    return call(SERVICE, "finish_provider_sign_in", fields, command_id=uuid4(), timeout_s=PROVIDER_TIMEOUT_S)


def bind_by_password(fields: Fields) -> Answer:
    """Bind the identity to one's account by its password, once (BindByPassword → TokenView)."""
    return call(SERVICE, "bind_by_password", fields, command_id=uuid4())


def read_my_identities(fields: Fields, *, who: Holder) -> Answer:
    """List the identities that are bound to one's own account (MyIdentitiesAsked → IdentitiesView)."""
    return call(SERVICE, "read_my_identities", fields, who=who)


def unbind_my_identity(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Sign in by a provider no more (UnbindMyIdentity → IdentitiesView)."""
    return call(SERVICE, "unbind_my_identity", fields, who=who, command_id=command_id)


def identities(fields: Fields, *, who: Holder) -> Answer:
    """List the identities that are bound to an account (IdentitiesAsked → IdentitiesView)."""
    return call(SERVICE, "identities", fields, who=who)


def bind_identity(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Bind what a provider calls somebody to their account (BindIdentity → IdentitiesView)."""
    return call(SERVICE, "bind_identity", fields, who=who, command_id=command_id)


def unbind_identity(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End that somebody signs in by a provider (UnbindIdentity → IdentitiesView)."""
    return call(SERVICE, "unbind_identity", fields, who=who, command_id=command_id)
