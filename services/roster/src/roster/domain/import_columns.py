"""The columns of an imported sheet: which there are, how others call them, and where a sheet's headings stand."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HEADINGS_AMONG: Final = 25
"""Among how many of a sheet's first rows the headings are looked for."""
SAMPLES: Final = 3
REASON_HEADING: Final = "导入问题"
"""The column that a workbook of errors has more than the file it came of: it is read like that file."""


@dataclass(frozen=True)
class Column:
    """A column that can be imported: its field, its heading in our own files, what other files call it.

    `needed` are columns without which no row can be taken; of those that share a word one is enough.
    """

    field: str
    heading: str
    also: tuple[str, ...] = ()
    needed: str = ""
    hint: str = ""
    is_secret: bool = False


@dataclass(frozen=True)
class Headings:
    """Where a sheet's headings stand and which column each of them is taken for."""

    row: int
    texts: tuple[str, ...]
    columns: Mapping[int, str]


def plain(heading: object) -> str:
    """Return a heading without what people add to it: spaces, stars, brackets with a hint; half-width, small."""
    text = unicodedata.normalize("NFKC", str(heading or "")).lower()
    text = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", text)
    return re.sub(r"[\s*:_./\-、“”\"]+", "", text)


def signature(headings: Iterable[object]) -> str:
    """Return what tells sheets with the same headings in the same order, 64 hexadecimal digits."""
    told = [plain(heading) for heading in headings if heading != REASON_HEADING]
    while told and not told[-1]:
        told.pop()
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def guess(headings: Sequence[object], columns: Sequence[Column]) -> dict[int, str]:
    """Return the field that each heading is taken for; nothing for one that is not known or known twice."""
    names = {plain(name): column.field for column in columns for name in (*column.also, column.field, column.heading)}
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        field = names.get(plain(heading)) if heading else None
        if field is not None and field not in found.values():
            found[place] = field
    return found


def headings_in(rows: Sequence[tuple[int, Sequence[object]]], columns: Sequence[Column]) -> Headings | None:
    """Return the headings of a sheet, from its first rows: the row that names most columns; None where none does."""
    best: Headings | None = None
    for number, cells in rows[:HEADINGS_AMONG]:
        taken = guess(cells, columns)
        if len(taken) >= 2 and (best is None or len(taken) > len(best.columns)):
            best = Headings(number, tuple(str(cell or "") for cell in cells), taken)
    return best


def missing(taken: Iterable[str], columns: Sequence[Column]) -> list[str]:
    """Return the headings of the columns that are needed and not taken; alternatives are joined by 或."""
    has = set(taken)
    groups: dict[str, list[Column]] = {}
    for column in columns:
        if column.needed:
            groups.setdefault(column.needed, []).append(column)
    return [
        " 或 ".join(column.heading for column in group)
        for group in groups.values()
        if has.isdisjoint(column.field for column in group)
    ]
