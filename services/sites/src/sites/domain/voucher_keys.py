"""The life of a key that signs vouchers (S8).

    next ──sign──▶ signing ──retire──▶ retired
      └─────────leak──┴─────────leak────┴──▶ leaked

A key is published to the devices 14 days before it signs, so that one which has not met the network for two weeks
still knows it. A retired one stays on them until the last voucher it may have signed has ended; a leaked one is listed
as such, and whatever it signed is refused. One key signs at a time, and one waits.

The private half is derived from the service's secret and the key's salt: it stands in no table and no file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

NEXT: Final = "next"
SIGNING: Final = "signing"
RETIRED: Final = "retired"
LEAKED: Final = "leaked"
STATES: Final = (NEXT, SIGNING, RETIRED, LEAKED)

MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "sign": ({NEXT}, SIGNING),
    "retire": ({SIGNING}, RETIRED),
    "leak": ({NEXT, SIGNING, RETIRED}, LEAKED),
}

PUBLISHED_BEFORE: Final = timedelta(days=14)
SIGNS_FOR: Final = timedelta(days=90)
SALT_BYTES: Final = 16


class VoucherKeyNotMovable(Refusal):
    """The voucher key is {state} now; it cannot be {move} any more."""


@dataclass(frozen=True)
class Key:
    """A key as its rotation sees it."""

    kid: int
    state: str
    signs_from: datetime


def is_due(key: Key, *, at: datetime) -> bool:
    """Say whether the key that waits begins to sign."""
    return key.signs_from <= at


def successor_signs_from(signing: Key, *, at: datetime) -> datetime | None:
    """Return from when the key after this one signs, once it is time to publish it; None before."""
    ends = signing.signs_from + SIGNS_FOR
    return max(ends, at + PUBLISHED_BEFORE) if at >= ends - PUBLISHED_BEFORE else None
