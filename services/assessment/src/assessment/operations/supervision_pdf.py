"""Bulletins and slips as PDF: A4 upright; what is signed bears the issuer's red head, a draft says that it is one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from chassis.pdf import FONT, Told, cells, drawn, spaced, take_font
from contracts.assessment.bulletins import BulletinLine, BulletinView
from contracts.assessment.slips import SlipView
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, LongTable, Paragraph, Spacer, Table

from assessment.operations.supervision_words import (
    LIGHTS,
    SLIP_STATES,
    SOURCES,
    day,
    figure_words,
    moment,
    month,
    reasons_of,
)

MARGIN: Final = 26 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
RED: Final = colors.HexColor("#c8161d")
RULE: Final = colors.HexColor("#666666")
SHADE: Final = colors.HexColor("#f3f0ec")
LINE_MIN: Final = 22 * mm

HEAD: Final = ParagraphStyle("head", fontName=FONT, fontSize=26, leading=36, alignment=TA_CENTER, textColor=RED)
DRAFT: Final = ParagraphStyle("draft", fontName=FONT, fontSize=16, leading=24, alignment=TA_CENTER, textColor=RULE)
TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=27, alignment=TA_CENTER, wordWrap="CJK")
NUMBER: Final = ParagraphStyle("number", fontName=FONT, fontSize=11.5, leading=18)
TEXT: Final = ParagraphStyle("text", fontName=FONT, fontSize=12, leading=21, firstLineIndent=24, wordWrap="CJK")
CAPTION: Final = ParagraphStyle("caption", fontName=FONT, fontSize=12.5, leading=20, spaceBefore=10, spaceAfter=4)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=10, leading=14.5, wordWrap="CJK")
LABEL: Final = ParagraphStyle("label", parent=CELL, alignment=TA_CENTER)
SMALL: Final = ParagraphStyle("small", fontName=FONT, fontSize=8.5, leading=12, textColor=RULE, wordWrap="CJK")
SIGNED: Final = ParagraphStyle("signed", parent=NUMBER, alignment=TA_RIGHT)


def bulletin(view: BulletinView, lines: Sequence[BulletinLine], *, told: Told = lambda page: None) -> bytes:
    """Draw a bulletin; of a monthly one the green branches stand in its workbook alone. Raises FontMissing."""
    take_font()
    story = [*_head(view), Paragraph(escape(view.title), TITLE), Spacer(1, 8)]
    if view.corrects_number:
        story.append(_text(f"本通报更正《{view.corrects_title}》（{view.corrects_number}），以本通报为准。"))
    story += [_text(part) for part in (view.opening or "").split("\n") if part]
    figures = [(*figure_words(one), SOURCES.get(one.source, one.source)) for one in view.figures]
    story += [_caption("一、总体情况"), _table(("指标", "数值", "来源"), figures, (0.44, 0.16, 0.40))]
    if len(view.parts) > 1:
        parts = [
            (one.name, *map(str, (one.branches, one.green, one.yellow, one.red, one.exempt))) for one in view.parts
        ]
        columns = ("单位", "应检", "绿灯", "黄灯", "红灯", "免检")
        story += [Spacer(1, 8), _table(columns, parts, (0.40, *[0.12] * 5))]
    red = [line for line in lines if line.light == "red"]
    yellow = [line for line in lines if line.light == "yellow"]
    story += [_caption(f"二、红灯党支部（{len(red)}个）"), *(_red(red) if red else [_text("无。")])]
    if view.kind != "quarterly":
        listed = [(line.above_name or "", line.branch_name, _why(line), line.follower_name or "—") for line in yellow]
        story.append(_caption(f"三、黄灯党支部（{len(yellow)}个）"))
        yellow_columns = ("上级党组织", "党支部", "亮灯原因", "跟踪人")
        story.append(_table(yellow_columns, listed, (0.22, 0.26, 0.36, 0.16)) if listed else _text("无。"))
    story.append(Spacer(1, 8))
    story += [_text(part) for part in (view.closing or "").split("\n") if part]
    signed = [Paragraph(escape(view.issuer_name), SIGNED), Paragraph(day(view.signed_at) or "&nbsp;", SIGNED)]
    writer = view.edited_by or view.drafted_by
    note = f"数据时间：{moment(view.as_of)}。数字由平台按数据生成，未经人工改动；文字由{writer}编写。"
    story += [Spacer(1, 14), KeepTogether([*signed, Spacer(1, 10), Paragraph(escape(note), SMALL)])]
    footnote = view.number or "草稿，未签发"
    return _drawn(story, title=view.title, footnote=footnote, told=told)


def slip(view: SlipView, *, drawn_at: datetime) -> bytes:
    """Draw a supervision slip with what was answered and judged so far. Raises FontMissing."""
    take_font()
    rows: list[tuple[str, str]] = [
        ("督办对象", view.branch_name),
        ("责 任 人", view.person_name or "党支部书记"),
        ("督办事项", view.subject),
        ("存在问题", reasons_of(view.readings) or "—"),
        ("督办要求", view.demand),
        ("办结时限", day(view.due_on)),
        ("签发单位", f"{view.issuer_name}　　{day(view.issued_at)}"),
        ("经 办 人", view.issued_by or "平台（红灯即时督办）"),
    ]
    words = {"reply": "办理情况", "return": "退回意见", "accept": "验收意见", "withdraw": "撤回说明"}
    for step in view.steps:
        if step.move not in words:
            continue
        text = step.text or ("同意办结。" if step.move == "accept" else "")
        if step.due_on and step.move == "return":
            text += f"（重办时限：{day(step.due_on)}）"
        if step.files:
            text += "\n附件：" + "、".join(one.name for one in step.files)
        rows.append((words[step.move], f"{text}\n{step.by_name}　{moment(step.at)}"))
    if view.state in ("issued", "returned"):
        rows += [("办理情况", ""), ("验收意见", "")]
    elif view.state == "replied":
        rows.append(("验收意见", ""))
    laid = [[Paragraph(escape(name), LABEL), Paragraph(_lines(text), CELL)] for name, text in rows]
    heights = [LINE_MIN if name in ("办理情况", "验收意见") and not text else None for name, text in rows]
    style = [*_GRID, ("BACKGROUND", (0, 0), (0, -1), SHADE)]
    story: list[Flowable] = [
        Paragraph(spaced("督　办　单"), HEAD),
        Spacer(1, 6),
        _between(view.number, f"状态：{SLIP_STATES[view.state]}{'（逾期）' if view.is_overdue else ''}"),
        HRFlowable(width="100%", thickness=2, color=RED, spaceBefore=2, spaceAfter=10),
        Table(laid, colWidths=[WIDTH * 0.18, WIDTH * 0.82], rowHeights=heights, style=style, splitInRow=1),
        Spacer(1, 8),
        Paragraph(f"打印时间：{moment(drawn_at)}", SMALL),
    ]
    return _drawn(story, title=view.number, footnote=view.number, told=lambda page: None)


def _head(view: BulletinView) -> list[Flowable]:
    """Return the red head of what is signed, or the word that it is a draft."""
    if view.number is None:
        return [Paragraph(spaced("草　稿（未签发，不得印发）"), DRAFT), Spacer(1, 10)]
    size = 26 if len(view.issuer_name) <= 14 else 20
    name = ParagraphStyle("name", parent=HEAD, fontSize=size, leading=size * 1.4)
    return [
        Spacer(1, 10 * mm),
        Paragraph(escape(view.issuer_name), name),
        Paragraph(spaced("通　　报"), HEAD),
        Spacer(1, 8 * mm),
        _between(view.number, f"签发人：{view.signed_by}"),
        HRFlowable(width="100%", thickness=2.4, color=RED, spaceBefore=2, spaceAfter=16),
    ]


def _between(left: str, right: str) -> Flowable:
    """Lay two texts at both ends of a line."""
    return Table(
        [[Paragraph(escape(left), NUMBER), Paragraph(escape(right), SIGNED)]],
        colWidths=[WIDTH / 2, WIDTH / 2],
        style=[("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)],
    )


def _red(lines: Sequence[BulletinLine]) -> list[Flowable]:
    """Lay the red branches: each with why, cause, plan, date, who follows it up and its slip."""
    rows = []
    for line in lines:
        place = f"{line.branch_name}\n{line.above_name or ''}"
        if len(line.months) > 1:
            place += f"\n{'、'.join(map(month, line.months))}"
        said = [f"原因：{line.cause or '待查摆'}", f"措施：{line.plan or '待制定'}"]
        said += [f"备注：{line.remark}"] if line.remark else []
        followed = [line.follower_name or "未指定"]
        if line.slip_number:
            followed.append(f"{line.slip_number}（{SLIP_STATES.get(line.slip_state or '', '')}）")
        rows.append((place, _why(line), "\n".join(said), day(line.plan_on) or "—", "\n".join(followed)))
    columns = ("党支部", "亮灯原因", "原因分析与整改措施", "时限", "跟踪与督办")
    return [_table(columns, rows, (0.21, 0.23, 0.27, 0.12, 0.17))]


def _why(line: BulletinLine) -> str:
    return reasons_of(line.readings) or LIGHTS.get(line.light, line.light)


def _text(text: str) -> Flowable:
    return Paragraph(escape(text), TEXT)


def _caption(text: str) -> Flowable:
    return Paragraph(escape(text), CAPTION)


def _lines(text: str) -> str:
    return spaced(escape(text)).replace("\n", "<br/>") or "&nbsp;"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float]) -> Flowable:
    laid = [
        *cells([[escape(one) for one in columns]], LABEL),
        *cells(([_lines(cell) for cell in row] for row in rows), CELL),
    ]
    style = [*_GRID, ("BACKGROUND", (0, 0), (-1, 0), SHADE)]
    return LongTable(laid, colWidths=[WIDTH * share for share in shares], repeatRows=1, style=style, splitInRow=1)


def _drawn(story: list[Flowable], *, title: str, footnote: str, told: Told) -> bytes:
    def framed(page: Canvas, pages: int) -> None:
        page.drawString(MARGIN, 12 * mm, footnote)
        page.drawRightString(A4[0] - MARGIN, 12 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return drawn(story, title=title, size=A4, margin=MARGIN, bottom=20 * mm, framed=framed, told=told)


_GRID: Final = [("GRID", (0, 0), (-1, -1), 0.5, RULE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
