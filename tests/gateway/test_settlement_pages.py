"""The pages of settlement, drawn by the gateway with the real services behind it: finance, payer, steward, member."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from tests.gateway.conftest import STANDING, Keys, Standing, a_browser

pytestmark = STANDING

UNKNOWN = "00000000-0000-4000-8000-000000000000"
PAGES = {
    "preparer": (
        "/batches",
        "/payees",
        "/payees?pending=1",
        "/objections",
        "/overpayments",
        "/reconciliation",
        "/publicity",
        *("/fund-settings", "/file-layouts", "/file-layouts?purpose=statement", "/claim-rules"),
    ),
    "approver": (
        *("/batches", "/payees", "/objections?state=open", "/reconciliation", "/fund-settings", "/file-layouts"),
        *("/claim-rules", "/claim-rules/anomalies/month_end_burst"),
    ),
    "payer": ("/batches?state=approved", "/payees", "/overpayments", "/reconciliation", "/fund-settings"),
    "officer": ("/fund-settings", "/claim-rules"),
    "steward": ("/payees", "/overpayments", "/publicity"),
    "member": ("/publicity", "/objections"),
}


@pytest.mark.parametrize("role", PAGES)
def test_pages_of(app: Flask, keys: Keys, services: Standing, role: str) -> None:
    browser = a_browser(app, keys.token(role, path="3703.370302"))
    found: list[Any] = []
    for path in PAGES[role]:
        answer = browser.client.get(path, headers={"Accept": "text/html"})
        found.append((path, answer.status_code, "暂时不可用" in answer.text))
    assert found == [(path, 200, False) for path in PAGES[role]]


def test_a_report_with_a_wrong_amount_keeps_what_was_typed(app: Flask, keys: Keys, services: Standing) -> None:
    browser = a_browser(app, keys.token("preparer", path="3703.370302"))
    claim = str(uuid4())
    form = {"csrf_token": browser.csrf, "claim_id": claim, "amount_fen": "二十元", "reason": "多计两人"}
    answer = browser.client.post("/overpayments", data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    for kept in (
        f'value="{claim}"',
        'value="二十元"',
        ">多计两人</textarea>",
        'href="#amount_fen"',
        'id="amount_fen-error"',
    ):
        assert kept in answer.text
    assert "请以元为单位填写金额" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/overpayments/{UNKNOWN}/repayments",
        f"/objections/{UNKNOWN}/decision",
        f"/reconciliation/differences/{UNKNOWN}/explanation",
    ],
)
def test_an_empty_form_is_told_above_the_list(app: Flask, keys: Keys, services: Standing, path: str) -> None:
    browser = a_browser(app, keys.token("preparer", path="3703.370302"))
    answer = browser.client.post(path, data={"csrf_token": browser.csrf}, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert 'id="error-summary"' in answer.text
    assert "请填写此项" in answer.text


def test_a_payee_is_found_by_name(app: Flask, keys: Keys, services: Standing) -> None:
    browser = a_browser(app, keys.token("preparer", path="3703.370302"))
    answer = browser.client.get("/payees?q=没有这个单位", headers={"Accept": "text/html"})
    assert 'value="没有这个单位"' in answer.text
    assert "请换个名称查找" in answer.text
