"""The naming bulletin of a supervision month, or what a sampling found, as PDF: A4 upright, a draft says so."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Told, drawn, take_font
from contracts.assessment.inspections import NamedInBulletinView, SampleBulletinView
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, LongTable, Paragraph, Spacer, TableStyle

MARGIN: Final = 22 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
RULE: Final = colors.HexColor("#666666")
SHADE: Final = colors.HexColor("#f3f0ec")
RED: Final = colors.HexColor("#b3261e")

TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=27, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=10, leading=15, alignment=TA_CENTER, wordWrap="CJK")
TEXT: Final = ParagraphStyle(
    "text", fontName=FONT, fontSize=11.5, leading=20, firstLineIndent=23, spaceAfter=4, wordWrap="CJK"
)
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=12.5, leading=20, spaceBefore=10, spaceAfter=4)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=9.5, leading=14, wordWrap="CJK")
NUMBER: Final = ParagraphStyle("number", parent=CELL, alignment=TA_CENTER)
SIGNED: Final = ParagraphStyle("signed", parent=TEXT, alignment=TA_RIGHT, spaceBefore=24)

_COLOURS: Final = {"yellow": "黄牌", "orange": "橙牌", "red": "红牌"}


def as_pdf(
    bulletin: SampleBulletinView,
    *,
    kind: str,
    name: str,
    organisation: str,
    third_party: str | None,
    days: tuple[date, date],
    issued_on: date | None,
    told: Told = lambda page: None,
) -> bytes:
    """Draw the bulletin; without `issued_on` it is a draft. Raises FontMissing."""
    take_font()
    title = f"关于{name}情况的{'通报' if kind == 'supervision' else '反馈'}"
    number = bulletin.number or "（征求意见稿，未印发）"
    whom = f"由{third_party}实施，" if third_party else ""
    clean = f"其中 {bulletin.without_problems} 个未发现问题；" if bulletin.without_problems else ""
    found = sum(one.count for one in bulletin.kinds)
    unmended = sum(one.unmended for one in bulletin.kinds)
    opening = (
        f"{_day(days[0])}至{_day(days[1], after=days[0])}，{organisation}范围内{whom}"
        f"随机抽取 {bulletin.drawn} 个党支部开展检查，"
        f"已检查 {bulletin.inspected} 个，{clean}共发现问题 {found} 个，尚未整改 {unmended} 个。现将情况通报如下。"
    )
    story: list[Flowable] = [
        Paragraph(escape(title), TITLE),
        Paragraph(escape(number), UNDER),
        Spacer(1, 3 * mm),
        HRFlowable(width="100%", thickness=1.2, color=RED),
        Spacer(1, 4 * mm),
        Paragraph(escape(opening), TEXT),
        Paragraph("一、发现问题情况", CAPTION),
    ]
    if bulletin.kinds:
        rows = [(one.name, str(one.count), str(one.unmended), str(one.overdue)) for one in bulletin.kinds]
        story += [_table(("问题类别", "个数", "未整改", "已逾期"), rows, (0.55, 0.15, 0.15, 0.15))]
    else:
        story += [Paragraph("本次检查未发现问题。" if bulletin.inspected else "尚无检查结果。", TEXT)]
    story += [Paragraph("二、点名通报", CAPTION)]
    if bulletin.named:
        named = [_named(position, one) for position, one in enumerate(bulletin.named, 1)]
        story += [_table(("序号", "党组织", "存在问题", "未整改", "亮牌"), named, (0.08, 0.27, 0.45, 0.1, 0.1))]
    else:
        story += [Paragraph("没有点名通报的党组织。", TEXT)]
    story += [
        Paragraph("三、工作要求", CAPTION),
        Paragraph(
            "被点名的党组织要对照问题逐项整改，按期上报整改情况和佐证材料；其他党组织要举一反三，自查自纠。", TEXT
        ),
        Paragraph("整改结果作为本年度书记抓基层党建述职评议考核的重要依据。", TEXT),
        Paragraph(f"{escape(organisation)}<br/>{_day(issued_on) if issued_on else '　　年　月　日'}", SIGNED),
    ]

    def framed(page: Canvas, pages: int) -> None:
        if issued_on is None:
            page.saveState()
            page.setFillColor(colors.HexColor("#8a7d70"), alpha=0.15)  # drawn over the text, which stays readable
            page.setFont(FONT, 90)
            page.translate(A4[0] / 2, A4[1] / 2)
            page.rotate(45)
            page.drawCentredString(0, 0, "草　稿")
            page.restoreState()
            page.setFont(FONT, 8)
        page.drawRightString(A4[0] - MARGIN, 10 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return drawn(story, title=title, size=A4, margin=MARGIN, framed=framed, told=told)


def _named(position: int, one: NamedInBulletinView) -> tuple[str, ...]:
    where = f"{one.name}（{one.superior}）" if one.superior else one.name
    problems = "\n".join(f"{number}．{text}" for number, text in enumerate(one.problems, 1))
    return (str(position), where, problems, str(one.unmended), _COLOURS.get(one.card_colour or "", "—"))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], shares: tuple[float, ...]) -> LongTable:
    numbers = {column for column, share in enumerate(shares) if share < 0.2}
    cells = [
        [
            Paragraph(escape(cell).replace("\n", "<br/>"), NUMBER if column in numbers else CELL)
            for column, cell in enumerate(row)
        ]
        for row in (head, *rows)
    ]
    table = LongTable(cells, colWidths=[share * WIDTH for share in shares], repeatRows=1, splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, RULE),
                ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return table


def _day(day: date, *, after: date | None = None) -> str:
    """Return the day; the year is left out after a day of the same one."""
    year = "" if after is not None and after.year == day.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"
