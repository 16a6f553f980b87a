"""A site's record before who may read it and not write it (S1)."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Someone

SITE = "蒲松龄纪念馆"


def test_an_auditor_reads_the_record_and_has_no_form(somebody: Callable[..., Someone]) -> None:
    auditor = somebody("auditor")
    page = auditor.opens("/sites/kept?q=psl")
    page.get_by_role("link", name=SITE).click()
    expect(page.get_by_role("region", name="活动点资料")).to_contain_text("参观时长")
    expect(page.locator("main form[method=post]")).to_have_count(0)
    auditor.keeps_screen("record-auditor")
