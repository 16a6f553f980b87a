"""Workbooks and text tables: read as they are; what would fill the memory is refused, and nobody else is harmed."""

import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pytest
import xlsxwriter
from chassis import sheets
from chassis.sheets import FileTooLarge, FileUnreadable, letter_of


def stored(content: bytes) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - read after this returned
    file.write(content)
    file.seek(0)
    return file


def all_of(content: bytes) -> dict[str, list[tuple[int, list[sheets.Cell]]]]:
    return {sheet.name: list(sheet.rows) for sheet in sheets.read(stored(content))}


def a_workbook(cells: dict[tuple[int, int], object], *, name: str = "甲") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet(name)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for (row, column), cell in cells.items():
            if isinstance(cell, date):
                page.write_datetime(row, column, cell, day)
            else:
                page.write(row, column, cell)
    return out.getvalue()


def repacked(content: bytes, part: str, text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return out.getvalue()


def test_gives_rows_with_their_numbers_wherever_the_content_begins() -> None:
    cells = {(2, 1): " 姓名 ", (4, 2): 3.5e17, (4, 3): date(1998, 7, 1)}
    assert all_of(a_workbook(cells)) == {
        "甲": [(3, [None, "姓名"]), (5, [None, None, 3.5e17, date(1998, 7, 1)])],
    }


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("a,b\n1,2\n", "utf-8"), ("姓名;性别\n张三;男\n", "gb18030"), ("姓名\t性别\n张三\t男\n", "utf-8-sig")],
)
def test_finds_encoding_and_delimiter_of_a_text(text: str, encoding: str) -> None:
    (rows,) = all_of(text.encode(encoding)).values()
    assert [len(cells) for _, cells in rows] == [2, 2]


def test_a_cell_at_the_far_end_of_its_sheet_is_refused() -> None:
    with pytest.raises((FileTooLarge, FileUnreadable)):
        all_of(a_workbook({(0, 0): "a", (1_048_575, 16_383): "z"}))


def test_what_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = repacked(a_workbook({(0, 0): "a"}), "xl/sharedStrings.xml", b" " * (600 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(FileTooLarge):
        all_of(bomb)


@pytest.mark.parametrize("content", [b"PK\x03\x04nonsense", b"\xff\xfe\x00\x01", b'a,"b\n1,2', b"\x80\x81\xff\xff"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        all_of(content)


def test_entities_in_a_workbook_expand_to_nothing_harmful() -> None:
    entities = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "' + b"x" * 1000 + b'">'
    for name, before in (("b", "a"), ("c", "b"), ("d", "c")):
        entities += f'<!ENTITY {name} "{f"&{before};" * 100}">'.encode()
    entities += b"]><sst><si><t>&d;</t></si></sst>"
    found = None
    try:
        found = all_of(repacked(a_workbook({(0, 0): "a"}), "xl/sharedStrings.xml", entities))
    except (FileUnreadable, FileTooLarge):
        return
    assert len(str(found)) < 10_000


def test_a_reader_that_stops_leaves_no_process_behind(tmp_path: Path) -> None:
    reading = sheets.read(stored("\n".join(f"{number},x" for number in range(50_000)).encode()))
    sheet = next(reading)
    assert next(sheet.rows) == (1, ["0", "x"])
    reading.close()


def test_names_columns_as_a_spreadsheet_does() -> None:
    assert [letter_of(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
