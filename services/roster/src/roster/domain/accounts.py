"""An account: opened by an administrator, never by an import.

    open ──lock──▶ locked ──close──▶ closed
      │  ◀─unlock─┘                    │ ▲
      │  ◀───────────reopen────────────┘ │
      └──────────────close───────────────┘

A new first password (`reset_password`) is given to an open account only.
"""

from typing import Final

from chassis.refusals import Refusal

OPEN: Final = "open"
LOCKED: Final = "locked"
CLOSED: Final = "closed"

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "lock": (frozenset({OPEN}), LOCKED),
    "unlock": (frozenset({LOCKED}), OPEN),
    "close": (frozenset({OPEN, LOCKED}), CLOSED),
    "reopen": (frozenset({CLOSED}), OPEN),
    "reset_password": (frozenset({OPEN}), OPEN),
}
"""From which states a move is made, and to which it leads."""


class AccountNotMovable(Refusal):
    """The account is {state}; this cannot be done now."""


class AccountExists(Refusal):
    """{name} has an account already."""


class UsernameTaken(Refusal):
    """The user name {username} is taken; choose another."""


class OwnAccount(Refusal):
    """Your own account is another administrator's to administer; change your password on your own page."""


class RolesElsewhere(Refusal):
    """{name} holds roles outside your part of the tree; an administrator above both does this."""


class SecondFactorDemanded(Refusal):
    """Your roles need a second factor; it can be replaced, not removed."""


class SecondFactorIsSetUp(Refusal):
    """A second factor is set up already; remove it, or ask an administrator, before setting up another."""


class NoSecondFactor(Refusal):
    """There is no second factor to do this with."""
