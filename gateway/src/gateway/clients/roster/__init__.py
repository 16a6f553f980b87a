"""The doors of the roster, by what they open on, as its own package `doors` has them."""

from gateway.clients.roster import (
    accounts,
    development,
    dues,
    grants,
    members,
    organisations,
    second_factors,
    sessions,
    stocktakes,
    terms,
    transfers,
)

__all__ = [
    "accounts",
    "development",
    "dues",
    "grants",
    "members",
    "organisations",
    "second_factors",
    "sessions",
    "stocktakes",
    "terms",
    "transfers",
]
