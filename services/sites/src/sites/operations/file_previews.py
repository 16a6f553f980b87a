"""A layout on trial: the first lines of the file, as the fund's newest batch or statement would look in it (S12).

Nobody takes account numbers out of the house by looking at a layout: of each the last four digits show.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.personal import unseal
from contracts.sites.file_layouts import FileLayoutAsked, FileLayoutView, FilePreviewView, SetFileLayout
from sqlalchemy import Connection, text

from sites.domain.file_layouts import Layout
from sites.operations import file_layouts
from sites.operations.funds import mask_account
from sites.operations.payment_files import Account, PaymentOrder, Transfer, cells, purpose_of

LINES: Final = 3

_BATCH: Final = text("""
SELECT b.id, b.number, b.prepared_at, f.payer_name, f.payer_account, f.payer_bank, f.payer_bank_code
  FROM batches b JOIN funds f ON f.id = b.fund_id
 WHERE b.fund_id = :fund AND EXISTS (SELECT FROM batch_lines l WHERE l.batch_id = b.id)
 ORDER BY b.prepared_at DESC, b.id DESC LIMIT 1
""")
_LINES: Final = text("""
SELECT l.id, l.number, l.end_to_end_id, l.amount_fen - l.offset_fen AS amount_fen, c.visit_on, s.name AS site_name,
       p.name, p.account_masked, p.bank, p.bank_code, p.credit_code
  FROM batch_lines l
  JOIN payees p ON p.id = l.payee_id
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
 WHERE l.batch_id = :batch
 ORDER BY l.number LIMIT :limit
""")
_STATEMENT: Final = text("""
SELECT id, name, opening_fen FROM bank_statements WHERE fund_id = :fund ORDER BY first_on DESC, id DESC LIMIT 1
""")
_BOOKED: Final = text("SELECT * FROM bank_statement_lines WHERE statement_id = :id ORDER BY number LIMIT :limit")


def preview(db: Connection, *, asked: SetFileLayout, actor: Actor, at: datetime) -> FilePreviewView:
    """Return the first lines in the layout asked for, which is not set by it. Raises NotFound, InvalidInput."""
    file_layouts.fund_for(db, asked.fund_id, actor=actor, action="read_file_layout")
    return _lines(db, asked.fund_id, asked.purpose, file_layouts.sound(asked), at=at)


def file_layout(db: Connection, *, asked: FileLayoutAsked, actor: Actor, at: datetime) -> FileLayoutView:
    """Return the layout in force, with the first lines of a real file in it. Raises NotFound, Forbidden."""
    view = file_layouts.file_layout(db, asked=asked, actor=actor, at=at)
    layout = file_layouts.in_force(db, asked.fund_id, asked.purpose).layout
    return replace(view, preview=_lines(db, asked.fund_id, asked.purpose, layout, at=at))


def _lines(db: Connection, fund_id: UUID, purpose: str, layout: Layout, *, at: datetime) -> FilePreviewView:
    source, lines = (_payments if purpose == "payment" else _bookings)(db, fund_id, layout)
    if source is None:
        lines = [file_layouts.sample_of(layout, at=at)]
    return FilePreviewView(source=source, headings=[column.heading for column in layout.columns], lines=lines)


def _payments(db: Connection, fund_id: UUID, layout: Layout) -> tuple[str | None, list[list[str]]]:
    batch = db.execute(_BATCH, {"fund": fund_id}).one_or_none()
    if batch is None:
        return None, []
    # Unsealed only where the layout has it.
    has_payer = any(column.field == "payer_account" for column in layout.columns)
    payer_account = mask_account(unseal(batch.payer_account)) if has_payer else ""
    payer = Account(batch.payer_name, payer_account, batch.payer_bank, batch.payer_bank_code)
    transfers = [
        Transfer(
            id=line.id,
            number=line.number,
            end_to_end_id=line.end_to_end_id,
            amount_fen=line.amount_fen,
            payee=Account(line.name, line.account_masked, line.bank, line.bank_code, line.credit_code),
            purpose=purpose_of(line.visit_on, line.site_name),
            visit_on=line.visit_on,
        )
        for line in db.execute(_LINES, {"batch": batch.id, "limit": LINES})
    ]
    order = PaymentOrder(batch.number, batch.prepared_at, payer, transfers)
    return batch.number, [cells(order, transfer, layout) for transfer in transfers]


def _bookings(db: Connection, fund_id: UUID, layout: Layout) -> tuple[str | None, list[list[str]]]:
    statement = db.execute(_STATEMENT, {"fund": fund_id}).one_or_none()
    if statement is None:
        return None, []
    balance_fen = statement.opening_fen
    lines = []
    for line in db.execute(_BOOKED, {"id": statement.id, "limit": LINES}):
        balance_fen += line.amount_fen
        said: dict[str, Any] = {
            "booked_on": layout.day(line.booked_on),
            "amount_in": layout.amount(line.amount_fen) if line.amount_fen > 0 else "",
            "amount_out": layout.amount(-line.amount_fen) if line.amount_fen < 0 else "",
            "balance": layout.amount(balance_fen),
            "reference": line.reference or "",
            "end_to_end_id": line.end_to_end_id or "",
            "counterparty": line.counterparty or "",
            "note": line.note or "",
        }
        lines.append([said[column.field] for column in layout.columns])
    return statement.name, lines
