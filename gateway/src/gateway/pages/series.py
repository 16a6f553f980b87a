"""Recurring orders: the same time on many dates; first a dry run that shows each date, then the orders."""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.orders import led_branches
from gateway.pages.parts import part

blueprint = Blueprint("series", __name__)


@blueprint.get("/slots/<uuid:slot_id>/series")
@needs("place_order")
def form(slot_id: UUID) -> ResponseReturnValue:
    """Show the form, with what the order form brought along."""
    return _page(
        slot_id, Faults(status=200), {"times": 4, "contact_name": current().name, **request.args.to_dict()}, None
    )


@blueprint.post("/slots/<uuid:slot_id>/series")
@needs("place_order")
def place(slot_id: UUID) -> ResponseReturnValue:
    """Try every date, or order them."""
    fields = given(
        slot_id=slot_id,
        branch_id=typed("branch_id"),
        party_size=typed_number("party_size"),
        contact_name=typed("contact_name"),
        contact_phone=typed("contact_phone"),
        every=typed("every"),
        times=typed_number("times"),
        dry_run=typed("act") != "order",
    )
    try:
        answer = sites.orders.place_series(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(slot_id, faults(refusal), request.form, None)
    return _page(slot_id, Faults(status=200), request.form, answer.data)


def _page(slot_id: UUID, told: Faults, values: Any, series: dict[str, Any] | None) -> ResponseReturnValue:
    page = render_template(
        "series/form.html",
        slot_id=slot_id,
        slot=part(lambda: sites.places.slot({"slot_id": slot_id})).data,
        branches=[(branch["organisation_id"], branch["organisation_name"]) for branch in led_branches()],
        values=values,
        series=series,
        errors=told.errors,
    )
    return page, told.status
