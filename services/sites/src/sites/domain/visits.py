"""At the door (S8): when a party may come in, and what is said when it may not. Precise rule 10."""

from datetime import datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

from sites.domain.days import said

EARLY: Final = timedelta(minutes=30)


class VoucherForAnotherSite(Refusal):
    """This voucher is for “{site}”; it cannot be used at your site."""


class VoucherUsed(Refusal):
    """This voucher was used on {used_at} at “{site}” ({count} people)."""


class VoucherCancelled(Refusal):
    """The order is {state} now; its voucher is not valid."""


class TooEarly(Refusal):
    """Too early: the visit starts at {starts_at}, and check-in opens 30 minutes before."""


class TooLate(Refusal):
    """Too late: the visit ended at {ends_at}."""


class OverParty(Refusal):
    """{count} people are more than the {party_size} ordered, and there are no free seats."""


class NotCheckedIn(Refusal):
    """Nobody has been checked in for this order; it cannot be closed."""


class HeadcountOverCheckIn(Refusal):
    """A headcount of {headcount} is more than the {checked_in} people checked in."""


def refuse_unless_open(*, happened_at: datetime, starts_at: datetime, ends_at: datetime) -> None:
    """Raise TooEarly before 30 minutes ahead of the start, TooLate after the end."""
    if happened_at < starts_at - EARLY:
        raise TooEarly(starts_at=said(starts_at))
    if happened_at > ends_at:
        raise TooLate(ends_at=said(ends_at))
