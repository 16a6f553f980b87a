"""Doors: how a fund's year goes and ends, and its accounting vouchers."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.sites.budgets import (
    ExecutionAsked,
    ExecutionView,
    MoveYearEnd,
    ProposeYearEnd,
    RecordFiscalGrowth,
    SetVoucherLayout,
    VoucherLayoutAsked,
    VoucherLayoutView,
    YearEndAsked,
    YearEndStandingView,
    YearEndView,
)

from sites.doors.resources import Doors
from sites.operations import budgets
from sites.queries import budgets as budget_queries


class BudgetDoors(Doors):
    """Doors: how a fund's year goes and ends, and its accounting vouchers."""

    @query(ExecutionAsked, returns=ExecutionView)
    def execution(self, asked: ExecutionAsked, *, actor: Actor, at: datetime) -> ExecutionView:
        return budget_queries.execution(self.database.transaction, asked, actor=actor, at=at)

    @command(RecordFiscalGrowth, returns=ExecutionView)
    def record_fiscal_growth(self, asked: RecordFiscalGrowth, *, actor: Actor, at: datetime) -> ExecutionView:
        return budgets.record_growth(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(YearEndAsked, returns=YearEndStandingView)
    def year_end(self, asked: YearEndAsked, *, actor: Actor, at: datetime) -> YearEndStandingView:
        return budget_queries.standing(self.database.transaction, asked, actor=actor, at=at)

    @command(ProposeYearEnd, returns=YearEndView)
    def propose_year_end(self, asked: ProposeYearEnd, *, actor: Actor, at: datetime) -> YearEndView:
        return budgets.propose(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveYearEnd, returns=YearEndView)
    def approve_year_end(self, asked: MoveYearEnd, *, actor: Actor, at: datetime) -> YearEndView:
        return budgets.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveYearEnd, returns=YearEndView)
    def withdraw_year_end(self, asked: MoveYearEnd, *, actor: Actor, at: datetime) -> YearEndView:
        return budgets.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(VoucherLayoutAsked, returns=VoucherLayoutView)
    def voucher_layout(self, asked: VoucherLayoutAsked, *, actor: Actor, at: datetime) -> VoucherLayoutView:
        return budget_queries.layout(self.database.transaction, asked.fund_id, actor=actor)

    @command(SetVoucherLayout, returns=VoucherLayoutView)
    def set_voucher_layout(self, asked: SetVoucherLayout, *, actor: Actor, at: datetime) -> VoucherLayoutView:
        return budgets.set_layout(self.database.transaction, asked=asked, actor=actor, at=at)
