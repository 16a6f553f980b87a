"""The map's filters as they are turned, and a trip from the list to its vouchers (S2, S7)."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone

TUESDAY = 1


def test_the_list_and_the_map_follow_the_filters(somebody: Callable[..., Someone]) -> None:
    page = somebody().opens("/map")
    page.locator("details.filters summary").click()
    page.select_option("#category", "comprehensive")
    expect(page.locator("#found-status")).to_contain_text("已更新")
    expect(page).to_have_url(re.compile("category=comprehensive"))
    assert page.locator("#found [data-site]").count() > 0
    page.locator("#day-slider").press("ArrowRight")
    expect(page).to_have_url(re.compile(r"on=\d{4}-\d\d-\d\d"))
    page.get_by_role("link", name=re.compile("去掉")).first.click()
    expect(page).not_to_have_url(re.compile("category=comprehensive"))


def test_initials_bring_suggestions(somebody: Callable[..., Someone]) -> None:
    page = somebody().opens("/map")
    page.locator("#q").press_sequentially("psl")
    expect(page.locator(".suggestions a").first).to_contain_text("蒲松龄纪念馆")


@pytest.mark.parametrize("on_phone", [False, True])
def test_a_trip_is_built_without_a_mouse_or_an_account(somebody: Callable[..., Someone], on_phone: bool) -> None:
    visitor = somebody(on_phone=on_phone, javascript=False)
    page = visitor.opens("/trip?q=pusongling")
    page.get_by_role("link", name=re.compile("添加.*蒲松龄纪念馆")).click()
    page.fill("#q", "煤矿")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name=re.compile("添加.*煤矿")).first.click()
    expect(page.locator(".trip-stop")).to_have_count(2)
    expect(page.get_by_role("heading", name="场次")).to_be_visible()
    assert visitor.overflows() <= 0
    visitor.keeps_screen(f"trip-{'phone' if on_phone else 'desk'}")


def test_on_a_phone_the_map_or_the_list_is_shown(somebody: Callable[..., Someone]) -> None:
    visitor = somebody(on_phone=True)
    page = visitor.opens("/map")
    page.locator('[data-shows="map"]').click()
    expect(page.locator(".leaflet-container")).to_be_visible()
    expect(page.locator("#found")).to_be_hidden()
    page.locator('[data-shows="list"]').click()
    expect(page.locator("#found")).to_be_visible()
    assert visitor.overflows() <= 0


def test_a_secretary_orders_a_trip_whole_and_cancels_it(somebody: Callable[..., Someone]) -> None:
    secretary = somebody("secretary")
    page = secretary.opens("/trip?q=pusongling")
    page.get_by_role("link", name=re.compile("添加.*蒲松龄纪念馆")).click()
    page.fill("#q", "煤矿")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name=re.compile("添加.*煤矿")).first.click()
    today = date.fromisoformat(page.locator("#on").input_value())
    tuesday = today + timedelta(days=(TUESDAY - today.weekday()) % 7 or 7)  # both are open, whatever day it is
    page.fill("#on", tuesday.isoformat())
    page.fill("#seats", "5")
    page.get_by_role("button", name="查找场次").click()
    page.get_by_label("联系电话").fill("12")
    page.get_by_role("button", name="整个行程点单").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator(".trip-stop")).to_have_count(2)
    page.get_by_label("联系电话").fill("13853312345")
    page.get_by_role("button", name="整个行程点单").dblclick()
    expect(page.locator(".messages")).to_contain_text("各站均已点单")
    expect(page.get_by_role("link", name="凭证与变更")).to_have_count(2)
    assert secretary.overflows() <= 0
    secretary.keeps_screen("trip-ordered")
    page.locator("summary", has_text="取消整个行程").click()
    page.fill("#reason", "改期")
    page.get_by_role("button", name="取消全部站点").click()
    expect(page.locator(".messages")).to_contain_text("行程已取消")
    expect(page.locator(".trip-stop", has_text="已取消")).to_have_count(2)
