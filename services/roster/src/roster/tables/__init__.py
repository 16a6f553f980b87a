"""The roster's tables, a module per noun. The database is the referee: what must never be true is a constraint here.

organisations ─┬─ organisation_history
               ├─ members ── people      a person stands in one branch or in none
               ├─ posts ──── people      who is secretary now, and who was
               └─ grants ─── people ─── accounts ─┬─ sessions
                                                  ├─ second_factors ── recovery_codes
                                                  └─ password_history

The migrations make them, the drift check compares both.
"""

from roster.tables import findings, identity, members, organisations, people
from roster.tables.metadata import metadata

__all__ = ["findings", "identity", "members", "metadata", "organisations", "people"]
