"""Somebody signed in, or nobody, reaches for what is another's; a bank's file and a name that mean harm do none."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.gateway.conftest import STANDING, Keys, Standing, a_browser
from tests.sites.articles import a_branch, a_site, money_in_the_fund
from tests.sites.money import PERIOD, Visit, a_payee, a_visit, submitted, the_id

pytestmark = STANDING

CITY = "3705.370502"
SCRIPT = "<script>alert(1)</script>"
PICTURE = '"><img src=x onerror=alert(2)>'
STRANGERS = ("steward", "secretary", "administrator", "member", "preparer", "approver", "payer", "auditor", "officer")


class World:
    """A submitted claim, its people, and people of the same roles elsewhere, before the gateway's door."""

    def __init__(self, app: Flask, keys: Keys, visit: Visit) -> None:
        self.app, self.keys, self.visit = app, keys, visit
        self.claim, self.site = the_id(visit), visit.site.id

    def token(self, role: str) -> str:
        path = {"steward": self.visit.site.path, "secretary": self.visit.branch.path}.get(role, CITY)
        return self.keys.token(role, path=path)

    def ask(self, role: str, method: str, path: str, *, token: str | None = None, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token(role)}", "Accept-Language": "en"}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **how)

    def strangers(self) -> Iterator[tuple[str, str]]:
        for role in STRANGERS:
            yield role, self.keys.token(role, path="3705.370599")


@pytest.fixture
def world(app: Flask, keys: Keys, services: Standing, personal_keys: None) -> World:
    with services.engines["sites"].begin() as db:
        if db.execute(text("SELECT 1 FROM funds WHERE path = :path"), {"path": CITY}).first() is None:
            money_in_the_fund(db, path=CITY)
        visit = a_visit(db, site=a_site(db), branch=a_branch(db, path=f"{CITY}.b{uuid4().hex[:8]}"))
        submitted(db, visit)
    return World(app, keys, visit)


@pytest.fixture
def personal_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.fernet import Fernet

    monkeypatch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("VOUCHER_SECRET", "for these tests alone")


def test_a_claim_and_all_that_hangs_on_it_are_its_own_peoples(world: World) -> None:
    claim, site = f"/claims/{world.claim}", f"/sites/{world.site}"
    evil = '../../etc/"a\tSet-Cookie: x=1;.pdf'
    content = b"%PDF-1.4 " + uuid4().bytes
    form = {"kind": "invoice", "file": (io.BytesIO(content), evil)}
    paper = world.ask("steward", "POST", f"{claim}/attachments", data=form)
    assert paper.status_code == 201, paper.json
    served = world.ask("preparer", "GET", f"{claim}/attachments/{paper.json['id']}")
    assert served.data == content
    assert served.headers["Content-Disposition"].startswith("attachment;")
    assert "Set-Cookie" not in served.headers
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert not {"/", "\\", "\t"} & set(paper.json["name"])
    asked: tuple[tuple[str, str, Any], ...] = (
        *(("GET", path, None) for path in (claim, f"{claim}/evidence", f"{claim}/attachments/{paper.json['id']}")),
        *(("GET", f"{site}/{what}", None) for what in ("payee", "account")),
        ("GET", f"/branches/{world.visit.branch.id}/visit-costs", None),
        ("POST", f"{claim}/submission", {}),
        ("POST", f"{claim}/headcount-confirmation", {}),
        ("POST", f"{claim}/headcount-dispute", {"headcount": 1, "reason": "x"}),
        ("POST", f"{claim}/approval", {"approved_fen": 1, "code": "other", "reason": "x"}),
        ("POST", f"{claim}/second-signature", {}),
        ("POST", f"{claim}/return", {"code": "late"}),
        ("POST", f"{claim}/rejection", {"code": "late"}),
        ("POST", f"{claim}/appeal", {"reason": "x"}),
        ("POST", f"{claim}/appeal/decision", {"grant": True, "reason": "x"}),
        ("POST", f"{claim}/overpayments", {"amount_fen": 1, "reason": "x"}),
        ("POST", f"{claim}/field-review", {"finding": "confirmed", "notes": "x"}),
        ("POST", f"{claim}/attachments/{paper.json['id']}/removal", {}),
        ("POST", f"{site}/payee-account", {}),
        ("POST", "/reports", {"kind": "claim_file", "format": "pdf", "claim_id": str(world.claim)}),
        ("POST", "/reports", {"kind": "site_statement", "format": "pdf", "site_id": str(world.site), "year": 2026}),
    )
    reached = [
        (role, method, path, answer.status_code)
        for role, token in world.strangers()
        for method, path, body in asked
        for answer in [world.ask("", method, path, token=token, json=body)]
        if answer.status_code not in (403, 404)
    ]
    assert reached == []
    for method, path, body in asked:
        assert world.app.test_client().open(f"/api/v1{path}", method=method, json=body).status_code == 401
    for _, token in world.strangers():
        listed = world.ask("", "GET", "/claims", token=token)
        assert listed.status_code == 403 or listed.json["items"] == []
    assert world.ask("preparer", "GET", claim).json["state"] == "submitted"


def test_a_report_is_shown_to_whoever_asked_for_it_alone(world: World) -> None:
    body = {"kind": "site_statement", "format": "pdf", "site_id": str(world.site), "year": 2026}
    made = world.ask("steward", "POST", "/reports", json=body)
    assert made.status_code == 202, made.json
    for role in ("steward", "preparer", "auditor"):  # others who could have asked for it
        for path in (f"/reports/{made.json['id']}", f"/reports/{made.json['id']}/file"):
            assert world.ask(role, "GET", path).status_code == 404


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/claims/queue", {"sort": "asked_fen; DROP TABLE claims"}),
        ("/claims/queue", {"town": "x' OR '1'='1", "anomaly": "x' OR '1'='1"}),
        ("/claims", {"state": "' OR 1=1 --"}),
        ("/claims", {"cursor": "WyInIE9SIDE9MSIsICIxIl0"}),
        ("/payees", {"q": "%' UNION SELECT account FROM payees --"}),
        ("/ledger/accounts/payable:x' OR '1'='1/statement", {}),
        ("/ledger/journal", {"format": "json", "after": "F1' OR '1'='1:0", "limit": "1' --"}),
        ("/statistics", {"by": "site; DELETE FROM orders", "town": "' OR 1=1 --"}),
    ],
)
def test_a_filter_is_a_value_and_no_statement(world: World, path: str, query: dict[str, str]) -> None:
    answer = world.ask("auditor", "GET", path, query_string=query)
    assert answer.status_code in (200, 400, 404, 422), answer.text
    if answer.is_json and answer.status_code == 200:
        assert answer.json["items"] == []


def test_a_token_that_roster_did_not_sign_opens_nothing(world: World) -> None:
    head, body, signature = world.token("preparer").split(".")
    for token in (
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2Rldi9udWxsIn0.eyJzdWIiOiJ4In0.AAAA",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{world.token('approver').split('.')[1]}.{signature}",
        "x",
    ):
        for path in ("/funds", "/payees", f"/claims/{world.claim}"):
            assert world.ask("", "GET", path, token=token).status_code == 401


def test_a_banks_file_that_means_harm_pays_nothing(world: World, services: Standing) -> None:
    preparer = world.keys.token("preparer", path=CITY, person_id=uuid4())
    with services.engines["sites"].begin() as db:
        a_payee(db, world.visit.site)
    claim = f"/claims/{world.claim}"
    assert world.ask("secretary", "POST", f"{claim}/headcount-confirmation").status_code == 200
    assert world.ask("", "POST", f"{claim}/approval", token=preparer, json={}).status_code == 200
    batch = world.ask(
        "", "POST", "/settlement-batches", token=preparer, json={"period": PERIOD, "claim_ids": [str(world.claim)]}
    ).json
    place = f"/settlement-batches/{batch['id']}"
    done = world.ask("approver", "POST", f"{place}/approval", json={})
    assert done.status_code == 200, done.json
    line = batch["lines"][0]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"x" * (100 << 20))
    head = "line_id,result,amount,reference,reason\n"
    for content in (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Document>&b;</Document>',
        b"<Document>" * 100_000,
        bomb.getvalue(),
        f"{head}{line['id']},paid,-{line['amount_fen']},B1,\n".encode(),
        f"{head}{line['id']},paid,1e2,B1,\n".encode(),
        f"{head}{uuid4()},paid,1.00,B1,\n".encode(),
        f"{head}{line['id']},{'x' * 100_000},1.00,B1,\n".encode(),
        f"{head}{line['id']},paid,1.00,B\x00,\n".encode(),
        b"\xff\xfe\x00",
        b"PK\x03\x04",
    ):
        form = {"file": (io.BytesIO(content), "../../../results.csv\tX-Y: z")}
        answer = world.ask("preparer", "POST", f"{place}/bank-results", data=form)
        assert answer.status_code in (400, 409, 415, 422), (content[:80], answer.text[:300])
        assert len(answer.data) < 20_000
    assert world.ask("auditor", "GET", place).json["state"] == "approved"


def test_what_a_person_wrote_is_text_on_every_page(world: World) -> None:
    wanted = {"name": SCRIPT, "bank": PICTURE, "reason": f"{SCRIPT}{PICTURE}", "account": "6222000000000077"}
    wanted |= {"bank_code": "102453000001", "credit_code": "91350100M000100Y43"}
    assert world.ask("steward", "POST", f"/sites/{world.site}/payee-changes", json=wanted).status_code == 201
    returned = world.ask("preparer", "POST", f"/claims/{world.claim}/return", json={"reason": f"{SCRIPT}{PICTURE}"})
    assert returned.status_code == 200, returned.json
    for role, path in (("steward", f"/payees/{world.site}"), ("preparer", f"/claims/{world.claim}")):
        browser = a_browser(world.app, world.token(role))
        page = browser.client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)" in page.text
        assert SCRIPT not in page.text
        assert "<img src=x" not in page.text
        assert "script-src 'self' 'nonce-" in page.headers["Content-Security-Policy"]
