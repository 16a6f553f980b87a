"""The pages of settlement, drawn by the gateway with the real services behind it: finance, payer, steward, member."""

from typing import Any

import pytest
from flask import Flask

from tests.gateway.conftest import STANDING, Keys, Standing, a_browser

pytestmark = STANDING

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
