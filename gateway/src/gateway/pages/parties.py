"""Who comes: the branch picks from its roster the members of a visit, and says what the party needs (S8)."""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster, sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, typed
from gateway.pages.parts import Part, part

blueprint = Blueprint("parties", __name__)

MEMBERS_MAX = 1000


@blueprint.get("/orders/<uuid:order_id>/party")
@needs("name_party")
def form(order_id: UUID) -> ResponseReturnValue:
    """Show the branch's members, with those who come ticked."""
    return _page(order_id, Faults())


@blueprint.post("/orders/<uuid:order_id>/party")
@needs("name_party")
def name(order_id: UUID) -> ResponseReturnValue:
    """Write down who comes. Names are the roster's, not the form's."""
    order = sites.orders.order({"order_id": order_id}, who=current()).data
    names = _names(order, sites.visits.party({"order_id": order_id}, who=current()).data, _roster(order))
    ticked = [member_id for member_id in dict.fromkeys(request.form.getlist("member_ids")) if member_id in names]
    fields = {
        "order_id": order_id,
        "members": [{"member_id": member_id, "name": names[member_id]} for member_id in ticked],
        "needs": typed("needs"),
    }
    try:
        sites.visits.name_party(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(order_id, faults(refusal))
    flash(_("Saved. The site sees the names on the day of the visit, and the needs at once."), "good")
    return redirect(url_for("pages.orders.show", order_id=order_id), code=303)


def _page(order_id: UUID, told: Faults) -> ResponseReturnValue:
    order = sites.orders.order({"order_id": order_id}, who=current()).data
    party = sites.visits.party({"order_id": order_id}, who=current()).data
    members = _roster(order)
    chosen = (
        set(request.form.getlist("member_ids"))
        if request.method == "POST"
        else {member["member_id"] for member in party["members"]}
    )
    page = render_template(
        "orders/party.html",
        order=order,
        party=party,
        members=members,
        names=_names(order, party, members),
        chosen=chosen,
        needs=request.form.get("needs", party["needs"] or ""),
        errors=told.errors,
        key=request.form.get("idempotency_key") if not told.errors else None,
    )
    return page, told.status if told.errors else 200


def _roster(order: dict[str, Any]) -> Part:
    """Return the branch's members; none for a booking of one's own, or for whom the roster is closed."""
    if order["branch_id"] is None or not current().may("read_members"):
        return Part()
    asked = {"organisation_id": order["branch_id"], "limit": MEMBERS_MAX}
    try:
        return part(lambda: roster.members.members(asked, who=current()))
    except Refusal as refusal:
        if refusal.code not in ("not-found", "forbidden"):
            raise
        return Part()


def _names(order: dict[str, Any], party: dict[str, Any], members: Part) -> dict[str, str]:
    """Return by id who may be named: the roster's members, and whom the order names already."""
    if order["branch_id"] is None:
        return {}
    named = {member["member_id"]: member["name"] for member in party["members"]}
    return {member["id"]: member["name"] for member in members.rows} | named
