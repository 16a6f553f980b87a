"""Orders: ask a site for seats, for a branch or for oneself; see what became of it; show the voucher at the door."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import segno
from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import Answer, roster, sites
from gateway.idempotency import command_id, new_key
from gateway.identity import current, needs
from gateway.pages.formats import instant
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import Part, part, together
from gateway.pages.policy_words import amount_sentences

blueprint = Blueprint("orders", __name__)

ON_A_PAGE = 30
ONESELF = "me"
MOVES_AHEAD = timedelta(days=13)
TIMES_MAX = 60
CANCELLABLE = frozenset({"placed", "confirmed"})
PARTY_MAX = 500
WAITABLE = frozenset({"slot-full", "groups-full", "waiting-already"})
EXPLAINED = WAITABLE | {
    *("slot-closed", "slot-past", "not-yet-bookable", "in-allocation-round", "party-outside-programme"),
    *("quota-reached", "quota-full", "fund-exhausted"),
}
AT_FIELD = {
    "slot-full": "party_size",
    "groups-full": "whom",
    "seats-free": "party_size",
    "party-over-seats": "party_size",
    "waiting-already": "whom",
    "not-your-branch": "whom",
    "branch-unknown": "whom",
    "quota-reached": "whom",
    "quota-full": "whom",
    "party-outside-programme": "party_size",
}


@blueprint.get("/slots/<uuid:slot_id>/order")
@needs("book_seats")
def form(slot_id: UUID) -> ResponseReturnValue:
    """Show the order form of one slot; `party_size` and `whom` in the address are kept in it."""
    values = {"party_size": "", "contact_name": current().name, **request.args.to_dict()}
    return _form(slot_id, Faults(), values)


def slot_form(slot_id: UUID, refusal: Refusal) -> ResponseReturnValue:
    """Show the form again with what the refusal says, and with what was typed."""
    return _form(slot_id, faults(refusal, at=AT_FIELD), request.form, code=refusal.code)


def order_fields(slot_id: UUID) -> dict[str, Any]:
    """Return what was typed into a slot's form, for an order or a place on the waiting list."""
    whom = typed("whom")
    return given(
        slot_id=slot_id,
        party_size=1 if whom == ONESELF else typed_number("party_size"),
        branch_id=None if whom == ONESELF else whom,
        contact_name=typed("contact_name"),
        contact_phone=typed("contact_phone"),
    )


@blueprint.post("/slots/<uuid:slot_id>/order")
@needs("book_seats", "place_order")
def place(slot_id: UUID) -> ResponseReturnValue:
    """Place the order."""
    if typed("whom") is None:
        return _form(slot_id, Faults({"whom": [_("Choose for whom you order.")]}), request.form)
    try:
        order = sites.orders.place_order(order_fields(slot_id), who=current(), command_id=command_id())
    except Refusal as refusal:
        return slot_form(slot_id, refusal)
    if order["state"] == "placed":
        flash(_("Ordered. The site answers by hand; you find its answer on this page."), "info")
    else:
        flash(_("The seats are yours. Show the voucher at the door."), "good")
    return redirect(url_for("pages.orders.show", order_id=order["id"]), code=303)


@blueprint.get("/orders")
@needs("read_order")
def index() -> ResponseReturnValue:
    """List the orders of one's branch and one's own bookings."""
    scope = "mine" if request.args.get("of") == "mine" or not current().may("place_order") else "branch"
    state = request.args.get("state") or None
    fields = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(**_of_whom(scope, fields))
    return render_template("orders/index.html", scope=scope, state=state, **parts)


@blueprint.get("/orders/<uuid:order_id>")
@needs("read_order")
def show(order_id: UUID) -> ResponseReturnValue:
    """Show one order with its voucher."""
    return _page(order_id)


@blueprint.post("/orders/<uuid:order_id>/amendment")
@needs("amend_order")
def amend(order_id: UUID) -> ResponseReturnValue:
    """Change the party, the time, or both."""
    fields = given(order_id=order_id, party_size=typed_number("party_size"), slot_id=typed("slot_id"))
    try:
        order = sites.orders.amend_order(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(order_id, faults(refusal, at=AT_FIELD))
    if order["state"] == "placed":
        flash(_("Changed. The site answers by hand; you find its answer on this page."), "info")
    elif fields.get("slot_id"):
        flash(_("Changed. Show the voucher as it stands here now; one printed before is not valid any more."), "good")
    else:
        flash(_("Changed. The voucher is as good as before."), "good")
    return redirect(url_for("pages.orders.show", order_id=order_id), code=303)


@blueprint.post("/orders/<uuid:order_id>/cancellation")
@needs("cancel_order")
def cancel(order_id: UUID) -> ResponseReturnValue:
    """Give the seats back."""
    fields = given(order_id=order_id, reason=typed("reason"))
    try:
        order = sites.orders.cancel_order(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(order_id, faults(refusal))
    if order["cancelled_late"]:
        flash(_("The order is cancelled. It came late: the site had counted on you."), "warn")
    else:
        flash(_("The order is cancelled and its seats are free again."), "good")
    return redirect(url_for("pages.orders.show", order_id=order_id), code=303)


def _of_whom(scope: str, fields: dict[str, Any]) -> dict[str, Any]:
    who = current()
    if scope == "mine":
        return {"orders": lambda: sites.orders.orders({**fields, "mine": True}, who=who)}
    branch = next(iter(led_branches()), None)
    asked = {**fields, "branch_id": branch["organisation_id"]} if branch else fields
    return {"orders": lambda: sites.orders.orders(asked, who=who)}


def led_branches() -> list[dict[str, Any]]:
    """Return the grants at branches that the person may order for; none when roster does not answer."""
    who = current()
    if not who.may("place_order"):
        return []
    me = part(lambda: roster.sessions.me({}, who=who))
    roles = me.data["roles"] if me.data else []
    return [grant for grant in roles if grant["role"] == "secretary" and grant["organisation_id"]]


def _form(slot_id: UUID, told: Faults, values: Any, *, code: str | None = None) -> ResponseReturnValue:
    """Show the form; with sites down without what it tells of the slot, so that what was typed is kept."""
    slot = part(lambda: sites.places.slot({"slot_id": slot_id})).data
    parts = {"site": Part(), "policy": Part()}
    if slot:
        parts = together(
            site=lambda: sites.places.site({"site_id": slot["site_id"]}),
            policy=lambda: _policy_on(instant(slot["starts_at"]).date()),
        )
    branches = led_branches()
    whom = values.get("whom") or (branches[0]["organisation_id"] if branches else ONESELF)
    page = render_template(
        "orders/form.html",
        why=_why(slot, whom=whom, party_size=values.get("party_size"), code=code),
        can_wait=code in WAITABLE or bool(slot and slot["seats_left"] == 0 and slot["waitable"]),
        slot_id=slot_id,
        slot=slot,
        site=parts["site"].data,
        policy=parts["policy"].data,
        policy_text=_text_of(parts["policy"].data),
        limits=_limits(slot, parts["policy"].data, whom=whom, party_size=values.get("party_size")),
        branches=branches,
        oneself=ONESELF,
        whom=whom,
        values=values,
        errors=told.errors,
        # A key that was used for another content cannot be used again: the person starts anew.
        key=new_key() if code == "idempotency-key-reused" else request.form.get("idempotency_key"),
    )
    return page, told.status if told.errors else 200


def _text_of(policy: dict[str, Any] | None) -> list[str]:
    """Return the sentences of the policy that are about one visit."""
    return amount_sentences(policy) if policy else []


def _limits(
    slot: dict[str, Any] | None, policy: dict[str, Any] | None, *, whom: str, party_size: Any
) -> list[dict[str, Any]]:
    """Return what lowers the branch's subsidy now: limits that others have used, or a fund that is nearly empty."""
    if slot is None or policy is None or whom == ONESELF:
        return []
    told = _explained(slot, whom=whom, party_size=party_size or policy["heads_min"])
    return (
        [rule for rule in told["rules"] if rule["rule"] in ("subsidy_caps", "fund") and not rule["passes"]]
        if told
        else []
    )


def _why(slot: dict[str, Any] | None, *, whom: str, party_size: Any, code: str | None) -> dict[str, Any] | None:
    """Return why the slot cannot be ordered, when it cannot or an order of it was just refused."""
    if slot is None or not (code in EXPLAINED or not slot["bookable"] or slot["seats_left"] == 0):
        return None
    return _explained(slot, whom=whom, party_size=party_size)


def _explained(slot: dict[str, Any], *, whom: str, party_size: Any) -> dict[str, Any] | None:
    size = str(party_size or "")
    fields = given(
        slot_id=slot["id"],
        party_size=int(size) if size.isdecimal() and 0 < int(size[:4]) <= PARTY_MAX else 1,
        branch_id=None if whom == ONESELF else whom,
    )
    try:
        found: dict[str, Any] | None = part(lambda: sites.orders.explain_booking(fields, who=current())).data
    except Refusal:
        return None  # what is wrong with the branch stands at the form already
    return found


def _policy_on(day: date) -> Answer:
    """Return the subsidy policy of the day, or nothing where none is in force."""
    try:
        return sites.funds.subsidy_policy({"on": day})
    except Refusal as refusal:
        if refusal.code != "not-found":
            raise
        return Answer(b"null")


def _qr(order_id: UUID) -> str:
    """Return the signed token as a QR code; one that is drawn a moment after a cancellation holds the code alone."""
    voucher = sites.visits.voucher({"order_id": order_id}, who=current()).data
    return str(segno.make(voucher["token"] or voucher["voucher"], error="m").svg_inline(border=2, omitsize=True))


def _other_times(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the site's slots of the next two weeks that the party fits into, those of the same programme first.

    None while the service is away.
    """
    today = clock.today(clock.now())
    asked = {"site_id": order["site"]["id"], "from_day": today, "to_day": today + MOVES_AHEAD, "limit": 1000}
    found = part(lambda: sites.places.slots(asked)).rows
    fits = [slot for slot in found if slot["bookable"] and slot["seats_left"] >= order["party_size"]]
    others = [slot for slot in fits if slot["id"] != order["slot"]["id"]]
    return sorted(others, key=lambda slot: slot["programme"]["name"] != order["slot"]["programme"])[:TIMES_MAX]


def page_of(order_id: UUID, told: Faults) -> ResponseReturnValue:
    """Show the order again with what is wrong, and with what was typed."""
    return _page(order_id, told)


def _page(order_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    order = sites.orders.order({"order_id": order_id}, who=current()).data
    is_amendable = order["state"] in CANCELLABLE and order["check_in"] is None and current().may("amend_order")
    is_amendable = is_amendable and instant(order["slot"]["starts_at"]) > clock.now()
    has_voucher = bool(order["voucher"]) and order["state"] == "confirmed"
    is_let_in = order["state"] in ("confirmed", "used") and current().may("read_voucher")
    arrival = part(lambda: sites.places.arrival({"order_id": order_id}, who=current())) if is_let_in else None
    is_live = order["state"] in CANCELLABLE and current().may("read_notices")
    page = render_template(
        "orders/show.html",
        order=order,
        notices=part(lambda: sites.calendars.order_notices({"order_id": order_id}, who=current()))
        if is_live
        else Part(),
        arrival=arrival,
        times=_other_times(order) if is_amendable else None,
        is_late=bool(order["cancel_free_until"]) and instant(order["cancel_free_until"]) <= clock.now(),
        has_voucher=has_voucher,
        qr=_qr(order_id) if has_voucher else None,
        is_cancellable=order["state"] in CANCELLABLE and order["check_in"] is None and current().may("cancel_order"),
        is_at_the_door=current().may("check_in"),
        party=_party(order_id),
        run_sheet=_run_sheet(order_id),
        visit_pictures=visit_pictures(order_id) if order["state"] == "used" else Part(),
        rating=part(lambda: sites.visits.order_rating({"order_id": order_id}, who=current())),
        may_record_incident=current().may("record_incident"),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def visit_pictures(order_id: UUID | str) -> Part:
    """Return the pictures of a closed visit, for those who may read its check-ins."""
    who = current()
    if not who.may("read_check_ins"):
        return Part()
    try:
        read = part(lambda: sites.visits.visit_pictures({"order_id": order_id}, who=who))
    except Refusal as refusal:
        if refusal.code not in ("forbidden", "not-found"):
            raise
        return Part()
    return read


def _party(order_id: UUID) -> Part:
    """Return who comes, for those who may read it; the finance side has no use for names."""
    who = current()
    try:
        return part(lambda: sites.visits.party({"order_id": order_id}, who=who)) if who.may("read_party") else Part()
    except Refusal as refusal:
        if refusal.code != "forbidden":
            raise
        return Part()


def _run_sheet(order_id: UUID) -> Part:
    """Return what the visit's programme is, for those who may read it; the finance side has no use for names."""
    who = current()
    try:
        return (
            part(lambda: sites.programmes.run_sheet({"order_id": order_id}, who=who))
            if who.may("read_run_sheet")
            else Part()
        )
    except Refusal as refusal:
        if refusal.code != "forbidden":
            raise
        return Part()
