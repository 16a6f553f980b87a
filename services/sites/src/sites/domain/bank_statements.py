"""The bank's statement of a fund's account, and how it is held against the ledger (S12).

Each movement of money in the ledger (a payment's line, an appropriation, a repayment, what one fund passed on to
another, what went back to the treasury) is looked for among the bank's lines: by end-to-end id, by the number of a
batch booked as one sum, by the bank's reference, at last by amount and day, when one and only one fits. What is left
over on either side, and what the balances then still differ by, are the differences:

    open ──explain──▶ explained ──close──▶ closed     by another person
     └──────────────────┴──resolve──▶ resolved        a later statement or answer of the bank brought the other side
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.amounts import yuan

OPEN: Final = "open"
EXPLAINED: Final = "explained"
CLOSED: Final = "closed"
RESOLVED: Final = "resolved"
STATES: Final = (OPEN, EXPLAINED, CLOSED, RESOLVED)
MOVES: Final[dict[str, tuple[set[str], str]]] = {
    "explain": ({OPEN, EXPLAINED}, EXPLAINED),
    "close": ({EXPLAINED}, CLOSED),
    "resolve": ({OPEN, EXPLAINED}, RESOLVED),
}
DAYS_APART_MAX: Final = 3
"""How far the bank's day may lie from the ledger's where only the amount tells which is which."""
FEN_MAX: Final = 10**13

DEFAULT_COLUMNS: Final = (
    ("booked_on", "交易日期"),
    ("amount_out", "支出"),
    ("amount_in", "收入"),
    ("balance", "余额"),
    ("reference", "流水号"),
    ("end_to_end_id", "端到端标识"),
    ("counterparty", "对方户名"),
    ("note", "摘要"),
)
TOTAL: Final = ("合计", "总计", "total")
NEEDED: Final = ("booked_on", "amount_out", "amount_in", "balance")
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,16})?\Z")
DATE_FORMATS: Final = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "YYYYMMDD": "%Y%m%d",
    "YYYY/MM/DD": "%Y/%m/%d",
    "YYYY年MM月DD日": "%Y年%m月%d日",
}
"""How a fund's layout names a way to write days, and how Python does."""


class StatementColumnMissing(Refusal):
    """Row 1 of the statement has no column “{column}”, or has it twice."""


class StatementCellInvalid(Refusal):
    """Row {row}, column “{column}”: “{found}” is not valid; expected: {expected}."""


class StatementEmpty(Refusal):
    """The statement has no line, or does not say its balances."""


class StatementBalanceBroken(Refusal):
    """Row {row}: the balance should be {due} yuan after this line, the statement says {found}."""


class StatementTotalsDiffer(Refusal):
    """The statement says {found_count} entries of {found} yuan; those it lists are {due_count} of {due} yuan."""


class StatementRowRepeated(Refusal):
    """Row {row} of the statement says what row {first_row} says already."""


class StatementSeveral(Refusal):
    """The file has {count} statements; import them one at a time."""


class StatementOverlaps(Refusal):
    """The statement covers days from {first_on} to {last_on}, for which there is a statement already."""


class DifferenceNotMovable(Refusal):
    """This difference is {state} now; it cannot be {move} any more."""


class SamePersonCloses(Refusal):
    """Whoever explained the difference cannot close it."""


@dataclass(frozen=True)
class BankLine:
    """One line of a statement; money that left the account is negative."""

    booked_on: date
    amount_fen: int
    reference: str | None = None
    end_to_end_id: str | None = None
    counterparty: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Statement:
    """A statement of an account for some days."""

    first_on: date
    last_on: date
    opening_fen: int
    closing_fen: int
    lines: Sequence[BankLine]


@dataclass(frozen=True)
class TableLayout:
    """How a bank writes its statements as a table: the heading of each field, dates and amounts."""

    headings: Mapping[str, str]
    date_format: str = "YYYY-MM-DD"
    amount_unit: str = "yuan"


def statement_in_table(rows: Sequence[Sequence[str]], layout: TableLayout) -> Statement:
    """Read a statement out of a table whose balances follow from line to line; the newest line may stand first.

    A row that begins with 合计 says how many lines there are and what went out and came in; it has to be right. Raises
    StatementColumnMissing, StatementCellInvalid, StatementEmpty, StatementRowRepeated, StatementBalanceBroken,
    StatementTotalsDiffer.
    """
    places = _places_of(rows[0] if rows else (), layout.headings)
    read: list[tuple[int, BankLine, int]] = []
    totals: list[tuple[int, str, dict[str, str]]] = []
    for number, row in enumerate(rows[1:], start=2):
        if any(row):
            cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
            first = next(filter(None, row))
            if first.lower().startswith(TOTAL):
                totals.append((number, first, cells))
                continue
            line, balance_fen = _line_of(cells, layout, row=number)
            read.append((number, line, balance_fen))
    if not read:
        raise StatementEmpty()
    if read[0][1].booked_on > read[-1][1].booked_on:
        read.reverse()
    opening_fen = balance = read[0][2] - read[0][1].amount_fen
    for number, line, balance_fen in read:
        balance += line.amount_fen
        if balance != balance_fen:
            for other, said, then_fen in read:
                if other != number and (said, then_fen) == (line, balance_fen):
                    raise StatementRowRepeated(row=max(number, other), first_row=min(number, other))
            raise StatementBalanceBroken(row=number, due=yuan(balance), found=yuan(balance_fen))
    sums = {
        "count": len(read),
        "amount_out": sum(-line.amount_fen for _, line, _ in read if line.amount_fen < 0),
        "amount_in": sum(line.amount_fen for _, line, _ in read if line.amount_fen > 0),
    }
    for number, first, cells in totals:
        _must_come_to(first, cells, layout, sums, row=number)
    days = [line.booked_on for _, line, _ in read]
    return Statement(min(days), max(days), opening_fen, balance, [line for _, line, _ in read])


def statement_in_camt(head: Mapping[str, Any], rows: Sequence[Sequence[str]]) -> Statement:
    """Read a camt.053 as `bank_files` gives it.

    Raises StatementSeveral, StatementEmpty, StatementCellInvalid, StatementTotalsDiffer, StatementRowRepeated,
    StatementBalanceBroken.
    """
    if head.get("statements", 1) != 1:
        raise StatementSeveral(count=head["statements"])
    if not (head.get("opening") and head.get("closing")):
        raise StatementEmpty()
    opening_fen = _fen_in(str(head["opening"]), unit="yuan", row=1, column="OPBD", name="balance")
    closing_fen = _fen_in(str(head["closing"]), unit="yuan", row=1, column="CLBD", name="balance")
    lines = []
    for number, (day, amount, *told) in enumerate(rows[1:], start=2):
        lines.append(
            BankLine(
                _day_in(day, "YYYY-MM-DD", row=number, column="BookgDt"),
                _fen_in(amount, unit="yuan", row=number, column="Amt", name="amount"),
                *(text or None for text in told),
            )
        )
    days = [line.booked_on for line in lines]
    bounds = [
        _day_in(text, "YYYY-MM-DD", row=1, column="FrToDt")
        for text in (head.get("first_on"), head.get("last_on"))
        if text
    ]
    if not days and len(bounds) < 2:
        raise StatementEmpty()
    balance = opening_fen + sum(line.amount_fen for line in lines)
    for said_count, said_sum, amounts in head.get("totals", ()):
        _must_be(said_count, said_sum, amounts)
    if balance != closing_fen:
        first_rows: dict[BankLine, int] = {}
        for number, line in enumerate(lines, start=1):
            if line.reference and (first_row := first_rows.setdefault(line, number)) != number:
                raise StatementRowRepeated(row=number, first_row=first_row)
        raise StatementBalanceBroken(row=len(lines) + 1, due=yuan(balance), found=yuan(closing_fen))
    first_on, last_on = min([*bounds, *days]), max([*bounds, *days])
    return Statement(first_on, last_on, opening_fen, closing_fen, lines)


def _must_come_to(
    first: str, cells: Mapping[str, str], layout: TableLayout, sums: Mapping[str, int], *, row: int
) -> None:
    """Raise StatementTotalsDiffer when a row that sums up says something else than the lines come to."""
    counts = re.findall(r"[0-9]+", first)
    found_count, due_count = (counts[0][:20] if counts else str(sums["count"])), str(sums["count"])
    found, due = "", ""
    for name in ("amount_out", "amount_in"):
        due_fen = said_fen = sums[name]
        if cells[name]:
            column = layout.headings[name]
            said_fen = abs(_fen_in(cells[name], unit=layout.amount_unit, row=row, column=column, name="amount"))
        if not found or said_fen != due_fen:
            found, due = yuan(said_fen), yuan(due_fen)
    if found != due or found_count.lstrip("0") != due_count:
        raise StatementTotalsDiffer(found_count=found_count, found=found, due_count=due_count, due=due)


def _must_be(said_count: str | None, said_sum: str | None, amounts: Sequence[str]) -> None:
    """Raise StatementTotalsDiffer unless the count and sum that the bank says are those of the amounts."""
    due_fen = sum(
        abs(_fen_in(amount, unit="yuan", row=number, column="Amt", name="amount"))
        for number, amount in enumerate(amounts if said_sum else (), start=1)
    )
    said_fen = _fen_in(said_sum, unit="yuan", row=1, column="Sum", name="amount") if said_sum else 0
    is_counted = said_count is None or said_count.lstrip("0") == (str(len(amounts)) if amounts else "")
    if not is_counted or said_fen != due_fen:
        raise StatementTotalsDiffer(
            found_count=len(amounts) if said_count is None else said_count[:20],
            found=yuan(said_fen),
            due_count=len(amounts),
            due=yuan(due_fen),
        )


def _places_of(heading: Sequence[str], headings: Mapping[str, str]) -> dict[str, int]:
    places = {}
    for name, text in headings.items():
        found = [place for place, cell in enumerate(heading) if cell == text]
        if len(found) > 1 or (not found and name in NEEDED):
            raise StatementColumnMissing(column=text)
        if found:
            places[name] = found[0]
    return places


def _line_of(cells: Mapping[str, str], layout: TableLayout, *, row: int) -> tuple[BankLine, int]:
    def fen(name: str) -> int:
        column = layout.headings[name]
        return _fen_in(
            cells[name] or "0", unit=layout.amount_unit, row=row, column=column, name=name.split("_", maxsplit=1)[0]
        )

    booked_on = _day_in(cells["booked_on"], layout.date_format, row=row, column=layout.headings["booked_on"])
    amount_fen = fen("amount_in") - abs(fen("amount_out"))
    if amount_fen == 0:
        raise StatementCellInvalid(
            row=row, column=layout.headings["amount_out"], found=cells["amount_out"][:50], expected="amount"
        )
    told = {name: cells.get(name) or None for name in ("reference", "end_to_end_id", "counterparty", "note")}
    return BankLine(booked_on, amount_fen, **told), fen("balance")


def _day_in(text: str, date_format: str, *, row: int, column: str) -> date:
    try:
        # A workbook's dates come as ISO, whatever the layout says; a time behind the day is left out.
        if "-" in text:
            return date.fromisoformat(text[:10])
        return datetime.strptime(text, DATE_FORMATS[date_format]).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise StatementCellInvalid(row=row, column=column, found=text[:50], expected="booked_on") from None


def _fen_in(text: str, *, unit: str, row: int, column: str, name: str) -> int:
    plain = text.replace(",", "").replace("，", "").lstrip("¥￥")
    if _AMOUNT.match(plain):
        fen = Decimal(plain) * (100 if unit == "yuan" else 1)
        if fen == fen.to_integral_value() and abs(fen) <= FEN_MAX:
            return int(fen)
    raise StatementCellInvalid(row=row, column=column, found=text[:50], expected=name)


# ---- matching --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    """Money that the ledger says came or went: a line of a batch, an appropriation, a repayment, a transfer."""

    id: str
    on: date
    amount_fen: int  # negative: paid out
    what: str
    end_to_end_id: str | None = None
    batch_number: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Booked:
    """A line of a statement as it is matched."""

    id: UUID
    line: BankLine


@dataclass(frozen=True)
class Match:
    """This movement is that line of the bank."""

    movement: str
    bank_line_id: UUID
    how: str


def matches_of(movements: Iterable[Movement], booked: Iterable[Booked]) -> list[Match]:
    """Find each movement among the bank's lines; both sides are what no match has taken yet."""
    waiting = {movement.id: movement for movement in movements}
    free = {each.id: each for each in booked}
    found: list[Match] = []

    def take(movement_ids: Iterable[str], bank_line_id: UUID, how: str) -> None:
        for movement_id in movement_ids:
            waiting.pop(movement_id)
            found.append(Match(movement_id, bank_line_id, how))
        del free[bank_line_id]

    by_id = {movement.end_to_end_id: movement.id for movement in waiting.values() if movement.end_to_end_id}
    for each in list(free.values()):
        named = by_id.pop(each.line.end_to_end_id or "", None)
        if named:
            take([named], each.id, "end_to_end_id")
    batches: dict[str, list[Movement]] = defaultdict(list)
    for movement in waiting.values():
        if movement.batch_number:
            batches[movement.batch_number].append(movement)
    for each in list(free.values()):
        numbers = (each.line.end_to_end_id, *(each.line.note or "").replace("，", " ").split())
        for number in numbers:
            paid = batches.get(number or "", [])
            if paid and sum(movement.amount_fen for movement in paid) == each.line.amount_fen:
                take([movement.id for movement in batches.pop(str(number))], each.id, "batch")
                break
    _match_one_to_one(waiting, free, take)
    return found


def _match_one_to_one(waiting: dict[str, Movement], free: dict[UUID, Booked], take: "_Take") -> None:
    by_reference: dict[tuple[str, int], list[str]] = defaultdict(list)
    for movement in waiting.values():
        if movement.reference:
            by_reference[movement.reference, movement.amount_fen].append(movement.id)
    for each in list(free.values()):
        named = by_reference.get((each.line.reference or "", each.line.amount_fen), [])
        if len(named) == 1:
            take([named.pop()], each.id, "reference")
    # By amount and day only where nothing else could be meant.
    amounts: dict[int, tuple[list[Movement], list[Booked]]] = defaultdict(lambda: ([], []))
    for movement in waiting.values():
        amounts[movement.amount_fen][0].append(movement)
    for each in free.values():
        amounts[each.line.amount_fen][1].append(each)
    for moved, lines in amounts.values():
        if len(moved) == len(lines) == 1:
            apart = abs((moved[0].on - lines[0].line.booked_on).days)
            if apart <= DAYS_APART_MAX and lines[0].line.end_to_end_id in (None, "", "NOTPROVIDED"):
                take([moved[0].id], lines[0].id, "amount_and_day")


class _Take(Protocol):
    """The type of what takes movements and a bank's line out of those that wait."""

    def __call__(self, movement_ids: Iterable[str], bank_line_id: UUID, how: str) -> None: ...
