"""Arriving at a site: by the code on the steward's screen, by name, with no order; what the steward prints (S8)."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.browser.test_every_page import faults_of

SITE = re.compile("蒲松龄纪念馆")


def a_time_that_is_on(page: Page) -> str:
    """Return the address of the order form of the site's first bookable slot: it begins within half an hour."""
    page.get_by_role("link", name=SITE).first.click()
    address = page.locator("#slots a[href*='/order']").first.get_attribute("href")
    assert address
    return address


def books_a_seat(member: Someone) -> Page:
    """Order one seat of the next visit, whose doors are open already."""
    page = member.opens("/map?q=pusongling")
    page = member.opens(a_time_that_is_on(page))
    page.get_by_label("联系电话").fill("13853312345")
    page.get_by_role("main").get_by_role("button", name="点单").click()
    expect(page.locator(".voucher-code")).to_be_visible()
    return page


def closes(steward: Someone, party: str) -> None:
    """Close the visit that stands open in the day's list, so that the next one finds the desk as it was."""
    row = steward.page.locator("li", has_text=party).filter(has=steward.page.get_by_role("button", name="办结"))
    row.get_by_role("button", name="办结").first.click()
    expect(steward.page.locator(".messages")).to_contain_text("已办结")


def test_a_member_checks_in_by_the_code_on_the_screen(somebody: Callable[..., Someone]) -> None:
    steward, member = somebody("steward"), somebody("member", on_phone=True)
    ordered = books_a_seat(member)
    order_path = ordered.url.removeprefix(member.base_url)
    ordered.get_by_role("link", name="凭门口屏幕上的核验码自助核验").click()
    page = member.page
    assert faults_of(page) == []
    assert member.overflows() <= 0
    member.keeps_screen("self-check-in-phone")
    page.fill("#code", "000000")
    page.get_by_role("button", name="核验到场").click()
    expect(page.locator("#error-summary")).to_contain_text("核验码不正确或已过期")

    screen = steward.opens("/desk/screen")
    assert faults_of(screen) == []
    shown = screen.locator(".door-screen-code .visually-hidden")
    expect(shown).to_have_text(re.compile(r"^(\d ){5}\d$"))
    steward.keeps_screen("door-screen")
    page.fill("#code", shown.text_content() or "")
    page.get_by_role("button", name="核验到场").click()
    expect(page.locator(".messages")).to_contain_text("已核验到场")
    expect(page.locator("main")).to_contain_text("由")
    member.keeps_screen("self-checked-in-phone")
    steward.opens(order_path)
    steward.page.get_by_role("main").get_by_role("link", name="去接待台").click()
    closes(steward, "个人")


def test_the_screen_fetches_the_next_code_by_itself(somebody: Callable[..., Someone]) -> None:
    steward = somebody("steward")
    page = steward.opens("/desk/screen")
    page.evaluate("document.querySelector('[data-part=code]').id = 'old'")
    page.clock.install()
    page.clock.run_for(65_000)
    expect(page.locator("#old")).to_have_count(0)
    expect(page.locator(".door-screen-code")).to_be_visible()


def test_a_walk_in_is_entered_without_javascript(somebody: Callable[..., Someone]) -> None:
    steward = somebody("steward", javascript=False)
    page = steward.opens("/desk")
    page.get_by_role("link", name="登记到访团队").click()
    assert faults_of(page) == []
    page.fill("#q", "支部")
    page.get_by_role("button", name="查找").click()
    page.locator("input[name=whom]").first.check()
    page.locator("input[name=slot_id]").first.check()
    page.fill("#party_size", "2")
    page.get_by_role("button", name="登记并放行").click()
    expect(page.locator("#error-summary")).to_contain_text("联系人")
    steward.keeps_screen("walk-in")
    page.fill("#contact_name", "周主任")
    page.get_by_role("button", name="登记并放行").click()
    expect(page.locator(".messages")).to_contain_text("已放行")
    assert steward.overflows() <= 0
    steward.keeps_screen("desk-with-walk-in")
    closes(steward, "未预约到访")


def test_what_the_steward_prints(somebody: Callable[..., Someone]) -> None:
    steward = somebody("steward", on_phone=True)
    for path in ("/desk/sheet", "/desk/sheet?days=7", "/desk/vouchers", "/desk/parties?kind=telephone", "/desk/screen"):
        page = steward.opens(path)
        assert faults_of(page) == [], path
        assert steward.overflows() <= 0, path
        steward.keeps_screen(f"{path.strip('/').replace('/', '-').replace('?', '-')}-phone")
    page = steward.opens("/desk/vouchers")
    page.get_by_role("button", name="显示清单以便打印").click()
    expect(page.locator(".day-sheet")).to_contain_text("打印")
    steward.opens("/desk/vouchers")
    expect(steward.page.locator("main")).to_contain_text("凭证清单")


def test_a_branch_that_called_names_its_members(somebody: Callable[..., Someone]) -> None:
    secretary, steward = somebody("secretary", on_phone=True), somebody("steward")
    branch = secretary.opens("/branch").get_by_role("heading", level=1).text_content() or ""
    page = steward.opens("/desk/parties?kind=telephone")
    page.fill("#q", branch.strip())
    page.get_by_role("button", name="查找").click()
    page.locator("input[name=whom]").first.check()
    page.get_by_role("combobox", name="时间").select_option(index=1)
    page.fill("#party_size", "3")
    page.fill("#contact_name", "周主任")
    page.fill("#contact_phone", "13853312345")
    page.get_by_role("button", name="代为点单").click()
    expect(page.locator(".voucher-code")).to_be_visible()
    order_path = page.url.removeprefix(steward.base_url)

    page = secretary.opens(order_path)
    expect(page.locator("main")).to_contain_text("电话预约")
    page.get_by_role("link", name="填写名单和需求").click()
    assert faults_of(page) == []
    for number in range(2):
        page.locator("input[name=member_ids]").nth(number).check()
    page.fill("#needs", "一辆轮椅")
    assert secretary.overflows() <= 0
    secretary.keeps_screen("party-phone")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".card", has_text="已列 2 人")).to_be_visible()
    secretary.keeps_screen("order-with-party-phone")

    steward.opens(order_path)
    steward.page.get_by_role("main").get_by_role("link", name="去接待台").click()
    row = steward.page.locator("li", has_text="一辆轮椅")
    row.locator("summary").click()
    expect(row.locator("input[name=member_ids]")).to_have_count(2)
    steward.keeps_screen("desk-names")
    # The branch's month is another test's matter: its visit does not take place.
    page.locator("summary", has_text="取消").click()
    page.fill("#reason", "改期")
    page.get_by_role("button", name="取消").click()
    expect(page.locator(".messages")).to_contain_text("已取消")
