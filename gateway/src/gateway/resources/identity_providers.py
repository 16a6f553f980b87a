"""The identities elsewhere that are bound to accounts. Signing in by them is for browsers, at /sign-in."""

from contracts.roster.identity_providers import (
    BindIdentity,
    IdentitiesAsked,
    IdentitiesView,
    MyIdentitiesAsked,
    UnbindIdentity,
    UnbindMyIdentity,
)

from gateway.clients import roster
from gateway.nouns import Noun

identities = Noun("identities")

_STANDS_AGAINST = ("not-found", "own-account", "roles-elsewhere")

identities.read(
    "/me/identities",
    roster.identity_providers.read_my_identities,
    needs=("read_my_identities",),
    takes=MyIdentitiesAsked,
    answers=IdentitiesView,
)
identities.act(
    "/me/identities/<uuid:identity_id>/removal",
    roster.identity_providers.unbind_my_identity,
    needs=("unbind_my_identity",),
    takes=UnbindMyIdentity,
    answers=IdentitiesView,
    refusals=("not-found",),
)
identities.read(
    "/accounts/<uuid:person_id>/identities",
    roster.identity_providers.identities,
    needs=("read_accounts",),
    takes=IdentitiesAsked,
    answers=IdentitiesView,
    refusals=("not-found",),
)
identities.act(
    "/accounts/<uuid:person_id>/identities",
    roster.identity_providers.bind_identity,
    needs=("bind_identity",),
    takes=BindIdentity,
    answers=IdentitiesView,
    refusals=(*_STANDS_AGAINST, "provider-unknown", "identity-bound"),
)
identities.act(
    "/accounts/<uuid:person_id>/identities/<uuid:identity_id>/removal",
    roster.identity_providers.unbind_identity,
    needs=("bind_identity",),
    takes=UnbindIdentity,
    answers=IdentitiesView,
    refusals=_STANDS_AGAINST,
)
