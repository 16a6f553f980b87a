"""The code on the screen at the door (S8): six digits made from the site's secret and the minute.

It is the time-based one-time password of RFC 6238 with SHA-256 and steps of 60 seconds. The code of the step before is
taken as well, so that whoever reads it in its last second has a minute to type it.
"""

import hashlib
import hmac
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

STEP: Final = timedelta(seconds=60)
DIGITS: Final = 6
SECRET_BYTES: Final = 32
TRIES_MAX: Final = 5
TRIES_WITHIN: Final = timedelta(minutes=10)
"""Two of a million codes are right at a time: whoever types five every ten minutes, all day, finds one in two years."""


class DoorCodeWrong(Refusal):
    """This is not the code that the door shows now; it changes every minute. Scan it anew, or type the six digits."""


class TooManyDoorCodes(Refusal):
    """Too many wrong codes; try again after {until}, or ask the steward."""


class NoOrderToday(Refusal):
    """You have nothing to check in at “{site}” today; ask your branch to name you, or the steward to let you in."""


class AlreadyInside(Refusal):
    """Checked in already on {used_at} at “{site}” ({count} people, let in by {by}); nothing more is to be done."""


def code_at(secret: bytes, at: datetime) -> str:
    """Return the code that is shown at an instant (RFC 4226, section 5.3: dynamic truncation)."""
    return _code(secret, _step(at))


def is_shown(secret: bytes, typed: str, at: datetime) -> bool:
    """Say whether what was typed is the code of this step or of the one before; spaces and wide digits are fine."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign.isdecimal())
    step = _step(at)
    # Both are compared, and each in constant time: how long it takes tells nothing.
    found = [hmac.compare_digest(digits.encode(), _code(secret, step - back).encode()) for back in (0, 1)]
    return any(found)


def step_began(at: datetime) -> datetime:
    """Return when the code that is shown at an instant began to be shown."""
    return datetime.fromtimestamp(_step(at) * STEP.total_seconds(), UTC)


def _step(at: datetime) -> int:
    return int(at.timestamp() // STEP.total_seconds())


def _code(secret: bytes, step: int) -> str:
    digest = hmac.new(secret, step.to_bytes(8, "big", signed=True), hashlib.sha256).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
