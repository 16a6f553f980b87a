"""How long a user name waits after wrong passwords or codes.

Five wrong ones in a row make the name wait a minute; each further one doubles the wait, up to a quarter of an hour.
The row of wrong ones ends with a complete sign-in, or by itself an hour after the last. The numbers are those of the
policy's first row; an administrator sets others.
"""

from datetime import datetime, timedelta

from chassis.refusals import Refusal

from roster.domain.sign_in_policies import DEFAULT, SignInPolicy


class WrongCredentials(Refusal):
    """The user name or the password is not right."""


class WrongCode(Refusal):
    """This code is not right, or it was used already; wait for the next one."""


class TooManyAttempts(Refusal):
    """There were too many attempts; try again in {wait_s} seconds."""


class SessionEnded(Refusal):
    """The session has ended; sign in again."""


class AccountNotOpen(Refusal):
    """This account is locked or closed; ask the administrator of your organisation."""


def wait_after(wrong: int, policy: SignInPolicy = DEFAULT) -> timedelta:
    """Return how long a name waits after so many wrong passwords in a row."""
    if wrong < policy.wrong_max:
        return timedelta(0)
    return min(policy.first_wait * 2 ** min(wrong - policy.wrong_max, 14), policy.longest_wait)


def wrong_in_a_row(wrong: int, *, last_wrong_at: datetime, at: datetime, policy: SignInPolicy = DEFAULT) -> int:
    """Return how many wrong passwords still count."""
    return wrong if at - last_wrong_at < policy.forgotten_after else 0
