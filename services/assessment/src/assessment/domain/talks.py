"""The reminder talk with a secretary whose branch was red for two frozen months running (A5, precise rule 12).

    due ──hold──▶ held

An exempt month neither counts nor breaks the run. While a talk is due the branch gets no second one.
"""

from collections.abc import Iterable

from assessment.domain.checks import RED

DUE, HELD = STATES = ("due", "held")

MOVES: dict[str, tuple[frozenset[str], str]] = {"hold": (frozenset({DUE}), HELD)}

EXEMPT = "exempt"
RUN = 2


def red_run(months: Iterable[tuple[str, str]], *, length: int = RUN) -> list[str]:
    """Return the last `length` red months, the oldest first, if they run up to the newest; else none.

    `months` are a branch's frozen ones with their lights (month, light), the newest first.
    """
    found: list[str] = []
    for month, light in months:
        if light == EXEMPT:
            if not found:
                return []  # the newest month itself does not count
            continue
        if light != RED:
            return []
        found.append(month)
        if len(found) == length:
            return found[::-1]
    return []
