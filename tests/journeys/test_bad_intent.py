"""Somebody signed in, or nobody, reaches for what is another's; a bank's file and a name that mean harm do none."""

import io
import re
import uuid
import zipfile
from typing import Any

import pytest
import requests

from tests.journeys.actors import Approver, Json, Person, Preparer, Secretary, Steward, site_named

SITE = "蒲松龄纪念馆"
SCRIPT = "<script>alert(1)</script>"
PICTURE = '"><img src=x onerror=alert(2)>'


@pytest.fixture
def claim(other_secretary: Secretary, steward: Steward) -> Json:
    """A claim with a paper whose name means harm; later tests of this platform do not count its money."""
    order = other_secretary.orders(site=SITE, party_size=5)
    steward.checks_in(order["voucher"], count=5)
    return steward.closes(order, headcount=5)


def status(person: Person, method: str, path: str, **how: Any) -> int:
    return person.ask(method, path, **how).status_code


@pytest.fixture
def strangers(base_url: str, other_steward: Steward, secretary: Secretary) -> list[Person]:
    """Those whose claim, site or report it is not: another steward, another branch, a member, and nobody at all."""
    nobody = Person(base_url, "nobody", token="x")
    del nobody.http.headers["Authorization"]
    return [other_steward, secretary, Person(base_url, "member"), nobody]


def test_a_claim_with_all_that_hangs_on_it_is_its_own_peoples(
    claim: Json, steward: Steward, preparer: Preparer, strangers: list[Person]
) -> None:
    evil = '../../etc/"a\r\nSet-Cookie: x=1;.pdf'
    paper = steward.ask(
        "POST", f"/claims/{claim['id']}/attachments", files={"file": (evil, b"%PDF-1.4 x"), "kind": (None, "invoice")}
    ).json()
    served = steward.ask("GET", f"/claims/{claim['id']}/attachments/{paper['id']}")
    assert served.content == b"%PDF-1.4 x"
    assert "Set-Cookie" not in served.headers
    assert served.headers["Content-Disposition"].startswith("attachment;")
    assert "/" not in paper["name"]
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in served.headers["Content-Security-Policy"]

    for stranger in strangers:
        for path in ("", "/evidence", f"/attachments/{paper['id']}"):
            assert status(stranger, "GET", f"/claims/{claim['id']}{path}") in (401, 403, 404)
        for path, body in (
            ("/submission", {}),
            ("/headcount-confirmation", {}),
            ("/headcount-dispute", {"headcount": 1, "reason": "x"}),
            ("/approval", {"approved_fen": 1, "code": "other", "reason": "x"}),
            ("/return", {"code": "late"}),
            ("/rejection", {"code": "late"}),
            ("/appeal", {"reason": "x"}),
            ("/overpayments", {"amount_fen": 1, "reason": "x"}),
            ("/field-review", {"finding": "confirmed", "notes": "x"}),
            ("/invoices", {"number": "12345678", "issuer": "x", "issued_on": "2026-11-01", "amount_fen": 1}),
            (f"/attachments/{paper['id']}/removal", {}),
        ):
            assert status(stranger, "POST", f"/claims/{claim['id']}{path}", json=body) in (401, 403, 404), path
        report = {"kind": "claim_file", "format": "pdf", "claim_id": claim["id"]}
        assert status(stranger, "POST", "/reports", json=report) in (401, 403, 404)
        if stranger.http.headers.get("Authorization"):
            listed = stranger.ask("GET", "/claims")
            assert listed.status_code == 403 or claim["id"] not in listed.text
    assert preparer.get(f"/claims/{claim['id']}")["state"] == "submitted"


def test_a_sites_money_and_a_persons_reports_are_not_shown_to_others(
    steward: Steward, preparer: Preparer, strangers: list[Person]
) -> None:
    site = site_named(steward, SITE)["id"]
    for path in (f"/sites/{site}/payee", f"/sites/{site}/account"):
        assert status(steward, "GET", path) == 200
        for stranger in strangers:
            assert status(stranger, "GET", path) in (401, 403, 404)
    report = steward.post("/reports", {"kind": "site_statement", "format": "pdf", "site_id": site, "year": 2026})
    for stranger in (preparer, *strangers):
        for path in (f"/reports/{report['id']}", f"/reports/{report['id']}/file"):
            assert status(stranger, "GET", path) in (401, 403, 404)
    assert status(preparer, "POST", f"/sites/{site}/payee-account") == 200
    assert status(steward, "POST", f"/sites/{site}/payee-account") == 403


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/claims/queue", {"sort": "asked_fen; DROP TABLE claims"}),
        ("/claims/queue", {"town": "x' OR '1'='1", "anomaly": "x' OR '1'='1"}),
        ("/claims", {"state": "' OR 1=1 --"}),
        ("/claims", {"cursor": "WyInIE9SIDE9MSIsICIxIl0"}),
        ("/payees", {"q": "%' UNION SELECT account FROM payees --"}),
        ("/ledger/accounts/payable:x' OR '1'='1/statement", {}),
        ("/ledger/journal", {"format": "json", "after": "F1' OR '1'='1:0"}),
        ("/statistics", {"by": "site; DELETE FROM orders", "town": "' OR 1=1 --"}),
    ],
)
def test_a_filter_is_a_value_and_no_statement(preparer: Preparer, path: str, query: Json) -> None:
    answer = preparer.ask("GET", path, params=query)
    assert answer.status_code in (200, 400, 404, 422)
    if answer.ok and "items" in answer.text:
        assert answer.json()["items"] == []


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2Rldi9udWxsIn0.eyJzdWIiOiJ4In0.AAAA",
        "x",
        ".." * 50,
        "é",
    ],
)
def test_a_token_that_roster_did_not_sign_opens_nothing(base_url: str, token: str) -> None:
    for path in ("/funds", "/ledger/proof", "/payees"):
        answer = requests.get(
            f"{base_url}/api/v1{path}", headers={"Authorization": f"Bearer {token}".encode()}, timeout=60
        )
        assert answer.status_code == 401
    preparer = Preparer(base_url, "preparer")
    assert preparer.token is not None
    head, body, signature = preparer.token.split(".")
    for forged in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body[:-4]}AAAA.{signature}", f"{head}.{body}."):
        answer = requests.get(f"{base_url}/api/v1/funds", headers={"Authorization": f"Bearer {forged}"}, timeout=60)
        assert answer.status_code == 401


def test_a_banks_file_that_means_harm_is_refused_and_nothing_is_paid(
    claim: Json, other_secretary: Secretary, preparer: Preparer, approver: Approver
) -> None:
    batch = preparer.settles(preparer.approves(other_secretary.confirms_headcount(claim)))
    approver.approves(batch)
    line = batch["lines"][0]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"x" * (200 << 20))
    head = "line_id,result,amount,reference,reason\n"
    for content in (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Document>&b;</Document>',
        b"<Document>" * 100_000,
        bomb.getvalue(),
        f"{head}{line['id']},paid,-{line['amount_fen']},B1,\n".encode(),
        f"{head}{line['id']},paid,1e2,B1,\n".encode(),
        f"{head}{uuid.uuid4()},paid,1.00,B1,\n".encode(),
        f"{head}{line['id']},{'x' * 100_000},1.00,B1,\n".encode(),
        f"{head}{line['id']},paid,1.00,B\x00,\n".encode(),
        b"\xff\xfe\x00",
        b"PK\x03\x04",
    ):
        files = {"file": ("../../../results.csv\r\nX-Y: z", content, "text/csv")}
        answer = preparer.ask("POST", f"/settlement-batches/{batch['id']}/bank-results", files=files)
        assert answer.status_code in (400, 409, 415, 422), (content[:80], answer.text[:300])
        assert len(answer.content) < 20_000
    assert preparer.get(f"/settlement-batches/{batch['id']}")["state"] == "approved"
    key = str(uuid.uuid4())
    reject = f"/settlement-batches/{batch['id']}/rejection"
    assert status(approver, "POST", reject, json={"reason": "x"}, headers={"Idempotency-Key": key}) == 409
    paid = f"{head}{line['id']},paid,{line['amount_fen'] // 100}.{line['amount_fen'] % 100:02d},{uuid.uuid4().hex},\n"
    assert preparer.brings_bank_results(batch, text=paid)["state"] == "settled"


def test_what_a_person_wrote_is_text_on_every_page(base_url: str, steward: Steward, preparer: Preparer) -> None:
    site = site_named(steward, SITE)["id"]
    change = steward.post(
        f"/sites/{site}/payee-changes",
        {
            "name": SCRIPT,
            "account": "6222000000000077",
            "bank": PICTURE,
            "bank_code": "102453000001",
            "credit_code": "91350100M000100Y43",
            "reason": f"{SCRIPT}{PICTURE}",
        },
    )
    try:
        browser = requests.Session()
        form = browser.get(f"{base_url}/sign-in", timeout=60).text
        secret = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert secret
        signed_in = browser.post(
            f"{base_url}/sign-in",
            data={"csrf_token": secret[1], "username": "preparer", "password": "demo"},
            timeout=60,
        )
        assert signed_in.ok
        seen = 0
        for path in ("/payees", "/payees?pending=1", f"/sites/{site}/payee"):
            page = browser.get(f"{base_url}{path}", timeout=60).text
            assert SCRIPT not in page
            assert "<img src=x" not in page
            seen += "&lt;script&gt;alert(1)" in page
        assert seen
        without = browser.post(f"{base_url}/payee-changes/{change['id']}/confirmation", timeout=60)
        assert without.status_code in (403, 404)
    finally:
        preparer.post(f"/payee-changes/{change['id']}/refusal", {"reason": "演练"})
