"""What people decide about a check-in that a device accepted and the platform doubts (S8, precise rules 9 and 10).

flagged ──accept──▶ valid or duplicate   the visit counts; a cancelled order is brought back with its seats
   │    ──accept unpaid──▶ the same, and no fund pays
   └────reject──▶ rejected               nothing counts, nothing is paid
"""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import Refusal
from contracts.sites.visits import CheckInRecord, DecideCheckIn
from sqlalchemy import Connection, text, update

from sites.domain.claims import must_be_disinterested
from sites.domain.orders import unsubsidised
from sites.domain.policies import CapsMoved, CapsUsedUp
from sites.operations import ledger
from sites.queries.check_ins import check_in_for, view
from sites.tables.orders import check_ins, orders

_RESTORE: Final = text(
    "SELECT restore_order(:order, :is_paid, :reason, CAST(:unsubsidised AS jsonb), :at, :by, :by_name)"
)
_SLOT: Final = text("SELECT 1 FROM slots WHERE id = (SELECT slot_id FROM orders WHERE id = :order) FOR NO KEY UPDATE")
_SETTLE: Final = text("SELECT settle_check_ins(:order, :at)")


class CheckInDecided(Refusal):
    """This check-in is not in doubt, or somebody has decided about it already."""


def decide(db: Connection, *, asked: DecideCheckIn, actor: Actor, at: datetime) -> CheckInRecord:
    """Let a doubtful check-in count or not.

    Raises CheckInDecided, OwnSiteOrBranch, SlotFull, GroupsFull, FundExhausted, CapsUsedUp, NotFound.
    """
    row = check_in_for(db, asked.check_in_id, actor=actor, action="decide_check_in")
    must_be_disinterested(actor.grants, site_path=row.managing_path, branch_path=row.branch_path or "")
    if row.state != "flagged":
        raise CheckInDecided()
    db.execute(_SLOT, {"order": row.order_id})
    accepted = asked.decision != "reject"
    db.execute(
        update(check_ins)
        .where(check_ins.c.id == row.id)
        .values(
            state="duplicate" if accepted else "rejected",  # which one counts is settled below
            decided_at=at,
            decided_by_id=actor.person_id,
            decided_by=actor.name,
            decision_reason=asked.reason,
        )
    )
    if accepted:
        try:
            _count(db, row.order_id, is_paid=asked.decision == "accept", asked=asked, actor=actor, at=at)
        except CapsMoved:
            raise CapsUsedUp() from None
    return view(check_in_for(db, row.id, actor=actor, action="decide_check_in"))


def _count(db: Connection, order_id: UUID, *, is_paid: bool, asked: DecideCheckIn, actor: Actor, at: datetime) -> None:
    unpaid = json.dumps(unsubsidised("decided_unpaid"))
    db.execute(
        _RESTORE,
        {
            "order": order_id,
            "is_paid": is_paid,
            "reason": asked.reason,
            "unsubsidised": unpaid,
            "at": at,
            "by": actor.person_id,
            "by_name": actor.name,
        },
    )
    if not is_paid:
        # An order that was never cancelled still has its money set aside.
        now_unpaid = db.execute(
            update(orders)
            .where(orders.c.id == order_id, orders.c.state == "confirmed", orders.c.is_subsidised)
            .values(is_subsidised=False, subsidy_estimate_fen=0, subsidy_explanation=unsubsidised("decided_unpaid"))
        )
        if now_unpaid.rowcount:
            ledger.release(db, order_id=order_id, reason="nothing_due", at=at, by=actor)
    db.execute(_SETTLE, {"order": order_id, "at": at})
