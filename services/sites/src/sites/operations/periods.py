"""Closing a month of a fund's books (S10): alone with its lock, all sealed, the sums compared, its head written down.

    open ──close──▶ closed      for good; what comes late counts on the first open day

Months close one after another. An appropriation that was wrong is reversed by another person, with a reason.
"""

import json
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.ledger import EntryView
from contracts.sites.proofs import ClosePeriod, PeriodView, ReverseEntry
from sqlalchemy import Connection, Row, text

from sites.domain.days import month_after
from sites.domain.ledger import (
    BooksDisagree,
    EarlierPeriodOpen,
    NotReversible,
    OwnEntry,
    PeriodClosed,
    PeriodNotOver,
)
from sites.operations import seals
from sites.queries.ledger import disagree, entry_of
from sites.queries.proofs import checklist_of, first_open_month, fund_for

# Whoever closes for the first time holds all months since then.
_EARLIEST: Final = date(2020, 1, 1)

_HOLD: Final = text("""
SELECT pg_advisory_xact_lock(ledger_month(:fund, month::date))
  FROM generate_series(CAST(:since AS date), CAST(:until AS date), interval '1 month') AS month
""")
_CLOSED_UNTIL: Final = text("SELECT closed_until FROM ledger_closings WHERE fund_id = :fund FOR UPDATE")
_CLOSE: Final = text("""
INSERT INTO ledger_closings (fund_id, closed_until) VALUES (:fund, :until)
ON CONFLICT (fund_id) DO UPDATE SET closed_until = excluded.closed_until
""")
_KEEP: Final = text("""
INSERT INTO ledger_periods
    (fund_id, period, number, hash, balances, checklist, closed_at, closed_by_id, closed_by)
VALUES (:fund, :period, :number, :hash, CAST(:balances AS jsonb), CAST(:checklist AS jsonb), :at, :by, :by_name)
""")
_ENTRY: Final = text(
    "SELECT e.*, f.path AS fund_path FROM ledger_entries e JOIN funds f ON f.id = e.fund_id WHERE e.id = :id"
)
_REVERSE: Final = text("SELECT reverse_entry(:sequence, :note, :at, :by, :by_name)")


def close(db: Connection, *, asked: ClosePeriod, actor: Actor, at: datetime) -> PeriodView:
    """Close a month for good; returns the next open one. Raises PeriodNotOver, PeriodClosed, EarlierPeriodOpen,
    BooksDisagree, Forbidden, NotFound."""
    fund = fund_for(db, asked.fund_id, actor=actor)
    actor.must("close_period", fund=fund.path)
    actor.must_be_fresh(at)
    month = date.fromisoformat(f"{asked.period}-01")
    if month >= clock.first_of_month(at):
        raise PeriodNotOver(period=asked.period)
    closed_until = db.execute(_CLOSED_UNTIL, {"fund": fund.id}).scalar_one_or_none()
    # Those who are writing entries of these months end first; those who come later find the month closed.
    db.execute(_HOLD, {"fund": fund.id, "since": closed_until or min(_EARLIEST, month), "until": month})
    closed_until = db.execute(_CLOSED_UNTIL, {"fund": fund.id}).scalar_one_or_none()
    if closed_until is not None and month < closed_until:
        raise PeriodClosed(period=asked.period)
    first = first_open_month(db, fund.id)
    if first is not None and first < month:
        earlier = f"{first:%Y-%m}"
        raise EarlierPeriodOpen(period=earlier)
    while seals.seal(db, fund_id=fund.id) == seals.AT_ONCE_MAX:
        pass
    if disagree(db, fund.id):
        raise BooksDisagree()
    checklist = checklist_of(db, fund.id, month)
    number, head = seals.head_of(db, fund.id)
    db.execute(_CLOSE, {"fund": fund.id, "until": month_after(month)})
    db.execute(
        _KEEP,
        {
            "fund": fund.id,
            "period": asked.period,
            "number": number,
            "hash": head,
            "balances": json.dumps(seals.balances_of(db, fund.id)),
            "checklist": json.dumps(checklist),
            "at": at,
            "by": actor.person_id,
            "by_name": actor.name,
        },
    )
    return next_period(db, fund, at=at)


def standing(db: Connection, fund_id: UUID, *, actor: Actor, at: datetime) -> PeriodView:
    """Return the fund's first open month with its checklist. Raises NotFound."""
    return next_period(db, fund_for(db, fund_id, actor=actor), at=at)


def next_period(db: Connection, fund: Row[Any], *, at: datetime) -> PeriodView:
    """Return the first open month of the fund that has entries."""
    month = first_open_month(db, fund.id)
    return PeriodView(
        fund_id=fund.id,
        period=f"{month:%Y-%m}" if month else None,
        is_over=month is not None and month < clock.first_of_month(at),
        agrees=not disagree(db, fund.id),
        checklist=checklist_of(db, fund.id, month) if month else {},
    )


def reverse(db: Connection, *, asked: ReverseEntry, actor: Actor, at: datetime) -> EntryView:
    """Reverse an appropriation that another person entered; returns the entry that does it.

    Raises NotReversible, OwnEntry, EntryReversed; FundExhausted when the money is spent or set aside; NotFound.
    """
    found = db.execute(_ENTRY, {"id": asked.entry_id}).one_or_none()
    if found is None or not actor.may("read_ledger", fund=found.fund_path):
        raise NotFound()
    actor.must("reverse_entry", fund=found.fund_path)
    actor.must_be_fresh(at)
    if found.reason != "appropriation":
        raise NotReversible()
    if found.by_id == actor.person_id:
        raise OwnEntry()
    said = {"sequence": found.sequence, "note": asked.reason, "at": at, "by": actor.person_id, "by_name": actor.name}
    return entry_of(db, db.execute(_REVERSE, said).scalar_one())
