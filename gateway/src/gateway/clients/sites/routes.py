"""Doors of sites: tour routes and trips."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def routes(fields: Fields) -> Answer:
    """List the published tour routes (RoutesAsked → Page of RouteView)."""
    return call(SERVICE, "routes", fields)


def route(fields: Fields) -> Answer:
    """Return one tour route (RouteAsked → RouteView)."""
    return call(SERVICE, "route", fields)


def trip(fields: Fields) -> Answer:
    """Plan a day's trip through several sites (TripAsked → TripView)."""
    return call(SERVICE, "trip", fields)


def make_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Lay out a tour route (MakeRoute → RouteView)."""
    return call(SERVICE, "make_route", fields, who=who, command_id=command_id)


def retire_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a tour route from the list (RetireRoute → RouteView)."""
    return call(SERVICE, "retire_route", fields, who=who, command_id=command_id)


def order_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Order several slots in one step, all or none (OrderRoute → RouteOrderView)."""
    return call(SERVICE, "order_route", fields, who=who, command_id=command_id)


def cancel_route(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Cancel all stops of a trip that have not begun (CancelRoute → RouteOrderView)."""
    return call(SERVICE, "cancel_route", fields, who=who, command_id=command_id)


def route_order(fields: Fields, *, who: Holder) -> Answer:
    """Return a trip that was ordered, with its orders (RouteOrderAsked → RouteOrderView)."""
    return call(SERVICE, "route_order", fields, who=who)
