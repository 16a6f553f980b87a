"""How a fund's year goes and ends, and its accounting vouchers."""

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

from gateway.clients import sites
from gateway.nouns import Noun

budgets = Noun("budgets")

budgets.read(
    "/funds/<uuid:fund_id>/execution",
    sites.budgets.execution,
    needs=("read_fund",),
    takes=ExecutionAsked,
    answers=ExecutionView,
    refusals=("not-found",),
)
budgets.act(
    "/funds/<uuid:fund_id>/fiscal-growths",
    sites.budgets.record_fiscal_growth,
    needs=("record_fiscal_growth",),
    takes=RecordFiscalGrowth,
    answers=ExecutionView,
    status=201,
    refusals=("not-found",),
)
budgets.read(
    "/funds/<uuid:fund_id>/year-end",
    sites.budgets.year_end,
    needs=("read_ledger",),
    takes=YearEndAsked,
    answers=YearEndStandingView,
    refusals=("not-found",),
)
budgets.act(
    "/funds/<uuid:fund_id>/year-ends",
    sites.budgets.propose_year_end,
    needs=("propose_year_end",),
    takes=ProposeYearEnd,
    answers=YearEndView,
    status=201,
    refusals=(
        "token-too-old",
        "not-found",
        "fund-year-not-over",
        "earlier-period-open",
        "year-is-empty",
        "kept-for-appeals",
        "year-end-taken",
    ),
)
budgets.act(
    "/year-ends/<uuid:year_end_id>/approval",
    sites.budgets.approve_year_end,
    needs=("approve_year_end",),
    takes=MoveYearEnd,
    answers=YearEndView,
    refusals=(
        "token-too-old",
        "not-found",
        "own-year-end",
        "year-end-not-movable",
        "year-end-changed",
        "earlier-period-open",
    ),
)
budgets.act(
    "/year-ends/<uuid:year_end_id>/withdrawal",
    sites.budgets.withdraw_year_end,
    needs=("withdraw_year_end",),
    takes=MoveYearEnd,
    answers=YearEndView,
    refusals=("not-found", "year-end-not-movable"),
)
budgets.read(
    "/funds/<uuid:fund_id>/voucher-layout",
    sites.budgets.voucher_layout,
    needs=("read_ledger",),
    takes=VoucherLayoutAsked,
    answers=VoucherLayoutView,
    refusals=("not-found",),
)
budgets.act(
    "/funds/<uuid:fund_id>/voucher-layout",
    sites.budgets.set_voucher_layout,
    needs=("set_voucher_layout",),
    takes=SetVoucherLayout,
    answers=VoucherLayoutView,
    refusals=("not-found",),
)
