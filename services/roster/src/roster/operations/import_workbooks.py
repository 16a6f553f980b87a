"""The workbooks of imports: a template, the rows to mend, the differences. No cell is ever a formula."""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from chassis.workbooks import sheet_name, workbook
from contracts.roster.import_reasons import said_of
from sqlalchemy import Connection, Row, text

from roster.domain.import_cells import Cell, text_of
from roster.domain.import_columns import REASON_HEADING
from roster.operations.import_subjects import Subject, words_of
from roster.queries import imports as queries

WIDTH: Final = 16
COMPARED_MAX: Final = 100_000
NOTES: Final = (
    "第一行是列名，请勿修改；示例行请删去。",
    "身份证号、电话、代码各列请设为“文本”格式，以免丢失数字。",
    "日期写作 1998-07-01；也可写 1998.7.1、1998年7月1日、19980701。",
    "单元格留空表示不作改动：导入从不清除名册中已有的内容。",
    "已在名册中的按身份证号（或系统编号）对应，只改有差别的内容；文件中没有的不会被删除。",
    "请勿合并单元格。",
)


def template(subject: Subject) -> bytes:
    """Return an empty workbook with notes and one made-up row."""
    out = io.BytesIO()
    with workbook(out) as book:
        bold, text_format, grey = (
            book.add_format(kind)
            for kind in ({"bold": True}, {"num_format": "@"}, {"num_format": "@", "font_color": "#767676"})
        )
        sheet = book.add_worksheet(subject.title)
        columns = [column for column in subject.columns if column.field != "person_id"]
        for place in range(len(columns)):
            sheet.set_column(place, place, WIDTH, text_format)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.heading, bold)
        for place, column in enumerate(columns):
            if sample := subject.sample.get(column.field):
                sheet.write_string(1, place, sample, grey)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 24)
        notes.set_column(1, 1, 80)
        for row, note in enumerate(NOTES):
            notes.write_string(row, 0, f"{row + 1}")
            notes.write_string(row, 1, note)
        for row, column in enumerate(columns, len(NOTES) + 1):
            notes.write_string(row, 0, column.heading, bold)
            words = words_of(subject.name, column.field)
            hint = column.hint or ("可填：" + "、".join(words.values()) if words else "选填")
            notes.write_string(row, 1, hint + (f"；也认得：{'、'.join(column.also)}" if column.also else ""))
    return out.getvalue()


def bad_rows(
    db: Connection,
    import_id: UUID,
    sheets: Sequence[Mapping[str, Any]],
    rows: Iterator[tuple[str, int, Sequence[Cell]]],
) -> bytes:
    """Return the rows that hold a bad cell as they came, sheet by sheet, with the reasons in a column more.

    `rows` are all rows of the file as (sheet, row, cells). The columns of headings stay, so that the mended workbook
    is read like the file before.
    """
    told: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for fault in db.execute(
        text(
            "SELECT sheet, row, place, heading, code, params, is_warning FROM import_faults"
            " WHERE import_id = :id ORDER BY line, id"
        ),
        {"id": import_id},
    ):
        told[fault.sheet, fault.row].append(fault)
    bad = {key for key, faults in told.items() if any(not fault.is_warning for fault in faults)}
    out = io.BytesIO()
    with workbook(out) as book:
        styles = {
            "head": book.add_format({"bold": True}),
            "text": book.add_format({"num_format": "@"}),
            "bad": book.add_format({"num_format": "@", "bg_color": "#F8D7DA", "border": 1}),
            "why": book.add_format({"text_wrap": True, "font_color": "#9B1C1C"}),
        }
        writers: dict[str, tuple[Any, int, int]] = {}
        for sheet in sheets:
            if not sheet.get("is_taken"):
                continue
            headings = [heading for heading in sheet["headings"] if heading != REASON_HEADING]
            page = book.add_worksheet(sheet_name(sheet["name"], set(writers)))
            page.set_column(0, len(headings), WIDTH)
            page.set_column(len(headings), len(headings), 60)
            for place, heading in enumerate([*headings, REASON_HEADING]):
                page.write_string(0, place, heading, styles["head"])
            page.freeze_panes(1, 0)
            writers[sheet["name"]] = (page, len(headings), 1)
        for name, row, cells in rows:
            if (name, row) in bad:
                _bad_row(writers, name, cells, told[name, row], styles)
    return out.getvalue()


def _bad_row(
    writers: dict[str, tuple[Any, int, int]],
    name: str,
    cells: Sequence[Cell],
    faults: Sequence[Any],
    styles: Mapping[str, Any],
) -> None:
    page, width, at = writers[name]
    marked = {fault.place for fault in faults}
    for place in range(width):
        cell = text_of(cells[place]) if place < len(cells) else ""
        style = styles["bad"] if place in marked else styles["text"]
        if cell:
            page.write_string(at, place, cell, style)
        elif place in marked:
            page.write_blank(at, place, None, style)
    reasons = []
    for fault in faults:
        said, mend = said_of(fault.code, fault.params, is_chinese=True)
        reasons.append(f"【{fault.heading or fault.field}】{said}{mend}")
    page.write_string(at, width, "\n".join(reasons), styles["why"])
    writers[name] = (page, width, at + 1)


def table(titles: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    """Return a workbook of some sheets, each a title, headings and rows of text."""
    out = io.BytesIO()
    with workbook(out) as book:
        bold, text_format = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for title, headings, rows in titles:
            page = book.add_worksheet(title)
            page.set_column(0, len(headings), WIDTH, text_format)
            for place, heading in enumerate(headings):
                page.write_string(0, place, heading, bold)
            page.freeze_panes(1, 0)
            for at, row in enumerate(rows, 1):
                for place, cell in enumerate(row):
                    if cell:
                        page.write_string(at, place, cell)
    return out.getvalue()


def differences(db: Connection, found: Row[Any], subject: Subject) -> bytes:
    """Return what differs between a file and the register as a workbook, numbers masked."""
    given = {"id": found.id, "platform": found.platform, "limit": COMPARED_MAX}

    def rows(verdict: str) -> list[Row[Any]]:
        statement = text(f"{queries.ROWS} ORDER BY r.line LIMIT :limit")
        return list(db.execute(statement, {**given, "verdict": verdict}))

    absent = db.execute(text(f"SELECT * FROM ({queries.MISSING[found.subject]}) m ORDER BY path LIMIT :limit"), given)  # noqa: S608
    words = {column.field: words_of(subject.name, column.field) for column in subject.columns}
    heads = ("工作表", "行", "名称", "所在组织")

    def head(row: Row[Any]) -> list[str]:
        return [row.sheet, str(row.row), row.name, row.place or ""]

    def said(value: str | None, field: str) -> str:
        return "" if value is None else words[field].get(value, value)

    return table(
        [
            ("仅在文件中", heads, (head(row) for row in rows("new"))),
            (
                "仅在名册中",
                ("名称", "所在组织", "已标记录入"),
                ([row.name, row.place or "", "是" if row.is_entered else ""] for row in absent),
            ),
            (
                "内容不同",
                (*heads, "项目", "名册", "文件"),
                (
                    [*head(row), subject.heading(field), *(said(value, field) for value in pair)]
                    for row in rows("changed")
                    for field, pair in row.changes.items()
                ),
            ),
            ("不能对应", heads, (head(row) for row in rows("bad"))),
        ]
    )
