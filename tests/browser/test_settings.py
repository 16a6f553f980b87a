"""The approver tries a layout on real lines, and enters how the fund pays from a day on (S12)."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Someone


def test_a_layout_is_tried_and_its_fault_told(somebody: Callable[..., Someone]) -> None:
    approver = somebody("approver")
    page = approver.opens("/file-layouts")
    page.get_by_label("“金额”的列序").fill("1")
    page.get_by_role("button", name="预览前几行").click()
    expect(page.get_by_role("alert")).to_contain_text("不得重复")
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert approver.overflows() <= 0
        approver.keeps_screen(f"layout-fault-{screen}")
    for field in ("批次内序号", "端到端标识", "明细编号"):
        page.get_by_label(f"“{field}”的列序").fill("")
    page.get_by_label("“金额”的列标题").fill("金额（元）")
    page.get_by_role("button", name="预览前几行").click()
    expect(page.get_by_role("region", name="按所填内容预览")).to_contain_text("金额（元）")
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert approver.overflows() <= 0
        approver.keeps_screen(f"layout-tried-{screen}")


def test_how_a_fund_pays_is_entered_ahead(somebody: Callable[..., Someone]) -> None:
    approver = somebody("approver")
    page = approver.opens("/fund-settings")
    page.get_by_label("生效日期").fill("2020-01-01")
    page.get_by_label("公示天数").fill("5")
    page.get_by_label("依据文件").fill("川组〔2027〕9号")
    page.get_by_role("button", name="登记").click()
    expect(page.locator("#active_from-error")).to_contain_text("请选择明天或以后的日期")
    page.get_by_label("生效日期").fill("2027-06-01")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("table").get_by_role("row", name="川组〔2027〕9号").first).to_contain_text("待生效")
    for size, screen in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert approver.overflows() <= 0
        approver.keeps_screen(f"fund-settings-entered-{screen}")
