"""A fund's year ends: what is left is carried over or given back, once, by two persons (S10)."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.sites.budgets import MoveYearEnd, ProposeYearEnd, YearEndAsked, YearEndView
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.proofs import ClosePeriod
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites.domain.budgets import (
    MOVES,
    STATES,
    FundYearNotOver,
    OwnYearEnd,
    YearEndChanged,
    YearEndNotMovable,
    YearEndTaken,
    YearIsEmpty,
)
from sites.domain.ledger import EarlierPeriodOpen, FundExhausted
from sites.operations import budgets, ledger, periods, proofs, seals
from sites.queries import budgets as budget_queries
from sites.queries import ledger as ledger_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.conftest import drawn
from tests.sites.articles import DISTRICT, NOON, money_in_the_fund
from tests.sites.money import a_preparer, an_approver, an_auditor, at_once, books, encumbered, fresh, pay, post

JANUARY = NOON.replace(year=2027, month=1, day=5)


def year_of(db: Connection, fund: UUID, year: int = 2026) -> Any:
    given = {"fund": fund, "year": year}
    return db.execute(text("SELECT * FROM fund_years WHERE fund_id = :fund AND year = :year"), given).one()


def closed(db: Connection, fund: UUID) -> None:
    for period in ("2026-11", "2026-12"):
        asked = ClosePeriod(fund, period)
        periods.close(db, asked=asked, actor=fresh(an_approver(), JANUARY), at=JANUARY)


def proposed(
    db: Connection, fund: UUID, *, use: str = "carry_over", by: Actor | None = None, year: int = 2026
) -> YearEndView:
    asked = ProposeYearEnd(fund_id=fund, year=year, use=use, document_number="川财〔2027〕1号")
    return budgets.propose(db, asked=asked, actor=fresh(by or a_preparer(), JANUARY), at=JANUARY)


def approved(db: Connection, end: YearEndView, *, by: Actor | None = None) -> YearEndView:
    return budgets.approve(db, asked=MoveYearEnd(end.id), actor=fresh(by or an_approver(), JANUARY), at=JANUARY)


def withdrawn(db: Connection, end: YearEndView) -> YearEndView:
    return budgets.withdraw(db, asked=MoveYearEnd(end.id), actor=fresh(a_preparer(), JANUARY), at=JANUARY)


class TestTheEnd:
    def test_what_is_left_is_carried_over_and_what_was_promised_stays(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        waiting = encumbered(db, fund, 10_00)
        claim = post(db, encumbered(db, fund, 20_00), 20_00)
        closed(db, fund)
        end = approved(db, proposed(db, fund))
        assert (end.state, end.amount_fen, end.decided_by) == ("done", 70_00, "钱复核")
        old, new = year_of(db, fund), year_of(db, fund, 2027)
        assert (old.available_fen, old.encumbered_fen, old.payable_fen, old.carried_fen) == (0, 10_00, 20_00, 70_00)
        assert (new.brought_fen, new.available_fen, new.appropriated_fen) == (70_00, 70_00, 0)
        assert books(db)["brought"] == -70_00
        # What was promised from the old year is paid from it.
        assert claim
        ledger.release(db, order_id=waiting, reason="order_no_show", claim_id=None, at=JANUARY, by=None)
        second = approved(db, proposed(db, fund, use="give_back"))
        assert second.amount_fen == 10_00
        old = year_of(db, fund)
        assert (old.available_fen, old.carried_fen, old.returned_fen) == (0, 70_00, 10_00)
        books(db)
        seals.seal(db)
        assert proofs.prove(db, paths=[DISTRICT], progress=lambda *_: None)["is_right"]

    def test_the_old_year_s_figures_stay_as_at_its_last_day(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        closed(db, fund)
        approved(db, proposed(db, fund))
        asked = TrialBalanceAsked(on=date(2026, 12, 31))
        balance = ledger_queries.trial_balance(db, asked=asked, actor=an_auditor())
        assert {each.account: each.balance_fen for each in balance.accounts} == {
            "appropriations": -100_00,
            "available": 100_00,
        }

    def test_nothing_can_be_promised_from_money_that_was_carried_away(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        closed(db, fund)
        approved(db, proposed(db, fund))
        with pytest.raises(FundExhausted):
            encumbered(db, fund, 1)

    def test_refuses_a_year_that_goes_on_an_open_month_and_nothing_left(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        with pytest.raises(FundYearNotOver):
            proposed(db, fund, year=2027)
        with pytest.raises(EarlierPeriodOpen, match="2026-11"):
            proposed(db, fund)
        with pytest.raises(YearIsEmpty):
            proposed(db, fund, year=2020)
        closed(db, fund)
        with pytest.raises(Forbidden):
            proposed(db, fund, by=an_approver())
        with pytest.raises(NotFound):
            proposed(db, fund, by=a_preparer(path="9"))

    def test_takes_two_persons_and_one_proposal_at_a_time(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        closed(db, fund)
        both = an_actor(("preparer", DISTRICT), ("approver", DISTRICT))
        end = proposed(db, fund, by=both)
        with pytest.raises(YearEndTaken):
            proposed(db, fund)
        with pytest.raises(OwnYearEnd):
            approved(db, end, by=both)
        assert withdrawn(db, end).state == "withdrawn"
        assert approved(db, proposed(db, fund, use="give_back")).state == "done"
        assert year_of(db, fund).returned_fen == 100_00
        assert "brought" not in books(db)

    def test_another_amount_than_was_proposed_is_not_carried(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        order = encumbered(db, fund, 10_00)
        closed(db, fund)
        end = proposed(db, fund)
        ledger.release(db, order_id=order, reason="order_no_show", claim_id=None, at=JANUARY, by=None)
        with pytest.raises(YearEndChanged), db.begin_nested():
            approved(db, end)
        assert budgets.view(db, end.id).state == "proposed"
        assert year_of(db, fund).carried_fen == 0

    @pytest.mark.parametrize("state", STATES)
    def test_each_move_from_each_state(self, db: Connection, state: str) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        closed(db, fund)
        end = proposed(db, fund)
        if state != "proposed":
            {"done": approved, "withdrawn": withdrawn}[state](db, end)
        for verb, act in (("approve", approved), ("withdraw", withdrawn)):
            nested = db.begin_nested()
            if state in MOVES[verb][0]:
                assert act(db, end).state == MOVES[verb][1]
            else:
                with pytest.raises(YearEndNotMovable):
                    act(db, end)
            nested.rollback()

    def test_many_at_once_carry_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=100_00)
            closed(db, fund)
            end = proposed(db, fund)
        assert at_once(database, 8, lambda db, _: approved(db, end)) == ["done"] + ["year-end-not-movable"] * 7
        with database.begin() as db:
            assert year_of(db, fund, 2027).available_fen == 100_00
            assert books(db)["carried"] == 100_00

    def test_many_at_once_propose_once(self, database: Engine) -> None:
        with database.begin() as db:
            fund = money_in_the_fund(db, amount_fen=100_00)
            closed(db, fund)
        assert at_once(database, 6, lambda db, _: proposed(db, fund)) == ["done"] + ["year-end-taken"] * 5


class TestTheClosingList:
    def test_says_who_did_what_and_what_is_still_open(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        encumbered(db, fund, 10_00)
        asked = YearEndAsked(fund, 2026)
        before = budget_queries.standing(db, asked, actor=an_auditor(), at=JANUARY)
        assert (before.is_over, before.available_fen, before.encumbered_fen) == (True, 90_00, 10_00)
        assert (before.checklist["open_months"], before.checklist["pending_orders"]) == (1, 1)
        closed(db, fund)
        approved(db, proposed(db, fund))
        after = budget_queries.standing(db, YearEndAsked(fund), actor=an_auditor(), at=JANUARY)
        assert [(deed.deed, deed.subject, deed.by) for deed in after.deeds] == [
            ("period_closed", "2026-11", "钱复核"),
            ("period_closed", "2026-12", "钱复核"),
            ("proposed", "carry_over", "赵经办"),
            ("done", "carry_over", "钱复核"),
        ]
        assert after.checklist["open_months"] == 0
        with pytest.raises(Forbidden):
            budget_queries.standing(db, asked, actor=an_actor(("officer", DISTRICT)), at=JANUARY)


ACTS = ("set_aside", "release", "post", "pay", "appropriate", "reverse", "end")


class Fund:
    """A fund on which anything may be done; what it cannot do is refused and leaves no trace."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.id = money_in_the_fund(db, amount_fen=100_00)
        self.pending: list[UUID] = []
        self.owed: list[ledger.Payment] = []
        closed(db, self.id)

    def set_aside(self, fen: int) -> None:
        self.pending.append(encumbered(self.db, self.id, fen))

    def release(self, fen: int) -> None:
        del fen
        if self.pending:
            order = self.pending.pop()
            ledger.release(self.db, order_id=order, reason="order_cancelled", claim_id=None, at=NOON, by=None)

    def post(self, fen: int) -> None:
        del fen
        if self.pending:
            order = self.pending.pop()
            self.owed.append(ledger.Payment(order, post(self.db, order, 1), "site-a", 1))

    def pay(self, fen: int) -> None:
        del fen
        if self.owed:
            pay(self.db, self.id, self.owed.pop())

    def appropriate(self, fen: int) -> None:
        number = f"{uuid4()}号"
        ledger.appropriate(
            self.db, fund_id=self.id, year=2026, amount_fen=fen, document_number=number, at=NOON, by=None
        )

    def reverse(self, fen: int) -> None:
        del fen
        last = text(
            "SELECT reverse_entry(e.sequence, '错', :at, NULL, NULL) FROM ledger_entries e"
            " WHERE e.fund_id = :fund AND reason = 'appropriation' AND NOT"
            " EXISTS (SELECT FROM ledger_entries r WHERE r.reverses = e.sequence) ORDER BY sequence DESC LIMIT 1"
        )
        self.db.execute(last, {"fund": self.id, "at": NOON})

    def end(self, fen: int) -> None:
        # What counts late counts in January; the year's own months are closed.
        approved(self.db, proposed(self.db, self.id, use="carry_over" if fen % 2 else "give_back"))


class TestProperty:
    @settings(max_examples=drawn(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 60_00)), max_size=25))
    def test_entries_and_kept_balances_agree_after_any_acts(self, db: Connection, acts: list[tuple[str, int]]) -> None:
        nested = db.begin_nested()
        fund = Fund(db)
        for act, fen in acts:
            step = db.begin_nested()
            try:
                getattr(fund, act)(fen)
            except (FundExhausted, YearIsEmpty):
                step.rollback()
            else:
                step.commit()
        balances = books(db)
        assert all(fen >= 0 for account, fen in balances.items() if account not in ("appropriations", "brought"))
        seals.seal(db)
        assert books(db) == balances
        assert proofs.prove(db, paths=[DISTRICT], progress=lambda *_: None)["is_right"]
        nested.rollback()
