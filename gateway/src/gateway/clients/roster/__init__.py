"""The doors of the roster, by what they open on, as its own package `doors` has them."""

from gateway.clients.roster import members, organisations, sessions

__all__ = ["members", "organisations", "sessions"]
