"""Which passwords are taken: long ones that nobody guesses, of whatever characters.

No composition is forced (NIST SP 800-63B 5.1.1.2): long and not guessable counts. Not taken are passwords that many
people use (also with digits or marks behind), walks over the keyboard, few characters over and over, the user name,
the person's name (in Chinese or spelled in pinyin), and anything that holds a mobile number or a day of somebody's life
as eight digits, so that nobody's number or birthday need be looked up.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

NAME_PART_MIN: Final = 3
DIFFERENT_MIN: Final = 5
LENGTH_MAX: Final = 200

_WALKS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb",
)
_AT_THE_END: Final = re.compile(r"[0-9\W_]+\Z")
_MOBILE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_EIGHT_DIGITS: Final = re.compile(r"(?=(\d{4})[-./年]?(\d{2})[-./月]?(\d{2}))")


def faults_of(password: str, *, length_min: int, known: Iterable[str], on: date) -> list[str]:
    """Return what is wrong with a new password, as sentences; nothing when it is taken.

    `known` are the user name and the ways in which the person's name is written.
    """
    faults = []
    if len(password) < length_min:
        faults.append(f"A password has at least {length_min} characters.")
    if len(password) > LENGTH_MAX:
        faults.append(f"A password has at most {LENGTH_MAX} characters.")
    plain = _plain(password)
    if is_common(plain):
        faults.append("Many people use this password; put several words together instead.")
    if any(_plain(word) in plain for word in known if _tells(word)):
        faults.append("The password holds your name or user name.")
    if _holds_a_day(plain, until=on):
        faults.append("The password holds a date, such as a birthday.")
    if _MOBILE.search(plain):
        faults.append("The password holds a telephone number.")
    return faults


def is_common(plain: str) -> bool:
    """Say whether many people would choose this, in small letters: from the list, walked, or the same over and over."""
    stem = _AT_THE_END.sub("", plain)
    if plain in _common() or (stem and stem in _common()) or len(set(plain)) < DIFFERENT_MIN:
        return True
    if len(stem) < len(plain) / 3 and not _rest_is_mixed(plain):
        return True
    return _walked(plain) * 4 >= len(plain) * 3 or _repeated(plain)


def _rest_is_mixed(plain: str) -> bool:
    """Say whether the digits and marks are more than a row of digits that goes up, down or stands still."""
    digits = [ord(sign) for sign in plain if sign.isdigit()]
    steps = [after - before for before, after in pairwise(digits)]
    return len(digits) < 4 or sum(step in (-1, 0, 1, -9, 9) for step in steps) * 3 < len(steps) * 2


def _walked(plain: str) -> int:
    """Return how many of the characters belong to walks of four and more over the keyboard or the alphabet."""
    covered: set[int] = set()
    for walk in _WALKS:
        for way in (walk, walk[::-1]):
            for begin in range(len(plain) - 3):
                if plain[begin : begin + 4] in way:
                    covered.update(range(begin, begin + 4))
    return len(covered)


def _repeated(plain: str) -> bool:
    """Say whether a short piece makes up the whole: abcabcabc."""
    return any(
        plain == (plain[:size] * (len(plain) // size + 1))[: len(plain)] for size in range(1, len(plain) // 2 + 1)
    )


def _holds_a_day(plain: str, *, until: date) -> bool:
    for year, month, day in _EIGHT_DIGITS.findall(plain):
        try:
            if date(1900, 1, 1) <= date(int(year), int(month), int(day)) <= until:
                return True
        except ValueError:
            continue
    return False


def _tells(word: str) -> bool:
    """Say whether the word is long enough to give somebody away; two Chinese characters are a name."""
    return len(word) >= (NAME_PART_MIN if word.isascii() else 2)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _common() -> frozenset[str]:
    listed = resources.files("roster.domain").joinpath("common_passwords.txt").read_text()
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("# "))
