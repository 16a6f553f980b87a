"""What the books say: the trial balance as at a day, and the statement of an account."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import cursor_after, key_in
from chassis.refusals import NotFound
from contracts.envelope import DAY_MIN
from contracts.sites.ledger import (
    AccountBalanceView,
    EntryView,
    StatementAsked,
    StatementView,
    TrialBalanceAsked,
    TrialBalanceView,
)
from sqlalchemy import Connection, Row, text

from sites.domain.ledger import ACCOUNTS, SITE_ACCOUNTS
from sites.queries.scopes import visible_to

NAMES: Final = {
    "appropriations": "拨款",
    "available": "可用",
    "encumbered": "已预留",
    "payable": "应付",
    "paid": "已付",
    "contributions": "其他经费分担转入",
    "contributed": "分担转出",
    "brought": "上年结转转入",
    "carried": "结转下年",
    "returned": "交回财政",
    "receivable": "应收（多付）",
}

# What is sealed is added up by day; what waits for its seal is added to it. The sealer moves entries from one to the
# other in one transaction, so each is counted once.
_ACCOUNTS: Final = """
SELECT a.account, sum(a.debits_fen)::bigint AS debits_fen, sum(a.credits_fen)::bigint AS credits_fen,
       max(s.name) AS site_name
  FROM (
      SELECT d.account, sum(d.debits_fen) AS debits_fen, sum(d.credits_fen) AS credits_fen
        FROM ledger_days d JOIN funds f ON f.id = d.fund_id
       WHERE {visible} AND (CAST(:on AS date) IS NULL OR d.booked_on <= :on)
       GROUP BY d.account
       UNION ALL
      SELECT side.account, sum(side.debit_fen), sum(side.credit_fen)
        FROM ledger_unsealed u
        JOIN ledger_entries e ON e.sequence = u.sequence
        JOIN funds f ON f.id = e.fund_id
       CROSS JOIN LATERAL (VALUES (e.debit, e.amount_fen, 0), (e.credit, 0, e.amount_fen))
             AS side (account, debit_fen, credit_fen)
       WHERE {visible} AND (CAST(:on AS date) IS NULL OR e.booked_on <= :on)
       GROUP BY side.account
  ) AS a
  LEFT JOIN sites s ON s.code = split_part(a.account, ':', 2)
 GROUP BY a.account
"""

# One statement, so that entries and kept balances are of the same moment while others write.
_DISAGREE: Final = """
WITH entered AS (
    SELECT e.fund_id, e.year, e.account, sum(e.fen)::bigint AS fen
      FROM (SELECT fund_id, year, account, credits_fen - debits_fen AS fen FROM ledger_days
             UNION ALL
            SELECT w.fund_id, w.year, a.account, a.fen
              FROM ledger_unsealed u
              JOIN ledger_entries w ON w.sequence = u.sequence
             CROSS JOIN LATERAL (VALUES (w.debit, -w.amount_fen), (w.credit, w.amount_fen)) AS a (account, fen)) AS e
      JOIN funds f ON f.id = e.fund_id
     WHERE {visible}
     GROUP BY e.fund_id, e.year, e.account
), by_kind AS (
    SELECT fund_id, year, split_part(account, ':', 1) AS account, sum(fen)::bigint AS fen
      FROM entered GROUP BY 1, 2, 3
), kept AS (
    SELECT y.fund_id, y.year, k.account, k.fen
      FROM fund_years y
      JOIN funds f ON f.id = y.fund_id
     CROSS JOIN LATERAL (VALUES ('appropriations', -y.appropriated_fen), ('available', y.available_fen),
                                ('encumbered', y.encumbered_fen), ('payable', y.payable_fen), ('paid', y.paid_fen),
                                ('contributions', -y.received_fen), ('contributed', y.contributed_fen),
                                ('brought', -y.brought_fen), ('carried', y.carried_fen), ('returned', y.returned_fen),
                                ('receivable', y.receivable_fen))
           AS k (account, fen)
     WHERE {visible}
), kept_of_sites AS (
    SELECT b.fund_id, b.year, k.account, k.fen
      FROM site_balances b
      JOIN funds f ON f.id = b.fund_id
     CROSS JOIN LATERAL (VALUES ('payable:' || b.site_code, b.payable_fen), ('paid:' || b.site_code, b.paid_fen),
                                ('receivable:' || b.site_code, b.receivable_fen))
           AS k (account, fen)
     WHERE {visible}
), set_aside AS (
    SELECT e.fund_id, e.year, 'encumbered' AS account, sum(e.amount_fen)::bigint AS fen
      FROM (SELECT fund_id, year, amount_fen FROM encumbrances WHERE state = 'pending'
             UNION ALL
            SELECT fund_id, year, amount_fen FROM contributions WHERE state = 'pending') AS e
      JOIN funds f ON f.id = e.fund_id
     WHERE {visible}
     GROUP BY e.fund_id, e.year
), pairs AS (
    SELECT coalesce(e.fen, 0) AS entered_fen, coalesce(k.fen, 0) AS kept_fen
      FROM by_kind e FULL JOIN kept k USING (fund_id, year, account)
    UNION ALL
    SELECT coalesce(e.fen, 0), coalesce(k.fen, 0)
      FROM (SELECT * FROM entered WHERE account LIKE '%:%') e
      FULL JOIN kept_of_sites k USING (fund_id, year, account)
    UNION ALL
    SELECT coalesce(e.fen, 0), coalesce(s.fen, 0)
      FROM (SELECT * FROM by_kind WHERE account = 'encumbered') e
      FULL JOIN set_aside s USING (fund_id, year, account)
)
SELECT count(*) FROM pairs WHERE entered_fen <> kept_fen
"""

# An account stands on one side of an entry, so each side is read by its own index, fund by fund.
_ENTRIES: Final = """
SELECT e.*
  FROM funds f
 CROSS JOIN LATERAL (
       (SELECT * FROM ledger_entries
         WHERE fund_id = f.id AND debit = :account AND booked_on <= :last
           AND (booked_on, sequence) > (:after_day, :after)
         ORDER BY booked_on, sequence LIMIT :limit)
        UNION ALL
       (SELECT * FROM ledger_entries
         WHERE fund_id = f.id AND credit = :account AND booked_on <= :last
           AND (booked_on, sequence) > (:after_day, :after)
         ORDER BY booked_on, sequence LIMIT :limit)) AS e
 WHERE {visible}
 ORDER BY e.booked_on, e.sequence
 LIMIT :limit
"""

# The days before one by their sums, what waits for its seal beside them; of the day itself the entries up to a place.
_BALANCE: Final = """
SELECT coalesce(sum(fen), 0)::bigint
  FROM (
      SELECT d.credits_fen - d.debits_fen AS fen
        FROM ledger_days d JOIN funds f ON f.id = d.fund_id
       WHERE {visible} AND d.account = :account AND d.booked_on < :day
       UNION ALL
      SELECT CASE WHEN e.credit = :account THEN e.amount_fen ELSE -e.amount_fen END
        FROM ledger_unsealed u
        JOIN ledger_entries e ON e.sequence = u.sequence
        JOIN funds f ON f.id = e.fund_id
       WHERE {visible} AND (e.debit = :account OR e.credit = :account) AND e.booked_on < :day
       UNION ALL
      SELECT CASE WHEN e.credit = :account THEN e.amount_fen ELSE -e.amount_fen END
        FROM ledger_entries e JOIN funds f ON f.id = e.fund_id
       WHERE {visible} AND (e.debit = :account OR e.credit = :account)
         AND e.booked_on = :day AND e.sequence <= :sequence
  ) AS parts
"""
_LAST_SEQUENCE: Final = 2**63 - 1


def trial_balance(db: Connection, *, asked: TrialBalanceAsked, actor: Actor) -> TrialBalanceView:
    """Add up the entries until the end of a day, or all of them, and hold the kept balances against all of them."""
    visible, given = _visible(actor, asked.fund_id)
    rows = db.execute(text(_ACCOUNTS.format(visible=visible)), {"on": asked.on, **given}).all()
    accounts = [
        AccountBalanceView(
            account=row.account,
            name=_name(row),
            debits_fen=row.debits_fen,
            credits_fen=row.credits_fen,
            balance_fen=row.credits_fen - row.debits_fen,
        )
        for row in sorted(rows, key=_place)
    ]
    debits_fen = sum(account.debits_fen for account in accounts)
    credits_fen = sum(account.credits_fen for account in accounts)
    return TrialBalanceView(
        on=asked.on,
        accounts=accounts,
        debits_fen=debits_fen,
        credits_fen=credits_fen,
        difference_fen=debits_fen - credits_fen,
        agrees_with_balances=db.execute(text(_DISAGREE.format(visible=visible)), given).scalar_one() == 0,
    )


def statement(db: Connection, *, asked: StatementAsked, actor: Actor) -> StatementView:
    """Return the entries of one account that count from a day to a day, with the balance after each.

    Raises NotFound for an account that there cannot be. The last day's balance is counted with all its entries.
    """
    visible, given = _visible(actor, asked.fund_id)
    kind, _, site_code = asked.account.partition(":")
    if kind not in ACCOUNTS or bool(site_code) != (kind in SITE_ACCOUNTS):
        raise NotFound()
    first, last = asked.from_day or DAY_MIN, asked.to_day or date.max
    day, after = key_in(asked.cursor, date.fromisoformat, int) if asked.cursor else (first, 0)
    given |= {"account": asked.account}
    rows = db.execute(
        text(_ENTRIES.format(visible=visible)),
        {**given, "after_day": day, "after": after, "last": last, "limit": asked.limit + 1},
    ).all()
    balance = text(_BALANCE.format(visible=visible))
    opening_fen = running_fen = db.execute(balance, {**given, "day": day, "sequence": after}).scalar_one()
    shown = rows[: asked.limit]
    items = []
    for row in shown:
        running_fen += row.amount_fen if row.credit == asked.account else -row.amount_fen
        items.append(_entry_view(row, balance_fen=running_fen))
    more = len(rows) > len(shown)
    return StatementView(
        account=asked.account,
        opening_fen=opening_fen,
        closing_fen=db.execute(balance, {**given, "day": last, "sequence": _LAST_SEQUENCE}).scalar_one(),
        items=items,
        next=cursor_after(shown[-1].booked_on, shown[-1].sequence) if more else None,
    )


def disagree(db: Connection, fund_id: UUID) -> bool:
    """Say whether the entries of a fund and its kept balances are not the same."""
    return bool(db.execute(text(_DISAGREE.format(visible="f.id = :fund")), {"fund": fund_id}).scalar_one())


def entry_of(db: Connection, sequence: int) -> EntryView:
    """Return one entry."""
    return _entry_view(db.execute(text("SELECT * FROM ledger_entries WHERE sequence = :at"), {"at": sequence}).one())


def _visible(actor: Actor, fund_id: UUID | None) -> tuple[str, dict[str, Any]]:
    visible, given = visible_to(actor, "read_ledger", fund="f.path")
    if fund_id is not None:
        visible, given = f"{visible} AND f.id = :fund", {**given, "fund": fund_id}
    return visible, given


def _place(row: Row[Any]) -> tuple[int, str]:
    return ACCOUNTS.index(row.account.partition(":")[0]), row.account


def _name(row: Row[Any]) -> str:
    kind, _, site_code = row.account.partition(":")
    return f"{NAMES[kind]}：{row.site_name or site_code}" if site_code else NAMES[kind]


def _entry_view(row: Row[Any], *, balance_fen: int | None = None) -> EntryView:
    return EntryView(
        id=row.id,
        sequence=row.sequence,
        occurred_at=row.at,
        debit=row.debit,
        credit=row.credit,
        amount_fen=row.amount_fen,
        reason=row.reason,
        order_id=row.order_id,
        claim_id=row.claim_id,
        batch_id=row.batch_id,
        document_number=row.document_number,
        booked_on=row.booked_on,
        reverses=row.reverses,
        note=row.note,
        balance_fen=balance_fen,
        by=row.by_name or (str(row.by_id) if row.by_id else None),
    )
