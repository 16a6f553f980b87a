"""The register of members as PDF: A4 across, Chinese font embedded, table heads on each page, 第 x 页 共 y 页."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from chassis import clock
from chassis.pdf import FONT, Told, drawn, take_font
from contracts.roster.stocktakes import MemberStatistics
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    LongTable,
    Paragraph,
    Spacer,
)

MARGIN: Final = 12 * mm
SIZE: Final = 8
RULE: Final = colors.HexColor("#999999")
HEAD: Final = colors.HexColor("#eeeae5")

TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=16, leading=22, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9.5, leading=14, alignment=TA_CENTER)
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=10.5, leading=15, spaceBefore=8, spaceAfter=3)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=SIZE, leading=SIZE * 1.3, wordWrap="CJK")

SEX: Final = {"male": "男", "female": "女"}
EDUCATION: Final = {
    "primary": "小学",
    "junior": "初中",
    "senior": "高中",
    "secondary_vocational": "中专",
    "college": "大专",
    "bachelor": "本科",
    "master": "硕士研究生",
    "doctor": "博士研究生",
}
STATUS: Final = {"full": "正式", "probationary": "预备"}
STATE: Final = {"active": "", "floating": "流动", "lost": "失联"}
FACT: Final = {"retired": "离退休", "ill": "因病", "abroad": "出国（境）", "exempt": "免除"}
POST: Final = {"secretary": "书记", "deputy_secretary": "副书记", "committee_member": "委员"}
FIELD: Final = {
    "rural": "农村",
    "community": "社区",
    "government": "机关",
    "public_institution": "事业单位",
    "state_owned": "国有企业",
    "private": "非公企业",
    "social_organisation": "社会组织",
    "school": "学校",
    "hospital": "医院",
}
AGE: Final = {
    "to-30": "30岁及以下",
    "31-40": "31至40岁",
    "41-50": "41至50岁",
    "51-60": "51至60岁",
    "61-70": "61至70岁",
    "from-71": "71岁及以上",
}
GROUPS: Final = {"sex": SEX, "age": AGE, "education": EDUCATION, "ethnicity": {}, "field": FIELD}
CAPTIONS: Final = {"sex": "性别", "age": "年龄", "education": "学历", "ethnicity": "民族", "field": "领域"}

HEADINGS: Final = (
    ("序号", 10),
    ("姓名", 18),
    ("性别", 10),
    ("民族", 13),
    ("出生日期", 20),
    ("学历", 20),
    ("入党日期", 20),
    ("类别", 11),
    ("党小组", 22),
    ("党内职务", 18),
    ("身份证号（已遮盖）", 34),
    ("联系电话（已遮盖）", 26),
    ("情况", 30),
)
"""The columns with their shares of the width."""


@dataclass(frozen=True)
class Register:
    """What is drawn: the members on a day, branch by branch, and how many they are of each kind."""

    name: str
    on: date
    drawn_at: datetime
    drawn_by: str
    rows: Sequence[Any]
    counts: MemberStatistics


def as_pdf(register: Register, *, told: Told = lambda page: None) -> bytes:
    """Draw the register; `told` hears of every page that is laid out. Raises FontMissing."""
    take_font()
    size = landscape(A4)
    moment = register.drawn_at.astimezone(clock.SHANGHAI)

    def framed(page: Canvas, pages: int) -> None:
        page.drawString(MARGIN, 9 * mm, f"{said(moment.date())} {moment:%H:%M} 由 {register.drawn_by} 生成")
        page.drawRightString(size[0] - MARGIN, 9 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    title = f"党员名册 {register.name} {register.on}"
    return drawn(
        _story(register, size[0] - 2 * MARGIN), title=title, size=size, margin=MARGIN, framed=framed, told=told
    )


def _story(register: Register, width: float) -> list[Flowable]:
    counts = register.counts
    story: list[Flowable] = [
        Paragraph("党 员 名 册", TITLE),
        Paragraph(
            escape(
                f"{register.name}　{said(register.on)}　正式党员 {counts.members_full} 名，"
                f"预备党员 {counts.members_probationary} 名"
            ),
            UNDER,
        ),
        Spacer(1, 4),
    ]
    branches: dict[str, list[Any]] = {}
    for row in register.rows:
        branches.setdefault(row.branch_name, []).append(row)
    for name, rows in branches.items():
        kinds = Counter(row.status for row in rows)
        caption = f"{name}（正式 {kinds['full']}，预备 {kinds['probationary']}）"
        story += [CondPageBreak(30 * mm), Paragraph(escape(caption), CAPTION), _members(rows, width)]
    if not branches:
        story.append(Paragraph("这一天没有在册党员。", CELL))
    story += [CondPageBreak(60 * mm), Paragraph("统计", CAPTION), _counts(counts, width)]
    story += [Spacer(1, 14), Paragraph("支部书记签字：________________　　　　____年__月__日", CELL)]
    return story


def _members(rows: Sequence[Any], width: float) -> Flowable:
    whole = sum(share for _, share in HEADINGS)
    widths = [width * share / whole for _, share in HEADINGS]
    laid: list[list[Any]] = [[Paragraph(heading, CELL) for heading, _ in HEADINGS]]
    for number, row in enumerate(rows, start=1):
        cells = (
            str(number),
            row.name,
            SEX.get(row.sex, ""),
            row.ethnicity or "",
            str(row.born_on or ""),
            EDUCATION.get(row.education, ""),
            str(row.joined_on or ""),
            STATUS[row.status],
            row.party_group or "",
            POST.get(row.post, ""),
            row.identity_masked or "",
            row.phone_masked or "",
            "、".join([word for word in (STATE[row.state], *(FACT[fact] for fact in row.facts)) if word]),
        )
        # Only what does not fit on a line is laid as a paragraph, for those are what costs time.
        laid.append(
            [
                cell if stringWidth(cell, FONT, SIZE) <= room - 6 else Paragraph(escape(cell), CELL)
                for cell, room in zip(cells, widths, strict=True)
            ]
        )
    return LongTable(laid, colWidths=widths, repeatRows=1, style=_STYLE)


def _counts(counts: MemberStatistics, width: float) -> Flowable:
    laid: list[list[Any]] = [["分类", "组别", "正式", "预备", "合计"]]
    for kind, rows in counts.tables.items():
        for place, row in enumerate(rows):
            group = GROUPS[kind].get(row.group, row.group) if row.group else "未登记"
            total = row.members_full + row.members_probationary
            laid.append(
                [
                    "" if place else CAPTIONS[kind],
                    group,
                    str(row.members_full),
                    str(row.members_probationary),
                    str(total),
                ]
            )
    return LongTable(
        laid, colWidths=[width * share for share in (0.2, 0.35, 0.15, 0.15, 0.15)], repeatRows=1, style=_STYLE
    )


_STYLE: Final = (
    ("FONT", (0, 0), (-1, -1), FONT, SIZE, SIZE * 1.3),
    ("GRID", (0, 0), (-1, -1), 0.4, RULE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("BACKGROUND", (0, 0), (-1, 0), HEAD),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
)


def said(day: date) -> str:
    """Return the day as 2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"
