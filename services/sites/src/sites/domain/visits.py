"""At the door (S8): what is said when a party may not come in, and when it came by which clock. Precise rule 10.

When it may, `sql/check_in.sql` decides under the order's lock: from 30 minutes before the start until the end.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chassis.refusals import Refusal

OPENS_BEFORE: Final = timedelta(minutes=30)
"""Check-in opens this long before the visit's start."""


class VoucherForAnotherSite(Refusal):
    """This voucher is for “{site}”; it cannot be used at your site."""


class VoucherUsed(Refusal):
    """This voucher was used on {used_at} at “{site}” ({count} people, let in by {by})."""


class VoucherCancelled(Refusal):
    """The order is {state} now; its voucher is not valid."""


class TooEarly(Refusal):
    """Too early: the visit starts at {starts_at}, and check-in opens 30 minutes before."""


class TooLate(Refusal):
    """Too late: the visit ended at {ends_at}. Whoever is admitted late is admitted with a reason."""


class OverParty(Refusal):
    """{count} people are more than the {party_size} ordered, and there are no free seats."""


class NotCheckedIn(Refusal):
    """Nobody has been checked in for this order; it cannot be closed."""


class HeadcountOverCheckIn(Refusal):
    """A headcount of {headcount} is more than the {checked_in} people checked in."""


def corrected(device_at: datetime, *, offset_ms: int | None, fallback: timedelta, at: datetime) -> dict[str, Any]:
    """Return when something happened by our clock, with what it was reckoned from, as JSON says it.

    `offset_ms` is our clock less the device's at its last sync, `fallback` the same at this one. A device's clock
    proves nothing: what would have happened after we were told of it happened, at the latest, then.
    """
    offset = fallback if offset_ms is None else timedelta(milliseconds=offset_ms)
    try:
        happened_at = min(device_at.astimezone(UTC) + offset, at)
    except OverflowError:
        happened_at = at
    return {
        "happened_at": happened_at.isoformat(),
        "device_at": device_at.isoformat(),
        "clock_offset_ms": int(offset / timedelta(milliseconds=1)),
    }
