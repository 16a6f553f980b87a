"""A branch's payments of dues from a file: XLSX or CSV, UTF-8 or GBK; every bad cell is told, and nothing half done."""

import os
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from chassis import clock, sheets
from chassis.actors import Actor
from chassis.amounts import yuan
from chassis.files import FileStore
from chassis.refusals import Refusal
from chassis.sheets import Cell, FileTooLarge, FileUnreadable
from contracts.roster.dues_documents import DUES_FOLDER
from contracts.roster.dues_payments import DuesPaid, DuesPaidView, PayDues, PayDuesByFile
from sqlalchemy import Connection, text

from roster.domain.dues import first_of, said
from roster.domain.identity_numbers import read as read_identity
from roster.operations.dues_payments import pay
from roster.operations.people import identity_index
from roster.queries.organisations import path_the_actor_may

ROWS_MAX: Final = 2_000
READING_MAX_CPU_S: Final = 10
FAULTS_MAX: Final = 100

COLUMNS: Final = {
    "姓名": "name",
    "月份": "month",
    "金额": "amount",
    "金额（元）": "amount",
    "身份证号": "identity_number",
}
NEEDED: Final = ("name", "month", "amount")
_MONTH: Final = re.compile(r"(20\d\d)(?:-|/|\.|年)?(0?[1-9]|1[0-2])(?:月|(?:-|/|\.)0?1)?\Z")
_AMOUNT: Final = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?\Z")


class DuesFileUnreadable(Refusal):
    """The file must be XLSX or CSV (UTF-8 or GBK) with at most {rows_max} rows."""


class DuesFileMerged(Refusal):
    """Cells are merged in row {row}; take the merging away, so that every cell stands for itself."""


class DuesFileFaulty(Refusal):
    """Some cells of the file are not right; nothing of it was written down. Mend them and send it again."""


@dataclass(frozen=True)
class _Row:
    number: int
    name: str
    month: str
    amount: str
    identity_number: str


def pay_by_file(db: Connection, *, asked: PayDuesByFile, actor: Actor, at: datetime) -> DuesPaidView:
    """Write down what a file says was paid. Raises what `pay` raises, DuesFileUnreadable, DuesFileMerged,
    DuesFileFaulty with the faults by row and column."""
    path_the_actor_may(db, "collect_dues", asked.organisation_id, actor=actor)
    actor.must_be_fresh(at)
    # In the folder that is swept: what people sent with names and numbers in it does not stay.
    with FileStore(Path(os.environ["FILE_STORE"]) / DUES_FOLDER).open(asked.file.sha256) as stream:
        rows = read(stream)
    lines = lines_in(db, asked.organisation_id, rows, at=at)
    paid = PayDues(asked.organisation_id, lines, asked.method, asked.paid_on)
    return pay(db, asked=paid, actor=actor, at=at)


def lines_in(db: Connection, branch_id: UUID, rows: list[list[str]], *, at: datetime) -> list[DuesPaid]:
    """Return the payments that a file's rows say. Raises DuesFileFaulty."""
    faults: dict[str, list[str]] = {}
    told = _rows(rows, faults)
    months = sorted({_month(row.month) for row in told} - {""})
    owed: dict[tuple[str, str], list[Any]] = {}
    for found in db.execute(
        text(
            "SELECT o.person_id, o.month, o.due_fen, o.payment_id, p.name, p.identity_index FROM dues_obligations o"
            " JOIN people p ON p.id = o.person_id WHERE o.branch_id = :branch AND o.month = ANY(:months)"
        ),
        {"branch": branch_id, "months": [first_of(month) for month in months]},
    ):
        owed.setdefault((found.name, said(found.month)), []).append(found)
    lines: list[DuesPaid] = []
    seen: set[tuple[UUID, str]] = set()
    for row in told:
        line = _line(row, owed, faults, at=at)
        if line is None:
            continue
        if (line.person_id, line.month) in seen:
            faults[f"rows.{row.number}.name"] = ["This row stands twice."]
        seen.add((line.person_id, line.month))
        lines.append(line)
    if not told and not faults:
        faults["rows.1.name"] = ["The file has no rows."]
    if faults:
        raise DuesFileFaulty(dict(islice(faults.items(), FAULTS_MAX)))
    return lines


def _rows(rows: list[list[str]], faults: dict[str, list[str]]) -> list[_Row]:
    """Return the rows by column; a last row 合计 is held against their sum."""
    heads = [COLUMNS.get(cell.replace("(", "（").replace(")", "）"), "") for cell in rows[0]] if rows else []
    for column in NEEDED:
        if heads.count(column) != 1:
            faults[f"rows.1.{column}"] = ["The column is missing, or stands twice."]
    if faults:
        return []
    told, total = [], None
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        said_here = dict(zip(heads, [*cells, *[""] * (len(heads) - len(cells))], strict=False))
        said_here.pop("", None)
        row = _Row(number, **{"identity_number": "", **said_here})
        if total is not None:
            faults[f"rows.{total.number}.name"] = ["The total stands in the last row."]
        if row.name in ("合计", "总计"):
            total = row
        else:
            told.append(row)
    if total is not None and _fen(total.amount) != sum(_fen(row.amount) or 0 for row in told):
        faults[f"rows.{total.number}.amount"] = ["The total is not the sum of the rows."]
    return told


def _line(
    row: _Row, owed: dict[tuple[str, str], list[Any]], faults: dict[str, list[str]], *, at: datetime
) -> DuesPaid | None:
    month, amount = _month(row.month), _fen(row.amount)
    if not month:
        faults[f"rows.{row.number}.month"] = ["Not a valid month; write it as 2026-01."]
    if not amount:
        faults[f"rows.{row.number}.amount"] = ["Write the amount in yuan, with two decimals at most."]
    if not month or not amount:
        return None
    found = owed.get((row.name, month), [])
    if row.identity_number:
        number = read_identity(row.identity_number, on=clock.today(at)).number
        index = identity_index(number) if number else b""
        found = [one for one in found if one.identity_index is not None and bytes(one.identity_index) == index]
    if not found:
        faults[f"rows.{row.number}.name"] = ["Nobody of this name owes the branch dues for this month."]
        return None
    if len(found) > 1:
        faults[f"rows.{row.number}.identity_number"] = ["Several members have this name; give the identity number."]
        return None
    if found[0].payment_id is not None:
        faults[f"rows.{row.number}.month"] = ["This month is paid already."]
    elif found[0].due_fen != amount:
        faults[f"rows.{row.number}.amount"] = [f"Exactly {yuan(found[0].due_fen)} yuan are owed."]
    return DuesPaid(found[0].person_id, month, amount)


def _month(cell: str) -> str:
    match = _MONTH.match(cell)
    return f"{match[1]}-{int(match[2]):02}" if match else ""


def _fen(cell: str) -> int | None:
    match = _AMOUNT.match(cell.replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip())
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else None


def read(stream: BinaryIO) -> list[list[str]]:
    """Return the rows of a file on disk, of a workbook the first sheet, each cell trimmed. Raises DuesFileUnreadable,
    DuesFileMerged."""
    rows: list[list[str]] = []
    try:
        with closing(sheets.read(stream, cpu_max_s=READING_MAX_CPU_S)) as found:
            sheet = next(found, None)
            if sheet is not None and sheet.merged:
                raise DuesFileMerged(row=min(area[0] for area in sheet.merged))
            for number, cells in sheet.rows if sheet is not None else ():
                if number > ROWS_MAX + 2:
                    raise DuesFileUnreadable(rows_max=ROWS_MAX)
                rows.extend([] for _ in range(number - 1 - len(rows)))
                rows.append([_text(cell) for cell in cells])
            next(found, None)  # which says whether the reading came to its end
    except (FileUnreadable, FileTooLarge):
        raise DuesFileUnreadable(rows_max=ROWS_MAX) from None
    return rows


def _text(cell: Cell) -> str:
    # A workbook keeps numbers as floats: 12.0 is what was typed as 12.00, and 12.5 as 12.50.
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(round(cell, 6))
    return "" if cell is None else str(cell)
