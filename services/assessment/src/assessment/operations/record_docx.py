"""A record's paper form as a Word document (python-docx): the same as the PDF, to be written on in the office."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from assessment.operations.paper_forms import PaperForm, PaperTable

FONT: Final = "宋体"
PAIR_MM: Final = (34.0, 136.0)
"""How wide a fact's name and the fact are; together what the margins leave of A4."""
ROOM_LINES: Final = 4
"""So many empty lines stand where nothing is written yet."""
NUMBERS: Final = ("PAGE", "NUMPAGES")
"""The fields of Word that the foot has."""
WRITTEN_AT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the document's own date is no news, and the same form is one file


def as_docx(form: PaperForm) -> bytes:
    """Return the form as a Word document."""
    document = Document()
    _set_up(document)
    _line(document, form.title, size=18, bold=True, centred=True)
    _line(document, f"{form.branch}　{form.heading}", size=9, centred=True)
    _line(document, f"依据：{form.basis}", size=9, centred=True)
    pairs = _grid(document, PAIR_MM)
    for name, value in form.facts:
        _row(pairs, (name, value))
    for title, text in form.texts:
        _row(pairs, (title, text or "\n" * ROOM_LINES))
    for table in form.tables:
        _add(document, table)
    for remark in form.remarks:
        _line(document, f"注：{remark}")
    _line(document, "")
    _line(document, form.signed)
    _foot(document.sections[0], form.footnote)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(20)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(10.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = WRITTEN_AT


def _line(document: Any, text: str, *, size: float = 10.5, bold: bool = False, centred: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(0 if centred else 6)
    run = paragraph.add_run(_held(text))
    run.font.size, run.font.bold = Pt(size), bold
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _grid(document: Any, widths_mm: Sequence[float]) -> Any:
    """Add a table of columns so wide; Word goes by its cells, LibreOffice and WPS by its columns."""
    table = document.add_table(rows=0, cols=len(widths_mm), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    return table


def _foot(section: Any, text: str) -> None:
    """Write who made the form, and 第 x 页 共 y 页, at the foot of every page."""
    paragraph = section.footer.paragraphs[0]
    paragraph.style = "Normal"
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(sum(PAIR_MM)), WD_TAB_ALIGNMENT.RIGHT)
    for part in (f"{text}\t第 ", NUMBERS[0], " 页 共 ", NUMBERS[1], " 页"):
        if part in NUMBERS:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), part)
            run = paragraph.add_run("1")
            field.append(run._r)
            paragraph._p.append(field)
        else:
            run = paragraph.add_run(_held(part))
        run.font.size = Pt(8)


def _row(table: Any, cells: tuple[str, ...]) -> None:
    for cell, column, text in zip(table.add_row().cells, table.columns, cells, strict=True):
        cell.text, cell.width = _held(text), column.width
        spacing = cell.paragraphs[0].paragraph_format
        spacing.space_before = spacing.space_after = Pt(3)


def _held(text: str) -> str:
    """Return the text without the characters that no Word document holds; what Word breaks a line with breaks it."""
    broken = text.translate({0x0B: "\n", 0x0C: "\n"})
    return "".join(
        letter for letter in broken if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff")
    )


def _add(document: Any, table: PaperTable) -> None:
    _line(document, table.title, size=11, bold=True)
    grid = _grid(document, [sum(PAIR_MM) / len(table.columns)] * len(table.columns))
    _row(grid, table.columns)
    for row in table.rows or [("",) * len(table.columns)] * 3:
        _row(grid, row)
