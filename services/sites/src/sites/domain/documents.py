"""A report as data: what a PDF and a workbook are both drawn from, so that they cannot say different things (S13).

A cell is what its column's kind says: text, a whole number, fen, a share (0 to 1), or a day; None is left empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from chassis.amounts import yuan

Cell = str | int | float | date | None
Kind = Literal["text", "number", "money", "share", "day"]
DASH: Final = "—"


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
