"""The chain of each fund as it stands, what is to be looked at before a month closes, and the journal in parts."""

from collections import defaultdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.proofs import (
    JOURNAL_PART_MAX,
    CheckpointView,
    ClosedPeriodView,
    FundProofView,
    JournalAsked,
    JournalPart,
    ProofAsked,
    ProofView,
)
from sqlalchemy import Connection, Row, text

from sites.domain import batches, claims, journals, seals
from sites.domain.days import month_after
from sites.queries.scopes import visible_to

CHECKPOINTS_SHOWN: Final = 40
PERIODS_SHOWN: Final = 36

_FUNDS: Final = """
SELECT f.id, f.code, f.name, head.number, head.hash, closing.closed_until,
       (SELECT count(*) FROM ledger_unsealed u JOIN ledger_entries e USING (sequence) WHERE e.fund_id = f.id)
           AS unsealed
  FROM funds f
  LEFT JOIN LATERAL (SELECT number, hash FROM ledger_seals WHERE fund_id = f.id ORDER BY number DESC LIMIT 1) AS head
         ON true
  LEFT JOIN ledger_closings closing ON closing.fund_id = f.id
 WHERE {visible} ORDER BY f.code
"""
_CHECKPOINTS: Final = text("""
SELECT newest.* FROM unnest(CAST(:funds AS uuid[])) AS f (id)
 CROSS JOIN LATERAL (SELECT * FROM ledger_checkpoints WHERE fund_id = f.id ORDER BY day DESC LIMIT :limit) AS newest
 ORDER BY newest.day DESC
""")
_PERIODS: Final = text("""
SELECT newest.* FROM unnest(CAST(:funds AS uuid[])) AS f (id)
 CROSS JOIN LATERAL (SELECT * FROM ledger_periods WHERE fund_id = f.id ORDER BY period DESC LIMIT :limit) AS newest
 ORDER BY newest.period DESC
""")
_UNSEALED: Final = text(
    "SELECT count(*) FROM ledger_unsealed u JOIN ledger_entries e USING (sequence) WHERE e.fund_id = :fund"
)
_FIRST_OPEN: Final = text("""
SELECT date_trunc('month', min(e.booked_on)::timestamp)::date
  FROM ledger_entries e
 WHERE e.fund_id = :fund
   AND e.booked_on >= coalesce((SELECT closed_until FROM ledger_closings WHERE fund_id = :fund), '-infinity')
""")
_CHECKLIST: Final = text("""
SELECT (SELECT count(*) FROM ledger_entries
         WHERE fund_id = :fund AND booked_on >= :first AND booked_on < :next) AS entries,
       (SELECT count(*) FROM ledger_unsealed u JOIN ledger_entries e USING (sequence)
         WHERE e.fund_id = :fund AND e.booked_on < :next) AS unsealed,
       (SELECT count(*) FROM claims WHERE fund_id = :fund AND visit_on < :next AND state = ANY(:undecided))
           AS undecided_claims,
       (SELECT count(*) FROM claims
         WHERE fund_id = :fund AND visit_on < :next AND state = 'approved') AS unbatched_claims,
       (SELECT count(*) FROM batches WHERE fund_id = :fund AND state = ANY(:open_batches)
           AND prepared_at < (CAST(:next AS timestamp) AT TIME ZONE 'Asia/Shanghai')) AS open_batches,
       (SELECT count(*) FROM orders WHERE fund_id = :fund AND visit_on < :next AND is_subsidised
           AND state IN ('placed', 'confirmed')) AS unclosed_orders
""")
_JOURNAL: Final = """
SELECT e.*, f.code AS fund_code, s.number, s.hash
  FROM ledger_entries e
  JOIN funds f ON f.id = e.fund_id
  JOIN ledger_seals s ON s.sequence = e.sequence
 WHERE {visible} AND (f.code, s.number) > (:code, :number)
 ORDER BY f.code, s.number LIMIT :limit
"""
_ACCOUNTS: Final = """
SELECT DISTINCT f.code AS fund_code, d.year, d.account, min(d.booked_on) OVER () AS since
  FROM ledger_days d JOIN funds f ON f.id = d.fund_id WHERE {visible} ORDER BY 1, 2, 3
"""


def proof(db: Connection, asked: ProofAsked, *, actor: Actor) -> ProofView:
    """Return what an export is held against. Raises Forbidden."""
    visible, given = _visible(actor, asked.fund_id)
    rows = db.execute(text(_FUNDS.format(visible=visible)), given).all()
    ids = [row.id for row in rows]
    checkpoints, periods = defaultdict(list), defaultdict(list)
    for each in db.execute(_CHECKPOINTS, {"funds": ids, "limit": CHECKPOINTS_SHOWN}):
        checkpoints[each.fund_id].append(_checkpoint(each))
    for each in db.execute(_PERIODS, {"funds": ids, "limit": PERIODS_SHOWN}):
        periods[each.fund_id].append(_period(each))
    funds = [
        FundProofView(
            fund_id=row.id,
            code=row.code,
            name=row.name,
            number=row.number or 0,
            hash=bytes(row.hash).hex() if row.hash else None,
            unsealed=row.unsealed,
            closed_until=row.closed_until,
            checkpoints=checkpoints[row.id],
            periods=periods[row.id],
        )
        for row in rows
    ]
    return ProofView(algorithm="SHA-256", canonical=list(seals.FIELDS), funds=funds)


def journal(db: Connection, asked: JournalAsked, *, actor: Actor) -> JournalPart:
    """Return the next part of the sealed entries, as lines of the format; what accounts there are comes first.

    Raises Forbidden. `after` is what a part before said; a strange one begins at the beginning.
    """
    visible, given = _visible(actor, asked.fund_id)
    code, _, number = (asked.after or "").rpartition(":")
    place = {"code": code, "number": int(number) if number.isdecimal() and len(number) < 18 else 0}
    rows = db.execute(text(_JOURNAL.format(visible=visible)), {**given, **place, "limit": JOURNAL_PART_MAX + 1}).all()
    shown = rows[:JOURNAL_PART_MAX]
    form = journals.FORMATS[asked.format]
    lines = [form.entry(row._asdict()) for row in shown]
    if not asked.after:
        accounts = db.execute(text(_ACCOUNTS.format(visible=visible)), given).all()
        lines.insert(0, form.head([row._asdict() for row in accounts]))
    more = len(rows) > len(shown)
    return JournalPart(text="".join(lines), next=f"{shown[-1].fund_code}:{shown[-1].number}" if more else None)


def unsealed_in(db: Connection, fund_id: UUID) -> int:
    """Return how many entries of the fund wait for their seal."""
    return int(db.execute(_UNSEALED, {"fund": fund_id}).scalar_one())


def first_open_month(db: Connection, fund_id: UUID) -> date | None:
    """Return the first day of the first open month with entries."""
    return db.execute(_FIRST_OPEN, {"fund": fund_id}).scalar_one()


def checklist_of(db: Connection, fund_id: UUID, month: date) -> dict[str, int]:
    """Return what to look at before the month closes, counted."""
    given = {"fund": fund_id, "first": month, "next": month_after(month)}
    states = {"undecided": list(claims.UNDECIDED), "open_batches": list(batches.OPEN)}
    row = db.execute(_CHECKLIST, {**given, **states}).one()
    return dict(row._mapping)


def fund_for(db: Connection, fund_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the fund when the actor may read its books. Raises NotFound."""
    row = db.execute(text("SELECT id, path FROM funds WHERE id = :id"), {"id": fund_id}).one_or_none()
    if row is None or not actor.may("read_ledger", fund=row.path):
        raise NotFound()
    return row


def _visible(actor: Actor, fund_id: UUID | None) -> tuple[str, dict[str, Any]]:
    visible, given = visible_to(actor, "read_ledger", fund="f.path")
    if fund_id is not None:
        visible, given = f"{visible} AND f.id = :fund", {**given, "fund": fund_id}
    return visible, given


def _checkpoint(row: Row[Any]) -> CheckpointView:
    return CheckpointView(day=row.day, number=row.number, hash=bytes(row.hash).hex(), balances=row.balances)


def _period(row: Row[Any]) -> ClosedPeriodView:
    return ClosedPeriodView(
        period=row.period,
        number=row.number,
        hash=bytes(row.hash).hex() if row.hash else None,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        checklist=row.checklist,
    )
