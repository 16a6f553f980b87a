"""A fund's year and its books through the gateway, with the real services behind it; *work* proves none here (S10)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sites.operations import ledger, seals
from werkzeug.test import TestResponse

from tests.gateway.conftest import STANDING, Keys, Standing, a_browser
from tests.sites.articles import NOON, money_in_the_fund

pytestmark = STANDING

Headers = Callable[..., dict[str, str]]
LAST_YEAR = NOON.replace(year=2025, month=6)


@dataclass
class Books:
    """A fund of last year with 90.00 left and 10.00 set aside, and people at its node of the tree."""

    app: Flask
    keys: Keys
    fund: UUID
    path: str

    def who(self, role: str) -> str:
        return self.keys.token(role, path=self.path)

    def sends(self, client: FlaskClient, role: str, address: str, body: dict[str, Any] | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.who(role)}", "Accept-Language": "zh-CN"}
        if body is None:
            return client.get(f"/api/v1/{address}", headers=headers)
        return client.post(f"/api/v1/{address}", json=body, headers=headers)

    def page(self, role: str, path: str, form: dict[str, str] | None = None) -> TestResponse:
        browser = a_browser(self.app, self.who(role))
        how = {"headers": {"Accept": "text/html", "Accept-Language": "zh-CN"}}
        if form is None:
            return browser.client.get(path, **how)
        return browser.client.post(path, data={"csrf_token": browser.csrf, **form}, **how)

    def reads(self, role: str, path: str) -> str:
        answer = self.page(role, path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)


@pytest.fixture
def its(app: Flask, keys: Keys, services: Standing, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    path = f"88{uuid4().int % 10**6:06d}"
    with services.engines["sites"].begin() as db:
        fund = money_in_the_fund(db, amount_fen=0, path=path)
        number = f"川财〔2025〕{uuid4().hex[:6]}号"
        ledger.appropriate(
            db, fund_id=fund, year=2025, amount_fen=100_00, document_number=number, at=LAST_YEAR, by=None
        )
        ledger.encumber(db, fund_id=fund, year=2025, order_id=uuid4(), amount_fen=10_00, at=LAST_YEAR, by=None)
        seals.seal(db, fund_id=fund)
    return Books(app, keys, fund, path)


class TestTheYear:
    def test_is_closed_proposed_and_carried_by_two_persons(self, its: Books, client: FlaskClient) -> None:
        proposal = {"year": 2025, "use": "carry_over", "document_number": "川财〔2026〕1号"}
        early = its.sends(client, "preparer", f"funds/{its.fund}/year-ends", proposal)
        assert (early.status_code, early.json["code"]) == (409, "earlier-period-open")
        assert (
            its.sends(client, "approver", f"funds/{its.fund}/closed-periods", {"period": "2025-06"}).status_code == 200
        )
        end = its.sends(client, "preparer", f"funds/{its.fund}/year-ends", proposal)
        assert (end.status_code, end.json["amount_fen"], end.json["state"]) == (201, 90_00, "proposed")
        address = f"year-ends/{end.json['id']}/approval"
        assert its.sends(client, "preparer", address, {}).status_code == 403
        done = its.sends(client, "approver", address, {})
        assert (done.status_code, done.json["state"]) == (200, "done")
        assert its.sends(client, "approver", address, {}).json["code"] == "year-end-not-movable"
        year = its.sends(client, "auditor", f"funds/{its.fund}/execution?year=2026").json
        assert (year["brought_fen"], year["granted_fen"], year["available_fen"]) == (90_00, 90_00, 90_00)
        listed = its.sends(client, "auditor", f"funds/{its.fund}/year-end?year=2025").json
        assert [deed["deed"] for deed in listed["deeds"]] == ["period_closed", "proposed", "done"]
        balance = its.sends(client, "auditor", f"ledger/trial-balance?fund_id={its.fund}").json
        assert (balance["difference_fen"], balance["agrees_with_balances"]) == (0, True)

    def test_goes_the_same_way_on_its_pages(self, its: Books) -> None:
        months, ends = f"/funds/{its.fund}/months", f"/funds/{its.fund}/year-end?year=2025"
        assert "2025-06" in its.reads("approver", months)
        assert 'value="2025-06"' not in its.reads("preparer", months)
        assert its.page("approver", months, {"period": "2025-06"}).status_code == 303
        assert 'value="2025-06"' not in its.reads("approver", months)
        empty = its.page("preparer", f"/funds/{its.fund}/year-ends?year=2025", {"use": "give_back"})
        assert empty.status_code == 422
        form = {"use": "give_back", "document_number": "川财〔2026〕2号"}
        assert its.page("preparer", f"/funds/{its.fund}/year-ends?year=2025", form).status_code == 303
        shown = its.reads("approver", ends)
        assert "待他人复核" in shown
        action = shown.partition(f'action="/funds/{its.fund}/year-ends/')[2].partition('"')[0]
        moved = its.page("approver", f"/funds/{its.fund}/year-ends/{action}", {})
        assert moved.status_code == 303
        for words in ("没有余额", "交回财政", "结账清单"):
            assert words in its.reads("auditor", ends)

    def test_is_compared_with_fiscal_growth(self, its: Books) -> None:
        address = f"/funds/{its.fund}/fiscal-growths?year=2025"
        wrong = its.page("preparer", address, {"growth_bp": "many", "source": "报告"})
        assert wrong.status_code == 422
        assert "请填写百分数" in wrong.get_data(as_text=True)
        assert its.page("preparer", address, {"growth_bp": "-1.35%", "source": "2025年预算报告"}).status_code == 303
        shown = its.reads("officer", f"/funds/{its.fund}?year=2025")
        for words in ("-1.35 %", "2025年预算报告", "逐月"):
            assert words in shown


class TestTheBooks:
    def test_a_statement_has_its_balances(self, its: Books, client: FlaskClient) -> None:
        address = f"ledger/accounts/available/statement?fund_id={its.fund}&from=2025-01-01&to=2025-12-31&limit=1"
        first = its.sends(client, "auditor", address).json
        assert (first["opening_fen"], first["closing_fen"]) == (0, 90_00)
        assert [entry["balance_fen"] for entry in first["items"]] == [100_00]
        second = its.sends(client, "auditor", f"{address}&cursor={first['next']}").json
        assert (second["opening_fen"], [entry["balance_fen"] for entry in second["items"]]) == (100_00, [90_00])
        wrong = its.sends(client, "auditor", "ledger/accounts/available/statement?from=soon")
        assert (wrong.status_code, set(wrong.json["errors"])) == (400, {"from"})
        shown = its.reads("auditor", f"/ledger/accounts/available?fund={its.fund}&from=2025-01-01&to=2025-12-31")
        assert "90.00元" in shown

    def test_the_exports_are_offered_and_fetched(self, its: Books, client: FlaskClient) -> None:
        assert str(its.fund) in its.reads("auditor", "/ledger/exports")
        journal = its.sends(client, "auditor", f"ledger/journal?format=beancount&fund_id={its.fund}")
        assert "Appropriations" in journal.get_data(as_text=True)
        asked = {"kind": "ledger_book", "format": "xlsx", "fund_id": str(its.fund), "year": 2025}
        assert its.sends(client, "auditor", "reports", asked).status_code == 202
        for other in ({"format": "csv"}, {"fund_id": None}):
            assert its.sends(client, "auditor", "reports", {**asked, **other}).status_code == 422

    def test_vouchers_come_in_the_fund_s_layout(self, its: Books, client: FlaskClient) -> None:
        address = f"/funds/{its.fund}/vouchers"
        layout = its.sends(client, "preparer", f"funds/{its.fund}/voucher-layout").json
        form = {f"code_{name}": code for name, code in layout["codes"].items()}
        for columns, status in (("科目", 422), ("科目 = salary", 422), ("科目 = account_code\n借 = debit", 303)):
            assert its.page("preparer", address, {**form, "columns": columns}).status_code == status
        assert its.page("preparer", address, {**form, "columns": "科目 = debit", "code_bank": "=1"}).status_code == 422
        kept = its.sends(client, "auditor", f"funds/{its.fund}/voucher-layout").json
        assert kept["columns"] == [
            {"heading": "科目", "field": "account_code"},
            {"heading": "借", "field": "debit"},
        ]
        assert "account_code" in its.reads("auditor", address)
        asked = its.sends(
            client,
            "preparer",
            "reports",
            {"kind": "vouchers", "format": "csv", "fund_id": str(its.fund), "period": "2025-06"},
        )
        assert (asked.status_code, asked.json["format"]) == (202, "csv")

    def test_other_people_s_funds_are_not_there(self, its: Books, client: FlaskClient, bearer: Headers) -> None:
        for address in ("execution", "year-end", "voucher-layout"):
            assert client.get(f"/api/v1/funds/{its.fund}/{address}", headers=bearer("auditor")).status_code == 404
