"""Forms of the assessment, each sent wrong once and some then twice at once: told what is wrong, done once.

Wrong: the summary has the focus, each of its links reaches its fault, and what was typed still stands. Right: a double
click does the thing once and shows no fault.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Someone

DEAD = "(links) => links.map((one) => one.hash).filter((one) => !document.getElementById(one.slice(1)))"


@dataclass(frozen=True)
class Sent:
    """A form: how it is reached, how its address ends, what is sent wrong, and what is sent right.

    `told` is a word of the summary; `once` is what the form's page shows once afterwards, however often it was sent.
    """

    path: str
    to: str
    wrong: Mapping[str, str]
    told: str
    right: Mapping[str, str] = field(default_factory=dict)
    once: str = ""
    by: tuple[str, ...] = ()


SECRETARY = (
    Sent(
        "/branch",
        "/exemptions",
        {"reason": "", "months": "13"},
        "月数",
        {"reason": "集体外出务工", "from_month": "2028-05", "months": "2"},
        "2028年5月起",
        ("体检豁免",),
    ),
    Sent("/month", "/completion", {"done_on": "2027-01-01"}, "完成日期", {}, "", ("核对党员名册和党组织信息",)),
)
OFFICER = (
    Sent(
        "/half-year-meetings",
        "/half-year-meetings",
        {"planned_on": "2026-12-28", "agenda": ""},
        "议程",
        {"period": "2025-H2", "agenda": "通报现场评估情况"},
        "2026年12月28日",
    ),
    Sent("/task-lists/new", "/task-lists/new", {"name": "冬季学习清单", "citation": ""}, "依据文件"),
    Sent("/tasks/new", "/tasks/new", {"text": "", "citation": "区委组织部通知"}, "任务内容"),
    Sent("/star-formulas/new", "/star-formulas/new", {"citation": ""}, "依据"),
    Sent("/samples/new", "/samples/new", {"name": "第三方抽查", "seed_number": ""}, "公布种子的文号"),
)
ADMIN = (
    Sent("/checks/MonthlyThemeDay", "/simulations", {"numbers.due_day": "99"}, "每月截止日"),
    Sent("/checks/MonthlyThemeDay", "/numbers", {"numbers.due_day": "24", "citation": ""}, "依据"),
    Sent("/burden-rules", "/burden-rules", {"form_tenths": "1.55", "citation": "某号文件"}, "分钟"),
    Sent("/mending-rules", "/setting/retirement", {"active_until": ""}, "停用日期"),
    Sent("/supervision-rules", "/supervision-rules", {"citation": ""}, "依据"),
    Sent("/record-rules", "/record-rules", {"citation": ""}, "依据"),
    Sent("/review-rules", "/review-rules", {"citation": ""}, "依据"),
    Sent("/compliance", "/compliance", {"reason": "", "citation": "某号文件"}, "原因"),
)


def filled(form: Locator, typed: Mapping[str, str]) -> Locator:
    """Fill the form in, also where it is folded away, and return its button."""
    form.evaluate("(form) => { for (let at = form; at; at = at.parentElement) if (at.open === false) at.open = true }")
    for name, text in typed.items():
        one = form.locator(f"[name='{name}']").first
        if one.evaluate("(one) => one.localName") == "select":
            one.select_option(text)
        else:
            one.fill(text)
    return form.locator("button[type=submit]").last


@pytest.mark.parametrize(("username", "forms"), [("secretary", SECRETARY), ("officer", OFFICER), ("admin", ADMIN)])
def test_a_form_tells_what_is_wrong_and_is_done_once(
    somebody: Callable[..., Someone], username: str, forms: tuple[Sent, ...]
) -> None:
    someone = somebody(username)
    for sent in forms:
        page = someone.opens(sent.path)
        for name in sent.by:
            page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
        address = page.url
        form = page.locator(f"main form[action$='{sent.to}']").first
        filled(form, sent.wrong).click()
        summary = page.locator("#error-summary")
        expect(summary).to_contain_text(sent.told)
        expect(summary).to_be_focused()
        assert summary.locator("a").evaluate_all(DEAD) == [], sent.path
        expect(page.locator(".field-error").first).to_be_visible()
        for name, text in sent.wrong.items():
            expect(form.locator(f"[name='{name}']").first).to_have_value(text)
        if sent.once:
            filled(form, sent.right).dblclick()
            expect(page.locator(".messages .notice-good")).to_be_visible()
            page.goto(address)
            expect(page.get_by_role("main").get_by_text(sent.once)).to_have_count(1)


def test_a_step_that_asks_why_keeps_what_was_typed_and_says_which_field(somebody: Callable[..., Someone]) -> None:
    """A refusal that the next page tells: its notice has the focus, and the text is not typed twice."""
    secretary = somebody("secretary")
    page = secretary.opens("/month")
    page.get_by_role("main").get_by_role("link", name="召开党小组会", exact=True).first.click()
    form = page.locator("main form[action$='/notes']")
    filled(form, {"text": " "}).click()
    expect(page.locator(".messages .notice-bad")).to_contain_text("填写内容：")
    expect(page.locator(".messages .notice-bad")).to_be_focused()
    page.route("**/notes", lambda route: route.fulfill(status=303, headers={"location": page.url}))
    filled(form, {"text": "已与组长电话沟通"})
    page.unroute("**/notes")
    form.locator("button[type=submit]").dblclick()
    expect(page.locator(".messages .notice-good")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("已与组长电话沟通")).to_have_count(1)
