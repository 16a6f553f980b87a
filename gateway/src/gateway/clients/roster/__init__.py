"""The doors of the roster, by what they open on, as its own package `doors` has them."""

from gateway.clients.roster import development, members, organisations, sessions, stocktakes, transfers

__all__ = ["development", "members", "organisations", "sessions", "stocktakes", "transfers"]
