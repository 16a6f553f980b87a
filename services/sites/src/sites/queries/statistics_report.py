"""The report of use and subsidy (S13): the figures of the statistics page with what they are compared with."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from chassis.actors import Actor
from chassis.amounts import yuan
from contracts.sites.reports import AskReport
from contracts.sites.statistics import FiguresView, StatisticsAsked
from sqlalchemy import Connection

from sites.domain import report_words as words
from sites.domain.documents import DASH, Cell, Column, Document, Grid
from sites.queries.report_parts import COUNTED, day_words, fund_name
from sites.queries.statistics import statistics


def statistics_report(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return the figures of the days asked for, compared and split as asked."""
    view = statistics(
        db,
        asked=StatisticsAsked(
            site_id=asked.site_id,
            town=asked.town,
            category=asked.category,
            kind=asked.site_kind,
            from_day=asked.from_day,
            to_day=asked.to_day,
            by=asked.by,
            fund_id=asked.fund_id,
            branch_id=asked.branch_id,
        ),
        actor=actor,
        at=at,
    )
    narrowed = [
        asked.town,
        words.word(asked.category, words.CATEGORIES),
        words.word(asked.site_kind, words.KINDS),
        next((site.name for site in view.sites if site.id == asked.site_id), None),
    ]
    compared = [
        (name, kind_of(view.total), kind_of(view.before), kind_of(view.year_before))
        for name, kind_of in _COMPARED.items()
    ]
    rows = [
        (words.named(row.key, asked.by) if row.name == row.key else row.name, *_row(row.figures)) for row in view.rows
    ]
    return Document(
        title="组织生活点使用情况统计表",
        subject="、".join(part for part in narrowed if part) or "全部活动点",
        period=f"{day_words(view.from_day)}至{day_words(view.to_day)}",
        counted_at=at,
        facts=[
            ("经费", fund_name(db, asked.fund_id) if asked.fund_id else "不限经费（含未补贴的活动）"),
            (
                "接待党支部",
                f"{view.total.branches_inside + view.total.branches_outside:,}个"
                f"（区内{view.total.branches_inside:,}，区外{view.total.branches_outside:,}）",
            ),
            ("接待党员群众", f"{view.total.heads:,}人次"),
            ("活动", f"{view.total.visits:,}场，个人预约{view.total.bookings:,}次"),
            ("核定补贴", f"{yuan(view.total.approved_fen)}元"),
        ],
        grids=[
            Grid("一、总体情况及对比", _COMPARED_COLUMNS, compared),
            Grid(
                f"二、按{words.SPLITS[asked.by]}",
                (Column(words.SPLITS[asked.by], width=2.4), *_ROW_COLUMNS),
                rows,
                ("合计", *_row(view.total)),
            ),
        ],
        signatures=("制表", "审核"),
        notes=[
            "党支部按个数去重，同一党支部到访多个活动点在各行分别计一次，故各行之和可大于合计。",
            "未到场率＝未到场÷（已用单＋未到场＋取消），不含已免责的未到场；上座率＝人次÷已结束场次的座位数。",
            COUNTED,
        ],
    )


def _share(part: int, whole: int | None) -> str:
    return f"{100 * part / whole:.1f}%" if whole else DASH


def _fen(amount: int | None) -> str:
    return DASH if amount is None else yuan(amount)


_COMPARED: Final[dict[str, Callable[[FiguresView], Cell]]] = {
    "活动场次": lambda f: f"{f.visits:,}",
    "个人预约（已使用）": lambda f: f"{f.bookings:,}",
    "人次": lambda f: f"{f.heads:,}",
    "实名人数": lambda f: f"{f.persons:,}",
    "党支部（区内）": lambda f: f"{f.branches_inside:,}",
    "党支部（区外）": lambda f: f"{f.branches_outside:,}",
    "未到场率": lambda f: _share(f.no_shows, f.ended),
    "临期取消率": lambda f: _share(f.late_cancellations, f.ended),
    "评分": lambda f: DASH if f.rating is None else f"{f.rating:.2f}（{f.ratings}条）",
    "上座率": lambda f: _share(f.heads, f.seats),
    "申报金额（元）": lambda f: yuan(f.asked_fen),
    "核定金额（元）": lambda f: yuan(f.approved_fen),
    "已支付（元）": lambda f: yuan(f.paid_fen),
    "人均补贴（元）": lambda f: _fen(f.cost_per_head_fen),
}
_COMPARED_COLUMNS: Final = (
    Column("指标", width=1.6),
    Column("本期", "number", 1.2),
    Column("上一期", "number", 1.2),
    Column("去年同期", "number", 1.2),
)
_ROW_COLUMNS: Final = (
    Column("场次", "number", 0.8),
    Column("个人预约", "number", 0.8),
    Column("人次", "number", 0.9),
    Column("支部", "number", 0.7),
    Column("未到场率", "share", 0.9),
    Column("评分", width=0.7),
    Column("上座率", "share", 0.8),
    Column("申报（元）", "money", 1.2),
    Column("核定（元）", "money", 1.2),
    Column("已付（元）", "money", 1.2),
    Column("人均（元）", "money", 0.9),
)


def _row(of: FiguresView) -> tuple[Cell, ...]:
    return (
        *(of.visits, of.bookings, of.heads, of.branches_inside + of.branches_outside),
        of.no_shows / of.ended if of.ended else None,
        None if of.rating is None else f"{of.rating:.2f}",
        of.heads / of.seats if of.seats else None,
        *(of.asked_fen, of.approved_fen, of.paid_fen, of.cost_per_head_fen),
    )
