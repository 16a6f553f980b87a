"""Waiting lists: stand in the queue of a full slot, see one's place in it, take or decline what is offered."""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import done_or_told, given, tell
from gateway.pages.orders import led_branches, order_fields, slot_form
from gateway.pages.parts import together

blueprint = Blueprint("waiting", __name__)

ON_A_PAGE = 30


@blueprint.get("/waiting")
@needs("read_order")
def index() -> ResponseReturnValue:
    """List the entries of one's branch and one's own, those with an offer first."""
    who = current()
    branch = next(iter(led_branches()), None)
    whose: dict[str, Any] = {"branch_id": branch["organisation_id"]} if branch else {"mine": True}
    fields = given(cursor=request.args.get("cursor") or None, limit=ON_A_PAGE, **whose)
    parts = together(entries=lambda: sites.orders.waiting_entries(fields, who=who))
    return render_template("waiting/index.html", **parts)


@blueprint.post("/slots/<uuid:slot_id>/waiting")
@needs("book_seats", "place_order")
def join(slot_id: UUID) -> ResponseReturnValue:
    """Stand in the queue of a slot, with what was typed into its order form."""
    try:
        entry = sites.orders.join_waiting_list(order_fields(slot_id), who=current(), command_id=command_id())
    except Refusal as refusal:
        return slot_form(slot_id, refusal)
    flash(_("You are number %(position)s on the waiting list.", position=entry["position"]), "good")
    return redirect(url_for("pages.waiting.index"), code=303)


@blueprint.post("/waiting/<uuid:entry_id>/acceptance")
@needs("book_seats", "place_order")
def accept(entry_id: UUID) -> ResponseReturnValue:
    """Take the offered seats."""
    try:
        order = sites.orders.accept_offer({"entry_id": entry_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.waiting.index"), code=303)
    flash(_("The seats are yours. Show the voucher at the door."), "good")
    return redirect(url_for("pages.orders.show", order_id=order["id"]), code=303)


@blueprint.post("/waiting/<uuid:entry_id>/withdrawal")
@needs("cancel_order")
def leave(entry_id: UUID) -> ResponseReturnValue:
    """Decline the offer, or leave the queue."""
    return done_or_told(
        sites.orders.leave_waiting_list,
        {"entry_id": entry_id},
        done=_("You have left the waiting list; what was offered to you goes to the next."),
        back=url_for("pages.waiting.index"),
    )
