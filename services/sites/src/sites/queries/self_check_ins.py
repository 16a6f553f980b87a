"""What somebody has at a site today, as they can check it in themselves (S8)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.sites.places import SiteRef
from contracts.sites.self_check_ins import ArrivalOrderView, PartyMemberView, SelfArrivalsView
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, select, text

from sites.domain.days import day_of
from sites.domain.orders import state_at
from sites.domain.visits import OPENS_BEFORE
from sites.queries.parties import members_of
from sites.queries.sites import SHOWN
from sites.tables.places import sites

ORDERS_MAX: Final = 50

# The secretary's branches are found by their paths, and a secretary of all the district is none who leads a party.
_ORDERS: Final = text("""
SELECT o.*, p.name AS programme, b.name AS branch_name, b.path AS branch_path, c.happened_at, c.by_name,
       EXISTS (SELECT FROM order_members m WHERE m.order_id = o.id AND m.member_id = :person) AS is_named
  FROM orders o
  JOIN programmes p ON p.id = o.programme_id
  LEFT JOIN organisations b ON b.id = o.branch_id
  LEFT JOIN check_ins c ON c.order_id = o.id AND c.state = 'valid' AND NOT c.is_more
 WHERE o.site_id = :site AND (o.visit_on = :today OR :at BETWEEN o.starts_at - interval '30 minutes' AND o.ends_at)
   AND (o.branch_id IS NULL AND o.group_name IS NULL AND o.placed_by_id = :person
        OR EXISTS (SELECT FROM order_members m WHERE m.order_id = o.id AND m.member_id = :person)
        OR EXISTS (SELECT FROM unnest(CAST(:paths AS text[])) AS path
                    WHERE b.path = path OR starts_with(b.path, path || '.')))
 ORDER BY o.starts_at, o.id LIMIT :most
""")


def arrivals(db: Connection, site_id: UUID, *, actor: Actor, at: datetime) -> SelfArrivalsView:
    """Return what the actor has at the site today. Raises NotFound."""
    actor.must("self_check_in", person=actor.person_id)
    site = db.execute(select(sites.c.id, sites.c.name, sites.c.state).where(sites.c.id == site_id)).one_or_none()
    if site is None or site.state not in SHOWN:
        raise NotFound()
    given = {
        "site": site_id,
        "today": day_of(at),
        "at": at,
        "person": actor.person_id,
        "paths": actor.paths("secretary"),
        "most": ORDERS_MAX,
    }
    rows = db.execute(_ORDERS, given).all()
    members = members_of(db, [row.id for row in rows])
    views = [_view(row, members.get(row.id, []), actor=actor, at=at) for row in rows]
    return SelfArrivalsView(SiteRef(site.id, site.name), views)


def _view(row: Row[Any], members: Sequence[PartyMemberView], *, actor: Actor, at: datetime) -> ArrivalOrderView:
    whom = "oneself" if row.branch_id is None else "named"
    inside_at, by_name = row.happened_at, row.by_name
    if whom == "named" and actor.may("place_order", branch=row.branch_path):
        whom = "party"
    elif whom == "named":
        # One who is named sees themself, and nobody else of the party.
        members = [member for member in members if member.member_id == actor.person_id]
        if any(member.inside_at for member in members):
            inside_at, by_name = members[0].inside_at, None
    return ArrivalOrderView(
        id=row.id,
        whom=whom,
        state=state_at(row.state, answer_by=row.answer_by, checked_in=row.checked_in, ends_at=row.ends_at, at=at),
        slot=SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at),
        branch_name=row.branch_name,
        party_size=row.party_size,
        opens_at=row.starts_at - OPENS_BEFORE,
        members=list(members),
        checked_in=row.checked_in,
        inside_at=inside_at,
        by_name=by_name,
    )
