"""How long a user name waits after wrong passwords, and how long a session lives.

Five wrong passwords in a row make the name wait a minute; each further one doubles the wait, up to a quarter of an
hour. The row of wrong ones ends with a right one, or by itself an hour after the last.
"""

from datetime import datetime, timedelta
from typing import Final

from chassis.refusals import Refusal

WRONG_MAX: Final = 5
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=1)

IDLE_MAX: Final = timedelta(hours=12)
"""A session that nobody renewed for so long has ended."""
SESSION_MAX: Final = timedelta(days=7)
"""No session lives longer, however often it is renewed."""


class WrongCredentials(Refusal):
    """The user name or the password is not right."""


class TooManyAttempts(Refusal):
    """There were too many attempts; try again in {wait_s} seconds."""


class SessionEnded(Refusal):
    """The session has ended; sign in again."""


def wait_after(wrong: int) -> timedelta:
    """Return how long a name waits after so many wrong passwords in a row."""
    if wrong < WRONG_MAX:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(wrong - WRONG_MAX, 10), LONGEST_WAIT)


def wrong_in_a_row(wrong: int, *, last_wrong_at: datetime, at: datetime) -> int:
    """Return how many wrong passwords still count."""
    return wrong if at - last_wrong_at < FORGOTTEN_AFTER else 0
