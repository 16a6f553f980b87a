"""A report as a workbook: a sheet with its facts, a sheet for each table. No cell is ever a formula."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from chassis.workbooks import workbook

from sites.domain.days import said
from sites.domain.documents import Cell, Column, Document, Kind

FIRST_SHEET: Final = "说明"
MONEY: Final = "#,##0.00"
FORMATS: Final[dict[Kind, str]] = {"money": MONEY, "number": "#,##0", "share": "0.0%", "day": "yyyy-mm-dd"}
ROWS_BETWEEN_WORDS: Final = 500
NAME_MAX: Final = 31
NOT_IN_NAMES: Final = str.maketrans("[]:*?/\\'（）", "          ")

Told = Callable[[int], None]


def as_xlsx(document: Document, *, told: Told = lambda rows: None) -> bytes:
    """Write the report row by row; `told` hears how many rows are written."""
    out = io.BytesIO()
    with workbook(out) as book:
        book.set_properties({"title": document.title})
        formats = {kind: book.add_format({"num_format": format_}) for kind, format_ in FORMATS.items()}
        formats["text"] = book.add_format({"text_wrap": True, "valign": "top"})
        bold = {kind: book.add_format({"num_format": FORMATS.get(kind, "@"), "bold": True}) for kind in formats}
        _facts(book, document, bold["text"])
        written = 0
        for number, grid in enumerate(document.grids, 1):
            sheet = book.add_worksheet(
                f"{number} {grid.caption.translate(NOT_IN_NAMES).partition('、')[2] or grid.caption}"[:NAME_MAX].strip()
            )
            for place, column in enumerate(grid.columns):
                sheet.set_column(place, place, max(8, round(11 * column.width)))
                sheet.write_string(0, place, column.heading, bold["text"])
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
            sheet.set_footer('&L&""' + f"{document.title}&R第 &P 页 共 &N 页")
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            for at, row in enumerate(grid.rows, 1):
                for place, (cell, column) in enumerate(zip(row, grid.columns, strict=True)):
                    _write(sheet, (at, place), cell, column, formats)
                written += 1
                if written % ROWS_BETWEEN_WORDS == 0:
                    told(written)
            if grid.total is not None and grid.rows:
                for place, (cell, column) in enumerate(zip(grid.total, grid.columns, strict=True)):
                    _write(sheet, (len(grid.rows) + 1, place), cell, column, bold)
    return out.getvalue()


def _facts(book: Any, document: Document, bold: Any) -> None:
    sheet = book.add_worksheet(FIRST_SHEET)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 70)
    pairs = [
        ("报表", document.title),
        ("对象", document.subject),
        ("期间", document.period),
        ("数据截至", f"{said(document.counted_at)}（北京时间）"),
        *document.facts,
        *(("注", note) for note in document.notes),
        *((name, "") for name in document.signatures),
    ]
    for row, (name, value) in enumerate(pairs):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value)


def _write(sheet: Any, at: tuple[int, int], cell: Cell, column: Column, formats: dict[Any, Any]) -> None:
    """Write a cell as what it is: amounts in yuan as numbers, text as text even where it begins like a formula."""
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(*at, cell, formats["text"])
    elif isinstance(cell, date):
        sheet.write_datetime(*at, cell, formats["day"])
    else:
        sheet.write_number(*at, cell / 100 if column.kind == "money" else cell, formats[column.kind])
