"""An officer opens an allocation round, a secretary asks, it is drawn, and the result explains itself (S6)."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import psycopg2
from local.testing import Platform
from playwright.sync_api import expect

from tests.browser.conftest import Someone
from tests.browser.test_every_page import faults_of

SITE = "蒲松龄纪念馆"
LOCAL = "%Y-%m-%dT%H:%M"
NUMBER = "川组发〔2026〕31号"


def bring_forward(stack: Platform, title: str) -> None:
    """Let the round's collection end and its draw be due, as if the days had passed."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE allocation_rounds SET opens_at = %(at)s - interval '2 days', closes_at = %(at)s - interval '1 day',"
            " draw_at = %(at)s - interval '1 minute' WHERE title = %(title)s",
            {"at": stack.now(), "title": title},
        )
    connection.close()


def test_a_round_from_its_announcement_to_its_explained_result(
    somebody: Callable[..., Someone], stack: Platform
) -> None:
    title = "七一活动周"
    now = stack.now() + timedelta(hours=8)
    day = (now + timedelta(days=18)).date().isoformat()

    officer = somebody("officer", on_phone=True)
    page = officer.opens("/allocation-rounds")
    page.get_by_role("link", name="发布一轮分配").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.fill("#title", title)
    page.get_by_label(SITE).first.check()
    for field, value in (
        ("first_on", day),
        ("last_on", day),
        ("closes_at", f"{now + timedelta(days=2):{LOCAL}}"),
        ("draw_at", f"{now + timedelta(days=3):{LOCAL}}"),
        ("seed_on", now.date().isoformat()),
        ("seed_number", NUMBER),
    ):
        page.fill(f"#{field}", value)
    assert faults_of(page) == []
    assert officer.overflows() <= 0
    officer.keeps_screen("allocation-form")
    page.get_by_role("button", name="发布", exact=True).dblclick()
    expect(page.locator(".messages")).to_contain_text("已发布")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    address = page.url.removeprefix(officer.base_url)

    secretary = somebody("visitor", on_phone=True)
    page = secretary.opens(f"/map?q={SITE}")
    page.locator("#site-list").get_by_role("link", name=SITE).first.click()
    site = page.url.removeprefix(secretary.base_url).partition("?")[0]
    page = secretary.opens(f"{site}?on={day}")
    page.get_by_role("link", name="抽签分配：去申请").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.fill("#party_size", "12")
    page.select_option("#wish-1", index=3)
    page.select_option("#wish-2", index=5)
    page.fill("#contact_phone", "13853312345")
    assert faults_of(page) == []
    assert secretary.overflows() <= 0
    secretary.keeps_screen("allocation-ask")
    page.get_by_role("button", name="提交申请").dblclick()
    expect(page.locator(".messages")).to_contain_text("申请已提交")
    expect(page.get_by_role("heading", name="更改申请")).to_be_visible()

    bring_forward(stack, title)
    page = officer.opens(address)
    if page.get_by_role("button", name="立即抽签").count():  # the timer may have come first
        page.get_by_role("button", name="立即抽签").click()
        officer.settles()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    for _ in range(600):
        if "已抽签" in (page.locator(".page-head").text_content() or ""):
            break
        page.wait_for_timeout(500)
        page = officer.opens(address)
    expect(page.get_by_role("heading", name="抽签结果")).to_be_visible()
    expect(page.locator("table")).to_contain_text("张店区机关演示党支部")
    assert faults_of(page) == []
    assert officer.overflows() <= 0
    officer.keeps_screen("allocation-drawn")

    page = secretary.opens("/")
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_text("抽签顺序第 1 位，共 1 位")).to_be_visible()
    expect(page.get_by_role("region", name="申请")).to_contain_text("已安排")
    assert secretary.overflows() <= 0
    secretary.keeps_screen("allocation-result")

    visitor = somebody(on_phone=True)
    page = visitor.opens(address)
    told = page.request.get(f"{visitor.base_url}/api/v1{address}/export").json()
    (request,) = told["requests"]
    assert request["digest"] == hashlib.sha256((told["round"]["seed"] + request["request_id"]).encode()).hexdigest()
    assert told["round"]["seed"] == f"{now.date().isoformat()} {NUMBER}"
    table = page.request.get(f"{visitor.base_url}/api/v1{address}/export?format=csv").body().decode("utf-8-sig")
    assert request["request_id"] in table

    page = secretary.opens(address)
    page.get_by_role("link", name="查看点单").click()
    expect(page.locator("main")).to_contain_text("外来支部")
