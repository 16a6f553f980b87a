"""What a cell of an imported sheet says: days as people write them, words of a closed list, names, numbers."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date, timedelta
from typing import Any, Final

from roster.domain.identity_numbers import masked

Cell = str | float | int | bool | date | None

EARLIEST: Final = date(1900, 1, 1)
SERIAL_FROM: Final = 367
SERIAL_TO: Final = 80_000
"""A spreadsheet counts days from 1899-12-30; from 1901 to 2119 they look like this."""
_EPOCH: Final = date(1899, 12, 30)
_DAY: Final = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:[T ]\s*[\d:.]+)?")
_MONTH: Final = re.compile(r"(\d{4})\s*(?:[-./年]\s*)?(\d{1,2})\s*月?")
_HAN_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_NAME: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[ ·'’-](?=[^\W\d_]))*")
_DIGITS: Final = re.compile(r"[0-9](?:[ -]?[0-9]){9,}[ -]?[0-9Xx]")
_MARKS: Final = "（），；：？！"
_ASIDE: Final = {ord(mark): 0xE000 + place for place, mark in enumerate(_MARKS)}
_BACK: Final = {kept: mark for mark, kept in _ASIDE.items()}
_PHONE: Final = re.compile(r"\+?[0-9][0-9 \-]{5,18}[0-9]")


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be taken, or is doubtful: its field, what stands there, the code of the reason."""

    field: str
    code: str
    found: str = ""
    params: Mapping[str, Any] = _field(default_factory=dict)


@dataclass(frozen=True)
class Month:
    """A day of which only year and month are known."""

    year: int
    month: int


def text_of(cell: Cell) -> str:
    """Return a cell as text: half-width digits and letters, one space at most between words, no float's `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", str(cell))).strip().removeprefix("'")


def line_of(cell: Cell) -> str:
    """Return a cell as text to be kept: letters and digits half-width, but 镇（街道） with its own marks."""
    return text_of(cell.translate(_ASIDE) if isinstance(cell, str) else cell).translate(_BACK)


def shown(cell: Cell) -> str:
    """Return a cell as people may see it: whatever looks like an identity or telephone number is masked."""
    return _DIGITS.sub(lambda found: masked(re.sub("[ -]", "", found[0])), text_of(cell))[:100]


def name_in(cell: Cell) -> str | None:
    """Return a person's name, 张 三 as 张三 and any dot as ·; None for what is none."""
    name = re.sub(r"[.•・‧∙●．]", "·", _HAN_GAP.sub("", text_of(cell)))
    return name if _NAME.fullmatch(name) and 2 <= len(name) <= 50 else None


def phone_in(cell: Cell) -> str | None:
    """Return a telephone number; None for what is none."""
    phone = re.sub(r"\s*[-—－]\s*", "-", text_of(cell))
    return phone if _PHONE.fullmatch(phone) else None


def lost_digits(cell: Cell) -> bool:
    """Say whether a spreadsheet kept an identity number as a number: sixteen digits and more are not kept whole."""
    if isinstance(cell, (float, int)) and not isinstance(cell, bool):
        return abs(cell) >= 1e14
    return isinstance(cell, str) and re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", cell.strip()) is not None


def day_in(cell: Cell) -> date | Month | None:  # noqa: PLR0911
    """Return the day that a cell says; Month when only year and month are told; None for what is no day.

    1998-07-01, 1998.7.1, 1998年7月1日, 19980701, and a spreadsheet's count of days. A number such as 1998.1 may be
    January or October: it is no day.
    """
    if isinstance(cell, date):
        return cell if cell >= EARLIEST else None
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return _day_of_number(float(cell))
    text = text_of(cell)
    if re.fullmatch(r"\d{5}(\.0+)?", text):
        return _day_of_number(float(text))
    if re.fullmatch(r"\d{8}", text):
        return _day(text[:4], text[4:6], text[6:])
    if found := _DAY.fullmatch(text):
        return _day(*found.groups())
    if found := _MONTH.fullmatch(text):
        return _month(*found.groups())
    return None


def _day_of_number(number: float) -> date | Month | None:
    if not number.is_integer():
        if 1900 < number < 2200:
            year, _, month = f"{number:.2f}".rstrip("0").partition(".")
            return _month(year, month) if month not in ("1", "") else None
        number = int(number)  # a day with a time
    if 19_000_101 <= number <= 21_991_231:
        text = str(int(number))
        return _day(text[:4], text[4:6], text[6:])
    return _EPOCH + timedelta(days=int(number)) if SERIAL_FROM <= number < SERIAL_TO and not _is_year(number) else None


def _is_year(number: float) -> bool:
    return 1900 <= number <= 2100


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found >= EARLIEST else None


def _month(year: str, month: str) -> Month | None:
    return Month(int(year), int(month)) if 1900 <= int(year) < 2200 and 1 <= int(month) <= 12 else None


def word_in(cell: Cell, words: Mapping[str, str]) -> str | None:
    """Return the code of a word of a closed list, the code itself taken too; None for another word."""
    text = text_of(cell).replace(" ", "")
    return words.get(text) or (text if text in words.values() else None)


def nearest(text: str, among: Iterable[str]) -> str | None:
    """Return the word that is most like the text, or None when none is like it."""
    found = difflib.get_close_matches(text, list(among)[:5000], n=1, cutoff=0.6)
    return found[0] if found else None


def not_a_word(name: str, cell: Cell, words: Mapping[str, str]) -> Fault:
    """Return the fault of a cell that holds none of the words."""
    canonical = {code: word for word, code in reversed(list(words.items()))}
    params: dict[str, Any] = {"words": "、".join(canonical[code] for code in dict.fromkeys(words.values()))}
    if like := nearest(text_of(cell), words):
        params["nearest"] = like
    return Fault(name, "not-a-word", shown(cell), params)
