"""Routes are laid out and retired; a trip is ordered whole or not at all, and cancelled (S7)."""

import hashlib
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.envelope import dump
from contracts.sites.orders import PlaceOrder
from contracts.sites.routes import MakeRoute, OrderRoute, RouteOrderView, RouteView
from sqlalchemy import Connection, insert, text, update

from sites.domain.days import day_of
from sites.domain.orders import OrderNotMovable
from sites.domain.routes import RouteTooTight, StopRefused, Time, ready_at
from sites.operations.moves import end, is_late, state_of
from sites.operations.placing import place
from sites.queries import routes as queries
from sites.tables.orders import orders
from sites.tables.routes import route_orders, route_stops
from sites.tables.routes import routes as routes_table

_LOCK_CAPS: Final = text("SELECT lock_caps(CAST('{}' AS uuid[]), :branch, CAST(:slots AS uuid[]))")
OF_A_STOP: Final = frozenset({"slot-full", "slot-closed", "slot-past", "not-yet-bookable", "groups-full"})
"""Refusals that are about one stop, and are told with its name."""


class RouteNameTaken(Refusal):
    """There is a route of this name already: {name}."""


def make(db: Connection, *, asked: MakeRoute, actor: Actor, at: datetime) -> RouteView:
    """Publish a route; it belongs to the part of the tree that the officer answers for.

    Raises Forbidden, RouteNameTaken, InvalidInput, NotFound.
    """
    path = next(iter(actor.paths("officer")), None)
    actor.must("make_route", organisation=path)
    known = list(asked.travel_minutes)
    if known and len(known) != len(asked.site_ids) - 1:
        raise InvalidInput({"travel_minutes": [f"Length must be {len(asked.site_ids) - 1}."]})
    route_id = uuid4()
    shown = db.execute(
        text("SELECT count(*) FROM sites WHERE id = ANY(:ids) AND state = 'open'"), {"ids": list(asked.site_ids)}
    ).scalar_one()
    if shown != len(asked.site_ids):
        raise NotFound()
    written = db.execute(
        text("""
            INSERT INTO routes (id, name, summary, path, made_at, made_by_id, made_by)
            VALUES (:id, :name, :summary, :path, :at, :by_id, :by) ON CONFLICT (path, name) DO NOTHING
        """),
        {
            "id": route_id,
            "name": asked.name,
            "summary": asked.summary,
            "path": path,
            "at": at,
            "by_id": actor.person_id,
            "by": actor.name,
        },
    )
    if not written.rowcount:
        raise RouteNameTaken(name=asked.name)
    minutes = [None, *(known or [None] * (len(asked.site_ids) - 1))]
    db.execute(
        insert(route_stops),
        [
            {"route_id": route_id, "position": number, "site_id": site_id, "travel_minutes": travel}
            for number, (site_id, travel) in enumerate(zip(asked.site_ids, minutes, strict=True), start=1)
        ],
    )
    return queries.route(db, route_id, at=at)


def retire(db: Connection, *, route_id: UUID, actor: Actor, at: datetime) -> RouteView:
    """Take a route from the list; doing it twice is doing it once. Raises NotFound."""
    path = db.execute(text("SELECT path FROM routes WHERE id = :id"), {"id": route_id}).scalar_one_or_none()
    if path is None:
        raise NotFound()
    actor.must("make_route", organisation=path)
    retired = update(routes_table).where(routes_table.c.id == route_id, routes_table.c.state == "published")
    db.execute(retired.values(state="retired", version=routes_table.c.version + 1))
    return queries.route(db, route_id, at=at)


def order(db: Connection, *, asked: OrderRoute, actor: Actor, at: datetime) -> RouteOrderView:
    """Take seats in every slot, or in none: one transaction, the slots locked by id before anything else.

    So two trips through the same slots in opposite sequence never wait for each other in a ring, and neither do a
    trip and a single order (slots, then the branch, then caps, then the fund). Raises StopRefused, RouteTooTight and
    what placing an order raises; NotFound for a slot or a route that is not there.
    """
    slots = _locked(db, asked.slot_ids)
    _must_fit(db, asked, slots)
    db.execute(_LOCK_CAPS, {"branch": asked.branch_id, "slots": list(asked.slot_ids)})
    route_order_id = uuid4()
    db.execute(
        insert(route_orders).values(
            id=route_order_id,
            route_id=asked.route_id,
            branch_id=asked.branch_id,
            party_size=asked.party_size,
            placed_at=at,
            placed_by_id=actor.person_id,
            placed_by=actor.name,
        )
    )
    raw: Any = db.connection.dbapi_connection
    with raw.cursor(cursor_factory=DirectCursor) as cursor:
        cursor.service = "sites"
        for number, slot in enumerate(slots, start=1):
            stop = PlaceOrder(
                slot_id=slot.slot_id,
                party_size=asked.party_size,
                contact_name=asked.contact_name,
                contact_phone=asked.contact_phone,
                branch_id=asked.branch_id,
            )
            # The trip's own command guards them all; each stop's is only what placing asks for.
            command = Command(
                id=uuid4(), body_hash=hashlib.sha256(dump(stop)).digest(), door="order_route", caller=actor.person_id
            )
            try:
                place(cursor, order=stop, actor=actor, at=at, command=command, route_order_id=route_order_id)
            except Refusal as refusal:
                if refusal.code not in OF_A_STOP:
                    raise
                said = {**refusal.params, "closing": refusal.params.get("reason")}
                said.pop("reason", None)
                raise StopRefused(number=number, site=slot.name, reason=refusal.code, **said) from refusal
    return queries.route_order(db, route_order_id, actor=actor, at=at)


def cancel(db: Connection, *, route_order_id: UUID, reason: str, actor: Actor, at: datetime) -> RouteOrderView:
    """Give back the seats of every stop that has not begun. Raises NotFound; OrderNotMovable when there is none."""
    stops = queries.stops_ordered(db, route_order_id)
    if not stops:
        raise NotFound()
    queries.must_cancel(db, stops, actor=actor, at=at)
    not_begun = orders.c.checked_in.is_(None) & (orders.c.starts_at > at)
    if not end(
        db, stops, "cancel", at=at, by=actor, reason=reason, only_when=not_begun, cancelled_late=is_late(db, at=at)
    ):
        raise OrderNotMovable(state=state_of(db, stops[0], at=at), move="cancel")
    return queries.route_order(db, route_order_id, actor=actor, at=at)


def _locked(db: Connection, slot_ids: list[UUID]) -> list[Any]:
    """Lock the slots by id; return them in the order of the visit. Raises NotFound."""
    rows = db.execute(
        text("""
            SELECT t.id AS slot_id, t.starts_at, t.ends_at, s.id, s.name, ST_X(s.point) AS lon, ST_Y(s.point) AS lat
              FROM slots t JOIN sites s ON s.id = t.site_id
             WHERE t.id = ANY(:ids) ORDER BY t.id FOR NO KEY UPDATE OF t
        """),
        {"ids": list(slot_ids)},
    )
    found = {row.slot_id: row for row in rows}
    if len(found) != len(slot_ids):
        raise NotFound()
    return [found[slot_id] for slot_id in slot_ids]


def _must_fit(db: Connection, asked: OrderRoute, slots: list[Any]) -> None:
    """Raise RouteTooTight where a party cannot be in time (precise rule 19)."""
    rule = queries.travel_rule(db, day_of(slots[0].starts_at))
    ways = queries.ways_between(slots, rule=rule, known=queries.known_minutes(db, asked.route_id))
    for before, after, leg in zip(slots, slots[1:], ways, strict=False):
        if after.starts_at < ready_at(Time(before.slot_id, before.starts_at, before.ends_at), leg, rule=rule):
            raise RouteTooTight(
                before=before.name,
                after=after.name,
                travel_minutes=leg.travel_minutes,
                pause_minutes=rule.pause_minutes,
                gap_minutes=int((after.starts_at - before.ends_at).total_seconds() // 60),
            )
