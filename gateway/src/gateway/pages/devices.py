"""Devices at the door and shifts: a steward makes an enrolment code, revokes what is lost, chooses a PIN (S8).

The officer sees them too and takes away the PIN of whoever keeps the site no more.
"""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed

blueprint = Blueprint("devices", __name__)

ON_A_PAGE = 50


@blueprint.get("/desk/devices")
@needs("read_devices")
def index() -> ResponseReturnValue:
    """List the devices and PINs of one of the sites that the person keeps, or of the site that an officer came from."""
    return _page(_asked_site())


@blueprint.post("/desk/devices")
@needs("enrol_device")
def make() -> ResponseReturnValue:
    """Prepare a device; its code is shown once, on this answer alone."""
    site_id = typed("site_id")
    try:
        made = sites.visits.enrol_device(
            given(site_id=site_id, name=typed("name")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        return _page(site_id, faults(refusal), tried="make")
    return _page(site_id, made=made.data)


@blueprint.post("/desk/devices/<uuid:device_id>/revocation")
@needs("revoke_device")
def revoke(device_id: UUID) -> ResponseReturnValue:
    """Believe the device no more."""
    return done_or_told(
        sites.visits.revoke_device,
        {"device_id": device_id},
        done=_("Revoked. The device can send and fetch nothing any more."),
        back=url_for("pages.devices.index", site=_asked_site()),
    )


@blueprint.post("/desk/shift-pin")
@needs("set_shift_pin")
def set_pin() -> ResponseReturnValue:
    """Choose one's PIN for the site's shared devices."""
    site_id = typed("site_id")
    try:
        sites.visits.set_shift_pin(given(site_id=site_id, pin=typed("pin")), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal), tried="pin")
    flash(_("Your PIN is set; devices know it after their next sync."), "good")
    return redirect(url_for("pages.devices.index", site=site_id), code=303)


@blueprint.post("/desk/shift-pins/<uuid:person_id>/removal")
@needs("remove_shift_pin")
def remove_pin(person_id: UUID) -> ResponseReturnValue:
    """Take a person's PIN away."""
    site_id = typed("site_id")
    try:
        sites.visits.remove_shift_pin(
            given(site_id=site_id, person_id=person_id), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Removed. Devices forget this PIN at their next sync."), "good")
    return redirect(url_for("pages.devices.index", site=site_id), code=303)


def _asked_site() -> str | None:
    return request.args.get("site") or None


def _page(
    site_id: str | None, told: Faults | None = None, *, tried: str = "", made: dict[str, Any] | None = None
) -> ResponseReturnValue:
    who = current()
    kept = sites.visits.door_sites({}, who=who)["items"] if who.may("check_in") else []
    chosen = next((site for site in kept if site["id"] == site_id), None)
    keeps_it = chosen is not None
    if chosen is None and site_id and who.may("remove_shift_pin"):
        # An officer keeps no door: the site's own record says whether they may come in.
        try:
            chosen = sites.places.site_record({"site_id": site_id}, who=who).data
        except Refusal as refusal:
            tell(refusal)
    if chosen is None and kept:
        chosen, keeps_it = kept[0], True
    devices: dict[str, Any] = {"items": [], "next": None}
    pins: list[dict[str, Any]] = []
    if chosen:
        pins = sites.visits.shift_pins({"site_id": chosen["id"]}, who=who)["items"]
        fields = given(site_id=chosen["id"], cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
        devices = sites.visits.devices(fields, who=who).data
    page = render_template(
        "devices/index.html",
        kept=kept,
        site=chosen,
        keeps_it=keeps_it,
        devices=devices,
        pins=pins,
        made=made,
        tried=tried,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
