"""Rows with numbers hold from a day on (S9, S11, S12): entered ahead, never changed.

    planned ──its day comes──▶ in_force ──a later row's day comes──▶ past
       └──another row is entered for the same day──▶ replaced

What held until today stays as it was: whoever looks at an old claim or batch finds the numbers that it went by.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

AHEAD_MAX_YEARS: Final = 5
PLANNED: Final = "planned"
IN_FORCE: Final = "in_force"
PAST: Final = "past"
REPLACED: Final = "replaced"
STATES: Final = (PLANNED, IN_FORCE, PAST, REPLACED)

TOO_EARLY: Final = "Choose a day from tomorrow on; what held until today stays as it was."
TOO_FAR: Final = "Choose a day within the next five years."


def fault_of_day(active_from: date, *, today: date) -> str | None:
    """Return what is wrong with the day from which a row shall hold, as a sentence; none when it can be entered."""
    if active_from <= today:
        return TOO_EARLY
    if active_from.year > today.year + AHEAD_MAX_YEARS:
        return TOO_FAR
    return None


def states_of(days: Sequence[date], *, today: date) -> list[str]:
    """Return the state of each row, in the order given: the days of the rows, the first entered first."""
    # Of equal days the one entered last counts, so a later index wins.
    counting = {day: index for index, day in enumerate(days)}
    begun = [day for day in counting if day <= today]
    now = max(begun) if begun else None
    states = []
    for index, day in enumerate(days):
        if counting[day] != index:
            states.append(REPLACED)
        elif day > today:
            states.append(PLANNED)
        else:
            states.append(IN_FORCE if day == now else PAST)
    return states
