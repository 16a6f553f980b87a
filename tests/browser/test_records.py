"""A branch writes its handbook in the browser: a lecture from the empty form to the paper, on a desk and a phone."""

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
        someone.keeps_screen(f"records-{name}-{screen}")


@pytest.fixture
def secretary(somebody: Callable[..., Someone]) -> Someone:
    return somebody("secretary")


def test_a_lecture_from_the_form_to_the_paper(secretary: Someone) -> None:
    page = secretary.opens("/branch/records")
    looks_at(secretary, page, "index")
    page.get_by_role("link", name="党课记录").click()
    looks_at(secretary, page, "form")
    page.fill("#subject", "重温入党誓词")
    page.keyboard.press("Enter")  # sends the form by the button that keeps, not by one that draws more rows
    expect(page.get_by_role("main")).to_contain_text("草稿尚不计入任何统计")
    looks_at(secretary, page, "draft")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("#error-summary")).to_contain_text("主持人")
    looks_at(secretary, page, "fault")
    page.fill("#place", "村党员活动室")
    page.fill("#host", "王书记")
    page.fill("#recorder", "李委员")
    page.fill("#starts", "09:00")
    page.fill("#ends", "10:30")
    page.select_option("[id='answers.lecturer_kind']", "secretary")
    page.fill("[id='answers.lecturer']", "王书记")
    page.fill("[id='answers.points']", "学习党章第一章。")
    page.fill("#minutes", "先学后议。\n大家发言。")
    page.fill("[id='decisions.0.text']", "月底前补学")
    for choice in page.locator("select[name^='came-']").all():
        if choice.input_value() == "":
            choice.select_option("not_expected")
    first = page.locator("select[name^='came-']").first
    first.select_option("leave")
    page.locator("input[name^='why-']").first.fill("出差")
    page.get_by_role("button", name="增加行").first.click()
    expect(page.locator("#subject")).to_have_value("重温入党誓词")
    expect(page.locator("input[name^='why-']").first).to_have_value("出差")
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_role("main")).to_contain_text("表格要求的内容已齐全")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("已登记，自现在起计入")
    looks_at(secretary, page, "record")
    address = page.url
    page.get_by_role("link", name="更正记录").click()
    looks_at(secretary, page, "correction")
    page.goto(address)
    page.get_by_role("button", name="生成 PDF").click()
    expect(page.get_by_role("link", name="下载纸质表")).to_be_visible()
    looks_at(secretary, page, "print")
    page.goto(address)
    page.get_by_role("link", name="记录", exact=True).first.click()
    page.get_by_role("link", name="待补学人员").click()
    expect(page.get_by_role("main")).to_contain_text("出差")
    looks_at(secretary, page, "absences")
