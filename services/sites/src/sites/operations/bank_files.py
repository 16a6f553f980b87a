"""A file from the bank, CSV or XLSX, as rows of text; what the rows say is judged in `domain.bank_results`."""

import csv
import io
from typing import BinaryIO, Final

from chassis.refusals import Refusal
from python_calamine import CalamineError, CalamineWorkbook

ROWS_MAX: Final = 20_000


class BankFileUnreadable(Refusal):
    """The bank's file must be CSV (UTF-8 or GB 18030) or XLSX with at most {rows_max} rows."""


def rows_of(stream: BinaryIO) -> list[list[str]]:
    """Return the file's rows, each cell trimmed; of a workbook the first sheet. Raises BankFileUnreadable."""
    content = stream.read()
    try:
        rows = _of_workbook(content) if content.startswith(b"PK\x03\x04") else _of_text(content)
    except (CalamineError, UnicodeDecodeError, csv.Error):
        raise BankFileUnreadable(rows_max=ROWS_MAX) from None
    if len(rows) > ROWS_MAX:
        raise BankFileUnreadable(rows_max=ROWS_MAX)
    return rows


def _of_workbook(content: bytes) -> list[list[str]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _of_text(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]


def _text(cell: object) -> str:
    # A workbook keeps numbers as floats: 380.0 is what the bank wrote as 380.00.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
