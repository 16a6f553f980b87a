"""A report's first table as CSV for another program: UTF-8 with the mark by which Excel knows it, amounts in yuan."""

import csv
import io
from collections.abc import Callable
from typing import Final

from chassis.workbooks import inert

from sites.domain.amounts import yuan
from sites.domain.documents import Cell, Document, Kind

ROWS_BETWEEN_WORDS: Final = 500

Told = Callable[[int], None]


def as_csv(document: Document, *, told: Told = lambda rows: None) -> bytes:
    """Write the table row by row; `told` hears how many rows are written. No cell of text is ever a formula."""
    grid = document.grids[0]
    out = io.StringIO(newline="")
    written = csv.writer(out)
    written.writerow(inert(column.heading) for column in grid.columns)
    for number, row in enumerate(grid.rows, 1):
        written.writerow(_cell(cell, column.kind) for cell, column in zip(row, grid.columns, strict=True))
        if number % ROWS_BETWEEN_WORDS == 0:
            told(number)
    return out.getvalue().encode("utf-8-sig")


def _cell(cell: Cell, kind: Kind) -> str:
    if cell is None:
        return ""
    if kind == "money" and isinstance(cell, int):
        return yuan(cell)
    return inert(cell) if isinstance(cell, str) else str(cell)
