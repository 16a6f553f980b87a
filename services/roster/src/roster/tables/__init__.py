"""The roster's tables, a module per noun. The database is the referee: what must never be true is a constraint here.

organisations ─┬─ organisation_history
               ├─ members ── people      a person stands in one branch or in none
               ├─ membership_periods     and stood in one before
               ├─ developments           who is on the way to become a member
               ├─ transfers              who is on the way to another branch
               ├─ stocktakes             what a branch signed for each year
               ├─ imports ─── import_rows    files that are taken over, and what stands in them
               ├─ posts ──── people      who is secretary now, and who was
               └─ grants ─── people ─── accounts ─┬─ sessions
                                                  ├─ second_factors ── recovery_codes
                                                  └─ password_history

The migrations make them, the drift check compares both.
"""

from roster.tables import (
    development,
    findings,
    identity,
    imports,
    members,
    organisations,
    people,
    stocktakes,
    transfers,
)
from roster.tables.metadata import metadata

__all__ = [
    "development",
    "findings",
    "identity",
    "imports",
    "members",
    "metadata",
    "organisations",
    "people",
    "stocktakes",
    "transfers",
]
