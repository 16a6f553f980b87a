"""A member's standing, and how it ends.

             ┌──────── floating ◀──┐
    active ──┤                     ├── each into each of the others, with a day and a reason
             └──────── lost ◀──────┘
      │
      └─ end ─▶ left · deceased · expelled · removed · cancelled (a probation alone) · moved away (by a transfer)

A member who floats or is lost still belongs to the branch and counts there until the branch decides otherwise.
"""

from datetime import date

from chassis.refusals import Refusal


class BeforeItBegan(Refusal):
    """What holds now holds since {since}; a change cannot take effect before that day."""


class NotYet(Refusal):
    """{day} has not come yet; enter it when it has."""


class StateAlready(Refusal):
    """The member is {state} already."""


class OnlyProbation(Refusal):
    """Only a probationary member's probation can be cancelled; a full member leaves, is removed or is expelled."""


class IdentityNumberTaken(Refusal):
    """This identity number is registered already: nobody is entered twice. Ask the organisation department where."""


class FactAlready(Refusal):
    """This is written down for some of these days already; end the earlier entry first."""


class NotAMember(Refusal):
    """This person is no member of a branch now."""


def check_day(day: date, *, since: date | None, today: date) -> None:
    """Raise NotYet or BeforeItBegan unless a change can take effect on a day."""
    if day > today:
        raise NotYet(day=day.isoformat())
    if since is not None and day < since:
        raise BeforeItBegan(since=since.isoformat())
