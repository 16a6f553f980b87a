"""Devices at the door and shifts: a steward makes an enrolment code, revokes what is lost, chooses a PIN (S8)."""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, tell, typed

blueprint = Blueprint("devices", __name__)

ON_A_PAGE = 50


@blueprint.get("/desk/devices")
@needs("read_devices")
def index() -> ResponseReturnValue:
    """List the devices of one of the sites that the person keeps."""
    return _page(_asked_site())


@blueprint.post("/desk/devices")
@needs("enrol_device")
def make() -> ResponseReturnValue:
    """Prepare a device; its code is shown once, on this answer alone."""
    site_id = typed("site_id")
    try:
        made = sites.enrol_device(given(site_id=site_id, name=typed("name")), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal), tried="make")
    return _page(site_id, made=made.data)


@blueprint.post("/desk/devices/<uuid:device_id>/revocation")
@needs("revoke_device")
def revoke(device_id: UUID) -> ResponseReturnValue:
    """Believe the device no more."""
    try:
        sites.revoke_device({"device_id": device_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Revoked. The device can send and fetch nothing any more."), "good")
    return redirect(url_for("pages.devices.index", site=_asked_site()), code=303)


@blueprint.post("/desk/shift-pin")
@needs("set_shift_pin")
def set_pin() -> ResponseReturnValue:
    """Choose one's PIN for the site's shared devices."""
    site_id = typed("site_id")
    try:
        sites.set_shift_pin(given(site_id=site_id, pin=typed("pin")), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal), tried="pin")
    flash(_("Your PIN is set; devices know it after their next sync."), "good")
    return redirect(url_for("pages.devices.index", site=site_id), code=303)


def _asked_site() -> str | None:
    return request.args.get("site") or None


def _page(
    site_id: str | None, told: Faults | None = None, *, tried: str = "", made: dict[str, Any] | None = None
) -> ResponseReturnValue:
    who = current()
    kept = sites.door_sites({}, who=who)["items"]
    chosen = next((site for site in kept if site["id"] == site_id), kept[0] if kept else None)
    devices: dict[str, Any] = {"items": [], "next": None}
    if chosen:
        fields = given(site_id=chosen["id"], cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
        devices = sites.devices(fields, who=who).data
    page = render_template(
        "devices/index.html",
        kept=kept,
        site=chosen,
        devices=devices,
        made=made,
        tried=tried,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
