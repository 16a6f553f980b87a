"""The forms of on-site visits with the network cut: filled in, kept, sent by themselves when it is back (A9)."""

import re
from collections.abc import Callable

from local.testing import Platform
from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.journeys.actors import Person

LOSES_FIRST_ANSWER = """() => {
  const real = window.fetch;
  const told = document.body.dataset;
  told.sent = 0;
  window.fetch = async (address, how) => {
    const answer = await real(address, how);
    if (!String(address).endsWith("/answers")) return answer;
    told.sent = Number(told.sent) + 1;
    if (told.sent !== "1") return answer;
    throw new TypeError("the answer is lost");
  };
}"""


def filled(page: Page, number: int, points: str) -> None:
    field = page.locator('[name="points"]').nth(number)
    field.fill(points)
    field.dispatch_event("change")


def test_a_form_is_filled_in_with_no_network_and_sent_when_it_is_back(
    somebody: Callable[..., Someone], stack: Platform
) -> None:
    assessor = somebody("assessor", on_phone=True)
    page = assessor.opens("/visit-forms")
    expect(page.locator('[data-part="network"]')).to_have_text("在线")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    assessor.keeps_screen("visit-forms")
    before = Person(stack.base_url, "assessor").get("/visit-forms")["visits"]
    visit = next(one for one in before if not any(item["answers"] for item in one["items"]))

    assessor.loses_network()
    page.reload()  # the phone is even switched off and on again
    page.get_by_role("button", name=visit["name"], exact=True).click()
    items = [item for heading in visit["criteria"]["headings"] for item in heading["items"]]
    for number, item in enumerate(items):
        filled(page, number, f"{item['full_marks'] - (0.5 if number == 0 else 0):g}")
    page.get_by_text("佐证、备注、不适用").first.click()
    page.locator('[name="remark"]').first.fill("批复复印件缺一页")
    page.locator('[name="remark"]').first.dispatch_event("change")
    filled(page, 1, "99")
    expect(page.locator('[data-part="fault"]').nth(1)).to_contain_text("从0到")
    page.select_option("#kind", "records")
    page.fill("#text", "手册第12页缺签到")
    page.get_by_role("button", name="登记问题").click()
    expect(page.locator('[data-part="unsent"]')).to_have_text(f"{len(items) + 1} 项未发送")
    expect(page.locator('[data-part="progress"]')).to_have_text(f"已填 {len(items)}/{len(items)} 项")
    assert assessor.overflows() <= 0
    page.reload()  # nothing of it is lost
    expect(page.locator('[data-part="unsent"]')).to_have_text(f"{len(items) + 1} 项未发送")
    page.get_by_role("button", name=visit["name"], exact=True).click()
    expect(page.locator('[name="remark"]').first).to_have_value("批复复印件缺一页")
    assessor.keeps_screen("visit-form-offline")

    # What is sent first arrives, but the answer is lost on the way back: all of it is sent again, and counts once.
    page.evaluate(LOSES_FIRST_ANSWER)
    assessor.finds_network()
    expect(page.locator("body")).to_have_attribute("data-sent", "1")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator('[data-part="unsent"]')).to_have_text("0 项未发送")
    expect(page.locator("body")).to_have_attribute("data-sent", "2")
    told = Person(stack.base_url, "assessor").get(f"/round-visits/{visit['id']}")
    assert {(item["counted"], len(item["answers"])) for item in told["items"]} == {(True, 1)}
    assert told["items"][0]["points"] == items[0]["full_marks"] - 0.5
    assert [problem["text"] for problem in told["problems"]] == ["手册第12页缺签到"]

    page = assessor.opens(f"/round-visits/{visit['id']}")
    page.get_by_role("button", name="全部填完").click()
    page.fill("#report", "总体规范。")
    page.get_by_role("button", name="办结走访").click()
    expect(page.get_by_text(re.compile(r"\d\d\.\d\d")).first).to_be_visible()
    assessor.keeps_screen("visit-closed")

    # The officer opens it again: the form is on the phone once more, filled in as it was.
    opened = {"reason": "第一项须复看"}
    Person(stack.base_url, "officer").post(f"/round-visits/{visit['id']}/opening", opened)
    page = assessor.opens("/visit-forms")
    page.get_by_role("button", name=visit["name"], exact=True).click()
    expect(page.locator('[name="points"]').first).to_have_value(f"{items[0]['full_marks'] - 0.5:g}")
    filled(page, 0, f"{items[0]['full_marks']:g}")
    expect(page.locator('[data-part="unsent"]')).to_have_text("0 项未发送")
    assert assessor.overflows() <= 0
    assessor.keeps_screen("visit-form-opened-again")
    page = assessor.opens(f"/round-visits/{visit['id']}")
    expect(page.get_by_role("link", name="第1次报告")).to_be_visible()
    page.get_by_role("button", name="全部填完").click()
    page.fill("#report", "复看后无误。")
    page.get_by_role("button", name="办结走访").click()
    expect(page.get_by_text(re.compile(r"\d\d\.\d\d")).first).to_be_visible()
    assert assessor.overflows() <= 0


def test_the_pages_of_a_round_fit_a_desk_and_a_phone(somebody: Callable[..., Someone], stack: Platform) -> None:
    items = Person(stack.base_url, "officer").get("/on-site-rounds")["items"]
    drawn, ended = (next(one for one in items if one["state"] == state) for state in ("drawn", "closed"))
    visits = Person(stack.base_url, "officer").get("/round-visits", round_id=ended["id"])["items"]
    report = next(one for one in visits if one["name"] == "蒲家村党支部")
    copied = f"?criteria={ended['criteria_id']}&version={ended['version_id']}"
    pages = {
        "criteria": f"/round-criteria/{ended['criteria_id']}",
        "criteria-form": f"/round-criteria/new{copied}",
        "round": f"/on-site-rounds/{drawn['id']}",
        "round-draw": f"/on-site-rounds/{drawn['id']}/draw",
        "round-days": f"/on-site-rounds/{drawn['id']}/days",
        "round-summary": f"/on-site-rounds/{ended['id']}/summary",
        "round-visit": f"/round-visits/{report['id']}",
    }
    for size, on_phone in (("desk", False), ("phone", True)):
        officer = somebody("officer", on_phone=on_phone)
        for name, path in pages.items():
            officer.opens(path)
            assert officer.overflows() <= 0, (size, path)
            officer.keeps_screen(f"{name}-{size}")
    secretary = somebody("secretary", on_phone=True)
    page = secretary.opens(f"/round-visits/{report['id']}")
    expect(page.get_by_role("button", name="确认报告")).to_be_visible()
    secretary.keeps_screen("report-phone")
