"""A branch's task of a month (A1).

    open ──do──▶ done ──accept──▶ accepted
     │ ▲          │ ▲
     │ │        return do          what was returned is done again
     │ │          ▼ │
     │ │        returned
     │ └──reopen── done, accepted, exempt
     └──exempt──▶ exempt          so does what was returned

Only a task whose list asks for it is accepted or returned. Overdue is no state: it is what the day makes of an open
task. Its colour is that of the health check: done by its day green; open from five days before it yellow; open after
it red; done later yellow. The month's last day is the last that counts: what is done afterwards leaves it red.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from assessment.domain.checks import GREEN, RED, YELLOW
from assessment.domain.months import Month

OPEN, DONE, RETURNED, ACCEPTED, EXEMPT = STATES = ("open", "done", "returned", "accepted", "exempt")

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "do": (frozenset({OPEN, RETURNED}), DONE),
    "accept": (frozenset({DONE}), ACCEPTED),
    "return": (frozenset({DONE}), RETURNED),
    "reopen": (frozenset({DONE, ACCEPTED, EXEMPT}), OPEN),
    "exempt": (frozenset({OPEN, RETURNED}), EXEMPT),
}

YELLOW_DAYS = 5
"""A task due on the 25th turns yellow on the 20th."""


@dataclass(frozen=True)
class Task:
    """A task as far as its colour goes."""

    state: str
    due_on: date
    done_on: date | None = None
    is_required: bool = True


def is_overdue(task: Task, *, today: date) -> bool:
    """Say whether the task is still to be done after its day."""
    return task.state in (OPEN, RETURNED) and today > task.due_on


def colour(task: Task, *, month: Month, today: date) -> str | None:
    """Return the task's colour on a day, and as its month ended once that is over; an exempt task has none."""
    if task.state == EXEMPT:
        return None
    day = min(today, month.last)
    if task.state in (DONE, ACCEPTED) and task.done_on is not None and task.done_on <= day:
        return GREEN if task.done_on <= task.due_on else YELLOW
    if day > task.due_on:
        return RED
    return YELLOW if day >= task.due_on - timedelta(days=YELLOW_DAYS) else GREEN
