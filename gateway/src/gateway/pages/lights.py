"""The lights of a month for those who watch over branches: the board by towns and fields, the list, members' lights."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from contracts.assessment.lights import LIGHTS
from contracts.roster.organisations import FIELDS
from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, sites
from gateway.identity import current, needs
from gateway.pages import district_map
from gateway.pages.branches import month_asked
from gateway.pages.forms import given
from gateway.pages.parts import Part, together

blueprint = Blueprint("lights", __name__)

ON_A_PAGE: Final = 100
PARTS_ON_A_PAGE: Final = 50
SITES_LOOKED_AT: Final = 500


@blueprint.get("/lights")
@needs("read_lights")
def index() -> ResponseReturnValue:
    """List the branches of one colour, or all."""
    who = current()
    month = month_asked()
    light = request.args.get("light")
    light = light if light in LIGHTS else None
    field = request.args.get("field")
    field = field if field in FIELDS else None
    organisation = _organisation_asked()
    fields = given(
        month=month,
        light=light,
        field=field,
        organisation_id=organisation,
        cursor=request.args.get("cursor") or None,
        limit=ON_A_PAGE,
    )
    parts = together(lights=lambda: assessment.lights.lights(fields, who=who))
    return render_template(
        "lights/index.html",
        **parts,
        month=month,
        light=light,
        field=field,
        fields=FIELDS,
        organisation=organisation,
        this_month=clock.month_of(clock.now()),
    )


@blueprint.get("/lights/board")
@needs("read_light_board")
def board() -> ResponseReturnValue:
    """Show how the lights stand below an organisation: counts, share, parts, fields, months, map."""
    who, month = current(), month_asked()
    fields = given(
        organisation_id=_organisation_asked(),
        month=month,
        cursor=request.args.get("cursor") or None,
        limit=PARTS_ON_A_PAGE,
    )
    parts = together(
        found=lambda: assessment.lights.light_board(fields, who=who),
        places=lambda: sites.places.sites({"limit": SITES_LOOKED_AT}),
    )
    shown = parts["found"].data
    drawn = _map(shown["parts"], parts["places"]) if shown else None
    return render_template(
        "lights/board.html",
        **parts,
        month=month,
        this_month=clock.month_of(clock.now()),
        map=drawn,
        scripts=district_map.SCRIPTS,
        styles=district_map.STYLES,
    )


@blueprint.get("/branches/<uuid:branch_id>/member-lights")
@needs("read_member_lights")
def members(branch_id: UUID) -> ResponseReturnValue:
    """Show the lights of a branch's members."""
    who, month = current(), month_asked()
    light = request.args.get("light")
    light = light if light in LIGHTS else None
    fields = given(branch_id=branch_id, month=month, light=light)
    found = assessment.lights.member_lights(fields, who=who).data
    return render_template(
        "lights/members.html", found=found, month=month, light=light, this_month=clock.month_of(clock.now())
    )


def _organisation_asked() -> str | None:
    """Return the organisation of the query, when it can be one."""
    text = request.args.get("organisation", "")
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        return None


def _map(parts: list[dict[str, Any]], places: Part) -> dict[str, str] | None:
    """Return the map with a mark for each town; a town stands where its sites do, for its outline is not known here.

    None where no part has such a place.
    """
    points: dict[str, list[list[float]]] = {}
    for feature in (places.data or {}).get("features", []):
        town = feature["properties"].get("town")
        if town:
            points.setdefault(town, []).append(feature["geometry"]["coordinates"])
    marks = []
    for part in parts:
        town = next((town for town in points if town in part["name"]), None)
        if town is None or not part["branches"] + part["exempt"]:
            continue
        at = [sum(one[axis] for one in points[town]) / len(points[town]) for axis in (0, 1)]
        light = "red" if part["red"] else "yellow" if part["yellow"] else "green" if part["green"] else "exempt"
        marks.append(
            {
                "at": at,
                "light": light,
                "name": town,
                "count": part[light],
                "title": _(
                    "%(name)s: %(green)s green, %(yellow)s yellow, %(red)s red, %(exempt)s exempt",
                    name=part["name"],
                    green=part["green"],
                    yellow=part["yellow"],
                    red=part["red"],
                    exempt=part["exempt"],
                ),
                "address": url_for(
                    "pages.lights.board", organisation=part["organisation_id"], month=request.args.get("month")
                ),
            }
        )
    if not marks:
        return None
    settings = {
        "districts": url_for("static", filename="data/zibo_districts.geojson"),
        "tiled": bool(current_app.extensions["zhendi.config"].tile_url),
        "towns": marks,
        "words": {"zoom_in": _("Zoom in"), "zoom_out": _("Zoom out"), "source": _("Outlines: Tianditu")},
    }
    return district_map.draw(current_app.extensions["zhendi.config"], settings=settings, module="light_layer")
