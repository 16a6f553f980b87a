"""Numbers of claims, settings of funds and layouts of files, by the API and by the pages that enter them (S11, S12)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient

from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.sites.articles import money_in_the_fund

pytestmark = STANDING

HTML = {"Accept": "text/html"}
ROOT = "3703"


def ahead(days: int = 1) -> str:
    return (clock.today(clock.now()) + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def place() -> str:
    """A part of the tree that no other test has funds in."""
    return f"{ROOT}.settings{uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def fund(services: Standing, place: str) -> UUID:
    with pytest.MonkeyPatch.context() as patch, services.engines["sites"].begin() as db:
        patch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
        return money_in_the_fund(db, path=place)


@pytest.fixture
def approver(app: Flask, keys: Keys, services: Standing, place: str) -> Browser:
    return a_browser(app, keys.token("approver", path=place))


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


class TestFundSettings:
    def test_a_row_is_entered_on_the_page_and_listed(self, approver: Browser, fund: UUID) -> None:
        fields = {"separate_payer": "yes", "publicity_days": "7", "citation": "川组〔2026〕30号"}
        assert sends(approver, f"/fund-settings/{fund}", active_from=ahead(), **fields).status_code == 303
        page = approver.client.get(f"/fund-settings?fund={fund}", headers=HTML).text
        assert "川组〔2026〕30号" in page
        assert "王建国" in page
        assert "待生效" in page

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"active_from": ahead(0)}, "请选择明天或以后的日期"),
            ({"publicity_days": "61"}, "0 到 60"),
            ({"publicity_days": "soon"}, "应为整数"),
            ({"citation": ""}, "请填写"),
        ],
    )
    def test_a_fault_stands_at_its_field(self, approver: Browser, fund: UUID, wrong: dict[str, str], told: str) -> None:
        right = {"active_from": ahead(), "separate_payer": "yes", "publicity_days": "5", "citation": "〔2026〕31号"}
        answer = sends(approver, f"/fund-settings/{fund}", **{**right, **wrong})
        assert answer.status_code == 422
        (field,) = wrong
        told_at = answer.text.partition(f'id="{field}-error"')[2][:400]
        assert told in told_at

    def test_others_see_no_form_and_are_refused(self, app: Flask, keys: Keys, fund: UUID, place: str) -> None:
        auditor = a_browser(app, keys.token("auditor", path=place))
        assert 'name="publicity_days"' not in auditor.client.get(f"/fund-settings?fund={fund}", headers=HTML).text
        assert sends(auditor, f"/fund-settings/{fund}").status_code == 403


NUMBERS = {
    **{"submit_by_day": 10, "appeal_days": 15, "reason_score": 80, "medium_score": 30, "high_score": 60},
    **{"low_percent": 5, "medium_percent": 30, "high_percent": 100},
}


class TestClaimRules:
    def test_are_entered_on_the_page(self, approver: Browser) -> None:
        given = {**NUMBERS, "active_from": ahead(30), "citation": "〔2026〕40号", "second_signature_fen": "2,000"}
        assert sends(approver, "/claim-rules", **given).status_code == 303
        page = approver.client.get("/claim-rules", headers=HTML).text
        assert "〔2026〕40号" in page
        assert "2,000.00元" in page

    def test_an_amount_that_is_none_and_a_wrong_order_are_told(self, approver: Browser) -> None:
        given = {**NUMBERS, "active_from": ahead(30), "citation": "〔2026〕41号"}
        assert "second_signature_fen-error" in sends(approver, "/claim-rules", **given, second_signature_fen="x").text
        answer = sends(approver, "/claim-rules", **{**given, "high_score": 30})
        assert "高疑点的分值须高于中疑点" in answer.text

    def test_a_rule_of_doubt_is_entered_and_its_faults_told(self, approver: Browser) -> None:
        path = "/claim-rules/anomalies/month_end_burst"
        given = {"active_from": ahead(30), "citation": "〔2026〕42号", "score": 25}
        right = {"numbers.days": 4, "numbers.claims": 7, "numbers.percent": 55}
        assert sends(approver, path, **given, **right).status_code == 303
        assert "〔2026〕42号" in approver.client.get(path, headers=HTML).text
        answer = sends(approver, path, **given, **{**right, "numbers.percent": "101", "numbers.days": ""})
        assert answer.status_code == 422
        assert 'id="numbers.percent-error"' in answer.text
        assert 'id="numbers.days-error"' in answer.text
        assert approver.client.get("/claim-rules/anomalies/nonsense", headers=HTML).status_code == 404


PLACED = {"place.account": 1, "heading.account": "账号", "place.payee_name": 2, "heading.payee_name": "户名"}
FORM = {"encoding": "gb18030", "date_format": "YYYYMMDD", "amount_unit": "fen"}


class TestFileLayouts:
    def test_is_looked_at_first_and_then_set(self, approver: Browser, fund: UUID) -> None:
        path = f"/file-layouts/{fund}/payment"
        typed = {**PLACED, "place.amount": 3, "heading.amount": "金额（分）", **FORM}
        shown = sends(approver, f"{path}/preview", **typed)
        assert shown.status_code == 200
        assert "金额（分）</th>" in shown.text
        assert "40000</td>" in shown.text
        assert "初始格式" in approver.client.get(f"/file-layouts?fund={fund}", headers=HTML).text
        assert sends(approver, path, **typed).status_code == 303
        assert "第 1 版" in approver.client.get(f"/file-layouts?fund={fund}", headers=HTML).text

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"place.amount": "2", "heading.amount": "金额"}, "place.amount"),
            ({"place.amount": "3"}, "heading.amount"),
            ({"place.amount": "3", "heading.amount": "x" * 201}, "heading.amount"),
            ({}, "columns"),  # no bank pays without an amount
        ],
    )
    @pytest.mark.parametrize("act", ["", "/preview"])
    def test_a_fault_stands_at_its_field(
        self, approver: Browser, fund: UUID, wrong: dict[str, str], field: str, act: str
    ) -> None:
        answer = sends(approver, f"/file-layouts/{fund}/payment{act}", **PLACED, **FORM, **wrong)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text

    def test_who_may_only_look(self, app: Flask, keys: Keys, fund: UUID, place: str) -> None:
        payer = a_browser(app, keys.token("payer", path=place))
        assert 'name="place.amount"' not in payer.client.get(f"/file-layouts?fund={fund}", headers=HTML).text
        assert sends(payer, f"/file-layouts/{fund}/payment", **PLACED).status_code == 403


class TestTheApi:
    def test_tells_and_enters_with_a_fresh_token_alone(
        self, client: FlaskClient, keys: Keys, services: Standing, fund: UUID, place: str
    ) -> None:
        path = f"/api/v1/funds/{fund}/settings"
        asked = {"active_from": ahead(), "separate_payer": True, "publicity_days": 3, "citation": "〔2026〕50号"}
        old = keys.token("approver", path=place, at=clock.now() - timedelta(minutes=2))
        refused = client.post(path, json=asked, headers={"Authorization": f"Bearer {old}"})
        assert (refused.status_code, refused.json["code"]) == (401, "token-too-old")
        fresh = {"Authorization": f"Bearer {keys.token('approver', path=place)}", "Idempotency-Key": str(uuid4())}
        made = [client.post(path, json=asked, headers=fresh) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201]
        rows = client.get(path, headers=fresh).json["rows"]
        assert [row["citation"] for row in rows].count("〔2026〕50号") == 1

    def test_previews_a_layout(
        self, client: FlaskClient, keys: Keys, services: Standing, fund: UUID, place: str
    ) -> None:
        columns = [{"field": name, "heading": name} for name in ("payee_name", "account", "amount")]
        answer = client.post(
            f"/api/v1/funds/{fund}/file-layout/preview",
            json={"purpose": "payment", "columns": columns},
            headers={"Authorization": f"Bearer {keys.token('auditor', path=place)}"},
        )
        assert answer.status_code == 200
        assert answer.json["headings"] == ["payee_name", "account", "amount"]
        assert answer.json["source"] is None
