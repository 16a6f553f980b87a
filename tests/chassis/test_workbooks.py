"""Workbooks and text tables that we write."""

import io
import tempfile

import pytest
from chassis.sheets import read
from chassis.workbooks import as_csv, inert, sheet_name, workbook

FORMULAS = ("＝1+1", "\n=1", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


@pytest.mark.parametrize("row_by_row", [True, False])
def test_text_that_looks_like_a_formula_or_an_address_stays_text(row_by_row: bool) -> None:
    out = io.BytesIO()
    with workbook(out, row_by_row=row_by_row) as book:
        sheet = book.add_worksheet("甲")
        sheet.write_row(0, 0, ["=1+1", "https://example.org/", "党支部"])
    out.seek(0)
    (cells,) = [cells for sheet in _read(out) for _, cells in sheet]
    assert cells == ["=1+1", "https://example.org/", "党支部"]


def _read(out: io.BytesIO) -> list[list[tuple[int, list[object]]]]:
    with tempfile.TemporaryFile() as file:
        file.write(out.getvalue())
        file.seek(0)
        return [list(sheet.rows) for sheet in read(file)]


def test_a_table_has_the_mark_of_its_encoding_and_no_formula() -> None:
    written = as_csv(["名称"], [[cell] for cell in FORMULAS])
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").count("'") == len(FORMULAS)
    assert [inert(cell) for cell in ("党支部", "1", "")] == ["党支部", "1", ""]


@pytest.mark.parametrize(
    ("name", "taken", "said"),
    [
        ("党员[1]/名册", set(), "党员 1  名册"),
        ("*?", set(), "表"),
        ("党" * 40, set(), "党" * 31),
        ("党" * 40, {"党" * 31}, "党" * 27 + " 1"),
    ],
)
def test_names_that_a_spreadsheet_takes_for_sheets(name: str, taken: set[str], said: str) -> None:
    assert sheet_name(name, taken) == said
