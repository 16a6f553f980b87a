"""Tour routes (S7): belts laid out by officers, a trip of one's own, ordered whole; what was ordered.

A trip lives in its address: `/trip?sites=a,b,c&on=…&seats=…&route=…`, so that it can be passed on.
"""

from typing import Any
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs, public
from gateway.pages import district_map
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_number
from gateway.pages.orders import led_branches
from gateway.pages.parts import Part, part, together

blueprint = Blueprint("routes", __name__)

STOPS_MIN = 2
STOPS_MAX = 8
SUGGESTED_MAX = 12


@blueprint.get("/routes")
@public
def index() -> ResponseReturnValue:
    """List the belts that officers have laid out."""
    routes = part(lambda: sites.routes.routes(given(cursor=request.args.get("cursor") or None)))
    return render_template("routes/index.html", routes=routes, next=routes.data["next"] if routes.data else None)


@blueprint.get("/trip")
@public
def trip() -> ResponseReturnValue:
    """Build a trip: its stops on the map, its times on a day, and the form that orders it whole."""
    return _trip(Faults(), {"contact_name": current().name})


@blueprint.post("/trip")
@needs("place_order")
def order() -> ResponseReturnValue:
    """Order every stop, or none."""
    fields = given(
        slot_ids=typed("slot_ids"),
        branch_id=typed("branch_id"),
        party_size=typed_number("seats"),
        contact_name=typed("contact_name"),
        contact_phone=typed("contact_phone"),
        route_id=typed("route"),
    )
    try:
        ordered = sites.routes.order_route(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _trip(faults(refusal), request.form)
    flash(_("All stops are ordered. Each has its own voucher."), "good")
    return redirect(url_for("pages.routes.show", route_order_id=ordered["id"]), code=303)


@blueprint.post("/routes")
@needs("make_route")
def make() -> ResponseReturnValue:
    """Publish the trip as a route."""
    minutes = [typed_number(f"minutes-{number}") for number in range(1, len(_ids(request.form)))]
    fields = given(
        name=typed("name"),
        summary=typed("summary"),
        site_ids=[str(site_id) for site_id in _ids(request.form)],
        travel_minutes=minutes if any(minute is not None for minute in minutes) else None,
    )
    try:
        sites.routes.make_route(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _trip(faults(refusal, at={"route-name-taken": "name"}), request.form)
    flash(_("The route is published."), "good")
    return redirect(url_for("pages.routes.index"), code=303)


@blueprint.post("/routes/<uuid:route_id>/retirement")
@needs("make_route")
def retire(route_id: UUID) -> ResponseReturnValue:
    """Take a route from the list."""
    try:
        sites.routes.retire_route({"route_id": route_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.routes.index"), code=303)


@blueprint.get("/route-orders/<uuid:route_order_id>")
@needs("read_order")
def show(route_order_id: UUID) -> ResponseReturnValue:
    """Show a trip that was ordered."""
    return _ordered(route_order_id)


@blueprint.post("/route-orders/<uuid:route_order_id>/cancellation")
@needs("cancel_order")
def cancel(route_order_id: UUID) -> ResponseReturnValue:
    """Cancel every stop that has not begun."""
    fields = given(route_order_id=route_order_id, reason=typed("reason"))
    try:
        sites.routes.cancel_route(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _ordered(route_order_id, faults(refusal))
    flash(_("The trip is cancelled; the seats of its stops are free again."), "good")
    return redirect(url_for("pages.routes.show", route_order_id=route_order_id), code=303)


def address_of(ids: list[UUID], asked: dict[str, Any], **changed: Any) -> str:
    """Return the address of a trip through these sites."""
    kept = {name: asked[name] for name in ("on", "seats", "route") if asked.get(name)}
    return url_for("pages.routes.trip", sites=",".join(map(str, ids)) or None, **{**kept, **changed})


def _ids(values: Any) -> list[UUID]:
    """Return the sites of the trip in order, each once; what is no id is passed over."""
    ids: list[UUID] = []
    for text in (values.get("sites") or "").split(","):
        try:
            site_id = UUID(text.strip())
        except ValueError:
            continue
        if site_id not in ids:
            ids.append(site_id)
    return ids[:STOPS_MAX]


def _trip(told: Faults, values: Any) -> ResponseReturnValue:
    whole = {**request.args, **request.form}
    ids = _ids(whole)
    asked = {
        "on": whole.get("on") or clock.today(clock.now()).isoformat(),
        "seats": whole.get("seats") or "20",
        "route": whole.get("route"),
    }
    q = request.args.get("q", "").strip()
    reads: dict[str, Any] = {}
    if q:
        reads["found"] = lambda: sites.places.sites({"q": q[:100], "limit": SUGGESTED_MAX})
    if len(ids) == 1:
        reads["alone"] = lambda: sites.places.site({"site_id": ids[0]})
    planned, faulty = _planned(ids, asked)
    parts = together(**reads) if reads else {}
    stops = planned.data["stops"] if planned.data else []
    if parts.get("alone") and parts["alone"].data:
        site = parts["alone"].data
        stops = [{"site": {"id": site["id"], "name": site["name"]}, "point": site["point"], "town": site["town"]}]
    errors = {**faulty.errors, **told.errors}
    drawn = district_map.draw(current_app.extensions["zhendi.config"], settings=_settings(stops), module="trip_layer")
    found = parts.get("found")
    page = render_template(
        "routes/trip.html",
        map=drawn,
        scripts=district_map.SCRIPTS,
        styles=district_map.STYLES,
        asked=asked,
        q=q,
        ids=ids,
        stops=[{**stop, **_moves(ids, number, asked)} for number, stop in enumerate(stops)],
        trip=planned,
        found=_addable(found, ids, asked) if found else None,
        is_full=len(ids) >= STOPS_MAX,
        branches=led_branches(),
        errors=errors,
        values=values,
        key=request.form.get("idempotency_key"),
        here_address=address_of(ids, asked),
        today=clock.today(clock.now()).isoformat(),
    )
    return page, told.status if told.errors else faulty.status if faulty.errors else 200


def _planned(ids: list[UUID], asked: dict[str, Any]) -> tuple[Part, Faults]:
    """Return the plans of the day, once there are two stops."""
    if len(ids) < STOPS_MIN:
        return Part(), Faults(status=200)
    fields = given(site_ids=[str(site_id) for site_id in ids], on=asked["on"], route_id=asked["route"])
    fields["seats"] = int(asked["seats"]) if str(asked["seats"]).isdecimal() else asked["seats"]
    try:
        return part(lambda: sites.routes.trip(fields)), Faults(status=200)
    except Refusal as refusal:
        if refusal.code == "not-found":
            raise
        told = faults(refusal)
        plain = {**fields, "seats": 1, "on": None, "route_id": None}
        try:
            return part(lambda: sites.routes.trip(plain)), told
        except Refusal:
            return Part(), told


def _moves(ids: list[UUID], number: int, asked: dict[str, Any]) -> dict[str, str | None]:
    """Return the addresses of the trip with this stop earlier, later, or left out."""
    earlier = [*ids[: number - 1], ids[number], ids[number - 1], *ids[number + 1 :]] if number else None
    later = [*ids[:number], ids[number + 1], ids[number], *ids[number + 2 :]] if number + 1 < len(ids) else None
    return {
        "earlier": address_of(earlier, asked) if earlier else None,
        "later": address_of(later, asked) if later else None,
        "without": address_of([site_id for site_id in ids if site_id != ids[number]], asked),
    }


def _addable(found: Part, ids: list[UUID], asked: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the sites that were found and are not in the trip: name, town, address of the trip with it."""
    features = found.data["features"] if found.data else []
    return [
        (
            feature["properties"]["name"],
            feature["properties"].get("town") or feature["properties"]["district"],
            address_of([*ids, UUID(feature["id"])], asked),
        )
        for feature in features
        if UUID(feature["id"]) not in ids
    ]


def _settings(stops: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "districts": url_for("static", filename="data/zibo_districts.geojson"),
        "tiled": bool(current_app.extensions["zhendi.config"].tile_url),
        "stops": [{"at": stop["point"]["coordinates"], "name": stop["site"]["name"]} for stop in stops],
        "words": {"zoom_in": _("Zoom in"), "zoom_out": _("Zoom out"), "source": _("Outlines: Tianditu")},
    }


def _ordered(route_order_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    trip = sites.routes.route_order({"route_order_id": route_order_id}, who=current()).data
    now = clock.now().isoformat()
    page = render_template(
        "routes/ordered.html",
        map=district_map.draw(
            current_app.extensions["zhendi.config"], settings=_settings(trip["stops"]), module="trip_layer"
        ),
        scripts=district_map.SCRIPTS,
        styles=district_map.STYLES,
        trip=trip,
        stops=list(zip(trip["stops"], trip["orders"], strict=True)),
        is_cancellable=current().may("cancel_order")
        and any(
            order["state"] in ("placed", "confirmed") and order["slot"]["starts_at"] > now for order in trip["orders"]
        ),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
