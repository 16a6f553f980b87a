"""Claims over HTTP and on their pages: papers, many at once, reasons, appeals; a retried request acts once (S11)."""

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from cryptography.fernet import Fernet
from flask import Flask
from PIL import Image
from sqlalchemy import text

from tests.gateway.conftest import STANDING, Keys, Standing, a_browser
from tests.races import at_once
from tests.sites.articles import a_branch, a_site, money_in_the_fund
from tests.sites.money import VISIT, Visit, a_visit, confirmed, submitted, the_id

pytestmark = STANDING

CITY = "3704.370402"
"""Whose fund pays here: other tests of these services count the funds of theirs."""

PDF = b"%PDF-1.7\n%\n"


@dataclass
class Case:
    """Visits to one site, with the people around their claims."""

    app: Flask
    keys: Keys
    services: Standing
    visits: list[Visit]

    def claim(self, nth: int = 0) -> UUID:
        return the_id(self.visits[nth])

    def token(self, role: str, nth: int = 0) -> str:
        visit = self.visits[nth]
        path = {"steward": visit.site.path, "secretary": visit.branch.path}.get(role, CITY)
        return self.keys.token(role, path=path)

    def send(self, role: str, path: str, body: Any = None, *, key: str | None = None, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token(role)}", "Accept-Language": "en"}
        if key:
            headers["Idempotency-Key"] = key
        given = {"json": body} if body is not None else how
        return self.app.test_client().post(f"/api/v1/claims/{path}", headers=headers, **given)

    def get(self, role: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token(role)}", "Accept-Language": "en"}
        return self.app.test_client().get(f"/api/v1/{path}", headers=headers)

    def page(self, role: str, path: str, form: dict[str, Any] | None = None) -> Any:
        browser = a_browser(self.app, self.token(role))
        how = {"headers": {"Accept": "text/html", "Accept-Language": "zh-CN"}}
        if form is None:
            return browser.client.get(path, **how)
        return browser.client.post(path, data={"csrf_token": browser.csrf, **form}, **how)

    def count(self, table: str) -> int:
        with self.services.engines["sites"].connect() as db:
            ids = [visit.claim_id for visit in self.visits]
            asked = f"SELECT count(*) FROM {table} WHERE claim_id = ANY(:ids)"  # noqa: S608 - names of this file
            return int(db.execute(text(asked), {"ids": ids}).scalar_one())


@pytest.fixture
def case(app: Flask, keys: Keys, services: Standing, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("PERSONAL_DATA_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("VOUCHER_SECRET", "for these tests alone")
    with services.engines["sites"].begin() as db:
        if db.execute(text("SELECT 1 FROM funds WHERE path = :path"), {"path": CITY}).first() is None:
            money_in_the_fund(db, path=CITY)
        site = a_site(db)
        visits = [
            a_visit(
                db,
                site=site,
                branch=a_branch(db, path=f"{CITY}.b{uuid4().hex[:8]}"),
                visit_at=VISIT + timedelta(hours=nth),
            )
            for nth in range(3)
        ]
    return Case(app, keys, services, visits)


@pytest.fixture
def confirmed_case(case: Case) -> Case:
    with case.services.engines["sites"].begin() as db:
        for visit in case.visits:
            confirmed(db, visit)
    return case


def an_invoice(**changed: Any) -> dict[str, Any]:
    number = f"{uuid4().int % 10**20:020d}"
    return {"number": number, "issuer": "某公司", "issued_on": "2026-11-11", "amount_fen": 400_00, **changed}


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


class TestPapers:
    def test_an_invoice_sent_twice_is_one(self, case: Case) -> None:
        body = an_invoice()
        entered = case.send("steward", f"{case.claim()}/invoices", body)
        assert entered.status_code == 201, entered.json
        again = case.send("steward", f"{case.claim()}/invoices", body)
        assert (again.status_code, again.json["code"]) == (409, "invoice-repeated")
        assert case.count("claim_invoices") == 1

    def test_a_number_of_two_claims_at_once_is_one_and_its_duplicate(self, case: Case) -> None:
        body = an_invoice()
        answers = at_once(
            [lambda nth=nth: case.send("steward", f"{case.claim(nth)}/invoices", body) for nth in range(3)]
        )
        assert sorted(answer.json["state"] for answer in answers) == ["duplicate", "duplicate", "live"]

    def test_a_wrong_number_is_told_at_its_field(self, case: Case) -> None:
        answer = case.send("steward", f"{case.claim()}/invoices", an_invoice(number="号码", amount_fen=0))
        assert (answer.status_code, set(answer.json["errors"])) == (422, {"number", "amount_fen"})

    @pytest.mark.parametrize(
        ("content", "status"), [(PDF, 201), (b"GIF89a not taken", 415), (b"PK\x03\x04 nor this", 415)]
    )
    def test_a_file_is_judged_by_its_content(self, case: Case, content: bytes, status: int) -> None:
        data = {"kind": "invoice", "file": (io.BytesIO(content + uuid4().bytes), "发票.pdf")}
        answer = case.send("steward", f"{case.claim()}/attachments", data=data)
        assert answer.status_code == status, answer.json
        if status == 201:
            stored = case.get("preparer", answer.json["url"].removeprefix("/api/v1/"))
            assert (stored.status_code, stored.mimetype) == (200, "application/pdf")
            assert stored.data.startswith(PDF)
            other = case.keys.token("preparer", path="3704.370403")
            hidden = case.app.test_client().get(answer.json["url"], headers={"Authorization": f"Bearer {other}"})
            assert hidden.status_code == 404

    def test_a_picture_is_encoded_anew(self, case: Case) -> None:
        data = {"kind": "receipt", "file": (io.BytesIO(a_picture()), "收据.jpg")}
        answer = case.send("steward", f"{case.claim()}/attachments", data=data)
        assert (answer.status_code, answer.json["media_type"]) == (201, "image/webp")
        picture = case.app.test_client().get(answer.json["thumbnail_url"])
        assert picture.status_code == 200

    def test_the_page_takes_both_and_tells_a_duplicate(self, case: Case) -> None:
        number = an_invoice()["number"]
        form = {"number": number, "issuer": "某公司", "issued_on": "2026-11-11", "amount_fen": "400"}
        done = case.page("steward", f"/claims/{case.claim()}/invoices", form)
        assert (done.status_code, done.headers["Location"].endswith("#papers")) == (303, True)
        case.page("steward", f"/claims/{case.claim(1)}/invoices", form)
        shown = case.page("steward", f"/claims/{case.claim(1)}").get_data(as_text=True)
        assert number in shown
        assert "重复" in shown
        file = {"kind": "invoice", "file": (io.BytesIO(PDF + uuid4().bytes), "发票.pdf")}
        assert case.page("steward", f"/claims/{case.claim()}/attachments", file).status_code == 303
        assert "发票.pdf" in case.page("preparer", f"/claims/{case.claim()}").get_data(as_text=True)
        wrong = case.page("steward", f"/claims/{case.claim()}/invoices", {"number": "1"})
        assert wrong.status_code == 422
        assert "号码格式不对" in wrong.get_data(as_text=True)
        wordy = case.page("steward", f"/claims/{case.claim()}/invoices", {**form, "amount_fen": "三百"})
        assert "请以元为单位填写金额" in wordy.get_data(as_text=True)
        assert 'value="三百"' in wordy.get_data(as_text=True)
        other = {"kind": "invoice", "file": (io.BytesIO(b"hello"), "发票.txt")}
        refused = case.page("steward", f"/claims/{case.claim()}/attachments", other)
        assert (refused.status_code, 'id="file-error"' in refused.get_data(as_text=True)) == (415, True)


class TestManyAtOnce:
    def test_approved_with_an_answer_for_each_and_once_when_retried(self, confirmed_case: Case) -> None:
        case = confirmed_case
        unknown = str(uuid4())
        body = {"claim_ids": [unknown, *(str(case.claim(nth)) for nth in range(3))]}
        token = case.token("preparer")
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4()), "Accept-Language": "en"}
        first, again = (
            case.app.test_client().post("/api/v1/claims/approvals", json=body, headers=headers) for _ in range(2)
        )
        assert (first.status_code, first.json["done"]) == (200, 3)
        assert [item["code"] for item in first.json["items"]] == ["not-found", None, None, None]
        assert again.data == first.data
        assert case.count("claim_history") == 3 * len(("draft", "submit", "confirm", "approve"))

    def test_more_than_a_thousand_or_one_twice_are_refused(self, case: Case) -> None:
        for ids in ([str(uuid4()) for _ in range(1001)], [str(case.claim())] * 2, []):
            answer = case.send("preparer", "approvals", {"claim_ids": ids})
            assert (answer.status_code, set(answer.json["errors"])) == (422, {"claim_ids"})

    def test_on_the_queue_page(self, confirmed_case: Case) -> None:
        case = confirmed_case
        site = case.visits[0].site
        shown = case.page("preparer", f"/claims/queue?site_id={site.id}").get_data(as_text=True)
        assert shown.count("data-row=") == 3
        assert "没有疑点" in shown
        form = {"claim_ids": [str(case.claim()), str(case.claim(1))]}
        done = case.page("preparer", f"/claims/queue/approvals?site_id={site.id}", form)
        assert "2 笔中已通过 2 笔" in done.get_data(as_text=True)
        assert case.page("preparer", "/claims/queue/approvals", {}).status_code == 303
        wrong = case.page("preparer", "/claims/queue?period=2026-13")
        assert wrong.status_code in (400, 422)

    def test_a_branch_confirms_on_its_page(self, case: Case) -> None:
        with case.services.engines["sites"].begin() as db:
            submitted(db, case.visits[0])
        shown = case.page("secretary", "/claims/waiting").get_data(as_text=True)
        assert str(case.claim()) in shown
        assert "24:00" in shown  # the day on which one may still answer, not the midnight after it
        same = {"headcount": "20", "reason": "一样"}
        told = case.page("secretary", f"/claims/{case.claim()}/headcount-dispute", same)
        assert "请直接确认" in told.get_data(as_text=True)
        done = case.page("secretary", "/claims/waiting/confirmations", {"claim_ids": [str(case.claim())]})
        assert "1 笔中已确认 1 笔" in done.get_data(as_text=True)


class TestReasonsAndAppeals:
    def test_a_rejection_by_code_is_appealed_and_granted_by_another(self, confirmed_case: Case) -> None:
        case = confirmed_case
        rejected = case.send("preparer", f"{case.claim()}/rejection", {"code": "no_visit"})
        assert (rejected.status_code, rejected.json["reason_code"]) == (200, "no_visit")
        bare = case.send("preparer", f"{case.claim(1)}/rejection", {})
        assert (bare.status_code, set(bare.json["errors"])) == (422, {"reason"})
        with case.services.engines["sites"].begin() as db:
            db.execute(text("UPDATE claims SET moved_at = :at WHERE id = :id"), {"at": clock.now(), "id": case.claim()})
        mine = case.page("steward", "/claims/mine").get_data(as_text=True)
        assert "活动没有发生" in mine
        filed = case.page("steward", f"/claims/{case.claim()}/appeal", {"reason": "有签到表"})
        assert filed.status_code == 303
        assert "有签到表" in case.page("approver", "/claim-appeals").get_data(as_text=True)
        decided = case.send("approver", f"{case.claim()}/appeal/decision", {"grant": True, "reason": "属实"})
        assert (decided.status_code, decided.json["state"]) == (200, "granted")
        assert case.get("preparer", f"claims/{case.claim()}").json["state"] == "confirmed"

    def test_a_lowered_amount_is_told_on_the_page(self, confirmed_case: Case) -> None:
        case = confirmed_case
        form = {"approved_fen": "350", "code": "amount_wrong", "reason": "讲解未提供"}
        assert case.page("preparer", f"/claims/{case.claim()}/approval", form).status_code == 303
        shown = case.page("steward", f"/claims/{case.claim()}").get_data(as_text=True)
        for words in ("财务核减", "金额有误", "讲解未提供", "350.00元", "申诉"):
            assert words in shown
        over = case.page("preparer", f"/claims/{case.claim(1)}/approval", {**form, "approved_fen": "400.01"})
        assert over.status_code == 409
        assert "核定金额不能高于应付的 400.00 元" in over.get_data(as_text=True)


class TestFieldReviews:
    def test_a_draw_is_announced_and_shown_with_its_export(self, case: Case) -> None:
        with case.services.engines["sites"].connect() as db:
            fund = db.execute(text("SELECT fund_id FROM claims WHERE id = :id"), {"id": case.claim()}).scalar_one()
        number = f"川组〔2026〕{uuid4().hex[:6]}号"
        at = clock.now() + timedelta(days=1)
        form = {
            "fund_id": str(fund),
            "period": "2001-01",
            "seed_on": f"{clock.today(clock.now())}",
            "seed_number": number,
            "draw_at": f"{at.astimezone(clock.SHANGHAI):%Y-%m-%dT%H:%M}",
        }
        made = case.page("officer", "/review-draws", form)
        assert made.status_code == 303, made.get_data(as_text=True)
        draw = made.headers["Location"]
        assert number in case.page("auditor", draw).get_data(as_text=True)
        export = case.page("auditor", f"{draw}/entries.csv")
        assert (export.status_code, export.mimetype) == (200, "text/csv")
        again = case.page("officer", "/review-draws", form)
        assert again.status_code == 409
        assert case.page("assessor", "/field-reviews").status_code == 200
