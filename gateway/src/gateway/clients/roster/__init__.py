"""The doors of the roster, by what they open on, as its own package `doors` has them."""

from gateway.clients.roster import accounts, grants, members, organisations, second_factors, sessions

__all__ = ["accounts", "grants", "members", "organisations", "second_factors", "sessions"]
