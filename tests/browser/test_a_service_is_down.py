"""A part whose service is down says so; the rest of the page works, and what was typed is kept (G4)."""

from collections.abc import Callable

from local.testing import Platform
from playwright.sync_api import expect

from tests.browser.conftest import Someone


def test_a_home_without_the_assessment(somebody: Callable[..., Someone], stack: Platform) -> None:
    secretary = somebody("secretary2")
    with stack.without("assessment-serve"):
        stack.wait_until_missed("assessment")
        page = secretary.opens("/")
        expect(page.get_by_role("region", name="支部体检灯")).to_contain_text("暂时不可用")
        expect(page.get_by_role("region", name="即将开展的活动")).not_to_contain_text("暂时不可用")
        secretary.keeps_screen("home-without-assessment")
    stack.wait_until_ready()
    page = secretary.opens("/")
    expect(page.get_by_role("region", name="支部体检灯")).not_to_contain_text("暂时不可用")


def test_an_order_while_sites_is_away_keeps_what_was_typed(somebody: Callable[..., Someone], stack: Platform) -> None:
    member = somebody("member", javascript=False)
    page = member.opens("/map?q=psl")
    page.locator("#site-list").get_by_role("link", name="蒲松龄纪念馆", exact=True).click()
    page.locator("a.slot").nth(2).click()
    page.fill("#contact_phone", "13853312345")
    with stack.without("sites-serve"):
        stack.wait_until_missed("sites")
        page.get_by_role("main").get_by_role("button", name="点单").click()
        expect(page.locator("#error-summary")).to_contain_text("您填写的内容已保留")
        expect(page.locator("#contact_phone")).to_have_value("13853312345")
        visitor = somebody(javascript=False)
        expect(visitor.opens("/map").locator("main")).to_contain_text("暂时不可用")
    stack.wait_until_ready()
    page.get_by_role("main").get_by_role("button", name="点单").click()
    expect(page.locator(".voucher-code")).to_be_visible()
