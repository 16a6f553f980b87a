"""A steward changes the calendar and sees first whom it affects; the page of the site follows (S5)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone

SITE = "蒲松龄纪念馆"


@pytest.mark.parametrize("on_phone", [False, True])
def test_a_steward_sees_what_a_change_does_before_it_is_made(somebody: Callable[..., Someone], on_phone: bool) -> None:
    steward = somebody("steward", on_phone=on_phone)
    page = steward.opens("/sites/kept?q=psl")
    page.get_by_role("link", name=SITE).click()
    page.get_by_role("link", name="开放日历").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("开放日历")
    assert steward.overflows() <= 0
    steward.keeps_screen(f"calendar-{'phone' if on_phone else 'desk'}")
    page.locator("summary", has_text="填写特殊时间或关闭日").click()
    day = date.fromisoformat(page.locator("#special-day").get_attribute("min") or "") + timedelta(days=8 + on_phone)
    page.fill("#special-day", day.isoformat())
    page.fill("#special-hours", "十点到十二点")
    page.locator("section", has=page.locator("#special-day")).get_by_role("button", name="预览影响").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#special-hours")).to_have_value("十点到十二点")
    page.fill("#special-hours", "10:00-12:00")
    page.locator("section", has=page.locator("#special-day")).get_by_role("button", name="预览影响").click()
    expect(page.get_by_role("heading", name="受影响的点单")).to_be_visible()
    expect(page.get_by_text("没有点单受影响")).to_be_visible()
    assert steward.overflows() <= 0
    steward.keeps_screen(f"calendar-preview-{'phone' if on_phone else 'desk'}")
    page.get_by_role("button", name="保存这项变更").dblclick()
    expect(page.locator(".messages")).to_contain_text("开放日历已变更")
    expect(page.get_by_role("region", name="特殊日期")).to_contain_text("10:00-12:00")


def test_the_public_holidays_of_a_year_are_said_or_not_announced(somebody: Callable[..., Someone]) -> None:
    officer = somebody("officer", on_phone=True)
    page = officer.opens("/sites/kept")
    page.get_by_role("link", name="节假日").click()
    expect(page.get_by_text("尚未公布").first).to_be_visible()
    page.fill("#citation", "国办发明电〔2026〕7号")
    page.fill("#days", "2027-01-01,holiday,元旦")
    page.get_by_role("button", name="录入").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#days")).to_have_value("2027-01-01,holiday,元旦")
    assert officer.overflows() <= 0
    officer.keeps_screen("holidays-phone")
