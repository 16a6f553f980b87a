"""A fund's year ends: what is left is carried over or given back, once, by two persons (S10)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.sites.budgets import MoveYearEnd, ProposeYearEnd, YearEndAsked, YearEndView
from contracts.sites.claims import AppealClaim, DecideClaimAppeal, MoveClaimWithReason
from contracts.sites.ledger import TrialBalanceAsked
from contracts.sites.proofs import ClosePeriod
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sites.domain.budgets import (
    MOVES,
    STATES,
    FundYearNotOver,
    KeptForAppeals,
    OwnYearEnd,
    YearEndChanged,
    YearEndNotMovable,
    YearEndTaken,
    YearIsEmpty,
)
from sites.domain.claim_appeals import AppealFindsNoMoney, AppealOfEndedYear
from sites.domain.ledger import EarlierPeriodOpen, FundExhausted
from sites.operations import budgets, claim_appeals, claims, ledger, periods, proofs, seals
from sites.queries import budgets as budget_queries
from sites.queries import ledger as ledger_queries
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.conftest import drawn
from tests.sites.articles import DISTRICT, NOON, money_in_the_fund
from tests.sites.money import (
    Visit,
    a_move,
    a_preparer,
    a_visit,
    an_approver,
    an_auditor,
    at_once,
    books,
    confirmed,
    encumbered,
    fresh,
    pay,
    post,
    the_claim,
    the_id,
)

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


class TestAppealsAfterTheYear:
    """A rejected or lowered claim of December can be appealed against when its year is ended in January."""

    DECIDED = JANUARY - timedelta(hours=5)
    LATER = JANUARY + timedelta(days=30)

    def a_rejected_visit(self, db: Connection) -> Visit:
        visit = confirmed_visit(db)
        asked = MoveClaimWithReason(claim_id=the_id(visit), reason="签到不符", code="not_real")
        claims.reject(db, asked=asked, actor=fresh(a_preparer(), self.DECIDED), at=self.DECIDED)
        return visit

    def appeals(self, db: Connection, visit: Visit) -> None:
        asked = AppealClaim(claim_id=the_id(visit), reason="签到表可证")
        claim_appeals.appeal(db, asked=asked, actor=visit.steward, at=JANUARY)

    def grants(self, db: Connection, visit: Visit, *, grant: bool = True, at: datetime = LATER) -> None:
        asked = DecideClaimAppeal(claim_id=the_id(visit), grant=grant, reason="核对属实")
        claim_appeals.decide(db, asked=asked, actor=fresh(an_approver(), at), at=at)

    @pytest.mark.parametrize("use", ["carry_over", "give_back"])
    def test_what_an_appeal_may_bring_back_stays_in_the_year(self, db: Connection, use: str) -> None:
        fund = money_in_the_fund(db, amount_fen=1_000_00)
        visit = self.a_rejected_visit(db)
        closed(db, fund)
        standing = budget_queries.standing(db, YearEndAsked(fund, 2026), actor=an_auditor(), at=JANUARY)
        assert (standing.available_fen, standing.kept_fen) == (1_000_00, 400_00)
        assert approved(db, proposed(db, fund, use=use)).amount_fen == 600_00
        self.appeals(db, visit)
        self.grants(db, visit)
        assert the_claim(db, visit).state == "confirmed"
        old = year_of(db, fund)
        assert (old.available_fen, old.encumbered_fen) == (0, 400_00)
        books(db)

    def test_so_does_what_a_lowered_claim_may_be_raised_by(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1_000_00)
        visit = confirmed_visit(db)
        lowered = replace(a_move(visit), approved_fen=300_00, code="amount_wrong")
        claims.approve(db, asked=lowered, actor=fresh(a_preparer(), self.DECIDED), at=self.DECIDED)
        closed(db, fund)
        assert approved(db, proposed(db, fund)).amount_fen == 600_00
        self.appeals(db, visit)
        self.grants(db, visit)
        assert the_claim(db, visit).approved_fen == 400_00
        assert year_of(db, fund).available_fen == 0
        books(db)

    def test_all_that_is_left_may_be_kept_until_the_appeal_is_decided(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=400_00)
        visit = self.a_rejected_visit(db)
        closed(db, fund)
        with pytest.raises(KeptForAppeals, match=r"0 appeals wait .* until 2027-01-21 00:00"):
            proposed(db, fund)
        self.appeals(db, visit)
        with pytest.raises(KeptForAppeals, match="1 appeals wait"):
            proposed(db, fund)
        self.grants(db, visit, grant=False)
        assert approved(db, proposed(db, fund)).amount_fen == 400_00

    def test_nothing_is_kept_once_the_time_to_appeal_is_over(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=400_00)
        self.a_rejected_visit(db)
        for at, kept_fen in ((JANUARY, 400_00), (self.LATER, 0)):
            assert budget_queries.kept_for_appeals(db, fund, 2026, at=at).kept_fen == kept_fen

    def test_a_claim_rejected_after_the_proposal_changes_the_year(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=1_000_00)
        visit = confirmed_visit(db)
        closed(db, fund)
        end = proposed(db, fund)
        assert end.amount_fen == 600_00
        asked = MoveClaimWithReason(claim_id=the_id(visit), reason="签到不符", code="not_real")
        claims.reject(db, asked=asked, actor=fresh(a_preparer(), JANUARY), at=JANUARY)
        with pytest.raises(YearEndChanged):
            approved(db, end)

    def test_money_that_was_carried_before_is_told_with_what_to_do(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=400_00)
        visit = self.a_rejected_visit(db)
        self.appeals(db, visit)
        encumbered(db, fund, 400_00)  # what it gave back went to another order
        with pytest.raises(AppealFindsNoMoney, match="further appropriation"), db.begin_nested():
            self.grants(db, visit, at=self.DECIDED.replace(year=2026, month=12, day=30))
        with pytest.raises(AppealOfEndedYear, match="Refuse the appeal with this reason"), db.begin_nested():
            self.grants(db, visit)
        self.grants(db, visit, grant=False)
        books(db)


def confirmed_visit(db: Connection) -> Visit:
    """A visit of 400.00 yuan whose branch has confirmed its heads."""
    visit = a_visit(db)
    confirmed(db, visit)
    return visit


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
