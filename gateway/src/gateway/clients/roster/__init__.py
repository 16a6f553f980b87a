"""The doors of the roster, by what they open on, as its own package `doors` has them."""

from gateway.clients.roster import (
    accounts,
    api_tokens,
    development,
    dues,
    grants,
    identity_providers,
    imports,
    members,
    organisations,
    privacy,
    second_factors,
    sessions,
    stocktakes,
    terms,
    transfers,
)

__all__ = [
    "accounts",
    "api_tokens",
    "development",
    "dues",
    "grants",
    "identity_providers",
    "imports",
    "members",
    "organisations",
    "privacy",
    "second_factors",
    "sessions",
    "stocktakes",
    "terms",
    "transfers",
]
