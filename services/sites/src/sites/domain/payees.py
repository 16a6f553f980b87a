"""Whom a site's subsidies are paid to (S12): a unit, never a person; a change takes two persons and holds payments.

proposed ──confirm──▶ confirmed     by another person; the new account is in force, and held for some days
    └─────refuse────▶ refused
"""

from typing import Final

from chassis.refusals import Refusal

PROPOSED: Final = "proposed"
CONFIRMED: Final = "confirmed"
REFUSED: Final = "refused"
STATES: Final = (PROPOSED, CONFIRMED, REFUSED)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "confirm": ({PROPOSED}, CONFIRMED),
    "refuse": ({PROPOSED}, REFUSED),
}

_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
_LENGTH: Final = 18


class ChangeProposedAlready(Refusal):
    """Another change of this payee waits for its confirmation; decide that first."""


class ChangeDecided(Refusal):
    """This change is {state} already."""


class SamePersonConfirms(Refusal):
    """Whoever proposed the change cannot confirm it."""


class SameAccount(Refusal):
    """This is the account in force already."""


def is_credit_code(code: str) -> bool:
    """Say whether `code` is a unified social credit code: 18 characters with their check character (GB 32100-2015)."""
    if len(code) != _LENGTH or any(letter not in _LETTERS for letter in code):
        return False
    total = sum(_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(code[:-1]))
    return code[-1] == _LETTERS[-total % 31]
