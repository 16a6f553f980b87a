"""Closing a site, or a part of it, and telling all who have an order there (S5).

    open ──close──▶ closed ──lift──▶ open again, as far as it is still to come

A closed slot takes no orders. An order in it stands until its people move or cancel it; when the slot would begin it
is cancelled, so that nobody is counted as missing where nobody could come.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.outbox import tell
from chassis.refusals import InvalidInput
from contracts.envelope import load
from contracts.sites.calendars import CloseSite, ClosureRow, ClosureView, LiftClosure
from contracts.sites.events import VisitSlotClosed
from sqlalchemy import Connection, text

from sites.domain.drafts import ClosureLifted, faults_of_closure
from sites.operations import moves, slots
from sites.queries import closures as queries
from sites.queries.calendars import rules_row
from sites.tables.orders import orders

AT_ONCE_MAX: Final = 200
"""How many orders one run of the timer cancels; the next run takes the rest."""

_ENTER: Final = text("""
INSERT INTO closures (id, site_id, programme_id, space_id, slot_id, starts_at, ends_at, is_sudden, reason, note,
                      made_at, made_by_id, made_by)
VALUES (:id, :site_id, :programme_id, :space_id, :slot_id, :starts_at, :ends_at, :is_sudden, :reason, :note,
        :at, :by_id, :by)
""")
_LIFT: Final = text("""
UPDATE closures SET lifted_at = :at, lifted_by = :by WHERE id = :id AND site_id = :site_id AND lifted_at IS NULL
""")
_TELL: Final = text("""
INSERT INTO order_notices (id, order_id, slot_id, closure_id, told_at)
SELECT gen_random_uuid(), o.id, s.id, s.closure_id, :at
  FROM slots s
  JOIN orders o ON o.slot_id = s.id
 WHERE s.closure_id = ANY(:closures) AND o.state IN ('placed', 'confirmed') AND o.checked_in IS NULL
 ORDER BY o.id
ON CONFLICT (order_id, closure_id) DO NOTHING
RETURNING id, order_id
""")
_TOLD: Final = text("""
SELECT n.id, o.id AS order_id, o.branch_id, o.site_id, site.name AS site_name, o.starts_at, c.reason, c.note
  FROM order_notices n
  JOIN orders o ON o.id = n.order_id
  JOIN sites site ON site.id = o.site_id
  JOIN closures c ON c.id = n.closure_id
 WHERE n.id = ANY(:ids) AND o.branch_id IS NOT NULL
 ORDER BY n.id
""")
_BEGUN: Final = text("""
SELECT o.id, s.closed_reason
  FROM orders o
  JOIN slots s ON s.id = o.slot_id
 WHERE o.state IN ('placed', 'confirmed') AND o.checked_in IS NULL AND o.starts_at <= :at
   AND s.closure_id IS NOT NULL AND s.starts_at > :at - interval '2 days'
 ORDER BY o.id
 LIMIT :most
   FOR NO KEY UPDATE OF o SKIP LOCKED
""")


def close(db: Connection, *, asked: CloseSite, actor: Actor, at: datetime) -> ClosureView:
    """Close at once, and tell all who have an order there.

    Raises InvalidInput; NotFound, Forbidden.
    """
    row = rules_row(db, asked.site_id)
    actor.must("close_site", site=row["managing_path"])
    closure = ClosureRow(
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        reason=asked.reason,
        note=asked.note,
        programme_id=asked.programme_id,
        space_id=asked.space_id,
        slot_id=asked.slot_id,
    )
    faults = faults_of(db, asked.site_id, closure, at=at)
    if faults:
        raise InvalidInput(faults)
    slots.lock(db, asked.site_id)
    closure_id = enter(db, asked.site_id, closure, is_sudden=True, actor=actor, at=at)
    slots.remake(db, asked.site_id, at=at)
    tell_orders(db, [closure_id], at=at)
    return queries.closure(db, asked.site_id, closure_id)


def lift(db: Connection, *, asked: LiftClosure, actor: Actor, at: datetime) -> ClosureView:
    """Open again what is still to come. Raises ClosureLifted; NotFound, Forbidden."""
    row = rules_row(db, asked.site_id)
    actor.must("close_site", site=row["managing_path"])
    slots.lock(db, asked.site_id)
    done = db.execute(_LIFT, {"id": asked.closure_id, "site_id": asked.site_id, "at": at, "by": actor.name})
    found = queries.closure(db, asked.site_id, asked.closure_id)  # or NotFound
    if not done.rowcount:
        raise ClosureLifted()
    slots.remake(db, asked.site_id, at=at)
    return found


def enter(db: Connection, site_id: UUID, closure: ClosureRow, *, is_sudden: bool, actor: Actor, at: datetime) -> UUID:
    """Write a closure down and return its id; the slots are remade by the caller."""
    closure_id = uuid4()
    db.execute(
        _ENTER,
        {
            "id": closure_id,
            "site_id": site_id,
            "programme_id": closure.programme_id,
            "space_id": closure.space_id,
            "slot_id": closure.slot_id,
            "starts_at": closure.starts_at,
            "ends_at": closure.ends_at,
            "is_sudden": is_sudden,
            "reason": closure.reason,
            "note": closure.note or None,
            "at": at,
            "by_id": actor.person_id,
            "by": actor.name,
        },
    )
    return closure_id


def row_in(draft: Mapping[str, Any]) -> ClosureRow:
    """Return the closure that a draft holds."""
    return load(ClosureRow, dict(draft))


def of_draft(
    db: Connection, site_id: UUID, draft: Mapping[str, Any] | None, *, actor: Actor, at: datetime
) -> list[UUID]:
    """Write down the closure that a draft holds, if it does; returns its id in a list."""
    return [enter(db, site_id, row_in(draft), is_sudden=False, actor=actor, at=at)] if draft else []


def faults_of(db: Connection, site_id: UUID, closure: ClosureRow, *, at: datetime) -> dict[str, list[str]]:
    """Return what is wrong with a closure: its time, or a part that is none of the site."""
    faults = faults_of_closure(starts_at=closure.starts_at, ends_at=closure.ends_at, at=at)
    for name, table, sentence in (
        ("programme_id", "programmes", "This is no programme of the site."),
        ("space_id", "spaces", "This is no space of the site."),
        ("slot_id", "slots", "This is no slot of the site."),
    ):
        part = getattr(closure, name)
        is_of_site = text(f"SELECT 1 FROM {table} WHERE id = :id AND site_id = :site_id")  # noqa: S608 - our constants
        if part is not None and db.execute(is_of_site, {"id": part, "site_id": site_id}).first() is None:
            faults[name] = [sentence]
    return faults


def tell_orders(db: Connection, closures: Sequence[UUID], *, at: datetime) -> int:
    """Tell each order in a slot that these closures shut: a notice on the order, an event; returns how many."""
    if not closures:
        return 0
    told = [row.id for row in db.execute(_TELL, {"closures": list(closures), "at": at})]
    for row in db.execute(_TOLD, {"ids": told}).all():
        fact = VisitSlotClosed(
            order_id=row.order_id,
            branch_id=row.branch_id,
            site_id=row.site_id,
            site_name=row.site_name,
            starts_at=row.starts_at,
            reason=row.reason,
            note=row.note,
        )
        tell(db, fact, aggregate="order_notice", aggregate_id=row.id, version=1, at=at)
    return len(told)


def cancel_closed(db: Connection, *, at: datetime) -> int:
    """Cancel the orders that were not moved out of a closed slot before it would begin; returns how many."""
    due = db.execute(_BEGUN, {"at": at, "most": AT_ONCE_MAX}).all()
    for reason in sorted({row.closed_reason for row in due}):
        ids = [row.id for row in due if row.closed_reason == reason]
        moves.end(db, ids, "cancel", at=at, reason=f"活动点关闭：{reason}", only_when=orders.c.checked_in.is_(None))
    return len(due)
