"""A steward writes what visitors of the site need; who has a confirmed order finds it on the order's page (S1)."""

import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Someone

SITE = "蒲松龄纪念馆"


def test_a_steward_writes_the_record_and_an_order_shows_it(somebody: Callable[..., Someone]) -> None:
    note = f"大客车停东门外，{time.time_ns()}号位"
    steward = somebody("steward", on_phone=True)
    page = steward.opens("/sites/kept?q=psl")
    page.get_by_role("link", name=SITE).click()
    expect(page.locator(".place-map .leaflet-marker-draggable").first).to_be_visible()
    assert steward.overflows() <= 0
    steward.keeps_screen("record-phone")
    page.fill("#parking_text", note)
    lon, lat = page.input_value("#point_lon"), page.input_value("#point_lat")
    page.fill("#point_lon", lat)
    page.fill("#point_lat", lon)
    page.fill("#point_checked_on", "2026-11-20")  # the data's own date is later than the 22nd that the clock is set to
    page.fill("#reason", "换了停车场")
    page.get_by_role("button", name="保存资料").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#point")).to_contain_text("先经度后纬度")
    expect(page.locator("#parking_text")).to_have_value(note)
    page.fill("#point_lon", lon)
    page.fill("#point_lat", lat)
    page.get_by_role("button", name="保存资料").click()
    expect(page.locator(".messages")).to_contain_text("已保存")
    expect(page.locator(".steps li").first).to_contain_text(note)
    steward.page.set_viewport_size({"width": 1280, "height": 900})
    steward.keeps_screen("record")

    member = somebody("member", javascript=False)
    page = member.opens("/map?q=psl")
    page.locator("#site-list").get_by_role("link", name=SITE, exact=True).click()
    assert not page.get_by_role("link", name="活动点资料").count()
    page.locator("a.slot").nth(4).click()
    page.fill("#contact_phone", "13853312345")
    page.get_by_role("main").get_by_role("button", name="点单").click()
    expect(page.get_by_role("region", name="到达须知")).to_contain_text(note)
    member.keeps_screen("arrival")


def test_an_auditor_reads_the_record_and_has_no_form(somebody: Callable[..., Someone]) -> None:
    auditor = somebody("auditor")
    page = auditor.opens("/sites/kept?q=psl")
    page.get_by_role("link", name=SITE).click()
    expect(page.get_by_role("region", name="活动点资料")).to_contain_text("参观时长")
    expect(page.locator("main form[method=post]")).to_have_count(0)
    auditor.keeps_screen("record-auditor")


def test_an_officer_names_who_keeps_a_site(somebody: Callable[..., Someone]) -> None:
    officer = somebody("officer", javascript=False)
    page = officer.opens("/sites/kept?q=昆仑镇农村")
    page.get_by_role("main").get_by_role("link", name="昆仑镇农村党建示范点").click()
    before = page.input_value("#keeper")
    page.fill("#keeper", "没有这样的组织")
    page.fill("#reason", "管理单位变更")
    page.get_by_role("button", name="保存资料").click()
    expect(page.locator("#error-summary")).to_contain_text("没有这个名称的组织")
    page.fill("#keeper", "蒲家村")
    page.get_by_role("button", name="保存资料").click()
    expect(page.locator(".messages")).to_contain_text("已保存")
    expect(page.locator("#keeper")).to_have_value("蒲家村党支部")
    page.fill("#keeper", before)
    page.fill("#reason", "改回")
    page.get_by_role("button", name="保存资料").click()
    expect(page.locator("#keeper")).to_have_value(before)
