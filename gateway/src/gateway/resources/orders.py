"""Orders and visits: seats are asked for, the voucher is shown at the door, the visit is closed with its headcount."""

from typing import Any
from uuid import UUID

from contracts.sites.explanations import OrderExplanationView
from contracts.sites.orders import (
    AmendOrder,
    MoveOrder,
    MoveOrderWithReason,
    OrderAsked,
    OrdersAsked,
    OrderView,
    PlaceOrder,
)
from contracts.sites.visits import CloseOrder, VoucherView
from flask import Response, request

from gateway import calendars, vouchers
from gateway.clients import sites
from gateway.identity import must
from gateway.nouns import JSON, Declared, Many, Noun, resource
from gateway.problems import NotAcceptable

orders = Noun("orders")

orders.act(
    "/orders",
    sites.orders.place_order,
    needs=("place_order", "book_seats"),
    takes=PlaceOrder,
    answers=OrderView,
    status=201,
    refusals=(
        "slot-full",
        "slot-closed",
        "slot-past",
        "not-yet-bookable",
        "groups-full",
        "in-allocation-round",
        "party-outside-programme",
        "quota-reached",
        "quota-full",
        "fund-exhausted",
        "not-your-branch",
        "branch-unknown",
        "not-found",
    ),
    located=True,
)
orders.read("/orders", sites.orders.orders, needs=("read_order",), takes=OrdersAsked, answers=Many(OrderView))
orders.read(
    "/orders/<uuid:order_id>",
    sites.orders.order,
    needs=("read_order",),
    takes=OrderAsked,
    answers=OrderView,
    refusals=("not-found",),
)
orders.act(
    "/orders/<uuid:order_id>/confirmation",
    sites.orders.confirm_order,
    needs=("confirm_order",),
    takes=MoveOrder,
    answers=OrderView,
    refusals=("not-found", "order-not-movable"),
)
orders.act(
    "/orders/<uuid:order_id>/refusal",
    sites.orders.refuse_order,
    needs=("refuse_order",),
    takes=MoveOrderWithReason,
    answers=OrderView,
    refusals=("not-found", "order-not-movable"),
)
orders.act(
    "/orders/<uuid:order_id>/cancellation",
    sites.orders.cancel_order,
    needs=("cancel_order",),
    takes=MoveOrderWithReason,
    answers=OrderView,
    refusals=("not-found", "order-not-movable", "cancelled-too-late"),
)
orders.act(
    "/orders/<uuid:order_id>/amendment",
    sites.orders.amend_order,
    needs=("amend_order",),
    takes=AmendOrder,
    answers=OrderView,
    refusals=(
        "not-found",
        "order-not-movable",
        "visit-begun",
        "changed-too-late",
        "slot-full",
        "groups-full",
        "slot-closed",
        "slot-past",
        "not-yet-bookable",
        "in-allocation-round",
        "party-outside-programme",
        "quota-full",
        "fund-exhausted",
    ),
)
orders.read(
    "/orders/<uuid:order_id>/explanation",
    sites.orders.explain_order,
    needs=("read_order",),
    takes=OrderAsked,
    answers=OrderExplanationView,
    refusals=("not-found",),
)
orders.act(
    "/orders/<uuid:order_id>/closure",
    sites.visits.close_order,
    needs=("close_order",),
    takes=CloseOrder,
    answers=OrderView,
    refusals=("not-found", "order-not-movable", "not-checked-in", "headcount-over-check-in", "picture-repeated"),
)


def voucher(order_id: UUID) -> Response:
    """Return the voucher as its fields, or as a QR code (SVG, PNG), as the asker accepts. Raises NotAcceptable."""
    who = must("read_voucher")
    accepted = request.accept_mimetypes
    chosen = accepted.best_match([JSON, vouchers.SVG, vouchers.PNG]) if accepted else JSON
    if chosen is None:
        raise NotAcceptable()
    answer = sites.visits.voucher({"order_id": order_id}, who=who)
    body = answer.body if chosen == JSON else vouchers.qr(answer["token"] or answer["voucher"], media_type=chosen)
    response = resource(body, media_type=chosen, is_public=False)
    response.vary.add("Accept")
    return response


def calendar(order_id: UUID) -> Response:
    """Return the visit as an iCalendar file."""
    who = must("read_order")
    order: dict[str, Any] = sites.orders.order({"order_id": order_id}, who=who).data
    site: dict[str, Any] = sites.places.site({"site_id": order["site"]["id"]}).data
    return resource(
        calendars.of_order(order, site=site), media_type=f"{calendars.ICALENDAR}; charset=utf-8", is_public=False
    )


orders.own(
    "/orders/<uuid:order_id>/voucher",
    "GET",
    voucher,
    Declared(
        summary="Return the proof shown at the door, as fields or as a QR code",
        needs=frozenset({"read_voucher"}),
        takes=OrderAsked,
        answers=VoucherView,
        refusals=("not-found", "not-acceptable", "voucher-cancelled", "order-not-movable"),
        media_types=(JSON, vouchers.SVG, vouchers.PNG),
    ),
)
orders.own(
    "/orders/<uuid:order_id>/calendar.ics",
    "GET",
    calendar,
    Declared(
        summary="Return the visit for a calendar programme",
        needs=frozenset({"read_order"}),
        takes=OrderAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(calendars.ICALENDAR,),
    ),
)
