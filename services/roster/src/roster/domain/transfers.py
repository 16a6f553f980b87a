"""A member goes to another branch with a letter; both sides confirm, and until then the member stays.

issued ──confirm──▶ confirmed     the receiving branch
   │  └──refuse──▶ refused        the receiving branch
   ├──withdraw──▶ withdrawn       the issuing branch
   └──expire──▶ expired           its three months have passed
"""

from typing import Final

from chassis.refusals import Refusal

ISSUED: Final = "issued"
CONFIRMED: Final = "confirmed"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
EXPIRED: Final = "expired"

MOVES: Final[dict[str, tuple[frozenset[str], str]]] = {
    "confirm": (frozenset({ISSUED}), CONFIRMED),
    "refuse": (frozenset({ISSUED}), REFUSED),
    "withdraw": (frozenset({ISSUED}), WITHDRAWN),
    "expire": (frozenset({ISSUED}), EXPIRED),
}


class TransferOpen(Refusal):
    """A letter for this member is on its way already; withdraw it or wait for its answer."""


class TransferDecided(Refusal):
    """This letter is {state} already."""


class LetterExpired(Refusal):
    """This letter ran out on {expires_on}; ask the other branch for a new one."""


class LetterNumberTaken(Refusal):
    """The branch has issued a letter with the number {letter_number} already."""


class SameBranch(Refusal):
    """The member belongs to that branch already."""
