"""Routes, plans for a trip, and trips that were ordered (S7)."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.places import SiteRef
from contracts.sites.routes import PlannedSlot, RoutesAsked, RouteView, StopView, TripAsked, TripView
from contracts.sites.routes import RouteOrderView as Ordered
from sqlalchemy import Connection, select, text, tuple_

from sites.domain.geography import Point
from sites.domain.routes import Time, TravelRule, Way, plans, way
from sites.queries.orders import order, order_for
from sites.queries.sites import SHOWN
from sites.tables.orders import orders
from sites.tables.routes import route_orders
from sites.tables.routes import routes as routes_table


def routes(db: Connection, asked: RoutesAsked, *, at: datetime) -> Page:
    """Return the published routes by name."""
    table = routes_table.c
    wanted = select(routes_table).where(table.state == "published")
    if asked.cursor:
        wanted = wanted.where(tuple_(table.name, table.id) > key_in(asked.cursor, str, UUID))
    rows = db.execute(wanted.order_by(table.name, table.id).limit(asked.limit + 1)).all()
    stops = _stops_of(db, [row.id for row in rows], at=at)
    return page_of(
        rows, limit=asked.limit, view=lambda row: _route(row, stops[row.id]), key=lambda row: (row.name, row.id)
    )


def route(db: Connection, route_id: UUID, *, at: datetime) -> RouteView:
    """Return one route, a retired one too. Raises NotFound."""
    row = db.execute(select(routes_table).where(routes_table.c.id == route_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _route(row, _stops_of(db, [route_id], at=at)[route_id])


def trip(db: Connection, asked: TripAsked, *, at: datetime) -> TripView:
    """Return what a party could take at these sites on a day. Raises NotFound for a site that is not shown."""
    on = asked.on or clock.today(at)
    rule = travel_rule(db, on)
    places = _places(db, asked.site_ids)
    ways = ways_between(places, rule=rule, known=known_minutes(db, asked.route_id))
    rows = db.execute(
        text("""
            SELECT t.id, t.site_id, t.starts_at, t.ends_at, t.seats - t.seats_taken AS seats_left, p.name
              FROM slots t
              JOIN sites s ON s.id = t.site_id AND s.state = 'open'
              JOIN programmes p ON p.id = t.programme_id
             WHERE t.site_id = ANY(:sites) AND t.visit_on = :on AND t.closed_reason IS NULL
               AND t.bookable_until > :at AND (t.bookable_from IS NULL OR t.bookable_from <= :at)
               AND t.seats - t.seats_taken >= :seats
               AND (t.groups_max IS NULL OR t.groups_taken < t.groups_max)
               AND NOT EXISTS (SELECT FROM allocation_round_of(t.site_id, t.programme_id, t.visit_on))
             ORDER BY t.starts_at, t.id
        """),
        {"sites": asked.site_ids, "on": on, "at": at, "seats": asked.seats},
    ).all()
    by_id = {row.id: row for row in rows}
    times = [[Time(row.id, row.starts_at, row.ends_at) for row in rows if row.site_id == place.id] for place in places]
    return TripView(
        on=on,
        seats=asked.seats,
        pause_minutes=rule.pause_minutes,
        stops=_stops(places, ways),
        plans=[[_planned(by_id[time.slot_id]) for time in plan] for plan in plans(times, ways, rule=rule)],
        full_sites=[SiteRef(place.id, place.name) for place, free in zip(places, times, strict=True) if not free],
    )


def route_order(db: Connection, route_order_id: UUID, *, actor: Actor, at: datetime) -> Ordered:
    """Return a trip with its orders. Raises NotFound, also for who may not see its orders."""
    row = db.execute(
        select(route_orders, routes_table.c.name)
        .outerjoin(routes_table, routes_table.c.id == route_orders.c.route_id)
        .where(route_orders.c.id == route_order_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    views = [order(db, order_id, actor=actor, at=at) for order_id in stops_ordered(db, route_order_id)]
    places = _places(db, [view.site.id for view in views], shown_only=False)
    rule = travel_rule(db, clock.today(views[0].slot.starts_at))
    ways = ways_between(places, rule=rule, known=known_minutes(db, row.route_id))
    return Ordered(
        id=row.id,
        route_id=row.route_id,
        name=row.name or " → ".join(view.site.name for view in views),
        branch_id=row.branch_id,
        branch_name=views[0].branch_name,
        party_size=row.party_size,
        placed_at=row.placed_at,
        placed_by=row.placed_by,
        stops=_stops(places, ways),
        orders=views,
    )


def stops_ordered(db: Connection, route_order_id: UUID) -> list[UUID]:
    """Return the ids of a trip's orders in order of time."""
    of_trip = select(orders.c.id).where(orders.c.route_order_id == route_order_id)
    return list(db.execute(of_trip.order_by(orders.c.starts_at, orders.c.id)).scalars())


def must_cancel(db: Connection, order_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Raise NotFound or Forbidden unless the actor may cancel every one of the orders."""
    for order_id in order_ids:
        order_for(db, order_id, actor=actor, action="cancel_order", at=at)


def travel_rule(db: Connection, on: date) -> TravelRule:
    """Return how ways are reckoned on a day."""
    row = db.execute(
        text("""
            SELECT detour_factor, speed_kmh, pause_minutes FROM travel_rules
             WHERE effective_from <= :on ORDER BY effective_from DESC LIMIT 1
        """),
        {"on": on},
    ).one()
    return TravelRule(float(row.detour_factor), float(row.speed_kmh), row.pause_minutes)


def known_minutes(db: Connection, route_id: UUID | None) -> dict[tuple[UUID, UUID], int]:
    """Return a route's own figures for the ways between its sites. Raises NotFound for a route that is not there."""
    if route_id is None:
        return {}
    rows = db.execute(
        text("""
            SELECT site_id, lag(site_id) OVER (ORDER BY position) AS before, travel_minutes
              FROM route_stops WHERE route_id = :route
        """),
        {"route": route_id},
    ).all()
    if not rows:
        raise NotFound()
    return {(row.before, row.site_id): row.travel_minutes for row in rows if row.travel_minutes is not None}


def ways_between(places: Sequence[Any], *, rule: TravelRule, known: dict[tuple[UUID, UUID], int]) -> list[Way]:
    """Return the way from each place to the next; a place has `id`, `lon`, `lat`."""
    return [
        way(
            Point(lon=before.lon, lat=before.lat),
            Point(lon=after.lon, lat=after.lat),
            rule=rule,
            known_minutes=known.get((before.id, after.id)),
        )
        for before, after in itertools.pairwise(places)
    ]


def _places(db: Connection, site_ids: Sequence[UUID], *, shown_only: bool = True) -> list[Any]:
    """Return the sites in the order asked for. Raises NotFound."""
    rows = db.execute(
        text("""
            SELECT id, name, town, ST_X(point) AS lon, ST_Y(point) AS lat FROM sites
             WHERE id = ANY(:ids) AND (state = ANY(:shown) OR NOT :shown_only)
        """),
        {"ids": list(site_ids), "shown": list(SHOWN), "shown_only": shown_only},
    )
    found = {row.id: row for row in rows}
    if set(found) != set(site_ids):
        raise NotFound()
    return [found[site_id] for site_id in site_ids]


def _stops_of(db: Connection, route_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, list[StopView]]:
    rows = db.execute(
        text("""
            SELECT r.route_id, r.travel_minutes, s.id, s.name, s.town, ST_X(s.point) AS lon, ST_Y(s.point) AS lat
              FROM route_stops r JOIN sites s ON s.id = r.site_id
             WHERE r.route_id = ANY(:routes) ORDER BY r.route_id, r.position
        """),
        {"routes": list(route_ids)},
    ).all()
    rule = travel_rule(db, clock.today(at))
    stops = {}
    for route_id in route_ids:
        places = [row for row in rows if row.route_id == route_id]
        known = {
            (before.id, after.id): after.travel_minutes
            for before, after in itertools.pairwise(places)
            if after.travel_minutes is not None
        }
        stops[route_id] = _stops(places, ways_between(places, rule=rule, known=known))
    return stops


def _stops(places: Sequence[Any], ways: Sequence[Way]) -> list[StopView]:
    return [
        StopView(
            site=SiteRef(place.id, place.name),
            point={"type": "Point", "coordinates": [round(place.lon, 6), round(place.lat, 6)]},
            town=place.town,
            distance_m=leg.distance_m if leg else None,
            travel_minutes=leg.travel_minutes if leg else None,
        )
        for place, leg in zip(places, [None, *ways], strict=True)
    ]


def _route(row: Any, stops: list[StopView]) -> RouteView:
    return RouteView(id=row.id, name=row.name, summary=row.summary, state=row.state, stops=stops, version=row.version)


def _planned(row: Any) -> PlannedSlot:
    return PlannedSlot(
        slot_id=row.id,
        site_id=row.site_id,
        programme=row.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        seats_left=row.seats_left,
    )
