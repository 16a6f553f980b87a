"""What the books say: the trial balance as at a day, and the statement of an account."""

from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.ledger import AccountBalanceView, EntryView, StatementAsked, TrialBalanceAsked, TrialBalanceView
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

_ENTRIES: Final = """
SELECT e.* FROM ledger_entries e JOIN funds f ON f.id = e.fund_id
 WHERE {visible} AND (e.debit = :account OR e.credit = :account) AND e.sequence > :after
 ORDER BY e.sequence
 LIMIT :limit
"""


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


def statement(db: Connection, *, asked: StatementAsked, actor: Actor) -> Page:
    """Return the entries of one account, oldest first. Raises NotFound for an account that there cannot be."""
    visible, given = _visible(actor, asked.fund_id)
    kind, _, site_code = asked.account.partition(":")
    if kind not in ACCOUNTS or bool(site_code) != (kind in SITE_ACCOUNTS):
        raise NotFound()
    after = key_in(asked.cursor, int)[0] if asked.cursor else 0
    rows = db.execute(
        text(_ENTRIES.format(visible=visible)),
        {"account": asked.account, "after": after, "limit": asked.limit + 1, **given},
    ).all()
    return page_of(rows, limit=asked.limit, view=_entry_view, key=lambda row: (row.sequence,))


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


def _entry_view(row: Row[Any]) -> EntryView:
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
        by=row.by_name or (str(row.by_id) if row.by_id else None),
    )
