"""A report as data: what a PDF and a workbook are both drawn from, so that they cannot say different things (S13).

A cell is what its column's kind says: text, a whole number, fen, a share (0 to 1), or a day; None is left empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

Cell = str | int | float | date | None
Kind = Literal["text", "number", "money", "share", "day"]
DASH: Final = "—"

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_UNITS: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿")


@dataclass(frozen=True)
class Column:
    """A column's heading, what its cells hold, and its share of the page's width."""

    heading: str
    kind: Kind = "text"
    width: float = 1.0


@dataclass(frozen=True)
class Grid:
    """A table: its head is repeated on every page; `total` is its last row."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    nothing: str = "本期没有数据。"


@dataclass(frozen=True)
class Document:
    """A report. `facts` are pairs of name and value under the title: period, fund, sums; `counted_at` is the figures'
    moment; `signatures` are the boxes at its end, `notes` its footnotes.
    """

    title: str
    subject: str
    period: str
    counted_at: datetime
    facts: Sequence[tuple[str, str]] = ()
    grids: Sequence[Grid] = ()
    signatures: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows its tables have together."""
        return sum(len(grid.rows) for grid in self.grids)


def yuan(fen: int) -> str:
    """1,234.50."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def in_words(fen: int) -> str:
    """Return an amount as Chinese forms write it: 人民币壹仟零伍元叁角整.

    By annex 1 of 《支付结算办法》: 整 after yuan and jiao, none after fen; one 零 for any run of zeros between figures.
    The platform's largest amount is a thousand 亿.
    """
    whole, part = divmod(abs(fen), 100)
    jiao, rest = divmod(part, 10)
    said = ""
    if whole or not part:
        said = (_whole(whole) or "零") + "元"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif rest and whole:
        said += "零"
    said += f"{_DIGITS[rest]}分" if rest else "整"
    return f"人民币{'负' if fen < 0 else ''}{said}"


def _whole(number: int) -> str:
    said, gap = "", False
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += "零"
        said += _four(group) + _GROUPS[place]
        gap = False
    return said


def _four(group: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += ("零" if gap else "") + _DIGITS[digit] + _UNITS[place]
        gap = False
    return said


def text_of(cell: Cell, kind: Kind) -> str:
    """Return a cell as it is printed."""
    if cell is None or cell == "":
        return ""
    said: dict[Kind, Any] = {
        "money": lambda: yuan(int(cell)),  # type: ignore[arg-type]
        "number": lambda: f"{cell:,}",
        "share": lambda: f"{float(cell) * 100:.1f}%",  # type: ignore[arg-type]
    }
    return str(said[kind]()) if kind in said and not isinstance(cell, str) else str(cell)
