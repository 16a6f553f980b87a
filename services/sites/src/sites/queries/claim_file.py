"""The file of one claim for the archive (S13): its amount, its visit, its steps, its entries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from chassis.actors import Actor
from chassis.amounts import in_words, yuan
from contracts.sites.reports import AskReport
from sqlalchemy import Connection, Row, text

from sites.domain import report_words as words
from sites.domain.days import said
from sites.domain.documents import DASH, Column, Document, Grid
from sites.queries.books import REASONS
from sites.queries.claims import claim_for, history_of
from sites.queries.ledger import NAMES as ACCOUNT_NAMES
from sites.queries.report_parts import joined

RETENTION_YEARS: Final = 30
RETENTION: Final = (
    "《会计档案管理办法》（财政部、国家档案局令第79号）附表：会计凭证保管30年，自会计年度终了后第一天算起"
)
_ORDER: Final = text("""
SELECT o.*, p.name AS programme, s.code AS site_code, f.name AS fund,
       t.number AS batch_number, t.prepared_by, t.prepared_at, t.approved_by AS batch_approved_by,
       t.approved_at AS batch_approved_at,
       l.end_to_end_id, l.bank_reference, e.name AS payee, e.account_masked
  FROM orders o
  JOIN programmes p ON p.id = o.programme_id
  JOIN sites s ON s.id = o.site_id
  JOIN claims c ON c.order_id = o.id
  JOIN funds f ON f.id = c.fund_id
  LEFT JOIN batches t ON t.id = c.batch_id
  LEFT JOIN batch_lines l ON l.claim_id = c.id AND l.batch_id = c.batch_id
  LEFT JOIN payees e ON e.id = l.payee_id
 WHERE o.id = :id
""")
_ORDER_HISTORY: Final = text("SELECT move, at, by_name, reason FROM order_history WHERE order_id = :id ORDER BY id")
_CHECK_INS: Final = text("SELECT * FROM check_ins WHERE order_id = :id ORDER BY happened_at, id")
_PICTURES: Final = text(
    "SELECT position, alt, sha256, size, at, by_name FROM pictures WHERE purpose = 'closure' AND subject_id = :id"
    " ORDER BY position"
)
_ENTRIES: Final = text(
    "SELECT sequence, at, reason, debit, credit, amount_fen, by_name FROM ledger_entries"
    " WHERE order_id = :order OR claim_id = :claim ORDER BY sequence"
)
_CHECK_IN_STATES: Final = {"valid": "有效", "duplicate": "重复", "flagged": "存疑", "rejected": "不予认可"}


def claim_file(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return every paper of one claim."""
    assert asked.claim_id is not None
    claim = claim_for(db, asked.claim_id, actor=actor)
    order = db.execute(_ORDER, {"id": claim.order_id}).one()
    confirmed = claim.headcount_confirmed
    facts = [
        ("补单号", str(claim.id)),
        ("活动点", claim.site_name),
        ("党支部", claim.branch_name),
        ("活动", f"{order.programme}，{said(order.starts_at)}"),
        ("状态", words.word(claim.state, words.CLAIM_STATES)),
        ("预留 / 申报", f"{yuan(claim.encumbered_fen)}元 / {yuan(claim.asked_fen)}元"),
        ("核定", f"{yuan(claim.approved_fen)}元" if claim.approved_fen else DASH),
        ("已支付", f"{yuan(claim.paid_fen)}元" if claim.paid_fen else DASH),
        ("核定金额（大写）", in_words(claim.approved_fen) if claim.approved_fen else DASH),
        (
            "人数",
            f"点单{claim.party_size}，签到{claim.checked_in}，用单{claim.headcount}，支部确认"
            f"{DASH if confirmed is None else confirmed}",
        ),
        ("保管期限", f"{RETENTION_YEARS}年，至{claim.year + RETENTION_YEARS}年12月31日"),
    ]
    if order.batch_number:
        facts.append(
            ("结算批次", f"{order.batch_number}（制单{order.prepared_by}，审批{order.batch_approved_by or DASH}）")
        )
    if order.payee:
        facts.append(("收款单位", f"{order.payee}，账号{order.account_masked}，银行流水{order.bank_reference or DASH}"))
    return Document(
        title="组织生活点补贴补单档案",
        subject=order.fund,
        period=f"{claim.visit_on:%Y年}{claim.visit_on.month}月{claim.visit_on.day}日",
        counted_at=at,
        facts=facts,
        grids=_papers(db, claim, order),
        signatures=("经办", "复核", "归档"),
        notes=[RETENTION],
    )


def _papers(db: Connection, claim: Row[Any], order: Row[Any]) -> list[Grid]:
    steps = (Column("时间", width=1.5), Column("事项", width=1.3), Column("经手人", width=1.2), Column("说明", width=3))
    lines = [(*words.line_words(line), line["amount_fen"] or None) for line in claim.explanation]
    due_fen = sum(line["amount_fen"] for line in claim.explanation)
    moves = [
        (said(one.at), words.word(one.move, words.ORDER_MOVES), words.mover(one.by_name), one.reason)
        for one in db.execute(_ORDER_HISTORY, {"id": order.id})
    ]
    history = [
        (
            *(said(one.at), words.word(one.move, words.MOVES), words.mover(one.by)),
            joined(words.word(one.code, words.CLAIM_REASONS), one.reason),
        )
        for one in history_of(claim)
    ]
    check_ins = [
        (
            said(one.happened_at),
            one._mapping["count"],
            one.by_name,
            words.word(one.state, _CHECK_IN_STATES),
            one.decision_reason,
        )
        for one in db.execute(_CHECK_INS, {"id": order.id})
    ]
    pictures = [
        (one.position, one.alt, said(one.at), one.by_name, one.sha256)
        for one in db.execute(_PICTURES, {"id": order.id})
    ]
    names = {order.site_code: claim.site_name}
    entries = [
        (
            one.sequence,
            said(one.at),
            words.word(one.reason, REASONS),
            f"{_account(one.debit, names)} → {_account(one.credit, names)}",
            one.amount_fen,
        )
        for one in db.execute(_ENTRIES, {"order": order.id, "claim": claim.id})
    ]
    return [
        Grid(
            "一、金额计算",
            (Column("依据", width=2), Column("说明", width=4), Column("金额（元）", "money", 1.1)),
            lines,
            ("合计", None, due_fen),
        ),
        Grid("二、点单与用单", steps, moves, nothing="没有记录。"),
        Grid(
            "三、签到",
            (
                Column("时间", width=1.5),
                Column("人数", "number", 0.6),
                Column("办理人", width=1.2),
                Column("结果", width=0.8),
                Column("裁定说明", width=2.5),
            ),
            check_ins,
            nothing="没有签到。",
        ),
        Grid(
            "四、活动照片",
            (
                Column("序号", "number", 0.5),
                Column("内容", width=2),
                Column("上传时间", width=1.5),
                Column("上传人", width=1),
                Column("文件校验值（SHA-256）", width=3),
            ),
            pictures,
            nothing="没有照片。",
        ),
        Grid("五、补单办理", steps, history, nothing="没有记录。"),
        Grid(
            "六、会计分录",
            (
                Column("序号", "number", 0.7),
                Column("时间", width=1.5),
                Column("事由", width=1.2),
                Column("借方 → 贷方", width=3),
                Column("金额（元）", "money", 1.1),
            ),
            entries,
            nothing="没有分录。",
        ),
    ]


def _account(code: str, names: Mapping[str, str]) -> str:
    kind, _, owner = code.partition(":")
    return ACCOUNT_NAMES.get(kind, kind) + (f"（{names.get(owner, owner)}）" if owner else "")
