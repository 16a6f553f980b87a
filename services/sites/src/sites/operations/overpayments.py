"""What a site was paid too much (S12): reported in writing, confirmed by another person, kept back or paid back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from contracts.sites.overpayments import (
    MoveOverpayment,
    OverpaymentView,
    RecordRepayment,
    RefuseOverpayment,
    ReportOverpayment,
)
from sqlalchemy import Connection, Row, case, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from sites.domain.amounts import yuan
from sites.domain.batches import SamePerson
from sites.domain.claims import must_be_disinterested
from sites.domain.overpayments import (
    MOVES,
    OPEN,
    PROPOSED,
    RECOVERED,
    ClaimNotPaid,
    Due,
    MoreThanOwed,
    MoreThanPaid,
    Offset,
    OverpaymentNotMovable,
    Owed,
    offsets_of,
)
from sites.operations import ledger
from sites.queries.claims import claim_for
from sites.queries.overpayments import overpayment, overpayment_for
from sites.tables.settlement import line_offsets, overpayments, repayments

__all__ = ["Due", "Offset", "confirm", "give_back", "keep", "recover", "refuse", "repay", "report", "reserve"]

_OF_LINES: Final = """
UPDATE overpayments AS o
   SET reserved_fen = o.reserved_fen - kept.fen, {more} version = o.version + 1
  FROM (SELECT overpayment_id, sum(amount_fen)::bigint AS fen
          FROM line_offsets WHERE line_id = ANY(:lines) GROUP BY overpayment_id) AS kept
 WHERE o.id = kept.overpayment_id
RETURNING o.claim_id, o.year, kept.fen, (SELECT code FROM sites WHERE id = o.site_id) AS site_code
"""
_GIVE_BACK: Final = text(_OF_LINES.format(more=""))
_RECOVER: Final = text(
    _OF_LINES.format(
        more="recovered_fen = o.recovered_fen + kept.fen,"
        " state = CASE WHEN o.recovered_fen + kept.fen = o.amount_fen THEN 'recovered' ELSE o.state END,"
    )
)


def report(db: Connection, *, asked: ReportOverpayment, actor: Actor, at: datetime) -> OverpaymentView:
    """Say in writing that a paid claim was paid too much. Raises NotFound, ClaimNotPaid, MoreThanPaid."""
    claim = claim_for(db, asked.claim_id, actor=actor, action="report_overpayment", locked=True)
    if claim.paid_fen is None:
        raise ClaimNotPaid()
    _must_be_paid(db, claim.id, claim.paid_fen, more_fen=asked.amount_fen)
    overpayment_id = uuid4()
    db.execute(
        insert(overpayments).values(
            id=overpayment_id,
            fund_id=claim.fund_id,
            year=claim.year,
            claim_id=claim.id,
            site_id=claim.site_id,
            amount_fen=asked.amount_fen,
            reason=asked.reason,
            state=PROPOSED,
            reported_by_id=actor.person_id,
            reported_by=actor.name,
            reported_at=at,
        )
    )
    return overpayment(db, overpayment_id, actor=actor)


def confirm(db: Connection, *, asked: MoveOverpayment, actor: Actor, at: datetime) -> OverpaymentView:
    """Book what another person reported: the site owes it from now on.

    Raises OverpaymentNotMovable, SamePerson, OwnSiteOrBranch.
    """
    found = overpayment_for(db, asked.overpayment_id, actor=actor, action="confirm_overpayment", locked=True)
    actor.must_be_fresh(at)
    if found.reported_by_id == actor.person_id:
        raise SamePerson()
    must_be_disinterested(actor.grants, site_path=found.site_path, branch_path=found.branch_path)
    _decide(db, found, "confirm", at=at, by=actor)
    ledger.move_overpayment(
        db,
        fund_id=found.fund_id,
        year=found.year,
        reason="overpayment_found",
        lines=[ledger.Overpaid(found.claim_id, found.site_code, found.amount_fen)],
        at=at,
        by=actor,
    )
    return overpayment(db, found.id, actor=actor)


def refuse(db: Connection, *, asked: RefuseOverpayment, actor: Actor, at: datetime) -> OverpaymentView:
    """Refuse a report, or take one's own back. Raises OverpaymentNotMovable, OwnSiteOrBranch."""
    found = overpayment_for(db, asked.overpayment_id, actor=actor, action="refuse_overpayment", locked=True)
    if found.reported_by_id != actor.person_id:
        must_be_disinterested(actor.grants, site_path=found.site_path, branch_path=found.branch_path)
    _decide(db, found, "refuse", at=at, by=actor, refusal=asked.reason)
    return overpayment(db, found.id, actor=actor)


def repay(db: Connection, *, asked: RecordRepayment, actor: Actor, at: datetime) -> OverpaymentView:
    """Record what the site paid back, once for each of the bank's references.

    Raises OverpaymentNotMovable, OwnSiteOrBranch, MoreThanOwed for more than is owed and no batch keeps back.
    """
    found = overpayment_for(db, asked.overpayment_id, actor=actor, action="record_repayment", locked=True)
    actor.must_be_fresh(at)
    must_be_disinterested(actor.grants, site_path=found.site_path, branch_path=found.branch_path)
    repayment = {
        "id": uuid4(),
        "overpayment_id": found.id,
        "amount_fen": asked.amount_fen,
        "reference": asked.reference,
        "at": at,
        "by_id": actor.person_id,
        "by_name": actor.name,
    }
    if db.execute(insert_new(repayments).values(repayment).on_conflict_do_nothing()).rowcount == 0:
        return overpayment(db, found.id, actor=actor)
    if found.state not in MOVES["recover"][0]:
        raise OverpaymentNotMovable(state=found.state, move="recover")
    owed_fen = found.amount_fen - found.recovered_fen - found.reserved_fen
    if asked.amount_fen > owed_fen:
        raise MoreThanOwed(owed=yuan(owed_fen))
    recovered_fen = overpayments.c.recovered_fen + asked.amount_fen
    db.execute(
        update(overpayments)
        .where(overpayments.c.id == found.id)
        .values(
            recovered_fen=recovered_fen,
            state=case((recovered_fen == overpayments.c.amount_fen, RECOVERED), else_=OPEN),
            version=overpayments.c.version + 1,
        )
    )
    ledger.move_overpayment(
        db,
        fund_id=found.fund_id,
        year=found.year,
        reason="overpayment_repaid",
        lines=[ledger.Overpaid(found.claim_id, found.site_code, asked.amount_fen)],
        at=at,
        by=actor,
    )
    return overpayment(db, found.id, actor=actor)


# ---- for batches -----------------------------------------------------------------------------------------------------


def reserve(db: Connection, *, fund_id: UUID, dues: Sequence[Due]) -> list[Offset]:
    """Reserve for lines that are being made what their sites owe, oldest first; returns what each line keeps back."""
    waiting = db.execute(
        select(overpayments)
        .where(
            overpayments.c.fund_id == fund_id,
            overpayments.c.state == OPEN,
            overpayments.c.site_id.in_({due.site_id for due in dues}),
        )
        .order_by(overpayments.c.id)
        .with_for_update()
    ).all()
    owed = [
        Owed(row.id, row.site_id, row.amount_fen - row.recovered_fen - row.reserved_fen)
        for row in sorted(waiting, key=lambda row: (row.reported_at, row.id))
    ]
    offsets = offsets_of(dues, [each for each in owed if each.amount_fen])
    reserved: dict[UUID, int] = defaultdict(int)
    for offset in offsets:
        reserved[offset.overpayment_id] += offset.amount_fen
    for overpayment_id, amount_fen in reserved.items():
        db.execute(
            update(overpayments)
            .where(overpayments.c.id == overpayment_id)
            .values(reserved_fen=overpayments.c.reserved_fen + amount_fen, version=overpayments.c.version + 1)
        )
    return offsets


def keep(db: Connection, offsets: Sequence[Offset]) -> None:
    """Write down what lines keep back, once they are there."""
    if offsets:
        db.execute(
            insert(line_offsets),
            [
                {"line_id": each.line_id, "overpayment_id": each.overpayment_id, "amount_fen": each.amount_fen}
                for each in offsets
            ],
        )


def give_back(db: Connection, line_ids: Sequence[UUID]) -> None:
    """Free what lines that will not be paid had reserved; another batch keeps it back."""
    if line_ids:
        db.execute(_GIVE_BACK, {"lines": list(line_ids)})


def recover(db: Connection, line_ids: Sequence[UUID]) -> dict[int, list[ledger.Overpaid]]:
    """Count what paid lines kept back as recovered; returns by the overpayment's year what the ledger has to know."""
    recovered: dict[int, list[ledger.Overpaid]] = defaultdict(list)
    if line_ids:
        for row in db.execute(_RECOVER, {"lines": list(line_ids)}).all():
            recovered[row.year].append(ledger.Overpaid(row.claim_id, row.site_code, row.fen))
    return recovered


def _decide(db: Connection, found: Row[Any], verb: str, *, at: datetime, by: Actor, refusal: str | None = None) -> None:
    sources, target = MOVES[verb]
    changed = db.execute(
        update(overpayments)
        .where(overpayments.c.id == found.id, overpayments.c.state.in_(sorted(sources)))
        .values(
            state=target,
            decided_by_id=by.person_id,
            decided_by=by.name,
            decided_at=at,
            refusal=refusal,
            version=overpayments.c.version + 1,
        )
    )
    if changed.rowcount == 0:
        raise OverpaymentNotMovable(state=found.state, move=verb)


def _must_be_paid(db: Connection, claim_id: UUID, paid_fen: int, *, more_fen: int) -> None:
    """Raise MoreThanPaid when the claim's overpayments would be more than was paid; the claim is locked."""
    reported = select(overpayments.c.amount_fen).where(
        overpayments.c.claim_id == claim_id, overpayments.c.state != "refused"
    )
    if sum(db.execute(reported).scalars()) + more_fen > paid_fen:
        raise MoreThanPaid()
