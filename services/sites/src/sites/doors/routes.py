"""Doors: tour routes and trips."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.routes import (
    CancelRoute,
    MakeRoute,
    OrderRoute,
    RetireRoute,
    RouteAsked,
    RouteOrderAsked,
    RouteOrderView,
    RoutesAsked,
    RouteView,
    TripAsked,
    TripView,
)

from sites.doors.resources import Doors
from sites.operations import (
    routes,
)
from sites.queries import routes as route_queries


class RouteDoors(Doors):
    """Doors: tour routes and trips."""

    @query(RoutesAsked, returns=Page, public=True)
    def routes(self, asked: RoutesAsked, *, actor: Actor | None, at: datetime) -> Page:
        return route_queries.routes(self.database.transaction, asked, at=at)

    @query(RouteAsked, returns=RouteView, public=True)
    def route(self, asked: RouteAsked, *, actor: Actor | None, at: datetime) -> RouteView:
        return route_queries.route(self.database.transaction, asked.route_id, at=at)

    @query(TripAsked, returns=TripView, public=True)
    def trip(self, asked: TripAsked, *, actor: Actor | None, at: datetime) -> TripView:
        return route_queries.trip(self.database.transaction, asked, at=at)

    @command(MakeRoute, returns=RouteView)
    def make_route(self, asked: MakeRoute, *, actor: Actor, at: datetime) -> RouteView:
        return routes.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RetireRoute, returns=RouteView)
    def retire_route(self, asked: RetireRoute, *, actor: Actor, at: datetime) -> RouteView:
        return routes.retire(self.database.transaction, route_id=asked.route_id, actor=actor, at=at)

    @command(OrderRoute, returns=RouteOrderView)
    def order_route(self, asked: OrderRoute, *, actor: Actor, at: datetime) -> RouteOrderView:
        return routes.order(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CancelRoute, returns=RouteOrderView)
    def cancel_route(self, asked: CancelRoute, *, actor: Actor, at: datetime) -> RouteOrderView:
        return routes.cancel(
            self.database.transaction, route_order_id=asked.route_order_id, reason=asked.reason, actor=actor, at=at
        )

    @query(RouteOrderAsked, returns=RouteOrderView)
    def route_order(self, asked: RouteOrderAsked, *, actor: Actor, at: datetime) -> RouteOrderView:
        return route_queries.route_order(self.database.transaction, asked.route_order_id, actor=actor, at=at)
