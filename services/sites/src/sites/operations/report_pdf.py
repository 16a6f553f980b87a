"""A report as PDF: A4, Chinese font embedded as a subset, table heads on each page, 第 x 页 共 y 页.

reportlab lays a table of ten thousand rows in seconds; WeasyPrint takes about six times as long for long tables. Only
cells that do not fit on a line are laid as paragraphs, for those are what costs time.
"""

from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Told, drawn, take_font
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    LongTable,
    Paragraph,
    Spacer,
    Table,
)

from sites.domain.days import said
from sites.domain.documents import Cell, Column, Document, Grid, text_of

MARGIN: Final = 15 * mm
SIZE: Final = 8.5
PADDING: Final = 3
WIDE_COLUMNS: Final = 8
"""A table of so many columns or more turns the page."""
RULE: Final = colors.HexColor("#999999")
HEAD: Final = colors.HexColor("#eeeae5")
BAND: Final = colors.HexColor("#faf8f6")

_TEXT: Final = {"fontName": FONT, "fontSize": SIZE, "leading": SIZE * 1.35, "wordWrap": "CJK"}
TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=16, leading=22, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9.5, leading=14, alignment=TA_CENTER)
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=10.5, leading=15, spaceBefore=9, spaceAfter=4)
CELL: Final = ParagraphStyle("cell", **_TEXT)
RIGHT: Final = ParagraphStyle("right", parent=CELL, alignment=TA_RIGHT)
CENTRED: Final = ParagraphStyle("centred", parent=CELL, alignment=TA_CENTER)
NOTE: Final = ParagraphStyle("note", parent=CELL, textColor=colors.HexColor("#555555"))


def as_pdf(document: Document, *, told: Told = lambda pages: None) -> bytes:
    """Draw the report; `told` hears of every page that is laid out. Raises FontMissing."""
    take_font()
    is_wide = any(len(grid.columns) >= WIDE_COLUMNS for grid in document.grids)
    size = landscape(A4) if is_wide else A4

    def framed(page: Canvas, pages: int) -> None:
        page.setFillColor(colors.HexColor("#444444"))
        page.setStrokeColor(RULE)
        right, top = size[0] - MARGIN, size[1] - 13 * mm
        if page.getPageNumber() > 1:
            head = f"{document.title}　{document.subject}　{document.period}"
            page.drawString(MARGIN, top, _cut_to(head, right - MARGIN))
            page.line(MARGIN, top - 3, right, top - 3)
        page.line(MARGIN, 14 * mm, right, 14 * mm)
        page.drawString(MARGIN, 10 * mm, f"数据截至 {said(document.counted_at)}（北京时间）")
        page.drawRightString(right, 10 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return drawn(
        _story(document, size[0] - 2 * MARGIN),
        title=f"{document.title} {document.subject} {document.period}",
        size=size,
        margin=MARGIN,
        bottom=19 * mm,
        framed=framed,
        told=told,
    )


def _story(document: Document, width: float) -> list[Flowable]:
    story: list[Flowable] = [
        Paragraph(escape(document.title), TITLE),
        Paragraph(escape(f"{document.subject}　{document.period}"), UNDER),
        Spacer(1, 6),
    ]
    if document.facts:
        story.append(_facts(document.facts, width))
    for grid in document.grids:
        story += _grid(grid, width)
    end: list[Flowable] = [Spacer(1, 8), *(Paragraph(escape(f"注：{note}"), NOTE) for note in document.notes)]
    if document.signatures:
        end += [Spacer(1, 14), _signatures(document.signatures, width)]
    story.append(KeepTogether(end))
    return story


def _facts(facts: Sequence[tuple[str, str]], width: float) -> Flowable:
    """Two pairs on a line; a pair whose value is long has a line of its own."""
    label, half = 27 * mm, width / 2
    rows: list[list[Any]] = []
    spans = []
    waiting: tuple[str, str] | None = None

    def alone(pair: tuple[str, str]) -> None:
        spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
        rows.append([Paragraph(escape(pair[0]), CELL), Paragraph(escape(pair[1]), CELL), "", ""])

    for pair in facts:
        if stringWidth(pair[1], FONT, SIZE) > half - label - 2 * PADDING or "大写" in pair[0]:
            if waiting:
                alone(waiting)
                waiting = None
            alone(pair)
        elif waiting:
            rows.append([Paragraph(escape(cell), CELL) for cell in (*waiting, *pair)])
            waiting = None
        else:
            waiting = pair
    if waiting:
        alone(waiting)
    return Table(
        rows,
        colWidths=[label, half - label] * 2,
        style=[
            *_STYLE,
            *spans,
            ("BACKGROUND", (0, 0), (0, -1), HEAD),
            *(
                ("BACKGROUND", (2, row), (2, row), HEAD)
                for row in range(len(rows))
                if ("SPAN", (1, row), (3, row)) not in spans
            ),
        ],
    )


_STYLE: Final = (
    ("FONT", (0, 0), (-1, -1), FONT, SIZE, SIZE * 1.35),
    ("GRID", (0, 0), (-1, -1), 0.4, RULE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)


def _grid(grid: Grid, width: float) -> list[Flowable]:
    # A caption never stands alone at a page's foot. (keepWithNext would put the whole of a long table on a new page.)
    head = [CondPageBreak(28 * mm), Paragraph(escape(grid.caption), CAPTION)]
    if not grid.rows:
        return [*head, Paragraph(escape(grid.nothing), NOTE)]
    widths = _widths(grid, width)
    rows: list[list[Any]] = [[Paragraph(escape(column.heading), CENTRED) for column in grid.columns]]
    rows += [_laid(row, grid.columns, widths) for row in grid.rows]
    style: list[Any] = [*_STYLE, ("BACKGROUND", (0, 0), (-1, 0), HEAD)]
    style += [
        ("ALIGN", (place, 1), (place, -1), "RIGHT")
        for place, column in enumerate(grid.columns)
        if column.kind in ("money", "number", "share")
    ]
    if grid.total is not None:
        rows.append(_laid(grid.total, grid.columns, widths))
        style.append(("BACKGROUND", (0, -1), (-1, -1), BAND))
        style.append(("LINEABOVE", (0, -1), (-1, -1), 1, RULE))
    table = LongTable(rows, colWidths=widths, repeatRows=1, style=style)
    return [*head, table]


def _widths(grid: Grid, width: float) -> list[float]:
    """Share the width out as the columns ask, but give every number the room it needs on one line."""
    given = [column.width for column in grid.columns]
    least = [0.0] * len(given)
    for place, column in enumerate(grid.columns):
        if column.kind != "text":
            cells = [text_of(row[place], column.kind) for row in (*grid.rows, grid.total or [None] * len(given))]
            longest = max(cells, key=len)
            least[place] = stringWidth(longest, FONT, SIZE) + 2 * PADDING + 1
    shares = [width * part / sum(given) for part in given]
    wanting = [max(0.0, need - share) for need, share in zip(least, shares, strict=True)]
    if not any(wanting):
        return shares
    spare = [max(0.0, share - need) for need, share in zip(least, shares, strict=True)]
    taken = min(1.0, sum(wanting) / sum(spare)) if any(spare) else 0.0
    return [share + want - room * taken for share, want, room in zip(shares, wanting, spare, strict=True)]


def _laid(row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[float]) -> list[Any]:
    cells: list[Any] = []
    for cell, column, width in zip(row, columns, widths, strict=True):
        text = text_of(cell, column.kind)
        if stringWidth(text, FONT, SIZE) <= width - 2 * PADDING and "\n" not in text:
            cells.append(text)
        else:
            cells.append(Paragraph(escape(text), CELL if column.kind in ("text", "day") else RIGHT))
    return cells


def _signatures(names: Sequence[str], width: float) -> Flowable:
    blank = "________________　　____年__月__日" if width > 200 * mm else "____________　____年__月__日"
    line = [f"{name}：{blank}" for name in names]
    # Upright, three stand beside one another only where what they are called is short.
    apart = 3 if width > 200 * mm or max(map(len, names)) <= 3 else 2
    rows = [line[start : start + apart] for start in range(0, len(line), apart)]
    rows[-1] += [""] * (apart - len(rows[-1]))
    return Table(
        rows,
        colWidths=[width / apart] * apart,
        style=[
            ("FONT", (0, 0), (-1, -1), FONT, 9),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _cut_to(text: str, width: float) -> str:
    while stringWidth(text, FONT, 8) > width:
        text = text[:-2] + "…"
    return text
