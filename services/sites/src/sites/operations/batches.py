"""Settlement (S12): one person makes a batch of approved claims, another approves it, the bank's answer settles it.

Locks are always taken in the sequence batch, claims, lines, fund, ledger.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.files import FileStore
from contracts.sites.batches import BatchView, MakeBatch, MoveBatch, MoveBatchWithReason, RecordBankResults
from sqlalchemy import Connection, Row, func, insert, select, text, update

from sites.domain.bank_results import AwaitedLine, BankResult, match
from sites.domain.batches import (
    APPROVED,
    FAILED,
    FREED,
    LINE_MOVES,
    MOVES,
    PAID,
    PARTLY_SETTLED,
    PREPARED,
    SETTLED,
    WAITING,
    BatchNotMovable,
    ClaimInOtherBatch,
    NothingToSettle,
    PayeeMissing,
    SeveralFunds,
    ending,
    must_be_other,
)
from sites.domain.claims import OwnSiteOrBranch, is_own
from sites.operations import claims, ledger
from sites.operations.bank_files import rows_of
from sites.queries.batches import batch, batch_for, lines_of
from sites.queries.scopes import visible_to
from sites.tables.money import bank_result_files, batch_history, batch_lines, batches, funds
from sites.tables.money import claims as claims_table

_READY: Final = """
SELECT c.id, c.fund_id, c.site_id, s.name AS site_name, c.approved_fen, p.id AS payee_id
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN funds f ON f.id = c.fund_id
  LEFT JOIN payees p ON p.site_id = c.site_id AND p.active_until IS NULL
 WHERE c.state = 'approved' AND c.period = :period AND {conditions}
   AND NOT EXISTS (SELECT FROM claim_appeals a WHERE a.claim_id = c.id AND a.state = 'filed')
 ORDER BY s.code, c.visit_on, c.id
   FOR NO KEY UPDATE OF c
"""

_DECIDED_ON: Final = text("""
SELECT s.managing_path AS site_path, o.path AS branch_path,
       (SELECT array_agg(h.by_id) FROM claim_history h
         WHERE h.claim_id = c.id AND h.move IN ('sign', 'approve', 'return', 'raise')) AS prepared_by
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations o ON o.id = c.branch_id
 WHERE c.batch_id = :batch
""")


_MOVE_LINES: Final = text("""
UPDATE batch_lines
   SET state = :state, bank_reference = said.reference, reason = said.reason
  FROM unnest(CAST(:ids AS uuid[]), CAST(:references AS text[]), CAST(:reasons AS text[]))
       AS said (id, reference, reason)
 WHERE batch_lines.id = said.id AND state = ANY(:sources)
""")


def make(db: Connection, *, asked: MakeBatch, actor: Actor, at: datetime) -> BatchView:
    """Put approved claims of one fund and period into a new batch.

    Raises NothingToSettle, SeveralFunds, PayeeMissing; ClaimInOtherBatch for a named claim that is not ready.
    """
    ready = _ready(db, asked, actor=actor)
    actor.must_be_fresh(at)
    if missing := set(asked.claim_ids or ()) - {claim.id for claim in ready}:
        raise ClaimInOtherBatch(claim=str(min(missing)))
    if not ready:
        raise NothingToSettle(period=asked.period)
    if len({claim.fund_id for claim in ready}) > 1:
        raise SeveralFunds()
    for claim in ready:
        if claim.payee_id is None:
            raise PayeeMissing(site=claim.site_name)
    batch_id, number = uuid4(), _next_number(db, ready[0].fund_id, period=asked.period)
    db.execute(
        insert(batches).values(
            id=batch_id,
            number=number,
            fund_id=ready[0].fund_id,
            period=asked.period,
            state=PREPARED,
            count=len(ready),
            total_fen=sum(claim.approved_fen for claim in ready),
            prepared_by_id=actor.person_id,
            prepared_by=actor.name,
            prepared_at=at,
        )
    )
    _remember(db, batch_id, "prepare", PREPARED, at=at, by=actor, reason=None)
    claims.move_all(db, [claim.id for claim in ready], "batch", at=at, by=actor, batch_id=batch_id)
    db.execute(
        insert(batch_lines),
        [
            {
                "id": uuid4(),
                "batch_id": batch_id,
                "number": place,
                "end_to_end_id": f"{number}-{place:05d}",
                "claim_id": claim.id,
                "payee_id": claim.payee_id,
                "amount_fen": claim.approved_fen,
                "state": WAITING,
            }
            for place, claim in enumerate(ready, start=1)
        ],
    )
    return batch(db, batch_id, actor=actor)


def approve(db: Connection, *, asked: MoveBatch, actor: Actor, at: datetime) -> BatchView:
    """Let the batch go to the bank. Raises BatchNotMovable, SamePerson, OwnSiteOrBranch."""
    found = batch_for(db, asked.batch_id, actor=actor, action="approve_batch", locked=True)
    actor.must_be_fresh(at)
    decided_on = db.execute(_DECIDED_ON, {"batch": found.id}).all()
    must_be_other(
        actor.person_id,
        prepared_by={found.prepared_by_id, *(person for claim in decided_on for person in claim.prepared_by or ())},
    )
    grants = [(grant.role, grant.path) for grant in actor.grants]
    if any(is_own(grants, site_path=claim.site_path, branch_path=claim.branch_path) for claim in decided_on):
        raise OwnSiteOrBranch()
    _move(
        db,
        found.id,
        "approve",
        at=at,
        by=actor,
        approved_by_id=actor.person_id,
        approved_by=actor.name,
        approved_at=at,
    )
    return batch(db, found.id, actor=actor)


def reject(db: Connection, *, asked: MoveBatchWithReason, actor: Actor, at: datetime) -> BatchView:
    """Send the batch back; its claims are free for another one. Raises BatchNotMovable."""
    found = batch_for(db, asked.batch_id, actor=actor, action="reject_batch", locked=True)
    _move(db, found.id, "reject", at=at, by=actor, reason=asked.reason)
    lines = lines_of(db, [found.id])
    claims.move_all(db, [line.claim_id for line in lines], "free", at=at, by=actor, reason=asked.reason, batch_id=None)
    _move_lines(db, [BankResult(line.id, FREED, None, asked.reason) for line in lines], "free")
    return batch(db, found.id, actor=actor)


def record_bank_results(
    db: Connection, files: FileStore, *, asked: RecordBankResults, actor: Actor, at: datetime
) -> BatchView:
    """Record what the bank says of the batch's lines: what it paid is paid, what failed is free for another batch.

    All of the file or nothing; what was recorded before changes nothing. Raises BatchNotMovable and the refusals of
    `bank_files` and `bank_results`.
    """
    found = batch_for(db, asked.batch_id, actor=actor, action="record_bank_results", locked=True)
    if found.state not in (APPROVED, SETTLED, PARTLY_SETTLED):
        raise BatchNotMovable(state=found.state, move="settle")
    with files.open(asked.file.sha256) as stream:
        rows = rows_of(stream)
    lines = lines_of(db, [found.id])
    awaited = [AwaitedLine(line.id, line.end_to_end_id, line.amount_fen, line.state) for line in lines]
    new = match(rows, awaited)
    paid = [result for result in new if result.state == PAID]
    failed = [result for result in new if result.state == FAILED]
    by_id = {line.id: line for line in lines}
    _fail(db, failed, by_id, at=at, by=actor)
    _pay(db, found, paid, by_id, at=at, by=actor)
    states = {line.id: line.state for line in lines} | {result.line_id: result.state for result in new}
    if new and (verb := ending(states.values())):
        _move(db, found.id, verb, at=at, by=actor)
    if new:
        db.execute(
            insert(bank_result_files).values(
                batch_id=found.id,
                sha256=asked.file.sha256,
                name=asked.file.name,
                paid=len(paid),
                failed=len(failed),
                at=at,
                by_id=actor.person_id,
                by_name=actor.name,
            )
        )
    return batch(db, found.id, actor=actor)


def _fail(
    db: Connection, failed: Sequence[BankResult], lines: dict[UUID, Row[Any]], *, at: datetime, by: Actor
) -> None:
    _move_lines(db, failed, "fail")
    by_reason: dict[str | None, list[UUID]] = defaultdict(list)
    for result in failed:
        by_reason[result.reason].append(lines[result.line_id].claim_id)
    for reason, claim_ids in by_reason.items():
        moved = claims.move_all(db, claim_ids, "free", at=at, by=by, reason=reason, batch_id=None)
        if len(moved) != len(claim_ids):
            raise RuntimeError("a claim of a locked batch moved while its payment failed")


def _pay(
    db: Connection, found: Row[Any], paid: Sequence[BankResult], lines: dict[UUID, Row[Any]], *, at: datetime, by: Actor
) -> None:
    _move_lines(db, paid, "pay")
    moved = claims.move_all(
        db,
        [lines[result.line_id].claim_id for result in paid],
        "pay",
        at=at,
        by=by,
        paid_fen=claims_table.c.approved_fen,
    )
    if len(moved) != len(paid):
        raise RuntimeError("a claim of a locked batch moved while it was being paid")
    payments: dict[int, list[ledger.Payment]] = defaultdict(list)
    for line in (lines[result.line_id] for result in paid):
        payments[line.year].append(ledger.Payment(line.order_id, line.claim_id, line.site_code, line.amount_fen))
    for year in sorted(payments):
        ledger.pay(db, fund_id=found.fund_id, year=year, batch_id=found.id, payments=payments[year], at=at, by=by)


def _ready(db: Connection, asked: MakeBatch, *, actor: Actor) -> Sequence[Row[Any]]:
    """Return the claims to be settled, locked: those named, or all of the period that the actor may settle."""
    visible, given = visible_to(actor, "make_batch", fund="f.path")
    conditions = [visible]
    if asked.fund_id:
        conditions.append("c.fund_id = :fund")
        given["fund"] = asked.fund_id
    if asked.claim_ids:
        conditions.append("c.id = ANY(:claims)")
        given["claims"] = list(asked.claim_ids)
    given["period"] = asked.period
    return db.execute(text(_READY.format(conditions=" AND ".join(conditions))), given).all()


def _next_number(db: Connection, fund_id: UUID, *, period: str) -> str:
    """Return the number of the fund's next batch of the period; two who ask at once wait for each other."""
    fund = db.execute(select(funds.c.code).where(funds.c.id == fund_id).with_for_update(key_share=True)).one()
    made = db.execute(
        select(func.count()).select_from(batches).where(batches.c.fund_id == fund_id, batches.c.period == period)
    ).scalar_one()
    return f"{fund.code}-{period.replace('-', '')}-{made + 1:02d}"


def _move(
    db: Connection, batch_id: UUID, verb: str, *, at: datetime, by: Actor, reason: str | None = None, **fields: Any
) -> None:
    """Move the batch; raises BatchNotMovable when its state does not allow it."""
    sources, target = MOVES[verb]
    changed = db.execute(
        update(batches)
        .where(batches.c.id == batch_id, batches.c.state.in_(sorted(sources)))
        .values(state=target, reason=reason, version=batches.c.version + 1, **fields)
    )
    if changed.rowcount == 0:
        state = db.execute(select(batches.c.state).where(batches.c.id == batch_id)).scalar_one()
        raise BatchNotMovable(state=state, move=verb)
    _remember(db, batch_id, verb, target, at=at, by=by, reason=reason)


def _move_lines(db: Connection, results: Sequence[BankResult], verb: str) -> None:
    """Move lines of a locked batch, with what the bank says of each."""
    sources, target = LINE_MOVES[verb]
    changed = db.execute(
        _MOVE_LINES,
        {
            "state": target,
            "sources": sorted(sources),
            "ids": [result.line_id for result in results],
            "references": [result.reference for result in results],
            "reasons": [result.reason for result in results],
        },
    )
    if changed.rowcount != len(results):
        raise RuntimeError(f"lines of a locked batch changed while it was to {verb} them")


def _remember(
    db: Connection, batch_id: UUID, verb: str, state: str, *, at: datetime, by: Actor, reason: str | None
) -> None:
    db.execute(
        insert(batch_history).values(
            batch_id=batch_id, move=verb, state=state, at=at, by_id=by.person_id, by_name=by.name, reason=reason
        )
    )
