"""What cells say: days as people write them, names, words, numbers that a spreadsheet spoiled."""

from datetime import date

import pytest
from contracts.roster.import_reasons import REASONS
from roster.domain.import_cells import Cell, Month, day_in, line_of, lost_digits, name_in, phone_in, shown, text_of
from roster.domain.import_columns import guess, headings_in, missing, signature
from roster.domain.member_sheets import COLUMNS, read_row

DAY = date(1998, 7, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "1998-07-01",
        "1998.7.1",
        "1998/7/1",
        "1998年7月1日",
        "19980701",
        "１９９８－０７－０１",
        "1998-07-01 00:00:00",
        19980701,
        19980701.0,
        35977,
        35977.0,
        "35977",
        DAY,
    ],
)
def test_reads_a_day(cell: Cell) -> None:
    assert day_in(cell) == DAY


@pytest.mark.parametrize("cell", ["1998.7", "1998年7月", "199807", 1998.07])
def test_reads_a_month_as_no_day(cell: Cell) -> None:
    assert day_in(cell) == Month(1998, 7)


# 1998.1 is January, or an October whose nought a spreadsheet dropped.
@pytest.mark.parametrize("cell", ["", "转正", "1998-13-01", "1998-02-30", 1998.1, 1998, 12, 1e9, True, "0000-00-00"])
def test_takes_nothing_else_for_a_day(cell: Cell) -> None:
    assert day_in(cell) is None


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("张三", "张三"),
        ("张 三", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("Mary Ann O'Neil", "Mary Ann O'Neil"),
        ("张", None),
        ("张3", None),
        ("=1+1", None),
        ("<b>张三</b>", None),
        ("", None),
    ],
)
def test_reads_a_name(cell: str, name: str | None) -> None:
    assert name_in(cell) == name


def test_keeps_the_marks_of_a_line_as_they_are_written() -> None:
    assert line_of(" 镇（街道） 档案室，Ａ１ ") == "镇（街道） 档案室，A1"


def test_knows_a_number_that_lost_its_digits() -> None:
    assert all(map(lost_digits, [3.70302198005179e17, "3.70302E+17", 370302800517900]))
    assert not any(map(lost_digits, ["370302198005179003", None, 13812345678.0]))


def test_masks_whatever_looks_like_a_number_of_a_person() -> None:
    assert "19800517" not in shown("王 370302198005179003")
    assert "1980" not in shown("370302 1980 0517 9003")
    assert "0517" not in shown("370302-19800517-9003")
    assert shown("1998-07-01 00:00:00") == "1998-07-01 00:00:00"
    assert shown(13812345678.0) == "138*******8"
    assert (text_of(13812345678.0), phone_in("0533－5281234")) == ("13812345678", "0533-5281234")


def test_finds_headings_below_a_title_and_by_other_names() -> None:
    rows = [
        (1, ["淄川区党员花名册"]),
        (3, ["序号", "姓 名*", "公民身份号码", "党员类别（必填）", "所属党组织"]),
        (4, [1, "张三"]),
    ]
    found = headings_in(rows, COLUMNS)
    assert found is not None
    assert (found.row, dict(found.columns)) == (3, {1: "name", 2: "identity_number", 3: "status", 4: "branch"})
    assert missing(found.columns.values(), COLUMNS) == []
    assert missing(["name"], COLUMNS) == ["系统编号 或 身份证号", "党支部代码 或 所在党支部", "人员类别"]
    assert headings_in([(1, ["甲", "姓名"])], COLUMNS) is None
    assert guess(["姓名", "姓名"], COLUMNS) == {0: "name"}


def test_a_column_of_reasons_does_not_make_other_headings() -> None:
    assert signature(["姓名", "性别"]) == signature(["姓 名", "性别", "导入问题"]) != signature(["性别", "姓名"])


def test_every_reason_that_a_row_can_have_is_worded() -> None:
    row = {column.field: "?" * 300 for column in COLUMNS}
    codes = {fault.code for fault in read_row(row, today=date(2026, 1, 1)).faults}
    assert codes
    assert codes <= set(REASONS)
