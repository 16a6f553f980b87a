"""Settlement batches with their lines: who prepared, who approved, what the bank has said so far."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.batches import (
    LINES_SHOWN,
    LISTED_LINES,
    BankAnswerView,
    BatchesAsked,
    BatchLinesAsked,
    BatchLineView,
    BatchView,
    TakenFileView,
)
from contracts.sites.places import SiteRef
from sqlalchemy import Connection, Row, text

from sites.queries.claims import history_of
from sites.queries.scopes import visible_to

_SELECT: Final = """
SELECT b.*, b.count AS lines_count, f.path AS fund_path, f.code AS fund_code, f.name AS fund_name, l.paid_fen,
       l.failed_fen,
       coalesce(
           (SELECT p.collective_from_fen - 1 FROM policies p
             WHERE daterange(p.active_from, p.active_until) @> (b.prepared_at AT TIME ZONE 'Asia/Shanghai')::date),
           (SELECT r.minutes_above_fen FROM settlement_rules r
             WHERE r.effective_from <= (b.prepared_at AT TIME ZONE 'Asia/Shanghai')::date
             ORDER BY r.effective_from DESC LIMIT 1)) AS minutes_above_fen,
       (SELECT jsonb_agg(jsonb_build_object('move', h.move, 'state', h.state, 'at', h.at, 'by', h.by_name,
                                            'reason', h.reason) ORDER BY h.id)
          FROM batch_history h WHERE h.batch_id = b.id) AS history
  FROM batches b
  JOIN funds f ON f.id = b.fund_id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(amount_fen) FILTER (WHERE state = 'paid'), 0)::bigint AS paid_fen,
              coalesce(sum(amount_fen) FILTER (WHERE state = 'failed'), 0)::bigint AS failed_fen
         FROM batch_lines WHERE batch_id = b.id) l
"""

_LINES: Final = """
SELECT l.*, s.id AS site_id, s.name AS site_name, s.code AS site_code, p.name AS payee_name, p.account_masked,
       c.order_id, c.year, c.visit_on,
       EXISTS (SELECT FROM objections o WHERE o.line_id = l.id AND o.state = 'open') AS has_objection
  FROM batch_lines l
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN payees p ON p.id = l.payee_id
 WHERE l.batch_id = ANY(:batches) AND (CAST(:until AS integer) IS NULL OR l.number <= :until)
 ORDER BY l.batch_id, l.number
"""

_SOME_LINES: Final = _LINES.replace(
    " ORDER BY l.batch_id, l.number",
    "   AND (CAST(:state AS text) IS NULL OR l.state = :state) AND l.number > :after ORDER BY l.number LIMIT :limit",
)

_FILES: Final = text("""
SELECT DISTINCT ON (format, sha256) format, sha256, size, at, by_name FROM payment_files
 WHERE batch_id = :batch ORDER BY format, sha256, at DESC
""")
_ANSWERS: Final = text(
    "SELECT name, paid, failed, pending, at, by_name FROM bank_result_files WHERE batch_id = :batch ORDER BY at"
)


def batches(db: Connection, *, asked: BatchesAsked, actor: Actor) -> Page:
    """Return the batches that the actor may see and asks for, newest first."""
    visible, given = visible_to(actor, "read_batch", fund="f.path")
    conditions = [visible]
    for column in ("state", "period"):
        if (value := getattr(asked, column)) is not None:
            conditions.append(f"b.{column} = :{column}")
            given[column] = value
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        conditions.append("(b.prepared_at, b.id) < (:after_at, :after_id)")
    rows = db.execute(
        # The conditions are constants of this module and of `scopes`; every value is bound.
        text(f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY b.prepared_at DESC, b.id DESC LIMIT :limit"),
        {**given, "limit": asked.limit + 1},
    ).all()
    first = lines_of(db, [row.id for row in rows], until=LISTED_LINES)
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _view(row, [line for line in first if line.batch_id == row.id]),
        key=lambda row: (row.prepared_at, row.id),
    )


def batch(db: Connection, batch_id: UUID, *, actor: Actor) -> BatchView:
    """Return one batch with its first lines. Raises NotFound."""
    row = batch_for(db, batch_id, actor=actor)
    return _view(
        row,
        lines_of(db, [batch_id], until=LINES_SHOWN),
        files=db.execute(_FILES, {"batch": batch_id}).all(),
        answers=db.execute(_ANSWERS, {"batch": batch_id}).all(),
    )


def batch_lines(db: Connection, *, asked: BatchLinesAsked, actor: Actor) -> Page:
    """Return the lines of one batch, by their numbers. Raises NotFound."""
    batch_for(db, asked.batch_id, actor=actor)
    after = key_in(asked.cursor, int)[0] if asked.cursor else 0
    rows = db.execute(
        text(_SOME_LINES),
        {"batches": [asked.batch_id], "state": asked.state, "after": after, "until": None, "limit": asked.limit + 1},
    ).all()
    return page_of(rows, limit=asked.limit, view=_line_view, key=lambda row: (row.number,))


def batch_for(
    db: Connection, batch_id: UUID, *, actor: Actor, action: str = "read_batch", locked: bool = False
) -> Row[Any]:
    """Return the batch when the actor may do `action` with it; `locked` until the transaction ends.

    Raises NotFound when they may not even see it, Forbidden when they see it but may not do this.
    """
    lock = " FOR NO KEY UPDATE OF b" if locked else ""
    row = db.execute(text(f"{_SELECT} WHERE b.id = :id{lock}"), {"id": batch_id}).one_or_none()
    if row is None or not actor.may("read_batch", fund=row.fund_path):
        raise NotFound()
    actor.must(action, fund=row.fund_path)
    return row


def lines_of(db: Connection, batch_ids: Sequence[UUID], *, until: int | None = None) -> Sequence[Row[Any]]:
    """Return the lines of the batches, in the sequence of their numbers; of each those up to the number `until`."""
    return db.execute(text(_LINES), {"batches": list(batch_ids), "until": until}).all()


def _view(
    row: Row[Any],
    lines: Sequence[Row[Any]],
    *,
    files: Sequence[Row[Any]] = (),
    answers: Sequence[Row[Any]] = (),
) -> BatchView:
    return BatchView(
        id=row.id,
        number=row.number,
        period=row.period,
        state=row.state,
        count=row.lines_count,
        total_fen=row.total_fen,
        paid_fen=row.paid_fen,
        failed_fen=row.failed_fen,
        prepared_by=row.prepared_by,
        approved_by=row.approved_by,
        prepared_at=row.prepared_at,
        approved_at=row.approved_at,
        reason=row.reason,
        lines=[_line_view(line) for line in lines],
        history=history_of(row),
        version=row.version,
        fund_id=row.fund_id,
        fund_name=row.fund_name,
        offset_fen=row.offset_fen,
        net_fen=row.total_fen - row.offset_fen,
        separate_payer=row.separate_payer,
        publicity_days=row.publicity_days,
        published_at=row.published_at,
        public_until=row.public_until,
        minutes_number=row.minutes_number,
        needs_minutes_above_fen=row.minutes_above_fen,
        handed_by=row.handed_by,
        handed_at=row.handed_at,
        file_sha256=row.file_sha256,
        left_out=row.left_out,
        files=[TakenFileView(each.format, each.sha256, each.size, each.at, each.by_name) for each in files],
        answers=[
            BankAnswerView(each.name, each.paid, each.failed, each.pending, each.at, each.by_name) for each in answers
        ],
    )


def _line_view(line: Row[Any]) -> BatchLineView:
    return BatchLineView(
        id=line.id,
        claim_id=line.claim_id,
        site=SiteRef(line.site_id, line.site_name),
        payee_name=line.payee_name,
        payee_account_masked=line.account_masked,
        amount_fen=line.amount_fen,
        state=line.state,
        bank_reference=line.bank_reference,
        reason=line.reason,
        number=line.number,
        visit_on=line.visit_on,
        offset_fen=line.offset_fen,
        net_fen=line.amount_fen - line.offset_fen,
        has_objection=line.has_objection,
    )
