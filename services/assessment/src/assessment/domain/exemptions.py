"""An exemption from the health check (A4), of a branch or of a member, for whole months.

    applied ──consent──▶ consented ──approve──▶ approved ──end──▶ ended
       │                     │
       ├──refuse─────────────┴─────────────────▶ refused
       └──withdraw (consented too)─────────────▶ withdrawn

The branch's committee consents, the next level approves. It lasts twelve months at most, and a new one may follow it.
It begins with a month that is not over; one that ends early ends with its month, so that no light turns red overnight.
It waives the lights alone: tasks, dues and records stay as they are.
"""

from datetime import date

from assessment.domain.months import Month

APPLIED, CONSENTED, APPROVED, REFUSED, WITHDRAWN, ENDED = STATES = (
    "applied",
    "consented",
    "approved",
    "refused",
    "withdrawn",
    "ended",
)
STANDING = (APPLIED, CONSENTED, APPROVED, ENDED)
"""Of those in these states nobody has two for one month."""
IN_FORCE = (APPROVED, ENDED)

GROUNDS = ("retired", "ill", "abroad", "unsuited")
MONTHS_MAX = 12

MOVES: dict[str, tuple[frozenset[str | None], str]] = {
    "apply": (frozenset({None}), APPLIED),
    "consent": (frozenset({APPLIED}), CONSENTED),
    "approve": (frozenset({CONSENTED}), APPROVED),
    "refuse": (frozenset({APPLIED, CONSENTED}), REFUSED),
    "withdraw": (frozenset({APPLIED, CONSENTED}), WITHDRAWN),
    "end": (frozenset({APPROVED}), ENDED),
}


def ends_with(active_from: date, active_until: date, *, today: date) -> date:
    """Return the day before which an exemption ends that is ended on a day: with that month; at once before it began.

    >>> ends_with(date(2026, 11, 1), date(2027, 11, 1), today=date(2026, 12, 9))
    datetime.date(2027, 1, 1)
    """
    return max(active_from, min(active_until, Month.of(today).next.first if today >= active_from else active_from))
