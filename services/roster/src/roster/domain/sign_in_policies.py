"""The numbers of signing in, as one policy has them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

HALF_OPEN_MAX: Final = timedelta(minutes=10)
"""How long after the password the code of the second factor may follow."""
STILL_FOLLOWED: Final = timedelta(minutes=1)
"""How long the token of a session that was changed for a new one still leads to that: its answer may have been lost."""


@dataclass(frozen=True)
class SignInPolicy:
    """One policy; what each number means stands in `contracts.roster.sign_in_policies.SignInNumbers`."""

    length_min: int = 10
    remembered: int = 5
    expires_after: timedelta | None = None
    wrong_max: int = 5
    first_wait: timedelta = timedelta(minutes=1)
    longest_wait: timedelta = timedelta(minutes=15)
    forgotten_after: timedelta = timedelta(hours=1)
    idle_max: timedelta = timedelta(hours=12)
    session_max: timedelta = timedelta(days=7)
    second_factor_roles: frozenset[str] = frozenset({"preparer", "approver", "payer", "admin"})
    token_days_max: int = 365
    tokens_max: int = 10

    def demands_second_factor(self, roles: frozenset[str]) -> bool:
        """Say whether somebody with these roles needs a second factor."""
        return not self.second_factor_roles.isdisjoint(roles)


DEFAULT: Final = SignInPolicy()
"""What the first migration set; the rows of `sign_in_policies` decide."""
