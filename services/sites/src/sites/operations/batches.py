"""Settlement (S12): one person makes a batch of approved claims, another approves it, a third pays, the bank answers.

Locks are always taken in the sequence batch, claims, overpayments, lines, fund, ledger.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.files import FileStore
from chassis.refusals import InvalidInput
from contracts.sites.batches import (
    BatchAsked,
    BatchView,
    HandOverBatch,
    MakeBatch,
    MoveBatch,
    MoveBatchWithReason,
    RecordBankResults,
)
from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.amounts import yuan
from sites.domain.bank_results import AwaitedLine, BankResult, Report, match, must_answer, rows_of_all
from sites.domain.batches import (
    APPROVED,
    FAILED,
    FREED,
    LINE_MOVES,
    MOVES,
    PAID,
    PREPARED,
    WAITING,
    WITH_FILE,
    AllHeld,
    BatchNotMovable,
    ClaimInOtherBatch,
    FileNotTaken,
    MinutesMissing,
    NotHandedOver,
    NothingFailed,
    NothingLeft,
    NothingToSettle,
    NotPublished,
    PayeeMissing,
    PayerOnly,
    PublicityRuns,
    SeveralFunds,
    ending,
    must_be_other,
)
from sites.domain.claims import must_be_disinterested
from sites.domain.days import day_of
from sites.domain.publicity import public_until
from sites.operations import bank_files, claims, file_layouts, ledger, overpayments, reconciliation
from sites.queries.batches import batch, batch_for, lines_of
from sites.queries.fund_settings import settings_on
from sites.queries.scopes import visible_to
from sites.tables.money import bank_result_files, batch_history, batch_lines, batches, funds, payment_files
from sites.tables.money import claims as claims_table

BY_OFFSET: Final = "OFFSET"
"""The reference of a line that needs no bank: all of it is kept back for an overpayment."""

_READY: Final = """
SELECT c.id, c.fund_id, c.site_id, s.name AS site_name, c.approved_fen, c.approved_fen AS amount_fen, p.id AS payee_id,
       CASE WHEN p.id IS NULL THEN 'payee_missing'
            WHEN p.held_until > :at THEN 'payee_held'
            WHEN EXISTS (SELECT FROM objections o WHERE o.claim_id = c.id AND o.state = 'open') THEN 'objection'
       END AS held
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN funds f ON f.id = c.fund_id
  LEFT JOIN payees p ON p.site_id = c.site_id AND p.active_until IS NULL
 WHERE c.state = 'approved' AND c.period = :period AND {conditions}
 ORDER BY s.code, c.visit_on, c.id
   FOR NO KEY UPDATE OF c
"""

# Asked once the claims are locked: an appeal that was under way is there by then.
_APPEALED: Final = text("SELECT claim_id FROM claim_appeals WHERE claim_id = ANY(:claims) AND state = 'filed'")

_DECIDED_ON: Final = text("""
SELECT s.managing_path AS site_path, o.path AS branch_path,
       (SELECT array_agg(h.by_id) FROM claim_history h
         WHERE h.claim_id = c.id AND h.move IN ('sign', 'approve', 'return', 'raise')) AS prepared_by
  FROM claims c
  JOIN sites s ON s.id = c.site_id
  JOIN organisations o ON o.id = c.branch_id
 WHERE c.batch_id = :batch
""")

# The lines that may not go to the bank now: somebody objects, or the account is not the site's any more, or held.
_HELD: Final = text("""
SELECT l.id, l.claim_id, l.amount_fen, l.offset_fen, s.name AS site_name,
       CASE WHEN EXISTS (SELECT FROM objections o WHERE o.claim_id = l.claim_id AND o.state = 'open') THEN 'objection'
            ELSE 'payee_held' END AS held
  FROM batch_lines l
  JOIN claims c ON c.id = l.claim_id
  JOIN sites s ON s.id = c.site_id
  JOIN payees p ON p.id = l.payee_id
 WHERE l.batch_id = :batch AND l.state = 'waiting'
   AND (p.active_until IS NOT NULL OR p.held_until > :at
        OR EXISTS (SELECT FROM objections o WHERE o.claim_id = l.claim_id AND o.state = 'open'))
 ORDER BY l.number
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

    Claims whose payee is held or missing, or to which somebody objects, are left out, and the batch says so. What a
    site was paid too much before is kept back from its lines. Raises NothingToSettle, SeveralFunds, PayeeMissing,
    AllHeld; ClaimInOtherBatch for a named claim that is not ready.
    """
    ready = _ready(db, asked, actor=actor, at=at)
    actor.must_be_fresh(at)
    if missing := set(asked.claim_ids or ()) - {claim.id for claim in ready}:
        raise ClaimInOtherBatch(claim=str(min(missing)))
    if not ready:
        raise NothingToSettle(period=asked.period)
    if len({claim.fund_id for claim in ready}) > 1:
        raise SeveralFunds()
    payable = [claim for claim in ready if claim.held is None]
    if not payable:
        without = next((claim.site_name for claim in ready if claim.held == "payee_missing"), None)
        if without:
            raise PayeeMissing(site=without)
        raise AllHeld(period=asked.period)
    fund_id = payable[0].fund_id
    lines = [(uuid4(), claim) for claim in payable]
    offsets = overpayments.reserve(
        db,
        fund_id=fund_id,
        dues=[overpayments.Due(line_id, claim.site_id, claim.approved_fen) for line_id, claim in lines],
    )
    kept_back: Counter[UUID] = Counter()
    for offset in offsets:
        kept_back[offset.line_id] += offset.amount_fen
    number = _next_number(db, fund_id, period=asked.period)
    settings = settings_on(db, fund_id, day_of(at))
    batch_id = uuid4()
    db.execute(
        insert(batches).values(
            id=batch_id,
            number=number,
            fund_id=fund_id,
            period=asked.period,
            state=PREPARED,
            count=len(payable),
            total_fen=sum(claim.approved_fen for claim in payable),
            offset_fen=kept_back.total(),
            left_out=left_out(claim for claim in ready if claim.held),
            separate_payer=settings.separate_payer,
            publicity_days=settings.publicity_days,
            prepared_by_id=actor.person_id,
            prepared_by=actor.name,
            prepared_at=at,
        )
    )
    _remember(db, batch_id, "prepare", PREPARED, at=at, by=actor, reason=None)
    claims.move_all(db, [claim.id for claim in payable], "batch", at=at, by=actor, batch_id=batch_id)
    db.execute(
        insert(batch_lines),
        [
            {
                "id": line_id,
                "batch_id": batch_id,
                "number": place,
                "end_to_end_id": f"{number}-{place:05d}",
                "claim_id": claim.id,
                "payee_id": claim.payee_id,
                "amount_fen": claim.approved_fen,
                "offset_fen": kept_back[line_id],
                "state": WAITING,
            }
            for place, (line_id, claim) in enumerate(lines, start=1)
        ],
    )
    overpayments.keep(db, offsets)
    return batch(db, batch_id, actor=actor)


def make_of_failed(db: Connection, *, asked: BatchAsked, actor: Actor, at: datetime) -> BatchView:
    """Put the claims of this batch that the bank could not pay into a new one. Raises NothingFailed, and as `make`."""
    found = batch_for(db, asked.batch_id, actor=actor, action="make_batch")
    waiting = db.execute(
        select(claims_table.c.id)
        .join(batch_lines, batch_lines.c.claim_id == claims_table.c.id)
        .where(batch_lines.c.batch_id == found.id, batch_lines.c.state == FAILED, claims_table.c.state == "approved")
    ).scalars()
    claim_ids = list(waiting)
    if not claim_ids:
        raise NothingFailed()
    again = MakeBatch(period=found.period, fund_id=found.fund_id, claim_ids=claim_ids)
    return make(db, asked=again, actor=actor, at=at)


def publish(db: Connection, *, asked: MoveBatch, actor: Actor, at: datetime) -> BatchView:
    """Put the batch before everybody's eyes for the days that its fund asks for. Raises BatchNotMovable."""
    found = batch_for(db, asked.batch_id, actor=actor, action="publish_batch", locked=True)
    until = public_until(at, days=found.publicity_days)
    _move(db, found.id, "publish", at=at, by=actor, published_at=at, public_until=until)
    return batch(db, found.id, actor=actor)


def approve(db: Connection, *, asked: MoveBatch, actor: Actor, at: datetime) -> BatchView:
    """Let the batch go to the bank. Lines that are held by now leave it; their claims wait for another one.

    Raises BatchNotMovable, SamePerson, OwnSiteOrBranch, NotPublished, PublicityRuns, NothingLeft, MinutesMissing.
    """
    found = batch_for(db, asked.batch_id, actor=actor, action="approve_batch", locked=True)
    actor.must_be_fresh(at)
    if found.state not in MOVES["approve"][0]:
        raise BatchNotMovable(state=found.state, move="approve")
    _must_be_disinterested(db, found, {found.prepared_by_id}, actor=actor)
    if found.publicity_days:
        if found.state == PREPARED:
            raise NotPublished(days=found.publicity_days)
        if day_of(at) <= found.public_until:
            raise PublicityRuns(until=found.public_until.isoformat())
    held = db.execute(_HELD, {"batch": found.id, "at": at}).all()
    if len(held) == found.lines_count:
        raise NothingLeft()
    total_fen = found.total_fen - sum(line.amount_fen for line in held)
    if total_fen > found.minutes_above_fen and not asked.minutes_number:
        raise MinutesMissing(total=yuan(total_fen), limit=yuan(found.minutes_above_fen))
    _take_out(db, found.id, held, at=at, by=actor)
    _move(
        db,
        found.id,
        "approve",
        at=at,
        by=actor,
        approved_by_id=actor.person_id,
        approved_by=actor.name,
        approved_at=at,
        minutes_number=asked.minutes_number,
        layout_id=file_layouts.in_force(db, found.fund_id, "payment").id,
    )
    _pay_without_bank(db, found, at=at, by=actor)
    return batch(db, found.id, actor=actor)


def hand_over(db: Connection, *, asked: HandOverBatch, actor: Actor, at: datetime) -> BatchView:
    """Say that the payment file was handed to the bank: by a third person, and which file.

    Raises BatchNotMovable, PayerOnly, OwnSiteOrBranch, FileNotTaken; InvalidInput for a time that lies ahead.
    """
    found = batch_for(db, asked.batch_id, actor=actor, action="hand_over_batch", locked=True)
    actor.must_be_fresh(at)
    if found.state not in MOVES["hand_over"][0]:
        raise BatchNotMovable(state=found.state, move="hand_over")
    if actor.person_id in (found.prepared_by_id, found.approved_by_id):
        raise PayerOnly()
    _must_be_disinterested(db, found, set(), actor=actor)
    handed_at = asked.handed_at or at
    if not found.approved_at <= handed_at <= at:
        raise InvalidInput({"handed_at": ["Give a time between the approval and now."]})
    taken = select(payment_files.c.id).where(
        payment_files.c.batch_id == found.id, payment_files.c.sha256 == asked.sha256
    )
    if db.execute(taken.limit(1)).first() is None:
        raise FileNotTaken()
    _move(
        db,
        found.id,
        "hand_over",
        at=at,
        by=actor,
        handed_by_id=actor.person_id,
        handed_by=actor.name,
        handed_at=handed_at,
        file_sha256=asked.sha256,
    )
    return batch(db, found.id, actor=actor)


def reject(db: Connection, *, asked: MoveBatchWithReason, actor: Actor, at: datetime) -> BatchView:
    """Send the batch back; its claims are free for another one. Raises BatchNotMovable."""
    found = batch_for(db, asked.batch_id, actor=actor, action="reject_batch", locked=True)
    _move(db, found.id, "reject", at=at, by=actor, reason=asked.reason)
    lines = [line for line in lines_of(db, [found.id]) if line.state == WAITING]
    claims.move_all(db, [line.claim_id for line in lines], "free", at=at, by=actor, reason=asked.reason, batch_id=None)
    overpayments.give_back(db, [line.id for line in lines if line.offset_fen])
    _move_lines(db, [BankResult(line.id, FREED, None, asked.reason) for line in lines], "free")
    return batch(db, found.id, actor=actor)


def take_out(db: Connection, batch_id: UUID, line_id: UUID, *, reason: str, at: datetime, by: Actor) -> None:
    """Take one line out of a batch that is not approved, whose row is locked; the last one takes the batch along."""
    lines_count = db.execute(select(batches.c.count).where(batches.c.id == batch_id)).scalar_one()
    line = next(line for line in lines_of(db, [batch_id]) if line.id == line_id)
    if lines_count == 1:
        _move(db, batch_id, "reject", at=at, by=by, reason=reason)
    _take_out(db, batch_id, [line], at=at, by=by, reason=reason, counts=lines_count > 1)


def record_bank_results(
    db: Connection, files: FileStore, *, asked: RecordBankResults, actor: Actor, at: datetime
) -> BatchView:
    """Record what the bank says of the batch's lines: what it paid is paid, what failed is free for another batch.

    All of the file or nothing; what was recorded before changes nothing. Raises BatchNotMovable, NotHandedOver and the
    refusals of `bank_files` and `bank_results`.
    """
    found = batch_for(db, asked.batch_id, actor=actor, action="record_bank_results", locked=True)
    if found.state not in WITH_FILE:
        raise BatchNotMovable(state=found.state, move="settle")
    if found.separate_payer and found.state == APPROVED:
        raise NotHandedOver()
    with files.open(asked.file.sha256) as stream:
        file = bank_files.read(stream)
    lines = [line for line in lines_of(db, [found.id]) if line.state != FREED]
    awaited = [
        AwaitedLine(line.id, line.end_to_end_id, line.amount_fen - line.offset_fen, line.state)
        for line in lines
        if line.amount_fen > line.offset_fen
    ]
    answer = match(
        _rows_in(file, awaited, number=found.number), awaited, needs_amounts=file.kind != bank_files.PAIN_002
    )
    new = answer.new
    paid = [result for result in new if result.state == PAID]
    failed = [result for result in new if result.state == FAILED]
    by_id = {line.id: line for line in lines}
    _fail(db, failed, by_id, at=at, by=actor)
    _pay(db, found, paid, by_id, at=at, by=actor)
    states = {line.id: line.state for line in lines} | {result.line_id: result.state for result in new}
    if new and (verb := ending(states.values())):
        _move(db, found.id, verb, at=at, by=actor)
    if new or answer.pending:
        _remember_file(db, found.id, asked, paid=len(paid), failed=len(failed), pending=answer.pending, at=at, by=actor)
    if paid:
        reconciliation.reconcile(db, found.fund_id, at=at)
    return batch(db, found.id, actor=actor)


def left_out(held: Iterable[Row[Any]]) -> list[dict[str, Any]]:
    """Return what is left out of a batch, by site and reason: {site, reason, count, amount_fen}."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in held:
        each = sums[one.site_name, one.held]
        each[0] += 1
        each[1] += one.amount_fen
    return [
        {"site": site, "reason": reason, "count": count, "amount_fen": amount_fen}
        for (site, reason), (count, amount_fen) in sorted(sums.items())
    ]


def _rows_in(file: bank_files.BankFile, awaited: Sequence[AwaitedLine], *, number: str) -> list[list[str]]:
    """Return the rows of the bank's answer; one that answers another batch, or is a statement, is refused."""
    if file.kind == bank_files.CAMT_053:
        raise bank_files.BankFileUnreadable(rows_max=bank_files.ROWS_MAX)
    if file.kind == bank_files.TABLE:
        return file.rows
    head = file.head
    report = Report(**head)
    must_answer(report, number=number, lines=awaited)
    return file.rows or rows_of_all(report, awaited)


def _must_be_disinterested(db: Connection, found: Row[Any], others: set[UUID], *, actor: Actor) -> None:
    """Raise SamePerson, OwnSiteOrBranch unless the actor had no part in the batch's claims (precise rule 9)."""
    decided_on = db.execute(_DECIDED_ON, {"batch": found.id}).all()
    must_be_other(
        actor.person_id,
        prepared_by={*others, *(person for claim in decided_on for person in claim.prepared_by or ())},
    )
    for site_path, branch_path in {(claim.site_path, claim.branch_path) for claim in decided_on}:
        must_be_disinterested(actor.grants, site_path=site_path, branch_path=branch_path)


def _take_out(
    db: Connection,
    batch_id: UUID,
    lines: Sequence[Row[Any]],
    *,
    at: datetime,
    by: Actor,
    reason: str | None = None,
    counts: bool = True,
) -> None:
    """Free waiting lines of a locked batch and their claims; the batch's count and sums follow."""
    if not lines:
        return
    for why in sorted({_why(line, reason) for line in lines}):
        ids = [line.claim_id for line in lines if _why(line, reason) == why]
        claims.move_all(db, ids, "free", at=at, by=by, reason=why, batch_id=None)
    overpayments.give_back(db, [line.id for line in lines if line.offset_fen])
    _move_lines(db, [BankResult(line.id, FREED, None, _why(line, reason)) for line in lines], "free")
    if counts:
        left = left_out(lines) if reason is None else []
        db.execute(
            update(batches)
            .where(batches.c.id == batch_id)
            .values(
                count=batches.c.count - len(lines),
                total_fen=batches.c.total_fen - sum(line.amount_fen for line in lines),
                offset_fen=batches.c.offset_fen - sum(line.offset_fen for line in lines),
                left_out=text("left_out || CAST(:left AS jsonb)").bindparams(left=json.dumps(left)),
            )
        )


def _why(line: Row[Any], reason: str | None) -> str:
    return reason or {"objection": "公示期间有异议，待处理", "payee_held": "收款账户有变更，暂停付款"}[line.held]


def _pay_without_bank(db: Connection, found: Row[Any], *, at: datetime, by: Actor) -> None:
    """Pay the lines of a batch just approved of which nothing is left to pay; a batch of such lines is settled."""
    lines = [line for line in lines_of(db, [found.id]) if line.state == WAITING]
    paid = [BankResult(line.id, PAID, BY_OFFSET, None) for line in lines if line.amount_fen == line.offset_fen]
    _pay(db, found, paid, {line.id: line for line in lines}, at=at, by=by)
    if paid and len(paid) == len(lines):
        _move(db, found.id, "settle", at=at, by=by)


def _fail(
    db: Connection, failed: Sequence[BankResult], lines: dict[UUID, Row[Any]], *, at: datetime, by: Actor
) -> None:
    if not failed:
        return
    by_reason: dict[str | None, list[UUID]] = defaultdict(list)
    for result in failed:
        by_reason[result.reason].append(lines[result.line_id].claim_id)
    moved = 0
    for reason, claim_ids in by_reason.items():
        moved += len(claims.move_all(db, claim_ids, "free", at=at, by=by, reason=reason, batch_id=None))
    if moved != len(failed):
        raise RuntimeError("a claim of a locked batch moved while its payment failed")
    overpayments.give_back(db, [result.line_id for result in failed if lines[result.line_id].offset_fen])
    _move_lines(db, failed, "fail")


def _pay(
    db: Connection, found: Row[Any], paid: Sequence[BankResult], lines: dict[UUID, Row[Any]], *, at: datetime, by: Actor
) -> None:
    if not paid:
        return
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
    kept_back = overpayments.recover(db, [result.line_id for result in paid if lines[result.line_id].offset_fen])
    _move_lines(db, paid, "pay")
    payments: dict[int, list[ledger.Payment]] = defaultdict(list)
    for line in (lines[result.line_id] for result in paid):
        payments[line.year].append(ledger.Payment(line.order_id, line.claim_id, line.site_code, line.amount_fen))
    for year in sorted({*payments, *kept_back}):
        if year in payments:
            ledger.pay(db, fund_id=found.fund_id, year=year, batch_id=found.id, payments=payments[year], at=at, by=by)
        if year in kept_back:
            ledger.move_overpayment(
                db,
                fund_id=found.fund_id,
                year=year,
                reason="overpayment_offset",
                lines=kept_back[year],
                batch_id=found.id,
                at=at,
                by=by,
            )


def _remember_file(
    db: Connection,
    batch_id: UUID,
    asked: RecordBankResults,
    *,
    paid: int,
    failed: int,
    pending: int,
    at: datetime,
    by: Actor,
) -> None:
    # The same file again says something new only where its lines were on their way before; it is kept once.
    db.execute(
        insert_new(bank_result_files)
        .values(
            batch_id=batch_id,
            sha256=asked.file.sha256,
            name=asked.file.name,
            paid=paid,
            failed=failed,
            pending=pending,
            at=at,
            by_id=by.person_id,
            by_name=by.name,
        )
        .on_conflict_do_nothing()
    )


def _ready(db: Connection, asked: MakeBatch, *, actor: Actor, at: datetime) -> Sequence[Row[Any]]:
    """Return the claims to be settled, locked: those named, or all of the period that the actor may settle.

    One that its site appeals for is not among them.
    """
    visible, given = visible_to(actor, "make_batch", fund="f.path")
    conditions = [visible]
    if asked.fund_id:
        conditions.append("c.fund_id = :fund")
        given["fund"] = asked.fund_id
    if asked.claim_ids:
        conditions.append("c.id = ANY(:claims)")
        given["claims"] = list(asked.claim_ids)
    given |= {"period": asked.period, "at": at}
    ready = db.execute(text(_READY.format(conditions=" AND ".join(conditions))), given).all()
    appealed = set(db.execute(_APPEALED, {"claims": [claim.id for claim in ready]}).scalars())
    return [claim for claim in ready if claim.id not in appealed]


def _next_number(db: Connection, fund_id: UUID, *, period: str) -> str:
    """Return the number of the fund's next batch of the period; two who ask at once wait for each other."""
    code = db.execute(select(funds.c.code).where(funds.c.id == fund_id).with_for_update(key_share=True)).scalar_one()
    made = db.execute(
        select(func.count()).select_from(batches).where(batches.c.fund_id == fund_id, batches.c.period == period)
    ).scalar_one()
    return f"{code}-{period.replace('-', '')}-{made + 1:02d}"


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
