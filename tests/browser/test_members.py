"""A branch keeps its register in the browser: a new member, masked numbers opened for a purpose, a way, a letter."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from roster.domain.identity_numbers import check_character

from tests.browser.conftest import DESK, PHONE, Someone
from tests.browser.test_every_page import faults_of

DIGITS = "37030219850612999"
NUMBER = DIGITS + check_character(DIGITS)


def looks_at(someone: Someone, page: Page, name: str) -> None:
    assert faults_of(page) == [], page.url
    assert "暂时不可用" not in (page.text_content("main") or ""), page.url
    for size, screen in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        assert someone.overflows() <= 0, f"{name} is wider than a {screen}'s screen"
        someone.keeps_screen(f"members-{name}-{screen}")


@pytest.fixture
def secretary(somebody: Callable[..., Someone]) -> Someone:
    return somebody("secretary")


def test_a_branch_keeps_its_register(secretary: Someone) -> None:
    page = secretary.opens("/branch")
    page.get_by_role("link", name="党员", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("党员")
    looks_at(secretary, page, "list")
    address = page.url.partition("?")[0]
    page.get_by_role("link", name="录入党员").click()
    looks_at(secretary, page, "new")
    page.fill("#name", "演示新党员")
    page.fill("#identity_number", NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"))
    page.fill("#joined_on", "2015-07-01")
    page.get_by_role("button", name="录入名册").click()
    expect(page.locator("#error-summary")).to_contain_text("校验码不符")
    looks_at(secretary, page, "new-fault")
    page.fill("#identity_number", NUMBER)
    page.get_by_role("button", name="录入名册").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("演示新党员")
    assert NUMBER not in page.content()
    looks_at(secretary, page, "record")
    page.get_by_text("查看完整号码").click()
    page.locator("input[name=fields][value=identity_number]").check()
    page.select_option("#purpose", "file_check")
    page.get_by_role("button", name="显示号码").click()
    expect(page.get_by_role("main")).to_contain_text(NUMBER)
    looks_at(secretary, page, "opened")
    base = address.removesuffix("/members")
    for path, name in (
        ("/development", "pipeline"),
        ("/transfers", "transfers"),
        ("/stocktake", "stocktake"),
        ("/member-statistics", "statistics"),
    ):
        looks_at(secretary, secretary.opens(base.removeprefix(secretary.base_url) + path), name)


def test_an_applicant_goes_on_the_way(secretary: Someone) -> None:
    page = secretary.opens("/branch")
    page.get_by_role("link", name="发展党员", exact=True).first.click()
    page.fill("#name", "演示申请人")
    page.fill("#applied_on", "2026-09-01")
    page.get_by_role("button", name="录入申请人").click()
    expect(page.get_by_role("main")).to_contain_text("已于2026年10月1日")
    looks_at(secretary, page, "way")
    page.fill("#done_on", "2026-11-20")
    page.get_by_role("button", name="保存记录").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("演示申请人")
    page.get_by_role("button", name="确定为").click()
    expect(page.locator("#error-summary")).to_contain_text("还缺 3 项手续")


def test_a_letter_is_issued_and_the_other_branch_confirms(somebody: Callable[..., Someone]) -> None:
    sending, receiving = somebody("secretary"), somebody("secretary2")
    page = sending.opens("/branch")
    page.get_by_role("link", name="党员", exact=True).first.click()
    page.locator("tbody th a").first.click()
    name = page.get_by_role("heading", level=1).text_content()
    page.get_by_text("转往其他支部").click()
    page.fill("#to", "大昆仑村党支部")
    page.fill("#letter_number", f"演示介〔2026〕{uuid4().hex[:6]}号")
    page.fill("#transfer-reason", "迁居")
    page.get_by_role("button", name="开具介绍信").click()
    page.get_by_role("link", name="查看介绍信").click()
    looks_at(sending, page, "letter")
    letter = receiving.opens("/" + page.url.removeprefix(sending.base_url + "/"))
    letter.get_by_role("button", name="确认接收").click()
    expect(letter.get_by_role("main")).to_contain_text("已接收")
    assert name
    expect(letter.get_by_role("main")).to_contain_text(name)
