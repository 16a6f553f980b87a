"""A record's paper form as PDF: A4 upright, Chinese font embedded, room for signatures, 第 x 页 共 y 页."""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Told, cells, drawn, spaced, take_font
from contracts.assessment.record_templates import HEADINGS
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, LongTable, PageBreak, Paragraph, Spacer, Table

from assessment.operations.paper_forms import PaperForm, PaperTable

MARGIN: Final = 20 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
RULE: Final = colors.HexColor("#666666")
SHADE: Final = colors.HexColor("#f3f0ec")
LINE_MIN: Final = 9 * mm
TEXT_MIN: Final = 26 * mm

COVER: Final = ParagraphStyle("cover", fontName=FONT, fontSize=26, leading=40, alignment=TA_CENTER)
TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=26, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9, leading=13, alignment=TA_CENTER, wordWrap="CJK")
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=11, leading=16, spaceBefore=8, spaceAfter=3)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=10.5, leading=15.5, wordWrap="CJK")
REMARK: Final = ParagraphStyle("remark", parent=CELL, spaceBefore=5)
LABEL: Final = ParagraphStyle("label", parent=CELL, alignment=TA_CENTER)
SIGNED: Final = ParagraphStyle("signed", parent=CELL, alignment=TA_RIGHT)


def as_pdf(form: PaperForm, *, told: Told = lambda page: None) -> bytes:
    """Draw the form; `told` hears of every page that is laid out. Raises FontMissing."""
    take_font()
    return _drawn(_story(form, WIDTH), title=f"{form.title} {form.branch}", footnote=form.footnote, told=told)


def handbook_pdf(branch: str, year: int, forms: Sequence[PaperForm], *, told: Told = lambda page: None) -> bytes:
    """Draw the records of a year as one book: cover with contents by heading, then each form on its own page."""
    take_font()
    by_heading = {heading.zh: [form for form in forms if form.heading == heading.zh] for heading in HEADINGS.values()}
    story: list[Flowable] = [
        Spacer(1, 20 * mm),
        Paragraph("党支部工作手册", COVER),
        Paragraph(spaced(escape(f"{branch}　{year}年")), UNDER),
        Spacer(1, 10 * mm),
        Paragraph(spaced("目　录"), CAPTION),
        _contents(by_heading),
    ]
    story += [Spacer(1, 16), Paragraph(spaced("支部书记（签字）：____________　　____年__月__日"), SIGNED)]
    for listed in by_heading.values():
        for form in listed:
            story += [PageBreak(), *_story(form, WIDTH)]
    footnote = f"{branch}　{year}年"
    return _drawn(story, title=f"党支部工作手册 {branch} {year}", footnote=footnote, told=told)


def _drawn(story: list[Flowable], *, title: str, footnote: str, told: Told) -> bytes:
    def framed(page: Canvas, pages: int) -> None:
        page.drawString(MARGIN, 10 * mm, footnote)
        page.drawRightString(A4[0] - MARGIN, 10 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return drawn(story, title=title, size=A4, margin=MARGIN, framed=framed, told=told)


def _story(form: PaperForm, width: float) -> list[Flowable]:
    story: list[Flowable] = [
        Paragraph(escape(form.title), TITLE),
        Paragraph(spaced(escape(f"{form.branch}　{form.heading}")), UNDER),
        Paragraph(escape(f"依据：{form.basis}"), UNDER),
        Spacer(1, 6),
        _facts(form, width),
        *(_text(title, text, width) for title, text in form.texts),
    ]
    for table in form.tables:
        story += [CondPageBreak(30 * mm), Paragraph(escape(table.title), CAPTION), _table(table, width)]
    story += [Paragraph(escape(f"注：{remark}"), REMARK) for remark in form.remarks]
    return [*story, Spacer(1, 16), Paragraph(spaced(form.signed), SIGNED)]


def _contents(by_heading: dict[str, list[PaperForm]]) -> Flowable:
    """Lay the contents: each heading with how many records it has, and those below it."""
    rows: list[list[Flowable]] = []
    shaded = []
    for number, (heading, forms) in enumerate(by_heading.items(), start=1):
        shaded.append(("BACKGROUND", (0, len(rows)), (-1, len(rows)), SHADE))
        rows.append([Paragraph(f"{number}. {escape(heading)}", CELL), Paragraph(f"{len(forms)} 份", CELL)])
        for form in forms:
            facts = dict(form.facts)
            text = f"{form.title}：{facts['题目']}"
            rows.append([Paragraph(escape(text), CELL), Paragraph(escape(facts["日期"]), CELL)])
    style = [("GRID", (0, 0), (-1, -1), 0.5, RULE), *shaded]
    return LongTable(rows, colWidths=[WIDTH * 0.72, WIDTH * 0.28], style=style)


def _facts(form: PaperForm, width: float) -> Flowable:
    """Lay the facts two in a row; a long one has its row alone."""
    rows: list[list[Flowable | str]] = []
    spans, beside = [], False
    for name, value in form.facts:
        pair: list[Flowable | str] = [Paragraph(escape(name), LABEL), Paragraph(escape(value), CELL)]
        if len(value) > 16:
            rows.append([*pair, "", ""])
            spans.append(("SPAN", (1, len(rows) - 1), (3, len(rows) - 1)))
            beside = False
        elif beside:
            rows[-1][2:] = pair
            beside = False
        else:
            rows.append([*pair, "", ""])
            beside = True
    widths = [width * share for share in (0.17, 0.33, 0.17, 0.33)]
    return Table(rows, colWidths=widths, style=[*_GRID, *spans])


def _text(title: str, text: str, width: float) -> Flowable:
    """Lay a long text beside its title, line by line so that it may run over a page; empty, it leaves room to write."""
    lines = text.split("\n")
    rows = [
        [Paragraph(escape(title), LABEL) if number == 0 else "", Paragraph(escape(line) or "&nbsp;", CELL)]
        for number, line in enumerate(lines)
    ]
    heights = [TEXT_MIN] if not text else None
    return Table(
        rows,
        colWidths=[width * 0.17, width * 0.83],
        rowHeights=heights,
        style=[
            ("BOX", (0, 0), (-1, -1), 0.5, RULE),
            ("LINEAFTER", (0, 0), (0, -1), 0.5, RULE),
            ("BACKGROUND", (0, 0), (0, -1), SHADE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ],
    )


def _table(table: PaperTable, width: float) -> Flowable:
    rows = cells([[escape(column) for column in table.columns]], LABEL)
    rows += cells(([escape(cell) for cell in row] for row in table.rows), CELL)
    if not table.rows:
        rows += [[Paragraph("&nbsp;", CELL) for _ in table.columns] for _ in range(3)]
    widths = [width / len(table.columns)] * len(table.columns)
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, RULE),
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=style, splitInRow=1)


_GRID: Final = [
    ("GRID", (0, 0), (-1, -1), 0.5, RULE),
    ("BACKGROUND", (0, 0), (0, -1), SHADE),
    ("BACKGROUND", (2, 0), (2, -1), SHADE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
]
