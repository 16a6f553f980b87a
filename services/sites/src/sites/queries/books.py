"""The books of a fund's year, and the accounting vouchers of a month, as documents (S10)."""

from datetime import date, datetime
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor
from chassis.amounts import yuan
from chassis.refusals import InvalidInput
from contracts.sites.reports import AskReport
from sqlalchemy import Connection, text

from sites.domain import accounting
from sites.domain import report_words as words
from sites.domain.days import month_after, said
from sites.domain.documents import Cell, Column, Document, Grid
from sites.domain.ledger import ACCOUNTS
from sites.queries.budgets import fund_row, layout_of, vouchers_of
from sites.queries.ledger import NAMES

ROWS_MAX: Final = {"xlsx": 200_000, "csv": 200_000, "pdf": 5_000}
REASONS: Final = {
    "appropriation": "拨款",
    "reversal": "红字冲销",
    "order_placed": "点单预留",
    "order_restored": "恢复预留",
    "order_amended": "点单变更释放",
    "order_cancelled": "点单取消释放",
    "order_refused": "点单拒绝释放",
    "order_expired": "点单逾期释放",
    "order_no_show": "未到场释放",
    "nothing_due": "无应补释放",
    "claim_rejected": "补单驳回释放",
    "claim_lapsed": "补单失效释放",
    "claim_restored": "申诉成立恢复预留",
    "claim_approved": "补单核定",
    "claim_remainder": "余额释放",
    "appeal_granted": "申诉成立补增",
    "contribution": "其他经费分担",
    "payment": "银行支付",
    "claim_reopened": "补单退回恢复预留",
    "overpayment_found": "多付转应收",
    "overpayment_offset": "多付抵扣",
    "overpayment_repaid": "多付收回",
    "year_end_carried": "年终结转下年",
    "year_end_brought": "上年结转转入",
    "year_end_returned": "年终交回财政",
}
SOURCES: Final = ("appropriations", "brought", "contributions")

_ENTRIES: Final = text("""
SELECT e.*, s.number FROM ledger_entries e LEFT JOIN ledger_seals s ON s.sequence = e.sequence
 WHERE e.fund_id = :fund AND e.year = :year AND e.booked_on >= :first AND e.booked_on < :next
 ORDER BY e.booked_on, e.sequence LIMIT :limit
""")
_BALANCES: Final = text("""
SELECT a.account, s.name AS site, sum(a.debit_fen)::bigint AS debits_fen, sum(a.credit_fen)::bigint AS credits_fen,
       coalesce(sum(a.debit_fen) FILTER (WHERE a.booked_on >= :first), 0)::bigint AS debits_now_fen,
       coalesce(sum(a.credit_fen) FILTER (WHERE a.booked_on >= :first), 0)::bigint AS credits_now_fen
  FROM (SELECT account, booked_on, debits_fen AS debit_fen, credits_fen AS credit_fen
          FROM ledger_days WHERE fund_id = :fund AND year = :year AND booked_on < :next
         UNION ALL
        SELECT side.account, e.booked_on, side.debit_fen, side.credit_fen
          FROM ledger_unsealed u
          JOIN ledger_entries e USING (sequence)
         CROSS JOIN LATERAL (VALUES (e.debit, e.amount_fen, 0), (e.credit, 0, e.amount_fen))
               AS side (account, debit_fen, credit_fen)
         WHERE e.fund_id = :fund AND e.year = :year AND e.booked_on < :next) AS a
  LEFT JOIN sites s ON s.code = split_part(a.account, ':', 2)
 GROUP BY a.account, s.name
""")


def ledger_book(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return accounts, trial balance and entries of a fund's year, or of a month in it.

    Raises NotFound, Forbidden; InvalidInput for more entries than a file takes.
    """
    assert asked.fund_id is not None
    fund = fund_row(db, asked.fund_id, "read_ledger", actor=actor)
    year = asked.year or (int(asked.period[:4]) if asked.period else clock.today(at).year)
    first, following = date(1900, 1, 1), date(2200, 1, 1)
    if asked.period:
        first = date.fromisoformat(f"{asked.period}-01")
        following = month_after(first)
    given = {"fund": fund.id, "year": year, "first": first, "next": following}
    most = ROWS_MAX[asked.format]
    entries = db.execute(_ENTRIES, {**given, "limit": most + 1}).all()
    if len(entries) > most:
        raise InvalidInput({"period": ["These are too many entries for one file; choose a month, or the journal."]})
    balances = sorted(db.execute(_BALANCES, given).all(), key=lambda row: (_place(row.account), row.account))
    names = {row.account: _named(row.account, row.site) for row in balances}
    money = tuple(Column(f"{name}（元）", "money", 1.2) for name in ("期初", "本期借方", "本期贷方", "期末"))
    sums: list[tuple[Any, ...]] = [
        (
            row.account,
            names[row.account],
            row.credits_fen - row.debits_fen - (row.credits_now_fen - row.debits_now_fen),
            row.debits_now_fen,
            row.credits_now_fen,
            row.credits_fen - row.debits_fen,
        )
        for row in balances
    ]
    return Document(
        title="组织生活专项经费账簿",
        subject=fund.name,
        period=words.month(asked.period) if asked.period else f"{year}年度",
        counted_at=at,
        facts=[
            ("会计年度", f"{year}年"),
            ("分录", f"{len(entries)}笔"),
            ("借方合计", f"{yuan(sum(row[3] for row in sums))}元"),
            ("贷方合计", f"{yuan(sum(row[4] for row in sums))}元"),
        ],
        grids=[
            Grid(
                "一、科目",
                (Column("科目代码", width=2), Column("科目名称", width=3), Column("余额方向", width=1)),
                [
                    (account, name, "借" if account.partition(":")[0] in SOURCES else "贷")
                    for account, name in names.items()
                ],
            ),
            Grid(
                "二、试算平衡",
                (Column("科目代码", width=1.8), Column("科目名称", width=2.2), *money),
                sums,
                (None, "合计", *(sum(row[place] for row in sums) for place in range(2, 6))),
            ),
            Grid(
                "三、分录",
                (
                    Column("序号", "number", 0.8),
                    Column("封印号", "number", 0.8),
                    Column("记账日", "day", 1.1),
                    Column("发生时间", width=1.5),
                    Column("事由", width=1.3),
                    Column("借方科目", width=1.8),
                    Column("贷方科目", width=1.8),
                    Column("金额（元）", "money", 1.2),
                    Column("文号或说明", width=1.6),
                    Column("经手人", width=1),
                ),
                [
                    (
                        *(row.sequence, row.number, row.booked_on, said(row.at), REASONS[row.reason]),
                        *(names.get(row.debit, row.debit), names.get(row.credit, row.credit), row.amount_fen),
                        *(row.document_number or row.note, words.mover(row.by_name) if row.by_name else None),
                    )
                    for row in entries
                ],
                (*[None] * 4, "合计", None, None, sum(row.amount_fen for row in entries), None, None),
            ),
        ],
        signatures=("制表", "复核"),
        notes=["余额为贷方减借方；拨款、上年结转和分担转入是资金来源，余额在借方。所有科目余额合计为零。"],
    )


def vouchers(db: Connection, asked: AskReport, *, actor: Actor, at: datetime) -> Document:
    """Return a month's accounting vouchers in the fund's own layout; on paper in fewer columns.

    Raises NotFound, Forbidden; InvalidInput for more lines than a file takes.
    """
    assert asked.fund_id is not None
    assert asked.period is not None
    fund = fund_row(db, asked.fund_id, "read_ledger", actor=actor)
    columns, codes = layout_of(db, fund.id)
    if asked.format == "pdf":
        columns = [column for column in accounting.COLUMNS if column[1] in _ON_PAPER]
    month = date.fromisoformat(f"{asked.period}-01")
    rows: list[tuple[Cell, ...]] = []
    sums: dict[str, int] = {}
    numbers = set()
    for line in vouchers_of(db, fund.id, month, codes):
        rows.append(tuple(_voucher_cell(field, line[field]) for _, field in columns))
        sums[line["system"]] = sums.get(line["system"], 0) + (line["debit"] or 0)
        numbers.add(line["number"])
        if len(rows) > ROWS_MAX[asked.format]:
            raise InvalidInput({"format": ["These are too many lines for this kind of file; choose another."]})
    return Document(
        title="记账凭证",
        subject=fund.name,
        period=words.month(asked.period),
        counted_at=at,
        facts=[
            ("凭证", f"{len(numbers)}张"),
            *((f"{system}借方合计", f"{yuan(fen)}元") for system, fen in sums.items()),
        ],
        grids=[
            Grid(
                "凭证",
                [
                    Column(heading, _VOUCHER_KINDS.get(field, "text"), _WIDTHS.get(field, 1.0))
                    for heading, field in columns
                ],
                rows,
            )
        ],
        signatures=("制单", "复核", "记账"),
        notes=["预留、释放和年度间结转不产生凭证。月份结账后凭证号不再变动。"],
    )


_ON_PAPER: Final = ("number", "date", "system", "summary", "account_code", "account_name", "debit", "credit")
_VOUCHER_KINDS: Final[dict[str, Any]] = {
    **{"date": "day", "line": "number", "debit": "money", "credit": "money", "sequence": "number"}
}
_WIDTHS: Final = {"summary": 2.2, "counterparty": 1.8, "account_name": 1.5, "date": 1.1, "debit": 1.2, "credit": 1.2}


def _voucher_cell(field: str, value: Any) -> Cell:
    return value if field in _VOUCHER_KINDS else str(value)


def _named(account: str, site: str | None) -> str:
    kind, _, code = account.partition(":")
    return f"{NAMES[kind]}：{site or code}" if code else NAMES[kind]


def _place(account: str) -> int:
    return ACCOUNTS.index(account.partition(":")[0])
