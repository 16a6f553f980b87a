"""Accounting vouchers for the unit's own programme, and the books of a year as a workbook (S10)."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
import python_calamine
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput
from contracts.sites.budgets import SetVoucherLayout, VoucherColumn
from contracts.sites.proofs import ClosePeriod, ReverseEntry
from contracts.sites.reports import AskReport
from sites.domain import accounting
from sites.domain.ledger import REASONS
from sites.operations import budgets, ledger, periods
from sites.operations.report_csv import as_csv
from sites.operations.report_xlsx import as_xlsx
from sites.queries import books
from sites.queries import budgets as budget_queries
from sites.queries import reports as report_queries
from sqlalchemy import Connection, text

from tests.sites.articles import NOON, a_site, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    VISIT,
    a_payee,
    a_preparer,
    a_visit,
    an_approved_batch,
    an_approver,
    an_auditor,
    encumbered,
    fresh,
    pay,
)

MONTH = "2026-11"
EARLIER = VISIT - timedelta(hours=3)


def a_month(db: Connection) -> AskReport:
    """A fund with a grant, one that was reversed, one owed and one paid claim; returns how its vouchers are asked."""
    fund = money_in_the_fund(db, amount_fen=10_000_00)
    site = a_site(db)
    a_payee(db, site)
    batch = an_approved_batch(db, a_visit(db, site=site, came=18), a_visit(db, site=site, visit_at=EARLIER))
    code = db.execute(text("SELECT code FROM sites WHERE id = :id"), {"id": site.id}).scalar_one()
    order, claim = db.execute(
        text("SELECT order_id, id FROM claims WHERE asked_fen = 40000 AND batch_id = :batch"), {"batch": batch.id}
    ).one()
    pay(db, fund, ledger.Payment(order, claim, code, 400_00))
    ledger.appropriate(
        db, fund_id=fund, year=2026, amount_fen=5_00, document_number="=错", at=NOON, by=a_preparer("=cmd")
    )
    last = db.execute(text("SELECT id FROM ledger_entries WHERE document_number = '=错'")).scalar_one()
    asked = ReverseEntry(entry_id=last, reason="文号录错")
    periods.reverse(db, asked=asked, actor=fresh(an_approver(), CLOSED), at=CLOSED)
    return AskReport(kind="vouchers", format="csv", period=MONTH, fund_id=fund)


def rows_of(db: Connection, asked: AskReport) -> list[dict[str, str]]:
    document = report_queries.document(db, asked, actor=an_auditor(), at=CLOSED)
    return list(csv.DictReader(io.StringIO(as_csv(document).decode("utf-8-sig"))))


class TestVouchers:
    def test_each_balances_in_each_system_and_says_its_codes(self, db: Connection) -> None:
        rows = rows_of(db, a_month(db))
        sums: dict[tuple[str, str], float] = {}
        for row in rows:
            key = (row["凭证号"], row["核算体系"])
            sums[key] = sums.get(key, 0) + float(row["借方金额"] or 0) - float(row["贷方金额"] or 0)
        assert set(sums.values()) == {0}
        # Granted, owed twice, paid, granted in error, reversed: what was set aside makes none.
        assert sorted({row["凭证号"] for row in rows}) == [f"记-{number:04d}" for number in range(1, 7)]
        spent = [row for row in rows if row["科目名称"] == "行政支出"]
        assert [(row["支出功能分类"], row["部门预算支出经济分类"], row["政府预算支出经济分类"]) for row in spent] == [
            ("2013202", "30299", "50299")
        ]
        assert [row["借方金额"] for row in spent] == ["400.00"]
        assert {row["往来单位"] for row in rows if row["科目名称"] == "应付账款"} != {""}

    def test_a_reversal_repeats_the_lines_with_negative_amounts(self, db: Connection) -> None:
        rows = rows_of(db, a_month(db))
        red = [row for row in rows if row["摘要"].startswith("冲销")]
        assert [(row["科目名称"], row["借方金额"], row["贷方金额"]) for row in red] == [
            ("银行存款", "-5.00", ""),
            ("财政拨款收入", "", "-5.00"),
            ("资金结存", "-5.00", ""),
            ("财政拨款预算收入", "", "-5.00"),
        ]

    def test_no_cell_is_a_formula(self, db: Connection) -> None:
        rows = rows_of(db, a_month(db))
        assert any(row["文号"] == "'=错" and row["制单"] == "'=cmd" for row in rows)

    def test_the_fund_s_own_columns_and_codes(self, db: Connection) -> None:
        asked = a_month(db)
        assert asked.fund_id is not None
        first = budget_queries.layout(db, asked.fund_id, actor=an_auditor())
        assert first.set_by is None
        wanted = SetVoucherLayout(
            fund_id=asked.fund_id,
            columns=[
                VoucherColumn("科目", "account_code"),
                VoucherColumn("借", "debit"),
                VoucherColumn("贷", "credit"),
            ],
            codes={**first.codes, "bank": "100201"},
        )
        with pytest.raises(Forbidden):
            budgets.set_layout(db, asked=wanted, actor=an_approver(), at=NOON)
        assert budgets.set_layout(db, asked=wanted, actor=a_preparer(), at=NOON).set_by == "赵经办"
        assert rows_of(db, asked)[0] == {"科目": "100201", "借": "10000.00", "贷": ""}

    @pytest.mark.parametrize(
        ("columns", "codes", "field"),
        [
            ([], {}, "columns"),
            ([("一", "debit"), ("一", "credit")], {}, "columns"),
            ([("一", "salary")], {}, "columns"),
            ([("一", "debit")], {"bank": ""}, "codes"),
            ([("一", "debit")], {"bank": "=1"}, "codes"),
            ([("一", "debit")], {"till": "1"}, "codes"),
        ],
    )
    def test_a_layout_that_no_voucher_can_have(
        self, db: Connection, columns: list[tuple[str, str]], codes: dict[str, str], field: str
    ) -> None:
        asked = SetVoucherLayout(
            fund_id=money_in_the_fund(db),
            columns=[VoucherColumn(*column) for column in columns],
            codes={**accounting.CODES, **codes},
        )
        with pytest.raises(InvalidInput) as refused:
            budgets.set_layout(db, asked=asked, actor=a_preparer(), at=NOON)
        assert set(refused.value.errors) == {field}

    def test_only_vouchers_are_made_as_csv(self, db: Connection) -> None:
        asked = replace(a_month(db), kind="ledger_book")
        with pytest.raises(InvalidInput):
            report_queries.document(db, asked, actor=an_auditor(), at=CLOSED)

    def test_more_than_a_file_takes_is_refused(self, db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = a_month(db)
        monkeypatch.setattr(books, "ROWS_MAX", {"csv": 3, "xlsx": 3})
        for each in (asked, replace(asked, kind="ledger_book", format="xlsx")):
            with pytest.raises(InvalidInput):
                report_queries.document(db, each, actor=an_auditor(), at=CLOSED)


class TestTheBook:
    def test_a_workbook_of_accounts_trial_balance_and_entries(self, db: Connection) -> None:
        asked = replace(a_month(db), kind="ledger_book", format="xlsx", period=None, year=2026)
        document = report_queries.document(db, asked, actor=an_auditor(), at=CLOSED)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(document)))
        assert book.sheet_names == ["说明", "1 科目", "2 试算平衡", "3 分录"]
        _, *balance, total = book.get_sheet_by_name("2 试算平衡").to_python()
        assert round(sum(row[5] for row in balance), 2) == 0 == total[5]
        assert round(sum(row[3] for row in balance), 2) == total[3] == total[4]
        entries = db.execute(text("SELECT count(*) FROM ledger_entries")).scalar_one()
        assert len(book.get_sheet_by_name("3 分录").to_python()) == entries + 2

    def test_a_month_begins_with_what_was_before(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        december = NOON.replace(month=12)
        asked = AskReport(kind="ledger_book", format="xlsx", period="2026-12", fund_id=fund)
        document = report_queries.document(db, asked, actor=an_auditor(), at=december)
        assert [tuple(row)[2:] for row in document.grids[1].rows] == [
            (-100_00, 0, 0, -100_00),
            (100_00, 0, 0, 100_00),
        ]
        assert document.grids[2].rows == []

    def test_budget_execution_counts_an_entry_in_the_month_in_which_it_counts(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        december = NOON.replace(month=12, day=2)
        periods.close(db, asked=ClosePeriod(fund, "2026-11"), actor=fresh(an_approver(), december), at=december)
        encumbered(db, fund, 2_00)  # of a day in November, which is closed
        asked = AskReport(kind="budget_execution", format="pdf", fund_id=fund, year=2026)
        months = report_queries.document(db, asked, actor=an_auditor(), at=december).grids[0]
        assert [(row[0], row[2]) for row in months.rows] == [("2026年11月", 0), ("2026年12月", 2_00)]

    def test_every_reason_has_its_word(self) -> None:
        assert set(books.REASONS) == set(REASONS)
