"""How a problem is mended (A9): one item from the first deadline to the acceptance, through as many rounds as it takes.

    open ──report──▶ reported ──accept──▶ accepted
     │  ▲               │ ▲                  │
     │  │             return report          │
     │  │               ▼ │                  │
     │  │            returned                │
     │  └───────────reopen────(from all three, by the escalation of the problem's card)
     └──withdraw──▶ withdrawn                so do reported and returned, with their problem

Overdue is no state: it is what the day makes of an item that is not accepted.
"""

from datetime import date, timedelta
from typing import Final

OPEN, REPORTED, RETURNED, ACCEPTED, WITHDRAWN = STATES = ("open", "reported", "returned", "accepted", "withdrawn")

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "report": (frozenset({OPEN, RETURNED}), REPORTED),
    "accept": (frozenset({REPORTED}), ACCEPTED),
    "return": (frozenset({REPORTED}), RETURNED),
    "reopen": (frozenset({REPORTED, RETURNED, ACCEPTED}), OPEN),
    "withdraw": (frozenset({OPEN, REPORTED, RETURNED}), WITHDRAWN),
}

REMARKS = ("begin", "plan", "extend", "carry")
"""Steps of the history that leave the state as it is: its beginning, the plan, a later deadline, the next round."""


REMINDED: Final = timedelta(days=3)
"""So long before its day a branch is reminded of what it has not reported yet."""


def is_overdue(state: str, *, deadline: date, today: date) -> bool:
    """Say whether the branch still owes its report after the day; what is reported in time waits for the officer."""
    return state in (OPEN, RETURNED) and today > deadline
