"""Receipts of dues as they are read: one, several for print, a branch's list."""

from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.amounts import in_words
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.roster.dues_payments import DuesReceiptAsked, DuesReceiptLine, DuesReceiptsAsked, DuesReceiptView
from sqlalchemy import Connection, Row, text

from roster.queries.organisations import path_the_actor_may

_RECEIPT: Final = """
SELECT r.*, g.name AS organisation_name, g.path, p.name, y.lines, y.amount_fen, v.recorded_at AS reversed_at,
       v.reason AS reversed_because
FROM dues_receipts r JOIN organisations g ON g.id = r.branch_id JOIN people p ON p.id = r.person_id
CROSS JOIN LATERAL (
    SELECT sum(amount_fen)::bigint AS amount_fen,
           json_agg(json_build_array(to_char(month, 'YYYY-MM'), amount_fen) ORDER BY month) AS lines
    FROM dues_payments WHERE receipt_id = r.id AND reverses IS NULL
) y
LEFT JOIN LATERAL (
    SELECT recorded_at, reason FROM dues_payments WHERE receipt_id = r.id AND reverses IS NOT NULL LIMIT 1
) v ON true
"""


def receipt(db: Connection, asked: DuesReceiptAsked, *, actor: Actor) -> DuesReceiptView:
    """Return a receipt to its branch or to the member. Raises NotFound."""
    (found,) = receipts_of(db, [asked.receipt_id], actor=actor)
    return found


def receipts_of(db: Connection, ids: list[UUID], *, actor: Actor) -> list[DuesReceiptView]:
    """Return receipts that the actor may read, in their order; raises NotFound when one of them is not among those."""
    rows = db.execute(
        text(f"{_RECEIPT} WHERE r.id = ANY(:ids) ORDER BY r.branch_id, r.year, r.number"), {"ids": ids}
    ).all()
    if len(rows) < len(set(ids)) or not all(
        actor.may("read_dues", organisation=row.path) or actor.may("read_own_dues", person=row.person_id)
        for row in rows
    ):
        raise NotFound()
    return [_receipt(row) for row in rows]


def receipts(db: Connection, asked: DuesReceiptsAsked, *, actor: Actor) -> Page:
    """Return a branch's receipts, the newest first. Raises NotFound, Forbidden."""
    path_the_actor_may(db, "read_dues", asked.organisation_id, actor=actor)
    values: dict[str, Any] = {"branch": asked.organisation_id, "limit": asked.limit + 1}
    where = "r.branch_id = :branch"
    if asked.cursor:
        values["year"], values["number"] = key_in(asked.cursor, int, int)
        where += " AND (r.year, r.number) < (:year, :number)"
    rows = db.execute(
        text(f"{_RECEIPT} WHERE {where} ORDER BY r.year DESC, r.number DESC LIMIT :limit"),
        values,
    ).all()
    return page_of(rows, limit=asked.limit, view=_receipt, key=lambda row: (row.year, row.number))


def _receipt(row: Row[Any]) -> DuesReceiptView:
    return DuesReceiptView(
        id=row.id,
        number=numbered(row.year, row.number),
        organisation_id=row.branch_id,
        organisation_name=row.organisation_name,
        person_id=row.person_id,
        name=row.name,
        issued_on=row.issued_on,
        paid_on=row.paid_on,
        method=row.method,
        amount_fen=row.amount_fen,
        amount_in_words=in_words(row.amount_fen),
        lines=[DuesReceiptLine(month, fen) for month, fen in row.lines],
        issued_by=row.issued_by,
        reversed_at=row.reversed_at,
        reversed_because=row.reversed_because,
    )


def numbered(year: int, number: int) -> str:
    """Return a receipt's number as it is printed: 2026-00017."""
    return f"{year}-{number:05}"


def numbered_in(row: Row[Any]) -> str | None:
    """Return the number of the receipt that a row names by `year` and `number`; None where it names none."""
    return numbered(row.year, row.number) if row.number is not None else None
