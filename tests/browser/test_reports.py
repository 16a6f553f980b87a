"""A report from the choice to the file, before a real browser (S13)."""

import io
from collections.abc import Callable
from pathlib import Path

import pypdf
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Someone


def test_the_preparer_has_a_statement_made_and_fetches_it(somebody: Callable[..., Someone]) -> None:
    preparer = somebody("preparer")
    page = preparer.opens("/reports")
    page.get_by_role("region", name="月度结算表").get_by_role("button", name="导出 PDF").click()
    fetch = page.get_by_role("link", name="下载 PDF")
    expect(fetch).to_be_visible()
    with page.expect_download() as download:
        fetch.click()
    assert download.value.suggested_filename.startswith("组织生活点补贴月度结算表")
    said = pypdf.PdfReader(io.BytesIO(Path(download.value.path()).read_bytes())).pages[0].extract_text()
    assert "第 1 页 共" in said
    assert "数据截至 2026-11-22" in said
    page = preparer.opens("/reports")
    expect(page.get_by_role("table")).to_contain_text("月度结算表")
    expect(page.get_by_role("table")).to_contain_text("已生成")


def test_what_visits_cost_is_found_from_the_branch(somebody: Callable[..., Someone]) -> None:
    secretary = somebody("secretary")
    page = secretary.opens("/branch")
    page.get_by_role("link", name="我们的活动用了多少经费").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("我们的活动用了多少经费")
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert secretary.overflows() <= 0
        secretary.keeps_screen(f"branch-costs-{screen}")
