"""The doors of the roster, by what they open on, as its own package `doors` has them."""

from gateway.clients.roster import (
    accounts,
    development,
    grants,
    imports,
    members,
    organisations,
    second_factors,
    sessions,
    stocktakes,
    transfers,
)

__all__ = [
    "accounts",
    "development",
    "grants",
    "imports",
    "members",
    "organisations",
    "second_factors",
    "sessions",
    "stocktakes",
    "transfers",
]
