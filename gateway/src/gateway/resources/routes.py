"""Tour routes: laid out by officers, planned by anybody, ordered whole by a branch."""

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

from gateway.clients import sites
from gateway.nouns import Many, Noun

routes = Noun("routes")

routes.read("/routes", sites.routes.routes, takes=RoutesAsked, answers=Many(RouteView))
routes.read("/routes/<uuid:route_id>", sites.routes.route, takes=RouteAsked, answers=RouteView, refusals=("not-found",))
routes.read("/trips", sites.routes.trip, takes=TripAsked, answers=TripView, refusals=("not-found",))
routes.act(
    "/routes",
    sites.routes.make_route,
    needs=("make_route",),
    takes=MakeRoute,
    answers=RouteView,
    status=201,
    refusals=("not-found", "route-name-taken"),
    located=True,
)
routes.act(
    "/routes/<uuid:route_id>/retirement",
    sites.routes.retire_route,
    needs=("make_route",),
    takes=RetireRoute,
    answers=RouteView,
    refusals=("not-found",),
)
routes.act(
    "/route-orders",
    sites.routes.order_route,
    needs=("place_order",),
    takes=OrderRoute,
    answers=RouteOrderView,
    status=201,
    refusals=(
        "stop-refused",
        "route-too-tight",
        "in-allocation-round",
        "quota-reached",
        "fund-exhausted",
        "not-your-branch",
        "branch-unknown",
        "not-found",
    ),
    located=True,
)
routes.read(
    "/route-orders/<uuid:route_order_id>",
    sites.routes.route_order,
    needs=("read_order",),
    takes=RouteOrderAsked,
    answers=RouteOrderView,
    refusals=("not-found",),
)
routes.act(
    "/route-orders/<uuid:route_order_id>/cancellation",
    sites.routes.cancel_route,
    needs=("cancel_order",),
    takes=CancelRoute,
    answers=RouteOrderView,
    refusals=("not-found", "order-not-movable"),
)
