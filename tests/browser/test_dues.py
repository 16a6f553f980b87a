"""A branch collects its dues in the browser: ticks who paid, issues receipts, closes a month; the member looks on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Someone
from tests.browser.test_every_page import faults_of


def looks_at(someone: Someone, page: Page, name: str) -> None:
    assert faults_of(page) == [], page.url
    assert "暂时不可用" not in (page.text_content("main") or ""), page.url
    for size, screen in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        assert someone.overflows() <= 0, f"{name} is wider than a {screen}'s screen"
        someone.keeps_screen(f"dues-{name}-{screen}")


@pytest.fixture
def secretary(somebody: Callable[..., Someone]) -> Someone:
    return somebody("secretary")


def test_a_branch_collects_a_month(secretary: Someone) -> None:
    page = secretary.opens("/branch")
    page.get_by_role("link", name="党费", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("党费")
    looks_at(secretary, page, "month")
    address = page.url.partition("?")[0].removeprefix(secretary.base_url)
    page.get_by_role("button", name="登记所选人员已交").click()
    expect(page.locator("#error-summary")).to_contain_text("请至少勾选一名")
    boxes = page.locator("input[name=paid]")
    for number in (0, 1):
        boxes.nth(number).check()
    page.get_by_role("button", name="登记所选人员已交").click()
    expect(page.get_by_role("main")).to_contain_text("开具收据")
    page.get_by_role("link", name="收据", exact=True).click()
    looks_at(secretary, page, "receipts")
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("main")).to_contain_text("人民币")
    looks_at(secretary, page, "receipt")
    page.get_by_text("冲销这张收据").first.click()
    page.fill("#reason", "登记错人")
    page.get_by_role("button", name="冲销这张收据").click()
    expect(page.get_by_role("main")).to_contain_text("已于")
    for path, name in (("/members", "bases"), ("/arrears", "arrears"), ("/sums", "sums")):
        looks_at(secretary, secretary.opens(address + path), name)
    page = secretary.opens(address + "?month=2026-09")
    page.get_by_role("button", name="结账").click()
    expect(page.get_by_role("main")).to_contain_text("未交的转为欠交")
    looks_at(secretary, page, "closed")


def test_a_base_is_entered_and_opened_for_a_purpose(secretary: Someone) -> None:
    page = secretary.opens("/branch")
    page.get_by_role("link", name="党费", exact=True).first.click()
    page.get_by_role("link", name="计算基数", exact=True).click()
    page.locator("tbody th a").first.click()
    looks_at(secretary, page, "member")
    page.get_by_text("登记计算基数", exact=True).click()
    page.select_option("#kind", "wage")
    page.fill("#amount_fen", "0.5")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#error-summary")).to_contain_text("至少为 1 元")
    page.fill("#amount_fen", "6543.21")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text("98.15元")
    assert "6,543.21" not in page.content()
    page.get_by_text("查看基数金额").click()
    page.get_by_role("button", name="显示金额").click()
    expect(page.get_by_role("main")).to_contain_text("6,543.21元")
    looks_at(secretary, page, "opened")


@pytest.mark.parametrize(
    ("username", "paths"), [("member", ("/me/dues", "/dues-tables")), ("officer", ("/dues-tables",))]
)
def test_others_look_on(somebody: Callable[..., Someone], username: str, paths: tuple[str, ...]) -> None:
    someone = somebody(username)
    for path in paths:
        looks_at(someone, someone.opens(path), f"{username}{path.replace('/', '-')}")


def test_the_officer_sees_sums_and_no_names(somebody: Callable[..., Someone]) -> None:
    officer = somebody("officer")
    page = officer.opens("/organisations?q=淄川区&kind=committee")
    page.get_by_role("main").get_by_role("link", name="淄川区委员会").first.click()
    page.get_by_role("link", name="党费", exact=True).first.click()
    expect(page.get_by_role("main")).to_contain_text("各支部手存")
    looks_at(officer, page, "officer-sums")
