"""The roster's tables, a module per noun. The database is the referee: what must never be true is a constraint here.

organisations ─┬─ organisation_history
               ├─ members ── people      a person stands in one branch or in none
               ├─ membership_periods     and stood in one before
               ├─ developments           who is on the way to become a member
               ├─ transfers              who is on the way to another branch
               ├─ stocktakes             what a branch signed for each year
               ├─ standings              who stands otherwise than the other services were told
               ├─ terms ── term_shifts   how long a committee is in office, and who moved its end
               ├─ elections ─┬─ election_steps, election_candidates
               │             └─ election_meetings, election_ballots ── election_votes
               ├─ imports ─── import_rows    files that are taken over, and what stands in them
               ├─ posts ──── people      who is secretary now, and who was
               └─ grants ─── people ─── accounts ─┬─ sessions
                                                  ├─ api_tokens · external_identities
                                                  ├─ second_factors ── recovery_codes
                                                  └─ password_history

The migrations make them, the drift check compares both.
"""

from roster.tables import (
    development,
    dues,
    elections,
    findings,
    identity,
    imports,
    members,
    organisations,
    people,
    privacy,
    standings,
    stocktakes,
    terms,
    tokens,
    transfers,
)
from roster.tables.metadata import metadata

__all__ = [
    "development",
    "dues",
    "elections",
    "findings",
    "identity",
    "imports",
    "members",
    "metadata",
    "organisations",
    "people",
    "privacy",
    "standings",
    "stocktakes",
    "terms",
    "tokens",
    "transfers",
]
