"""A supervision slip (督办单): somebody shall mend something by a day, and shows that it is mended (A5).

    issued ──reply──▶ replied ──accept──▶ closed
      │                │  ▲ │
      │           return  │ └──withdraw──▶ withdrawn     so are issued and returned ones
      │                ▼  │
      │             returned                             a reply to what was given back
      └──withdraw──▶ withdrawn

Overdue is no state: it is what the day makes of a slip that waits for its reply. It is escalated by a timer: first to
the organisation above, then every few days to the next one above that. What is closed or withdrawn never changes.
"""

from datetime import date

ISSUED, REPLIED, RETURNED, CLOSED, WITHDRAWN = STATES = ("issued", "replied", "returned", "closed", "withdrawn")
AWAITING = (ISSUED, RETURNED)
"""The states in which the slip waits for its reply."""

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "reply": (frozenset({ISSUED, RETURNED}), REPLIED),
    "accept": (frozenset({REPLIED}), CLOSED),
    "return": (frozenset({REPLIED}), RETURNED),
    "withdraw": (frozenset({ISSUED, REPLIED, RETURNED}), WITHDRAWN),
}

STEPS = ("issue", *MOVES, "escalate")
"""What a slip's history tells: its beginning, its moves, and that it was escalated, which is no move."""

LEVEL_MAX = 5


def is_overdue(state: str, due_on: date, *, today: date) -> bool:
    """Say whether the slip waits for its reply after its day."""
    return state in AWAITING and today > due_on


def level(due_on: date, *, today: date, every_days: int) -> int:
    """Return how far up a slip that is not answered has to be told of by `today`; 0 while it is not overdue."""
    late = (today - due_on).days
    return 0 if late <= 0 else min(LEVEL_MAX, 1 + (late - 1) // every_days)
