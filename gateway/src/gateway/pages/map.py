"""The map of all sites, with the list beside it that does the same by keyboard and without JavaScript."""

import time
from collections.abc import Callable
from typing import Any

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.identity import public
from gateway.pages import district_map, formats, words
from gateway.pages.forms import Faults, day_in, faults
from gateway.pages.parts import PASSING, Part, part

blueprint = Blueprint("map", __name__)

FILTERS = ("q", "category", "kind", "town", "on", "seats", "near", "within_km")
DISTANCES_KM = (2, 5, 10, 20, 50)
TRIP_CHARACTERS_MAX = 400
ON_A_PAGE = 50
TOWNS_KEPT_S = 300
_towns: dict[str, Any] = {"names": [], "until": 0.0}


@blueprint.get("/map")
@public
def show() -> ResponseReturnValue:
    """Show the map and one page of the list."""
    asked = {name: text for name in FILTERS if (text := request.args.get(name, "").strip())}
    trip = request.args.get("trip", "")[:TRIP_CHARACTERS_MAX]
    today = clock.today(clock.now())
    found, told = _find(asked, cursor=request.args.get("cursor"))
    features = found.data["features"] if found.data else []
    drawn = district_map.draw(current_app.extensions["zhendi.config"], settings=_settings(asked, features, trip))
    page = render_template(
        "map.html",
        map=drawn,
        scripts=district_map.SCRIPTS,
        styles=district_map.STYLES,
        found=found,
        features=features,
        next_cursor=found.data.get("next") if found.data else None,
        asked=asked,
        without_day={name: text for name, text in asked.items() if name not in ("on", "seats")},
        errors=told.errors,
        towns=[(town, town) for town in _known_towns()],
        today=today.isoformat(),
        narrowed=bool(set(asked) - {"near", "q"}),
        removable=_removable(asked, trip),
        trip=trip,
        distances=[(str(km), _("%(number)s km", number=km)) for km in DISTANCES_KM],
        days_ahead=((day_in(asked.get("on")) or today) - today).days,
    )
    return page, told.status


def _find(asked: dict[str, str], *, cursor: str | None) -> tuple[Part, Faults]:
    fields: dict[str, Any] = {**asked, "limit": ON_A_PAGE}
    if cursor:
        fields["cursor"] = cursor
    for name in ("seats", "within_km"):
        if name in fields and fields[name].isdecimal():
            fields[name] = int(fields[name])
    try:
        return part(lambda: sites.places.sites(fields)), Faults(status=200)
    except Refusal as refusal:
        told = faults(refusal)
        return Part(), told


def _removable(asked: dict[str, str], trip: str) -> list[tuple[str, str]]:
    """Return each filter in words, with the address of the map without it."""
    said: dict[str, Callable[[str], Any]] = {
        "q": lambda text: f"“{text}”",
        "category": lambda code: words.word(code, "category"),
        "kind": lambda code: words.word(code, "site_kind"),
        "town": str,
        "on": lambda day: formats.day(day) if day_in(day) else day,
        "seats": lambda number: _("%(number)s people", number=number),
        "near": lambda _place: _("Near me"),
        "within_km": lambda number: _("%(number)s km", number=number),
    }
    without: dict[str, Any] = {name: {other: kept for other, kept in asked.items() if other != name} for name in asked}
    return [
        (said[name](text), url_for("pages.map.show", **without[name], trip=trip or None))
        for name, text in asked.items()
    ]


def _settings(asked: dict[str, str], features: list[dict[str, Any]], trip: str) -> dict[str, Any]:
    return {
        "sites": url_for_api("/sites"),
        "site": url_for("pages.sites.show", site_id="00000000-0000-0000-0000-000000000000"),
        "districts": url_for("static", filename="data/zibo_districts.geojson"),
        "asked": {name: text for name, text in asked.items() if name != "near" or "within_km" in asked},
        "near": asked.get("near"),
        "trip": f"{url_for('pages.routes.trip')}?sites={trip + ',' if trip else ''}",
        "tiled": bool(current_app.extensions["zhendi.config"].tile_url),
        "shown": [feature["geometry"]["coordinates"] for feature in features] if asked else [],
        "letters": {code: str(text) for code, text in words.VOCABULARIES["category_letter"].items()},
        "kinds": {code: str(text) for code, text in words.VOCABULARIES["site_kind"].items()},
        "words": {
            "zoom_in": _("Zoom in"),
            "zoom_out": _("Zoom out"),
            "open": _("Details and booking"),
            "add": _("Add to a trip"),
            "more": _("%(number)s sites here; zoom in", number="{n}"),
            "free": _("Free seats: {n}"),
            "next": _("Next free: {when}, {n} seats"),
            "none": _("No free seats in the next 7 days"),
            "you": _("You are here"),
            "made_up": _("Demo data"),
            "failed": _("The sites could not be fetched; the list shows them."),
            "source": _("Outlines: Tianditu"),
        },
    }


def url_for_api(path: str) -> str:
    """Return the address of a call of the JSON API that a module of the page makes."""
    return f"/api/v1{path}"


def _known_towns() -> list[str]:
    """Return the towns that have a site, kept for some minutes; none when sites does not answer."""
    if time.monotonic() > _towns["until"]:
        try:
            features = sites.places.sites({"limit": 1000})["features"]
        except Refusal as refusal:
            if refusal.code not in PASSING:
                raise
            return []
        _towns["names"] = sorted({town for feature in features if (town := feature["properties"].get("town"))})
        _towns["until"] = time.monotonic() + TOWNS_KEPT_S
    return list(_towns["names"])
