"""Sealing committed entries (S10): one sealer numbers them and adds each to its fund's chain; no order waits for it.

Whoever seals holds the sealer's lock for the transaction, so that each entry is sealed once and heads do not part.
"""

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from prometheus_client import Gauge
from sqlalchemy import Connection, text

from sites.domain import seals

AT_ONCE_MAX: Final = 5000

UNSEALED = Gauge("ledger_unsealed_entries", "Entries that waited for their seal when the sealer last looked")

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtext('sites: the sealer of the ledger'))")
# A queue row whose entry is not there was written by an INSERT that did nothing.
_WAITING: Final = text("""
SELECT u.sequence AS queued, e.*
  FROM ledger_unsealed u LEFT JOIN ledger_entries e ON e.sequence = u.sequence
 WHERE CAST(:fund AS uuid) IS NULL OR e.fund_id = :fund
 ORDER BY u.sequence LIMIT :limit
""")
_HEADS: Final = text("""
SELECT f.id AS fund_id, head.number, head.hash
  FROM unnest(CAST(:funds AS uuid[])) AS f (id)
 CROSS JOIN LATERAL (
       SELECT number, hash FROM ledger_seals WHERE fund_id = f.id ORDER BY number DESC LIMIT 1) AS head
""")
_SEAL: Final = text("""
INSERT INTO ledger_seals (fund_id, number, sequence, hash)
SELECT * FROM unnest(CAST(:funds AS uuid[]), CAST(:numbers AS bigint[]), CAST(:sequences AS bigint[]),
                     CAST(:hashes AS bytea[]))
""")
_ADD_UP: Final = text("""
INSERT INTO ledger_days AS kept (fund_id, year, account, booked_on, debits_fen, credits_fen)
SELECT e.fund_id, e.year, a.account, e.booked_on, sum(a.debit_fen), sum(a.credit_fen)
  FROM ledger_entries e
 CROSS JOIN LATERAL (VALUES (e.debit, e.amount_fen, 0), (e.credit, 0, e.amount_fen))
       AS a (account, debit_fen, credit_fen)
 WHERE e.sequence = ANY(:sequences)
 GROUP BY 1, 2, 3, 4
ON CONFLICT (fund_id, account, year, booked_on) DO UPDATE
   SET debits_fen = kept.debits_fen + excluded.debits_fen, credits_fen = kept.credits_fen + excluded.credits_fen
""")
_DONE: Final = text("DELETE FROM ledger_unsealed WHERE sequence = ANY(:queued)")
_LEFT: Final = text("SELECT count(*) FROM ledger_unsealed")
_FUNDS: Final = text("""
SELECT f.id FROM funds f
 WHERE EXISTS (SELECT FROM ledger_seals s WHERE s.fund_id = f.id)
   AND NOT EXISTS (SELECT FROM ledger_checkpoints c WHERE c.fund_id = f.id AND c.day = :day)
 ORDER BY f.id
""")
_BALANCES: Final = text("""
SELECT coalesce(jsonb_object_agg(account, fen), '{}')
  FROM (SELECT year || ':' || account AS account, sum(credits_fen - debits_fen)::bigint AS fen
          FROM ledger_days WHERE fund_id = :fund GROUP BY 1) AS balances
""")
_CHECKPOINT: Final = text("""
INSERT INTO ledger_checkpoints (fund_id, day, number, hash, balances, made_at)
VALUES (:fund, :day, :number, :hash, CAST(:balances AS jsonb), :at) ON CONFLICT DO NOTHING
""")


def seal(db: Connection, *, fund_id: UUID | None = None) -> int:
    """Seal at most AT_ONCE_MAX committed entries, of one fund or of all; returns how many were sealed."""
    db.execute(_LOCK)
    waiting = db.execute(_WAITING, {"fund": fund_id, "limit": AT_ONCE_MAX}).mappings().all()
    by_fund = defaultdict(list)
    for entry in waiting:
        if entry["sequence"] is not None:
            by_fund[entry["fund_id"]].append(entry)
    heads = {row.fund_id: (row.number, bytes(row.hash)) for row in db.execute(_HEADS, {"funds": list(by_fund)})}
    rows: list[tuple[UUID, int, int, bytes]] = []
    for fund, entries in by_fund.items():
        number, head = heads.get(fund, (0, seals.first(fund)))
        numbered = [{**entry, "number": number + place} for place, entry in enumerate(entries, start=1)]
        hashes = seals.chained(head, numbered)
        rows.extend(
            (fund, entry["number"], entry["sequence"], made) for entry, made in zip(numbered, hashes, strict=True)
        )
    if rows:
        funds, numbers, sequences, made = (list(column) for column in zip(*rows, strict=True))
        db.execute(_SEAL, {"funds": funds, "numbers": numbers, "sequences": sequences, "hashes": made})
        db.execute(_ADD_UP, {"sequences": sequences})
    if waiting:
        db.execute(_DONE, {"queued": [entry["queued"] for entry in waiting]})
    return len(rows)


def seal_all(db: Connection) -> int:
    """Seal all that waits, a transaction for each AT_ONCE_MAX; returns how many were sealed."""
    UNSEALED.set(db.execute(_LEFT).scalar_one())
    sealed = 0
    while done := seal(db):
        sealed += done
        db.commit()
        if done < AT_ONCE_MAX:
            break
    return sealed


def make_checkpoints(db: Connection, *, at: datetime) -> int:
    """Write down head and balances of each fund for the day that ended last; returns how many were written."""
    db.execute(_LOCK)
    day = clock.today(at) - timedelta(days=1)
    funds = db.execute(_FUNDS, {"day": day}).scalars().all()
    for row in db.execute(_HEADS, {"funds": list(funds)}).all():
        balances: dict[str, Any] = balances_of(db, row.fund_id)
        db.execute(
            _CHECKPOINT,
            {
                "fund": row.fund_id,
                "day": day,
                "number": row.number,
                "hash": row.hash,
                "balances": json.dumps(balances),
                "at": at,
            },
        )
    return len(funds)


def balances_of(db: Connection, fund_id: UUID) -> dict[str, int]:
    """Return what the sealed entries of a fund add up to: {"2026:available": fen}."""
    return dict(db.execute(_BALANCES, {"fund": fund_id}).scalar_one())


def head_of(db: Connection, fund_id: UUID) -> tuple[int, bytes | None]:
    """Return number and seal of the fund's last sealed entry; 0 and None before the first."""
    row = db.execute(_HEADS, {"funds": [fund_id]}).one_or_none()
    return (row.number, bytes(row.hash)) if row else (0, None)
