"""The sites one keeps or oversees, in every state, and the form that writes a site's record."""

from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from contracts.sites.places import FACILITIES
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.district_map import LEAFLET
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.organisations import organisation_named
from gateway.pages.parts import part

blueprint = Blueprint("site_records", __name__)

ON_A_PAGE: Final = 50
CHANGES_SHOWN: Final = 20
TEXTS: Final = (
    *("reason", "name", "category", "kind", "town", "address", "hours_text"),
    *("facilities_text", "accessibility_text", "contact_name", "contact_phone", "arrival_text", "parking_text"),
    *("bring_text", "point_datum", "point_source", "point_checked_on"),
)
NUMBERS: Final = ("capacity", "visit_minutes", "point_accuracy_m")
POINTS: Final = ("point", "entrance")
AT_FIELD: Final = {"organisation-unknown": "keeper"}


@blueprint.get("/sites/kept")
@needs("read_site_record")
def index() -> ResponseReturnValue:
    """List the sites that the person keeps or oversees."""
    who = current()
    q, state = request.args.get("q", "").strip()[:100], request.args.get("state") or None
    asked = given(q=q or None, state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    found = part(lambda: sites.places.kept_sites(asked, who=who))
    return render_template(
        "sites/kept.html",
        found=found,
        q=q,
        asked_state=state,
        may_files=who.may("export_sites"),
        may_admit=who.may("read_admission"),
    )


@blueprint.get("/sites/<uuid:site_id>/record")
@needs("read_site_record")
def show(site_id: UUID) -> ResponseReturnValue:
    """Show a site's record, for who may as a form."""
    return _page(site_id, Faults(status=200))


@blueprint.post("/sites/<uuid:site_id>/record")
@needs("edit_site")
def edit(site_id: UUID) -> ResponseReturnValue:
    """Write the record as the form says it."""
    keeper_id, wrong = _typed_keeper()
    if wrong:
        return _page(site_id, Faults({"keeper": [wrong]}), typed_before=True)
    fields = given(
        site_id=site_id,
        version=typed_number("version"),
        managing_organisation_id=keeper_id,
        facilities=request.form.getlist("facilities"),
        **{name: typed(name) for name in TEXTS},
        **{name: typed_number(name) for name in NUMBERS},
        **{name: typed_point(name) for name in POINTS},
    )
    try:
        sites.places.edit_site(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal, at=AT_FIELD), typed_before=True)
    flash(_("Saved. The history keeps what was changed, by whom and why."), "good")
    return redirect(url_for("pages.site_records.show", site_id=site_id), code=303)


def _typed_keeper() -> tuple[str | None, str | None]:
    """Return the organisation whose name was typed, none where it keeps the site already; or what is wrong with it."""
    name = typed("keeper")
    if name is None or name == typed("keeper_now"):
        return None, None
    return organisation_named(name)


def typed_point(name: str) -> str | None:
    """Return the point as `lon,lat`; None when neither was typed, so that half a point is told as a fault."""
    lon, lat = typed(f"{name}_lon"), typed(f"{name}_lat")
    return f"{lon or ''},{lat or ''}" if lon or lat else None


def _page(site_id: UUID, told: Faults, *, typed_before: bool = False) -> ResponseReturnValue:
    who = current()
    record = sites.places.site_record({"site_id": site_id}, who=who).data
    changes = part(lambda: sites.places.site_history({"site_id": site_id, "limit": CHANGES_SHOWN}, who=who))
    values: Any = request.form if typed_before else _values(record)
    page = render_template(
        "sites/record.html",
        site=record,
        values=values,
        chosen=request.form.getlist("facilities") if typed_before else record["facilities"],
        facilities=FACILITIES,
        changes=changes,
        may_edit=who.may("edit_site", site=record["managing_path"]),
        may_classify=who.may("classify_site", site=record["managing_path"]),
        scripts=[LEAFLET + "leaflet.js"],
        styles=[LEAFLET + "leaflet.css"],
        errors=told.errors,
    )
    return page, told.status


def _values(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record as the form's fields; a point is shown in WGS-84, as it is stored."""
    values = {**record, **{f"point_{name}": value for name, value in record["point_origin"].items()}}
    values["point_datum"] = "WGS-84"
    for name in POINTS:
        lon, lat = record[name]["coordinates"] if record[name] else ("", "")
        values |= {f"{name}_lon": lon, f"{name}_lat": lat}
    return values
