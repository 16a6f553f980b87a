"""The bank's statements of a fund and the ledger, held against each other (S12); each act may be done again."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.files import FileStore
from contracts.sites.bank_statements import (
    BankStatementView,
    DifferenceView,
    ExplainDifference,
    ImportBankStatement,
)
from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.bank_statements import (
    EXPLAINED,
    MOVES,
    OPEN,
    RESOLVED,
    BankLine,
    Booked,
    DifferenceNotMovable,
    Movement,
    SamePersonCloses,
    Statement,
    StatementOverlaps,
    TableLayout,
    matches_of,
    statement_in_camt,
    statement_in_table,
)
from sites.operations import bank_files, file_layouts
from sites.queries.reconciliation import (
    cash_on,
    difference,
    difference_for,
    fund_for,
    movements_of,
    statement,
    statements_of,
)
from sites.tables.settlement import bank_differences, bank_matches, bank_statement_lines, bank_statements

_OVERLAPPING: Final = text("""
SELECT first_on, last_on FROM bank_statements
 WHERE fund_id = :fund AND daterange(first_on, last_on, '[]') && daterange(:first_on, :last_on, '[]') LIMIT 1
""")


def import_statement(
    db: Connection, files: FileStore, *, asked: ImportBankStatement, actor: Actor, at: datetime
) -> BankStatementView:
    """Take a statement over and hold the ledger against it; the same file again changes nothing.

    Raises NotFound, StatementOverlaps and the refusals of `bank_files` and `domain.bank_statements`.
    """
    fund_for(db, asked.fund_id, actor=actor, action="import_bank_statement")
    _alone(db, asked.fund_id)
    known = select(bank_statements.c.id).where(
        bank_statements.c.fund_id == asked.fund_id, bank_statements.c.sha256 == asked.file.sha256
    )
    if (statement_id := db.execute(known).scalar_one_or_none()) is not None:
        return statement(db, statement_id)
    with files.open(asked.file.sha256) as stream:
        read = _statement_in(db, bank_files.read(stream), asked.fund_id)
    span = {"first_on": read.first_on, "last_on": read.last_on}
    if other := db.execute(_OVERLAPPING, {"fund": asked.fund_id, **span}).first():
        raise StatementOverlaps(first_on=other.first_on.isoformat(), last_on=other.last_on.isoformat())
    statement_id = uuid4()
    db.execute(
        insert(bank_statements).values(
            id=statement_id,
            fund_id=asked.fund_id,
            name=asked.file.name,
            sha256=asked.file.sha256,
            opening_fen=read.opening_fen,
            closing_fen=read.closing_fen,
            imported_by_id=actor.person_id,
            imported_by=actor.name,
            imported_at=at,
            **span,
        )
    )
    if read.lines:
        db.execute(
            insert(bank_statement_lines),
            [
                {"id": uuid4(), "statement_id": statement_id, "number": number, **asdict(line)}
                for number, line in enumerate(read.lines, start=1)
            ],
        )
    _reconcile(db, asked.fund_id, at=at)
    return statement(db, statement_id)


def reconcile(db: Connection, fund_id: UUID, *, at: datetime) -> None:
    """Look again for what belongs together, and open or resolve differences. May be done at any time, any number."""
    _alone(db, fund_id)
    _reconcile(db, fund_id, at=at)


def explain(db: Connection, *, asked: ExplainDifference, actor: Actor, at: datetime) -> DifferenceView:
    """Say in writing why ledger and bank differ there. Raises NotFound, DifferenceNotMovable."""
    found = difference_for(db, asked.difference_id, actor=actor, action="explain_difference", locked=True)
    _move(
        db,
        found,
        "explain",
        explanation=asked.reason,
        explained_by_id=actor.person_id,
        explained_by=actor.name,
        explained_at=at,
    )
    return difference(db, found.id)


def close(db: Connection, *, asked: ExplainDifference, actor: Actor, at: datetime) -> DifferenceView:
    """Close a difference that another person explained. Raises NotFound, DifferenceNotMovable, SamePersonCloses."""
    found = difference_for(db, asked.difference_id, actor=actor, action="close_difference", locked=True)
    if found.explained_by_id == actor.person_id:
        raise SamePersonCloses()
    _move(
        db,
        found,
        "close",
        closing_note=asked.reason,
        closed_by_id=actor.person_id,
        closed_by=actor.name,
        closed_at=at,
    )
    return difference(db, found.id)


def _statement_in(db: Connection, file: bank_files.BankFile, fund_id: UUID) -> Statement:
    if file.kind == bank_files.CAMT_053:
        return statement_in_camt(file.head, file.rows)
    if file.kind != bank_files.TABLE:
        raise bank_files.BankFileUnreadable(rows_max=bank_files.ROWS_MAX)
    layout = file_layouts.in_force(db, fund_id, "statement").layout
    headings = {column.field: column.heading for column in layout.columns}
    return statement_in_table(file.rows, TableLayout(headings, layout.date_format, layout.amount_unit))


def _alone(db: Connection, fund_id: UUID) -> None:
    """Wait until nobody else reconciles the fund."""
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"reconcile {fund_id}"})


def _reconcile(db: Connection, fund_id: UUID, *, at: datetime) -> None:
    statements = statements_of(db, fund_id)
    if not statements:
        return
    movements = {movement.id: movement for movement in movements_of(db, fund_id)}
    booked = _booked(db, fund_id)
    taken = {row.movement: row.bank_line_id for row in _matched(db, fund_id)}
    used = set(taken.values())
    found = matches_of(
        [movement for movement in movements.values() if movement.id not in taken],
        [each for each in booked.values() if each.id not in used],
    )
    if found:
        db.execute(insert(bank_matches), [{**asdict(each), "at": at} for each in found])
    taken |= {each.movement: each.bank_line_id for each in found}
    standing = _differences(db, _Sides(fund_id, statements, movements, booked, taken))
    _open(db, fund_id, standing, at=at)
    _resolve(db, fund_id, {(row["kind"], row["subject"]): row["amount_fen"] for row in standing})


@dataclass
class _Sides:
    """Both sides as they stand: the ledger's movements, the bank's lines, and which is which."""

    fund_id: UUID
    statements: Sequence[Row[Any]]
    movements: dict[str, Movement]
    booked: dict[UUID, Booked]
    taken: dict[str, UUID]
    found: list[dict[str, Any]] = field(default_factory=list)

    def moved(self, bank_line_id: UUID, *, until: date | None = None) -> int:
        """Return what the ledger says of a bank's line, of what it has booked by a day."""
        return sum(
            self.movements[movement_id].amount_fen
            for movement_id in self.of_line.get(bank_line_id, ())
            if until is None or self.movements[movement_id].on <= until
        )

    @cached_property
    def of_line(self) -> dict[UUID, list[str]]:
        """The movements of each of the bank's lines."""
        by_line: dict[UUID, list[str]] = defaultdict(list)
        for movement_id, line_id in self.taken.items():
            by_line[line_id].append(movement_id)
        return by_line

    def differ(self, kind: str, subject: object, shown_by: Row[Any], *, day: date, amount_fen: int, what: str) -> None:
        """Note a difference, if there is one."""
        if amount_fen:
            noted = {"kind": kind, "subject": str(subject), "statement_id": shown_by.id, "day": day}
            self.found.append({**noted, "amount_fen": amount_fen, "what": what[:500]})


def _differences(db: Connection, sides: _Sides) -> list[dict[str, Any]]:
    """Return what ledger and bank differ by, each with the statement that shows it."""
    for each in sides.booked.values():
        line = each.line
        shown_by = next(row for row in sides.statements if row.first_on <= line.booked_on <= row.last_on)
        told = " ".join(filter(None, (line.counterparty, line.note, line.reference)))
        kind = "amount_differs" if each.id in sides.of_line else "not_in_ledger"
        amount_fen = line.amount_fen - sides.moved(each.id)
        sides.differ(kind, each.id, shown_by, day=line.booked_on, amount_fen=amount_fen, what=told)
    for movement in sides.movements.values():
        after = next((row for row in sides.statements if movement.on <= row.last_on), None)
        if movement.id not in sides.taken and after is not None:
            amount_fen = -movement.amount_fen
            sides.differ(
                "not_on_statement", movement.id, after, day=movement.on, amount_fen=amount_fen, what=movement.what
            )
    before = None
    for row in sides.statements:
        if before is not None:
            opened_by = row.opening_fen - before
            sides.differ("opening_balance", row.id, row, day=row.first_on, amount_fen=opened_by, what=row.name)
        before = row.closing_fen
        rest = _rest_at(row, cash_on(db, sides.fund_id, row.last_on), sides)
        sides.differ("closing_balance", row.id, row, day=row.last_on, amount_fen=rest, what=row.name)
    return sides.found


def _rest_at(row: Row[Any], cash_fen: int, sides: _Sides) -> int:
    """Return by how much a statement's closing balance differs from the ledger's, after all that is known to differ.

    Known are single differences until that day, and what one side has booked by then and the other a little later.
    """
    rest = int(row.closing_fen) - cash_fen
    for movement in sides.movements.values():
        line_id = sides.taken.get(movement.id)
        if movement.on <= row.last_on and (line_id is None or sides.booked[line_id].line.booked_on > row.last_on):
            rest += movement.amount_fen
    for each in sides.booked.values():
        if each.line.booked_on <= row.last_on:
            rest -= each.line.amount_fen - sides.moved(each.id, until=row.last_on)
    balances = ("opening_balance", "closing_balance")  # what was off before is off still, and is told once
    return rest - sum(each["amount_fen"] for each in sides.found if each["kind"] in balances)


def _open(db: Connection, fund_id: UUID, standing: Sequence[dict[str, Any]], *, at: datetime) -> None:
    if standing:
        opened = insert_new(bank_differences).values(
            [{"id": uuid4(), "fund_id": fund_id, "state": OPEN, "found_at": at, **each} for each in standing]
        )
        # One that went away and is back, or has another amount now, is open again.
        again = bank_differences.c.state == RESOLVED
        changed = opened.excluded.amount_fen != bank_differences.c.amount_fen
        db.execute(
            opened.on_conflict_do_update(
                index_elements=["fund_id", "kind", "subject"],
                set_={
                    "state": OPEN,
                    "amount_fen": opened.excluded.amount_fen,
                    "statement_id": opened.excluded.statement_id,
                    "day": opened.excluded.day,
                    "what": opened.excluded.what,
                    **dict.fromkeys(_NOTES, None),
                },
                where=again | changed,
            )
        )


_NOTES: Final = (
    *("explanation", "explained_by_id", "explained_by", "explained_at"),
    *("closing_note", "closed_by_id", "closed_by", "closed_at"),
)


def _resolve(db: Connection, fund_id: UUID, standing: dict[tuple[str, str], int]) -> None:
    waiting = select(bank_differences.c.id, bank_differences.c.kind, bank_differences.c.subject).where(
        bank_differences.c.fund_id == fund_id, bank_differences.c.state.in_((OPEN, EXPLAINED))
    )
    gone = [row.id for row in db.execute(waiting) if (row.kind, row.subject) not in standing]
    if gone:
        db.execute(update(bank_differences).where(bank_differences.c.id.in_(gone)).values(state=RESOLVED))


def _booked(db: Connection, fund_id: UUID) -> dict[UUID, Booked]:
    rows = db.execute(
        select(bank_statement_lines)
        .join(bank_statements, bank_statements.c.id == bank_statement_lines.c.statement_id)
        .where(bank_statements.c.fund_id == fund_id)
        .order_by(bank_statement_lines.c.booked_on, bank_statement_lines.c.number)
    )
    return {
        row.id: Booked(
            row.id,
            BankLine(row.booked_on, row.amount_fen, row.reference, row.end_to_end_id, row.counterparty, row.note),
        )
        for row in rows
    }


def _matched(db: Connection, fund_id: UUID) -> Sequence[Any]:
    return db.execute(
        select(bank_matches.c.movement, bank_matches.c.bank_line_id)
        .join(bank_statement_lines, bank_statement_lines.c.id == bank_matches.c.bank_line_id)
        .join(bank_statements, bank_statements.c.id == bank_statement_lines.c.statement_id)
        .where(bank_statements.c.fund_id == fund_id)
    ).all()


def _move(db: Connection, found: Row[Any], verb: str, **fields: Any) -> None:
    sources, target = MOVES[verb]
    changed = db.execute(
        update(bank_differences)
        .where(bank_differences.c.id == found.id, bank_differences.c.state.in_(sorted(sources)))
        .values(state=target, **fields)
    )
    if changed.rowcount == 0:
        raise DifferenceNotMovable(state=found.state, move=verb)
