"""The branch says who comes and what the party needs (S8), anew as often as it likes until the visit begins.

Names are kept for half a year after the visit, as long as a claim can be asked about; those of an order that nobody
came with go the day after.
"""

from datetime import datetime, timedelta
from typing import Final

from chassis.actors import Actor
from chassis.refusals import InvalidInput, Refusal
from contracts.sites.parties import NameParty, PartyView
from sqlalchemy import Connection, delete, insert, select, text, update

from sites.domain.days import day_of
from sites.domain.orders import CONFIRMED, PLACED
from sites.queries.orders import order_for
from sites.queries.parties import party
from sites.tables.arrivals import order_members
from sites.tables.orders import orders

KEPT: Final = timedelta(days=183)

_FORGET: Final = text("""
DELETE FROM order_members m USING orders o
 WHERE o.id = m.order_id
   AND o.visit_on < CASE WHEN o.state IN ('confirmed', 'used') THEN CAST(:kept AS date) ELSE CAST(:today AS date) END
""")


class PartyFixed(Refusal):
    """The visit has begun or the order has ended; who comes cannot be changed any more."""


def name(db: Connection, *, asked: NameParty, actor: Actor, at: datetime) -> PartyView:
    """Write the order's names and needs anew. Raises NotFound, Forbidden, PartyFixed, InvalidInput."""
    row = order_for(db, asked.order_id, actor=actor, action="name_party", at=at)
    names = {member.member_id: member.name.strip() for member in asked.members}
    if names and row.branch_id is None:
        raise InvalidInput({"members": ["Only a branch names its members."]})
    if not all(names.values()):
        raise InvalidInput({"members": ["Every member needs a name."]})
    still_open = (
        (orders.c.id == asked.order_id)
        & orders.c.state.in_((PLACED, CONFIRMED))
        & orders.c.checked_in.is_(None)
        & (orders.c.starts_at > at)
    )
    # Locked, so that nobody writes into a party that is let in right now.
    open_order = db.execute(select(orders.c.party_size).where(still_open).with_for_update(key_share=True)).one_or_none()
    if open_order is None:
        raise PartyFixed()
    if len(names) > open_order.party_size:
        raise InvalidInput({"members": ["These are more names than the party has heads."]})
    db.execute(update(orders).where(orders.c.id == asked.order_id).values(needs=asked.needs))
    db.execute(delete(order_members).where(order_members.c.order_id == asked.order_id))
    rows = [{"order_id": asked.order_id, "member_id": member, "name": shown} for member, shown in names.items()]
    if rows:
        db.execute(insert(order_members), rows)
    return party(db, asked.order_id, actor=actor, at=at)


def forget(db: Connection, *, at: datetime) -> int:
    """Forget the names that are needed no more; returns how many."""
    today = day_of(at)
    return db.execute(_FORGET, {"kept": today - KEPT, "today": today}).rowcount
