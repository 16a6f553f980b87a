"""A branch elects its committee in the browser, and the superior's officer answers each of the three times."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Someone
from tests.browser.test_every_page import faults_of

LEADER = "蒲志明"


def looks_at(someone: Someone, page: Page, name: str) -> None:
    assert faults_of(page) == [], page.url
    assert "暂时不可用" not in (page.text_content("main") or ""), page.url
    for size, screen in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        assert someone.overflows() <= 0, f"{name} is wider than a {screen}'s screen"
        someone.keeps_screen(f"elections-{name}-{screen}")


@pytest.fixture
def secretary(somebody: Callable[..., Someone]) -> Someone:
    return somebody("secretary")


@pytest.fixture
def officer(somebody: Callable[..., Someone]) -> Someone:
    return somebody("officer")


def answers(officer: Someone, page: Page, button: str, *, screen: str) -> None:
    """The officer finds the election among what waits, and approves its step."""
    waiting = officer.opens("/terms/approvals")
    looks_at(officer, waiting, f"approvals-{screen}")
    seen = officer.opens(page.url.removeprefix(officer.base_url))
    seen.fill("#document_number", "川组批〔2026〕8号")
    looks_at(officer, seen, screen)
    seen.get_by_role("button", name=button).click()
    expect(seen.locator(".notice-good").first).to_be_visible()
    page.reload()


def test_a_branch_elects_its_committee(secretary: Someone, officer: Someone) -> None:
    page = secretary.opens("/branch")
    page.get_by_role("link", name="班子与换届").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("班子与换届")
    looks_at(secretary, page, "committee")
    asks = page.locator("details", has_text="请示选举")
    if asks.get_attribute("open") is None:
        asks.locator("summary").click()
    page.select_option("#kind", "term")
    page.fill("#election_seats", "3")
    page.fill("#planned_on", "2026-11-22")
    page.get_by_role("button", name="报上级").first.click()
    expect(page.locator("#error-summary")).to_contain_text("文号")
    expect(page.locator("#election_seats")).to_have_value("3")
    looks_at(secretary, page, "request-fault")
    page.fill("#election-document", "蒲家支〔2026〕3号")
    page.get_by_role("button", name="报上级").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("换届选举")
    looks_at(secretary, page, "requested")

    answers(officer, page, "批复请示", screen="reply")
    names = page.locator("input[name=candidate_ids]")
    page.get_by_label(LEADER).check()
    page.get_by_role("button", name="提名候选人").click()
    expect(page.locator("#error-summary")).to_contain_text("候选人至少 4 人")
    for number in range(6):
        if page.locator("input[name=candidate_ids]:checked").count() < 4:
            names.nth(number).check()
    looks_at(secretary, page, "candidates")
    page.get_by_role("button", name="提名候选人").click()

    answers(officer, page, "审查候选人", screen="candidates-waiting")
    page.fill("#present", "2")
    page.get_by_role("button", name="登记会议").click()
    expect(page.locator("#error-summary")).to_contain_text("会议无效")
    page.get_by_text("不计入应到会的人员").first.click()
    looks_at(secretary, page, "meeting")
    page.fill("#present", "20")
    page.locator("select[name^=absent-]").last.select_option("bedridden")
    page.get_by_role("button", name="登记会议").click()

    page.fill("#returned", "20")
    page.get_by_role("spinbutton", name=LEADER).fill("20")
    others = [box for box in page.locator("input[name^=votes-]").all() if not box.input_value()]
    for box, votes in zip(others, (19, 5, 5), strict=True):
        box.fill(str(votes))
    looks_at(secretary, page, "ballot")
    page.get_by_role("button", name="登记计票").click()
    expect(page.get_by_role("main")).to_contain_text("名额未满")
    page.fill("#returned", "20")
    page.locator("input[name^=votes-]").first.fill("19")
    looks_at(secretary, page, "second-ballot")
    page.get_by_role("button", name="登记计票").click()
    page.select_option("#secretary_id", label=LEADER)
    looks_at(secretary, page, "divide")
    page.locator("form[action$='/posts'] button[type=submit]").click()
    page.fill("#document_number", "蒲家支〔2026〕4号")
    looks_at(secretary, page, "report")
    page.get_by_role("button", name="上报结果").click()

    answers(officer, page, "批准选举结果", screen="result")
    looks_at(secretary, page, "done")
    page = secretary.opens("/branch")
    page.get_by_role("link", name="班子与换届").first.click()
    expect(page.get_by_role("main")).to_contain_text("2031年11月21日")
    looks_at(secretary, page, "new-committee")


def test_a_later_end_is_asked_for_and_approved(secretary: Someone, officer: Someone) -> None:
    page = secretary.opens("/branch")
    page.get_by_role("link", name="班子与换届").first.click()
    page.get_by_text("申请提前或延期换届").click()
    latest = page.locator("#new_ends_on").get_attribute("max") or ""
    page.fill("#new_ends_on", latest)
    page.fill("#reason", "与村委会换届同步")
    page.get_by_role("button", name="报上级").last.click()
    expect(page.get_by_role("main")).to_contain_text("待上级审批")
    waiting = officer.opens("/terms/approvals")
    waiting.get_by_text("批准变更任期").first.click()
    waiting.get_by_label("批复文号").first.fill("川组批〔2026〕9号")
    looks_at(officer, waiting, "shift-waiting")
    waiting.get_by_role("button", name="批准").first.click()
    expect(waiting.locator(".notice-good").first).to_be_visible()
    listed = officer.opens("/terms?status=postponed")
    expect(listed.get_by_role("main")).to_contain_text("蒲家")
    for status in ("", "overdue", "ending", "postponed", "without"):
        looks_at(officer, officer.opens(f"/terms?status={status}"), f"list-{status or 'all'}")
