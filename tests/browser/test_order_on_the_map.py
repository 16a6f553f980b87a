"""A branch orders on the map, comes, and its light turns green: the chain as its people see it (S2, S6, S8, A3)."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Someone

SITE = "蒲松龄纪念馆"
PARTY = 6


def test_a_secretary_orders_on_the_map_and_the_steward_lets_the_party_in(somebody: Callable[..., Someone]) -> None:
    secretary = somebody("secretary2")
    page = secretary.opens("/map?q=pusongling")
    pin = page.locator(f'.leaflet-marker-icon[title="{SITE}"]')
    expect(pin).to_be_visible()
    pin.click()
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text(SITE)
    expect(popup).to_contain_text(re.compile("余[0-9]+个名额"))
    secretary.keeps_screen("map")
    popup.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text(SITE)
    secretary.keeps_screen("site")
    # The demo programme starts every half hour; check-in opens 30 minutes before, so the first one can be visited now.
    page.locator("a.slot").first.click()
    page.fill("#party_size", "100000")
    page.fill("#contact_phone", "13853312345")
    page.get_by_role("main").get_by_role("button", name="点单").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#contact_phone")).to_have_value("13853312345")
    page.fill("#party_size", str(PARTY))
    page.get_by_role("main").get_by_role("button", name="点单").dblclick()
    expect(page.locator(".voucher-code")).to_be_visible()
    secretary.keeps_screen("voucher")
    order_path = page.url.removeprefix(secretary.base_url)
    code = (page.locator(".voucher-code [aria-hidden]").text_content() or "").strip()
    assert re.fullmatch(r"[2-9A-Z]{4} [2-9A-Z]{4}", code)

    steward = somebody("steward", on_phone=True)
    page = steward.opens("/desk")
    page.fill("#voucher", "2222 2222")
    page.fill("#count", "3")
    page.get_by_role("button", name="核验到场").click()
    expect(page.locator("#error-summary")).to_contain_text("没有这个凭证")
    page.fill("#voucher", code.lower())
    page.fill("#count", str(PARTY - 1))
    page.get_by_role("button", name="核验到场").click()
    expect(page.locator(".messages")).to_contain_text(f"{PARTY - 1}人")
    steward.keeps_screen("check-in")
    own = page.locator("li[data-voucher]").filter(has=page.locator(f'a[href="{order_path}"]'))
    own.get_by_role("button", name="办结").click()
    expect(page.get_by_role("heading", name="可以办理")).to_be_visible()
    page.get_by_role("button", name="提交补单").click()
    expect(page.locator(".messages")).to_contain_text("已提交")
    steward.keeps_screen("claim")
    claim_path = page.url.removeprefix(steward.base_url)

    page = secretary.opens(claim_path)
    page.get_by_role("button", name="是，确认人数").click()
    expect(page.locator(".messages")).to_contain_text("已确认")
    page = secretary.opens(order_path)
    expect(page.get_by_text("已用单").first).to_be_visible()
    for _ in range(120):
        page = secretary.opens("/branch")
        if page.get_by_text(f"{PARTY - 1}人").count():  # the assessment has heard of the visit
            break
        page.wait_for_timeout(500)
    expect(page.locator(".light-large")).to_have_text("绿灯")
    expect(page.get_by_text(f"{PARTY - 1}人").first).to_be_visible()
    secretary.keeps_screen("light")


def test_the_list_orders_a_seat_without_javascript(somebody: Callable[..., Someone]) -> None:
    member = somebody("member", javascript=False, on_phone=True)
    page = member.opens("/map?q=psl")
    page.locator("#site-list").get_by_role("link", name=SITE, exact=True).click()
    page.locator("a.slot:not(.slot-closed)").last.click()
    page.fill("#contact_phone", "13853312345")
    page.get_by_role("main").get_by_role("button", name="点单").click()
    expect(page.locator(".voucher-code")).to_be_visible()
    assert member.overflows() <= 0
    member.keeps_screen("voucher-phone")
    page.locator("summary", has_text="取消此点单").click()
    page.fill("#reason", "临时有事")
    page.get_by_role("button", name="确定取消点单").click()
    expect(page.locator(".messages")).to_contain_text("点单已取消")


def test_the_same_form_sent_twice_is_one_order(somebody: Callable[..., Someone]) -> None:
    member = somebody("member", javascript=False)
    page = member.opens("/map?q=psl")
    page.locator("#site-list").get_by_role("link", name=SITE, exact=True).click()
    page.locator("a.slot").nth(3).click()
    page.fill("#contact_phone", "13853312345")
    form = page.locator("main form[method=post]")
    fields = dict(form.evaluate("form => [...new FormData(form)]"))
    address = member.base_url + str(form.get_attribute("action"))
    first, again = (page.context.request.post(address, form=fields) for _ in range(2))
    assert (first.status, "/orders/" in first.url) == (200, True)
    assert again.url == first.url
    changed = page.context.request.post(address, form={**fields, "contact_name": "另一人"})
    assert changed.status == 422
    assert "此表单已经提交过一次" in changed.text()
