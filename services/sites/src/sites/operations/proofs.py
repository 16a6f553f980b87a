"""Proving the books (S10): each seal is made anew from its entry and the seal before it, and all sums are compared."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from chassis import jobs
from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.proofs import ProofJobView, VerifyLedger
from sqlalchemy import Connection, Row, text

from sites.domain import seals
from sites.queries.proofs import unsealed_in

JOB: Final = "verify_ledger"
READ_AT_ONCE: Final = 5000

_SEALED: Final = text("""
SELECT s.number, s.hash, s.sequence AS sealed, e.*
  FROM ledger_seals s LEFT JOIN ledger_entries e ON e.sequence = s.sequence
 WHERE s.fund_id = :fund AND s.number > :after ORDER BY s.number LIMIT :limit
""")
# The head of a closed month is a checkpoint as well; before a fund's first entry it is none.
_CHECKPOINTS: Final = text("""
SELECT number, hash, balances FROM ledger_checkpoints WHERE fund_id = :fund
UNION ALL
SELECT number, hash, balances FROM ledger_periods WHERE fund_id = :fund AND number > 0
""")
_UNDER_WAY: Final = text("""
SELECT id FROM jobs WHERE kind = :kind AND asked_by = :by AND state IN ('waiting', 'running')
   AND params -> 'paths' = CAST(:paths AS jsonb) LIMIT 1
""")
_TOTAL: Final = text("SELECT count(*) FROM ledger_seals WHERE fund_id = ANY(:funds)")
# An entry that is neither sealed nor waits for it was put in or taken out of the queue by somebody.
_STRAY: Final = text("""
SELECT min(e.sequence) FROM ledger_entries e
 WHERE e.fund_id = :fund AND NOT EXISTS (SELECT FROM ledger_seals s WHERE s.sequence = e.sequence)
   AND NOT EXISTS (SELECT FROM ledger_unsealed u WHERE u.sequence = e.sequence)
""")
_DAYS: Final = text("""
SELECT year || ':' || account AS account, sum(credits_fen - debits_fen)::bigint AS fen
  FROM ledger_days WHERE fund_id = :fund GROUP BY 1
""")


def ask(db: Connection, *, asked: VerifyLedger, actor: Actor, at: datetime) -> ProofJobView:
    """Have the books of the funds that the actor sees proved, in the background. Raises Forbidden.

    While such a proof of theirs waits or runs, it is the answer: reading all entries twice proves nothing more.
    """
    del asked
    paths = [grant.path for grant in actor.grants if actor.may("read_ledger", fund=grant.path)]
    if not paths:
        actor.must("read_ledger")
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"proofs {actor.person_id}"})
    given = {"kind": JOB, "by": actor.person_id, "paths": json.dumps(paths)}
    under_way = db.execute(_UNDER_WAY, given).scalar_one_or_none()
    return found(db, under_way or jobs.ask(db, JOB, params={"paths": paths}, at=at, asked_by=actor.person_id))


def progress_of(db: Connection, proof_id: UUID, *, actor: Actor) -> ProofJobView:
    """Return how far a proof is that the actor asked for. Raises NotFound."""
    view = jobs.find(db, proof_id)
    if view is None or view.kind != JOB or view.asked_by != actor.person_id:
        raise NotFound()
    return found(db, proof_id)


def found(db: Connection, proof_id: UUID) -> ProofJobView:
    """Return the job as a proof."""
    view = jobs.find(db, proof_id)
    assert view is not None
    names = ("id", "state", "done", "total", "asked_at", "ended_at", "result", "error")
    return ProofJobView(**{name: getattr(view, name) for name in names})


def prove(db: Connection, *, paths: list[str], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Prove the books of the funds below the paths.

    Returns {"is_right", "entries", "funds": [{"fund_id", "code", "name", "entries", "unsealed", "fault"}]}; `fault` is
    None or {"why", "number", "sequence"} of the first thing that is wrong.
    """
    funds = db.execute(
        text(
            "SELECT id, code, name FROM funds f WHERE EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS p (path)"
            " WHERE f.path = p.path OR starts_with(f.path, p.path || '.')) ORDER BY code"
        ),
        {"paths": paths},
    ).all()
    total = db.execute(_TOTAL, {"funds": [fund.id for fund in funds]}).scalar_one()
    done, told = 0, []
    for fund in funds:
        entries, fault = _prove_fund(db, fund.id, told=partial(_told, progress, done, total))
        done += entries
        told.append(
            {
                "fund_id": str(fund.id),
                "code": fund.code,
                "name": fund.name,
                "entries": entries,
                "unsealed": unsealed_in(db, fund.id),
                "fault": fault,
            }
        )
    progress(total, total)
    return {"is_right": all(fund["fault"] is None for fund in told), "entries": done, "funds": told}


def _told(progress: Callable[[int, int], None], before: int, total: int, more: int) -> None:
    progress(before + more, total)


def _prove_fund(db: Connection, fund_id: UUID, *, told: Callable[[int], None]) -> tuple[int, dict[str, Any] | None]:
    """Return how many entries were read, and the first fault."""
    checkpoints: dict[int, list[Row[Any]]] = defaultdict(list)
    for point in db.execute(_CHECKPOINTS, {"fund": fund_id}):
        checkpoints[point.number].append(point)
    previous, balances, number = seals.first(fund_id), Counter[str](), 0
    for row in _rows(db, fund_id):
        number += 1
        if number % READ_AT_ONCE == 0:
            told(number)
        if fault := _fault_in(row, fund_id=fund_id, number=number, previous=previous):
            return number, fault
        previous = bytes(row.hash)
        balances[f"{row.year}:{row.debit}"] -= row.amount_fen
        balances[f"{row.year}:{row.credit}"] += row.amount_fen
        for point in checkpoints.pop(number, ()):
            if bytes(point.hash) != previous or point.balances != dict(balances):
                return number, _fault("checkpoint", row)
    if checkpoints:
        return number, {"why": "cut_off", "number": min(checkpoints), "sequence": None}
    stray = db.execute(_STRAY, {"fund": fund_id}).scalar_one()
    if stray is not None:
        return number, {"why": "unsealed", "number": None, "sequence": stray}
    if {row.account: row.fen for row in db.execute(_DAYS, {"fund": fund_id})} != dict(balances):
        return number, {"why": "days", "number": None, "sequence": None}
    return number, None


def _fault_in(row: Row[Any], *, fund_id: UUID, number: int, previous: bytes) -> dict[str, Any] | None:
    if row.number != number:
        return {"why": "missing_seal", "number": number, "sequence": None}
    if row.sequence is None:
        return {"why": "missing_entry", "number": number, "sequence": row.sealed}
    if row.fund_id != fund_id or seals.chained(previous, [row._asdict()]) != [bytes(row.hash)]:
        return _fault("changed", row)
    return None


def _fault(why: str, row: Row[Any]) -> dict[str, Any]:
    return {"why": why, "number": row.number, "sequence": row.sequence}


def _rows(db: Connection, fund_id: UUID) -> Iterator[Row[Any]]:
    after = 0
    while rows := db.execute(_SEALED, {"fund": fund_id, "after": after, "limit": READ_AT_ONCE}).all():
        yield from rows
        after = rows[-1].number
