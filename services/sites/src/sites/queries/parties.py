"""Who comes (S8): the names that a branch gave with its order, for those who may see them when they may."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from contracts.envelope import Page
from contracts.sites.parties import PartyView
from contracts.sites.self_check_ins import PartyMemberView
from sqlalchemy import Connection, Row, text

from sites.domain.days import day_of
from sites.domain.orders import CONFIRMED, PLACED
from sites.domain.visits import OPENS_BEFORE
from sites.queries.orders import order_for
from sites.queries.scopes import visible_to

PARTIES_MAX: Final = 500

_MEMBERS: Final = text("""
SELECT m.order_id, m.member_id, m.name, c.happened_at
  FROM order_members m
  LEFT JOIN LATERAL (
      SELECT min(happened_at) AS happened_at FROM check_ins
       WHERE order_id = m.order_id AND state = 'valid' AND m.member_id = ANY (member_ids)
  ) c ON true
 WHERE m.order_id = ANY (:orders)
 ORDER BY m.name COLLATE "zh-x-icu", m.member_id
""")

_OF_TODAY: Final = """
SELECT o.id, o.party_size, o.needs
  FROM orders o JOIN sites s ON s.id = o.site_id
 WHERE {kept} AND (o.visit_on = :today OR :at BETWEEN o.starts_at - interval '30 minutes' AND o.ends_at)
   AND o.state IN ('confirmed', 'used')
   AND EXISTS (SELECT FROM order_members m WHERE m.order_id = o.id)
 ORDER BY o.starts_at, o.id LIMIT :most
"""


def party(db: Connection, order_id: UUID, *, actor: Actor, at: datetime) -> PartyView:
    """Return who comes with one order. Raises NotFound, Forbidden."""
    row = order_for(db, order_id, actor=actor, action="read_party", at=at)
    members = members_of(db, [order_id]).get(order_id, [])
    subject = {"branch": row.branch_path, "person": row.placed_by_id}
    is_here = row.visit_on == day_of(at) or row.starts_at - OPENS_BEFORE <= at <= row.ends_at
    may_see = is_here or actor.may("name_party", **subject)
    is_open = row.state in (PLACED, CONFIRMED) and row.checked_in is None and row.starts_at > at
    return PartyView(
        order_id=order_id,
        party_size=row.party_size,
        members=members if may_see else [],
        names_hidden=bool(members) and not may_see,
        needs=row.needs,
        may_name=is_open and actor.may("name_party", **subject),
    )


def todays_parties(db: Connection, *, actor: Actor, at: datetime) -> Page:
    """Return the parties with names that come today to the sites whose door the actor keeps. Raises Forbidden."""
    kept, given = visible_to(actor, "check_in", site="s.managing_path")
    wanted = _OF_TODAY.format(kept=kept)
    rows = db.execute(text(wanted), {**given, "today": day_of(at), "at": at, "most": PARTIES_MAX}).all()
    members = members_of(db, [row.id for row in rows])
    return Page([_of_the_day(row, members.get(row.id, [])) for row in rows])


def members_of(db: Connection, order_ids: Sequence[UUID]) -> dict[UUID, list[PartyMemberView]]:
    """Return by order the members named, in the order of a Chinese dictionary, each with when they came in."""
    found: dict[UUID, list[PartyMemberView]] = defaultdict(list)
    for row in db.execute(_MEMBERS, {"orders": list(order_ids)}) if order_ids else ():
        found[row.order_id].append(PartyMemberView(row.member_id, row.name, row.happened_at))
    return found


def _of_the_day(row: Row[Any], members: list[PartyMemberView]) -> PartyView:
    return PartyView(
        order_id=row.id,
        party_size=row.party_size,
        members=members,
        names_hidden=False,
        needs=row.needs,
        may_name=False,
    )
