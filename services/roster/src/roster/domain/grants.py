"""Who may give which role where, and for which days.

A role is given at a node at or below one's own, never to oneself, never one that `contracts.rights.MAY_GRANT` does not
name. A grant holds from a day until before another, or until it is ended; it is never deleted.

    to_come ──the day comes──▶ in_force ──the last day is over──▶ ended
       └────────────────────────end──────────────────────────────▲
"""

from datetime import date, timedelta
from typing import Final

from chassis.refusals import Refusal

DEPUTY_MAX: Final = timedelta(days=366)
AHEAD_MAX: Final = timedelta(days=366)


class NotYoursToGive(Refusal):
    """Your roles do not let you give or end the role of {role} here."""


class NotToOneself(Refusal):
    """Nobody gives a role to themselves, or takes one from themselves; ask somebody else who may."""


class GrantedAlready(Refusal):
    """{name} holds this role here for some of these days already."""


class GrantEnded(Refusal):
    """This grant has ended."""


class NotTheSecretary(Refusal):
    """Only who holds the post of secretary of this branch names a deputy for it."""


class PersonUnknown(Refusal):
    """This person is not in your part of the tree."""


def faults_of_days(*, first: date, until: date | None, is_for_days: bool, today: date) -> dict[str, list[str]]:
    """Return what is wrong with the days of a new grant, by field."""
    if first < today:
        return {"active_from": ["The first day must be today or later."]}
    if first - today > AHEAD_MAX:
        return {"active_from": ["At most a year ahead."]}
    if until is not None and until <= first:
        return {"active_until": ["The last day is before the first."]}
    if is_for_days and until is None:
        return {"active_until": ["A deputy is named until a day."]}
    if is_for_days and until is not None and until - first > DEPUTY_MAX:
        return {"active_until": ["A deputy is named for at most a year."]}
    return {}
