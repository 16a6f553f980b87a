"""The steward's desk: who comes today, check-in by voucher, closing with a headcount, answering orders by hand."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.refusals import Refusal
from contracts.sites.visits import CLOSURE_PICTURES_MAX
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.edge import takes_pictures
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.explanations import people
from gateway.pages.formats import instant
from gateway.pages.forms import FORM, Faults, day_in, faults, given, tell, typed, typed_number
from gateway.pages.parts import Part, part, together
from gateway.pages.site_care import FILE_FAULTS
from gateway.pictures import uploaded_pictures

blueprint = Blueprint("desk", __name__)

DOUBTFUL_MAX = 50
DOOR = (
    "voucher-unknown",
    "voucher-for-another-site",
    "voucher-used",
    "voucher-cancelled",
    "too-early",
    "too-late",
)
AT_FIELD = {**dict.fromkeys(DOOR, "voucher"), "forbidden": "voucher", "not-found": "voucher", "over-party": "count"}
AT_CLOSURE = {
    **dict.fromkeys(FILE_FAULTS, "pictures"),
    **dict.fromkeys(("order-not-movable", "not-checked-in", "headcount-over-check-in"), "headcount"),
}


@blueprint.get("/desk")
@needs("check_in")
def show() -> ResponseReturnValue:
    """Show one day at the door."""
    return _page(Faults())


@blueprint.post("/desk/check-ins")
@needs("check_in")
def check_in() -> ResponseReturnValue:
    """Let a party in by its voucher, or the members of it that are ticked in the day's list."""
    member_ids = request.form.getlist("member_ids")
    fields = given(
        voucher=typed("voucher"),
        member_ids=member_ids or None,
        count=None if member_ids else typed_number("count"),
        check_in_id=typed("check_in_id") or uuid4(),
    )
    try:
        done = sites.visits.check_in(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD))
    party = done["branch_name"] or _("One person")
    heads, ordered = people(done["count"]), people(done["party_size"])
    if done["count"] < done["party_size"]:
        sentence = _("Checked in: %(people)s of %(ordered)s, %(branch)s.", people=heads, ordered=ordered, branch=party)
    else:
        sentence = _("Checked in: %(people)s, %(branch)s.", people=heads, branch=party)
    flash(sentence, "good")
    return redirect(url_for("pages.desk.show"), code=303)


@blueprint.post("/desk/orders/<uuid:order_id>/closure")
@takes_pictures
@needs("close_order")
def close(order_id: UUID) -> ResponseReturnValue:
    """Close a visit with its headcount, and with pictures when there are any."""
    fields = given(order_id=order_id, headcount=typed_number("headcount"))
    try:
        fields["pictures"] = uploaded_pictures(most=CLOSURE_PICTURES_MAX)
        order = sites.visits.close_order(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_CLOSURE), closing=str(order_id))
    if order["claim_id"]:
        flash(_("Closed. A claim was drafted; look it over and submit it."), "good")
        return redirect(url_for("pages.claims.show", claim_id=order["claim_id"]), code=303)
    flash(
        _(
            "Closed with %(people)s. This visit is not subsidised, so no claim was made.",
            people=people(order["headcount"]),
        ),
        "good",
    )
    return _back()


@blueprint.post("/desk/orders/<uuid:order_id>/confirmation")
@needs("confirm_order")
def confirm(order_id: UUID) -> ResponseReturnValue:
    """Say yes to an order that waits for the site."""
    return _answered(
        sites.orders.confirm_order, {"order_id": order_id}, _("Confirmed. The branch sees its voucher now.")
    )


@blueprint.post("/desk/orders/<uuid:order_id>/refusal")
@needs("refuse_order")
def refuse(order_id: UUID) -> ResponseReturnValue:
    """Say no to an order that waits for the site."""
    fields = given(order_id=order_id, reason=typed("reason"))
    return _answered(sites.orders.refuse_order, fields, _("Refused. Its seats are free again."))


def _answered(move: Callable[..., Any], fields: dict[str, Any], done: str) -> ResponseReturnValue:
    try:
        move(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(done, "good")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("pages.desk.show", on=request.args.get("on")), code=303)


@blueprint.get("/desk/inside")
@needs("read_inside")
def inside() -> ResponseReturnValue:
    """Show how many are inside now: a piece of the desk, which asks for it again while somebody looks."""
    return render_template("desk/_inside.html", inside=part(lambda: sites.visits.inside({}, who=current())))


def _page(told: Faults, *, closing: str | None = None) -> ResponseReturnValue:
    today = clock.today(clock.now())
    day = day_in(request.args.get("on")) or today
    who = current()
    parts = together(
        parties=lambda: sites.visits.todays_parties({}, who=who),
        day=lambda: sites.orders.orders({"on": day, "limit": 500}, who=who),
        placed=lambda: sites.orders.orders({"state": "placed", "limit": 200}, who=who),
        confirmed=lambda: sites.orders.orders({"state": "confirmed", "limit": 500}, who=who),
        inside=lambda: sites.visits.inside({}, who=who),
        flagged=lambda: sites.visits.check_ins({"state": "flagged", "limit": DOUBTFUL_MAX}, who=who),
        duplicate=lambda: sites.visits.check_ins({"state": "duplicate", "limit": DOUBTFUL_MAX}, who=who),
    )
    seen_inside = parts.pop("inside")
    kept = _kept_sites([order for name in ("day", "placed", "confirmed") for order in parts[name].rows])
    now = clock.now()
    on_day = [order for order in _mine(parts["day"], kept) if order["state"] in ("confirmed", "used", "no_show")]
    page = render_template(
        "desk/show.html",
        parts=parts,
        day=day.isoformat(),
        is_today=day == today,
        orders=sorted(on_day, key=lambda order: (order["slot"]["starts_at"], order["placed_at"])),
        placed=sorted(_mine(parts["placed"], kept), key=lambda order: order["answer_by"] or order["placed_at"]),
        # Visits of other days whose party came and that nobody closed.
        unclosed=[
            order
            for order in _mine(parts["confirmed"], kept)
            if order["check_in"] and instant(order["slot"]["starts_at"]).date() != day
        ],
        # What waits for a decision, and the day's vouchers that were used twice.
        doubtful=[
            *parts["flagged"].rows,
            *(each for each in parts["duplicate"].rows if instant(each["happened_at"]).date() == day),
        ],
        is_over={order["id"] for order in on_day if instant(order["slot"]["ends_at"]) <= now},
        inside=seen_inside,
        # The closing form stands once for each visit: a fault of one is told at that one.
        closing=closing,
        wrong=told.errors if closing else {},
        named={party["order_id"]: party["members"] for party in parts["parties"].rows},
        values=request.form,
        check_in_id=request.form.get("check_in_id") or str(uuid4()),
        errors={f"{name}-{closing}": sentences for name, sentences in told.errors.items()} if closing else told.errors,
        form_name=FORM,
    )
    return page, told.status if told.errors else 200


def _kept_sites(orders: list[dict[str, Any]]) -> set[str]:
    """Return the sites of these orders that the person keeps; they may also see orders of their own branch."""
    actor = current().actor
    assert actor is not None
    reads = {site_id: _site_read(site_id) for site_id in {order["site"]["id"] for order in orders}}
    found = together(**reads) if reads else {}
    return {
        site_id
        for site_id, part in found.items()
        if part.data and actor.may("check_in", site=part.data["managing_path"])
    }


def _site_read(site_id: str) -> Callable[[], Any]:
    return lambda: sites.places.site({"site_id": site_id})


def _mine(part: Part, kept: set[str]) -> list[dict[str, Any]]:
    return [order for order in part.rows if order["site"]["id"] in kept]
