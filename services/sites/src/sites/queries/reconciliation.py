"""A fund's ledger as the bank should see it, the bank's statements, and what they differ by."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.bank_statements import (
    BankStatementsAsked,
    BankStatementView,
    DifferenceView,
    ReconciliationAsked,
    ReconciliationView,
)
from sqlalchemy import Connection, Row, text

from sites.domain.bank_statements import Movement
from sites.domain.ledger import AVAILABLE, CONTRIBUTED, CONTRIBUTIONS, ENCUMBERED, PAYABLE

_STATEMENTS: Final = """
SELECT b.*, n.lines, n.matched
  FROM bank_statements b
 CROSS JOIN LATERAL (
       SELECT count(*) AS lines,
              count(*) FILTER (WHERE EXISTS (SELECT FROM bank_matches m WHERE m.bank_line_id = l.id)) AS matched
         FROM bank_statement_lines l WHERE l.statement_id = b.id) n
"""

# What is in the account: all that was granted or passed on by other funds and is not gone to a site, to another fund or
# back to the treasury. A fund's part of a visit that another one pays (contributed there, contributions here) stays in
# its own account until it is passed on. An entry counts on its day in Shanghai.
_CASH: Final = text("""
SELECT (SELECT coalesce(sum(CASE WHEN split_part(credit, ':', 1) = ANY(:in_account) THEN amount_fen ELSE 0 END)
                      - sum(CASE WHEN split_part(debit, ':', 1) = ANY(:in_account) THEN amount_fen ELSE 0 END), 0)
          FROM ledger_entries WHERE fund_id = :fund AND at < :before)::bigint
     + (SELECT coalesce(sum(CASE WHEN to_fund_id = :fund THEN amount_fen ELSE -amount_fen END), 0)
          FROM fund_transfers WHERE :fund IN (from_fund_id, to_fund_id) AND at < :before)::bigint
""")
_IN_ACCOUNT: Final = (AVAILABLE, ENCUMBERED, PAYABLE, CONTRIBUTIONS, CONTRIBUTED)

_MOVEMENTS: Final = text("""
SELECT 'line:' || l.id AS id, e.at, l.offset_fen - l.amount_fen AS amount_fen, s.name AS what, l.end_to_end_id,
       b.number AS batch_number, l.bank_reference AS reference
  FROM ledger_entries e
  JOIN batch_lines l ON l.batch_id = e.batch_id AND l.claim_id = e.claim_id AND l.state = 'paid'
  JOIN batches b ON b.id = l.batch_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE e.fund_id = :fund AND e.reason = 'payment' AND l.amount_fen > l.offset_fen
UNION ALL
SELECT 'appropriation:' || e.sequence, e.at, e.amount_fen, e.document_number, NULL, NULL, e.document_number
  FROM ledger_entries e WHERE e.fund_id = :fund AND e.reason = 'appropriation'
UNION ALL
SELECT CASE e.reason WHEN 'reversal' THEN 'reversal:' ELSE 'returned:' END || e.sequence, e.at, -e.amount_fen, e.note,
       NULL, NULL, e.note
  FROM ledger_entries e WHERE e.fund_id = :fund AND e.reason IN ('reversal', 'year_end_returned')
UNION ALL
SELECT side.id, t.at, side.amount_fen, t.document_number || ' ' || other.name, NULL, NULL, t.document_number
  FROM fund_transfers t
 CROSS JOIN LATERAL (VALUES ('passed_on:' || t.id, -t.amount_fen, t.from_fund_id, t.to_fund_id),
                            ('passed_in:' || t.id, t.amount_fen, t.to_fund_id, t.from_fund_id))
       AS side (id, amount_fen, fund_id, other_id)
  JOIN funds other ON other.id = side.other_id
 WHERE side.fund_id = :fund
UNION ALL
SELECT 'repayment:' || r.id, r.at, r.amount_fen, s.name, NULL, NULL, r.reference
  FROM repayments r
  JOIN overpayments o ON o.id = r.overpayment_id
  JOIN sites s ON s.id = o.site_id
 WHERE o.fund_id = :fund
 ORDER BY 2, 1
""")

_DIFFERENCES: Final = """
SELECT d.*, f.path AS fund_path FROM bank_differences d JOIN funds f ON f.id = d.fund_id
"""


def reconciliation(db: Connection, *, asked: ReconciliationAsked, actor: Actor) -> ReconciliationView:
    """Return how the ledger stands against the newest statement, and the differences, open ones first. NotFound."""
    fund = fund_for(db, asked.fund_id, actor=actor, action="read_reconciliation")
    newest = db.execute(
        text(f"{_STATEMENTS} WHERE b.fund_id = :fund ORDER BY b.last_on DESC LIMIT 1"), {"fund": fund.id}
    ).one_or_none()
    state = "AND d.state = :state" if asked.state else ""
    rows = db.execute(
        text(
            f"{_DIFFERENCES} WHERE d.fund_id = :fund {state}"
            " ORDER BY array_position(ARRAY['open', 'explained', 'closed', 'resolved'], d.state), d.day DESC, d.id"
            " LIMIT :limit"
        ),
        {"fund": fund.id, "state": asked.state, "limit": asked.limit},
    ).all()
    open_fen = db.execute(
        text(
            "SELECT coalesce(sum(amount_fen), 0)::bigint FROM bank_differences"
            " WHERE fund_id = :fund AND state IN ('open', 'explained')"
        ),
        {"fund": fund.id},
    ).scalar_one()
    return ReconciliationView(
        fund_id=fund.id,
        fund_name=fund.name,
        statement=_statement_view(db, newest) if newest else None,
        open_fen=open_fen,
        differences=[_difference_view(row) for row in rows],
    )


def statements(db: Connection, *, asked: BankStatementsAsked, actor: Actor) -> Page:
    """Return the statements of a fund, newest first. Raises NotFound."""
    fund = fund_for(db, asked.fund_id, actor=actor, action="read_reconciliation")
    given: dict[str, Any] = {"fund": fund.id, "limit": asked.limit + 1}
    after = ""
    if asked.cursor:
        (given["after"],) = key_in(asked.cursor, date.fromisoformat)
        after = "AND b.last_on < :after"
    rows = db.execute(
        text(f"{_STATEMENTS} WHERE b.fund_id = :fund {after} ORDER BY b.last_on DESC LIMIT :limit"), given
    ).all()
    return page_of(rows, limit=asked.limit, view=lambda row: _statement_view(db, row), key=lambda row: (row.last_on,))


def statement(db: Connection, statement_id: UUID) -> BankStatementView:
    """Return one statement."""
    return _statement_view(db, db.execute(text(f"{_STATEMENTS} WHERE b.id = :id"), {"id": statement_id}).one())


def statements_of(db: Connection, fund_id: UUID) -> Sequence[Row[Any]]:
    """Return a fund's statements, oldest first."""
    return db.execute(
        text("SELECT * FROM bank_statements WHERE fund_id = :fund ORDER BY first_on"), {"fund": fund_id}
    ).all()


def difference(db: Connection, difference_id: UUID) -> DifferenceView:
    """Return one difference."""
    return _difference_view(db.execute(text(f"{_DIFFERENCES} WHERE d.id = :id"), {"id": difference_id}).one())


def difference_for(db: Connection, difference_id: UUID, *, actor: Actor, action: str, locked: bool = False) -> Row[Any]:
    """Return the difference when the actor may do `action` with it. Raises NotFound, Forbidden."""
    lock = " FOR NO KEY UPDATE OF d" if locked else ""
    row = db.execute(text(f"{_DIFFERENCES} WHERE d.id = :id{lock}"), {"id": difference_id}).one_or_none()
    if row is None or not actor.may("read_reconciliation", fund=row.fund_path):
        raise NotFound()
    actor.must(action, fund=row.fund_path)
    return row


def fund_for(db: Connection, fund_id: UUID, *, actor: Actor, action: str) -> Row[Any]:
    """Return the fund when the actor may do `action` with its account. Raises NotFound, Forbidden."""
    row = db.execute(text("SELECT id, name, path FROM funds WHERE id = :id"), {"id": fund_id}).one_or_none()
    if row is None or not actor.may("read_reconciliation", fund=row.path):
        raise NotFound()
    actor.must(action, fund=row.path)
    return row


def cash_on(db: Connection, fund_id: UUID, day: date) -> int:
    """Return what the ledger says is in the fund's account at the end of a day, in fen."""
    before = datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI)
    given = {"fund": fund_id, "before": before, "in_account": list(_IN_ACCOUNT)}
    return int(db.execute(_CASH, given).scalar_one())


def movements_of(db: Connection, fund_id: UUID) -> list[Movement]:
    """Return what the ledger says the bank did for a fund, oldest first."""
    return [
        Movement(
            id=row.id,
            on=clock.today(row.at),
            amount_fen=row.amount_fen,
            what=row.what,
            end_to_end_id=row.end_to_end_id,
            batch_number=row.batch_number,
            reference=row.reference,
        )
        for row in db.execute(_MOVEMENTS, {"fund": fund_id})
    ]


def _statement_view(db: Connection, row: Row[Any]) -> BankStatementView:
    return BankStatementView(
        id=row.id,
        fund_id=row.fund_id,
        name=row.name,
        first_on=row.first_on,
        last_on=row.last_on,
        opening_fen=row.opening_fen,
        closing_fen=row.closing_fen,
        ledger_fen=cash_on(db, row.fund_id, row.last_on),
        lines=row.lines,
        matched=row.matched,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
    )


def _difference_view(row: Row[Any]) -> DifferenceView:
    return DifferenceView(
        id=row.id,
        statement_id=row.statement_id,
        kind=row.kind,
        on=row.day,
        amount_fen=row.amount_fen,
        what=row.what,
        state=row.state,
        explanation=row.explanation,
        explained_by=row.explained_by,
        explained_at=row.explained_at,
        closing_note=row.closing_note,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
    )
