"""A secretary sends a workbook with one bad row, confirms its columns, sees what is wrong and what is new, takes it."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Someone
from tests.browser.test_every_page import faults_of
from tests.roster.import_files import a_row, as_workbook

BRANCH = "370302115218"


def looks_at(someone: Someone, page: Page, name: str) -> None:
    someone.settles()
    assert faults_of(page) == [], page.url
    for size, screen in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size(size)
        assert someone.overflows() <= 0, f"{name} is wider than a {screen}'s screen"
        someone.keeps_screen(f"imports-{name}-{screen}")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    rows = [a_row(90_000 + number, branch=(BRANCH, ""), draw=random.Random(number)) for number in range(3)]
    rows[1]["education"] = "大本科生"
    place = tmp_path / "党员名单.xlsx"
    place.write_bytes(as_workbook(rows, title="党员花名册").read())
    return place


def test_a_file_is_looked_through_and_taken(somebody: Callable[..., Someone], workbook: Path) -> None:
    secretary = somebody("secretary")
    page = secretary.opens("/organisations")
    page.get_by_role("link", name="导入导出").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("导入导出")
    looks_at(secretary, page, "index")
    page.set_input_files("#file", workbook)
    page.get_by_role("button", name="预检").click()
    expect(page.get_by_role("button", name="检查各行")).to_be_visible()
    looks_at(secretary, page, "mapping")
    page.get_by_role("button", name="检查各行").click()
    expect(page.get_by_role("main")).to_contain_text("“党员”第 5 行")
    expect(page.get_by_role("main")).to_contain_text("大本科生")
    looks_at(secretary, page, "faults")
    page.get_by_role("link", name="新增 2").click()
    looks_at(secretary, page, "new")
    page.get_by_role("button", name="跳过不能导入的行").click()
    expect(page.get_by_role("main")).to_contain_text("导入：新增 2")
    looks_at(secretary, page, "applied")
