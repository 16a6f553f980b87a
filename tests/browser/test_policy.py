"""A preparer drafts the next policy and tries it on past months; another person adopts it (S9)."""

from collections.abc import Callable

import psycopg2
from local.testing import Platform
from playwright.sync_api import expect

from tests.browser.conftest import Someone
from tests.browser.test_every_page import faults_of


def day_after_the_last(stack: Platform) -> str:
    """Return a day far ahead, after every version: no other test orders then."""
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT greatest(max(active_from), '2030-01-01') + 1 FROM policies")
        (day,) = cursor.fetchone() or ("",)
    connection.close()
    return str(day)


def test_a_version_from_its_draft_to_its_adoption(somebody: Callable[..., Someone], stack: Platform) -> None:
    day = day_after_the_last(stack)
    preparer = somebody("preparer", on_phone=True)
    page = preparer.opens("/funds")
    page.get_by_role("main").get_by_role("link", name="补贴办法").click()
    page.get_by_role("link", name="起草新版办法").click()
    expect(page.locator("#per_visit_fen")).to_have_value("200")  # what stands is filled in
    page.fill("#per_visit_fen", "二百")
    page.get_by_role("button", name="保存草案").click()
    expect(page.locator("#per_visit_fen-error")).to_be_visible()
    page.fill("#per_visit_fen", "200")
    page.select_option("#mode", "tiered")
    page.fill("#per_head_fen", "0")
    page.fill("[id='head_tiers.0.heads_to']", "20")
    page.fill("[id='head_tiers.0.per_head_fen']", "10")
    page.fill("#site_month_cap_fen", "5,000")
    page.fill("[id='star_factors.5']", "1.20")
    page.fill("#last_spending_day", "12-20")
    page.fill("#active_from", day)
    page.get_by_role("button", name="保存草案").click()
    expect(page.locator("#name-error")).to_be_visible()
    page.fill("#name", "分档试行办法")
    page.fill("#citation", "〔2029〕8号")
    page.get_by_role("button", name="保存草案").click()
    expect(page.locator("#head_tiers")).to_contain_text("最后一档不设人数上限")
    page.fill("[id='head_tiers.1.per_head_fen']", "5.5")
    assert faults_of(page) == []
    assert preparer.overflows() <= 0
    preparer.keeps_screen("policy-form-phone")
    page.get_by_role("button", name="保存草案").dblclick()
    expect(page.locator(".messages")).to_contain_text("草案已保存")
    text = page.locator(".policy-text").first
    expect(text).to_contain_text("第 1 至 20 人每人 10.00元；第 21 人起每人 5.50元")
    expect(text).to_contain_text("每个活动点每月最多 5,000.00元")
    expect(page.get_by_role("button", name="通过", exact=True)).to_have_count(0)
    expect(page.get_by_role("table")).to_contain_text("5 星 × 1.20")
    assert faults_of(page) == []
    assert preparer.overflows() <= 0
    preparer.keeps_screen("policy-draft-phone")
    address = page.url.removeprefix(preparer.base_url)

    page.fill("#first_month", "2026-01")
    page.fill("#last_month", "2026-11")
    page.get_by_role("button", name="开始试算").click()
    expect(page.locator("main")).to_contain_text("其中有变化" if visits(stack) else "没有支部办结的活动")
    assert faults_of(page) == []
    assert preparer.overflows() <= 0
    preparer.keeps_screen("policy-replay-phone")

    approver = somebody("approver")
    page = approver.opens(address)
    approver.keeps_screen("policy-draft-desk")
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("已通过")
    page.get_by_role("link", name="补贴办法").first.click()
    expect(page.locator("main")).to_contain_text("分档试行办法")
    approver.keeps_screen("policies-desk")


def visits(stack: Platform) -> int:
    with psycopg2.connect(stack.service_url("sites")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM claims WHERE state NOT IN ('rejected', 'lapsed')")
        (count,) = cursor.fetchone() or (0,)
    connection.close()
    return int(count)
