"""What the books say: balances as at a day, statements, whose funds one sees (S10)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import BadRequest, NotFound
from contracts.sites.funds import FundsAsked
from contracts.sites.ledger import StatementAsked, TrialBalanceAsked
from sites.operations import ledger, seals
from sites.queries import funds as fund_queries
from sites.queries import ledger as ledger_queries
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, NOON, money_in_the_fund
from tests.sites.money import an_auditor, books, encumbered, post


class TestWhatTheBooksSay:
    def test_as_at_the_end_of_a_day_in_shanghai(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        late = NOON + timedelta(hours=11, minutes=59)  # 23:59
        next_day = NOON + timedelta(hours=12)
        for at in (late, next_day):
            ledger.encumber(db, fund_id=fund, year=2026, order_id=uuid4(), amount_fen=100, at=at, by=None)
        balance = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(on=date(2026, 11, 10)), actor=an_auditor())
        by_account = {account.account: account.balance_fen for account in balance.accounts}
        assert by_account == {"appropriations": -1000_00, "available": 999_00, "encumbered": 100}
        assert [account.account for account in balance.accounts] == ["appropriations", "available", "encumbered"]
        assert balance.agrees_with_balances
        before = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(on=date(2026, 11, 9)), actor=an_auditor())
        assert before.accounts == []

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE fund_years SET available_fen = available_fen - 1, paid_fen = paid_fen + 1",
            "UPDATE fund_years SET available_fen = available_fen + 1, appropriated_fen = appropriated_fen + 1",
            "UPDATE site_balances SET payable_fen = payable_fen + 1",
            "UPDATE encumbrances SET amount_fen = amount_fen + 1 WHERE state = 'pending'",
            "DELETE FROM encumbrances WHERE state = 'pending'",
            "DELETE FROM site_balances",
            "DELETE FROM fund_years",
        ],
    )
    def test_a_kept_balance_that_differs_from_the_entries_shows(self, db: Connection, tampering: str) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        encumbered(db, fund, 100_00)
        post(db, encumbered(db, fund, 100_00), 50_00)
        books(db)
        db.execute(text(tampering))
        balance = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(), actor=an_auditor())
        assert not balance.agrees_with_balances

    def test_a_statement_is_read_page_by_page(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        for amount_fen in (1, 2, 3, 4):
            encumbered(db, fund, amount_fen)
        pages = []
        cursor = None
        for _ in range(3):
            page = ledger_queries.statement(
                db, asked=StatementAsked(account="encumbered", limit=2, cursor=cursor), actor=an_auditor()
            )
            pages.append([entry.amount_fen for entry in page.items])
            cursor = page.next
            if cursor is None:
                break
        assert pages == [[1, 2], [3, 4]]
        with pytest.raises(BadRequest):
            ledger_queries.statement(db, asked=StatementAsked(account="encumbered", cursor="xyz"), actor=an_auditor())

    def test_a_statement_says_its_balances_for_a_period_whatever_is_sealed(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1000_00)
        for day in range(5):
            for fen in (1, 2):
                at = NOON + timedelta(days=day)
                ledger.encumber(db, fund_id=fund, year=2026, order_id=uuid4(), amount_fen=fen, at=at, by=None)
            if day == 2:
                seals.seal(db)
        first, last = NOON.date() + timedelta(days=1), NOON.date() + timedelta(days=3)
        told, cursor = [], None
        while True:
            page = ledger_queries.statement(
                db,
                asked=StatementAsked(account="encumbered", from_day=first, to_day=last, limit=4, cursor=cursor),
                actor=an_auditor(),
            )
            told.append((page.opening_fen, [entry.balance_fen for entry in page.items], page.closing_fen))
            cursor = page.next
            if cursor is None:
                break
        assert told == [(3, [4, 6, 7, 9], 12), (9, [10, 12], 12)]
        debited = ledger_queries.statement(
            db, asked=StatementAsked(account="available", to_day=NOON.date(), limit=1), actor=an_auditor()
        )
        assert (debited.opening_fen, debited.items[0].balance_fen, debited.closing_fen) == (0, 1000_00, 999_97)

    @pytest.mark.parametrize("account", ["cash", "payable", "available:site-a", "", "paid:"])
    def test_an_account_that_cannot_be_is_not_found(self, db: Connection, account: str) -> None:
        with pytest.raises(NotFound):
            ledger_queries.statement(db, asked=StatementAsked(account=account), actor=an_auditor())

    def test_only_the_funds_of_ones_own_part_of_the_tree(self, db: Connection) -> None:
        own = money_in_the_fund(db, amount_fen=1000_00)
        other = money_in_the_fund(db, amount_fen=7, path="3703.370303")
        of_the_city = an_actor(("auditor", "3703"))
        for reader, seen in ((an_auditor(), {own}), (of_the_city, {own, other})):
            page = fund_queries.funds(db, asked=FundsAsked(year=2026), actor=reader, at=NOON)
            assert {fund.id for fund in page.items} == seen
            balance = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(), actor=reader)
            assert balance.debits_fen == (1000_00 if seen == {own} else 1000_07)
        one = ledger_queries.trial_balance(db, asked=TrialBalanceAsked(fund_id=other), actor=an_auditor())
        assert one.accounts == []
        # A neighbour whose code begins alike is no part of it.
        assert fund_queries.funds(db, asked=FundsAsked(), actor=an_auditor("3703.37030"), at=NOON).items == []

    @pytest.mark.parametrize("role", ["member", "secretary", "steward", "assessor", "officer"])
    def test_the_ledger_is_for_finance_and_audit(self, db: Connection, role: str) -> None:
        reader = an_actor((role, DISTRICT))
        with pytest.raises(Forbidden):
            ledger_queries.trial_balance(db, asked=TrialBalanceAsked(), actor=reader)
        with pytest.raises(Forbidden):
            ledger_queries.statement(db, asked=StatementAsked(account="available"), actor=reader)
