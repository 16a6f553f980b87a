"""The officer sees how the lights stand and what came of them, on the demonstration's first day."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Someone


def test_the_board_shows_a_share_and_the_months_before(somebody: Callable[..., Someone]) -> None:
    officer = somebody("officer")
    page = officer.opens("/lights/board")
    share = page.locator("main").get_by_text(re.compile(r"^[0-9]{1,3}\.[0-9]{2}%$"))
    expect(share.first).to_be_visible()
    assert share.count() > 13  # the whole, each town, fields and months
    before = page.locator("table").last.locator("tbody tr")
    expect(before).to_have_count(3)
    before.first.get_by_role("link").click()
    officer.settles()
    expect(page.locator("main")).to_contain_text("本月已封存")
    officer.opens("/bulletins?state=sent")
    expect(page.locator("tbody tr").first).to_contain_text("已印发")
    officer.opens("/reminder-talks")
    expect(page.locator("tbody")).to_contain_text("东张村党支部")
    officer.opens("/burden")
    expect(page.locator("table").last.locator("tbody tr")).to_have_count(4)
