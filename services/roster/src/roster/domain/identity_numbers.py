"""The resident identity number (GB 11643): six digits of the division, eight of the birthday, three in sequence of
which the last is odd for a man, and the check character of ISO 7064 mod 11-2.

The division is that of the first registration, often one that was renamed or merged since: an unknown one is a warning
and never a refusal. Numbers of fifteen digits have not been valid since 2013.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
CHECKS: Final = "10X98765432"
PROVINCES: Final = frozenset(
    f"{part}{number}"
    for part, numbers in {"1": "12345", "2": "123", "3": "1234567", "4": "123456", "5": "01234", "6": "12345"}.items()
    for number in numbers
) | {"71", "81", "82", "83"}
OLDEST: Final = date(1900, 1, 1)
_FORMAT: Final = re.compile(r"[0-9]{17}[0-9X]")

FAULTS: Final = {
    "format": "An identity number has 17 digits and a last digit or X.",
    "date": "The eight digits of the birthday are no day, or one that has not come.",
    "check": "The last character does not agree with the others; look for a wrong digit.",
    "sex": "The identity number says the other sex.",
    "birthday": "The identity number says another birthday.",
}
"""The sentence for each fault."""


@dataclass(frozen=True)
class Read:
    """What an identity number says; `fault` is a key of FAULTS, and then nothing else is said."""

    number: str = ""
    born_on: date | None = None
    sex: str | None = None
    is_area_known: bool = False
    fault: str | None = None


def read(written: str, *, on: date, areas: Collection[str] = PROVINCES) -> Read:
    """Read a number as people write it (spaces, a small x, full-width digits) on a day.

    `areas` are the known divisions, as beginnings of any one length: two digits for provinces, six for counties.
    """
    number = normal(written)
    if not _FORMAT.fullmatch(number):
        return Read(fault="format")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Read(fault="date")
    if not OLDEST <= born_on <= on:
        return Read(fault="date")
    if check_character(number[:17]) != number[17]:
        return Read(fault="check")
    length = len(next(iter(areas), ""))
    return Read(
        number=number,
        born_on=born_on,
        sex="male" if int(number[16]) % 2 else "female",
        is_area_known=number[:length] in areas,
    )


def normal(written: str) -> str:
    """Return the number as it is stored: half-width, without spaces, X in capitals."""
    half = "".join(chr(ord(letter) - 0xFEE0) if "！" <= letter <= "～" else letter for letter in written)
    return re.sub(r"[\s\-]", "", half).upper()


def check_character(digits: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064 mod 11-2)."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def masked(number: str) -> str:
    """Return the number with all but three digits at the front and one at the end hidden.

    The birthday stands in the record beside it, so what is hidden must hold without it: three digits of the division
    and the sequence stay unknown.
    """
    return number[:3] + "*" * (len(number) - 4) + number[-1:]
