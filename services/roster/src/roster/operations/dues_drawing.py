"""Receipts, statements and sums of dues as PDF and as workbooks. No cell is ever a formula."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from chassis import clock
from chassis.amounts import yuan
from chassis.pdf import FONT, drawn, take_font
from chassis.workbooks import workbook
from contracts.roster.dues import DuesLineView, DuesStatement
from contracts.roster.dues_payments import DuesReceiptView
from contracts.roster.dues_sums import DuesRollupView
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, Spacer, Table

MARGIN: Final = 16 * mm
RULE: Final = colors.HexColor("#999999")
HEAD: Final = colors.HexColor("#eeeae5")
TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=15, leading=21, alignment=TA_CENTER)
UNDER: Final = ParagraphStyle("under", fontName=FONT, fontSize=9.5, leading=14, alignment=TA_CENTER)
CELL: Final = ParagraphStyle("cell", fontName=FONT, fontSize=9.5, leading=13, wordWrap="CJK")
RIGHT: Final = ParagraphStyle("right", parent=CELL, alignment=TA_RIGHT)

METHOD: Final = {"cash": "现金", "transfer": "转账", "online": "网上交纳"}
KIND: Final = {"wage": "工资", "pension": "离退休费", "farmer": "农民定额", "minimum": "最低额"}
_LINES: Final = (
    ("序号", 10),
    ("姓名", 26),
    ("计算依据", 24),
    ("应交（元）", 22),
    ("实交（元）", 22),
    ("交纳日期", 26),
    ("收据编号", 26),
    ("以前欠交（元）", 26),
)
_SUMS: Final = (
    ("党组织", 60),
    ("支部", 14),
    ("已结账", 14),
    ("应交人数", 18),
    ("已交人数", 18),
    ("应交（元）", 26),
    ("已交（元）", 26),
    ("往月欠交（元）", 28),
    ("欠交人数", 18),
    ("连续六个月", 20),
    ("手存（元）", 26),
)
_GRID: Final = (
    ("FONT", (0, 0), (-1, -1), FONT, 9, 12),
    ("GRID", (0, 0), (-1, -1), 0.4, RULE),
    ("BACKGROUND", (0, 0), (-1, 0), HEAD),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
)


def said(day: date) -> str:
    """Return the day as 2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def said_month(month: str) -> str:
    """Return a month as 2026年11月."""
    return f"{month[:4]}年{int(month[5:])}月"


# ---- receipts ----------------------------------------------------------------------------------------------------


def receipts_pdf(receipts: Sequence[DuesReceiptView]) -> bytes:
    """Draw receipts, one below the other, none broken over two pages. Raises FontMissing."""
    take_font()
    width = A4[0] - 2 * MARGIN
    story: list[Flowable] = []
    for receipt in receipts:
        story += [KeepTogether(_receipt(receipt, width)), Spacer(1, 14 * mm)]
    return drawn(story, title="党费收据", size=A4, margin=MARGIN, framed=_pages, told=lambda _: None)


def _receipt(receipt: DuesReceiptView, width: float) -> list[Flowable]:
    months = "、".join(f"{said_month(line.month)} {yuan(line.amount_fen)}元" for line in receipt.lines)
    rows = [
        ("交款人", receipt.name),
        ("交款项目", f"党费：{months}"),
        ("金额（大写）", receipt.amount_in_words),
        ("金额（小写）", f"¥{yuan(receipt.amount_fen)}"),
        ("交款方式", f"{METHOD[receipt.method]}　{said(receipt.paid_on)}"),
        ("收款单位", receipt.organisation_name),
    ]
    story: list[Flowable] = [
        Paragraph("党 费 收 据", TITLE),
        Paragraph(escape(f"No. {receipt.number}　　{said(receipt.issued_on)}"), UNDER),
        Spacer(1, 4),
        Table(
            [[Paragraph(name, CELL), Paragraph(escape(value), CELL)] for name, value in rows],
            colWidths=[width * 0.22, width * 0.78],
            style=[("GRID", (0, 0), (-1, -1), 0.4, RULE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
        ),
        Spacer(1, 5),
        Paragraph(escape(f"收款人：{receipt.issued_by}　　　　（收款单位盖章）"), RIGHT),
    ]
    if receipt.reversed_at:
        moment = datetime.fromisoformat(str(receipt.reversed_at)).astimezone(clock.SHANGHAI)
        story.append(Paragraph(escape(f"本收据已于 {said(moment.date())} 冲销：{receipt.reversed_because}"), CELL))
    return story


# ---- a branch's month --------------------------------------------------------------------------------------------


def _figures(stated: DuesStatement) -> list[tuple[str, str]]:
    return [
        ("上月结转（欠交减预交）", yuan(stated.brought_forward_fen)),
        ("本月应交", yuan(stated.due_fen)),
        ("本月更正", yuan(stated.corrected_fen)),
        ("本月实收", yuan(stated.received_fen)),
        ("月末欠交", yuan(stated.arrears_fen)),
        ("月末预交", yuan(stated.advance_fen)),
        ("本月上缴", yuan(stated.handed_up_fen)),
        ("月末手存", yuan(stated.cash_fen)),
        ("应交、已交、欠交人数", f"{stated.members_due}、{stated.members_paid}、{stated.members_in_arrears}"),
    ]


def _closing(stated: DuesStatement) -> str:
    if stated.closed_at is None:
        return "本月尚未结账，数字截至生成时。"
    moment = datetime.fromisoformat(str(stated.closed_at)).astimezone(clock.SHANGHAI)
    return f"{said(moment.date())} 由 {stated.closed_by} 结账。"


def _cells(lines: Sequence[DuesLineView]) -> list[list[Any]]:
    return [
        [
            number,
            line.name,
            KIND[line.kind] + ("（减免）" if line.is_reduced else ""),
            line.due_fen,
            line.due_fen if line.paid_on else 0,
            line.paid_on.isoformat() if line.paid_on else "",
            line.receipt_number or "",
            line.older_fen,
        ]
        for number, line in enumerate(lines, 1)
    ]


def statement_pdf(name: str, stated: DuesStatement, lines: Sequence[DuesLineView], *, by: str, at: datetime) -> bytes:
    """Draw a branch's month: sums, then the members. Raises FontMissing."""
    take_font()
    width = A4[0] - 2 * MARGIN
    figures = [[Paragraph(text, CELL), Paragraph(value, RIGHT)] for text, value in _figures(stated)]
    money = (3, 4, 7)
    rows: list[list[Any]] = [[head for head, _ in _LINES]]
    for cells in _cells(lines):
        rows.append([yuan(cell) if place in money else str(cell) for place, cell in enumerate(cells)])
    whole = sum(share for _, share in _LINES)
    story: list[Flowable] = [
        Paragraph("党费收缴情况", TITLE),
        Paragraph(escape(f"{name}　{said_month(stated.month)}　单位：元"), UNDER),
        Spacer(1, 5),
        Table(figures, colWidths=[width * 0.6, width * 0.4], style=[("GRID", (0, 0), (-1, -1), 0.4, RULE)]),
        Spacer(1, 6),
        Paragraph(escape(_closing(stated)), CELL),
        Spacer(1, 6),
        LongTable(
            rows,
            colWidths=[width * share / whole for _, share in _LINES],
            repeatRows=1,
            style=[*_GRID, *(("ALIGN", (place, 1), (place, -1), "RIGHT") for place in money)],
        ),
        Spacer(1, 14),
        Paragraph("党支部书记：________________　　经办人：________________", CELL),
    ]
    return drawn(
        story,
        title=f"党费收缴情况 {name} {stated.month}",
        size=A4,
        margin=MARGIN,
        framed=_made_by(by, at, A4),
        told=lambda _: None,
    )


def statement_xlsx(name: str, stated: DuesStatement, lines: Sequence[DuesLineView], *, by: str, at: datetime) -> bytes:
    """Write a branch's month: a sheet of sums, a sheet of members."""
    facts = [("支部", name), ("月份", stated.month), *_figures(stated), ("结账", _closing(stated))]
    return _workbook([*facts, *_by(by, at)], "党员", [head for head, _ in _LINES], _cells(lines), money={3, 4, 7})


# ---- sums --------------------------------------------------------------------------------------------------------


def _rows(rollup: DuesRollupView) -> list[list[Any]]:
    named = [(row.name, row.sums) for row in rollup.rows]
    return [
        [
            name,
            sums.branches,
            sums.branches_closed,
            sums.members_due,
            sums.members_paid,
            sums.due_fen,
            sums.paid_fen,
            sums.arrears_fen,
            sums.members_in_arrears,
            sums.members_marked,
            sums.cash_fen,
        ]
        for name, sums in [*named, ("合计", rollup.total)]
    ]


def rollup_pdf(rollup: DuesRollupView, *, by: str, at: datetime) -> bytes:
    """Draw the sums of a part of the tree. Raises FontMissing."""
    take_font()
    size = landscape(A4)
    width, whole = size[0] - 2 * MARGIN, sum(share for _, share in _SUMS)
    money = (5, 6, 7, 10)
    rows: list[list[Any]] = [[head for head, _ in _SUMS]]
    for cells in _rows(rollup):
        shown = [yuan(cell) if place in money else str(cell) for place, cell in enumerate(cells)]
        rows.append([Paragraph(escape(shown[0]), CELL), *shown[1:]])
    story: list[Flowable] = [
        Paragraph("党费收缴汇总", TITLE),
        Paragraph(escape(f"{rollup.organisation_name}　{said_month(rollup.month)}"), UNDER),
        Spacer(1, 6),
        LongTable(
            rows,
            colWidths=[width * share / whole for _, share in _SUMS],
            repeatRows=1,
            style=[*_GRID, ("ALIGN", (1, 1), (-1, -1), "RIGHT")],
        ),
    ]
    title = f"党费收缴汇总 {rollup.organisation_name} {rollup.month}"
    framed = _made_by(by, at, size)
    return drawn(story, title=title, size=size, margin=MARGIN, framed=framed, told=lambda _: None)


def rollup_xlsx(rollup: DuesRollupView, *, by: str, at: datetime) -> bytes:
    """Write the sums of a part of the tree."""
    facts = [("党组织", rollup.organisation_name), ("月份", rollup.month), *_by(by, at)]
    return _workbook(facts, "汇总", [head for head, _ in _SUMS], _rows(rollup), money={5, 6, 7, 10})


# ---- how ---------------------------------------------------------------------------------------------------------


def _by(by: str, at: datetime) -> list[tuple[str, str]]:
    moment = at.astimezone(clock.SHANGHAI)
    return [("生成", f"{said(moment.date())} {moment:%H:%M} 由 {by} 生成")]


def _pages(page: Canvas, pages: int) -> None:
    page.drawRightString(A4[0] - MARGIN, 9 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")


def _made_by(by: str, at: datetime, size: tuple[float, float]) -> Any:
    said_by = _by(by, at)[0][1]

    def framed(page: Canvas, pages: int) -> None:
        page.drawString(MARGIN, 9 * mm, said_by)
        page.drawRightString(size[0] - MARGIN, 9 * mm, f"第 {page.getPageNumber()} 页 共 {pages} 页")

    return framed


def _workbook(
    facts: Sequence[tuple[str, str]],
    sheet_name: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    money: set[int],
) -> bytes:
    out = io.BytesIO()
    with workbook(out) as book:
        bold, amount = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        first = book.add_worksheet("说明")
        first.set_column(0, 0, 24)
        first.set_column(1, 1, 60)
        for place, (name, value) in enumerate(facts):
            first.write_string(place, 0, name, bold)
            first.write_string(place, 1, value)
        sheet = book.add_worksheet(sheet_name)
        sheet.set_column(0, len(heads) - 1, 16)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, bold)
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(rows, 1):
            for place, cell in enumerate(cells):
                if place in money:
                    sheet.write_number(number, place, cell / 100, amount)
                elif isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                else:
                    sheet.write_string(number, place, cell)
    return out.getvalue()
