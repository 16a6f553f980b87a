"""Reports of what one site was paid and what one branch's visits cost (S13)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.actors import Actor
from chassis.amounts import in_words, yuan
from contracts.sites.reports import AskReport
from contracts.sites.statistics import BranchCostsAsked, SiteAccountAsked
from sqlalchemy import Connection

from sites.domain import report_words as words
from sites.domain.documents import Column, Document, Grid
from sites.queries.accounts import branch_costs, site_account
from sites.queries.report_parts import COUNTED, day_words, joined, paying


def site_statement(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return what a site asked for and got in a year, claim by claim with its cuts."""
    assert asked.site_id is not None
    account = site_account(db, asked=SiteAccountAsked(asked.site_id, asked.year, asked.fund_id), actor=actor, at=at)
    rows = [
        (
            *(number, one.visit_on, one.branch_name, one.headcount, one.asked_fen),
            one.cut_fen or None,
            joined(one.reason or "", words.cut_words(one.cuts)),
            one.approved_fen or None,
            one.paid_fen or None,
            words.word(one.state, words.CLAIM_STATES)
            + (f"，{day_words(one.paid_at)}" if one.paid_at else "")
            + (f"，办理期限{day_words(one.due_at - timedelta(seconds=1))}" if one.due_at else "")
            + (f"，{one.batch_number}" if one.batch_number else ""),
        )
        for number, one in enumerate(account.claims, 1)
    ]
    return Document(
        title="组织生活点补贴对账单",
        subject=account.site_name,
        period=f"{account.year}年度",
        counted_at=at,
        facts=[
            ("经费", paying(account.funds, asked.fund_id)),
            ("申报", f"{yuan(account.asked_fen)}元"),
            ("核减", f"{yuan(account.cut_fen)}元"),
            ("核定", f"{yuan(account.approved_fen)}元"),
            ("已支付", f"{yuan(account.paid_fen)}元"),
            ("办理中", f"{yuan(account.waiting_fen)}元"),
            ("已支付（大写）", in_words(account.paid_fen)),
        ],
        grids=[
            Grid(
                "补单",
                (
                    Column("序号", "number", 0.5),
                    Column("活动日期", "day", 1.1),
                    Column("党支部", width=2.2),
                    Column("人次", "number", 0.6),
                    Column("申报（元）", "money", 1.0),
                    Column("核减（元）", "money", 0.9),
                    Column("限额与核减原因", width=1.8),
                    Column("核定（元）", "money", 1.0),
                    Column("已付（元）", "money", 1.0),
                    Column("状态、时间、批次", width=1.9),
                ),
                rows,
                (
                    *(None, "合计", None, sum(one.headcount for one in account.claims), account.asked_fen),
                    *(account.cut_fen, None, account.approved_fen, account.paid_fen, None),
                ),
            )
        ],
        signatures=("制表", "活动点负责人", "财务经办"),
        notes=[COUNTED],
    )


def branch_costs_report(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return what a branch's visits of a year cost, by month and one by one."""
    assert asked.branch_id is not None
    costs = branch_costs(db, asked=BranchCostsAsked(asked.branch_id, asked.year, asked.fund_id), actor=actor, at=at)
    visits = [
        (
            *(number, one.visit_on, one.site, one.programme, one.headcount),
            *(one.asked_fen, one.approved_fen, one.paid_fen),
            words.word(one.claim_state, words.CLAIM_STATES) or _why_not(one.explanation),
        )
        for number, one in enumerate(costs.visits, 1)
    ]
    months = [
        (
            *(words.month(one.month), one.visits, one.heads, f"{one.subsidised} / {one.subsidised_max}"),
            *(one.asked_fen, one.approved_fen, one.paid_fen),
        )
        for one in costs.months
    ]
    sums = (costs.asked_fen, costs.approved_fen, costs.paid_fen)
    heads = sum(one.headcount for one in costs.visits)
    money = tuple(Column(f"{name}（元）", "money", 1.1) for name in ("申报", "核定", "已支付"))
    return Document(
        title="党支部外出组织生活经费年度明细表",
        subject=costs.branch_name,
        period=f"{costs.year}年度",
        counted_at=at,
        facts=[
            ("经费", paying(costs.funds, asked.fund_id)),
            ("活动", f"{len(visits)}场，{heads}人次"),
            ("核定补贴", f"{yuan(costs.approved_fen)}元"),
            ("已支付", f"{yuan(costs.paid_fen)}元"),
            ("核定补贴（大写）", in_words(costs.approved_fen)),
        ],
        grids=[
            Grid(
                "一、按月汇总",
                (
                    Column("月份", width=1.2),
                    Column("场次", "number", 0.7),
                    Column("人次", "number", 0.7),
                    Column("补贴次数（已用/额度）", width=1.3),
                    *money,
                ),
                months,
                ("合计", len(visits), heads, None, *sums),
            ),
            Grid(
                "二、逐次明细",
                (
                    Column("序号", "number", 0.5),
                    Column("活动日期", "day", 1.1),
                    Column("活动点", width=1.9),
                    Column("活动内容", width=1.6),
                    Column("人次", "number", 0.6),
                    *money,
                    Column("状态", width=1.6),
                ),
                visits,
                (None, "合计", None, None, heads, *sums, None),
            ),
        ],
        signatures=("制表", "支部书记"),
        notes=["补贴支付给活动点的管理组织，不向党支部或个人支付。", COUNTED],
    )


def _why_not(explanation: Sequence[dict[str, Any]]) -> str:
    return next((words.line_words(line)[1] for line in explanation if line["rule"] == "unsubsidised"), "不补贴")
