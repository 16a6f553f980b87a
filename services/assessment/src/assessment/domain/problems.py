"""A problem of an organisation (A9): found at a round, an inspection or by a light, kept until it is mended.

    open ──mend──▶ mending ──close──▶ mended
     │              │  ▲                │
     │              │  └────rebound─────┘      by the escalation of its card
     └──withdraw────┴──▶ withdrawn             registered by mistake

Its state follows its rectification's, in the same transaction.
"""

from typing import Final

OPEN, MENDING, MENDED, WITHDRAWN = STATES = ("open", "mending", "mended", "withdrawn")

SOURCES: Final = ("round_visit", "spot_check", "superior_inspection", "supervision", "sampling", "light")
"""Where a problem comes from."""

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "mend": (frozenset({OPEN}), MENDING),
    "close": (frozenset({MENDING}), MENDED),
    "rebound": (frozenset({MENDED}), MENDING),
    "withdraw": (frozenset({OPEN, MENDING}), WITHDRAWN),
}

SIMILAR: Final = 0.3
"""From which similarity of their trigrams two texts speak of the same; PostgreSQL's own threshold."""
