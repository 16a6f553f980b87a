"""The bank's answer to a batch, row by row: every row must be one of the batch's lines, once, with its amount.

One bad row refuses the whole file; the refusal names row, column and what is wrong. The first row names the columns,
in English or as the payment file writes them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.batches import FAILED, PAID, WAITING

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "line": ("line_id", "end_to_end_id", "明细编号", "端到端标识"),
    "result": ("result", "结果"),
    "amount": ("amount", "金额", "金额（元）"),
    "reference": ("reference", "银行流水号"),
    "reason": ("reason", "原因"),
}
RESULTS: Final = {"paid": PAID, "成功": PAID, "failed": FAILED, "失败": FAILED}
_YUAN: Final = re.compile(r"(?:[0-9]{1,11}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?\Z")


class BankColumnMissing(Refusal):
    """Row 1 of the bank's file has no column “{column}”, or has it twice."""


class BankFileEmpty(Refusal):
    """The bank's file names no line of the batch."""


class BankCellInvalid(Refusal):
    """Row {row}, column “{column}”: “{found}” is not valid; expected: {expected}."""


class BankLineUnknown(Refusal):
    """Row {row}, column “{column}”: “{found}” is no line of this batch."""


class BankAmountDiffers(Refusal):
    """Row {row}, column “{column}”: the amount is {found}, the batch says {expected}."""


class BankRowRepeated(Refusal):
    """Row {row}, column “{column}”: “{found}” stands in row {first_row} already."""


class BankResultContradicts(Refusal):
    """Row {row}, column “{column}”: the result is “{found}”, but “{recorded}” was recorded before."""


@dataclass(frozen=True)
class AwaitedLine:
    """A line of the batch, as the bank's rows are held against it."""

    id: UUID
    end_to_end_id: str
    amount_fen: int
    state: str


@dataclass(frozen=True)
class BankResult:
    """What the bank says of one line."""

    line_id: UUID
    state: str
    reference: str | None
    reason: str | None


def match(rows: Sequence[Sequence[str]], lines: Sequence[AwaitedLine]) -> list[BankResult]:
    """Return what is new in the bank's rows; what was recorded before is left out.

    Raises the refusal of the first bad row.
    """
    columns = _columns_of(rows[0] if rows else ())
    known = {str(line.id): line for line in lines} | {line.end_to_end_id: line for line in lines}
    first_rows: dict[UUID, int] = {}
    found: list[BankResult] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        headings = {name: rows[0][place] for name, place in columns.items()}
        line = known.get(cells["line"]) or known.get(cells["line"].lower())
        if line is None:
            raise BankLineUnknown(row=number, column=headings["line"], found=cells["line"])
        if line.id in first_rows:
            raise BankRowRepeated(
                row=number, column=headings["line"], found=cells["line"], first_row=first_rows[line.id]
            )
        first_rows[line.id] = number
        result = _result_of(line, cells, row=number, headings=headings)
        if line.state == WAITING:
            found.append(result)
        elif line.state != result.state:
            raise BankResultContradicts(row=number, column=headings["result"], found=result.state, recorded=line.state)
    if not first_rows:
        raise BankFileEmpty()
    return found


def yuan(amount_fen: int) -> str:
    """Return fen as banks write yuan: 38000 → 380.00."""
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def _columns_of(heading: Sequence[str]) -> dict[str, int]:
    names = [name.lower() for name in heading]
    columns: dict[str, int] = {}
    for column, aliases in COLUMNS.items():
        places = [place for place, name in enumerate(names) if name in aliases]
        # A file may carry both ids of a line, as the payment file does: the first is read.
        if not places or (len(places) > 1 and (column != "line" or len({names[place] for place in places}) == 1)):
            raise BankColumnMissing(column=aliases[0])
        columns[column] = places[0]
    return columns


def _result_of(line: AwaitedLine, cells: Mapping[str, str], *, row: int, headings: Mapping[str, str]) -> BankResult:
    def invalid(name: str) -> BankCellInvalid:
        amount = yuan(line.amount_fen)
        return BankCellInvalid(row=row, column=headings[name], found=cells[name], expected=name, amount=amount)

    state = RESULTS.get(cells["result"].lower())
    if state is None:
        raise invalid("result")
    if not _YUAN.match(cells["amount"]):
        raise invalid("amount")
    if int(Decimal(cells["amount"].replace(",", "")) * 100) != line.amount_fen:
        raise BankAmountDiffers(
            row=row, column=headings["amount"], found=cells["amount"], expected=yuan(line.amount_fen)
        )
    if state == PAID and not cells["reference"]:
        raise invalid("reference")
    if state == FAILED and not cells["reason"]:
        raise invalid("reason")
    return BankResult(line.id, state, cells["reference"] or None, cells["reason"] or None)
