"""The bank's answer to a batch, row by row: every row must be one of the batch's lines, once, with its amount.

One bad row refuses the whole file; the refusal is that of the first bad row, with row, column and what is wrong, and
brings along the others (`faults`). The first row names the columns, in English or as the payment file writes them. A
row that begins with 合计 says how many rows there are and what they come to; it has to be right.

A pain.002 is read into the same rows: ACSC is paid, RJCT is failed, ACCP, ACSP and PDNG are still on their way.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.amounts import yuan
from sites.domain.batches import FAILED, PAID, WAITING

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "line": ("line_id", "end_to_end_id", "明细编号", "端到端标识"),
    "result": ("result", "结果"),
    "amount": ("amount", "金额", "金额（元）"),
    "reference": ("reference", "银行流水号"),
    "reason": ("reason", "原因"),
}
PENDING: Final = "pending"
"""The bank still works on it: the line goes on waiting."""
RESULTS: Final = {
    **{"paid": PAID, "成功": PAID, "failed": FAILED, "失败": FAILED},
    **{"pending": PENDING, "处理中": PENDING},
}
STATUSES: Final = {
    **dict.fromkeys(("ACSC", "ACCC"), "paid"),
    **dict.fromkeys(("RJCT", "CANC"), "failed"),
    **dict.fromkeys(("ACCP", "ACSP", "ACTC", "ACWC", "ACFC", "RCVD", "PDNG", "PEND"), "pending"),
}
"""The status codes of ISO 20022 (ExternalPaymentTransactionStatus1Code) as results."""
FAULTS_TOLD_MAX: Final = 50
_TOTAL: Final = ("合计", "总计", "total")
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


class BankTotalsDiffer(Refusal):
    """The bank's file says {found_count} payments of {found} yuan; there are {due_count} of {due} yuan."""


class BankFileOfOther(Refusal):
    """The bank's file answers “{found}”; this is batch {number}."""


@dataclass(frozen=True)
class Report:
    """The head of a pain.002: which message it answers, the status of all of it, and what it says of the totals."""

    message_id: str
    status: str | None = None
    reason: str | None = None
    totals: Sequence[tuple[str | None, str | None]] = ()
    """Number and sum of the payments that it answers, as its head and each of its parts say."""
    of_status: Sequence[tuple[str, str | None, str | None]] = ()
    """Number and sum of the payments with a status."""
    statuses: Sequence[tuple[str, str]] = ()
    """The status of each payment that it names, by end-to-end id."""


@dataclass(frozen=True)
class Answered:
    """What is new in the bank's answer, and how many lines it still works on."""

    new: list["BankResult"]
    pending: int


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


def match(rows: Sequence[Sequence[str]], lines: Sequence[AwaitedLine], *, needs_amounts: bool = True) -> Answered:
    """Return what is new in the bank's rows; what was recorded before is left out.

    Raises the refusal of the first bad row; its `faults` tell up to FAULTS_TOLD_MAX of them.
    """
    columns = _columns_of(rows[0] if rows else ())
    known = {str(line.id): line for line in lines} | {line.end_to_end_id: line for line in lines}
    headings = {name: rows[0][place] for name, place in columns.items()}
    first_rows: dict[UUID, int] = {}
    found: list[BankResult] = []
    wrong: list[Refusal] = []
    pending = total_fen = 0
    totals: list[tuple[Sequence[str], Mapping[str, str]]] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        if next(filter(None, row)).lower().startswith(_TOTAL):
            totals.append((row, cells))
            continue
        try:
            line, result = _one_of(known, first_rows, cells, row=number, headings=headings, is_strict=needs_amounts)
        except Refusal as refusal:
            wrong.append(refusal)
            if len(wrong) == FAULTS_TOLD_MAX:
                break
            continue
        total_fen += line.amount_fen
        if result.state == PENDING:
            pending += 1
        elif line.state == WAITING:
            found.append(result)
    if wrong:
        raise _told_together(wrong)
    if not first_rows:
        raise BankFileEmpty()
    for row, told in totals:
        _must_come_to(row, told, count=len(first_rows), total_fen=total_fen)
    return Answered(found, pending)


def rows_of_all(report: Report, lines: Sequence[AwaitedLine]) -> list[list[str]]:
    """Return the rows that a pain.002 without transactions stands for: all lines of the batch, with the group's status.

    Raises BankFileEmpty when it says nothing of them.
    """
    result = STATUSES.get(report.status or "")
    if result is None:
        raise BankFileEmpty()
    said = [report.message_id if result == "paid" else "", report.reason or report.status or ""]
    heading = ["end_to_end_id", "result", "amount", "reference", "reason"]
    return [heading, *([line.end_to_end_id, result, "", *said] for line in lines)]


def must_answer(report: Report, *, number: str, lines: Sequence[AwaitedLine]) -> None:
    """Raise BankFileOfOther, BankTotalsDiffer unless a pain.002 answers the batch with this number and these lines."""
    if report.message_id != number:
        raise BankFileOfOther(found=report.message_id[:50], number=number)
    due_fen = sum(line.amount_fen for line in lines)
    # Each of our files is one payment, so that its part says what its head says.
    for said_count, said_sum in report.totals if len(report.totals) <= 2 else report.totals[:1]:
        _must_be(said_count, said_sum, due_count=len(lines), due_fen=due_fen)
    amounts = {line.end_to_end_id: line.amount_fen for line in lines}
    of_status: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for end_to_end_id, status in report.statuses:
        of_status[status][0] += 1
        of_status[status][1] += amounts.get(end_to_end_id, 0)
    for status, said_count, said_sum in report.of_status:
        # A bank may name those alone that it refused; of the others it says no more than how many.
        if status in of_status or len(report.statuses) == len(lines):
            _must_be(said_count, said_sum, due_count=of_status[status][0], due_fen=of_status[status][1])


def _must_be(said_count: str | None, said_sum: str | None, *, due_count: int, due_fen: int) -> None:
    """Raise BankTotalsDiffer unless the number and sum that the bank says are those of the lines it speaks of."""
    is_counted = said_count is None or said_count.lstrip("0") == (str(due_count) if due_count else "")
    if is_counted and (said_sum is None or _fen(said_sum) == due_fen):
        return
    raise BankTotalsDiffer(
        found_count=(said_count or str(due_count))[:20],
        found=(said_sum or yuan(due_fen))[:30],
        due_count=due_count,
        due=yuan(due_fen),
    )


def _columns_of(heading: Sequence[str]) -> dict[str, int]:
    names = [name.lower() for name in heading]
    columns: dict[str, int] = {}
    for column, aliases in COLUMNS.items():
        places = [place for place, name in enumerate(names) if name in aliases]
        # A file may carry both ids of a line, as the payment file does: the first is read.
        if not places or (len(places) > 1 and (column != "line" or len({names[place] for place in places}) == 1)):
            raise BankColumnMissing(column=" / ".join((next(one for one in aliases if not one.isascii()), aliases[0])))
        columns[column] = places[0]
    return columns


def _one_of(
    known: Mapping[str, AwaitedLine],
    first_rows: dict[UUID, int],
    cells: Mapping[str, str],
    *,
    row: int,
    headings: Mapping[str, str],
    is_strict: bool,
) -> tuple[AwaitedLine, BankResult]:
    """Return the line that a row speaks of and what it says, and remember the row."""
    line = known.get(cells["line"]) or known.get(cells["line"].lower())
    if line is None:
        raise BankLineUnknown(row=row, column=headings["line"], found=cells["line"][:100])
    if line.id in first_rows:
        raise BankRowRepeated(row=row, column=headings["line"], found=cells["line"], first_row=first_rows[line.id])
    first_rows[line.id] = row
    result = _result_of(line, cells, row=row, headings=headings, is_strict=is_strict)
    if line.state not in (WAITING, result.state):  # also "pending": what is paid does not become unpaid
        raise BankResultContradicts(row=row, column=headings["result"], found=result.state, recorded=line.state)
    return line, result


def _told_together(wrong: Sequence[Refusal]) -> Refusal:
    first = wrong[0]
    if len(wrong) > 1:
        first.params["faults"] = [
            {"code": each.code, "detail": str(each), "params": dict(each.params)} for each in wrong
        ]
    return first


def _must_come_to(row: Sequence[str], cells: Mapping[str, str], *, count: int, total_fen: int) -> None:
    """Raise BankTotalsDiffer when the row that sums up says another number or sum than the rows above it."""
    numbers = re.findall(r"[0-9]+", next(filter(None, row)))
    said_count = int(numbers[0][:9]) if numbers else count
    said_fen = _fen(cells["amount"]) if cells["amount"] else total_fen
    if (said_count, said_fen) != (count, total_fen):
        raise BankTotalsDiffer(found_count=said_count, found=cells["amount"][:30], due_count=count, due=yuan(total_fen))


def _fen(text: str) -> int | None:
    """Return yuan as written in fen; None for what is no amount."""
    return int(Decimal(text.replace(",", "")) * 100) if _YUAN.match(text) else None


def _result_of(
    line: AwaitedLine, cells: Mapping[str, str], *, row: int, headings: Mapping[str, str], is_strict: bool
) -> BankResult:
    def invalid(name: str) -> BankCellInvalid:
        amount = yuan(line.amount_fen)
        return BankCellInvalid(row=row, column=headings[name], found=cells[name][:100], expected=name, amount=amount)

    state = RESULTS.get(cells["result"].lower())
    if state is None:
        raise invalid("result")
    amount_fen = _fen(cells["amount"]) if cells["amount"] or is_strict else line.amount_fen
    if amount_fen is None:
        raise invalid("amount")
    if amount_fen != line.amount_fen:
        raise BankAmountDiffers(
            row=row, column=headings["amount"], found=cells["amount"], expected=yuan(line.amount_fen)
        )
    if state == PAID and not cells["reference"]:
        raise invalid("reference")
    if state == FAILED and not cells["reason"]:
        raise invalid("reason")
    return BankResult(line.id, state, cells["reference"] or None, cells["reason"] or None)
