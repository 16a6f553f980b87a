"""Dues by the pages and by the API, with the real roster behind the gateway."""

import io
import re
from datetime import date
from uuid import UUID

import pytest
from chassis import clock
from contracts.roster.dues_bases import SetDuesBase
from flask import Flask
from flask.testing import FlaskClient
from roster.domain.periods import months_after
from roster.operations import dues
from sqlalchemy import text

from tests.articles import an_actor
from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, path_of
from tests.roster.registers import a_registered

pytestmark = STANDING

KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')


class Branch:
    """A branch of three with bases, whose last two months and this one were reckoned."""

    def __init__(self, services: Standing, app: Flask, keys: Keys) -> None:
        now = clock.now()
        self.this = clock.today(now).replace(day=1)
        self.past = months_after(self.this, -2)
        with services.engines["roster"].begin() as db:
            self.town = a_committee(db)
            self.id = a_branch(db, parent=self.town)
            self.path, self.above = path_of(db, self.id), path_of(db, self.town)
            keeper = an_actor(("administrator", self.path), at=now)
            self.people: list[UUID] = []
            for name, fen in (("蒲志明", 654_321), ("孙秀兰", 300_000), ("王晓燕", 1_000_001)):
                person = a_registered(db, branch=self.id, name=name)
                form = SetDuesBase(person, "wage", fen, f"{self.past:%Y-%m}")
                dues.set_base(db, asked=form, actor=keeper, at=now)
                self.people.append(person)
            a_registered(db, branch=self.id, name="没有基数")
            for month in (self.past, months_after(self.past, 1), self.this):
                dues.assess_all(db, [self.id], month=month, at=now)
        self.services, self.app, self.keys = services, app, keys

    def browser(self, role: str = "administrator", *, path: str | None = None, person: UUID | None = None) -> Browser:
        return a_browser(self.app, self.keys.token(role, path=path or self.path, person_id=person))

    def line(self, person: UUID, month: date, fen: int) -> str:
        return f"{person}|{month:%Y-%m}|{fen}"

    def count(self, table: str) -> int:
        with self.services.engines["roster"].connect() as db:
            counted = text(f"SELECT count(*) FROM {table} WHERE branch_id = :branch")  # noqa: S608
            return int(db.execute(counted, {"branch": self.id}).scalar_one())


@pytest.fixture
def branch(services: Standing, app: Flask, keys: Keys) -> Branch:
    return Branch(services, app, keys)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
    return str(answer.text)


def sends(browser: Browser, path: str, **form: object):
    sent = {"csrf_token": browser.csrf, **form}
    return browser.client.post(path, data=sent, headers={"Accept": "text/html"}, follow_redirects=True)


def test_a_month_is_collected_handed_up_and_closed(branch: Branch) -> None:
    keeper, base = branch.browser(), f"/branches/{branch.id}/dues"
    month = f"{branch.past:%Y-%m}"
    page = sees(keeper, f"{base}?month={month}")
    assert "98.15元" in page
    assert "6,543.21" not in page
    key = KEY.findall(page)[0]
    paid = [branch.line(branch.people[0], branch.past, 9_815), branch.line(branch.people[1], branch.past, 1_500)]
    form = {"month": month, "paid": paid, "method": "cash", "idempotency_key": key, "paid_on": f"{month}-20"}
    for _ in "ab":  # a second click does nothing twice
        assert "开具收据" in sends(keeper, f"{base}/payments", **form).text
    assert branch.count("dues_receipts") == 2
    again = sends(keeper, f"{base}/payments", month=month, paid=paid[0], method="cash")
    assert again.status_code == 409
    assert "不能重复收取" in again.text
    assert "请至少勾选一名" in sends(keeper, f"{base}/payments", month=month).text
    more = sends(
        keeper, f"{base}/hand-ups", month=month, amount_fen="113.16", handed_on=f"{month}-21", document_number="1"
    )
    assert "只有 113.15 元" in more.text
    done = sends(
        keeper, f"{base}/hand-ups", month=month, amount_fen="113.15", handed_on=f"{month}-21", document_number="1"
    )
    assert "已登记" in done.text
    figures = dict(re.findall(r'name="(due_fen|received_fen|arrears_fen)" value="(\d+)"', done.text))
    assert figures == {"due_fen": "31315", "received_fen": "11315", "arrears_fen": "20000"}
    closed = sends(keeper, f"{base}/closing", month=month, **figures)
    assert "已结账" in closed.text
    assert "结账，之后" not in closed.text
    for name in ("members", "arrears", "arrears?marked=1", "receipts", "sums"):
        sees(keeper, f"{base}/{name}")
    receipt = re.search(r"/dues-receipts/[0-9a-f-]{36}", sees(keeper, f"{base}/receipts"))
    assert receipt
    assert "人民币" in sees(keeper, receipt[0])
    short = sends(keeper, f"{receipt[0]}/reversal", reason="收错人")
    assert (short.status_code, "只有 0.00 元" in short.text) == (409, True)
    assert "已提醒" in sends(keeper, f"{base}/arrears").text
    assert "已确认" in sends(keeper, f"{base}/members", person=str(branch.people[0])).text
    drawn = sends(keeper, "/dues-documents", document="statement", format="pdf", organisation_id=branch.id, month=month)
    assert "正在生成" in drawn.text


def test_a_file_is_taken_whole_or_not_at_all(branch: Branch) -> None:
    keeper, base = branch.browser(), f"/branches/{branch.id}/dues"
    month = f"{branch.this:%Y-%m}"

    def sent(rows: str):
        content = ("姓名,月份,金额\n" + rows).encode("gb18030")
        return sends(keeper, f"{base}/payment-file", month=month, file=(io.BytesIO(content), "党费.csv"))

    faulty = sent(f"孙秀兰,{month},15\n蒲志明,{month},98\n没有此人,{month},1\n")
    assert faulty.status_code == 422
    assert "第 3 行“金额”：应交 98.15 元" in faulty.text
    assert "第 4 行“姓名”：本支部没有此人" in faulty.text
    assert branch.count("dues_receipts") == 0
    assert "开具收据" in sent(f"孙秀兰,{month},15.00\n蒲志明,{month},98.15\n合计,,113.15\n").text


def test_a_members_base_months_and_corrections(branch: Branch) -> None:
    keeper, person = branch.browser(), branch.people[2]
    base, month = f"/members/{person}/dues", f"{branch.this:%Y-%m}"
    assert "10,000.01" not in sees(keeper, base)
    wrong = sends(keeper, f"{base}/base", kind="minimum", amount_fen="0.30", active_from=month)
    assert "0.20 元至 0.20 元之间" in wrong.text
    assert "请写明查看的用途" in sends(keeper, f"{base}/opening", purpose="other").text
    opened = sends(keeper, f"{base}/opening", purpose="data_correction")
    assert "10,000.01元" in opened.text
    relief = {"reduced_to_fen": "0", "relief_from": month, "relief_until": f"{months_after(branch.this, 3):%Y-%m}"}
    done = sends(
        keeper,
        f"{base}/reliefs",
        **relief,
        decided_on=clock.today(clock.now()).isoformat(),
        document_number="批复1号",
        relief_reason="家庭困难",
    )
    assert "免交党费" in done.text
    corrected = sends(keeper, f"{base}/corrections", which=f"{month}|20000", to_fen="0", correct_reason="已批准免交")
    assert "200.00元 → 0.00元" in corrected.text
    owed = [branch.line(person, month_, 20_000) for month_ in (branch.past, months_after(branch.past, 1))]
    noted = sends(keeper, f"{base}/notes", has_reason="no", note="已谈话")
    assert "已登记" in noted.text
    paid = sends(keeper, f"{base}/payments", organisation_id=branch.id, paid=owed, method="online")
    assert "开具收据" in paid.text


def test_the_member_sees_their_own_and_others_see_sums(branch: Branch) -> None:
    mine = sees(branch.browser("member", person=branch.people[0]), "/me/dues")
    assert "6,543.21元" in mine
    assert "往月有 2 个月未交" in mine
    officer = branch.browser("officer", path=branch.above)
    above = sees(officer, f"/branches/{branch.town}/dues")
    assert "各支部手存" in above
    assert "蒲志明" not in sees(officer, f"/branches/{branch.id}/dues")
    for path in (f"/branches/{branch.id}/dues/members", f"/members/{branch.people[0]}/dues"):
        assert officer.client.get(path, headers={"Accept": "text/html"}).status_code == 403
    stranger = branch.browser(path="elsewhere")
    assert stranger.client.get(f"/branches/{branch.id}/dues", headers={"Accept": "text/html"}).status_code == 403
    assert "3,000.00元" in sees(officer, "/dues-tables")


def test_new_rates_by_the_form(branch: Branch) -> None:
    officer = branch.browser("officer", path=branch.above)
    page = sees(officer, "/dues-tables")
    fields = dict(re.findall(r'name="((?:wage|pension|farmer|minimum|version)[^"]*)"[^>]*? value="([^"]*)"', page))
    assert fields["wage-1-above_fen"] == "3000"
    month = f"{months_after(branch.this, 1200):%Y-%m}"  # far enough that no other test meets it
    odd = sends(officer, "/dues-tables", **{**fields, "wage-1-rate": "x"}, active_from=month, citation="x")
    assert "请填写下限" in odd.text
    falls = sends(officer, "/dues-tables", **{**fields, "wage-1-rate": "0.1"}, active_from=month, citation="x")
    assert "标准分档有误" in falls.text
    assert (
        "标准已设定" in sends(officer, "/dues-tables", **fields, active_from=month, citation="淄党组〔2026〕9号").text
    )


def test_by_the_api_a_retry_pays_once(client: FlaskClient, branch: Branch) -> None:
    token = branch.keys.token("secretary", path=branch.path)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en", "Idempotency-Key": str(branch.id)}
    address = f"/api/v1/organisations/{branch.id}/dues-payments"
    line = {"person_id": str(branch.people[0]), "month": f"{branch.this:%Y-%m}", "amount_fen": 9_815}
    answers = [client.post(address, json={"lines": [line], "method": "cash"}, headers=headers) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    headers["Idempotency-Key"] = "another"
    refused = client.post(address, json={"lines": [line], "method": "cash"}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (409, "dues-paid-already")
    month = client.get(f"/api/v1/organisations/{branch.id}/dues-month?month={line['month']}", headers=headers)
    assert month.json["statement"]["members_paid"] == 1
