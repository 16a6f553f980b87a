"""Numbers of claims and settings of funds hold from a day on, entered ahead and never changed (S11, S12)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.actors import Actor, Forbidden, TokenTooOld
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.file_layouts import FileLayoutAsked, LayoutColumn, SetFileLayout
from contracts.sites.settings import FundSettingsAsked, SetAnomalyRule, SetClaimRules, SetFundSettings
from sites.domain.dated_rows import IN_FORCE, PAST, PLANNED, REPLACED, TOO_EARLY, TOO_FAR, fault_of_day, states_of
from sites.operations import file_layouts, file_previews, settings
from sites.queries.anomalies import RULES
from sites.queries.claim_rules import claim_rules_on, rules_of
from sites.queries.fund_settings import settings_of, settings_on
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.articles import an_actor
from tests.sites.articles import DISTRICT, a_site, money_in_the_fund
from tests.sites.money import (
    CLOSED,
    a_batch,
    a_payee,
    a_payer,
    a_preparer,
    a_visit,
    an_approver,
    an_auditor,
)

TODAY = CLOSED.date()
TOMORROW = TODAY + timedelta(days=1)
STALE = replace(an_approver(), issued_at=CLOSED - timedelta(minutes=2))


class TestTheDay:
    @pytest.mark.parametrize(
        ("day", "told"),
        [
            (TODAY - timedelta(days=1), TOO_EARLY),
            (TODAY, TOO_EARLY),
            (TOMORROW, None),
            (date(TODAY.year + 5, 12, 31), None),
            (date(TODAY.year + 6, 1, 1), TOO_FAR),
        ],
    )
    def test_is_ahead_and_not_too_far(self, day: date, told: str | None) -> None:
        assert fault_of_day(day, today=TODAY) == told

    def test_says_which_row_holds(self) -> None:
        days = [date(2020, 1, 1), TODAY, TOMORROW, TOMORROW, date(2020, 1, 1)]
        assert states_of(days, today=TODAY) == [REPLACED, IN_FORCE, REPLACED, PLANNED, PAST]
        assert states_of(days, today=TOMORROW) == [REPLACED, PAST, REPLACED, IN_FORCE, PAST]
        assert states_of([TOMORROW], today=TODAY) == [PLANNED]


class TestFundSettings:
    def sets(self, db: Connection, fund: Any, *, by: Actor | None = None, **other: Any) -> Any:
        given = {"active_from": TOMORROW, "separate_payer": True, "publicity_days": 7, "citation": "川组〔2026〕30号"}
        asked = SetFundSettings(fund_id=fund, **{**given, **other})
        return settings.set_fund(db, asked=asked, actor=by or an_approver(), at=CLOSED)

    def test_hold_from_their_day_on(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        view = self.sets(db, fund)
        assert [(row.state, row.publicity_days, row.set_by) for row in view.rows] == [
            ("planned", 7, "钱复核"),
            ("in_force", 0, None),
        ]
        assert (settings_on(db, fund, TODAY).publicity_days, settings_on(db, fund, TOMORROW).publicity_days) == (0, 7)

    def test_a_batch_keeps_what_held_when_it_was_made(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        visit, other = a_visit(db), a_visit(db)
        before = a_batch(db, visit)
        self.sets(db, fund)
        after = a_batch(db, other, at=CLOSED + timedelta(days=1))
        assert (before.separate_payer, before.publicity_days) == (False, 0)
        assert (after.separate_payer, after.publicity_days) == (True, 7)

    def test_a_mistake_is_mended_by_another_row_for_the_day(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        self.sets(db, fund, publicity_days=50)
        view = self.sets(db, fund, publicity_days=5)
        assert [(row.state, row.publicity_days) for row in view.rows] == [
            ("planned", 5),
            ("replaced", 50),
            ("in_force", 0),
        ]
        assert settings_on(db, fund, TOMORROW).publicity_days == 5

    def test_who_may(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        for actor in (a_preparer(), a_payer(), an_auditor()):
            with pytest.raises(Forbidden):
                self.sets(db, fund, by=actor)
        for stranger in (an_approver(path="9"), an_actor(("secretary", DISTRICT))):
            with pytest.raises(NotFound):
                self.sets(db, fund, by=stranger)
        with pytest.raises(NotFound):
            self.sets(db, uuid4())
        with pytest.raises(TokenTooOld):
            self.sets(db, fund, by=STALE)
        asked = FundSettingsAsked(fund)
        assert settings_of(db, asked=asked, actor=a_payer(), at=CLOSED).rows[0].state == "in_force"
        with pytest.raises(NotFound):
            settings_of(db, asked=asked, actor=an_actor(("member", DISTRICT)), at=CLOSED)

    def test_a_day_that_has_begun_is_told_at_its_field(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        with pytest.raises(InvalidInput) as told:
            self.sets(db, fund, active_from=TODAY)
        assert told.value.errors == {"active_from": [TOO_EARLY]}

    @pytest.mark.parametrize("table", ["fund_settings", "claim_rules", "anomaly_rules"])
    def test_the_database_refuses_to_change_and_to_enter_for_the_past(self, db: Connection, table: str) -> None:
        money_in_the_fund(db)
        copied = {
            "fund_settings": "fund_id, separate_payer, publicity_days, citation",
            "claim_rules": "submit_by_day, appeal_days, reason_score, medium_score, high_score, low_percent,"
            " medium_percent, high_percent, citation",
            "anomaly_rules": "rule, score, numbers, citation",
        }[table]
        past = (
            f"INSERT INTO {table} ({copied}, active_from, set_by_id, set_by, set_at)"  # noqa: S608
            f" SELECT {copied}, '2026-11-11', gen_random_uuid(), 'x', '2026-11-11 00:00+08' FROM {table} LIMIT 1"
        )
        for statement in (f"UPDATE {table} SET citation = 'x'", f"DELETE FROM {table}", past):  # noqa: S608
            with pytest.raises(DBAPIError), db.begin_nested():
                db.execute(text(statement))


NUMBERS = {
    "submit_by_day": 5,
    "appeal_days": 20,
    "reason_score": 60,
    "medium_score": 25,
    "high_score": 50,
    "low_percent": 10,
    "medium_percent": 40,
    "high_percent": 100,
    "second_signature_fen": 5_000_00,
}


class TestClaimRules:
    def sets(self, db: Connection, *, by: Actor | None = None, **other: Any) -> Any:
        asked = SetClaimRules(**{"active_from": TOMORROW, "citation": "川组〔2026〕31号", **NUMBERS, **other})
        return settings.set_claims(db, asked=asked, actor=by or an_approver(), at=CLOSED)

    def test_hold_from_their_day_on(self, db: Connection) -> None:
        view = self.sets(db)
        assert [(row.state, row.appeal_days, row.set_by) for row in view.rows] == [
            ("planned", 20, "钱复核"),
            ("in_force", 15, None),
        ]
        assert (claim_rules_on(db, TODAY).appeal_days, claim_rules_on(db, TOMORROW).appeal_days) == (15, 20)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"active_from": TODAY}, "active_from"), ({"high_score": 25}, "high_score")],
    )
    def test_a_fault_is_told_at_its_field(self, db: Connection, wrong: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as told:
            self.sets(db, **wrong)
        assert list(told.value.errors) == [field]

    def test_who_may(self, db: Connection) -> None:
        for actor in (a_preparer(), an_auditor(), an_actor(("officer", DISTRICT))):
            with pytest.raises(Forbidden):
                self.sets(db, by=actor)
            assert rules_of(db, actor=actor, at=CLOSED).rows
        with pytest.raises(TokenTooOld):
            self.sets(db, by=STALE)
        with pytest.raises(Forbidden):
            rules_of(db, actor=an_actor(("steward", DISTRICT)), at=CLOSED)


class TestAnomalyRules:
    def sets(self, db: Connection, rule: str = "month_end_burst", *, by: Actor | None = None, **other: Any) -> Any:
        given = {"score": 20, "numbers": {"days": 5, "claims": 6, "percent": 50}, "citation": "川组〔2026〕32号"}
        asked = SetAnomalyRule(rule=rule, **{"active_from": TOMORROW, **given, **other})
        return settings.set_anomaly(db, asked=asked, actor=by or an_approver(), at=CLOSED)

    def test_every_rule_is_told_with_its_numbers(self, db: Connection) -> None:
        told = rules_of(db, actor=an_auditor(), at=CLOSED).anomalies
        assert [rule.rule for rule in told] == list(RULES)
        assert all(rule.rows[0].state == "in_force" and rule.title for rule in told)
        assert {rule.rule: rule.needs for rule in told if rule.needs} == {
            "far_check_in": ["distance_m"],
            "month_end_burst": ["claims", "days", "percent"],
            "device_at_many_sites": ["days"],
            "check_in_outside_slot": ["minutes"],
            "always_same_headcount": ["claims"],
        }

    def test_hold_from_their_day_on(self, db: Connection) -> None:
        view = self.sets(db)
        assert [(row.state, row.score, row.numbers["days"]) for row in view.rows] == [
            ("planned", 20, 5),
            ("in_force", 15, 3),
        ]

    @pytest.mark.parametrize(
        ("numbers", "fields"),
        [
            ({"days": 5, "claims": 6}, ["numbers.percent"]),
            ({"days": 5, "claims": 6, "percent": 50, "miles": 3}, ["numbers.miles"]),
            ({"days": 32, "claims": 6, "percent": 101}, ["numbers.days", "numbers.percent"]),
        ],
    )
    def test_a_fault_is_told_at_its_number(self, db: Connection, numbers: dict[str, int], fields: list[str]) -> None:
        with pytest.raises(InvalidInput) as told:
            self.sets(db, numbers=numbers)
        assert sorted(told.value.errors) == fields

    def test_who_may_and_which_rule(self, db: Connection) -> None:
        with pytest.raises(Forbidden):
            self.sets(db, by=a_preparer())
        with pytest.raises(TokenTooOld):
            self.sets(db, by=STALE)
        with pytest.raises(NotFound):
            self.sets(db, "no_such_rule")


def a_layout(fund: Any, *, purpose: str = "payment", **other: Any) -> SetFileLayout:
    names = {
        "payment": (("account", "账号"), ("payee_name", "户名"), ("amount", "金额"), ("visit_on", "日期")),
        "statement": (("booked_on", "日期"), ("amount_out", "借"), ("amount_in", "贷"), ("balance", "余额")),
    }[purpose]
    columns = [LayoutColumn(field, heading) for field, heading in names]
    return SetFileLayout(fund_id=fund, purpose=purpose, columns=columns, **other)


class TestLayouts:
    def test_a_preview_shows_the_newest_batch_with_masked_accounts(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        site = a_site(db)
        account = a_payee(db, site)
        batch = a_batch(db, a_visit(db, site=site))
        asked = a_layout(fund, amount_unit="fen", date_format="YYYYMMDD")
        found = file_previews.preview(db, asked=asked, actor=an_approver(), at=CLOSED)
        assert (found.source, found.headings) == (batch.number, ["账号", "户名", "金额", "日期"])
        assert found.lines == [[f"**** {account[-4:]}", f"{site.name}管理单位", "40000", "20261111"]]
        versions = file_layouts.file_layouts_of(db, asked=FileLayoutAsked(fund), actor=an_approver(), at=CLOSED)
        assert [layout.version for layout in versions.items] == [0]

    def test_the_payer_s_account_is_masked_too(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        a_batch(db, a_visit(db))
        asked = a_layout(fund)
        asked.columns.append(LayoutColumn("payer_account", "付款账号"))
        found = file_previews.preview(db, asked=asked, actor=an_approver(), at=CLOSED)
        assert [line[-1] for line in found.lines] == ["**** 0000"]

    @pytest.mark.parametrize("purpose", ["payment", "statement"])
    def test_without_a_file_a_made_up_line_is_shown(self, db: Connection, purpose: str) -> None:
        asked = a_layout(money_in_the_fund(db), purpose=purpose)
        found = file_previews.preview(db, asked=asked, actor=an_auditor(), at=CLOSED)
        assert (found.source, len(found.lines), len(found.lines[0])) == (None, 1, 4)

    def test_a_preview_refuses_what_no_bank_can_read(self, db: Connection) -> None:
        asked = a_layout(money_in_the_fund(db))
        asked.columns.pop(0)
        with pytest.raises(InvalidInput):
            file_previews.preview(db, asked=asked, actor=an_approver(), at=CLOSED)
        with pytest.raises(NotFound):
            file_previews.preview(db, asked=a_layout(uuid4()), actor=an_approver(), at=CLOSED)

    def test_versions_stay_and_a_fresh_token_is_needed(self, db: Connection) -> None:
        fund = money_in_the_fund(db)
        with pytest.raises(TokenTooOld):
            file_layouts.set_layout(db, asked=a_layout(fund), actor=STALE, at=CLOSED)
        with pytest.raises(Forbidden):
            file_layouts.set_layout(db, asked=a_layout(fund), actor=a_preparer(), at=CLOSED)
        for unit in ("yuan", "fen"):
            file_layouts.set_layout(db, asked=a_layout(fund, amount_unit=unit), actor=an_approver(), at=CLOSED)
        page = file_layouts.file_layouts_of(db, asked=FileLayoutAsked(fund), actor=a_payer(), at=CLOSED)
        assert [(layout.version, layout.amount_unit, layout.set_by) for layout in page.items] == [
            (2, "fen", "钱复核"),
            (1, "yuan", "钱复核"),
            (0, "yuan", None),
        ]
