"""How a fund's year is executed, compared and forecast (S10)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from chassis.actors import Forbidden
from chassis.refusals import NotFound
from contracts.sites.budgets import ExecutionAsked, RecordFiscalGrowth, YearEndAsked
from sites.domain.budgets import change_bp, forecast, last_day
from sites.operations import budgets, ledger, seals
from sites.queries import budgets as budget_queries
from sqlalchemy import Connection, text

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, NOON, a_site, money_in_the_fund
from tests.sites.money import VISIT, a_payee, a_preparer, a_visit, an_approved_batch, an_auditor, approved, encumbered

LATER = NOON + timedelta(days=20)
TODAY = date(2026, 7, 1)


class TestForecast:
    def look(self, **changed: object) -> tuple[int, int, str | None]:
        given = {
            "today": TODAY,
            "year": 2026,
            "first_day": date(2026, 1, 1),
            "recent_fen": 90_00,
            "committed_fen": 100_00,
            "granted_fen": 1000_00,
            "last": date(2026, 12, 31),
        }
        found = forecast(**(given | changed))  # type: ignore[arg-type]
        return found.expected_fen, found.days_left, found.level

    def test_goes_on_at_the_pace_of_the_last_ninety_days(self) -> None:
        assert self.look() == (183_00, 183, None)
        # Only ten days were counted.
        assert self.look(first_day=date(2026, 6, 22), recent_fen=10_00)[0] == 183_00

    def test_ends_with_the_last_spending_day(self) -> None:
        assert self.look(last=date(2026, 7, 11)) == (10_00, 10, None)
        assert self.look(last=date(2026, 6, 1)) == (0, 0, None)

    def test_warns_at_eighty_and_ninety_five_percent_and_when_too_much_is_expected(self) -> None:
        stands = {"recent_fen": 0, "granted_fen": 1000_00}
        assert self.look(committed_fen=799_99, **stands)[2] is None
        assert self.look(committed_fen=800_00, **stands)[2] == "watch"
        assert self.look(committed_fen=950_00, **stands)[2] == "short"
        assert self.look(committed_fen=700_00, recent_fen=200_00)[2] == "over"
        assert self.look(committed_fen=0, recent_fen=0, granted_fen=0, first_day=None) == (0, 183, None)

    @pytest.mark.parametrize(
        ("said", "day"),
        [(None, date(2027, 12, 31)), ("12-20", date(2027, 12, 20)), ("02-29", date(2027, 2, 28))],
    )
    def test_the_last_day_is_the_policy_s_or_the_year_s(self, said: str | None, day: date) -> None:
        assert last_day(2027, said) == day

    def test_a_change_from_nothing_has_no_rate(self) -> None:
        assert (change_bp(110, 100), change_bp(90, 100), change_bp(1, 0)) == (1000, -1000, None)


class TestExecution:
    def test_says_by_month_site_town_and_category_what_the_books_say(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_000_00)
        one, other = a_site(db), a_site(db)
        for site in (one, other):
            a_payee(db, site)
        approved(db, a_visit(db, site=one, came=18))
        an_approved_batch(db, a_visit(db, site=other))
        a_visit(db, site=other, visit_at=VISIT - timedelta(hours=3))  # set aside only
        asked = ExecutionAsked(fund, 2026)
        found = budget_queries.execution(db, asked, actor=an_auditor(), at=LATER)
        assert found.granted_fen == 100_000_00
        assert (found.encumbered_fen, found.payable_fen, found.paid_fen) == (400_00, 780_00, 0)
        assert found.committed_bp == 10_000 * 1180_00 // 100_000_00
        month = found.months[0]
        assert (month.month, month.granted_fen, month.committed_fen, month.owed_fen) == (
            "2026-11",
            100_000_00,
            1180_00,
            780_00,
        )
        assert [(place.key, place.committed_fen) for place in found.sites] == [
            (str(other.id), 800_00),
            (str(one.id), 380_00),
        ]
        for split in (found.sites, found.towns, found.categories):
            assert sum(place.committed_fen for place in split) == 1180_00
        # Sealed or not, the figures are the same.
        seals.seal(db)
        assert budget_queries.execution(db, asked, actor=an_auditor(), at=LATER) == found

    def test_is_compared_with_last_year_and_with_fiscal_growth(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=110_00)
        ledger.appropriate(db, fund_id=fund, year=2025, amount_fen=100_00, document_number="去年", at=NOON, by=None)
        asked = RecordFiscalGrowth(fund_id=fund, year=2026, growth_bp=480, source="2026年预算报告")
        budgets.record_growth(db, asked=asked, actor=a_preparer(), at=NOON)
        corrected = RecordFiscalGrowth(fund_id=fund, year=2026, growth_bp=520, source="2026年预算报告，更正")
        found = budgets.record_growth(db, asked=corrected, actor=a_preparer(), at=NOON).comparison
        assert (found.last_year_fen, found.change_bp, found.fiscal_growth_bp) == (100_00, 1000, 520)
        assert (found.source, found.entered_by) == ("2026年预算报告，更正", "赵经办")
        with pytest.raises(Forbidden):
            budgets.record_growth(db, asked=asked, actor=an_auditor(), at=NOON)

    def test_forecasts_this_year_alone(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        encumbered(db, fund, 84_00)
        found = budget_queries.execution(db, ExecutionAsked(fund), actor=an_auditor(), at=LATER)
        assert found.forecast is not None
        assert (found.forecast.committed_fen, found.forecast.pace_days, found.forecast.days_left) == (84_00, 21, 31)
        assert found.forecast.expected_fen == 124_00
        assert found.forecast.level == "over"
        assert budget_queries.execution(db, ExecutionAsked(fund, 2025), actor=an_auditor(), at=LATER).forecast is None

    def test_goes_by_the_policy_s_last_spending_day(self, db: Connection) -> None:
        fund = money_in_the_fund(db, amount_fen=100_00)
        db.execute(text("UPDATE policies SET last_spending_day = '12-20', carries_over = true"))
        found = budget_queries.execution(db, ExecutionAsked(fund), actor=an_auditor(), at=LATER).forecast
        assert found is not None
        assert (found.last_day, found.days_left) == (date(2026, 12, 20), 20)
        assert budget_queries.standing(db, YearEndAsked(fund, 2026), actor=an_auditor(), at=LATER).carries_over

    def test_is_seen_by_those_who_see_the_fund(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        assert budget_queries.execution(
            db, ExecutionAsked(fund, 2026), actor=an_actor(("officer", DISTRICT)), at=NOON
        ).granted_fen
        for asked in (ExecutionAsked(uuid4()), ExecutionAsked(fund)):
            with pytest.raises(NotFound):
                budget_queries.execution(db, asked, actor=an_auditor("9"), at=NOON)
