"""Bulletins, slips and talks as workbooks; what people wrote stays text."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from chassis.workbooks import workbook
from contracts.assessment.bulletins import BulletinLine, BulletinView
from contracts.assessment.slips import SlipView
from contracts.assessment.talks import TalkView

from assessment.operations.supervision_words import (
    LIGHTS,
    SLIP_STATES,
    SOURCES,
    TALK_STATES,
    day,
    figure_words,
    month,
    reasons_of,
)

LINE_COLUMNS: Final = (
    *("上级党组织", "党支部", "灯色", "红灯月份", "亮灯原因", "原因分析", "整改措施", "完成时限", "跟踪责任人"),
    *("督办单", "督办状态", "备注", "数据时间"),
)
SLIP_COLUMNS: Final = (
    *("编号", "督办单位", "党支部", "责任人", "督办事项", "督办要求", "签发日期", "办结时限", "状态", "是否逾期"),
    *("上报层级", "回复人"),
)
TALK_COLUMNS: Final = (
    *("党支部", "连续红灯月份", "书记", "谈话时限", "状态", "谈话日期", "谈话人", "谈话对象", "谈话内容", "整改承诺"),
)


def bulletin(view: BulletinView, lines: Sequence[BulletinLine]) -> bytes:
    """Return a bulletin with its figures, its parts and all its branches."""
    head = [view.title, view.number or "草稿（未签发）", view.issuer_name]
    figures = [(*figure_words(one), SOURCES.get(one.source, one.source)) for one in view.figures]
    parts = [(one.name, one.branches, one.green, one.yellow, one.red, one.exempt) for one in view.parts]
    sheets: list[tuple[str, Sequence[str], Sequence[Sequence[Any]]]] = [
        ("数字", ("指标", "数值", "来源"), [(text, "", "") for text in head] + figures),
        ("分单位", ("单位", "应检支部", "绿灯", "黄灯", "红灯", "免检"), parts),
        ("党支部", LINE_COLUMNS, [_line(line) for line in lines]),
    ]
    return _book(sheets)


def slips(rows: Iterable[SlipView]) -> bytes:
    """Return slips as a list, those that are due last first."""
    found = [
        (
            *(row.number, row.issuer_name, row.branch_name, row.person_name or "", row.subject, row.demand),
            *(day(row.issued_at), day(row.due_on), SLIP_STATES[row.state], "是" if row.is_overdue else ""),
            *(row.level or "", row.replied_by or ""),
        )
        for row in rows
    ]
    return _book([("督办台账", SLIP_COLUMNS, found)])


def talks(rows: Iterable[TalkView]) -> bytes:
    """Return reminder talks as a list."""
    found = [
        (
            *(row.branch_name, "、".join(map(month, row.months)), row.secretary_name or "", day(row.due_on)),
            *(TALK_STATES["overdue" if row.is_overdue else row.state], day(row.held_on), row.held_by or ""),
            *(row.with_name or "", row.said or "", row.promised or ""),
        )
        for row in rows
    ]
    return _book([("提醒谈话台账", TALK_COLUMNS, found)])


def _line(line: BulletinLine) -> tuple[Any, ...]:
    return (
        *(line.above_name or "", line.branch_name, LIGHTS.get(line.light, line.light)),
        *("、".join(map(month, line.months)) if line.light == "red" else "", reasons_of(line.readings)),
        *(line.cause or "", line.plan or "", day(line.plan_on), line.follower_name or "", line.slip_number or ""),
        *(SLIP_STATES.get(line.slip_state or "", ""), line.remark or "", day(line.read_at)),
    )


def _book(sheets: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Any]]]]) -> bytes:
    out = io.BytesIO()
    book = workbook(out)
    strong = book.add_format({"bold": True, "bg_color": "#f3f0ec", "border": 1, "text_wrap": True})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    for name, columns, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        sheet.write_row(0, 0, columns, strong)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row, plain)
    book.close()
    return out.getvalue()
