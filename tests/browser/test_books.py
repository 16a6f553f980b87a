"""The auditor proves the books, before a real browser (S10)."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Someone


def test_the_auditor_verifies_every_entry_and_takes_the_proof_home(somebody: Callable[..., Someone]) -> None:
    auditor = somebody("auditor")
    page = auditor.opens("/ledger/chain")
    page.get_by_role("button", name="开始核验").click()
    expect(page.get_by_text("账簿与封印一致。")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("正确")
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert auditor.overflows() <= 0
        auditor.keeps_screen(f"verification-{screen}")
    taken = {}
    page = auditor.opens("/ledger/chain")
    for name in ("带封印的日记账", "核验依据", "核验脚本"):
        with page.expect_download() as download:
            page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
        taken[download.value.suggested_filename] = Path(download.value.path())
    assert set(taken) == {"journal.ndjson", "proof.json", "verify_ledger.py"}
    command = [sys.executable, taken["verify_ledger.py"], taken["journal.ndjson"], taken["proof.json"]]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.stdout.strip(), said.returncode) == ("all is right", 0)


def test_a_fund_s_pages_fit(somebody: Callable[..., Someone]) -> None:
    preparer = somebody("preparer")
    page = preparer.opens("/funds")
    page.get_by_role("main").get_by_role("link", name="执行与预测").first.click()
    expect(page.get_by_role("heading", name="全年预测")).to_be_visible()
    tabs = page.get_by_role("navigation", name="经费页面")
    for name in ("执行与预测", "月份结账", "年终处理", "记账凭证"):
        tabs.get_by_role("link", name=name).click()
        expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
        for size, screen in ((DESK, "desk"), (PHONE, "phone")):
            page.set_viewport_size(size)
            assert preparer.overflows() <= 0, name
            preparer.keeps_screen(f"fund-{name}-{screen}")
    assert preparer.complaints == []
