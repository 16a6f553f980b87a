"""Parties that the steward enters: one at the door is let in at once, one that calls gets an order (S8)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster, sites
from gateway.idempotency import command_id, new_key
from gateway.identity import current, needs
from gateway.pages.explanations import people
from gateway.pages.formats import day_code, instant
from gateway.pages.forms import Faults, day_in, faults, given, typed, typed_number
from gateway.pages.parts import Part, part

blueprint = Blueprint("walk_ins", __name__)

WALK_IN = "walk_in"
GROUP = "group"
OPENS_BEFORE = timedelta(minutes=30)
FOUND_MAX = 20
AT_FIELD = {
    "slot-full": "slot_id",
    "slot-closed": "slot_id",
    "slot-past": "slot_id",
    "not-yet-bookable": "slot_id",
    "groups-full": "slot_id",
    "too-early": "slot_id",
    "branch-unknown": "whom",
    "quota-reached": "whom",
    "quota-full": "whom",
}


@blueprint.get("/desk/parties")
@needs("book_for_others")
def form() -> ResponseReturnValue:
    """Show the form for a party at the door, or for one that calls."""
    return _page(Faults(), request.args)


@blueprint.post("/desk/parties")
@needs("book_for_others")
def enter() -> ResponseReturnValue:
    """Enter the party. What was searched for stays in the form; looking for a branch enters nothing."""
    if typed("find"):
        return _page(Faults(status=200), request.form)
    whom = typed("whom")
    is_walk_in = _kind(request.form) == WALK_IN
    fields = given(
        slot_id=typed("slot_id"),
        branch_id=whom if whom != GROUP else None,
        group_name=typed("group_name") if whom == GROUP else None,
        party_size=typed_number("party_size"),
        contact_name=typed("contact_name"),
        contact_phone=typed("contact_phone"),
        needs=typed("needs"),
        check_in_id=(typed("check_in_id") or uuid4()) if is_walk_in else None,
    )
    if whom is None:
        return _page(Faults({"whom": [_("Find the branch and choose it, or name the group.")]}), request.form)
    act = sites.visits.admit_walk_in if is_walk_in else sites.visits.book_by_telephone
    try:
        order = act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD), request.form, code=refusal.code)
    heads = people(order["party_size"])
    if is_walk_in:
        flash(_("Let in: %(people)s, %(party)s. Not subsidised.", people=heads, party=order["branch_name"]), "good")
        return redirect(url_for("pages.desk.show", on=day_code(order["slot"]["starts_at"])), code=303)
    flash(_("Ordered for %(party)s: %(people)s. Not subsidised.", people=heads, party=order["branch_name"]), "good")
    return redirect(url_for("pages.orders.show", order_id=order["id"]), code=303)


def _page(told: Faults, values: Any, *, code: str | None = None) -> ResponseReturnValue:
    who = current()
    kept = sites.visits.door_sites({}, who=who)["items"]
    site = next((each for each in kept if each["id"] == values.get("site")), kept[0] if kept else None)
    kind = _kind(values)
    now = clock.now()
    today = clock.today(now)
    on = today if kind == WALK_IN else max(day_in(values.get("on")) or today, today)
    # Before midnight the doors of the next day's first visit are open already.
    last = clock.today(now + OPENS_BEFORE) if kind == WALK_IN else on
    slots = (
        part(lambda: sites.places.slots({"site_id": site["id"], "from_day": on, "to_day": last})) if site else Part()
    )
    q = (values.get("q") or "").strip()
    asked = {"q": q, "limit": FOUND_MAX}
    page = render_template(
        "desk/party.html",
        kept=kept,
        site=site,
        kind=kind,
        on=on.isoformat(),
        slots=slots,
        choices=_choices(slots.rows, kind),
        nearest=_nearest(values) if code in AT_FIELD and AT_FIELD[code] == "slot_id" else [],
        q=q,
        found=part(lambda: roster.organisations.organisations(asked, who=who)) if q else Part(),
        values=values,
        check_in_id=values.get("check_in_id") or str(uuid4()),
        errors=told.errors,
        key=new_key() if code == "idempotency-key-reused" else request.form.get("idempotency_key"),
    )
    return page, told.status if told.errors else 200


def _kind(values: Any) -> str:
    return "telephone" if values.get("kind") == "telephone" else WALK_IN


def _choices(slots: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the times that may be chosen: for a walk-in those that are on, also where notice is over."""
    now = clock.now()
    if kind != WALK_IN:
        return [slot for slot in slots if slot["bookable"]]
    return [
        slot
        for slot in slots
        if instant(slot["starts_at"]) - OPENS_BEFORE <= now < instant(slot["ends_at"]) and slot["seats_left"] > 0
    ]


def _nearest(values: Any) -> list[dict[str, Any]]:
    """Return the nearest times with seats for the party; none where nobody can tell."""
    size = str(values.get("party_size") or "")
    slot_id = values.get("slot_id")
    if not slot_id or not (size.isdecimal() and 0 < int(size[:4]) <= 500):
        return []
    try:
        fields = {"slot_id": slot_id, "party_size": int(size)}
        told = part(lambda: sites.orders.explain_booking(fields, who=current())).data
    except Refusal:
        return []
    return list(told["nearest"]) if told else []
