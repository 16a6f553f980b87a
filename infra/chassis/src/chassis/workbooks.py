"""Workbooks and text tables that we write. No cell becomes a formula, whatever somebody wrote into it."""

import csv
import io
from collections.abc import Collection, Iterable
from typing import IO, Any, Final

TEXT_MARKED: Final = "utf-8-sig"
"""UTF-8 with the mark by which Excel knows it."""
SHEET_NAME_MAX: Final = 31
# As wide as a Chinese character they begin one too, where the spreadsheet's language is Chinese.
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NOT_IN_NAMES: Final = str.maketrans("[]:*?/\\'", " " * 8)


def workbook(out: IO[bytes], *, row_by_row: bool = True) -> Any:
    """Return an XlsxWriter workbook on `out` in which text stays text.

    Written `row_by_row`, from the top down, no more than one row is held in memory, and texts stand in their cells; a
    program that reads them only from the workbook's table of shared texts is given a workbook that is held whole.
    """
    import xlsxwriter  # here, for a process that only answers calls never writes a workbook

    memory = {"constant_memory": True} if row_by_row else {"in_memory": True}
    return xlsxwriter.Workbook(out, {**memory, "strings_to_formulas": False, "strings_to_urls": False})


def sheet_name(name: str, taken: Collection[str]) -> str:
    """Return a name that a spreadsheet takes for a sheet, told apart from those that are taken."""
    plain = name.translate(_NOT_IN_NAMES)[:SHEET_NAME_MAX].strip() or "表"
    return plain if plain not in taken else f"{plain[: SHEET_NAME_MAX - 4]} {len(taken)}"


def as_csv(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return a table of texts as CSV in UTF-8 with its mark."""
    out = io.StringIO(newline="")
    written = csv.writer(out)
    written.writerow(headings)
    written.writerows(map(inert, row) for row in rows)
    return out.getvalue().encode(TEXT_MARKED)


def inert(cell: str) -> str:
    """Return the cell so that a spreadsheet that opens the CSV takes it for text, never for a formula."""
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell
