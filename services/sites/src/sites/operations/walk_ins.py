"""Parties that a steward enters for others (S8): one that calls gets an order, one at the door is let in at once.

Their seats are taken by the same statement as everybody's. No fund pays for them. Who calls is ordered for as if the
branch had done so itself, quotas and notice included; who stands at the door takes what is free now, as those do who
come over party.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.outbox import tell
from chassis.personal import mask_phone, seal
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.events import VisitOrdered
from contracts.sites.orders import OrderView
from contracts.sites.visits import CheckIn
from contracts.sites.walk_ins import AdmitWalkIn, BookByTelephone
from sqlalchemy import Connection, Row, insert, text

from sites.domain import vouchers
from sites.domain.days import said
from sites.domain.orders import (
    AUTOMATIC,
    CONFIRMED,
    TELEPHONE,
    WALK_IN,
    BranchUnknown,
    QuotaReached,
    unsubsidised,
)
from sites.domain.visits import OPENS_BEFORE, TooEarly
from sites.operations.check_ins import Shown, admit
from sites.queries.orders import order
from sites.tables.orders import order_history, orders

_FACTS: Final = text("""
SELECT s.id AS slot_id, s.site_id, s.programme_id, s.starts_at, s.ends_at, s.visit_on, site.name AS site_name,
       site.managing_path, p.name AS programme, p.theme, b.id AS branch_id,
       (SELECT open_orders_max FROM quota_rules WHERE effective_from <= s.visit_on
         ORDER BY effective_from DESC LIMIT 1) AS open_orders_max
  FROM slots s
  JOIN sites site ON site.id = s.site_id AND site.state IN ('open', 'suspended')
  JOIN programmes p ON p.id = s.programme_id
  LEFT JOIN organisations b ON b.id = :branch AND NOT b.dissolved
 WHERE s.id = :slot
""")
_TAKE: Final = text("SELECT take_seats(:slot, :seats, 1, :what, :at)")
_LOCK_BRANCH: Final = text("SELECT 1 FROM organisations WHERE id = :branch FOR NO KEY UPDATE")
_OPEN: Final = text("SELECT count_open_orders(:branch, :order, NULL, :at)")
_QUOTAS: Final = text("SELECT keep_quotas(:branch, :person, :visit_on)")


def book(db: Connection, *, asked: BookByTelephone, actor: Actor, at: datetime) -> OrderView:
    """Order for somebody who calls; confirmed at once, for the steward is the site.

    Raises SlotFull, SlotClosed, SlotPast, NotYetBookable, GroupsFull, QuotaReached, QuotaFull, BranchUnknown, NotFound,
    Forbidden; InvalidInput unless either a branch or a group is named.
    """
    facts = _facts(db, asked, actor=actor)
    order_id = _enter(db, facts, asked, source=TELEPHONE, actor=actor, at=at)
    if asked.branch_id is not None:
        db.execute(_LOCK_BRANCH, {"branch": asked.branch_id})
        open_orders = db.execute(_OPEN, {"branch": asked.branch_id, "order": order_id, "at": at}).scalar_one()
        if open_orders >= facts.open_orders_max:
            raise QuotaReached(limit=facts.open_orders_max)
        held_by = {"branch": asked.branch_id, "person": actor.person_id, "visit_on": facts.visit_on}
        db.execute(_QUOTAS, held_by)
    return order(db, order_id, actor=actor, at=at)


def admit_walk_in(db: Connection, *, asked: AdmitWalkIn, actor: Actor, at: datetime) -> OrderView:
    """Order for a party that stands at the door, and let it in: both or neither.

    Raises SlotFull, SlotClosed, SlotPast, GroupsFull, TooEarly, BranchUnknown, NotFound, Forbidden; InvalidInput unless
    either a branch or a group is named.
    """
    facts = _facts(db, asked, actor=actor)
    if at < facts.starts_at - OPENS_BEFORE:
        raise TooEarly(starts_at=said(facts.starts_at))
    order_id = _enter(db, facts, asked, source=WALK_IN, actor=actor, at=at)
    came = CheckIn(voucher="", check_in_id=asked.check_in_id, count=asked.party_size, site_id=facts.site_id)
    # The door's own command guards both; the check-in's is only what checking in asks for.
    command = Command(id=uuid4(), body_hash=b"", door="admit_walk_in", caller=actor.person_id)
    raw: Any = db.connection.dbapi_connection
    with raw.cursor(cursor_factory=DirectCursor) as cursor:
        cursor.service = "sites"
        admit(
            cursor,
            Shown(order_id=order_id),
            check_in=came,
            way="walk_in",
            paths=[facts.managing_path],
            actor=actor,
            at=at,
            command=command,
        )
    return order(db, order_id, actor=actor, at=at)


def _facts(db: Connection, asked: BookByTelephone | AdmitWalkIn, *, actor: Actor) -> Row[Any]:
    if (asked.branch_id is None) == (asked.group_name is None):
        raise InvalidInput({"group_name": ["Name the branch, or the group if it is none."]})
    facts = db.execute(_FACTS, {"slot": asked.slot_id, "branch": asked.branch_id}).one_or_none()
    if facts is None:
        raise NotFound()
    actor.must("book_for_others", site=facts.managing_path)
    if asked.branch_id is not None and facts.branch_id is None:
        raise BranchUnknown()
    return facts


def _enter(
    db: Connection,
    facts: Row[Any],
    asked: BookByTelephone | AdmitWalkIn,
    *,
    source: str,
    actor: Actor,
    at: datetime,
) -> UUID:
    """Write the order and take its seats; the slot stays locked."""
    order_id = uuid4()
    phone = asked.contact_phone or ""
    db.execute(
        insert(orders).values(
            id=order_id,
            slot_id=facts.slot_id,
            site_id=facts.site_id,
            programme_id=facts.programme_id,
            branch_id=asked.branch_id,
            group_name=asked.group_name,
            source=source,
            needs=asked.needs,
            placed_by_id=actor.person_id,
            placed_by=actor.name,
            placed_at=at,
            party_size=asked.party_size,
            seats=asked.party_size,
            starts_at=facts.starts_at,
            ends_at=facts.ends_at,
            visit_on=facts.visit_on,
            confirmation=AUTOMATIC,
            state=CONFIRMED,
            voucher=vouchers.new_code(),
            contact_name=asked.contact_name,
            contact_phone=seal(phone),
            contact_phone_masked=mask_phone(phone),
            is_subsidised=False,
            subsidy_estimate_fen=0,
            subsidy_explanation=unsubsidised(source),
        )
    )
    db.execute(
        insert(order_history).values(
            order_id=order_id,
            move="place",
            state=CONFIRMED,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            reason=None,
        )
    )
    if asked.branch_id is not None:
        fact = VisitOrdered(
            order_id=order_id,
            branch_id=asked.branch_id,
            site_id=facts.site_id,
            site_name=facts.site_name,
            programme=facts.programme,
            theme=facts.theme,
            visit_on=facts.visit_on,
            starts_at=facts.starts_at,
            party_size=asked.party_size,
        )
        tell(db, fact, aggregate="order", aggregate_id=order_id, version=1, at=at)
    what = "order" if source == TELEPHONE else "walk_in"
    db.execute(_TAKE, {"slot": facts.slot_id, "seats": asked.party_size, "what": what, "at": at})
    return order_id
