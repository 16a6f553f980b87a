"""Files of members for tests: as many as wanted, right in every cell, and faults of every kind planted among them."""

import csv
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, BinaryIO

import xlsxwriter
from roster.domain.identity_numbers import check_character
from roster.domain.member_sheets import COLUMNS

HEADINGS = [column.heading for column in COLUMNS if column.field != "person_id"]
FIELDS = [column.field for column in COLUMNS if column.field != "person_id"]
HEADING = {column.field: column.heading for column in COLUMNS}


def a_row(number: int, *, branch: tuple[str, str], draw: random.Random) -> dict[str, Any]:
    """A member whom no other number of the same file is; `branch` is (code, name)."""
    is_female = draw.random() < 0.4
    born_on = date(1950, 1, 1) + timedelta(days=number * 7 % 18_000)
    sequence = 2 * (number // 18_000 * 7 + number % 7) + (0 if is_female else 1)
    digits = f"370302{born_on:%Y%m%d}{sequence:03}"
    joined_on = date(born_on.year + 22, 7, 1)
    return {
        "name": draw.choice("王李张刘陈") + draw.choice("建国文明") + draw.choice("华军平辉"),
        "identity_number": digits + check_character(digits),
        "sex": "女" if is_female else "男",
        "ethnicity": "汉族",
        "born_on": born_on.isoformat(),
        "education": draw.choice(["初中", "高中", "大专", "大学本科"]),
        "native_place": "山东淄博",
        "phone": f"199{number:08}",
        "branch_code": branch[0],
        "branch": branch[1],
        "status": "正式党员",
        "joined_on": joined_on.strftime("%Y.%-m.%-d"),
        "full_on": f"{joined_on.year + 1}年7月1日",
        "party_group": "第一党小组",
        "file_place": "镇党建档案室",
    }


@dataclass
class Planted:
    """The rows of a file, and the faults planted in it as (row of the sheet, field, code)."""

    rows: list[dict[str, Any]]
    faults: set[tuple[int, str, str]] = field(default_factory=set)

    @property
    def by_code(self) -> Counter[str]:
        return Counter(code for _, _, code in self.faults)


def with_check_wrong(number: str) -> str:
    return number[:-1] + ("0" if number[-1] != "0" else "1")


# What is done to a row, and the fault that it makes; {row} is changed in place.
KINDS: list[tuple[str, str, Any]] = [
    ("identity_number", "number-check", lambda row: with_check_wrong(row["identity_number"])),
    ("identity_number", "number-format", lambda row: row["identity_number"][:15]),
    ("identity_number", "number-date", lambda row: row["identity_number"][:10] + "1345" + row["identity_number"][14:]),
    ("identity_number", "digits-lost", lambda row: float(row["identity_number"][:17] + "0")),
    ("identity_number", "missing", lambda row: None),
    (
        "identity_number",
        "number-masked",
        lambda row: row["identity_number"][:3] + "*" * 14 + row["identity_number"][-1],
    ),
    ("name", "missing", lambda row: None),
    ("name", "name-characters", lambda row: "王5"),
    ("name", "name-characters", lambda row: "=HYPERLINK(1)"),
    ("sex", "sex-differs", lambda row: "男" if row["sex"] == "女" else "女"),
    ("sex", "not-a-word", lambda row: "先生"),
    ("born_on", "birthday-differs", lambda row: "1949-10-01"),
    ("born_on", "not-a-day", lambda row: "1980-13-45"),
    ("education", "not-a-word", lambda row: "大本科生"),
    ("phone", "not-a-phone", lambda row: "家里电话"),
    ("branch_code", "branch-unknown", lambda row: "999999"),
    ("branch_code", "outside", lambda row: "outside-b"),
    ("branch", "branch-code-differs", lambda row: "别的党支部"),
    ("status", "missing", lambda row: None),
    ("status", "not-a-word", lambda row: "群众"),
    ("joined_on", "day-ahead", lambda row: "2031-07-01"),
    ("joined_on", "day-incomplete", lambda row: "1998.7"),
    ("joined_on", "joined-before-birth", lambda row: row["born_on"]),
    ("full_on", "full-before-joined", lambda row: str(int(row["joined_on"][:4]) - 1) + "-01-01"),
    ("full_on", "not-a-day", lambda row: "转正"),
    ("party_group", "too-long", lambda row: "组" * 60),
]


def planted(rows: list[dict[str, Any]], *, faults: int, draw: random.Random, first_row: int = 2) -> Planted:
    """Plant faults of every kind in turn, each in a row of its own; every 27th is a repetition of the row before."""
    file = Planted(rows)
    places = sorted(draw.sample(range(1, len(rows)), faults))
    for count, place in enumerate(places):
        if count % (len(KINDS) + 1) == len(KINDS):
            # A row that stands twice: the later one is told. The earlier must be good itself.
            good = next(one for one in range(place - 1, -1, -1) if one not in places)
            rows[place]["identity_number"] = rows[good]["identity_number"]
            rows[place]["born_on"], rows[place]["sex"] = rows[good]["born_on"], rows[good]["sex"]
            rows[place]["joined_on"], rows[place]["full_on"] = rows[good]["joined_on"], rows[good]["full_on"]
            file.faults.add((place + first_row, "identity_number", "twice-in-file"))
            continue
        name, code, spoil = KINDS[count % (len(KINDS) + 1)]
        rows[place][name] = spoil(rows[place])
        file.faults.add((place + first_row, name, code))
    return file


def as_workbook(
    rows: list[dict[str, Any]], *, headings: list[str] | None = None, title: str | None = None, sheet: str = "党员"
) -> BinaryIO:
    """The rows as a workbook, under a title row when one is given."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        at = 0
        if title:
            page.merge_range(0, 0, 0, len(HEADINGS) - 1, title)
            at = 2
        for place, heading in enumerate(headings or HEADINGS):
            page.write_string(at, place, heading)
        for number, row in enumerate(rows, at + 1):
            for place, name in enumerate(FIELDS):
                cell = row.get(name)
                if isinstance(cell, float):
                    page.write_number(number, place, cell)
                elif cell is not None:
                    page.write_string(number, place, cell)
    out.seek(0)
    return out


def as_csv(rows: list[dict[str, Any]], *, encoding: str = "gb18030", delimiter: str = ",") -> BinaryIO:
    out = io.StringIO(newline="")
    written = csv.writer(out, delimiter=delimiter)
    written.writerow(HEADINGS)
    written.writerows([[row.get(name) or "" for name in FIELDS] for row in rows])
    return io.BytesIO(out.getvalue().encode(encoding))
