"""The end of a visit: the steward closes it with a picture, the branch rates it, the site replies, all read it (S8)."""

import io
import re
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Someone
from tests.browser.test_every_page import faults_of

SITE = "蒲松龄纪念馆"


def a_photograph() -> FilePayload:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(file, "JPEG")
    return {"name": "visit.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def test_a_visit_is_closed_with_a_picture_rated_and_answered(somebody: Callable[..., Someone]) -> None:
    member = somebody("member", on_phone=True)
    page = member.opens("/map?q=psl")
    page.locator("#site-list").get_by_role("link", name=SITE, exact=True).click()
    site_path = page.url.removeprefix(member.base_url).partition("?")[0]
    page.locator("a.slot").first.click()
    page.fill("#contact_phone", "13853312345")
    page.get_by_role("main").get_by_role("button", name="点单").click()
    code = (page.locator(".voucher-code [aria-hidden]").text_content() or "").strip()
    order_path = page.url.removeprefix(member.base_url)

    steward = somebody("steward", on_phone=True)
    page = steward.opens("/desk")
    page.fill("#voucher", code)
    page.fill("#count", "1")
    page.get_by_role("button", name="核验到场").click()
    inside = page.get_by_role("region", name="当前在场")
    expect(inside).to_contain_text(SITE)
    expect(inside.locator("li", has_text=SITE).locator("strong")).not_to_have_text("0")
    row = page.locator("li[data-voucher]").filter(has=page.locator(f'a[href="{order_path}"]'))
    row.locator("summary").click()
    row.locator("input[type=file]").set_input_files(
        {"name": "visit.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 no picture"}
    )
    row.get_by_role("button", name="办结").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(row.locator(".field-error")).to_contain_text("文件格式不符")
    assert faults_of(page) == []
    assert steward.overflows() <= 0
    steward.keeps_screen("closing-phone")
    row.locator("input[type=file]").set_input_files(a_photograph())
    row.get_by_role("button", name="办结").click()
    expect(page.locator(".messages")).to_contain_text("已办结")
    page.set_viewport_size({"width": 1280, "height": 900})
    steward.keeps_screen("desk-inside")
    steward.opens(order_path)
    expect(page.locator("#visit-pictures img")).to_be_visible()
    assert page.locator("#visit-pictures img").evaluate("image => image.complete && image.naturalWidth") > 0

    page = member.opens(order_path)
    expect(page.locator("#visit-pictures")).to_have_count(0)
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("#stars")).to_contain_text("请给每一项打星")
    for criterion in ("content", "guide", "facilities", "order"):
        page.locator(f'input[name="stars-{criterion}"][value="4"]').check()
    page.fill("#feedback", "讲解员很耐心")
    assert faults_of(page) == []
    assert member.overflows() <= 0
    member.keeps_screen("rating-phone")
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator(".messages")).to_contain_text("感谢评价")
    expect(page.locator("#rating")).to_contain_text("4.0")

    page = steward.opens(f"{site_path}/ratings")
    said = page.locator("li").filter(has=page.locator(f'a[href="{order_path}"]'))
    said.get_by_text("回复", exact=True).first.click()
    said.locator("textarea").fill("谢谢，欢迎再来")
    said.get_by_role("button", name="提交回复").click()
    expect(page.locator(".messages")).to_contain_text("已办理")
    assert faults_of(page) == []
    steward.keeps_screen("ratings")

    visitor = somebody(on_phone=True)
    page = visitor.opens(site_path)
    expect(page.locator("#ratings")).to_contain_text("讲解员很耐心")
    expect(page.locator("#ratings")).to_contain_text("谢谢，欢迎再来")
    expect(page.locator("#ratings")).to_contain_text(re.compile("一名党员"))
    assert visitor.overflows() <= 0
    visitor.keeps_screen("site-ratings-phone")
    page = member.opens(order_path)
    expect(page.get_by_role("button", name="提交评价")).to_have_count(0)


def test_a_steward_keeps_the_log_and_the_officer_reads_it(somebody: Callable[..., Someone]) -> None:
    steward = somebody("steward", on_phone=True)
    page = steward.opens("/desk")
    page.get_by_role("link", name="事件台账").first.click()
    page.fill("#what", "展柜玻璃裂了一道缝")
    page.get_by_role("button", name="保存记录").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#what")).to_have_value("展柜玻璃裂了一道缝")
    page.select_option("#kind", "damage")
    page.get_by_role("button", name="保存记录").click()
    expect(page.locator(".messages")).to_contain_text("已记录")
    log_path = page.url.removeprefix(steward.base_url)
    entry = page.locator("li[id^=incident-]").first
    entry.locator("summary").click()
    entry.locator("textarea").fill("已更换玻璃")
    entry.locator("input[type=date]").fill("2026-11-22")
    entry.get_by_role("button", name="添加").click()
    expect(page.locator("li[id^=incident-]").first).to_contain_text("办结")
    assert faults_of(page) == []
    assert steward.overflows() <= 0
    steward.keeps_screen("incidents-phone")

    officer = somebody("officer")
    page = officer.opens(log_path)
    expect(page.locator("li[id^=incident-]").first).to_contain_text("已更换玻璃")
    expect(page.locator("main form[method=post]")).to_have_count(0)
    assert officer.overflows() <= 0
    officer.keeps_screen("incidents")
