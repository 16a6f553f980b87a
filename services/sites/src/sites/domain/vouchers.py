"""The short code of a voucher (S8): seven random signs and a check sign, typed at the door.

The 31 signs leave out what is mistaken for another: 0 O, 1 I L. 31 is a prime, so the weighted sum of a code finds
every single wrong sign and every swap of two signs. 31⁷ codes are 27 thousand million: guessing meets nothing, and a
code that exists twice is refused by the table.
"""

import re
import secrets
from collections.abc import Callable
from typing import Final

from chassis.refusals import Refusal

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_SIGNS: Final = 7
_VALUE: Final = {sign: value for value, sign in enumerate(SIGNS)}


class VoucherUnknown(Refusal):
    """There is no such voucher; check the code and type it again."""


class VoucherSuperseded(Refusal):
    """The order was changed after this voucher was made; ask for the newest one, or type the short code."""


class VoucherWithdrawn(Refusal):
    """The key of this voucher was withdrawn; open the order for a new voucher, or type the short code."""


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """Return a fresh code."""
    body = "".join(choose(SIGNS) for _ in range(RANDOM_SIGNS))
    return body + _check_sign(body)


def read_code(typed: str) -> str:
    """Return the code as it is stored, from what somebody typed or scanned: spaces, hyphens, lower case are fine.

    Raises VoucherUnknown for what cannot be a code.
    """
    code = re.sub(r"[\s\-‐-―]", "", typed).upper()
    if len(code) != RANDOM_SIGNS + 1 or not set(code) <= _VALUE.keys() or _check_sign(code[:-1]) != code[-1]:
        raise VoucherUnknown()
    return code


def _check_sign(body: str) -> str:
    # With weights 2, 3, 4 … and 1 for the check sign itself, a right code's sum is a multiple of 31.
    total = sum(weight * _VALUE[sign] for weight, sign in enumerate(body, start=2))
    return SIGNS[-total % len(SIGNS)]
