"""Checking oneself in: what one has at a site today, and the code on the screen at its door (S8)."""

from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.explanations import people
from gateway.pages.formats import instant
from gateway.pages.forms import Faults, faults, given, typed, typed_number

blueprint = Blueprint("self_check_ins", __name__)

AT_FIELD = {"door-code-wrong": "code", "too-many-door-codes": "code", "over-party": "count"}


@blueprint.get("/sites/<uuid:site_id>/check-in")
@needs("self_check_in")
def show(site_id: UUID) -> ResponseReturnValue:
    """Show what can be checked in here today; the QR on the screen brings the code along."""
    return _page(site_id, Faults())


@blueprint.post("/sites/<uuid:site_id>/check-in")
@needs("self_check_in")
def check_in(site_id: UUID) -> ResponseReturnValue:
    """Check in by the code."""
    member_ids = request.form.getlist("member_ids")
    fields = given(
        site_id=site_id,
        order_id=typed("order_id"),
        code=typed("code"),
        check_in_id=typed("check_in_id") or uuid4(),
        member_ids=member_ids or None,
        count=None if member_ids else typed_number("count"),
    )
    try:
        done = sites.visits.self_check_in(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal, at=AT_FIELD))
    flash(_("Checked in: %(people)s. Welcome!", people=people(done["count"])), "good")
    return redirect(url_for("pages.self_check_ins.show", site_id=site_id), code=303)


def _page(site_id: UUID, told: Faults) -> ResponseReturnValue:
    here = sites.visits.arrivals({"site_id": site_id}, who=current()).data
    now = clock.now()
    orders = [order | {"can": _can(order, now)} for order in here["orders"]]
    open_ones = [order for order in orders if order["can"] == "check_in"]
    asked = request.form.get("order_id") or (open_ones[0]["id"] if open_ones else None)
    page = render_template(
        "sites/check_in.html",
        site=here["site"],
        orders=orders,
        chosen=next((order for order in open_ones if order["id"] == asked), None),
        others=[order for order in open_ones if order["id"] != asked],
        code=request.form.get("code") or request.args.get("code") or "",
        check_in_id=request.form.get("check_in_id") or str(uuid4()),
        ticked=request.form.getlist("member_ids"),
        values=request.form,
        errors=told.errors,
    )
    return page, told.status if told.errors else 200


def _can(order: dict[str, Any], now: Any) -> str:
    """Return what can be done with the order now: check_in, inside, early, late, or nothing any more (ended)."""
    members = order["members"]
    everybody = bool(members) and all(member["inside_at"] for member in members)
    counted = order["checked_in"] is not None and not any(member["inside_at"] for member in members)
    if order["state"] == "used" or everybody or counted:
        return "inside"
    if order["state"] != "confirmed":
        return "ended"
    if now < instant(order["opens_at"]):
        return "early"
    return "late" if now > instant(order["slot"]["ends_at"]) else "check_in"
