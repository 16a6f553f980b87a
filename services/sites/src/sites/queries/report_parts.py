"""What several reports (S13) share: whose fund, which funds pay, words for days."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.amounts import yuan
from chassis.refusals import NotFound
from contracts.sites.reports import AskReport
from contracts.sites.statistics import PayingFundView
from sqlalchemy import Connection, Row, text

from sites.domain.documents import DASH

SIGNATURES: Final = ("制表", "复核", "审批")
COUNTED: Final = "申报、核定、支付金额均按补单的活动日期归入所属月份。"
_FUND: Final = text("SELECT id, name, code, path FROM funds WHERE id = :id")


def fund_of(db: Connection, asked: AskReport, *, actor: Actor) -> Row[Any]:
    """Return the fund asked for. Raises NotFound, Forbidden where its books may not be read."""
    fund = db.execute(_FUND, {"id": asked.fund_id}).one_or_none()
    if fund is None or not actor.may("read_fund", fund=fund.path):
        raise NotFound()
    actor.must("read_ledger", fund=fund.path)
    return fund


def fund_name(db: Connection, fund_id: UUID) -> str:
    """Return its name. Raises NotFound."""
    fund = db.execute(_FUND, {"id": fund_id}).one_or_none()
    if fund is None:
        raise NotFound()
    return str(fund.name)


def paying(funds: Sequence[PayingFundView], fund_id: UUID | None) -> str:
    """Return which funds the figures are of: the one asked for, or all that pay, each with what it approved."""
    if fund_id is not None:
        return next((fund.name for fund in funds if fund.id == fund_id), "所选经费无补单")
    if len(funds) > 1:
        return "；".join(f"{fund.name}（核定{yuan(fund.approved_fen)}元）" for fund in funds)
    return funds[0].name if funds else DASH


def sum_of(rows: Sequence[Row[Any]], name: str) -> int:
    """Add up one column; nothing counts as 0."""
    return sum(getattr(row, name) or 0 for row in rows)


def day_words(day: date | datetime) -> str:
    """Return the day as an office writes it: 2026年11月22日."""
    found = clock.today(day) if isinstance(day, datetime) else day
    return f"{found.year}年{found.month}月{found.day}日"


def joined(first: str, second: str | None) -> str:
    """Return both, or the one there is."""
    return f"{first}；{second}" if first and second else first or second or ""
