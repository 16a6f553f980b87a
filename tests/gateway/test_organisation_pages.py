"""The pages of the tree: it opens line by line, a change is looked at before it is made, findings, rules (R1, R2)."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import clock
from flask import Flask

from tests.gateway.conftest import STANDING, Browser, Keys, Standing, a_browser
from tests.roster.factories import a_branch, a_committee, an_organisation, path_of

pytestmark = STANDING

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def town(services: Standing) -> UUID:
    with services.engines["roster"].begin() as db:
        town = a_committee(db, parent=a_committee(db))
        a_branch(db, parent=town, full=4, groups=(2, 1))
        an_organisation(db, parent=town, name="第三党支部")
        return town


@pytest.fixture
def officer(app: Flask, keys: Keys, services: Standing, town: UUID) -> Browser:
    with services.engines["roster"].connect() as db:
        return a_browser(app, keys.token("officer", path=path_of(db, town)))


def sends(browser: Browser, path: str, **fields: Any) -> Any:
    given = {"csrf_token": browser.csrf, "idempotency_key": str(uuid4()), **fields}
    return browser.client.post(path, data=given, headers=HTML)


def sees(browser: Browser, path: str) -> str:
    answer = browser.client.get(path, headers=HTML)
    assert answer.status_code == 200, path
    return answer.text


def test_the_tree_opens_line_by_line_and_tells_of_any_day(officer: Browser, town: UUID) -> None:
    whole = sees(officer, f"/organisations/tree?parent={town}")
    assert "第三党支部" in whole
    part = sees(officer, f"/organisations/tree?parent={town}&part=nodes")
    assert "<html" not in part
    assert "第三党支部" in part
    assert "第三党支部" not in sees(officer, f"/organisations/tree?parent={town}&on=2001-01-01")
    for wrong in ("parent=x", "on=x", "parent=&on="):
        sees(officer, f"/organisations/tree?{wrong}")


def test_a_branch_is_founded_seen_first_and_let_stand(officer: Browser, town: UUID) -> None:
    address = f"/organisations/{town}/changes/found"
    code = f"n{uuid4().hex[:8]}"
    fields = {
        "name": "机关党支部",
        "code": code,
        "kind": "branch",
        "field": "government",
        "document_number": "淄组〔2026〕8号",
        "reason": "新设",
        "on": clock.today(clock.now()).isoformat(),
    }
    missing = sends(officer, address, **{**fields, "name": ""})
    assert missing.status_code == 422
    assert "请填写" in missing.text
    seen = sends(officer, address, **fields)
    assert seen.status_code == 200
    assert "将会出现的问题" in seen.text
    assert "没有写明所在地或单位" in seen.text
    made = sends(officer, address, step="make", **fields)
    assert made.status_code == 303
    change = sees(officer, made.headers["Location"])
    assert "机关党支部" in change
    branch = re.findall(r'href="/organisations/([0-9a-f-]{36})"', change)[0]
    page = sees(officer, f"/organisations/{branch}")
    assert "淄组〔2026〕8号" in page
    override = f"/organisations/{branch}/name-override"
    assert sends(officer, override, rule="name-beginning").status_code == 422
    assert sends(officer, override, rule="name-beginning", reason="沿用旧名").status_code == 303
    assert "沿用旧名" in sees(officer, f"/organisations/{branch}")
    assert code in sees(officer, f"/organisations?q={code}")
    assert "机关党支部" in sees(officer, f"/organisations/{town}/changes")


def test_a_refusal_stands_at_its_field(officer: Browser, town: UUID) -> None:
    fields = {"document_number": "9号", "reason": "撤销"}
    dissolved = sends(officer, f"/organisations/{town}/changes/dissolve", **fields)
    assert dissolved.status_code == 409
    assert "个组织，请先调整到别处" in dissolved.text
    moved = sends(officer, f"/organisations/{town}/changes/move", parent_id="没有这个组织", **fields)
    assert moved.status_code == 422
    tomorrow = (clock.today(clock.now()) + timedelta(days=1)).isoformat()
    early = sends(officer, f"/organisations/{town}/changes/rename", name="新镇党委", on=tomorrow, **fields)
    assert early.status_code == 422
    assert "尚未到来" in early.text


def test_the_findings_of_a_town_are_listed_counted_and_filtered(officer: Browser, town: UUID) -> None:
    mine = officer.client.get("/organisations/findings", headers=HTML)
    assert mine.headers["Location"].endswith(f"/organisations/{town}/findings")
    page = sees(officer, mine.headers["Location"])
    assert "第三党支部" in page
    assert "有 1 名党员没有编入" in page or "还有 1 名党员没有编入" in page
    narrowed = sees(officer, f"/organisations/{town}/findings?rule=one-group-each")
    assert "还有 1 名党员没有编入" in narrowed
    assert ">第三党支部<" not in narrowed


def test_rules_are_read_by_officers_and_set_at_the_root(app: Flask, keys: Keys, officer: Browser) -> None:
    assert "支部工作条例" in sees(officer, "/organisations/rules")
    fields = {"active_from": "2199-01-01", "citation": "x", "severity": "breach", "numbers.least": "4"}
    assert sends(officer, "/organisations/rules/enough-full-members", **fields).status_code == 403
    assert sends(officer, "/organisations/rules/none", **fields).status_code == 404


def test_a_member_sees_the_tree_without_findings(app: Flask, keys: Keys, town: UUID) -> None:
    member = a_browser(app, keys.token("member", path="elsewhere"))
    page = sees(member, f"/organisations/{town}?on={clock.today(clock.now())}")
    assert "办理变更" not in page
    assert "个问题" not in sees(member, f"/organisations/tree?parent={town}")
    assert member.client.get(f"/organisations/{town}/findings", headers=HTML).status_code == 403
