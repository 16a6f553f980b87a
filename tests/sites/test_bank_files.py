"""A file from the bank is read apart from the service, whatever it was made to do (S12)."""

import io
import resource
import zipfile
from collections.abc import Callable

import pytest
from sites.operations.bank_files import ROWS_MAX, BankFileUnreadable, rows_of

KIB_OF_A_READER_IN_OUR_OWN_PROCESS = 64 * 1024
"""What each of the files below would take at the very least."""


def a_workbook(rows: str, *, blanks: int = 0) -> bytes:
    """The least that is a workbook, with as many blanks in its sheet, which take no room in the file."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, kind, target in (
            ("_rels/.rels", "officeDocument", "xl/workbook.xml"),
            ("xl/_rels/workbook.xml.rels", "worksheet", "worksheets/sheet1.xml"),
        ):
            link = f'<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>'
            archive.writestr(path, f'<Relationships xmlns="{rels}">{link}</Relationships>')
        sheets = '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>')
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{main}"><sheetData>{rows}'.encode())
            for _ in range(blanks >> 20):
                sheet.write(b"<row><c t='inlineStr'><is><t>" + b"x" * (1 << 20) + b"</t></is></c></row>")
            sheet.write(b"</sheetData></worksheet>")
    return out.getvalue()


def test_a_workbook_and_a_text_say_the_same() -> None:
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t> 结果 </t></is></c><c r="B1"><v>380</v></c></row>'
    rows = [["结果", "380"]]
    assert rows_of(io.BytesIO(a_workbook(cells))) == rows
    assert rows_of(io.BytesIO(" 结果 ,380\n".encode())) == rows
    assert rows_of(io.BytesIO("结果,380".encode("gb18030"))) == rows


@pytest.mark.parametrize(
    "make",
    [
        # A kilobyte whose last cell asks the reader for half a terabyte.
        pytest.param(lambda: a_workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), id="far end"),
        pytest.param(
            lambda: a_workbook('<row><c r="A1"><v>1</v></c></row><row r="999999"><c r="CV999999"><v>1</v></c></row>'),
            id="a hundred columns too many",
        ),
        pytest.param(lambda: a_workbook("", blanks=640 << 20), id="unpacks"),
        pytest.param(lambda: b"," * 4_000_000, id="wide"),
        pytest.param(lambda: b"\n" * 4_000_000, id="long"),
        pytest.param(lambda: b"x\n" * (ROWS_MAX + 1), id="a row too many"),
    ],
)
def test_a_file_made_to_use_up_memory_is_refused(make: Callable[[], bytes]) -> None:
    content = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BankFileUnreadable):
        rows_of(io.BytesIO(content))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KIB_OF_A_READER_IN_OUR_OWN_PROCESS
