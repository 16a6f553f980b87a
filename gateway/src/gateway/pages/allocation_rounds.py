"""Allocation rounds: officers announce and draw, secretaries ask, everybody sees how it was drawn and may repeat it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.refusals import InvalidInput, Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs, public
from gateway.pages.formats import instant
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.orders import led_branches
from gateway.pages.parts import Part, part, together

blueprint = Blueprint("allocation_rounds", __name__)

ON_A_PAGE = 20
ROWS_SHOWN = 300
CHOICES_MAX = 80
"""With more times than this the form lists those of one site and day, and what is wished already."""
FIELDS = ("title", "first_on", "last_on", "seed_on", "seed_number")
INSTANTS = ("opens_at", "closes_at", "draw_at")
AT_FIELD = {
    "round-over-another": "site_ids",
    "party-over-seats": "party_size",
    "party-outside-programme": "party_size",
    "branch-unknown": "branch_id",
    "not-your-branch": "branch_id",
}


@blueprint.get("/allocation-rounds")
@public
def index() -> ResponseReturnValue:
    """List the rounds, the newest first."""
    asked = given(cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    return render_template(
        "allocation_rounds/index.html", rounds=part(lambda: sites.allocation.allocation_rounds(asked))
    )


@blueprint.get("/allocation-rounds/new")
@needs("open_round")
def form() -> ResponseReturnValue:
    """Show the form of a new round."""
    return _form(Faults(status=200), {})


@blueprint.post("/allocation-rounds")
@needs("open_round")
def announce() -> ResponseReturnValue:
    """Announce a round."""
    try:
        fields = given(
            **{name: typed(name) for name in FIELDS},
            **{name: _typed_instant(name) for name in INSTANTS},
            site_ids=request.form.getlist("site_ids"),
            programme_ids=request.form.getlist("programme_ids"),
            wishes_max=typed_number("wishes_max"),
            visits_max=typed_number("visits_max"),
        )
        made = sites.allocation.announce_round(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(faults(refusal, at=AT_FIELD), request.form)
    flash(_("Announced. From now on these times are given out by the draw alone."), "good")
    return redirect(url_for("pages.allocation_rounds.show", round_id=made["id"]), code=303)


@blueprint.get("/allocation-rounds/<uuid:round_id>")
@public
def show(round_id: UUID) -> ResponseReturnValue:
    """Show a round: its times, how to ask, how it was drawn, what came of it."""
    return _page(round_id, Faults(status=200), {})


@blueprint.post("/allocation-rounds/<uuid:round_id>/requests")
@needs("ask_in_round")
def ask(round_id: UUID) -> ResponseReturnValue:
    """Ask for one's branch, or replace what was asked; or show the times of another site and day first."""
    if typed("act") == "look":
        return _page(round_id, Faults(status=200), request.form)
    wishes = [wish for number in range(1, 11) if (wish := typed(f"wish-{number}"))]
    fields = given(
        round_id=round_id,
        branch_id=typed("branch_id"),
        party_size=typed_number("party_size"),
        slot_ids=wishes,
        visits=typed_number("visits"),
        waits=typed("waits") == "yes",
        contact_name=typed("contact_name"),
        contact_phone=typed("contact_phone"),
    )
    try:
        sites.allocation.ask_in_round(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(round_id, faults(refusal, at=AT_FIELD), request.form)
    flash(_("Your request stands. You may change it until the end of the collection."), "good")
    return redirect(url_for("pages.allocation_rounds.show", round_id=round_id), code=303)


@blueprint.post("/allocation-requests/<uuid:request_id>/withdrawal")
@needs("ask_in_round")
def take_back(request_id: UUID) -> ResponseReturnValue:
    """Take one's request back."""
    try:
        taken = sites.allocation.withdraw_request({"request_id": request_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.allocation_rounds.index"), code=303)
    flash(_("Taken back. You may ask again until the end of the collection."), "good")
    return redirect(url_for("pages.allocation_rounds.show", round_id=taken["round_id"]), code=303)


@blueprint.post("/allocation-rounds/<uuid:round_id>/draw")
@needs("open_round")
def draw(round_id: UUID) -> ResponseReturnValue:
    """Have the round drawn now that its time has come."""
    try:
        sites.allocation.draw_round({"round_id": round_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("The draw is being done. Reload this page in a moment."), "info")
    return redirect(url_for("pages.allocation_rounds.show", round_id=round_id), code=303)


@blueprint.post("/allocation-rounds/<uuid:round_id>/withdrawal")
@needs("open_round")
def withdraw(round_id: UUID) -> ResponseReturnValue:
    """Give the round up."""
    fields = given(round_id=round_id, reason=typed("reason"))
    return done_or_told(
        sites.allocation.withdraw_round,
        fields,
        done=_("The round is withdrawn; its times can be ordered again, and all who asked are told."),
        back=url_for("pages.allocation_rounds.show", round_id=round_id),
    )


def _typed_instant(name: str) -> str | None:
    """Return a local day and time as an instant of Shanghai. Raises InvalidInput."""
    text = typed(name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI).isoformat()
    except ValueError:
        raise InvalidInput({name: ["Not a valid RFC 3339 instant."]}) from None


def _form(told: Faults, values: Any) -> ResponseReturnValue:
    chosen = set(values.getlist("site_ids") + values.getlist("programme_ids")) if told.errors else set()
    page = render_template(
        "allocation_rounds/form.html",
        choices=part(lambda: sites.allocation.allocation_choices({}, who=current())),
        chosen=chosen,
        errors=told.errors,
        values=values,
        today=clock.today(clock.now()).isoformat(),
        now=f"{instant(clock.now()):%Y-%m-%dT%H:%M}",
        key=request.form.get("idempotency_key"),
    )
    return page, told.status


def _page(round_id: UUID, told: Faults, values: Any) -> ResponseReturnValue:
    who = current()
    found = sites.allocation.allocation_round({"round_id": round_id}).data  # without it there is no page
    is_collecting = found["state"] == "collecting"
    is_drawn = found["state"] in ("drawing", "drawn")
    reads: dict[str, Any] = {}
    if who.may("read_requests"):
        reads["requests"] = lambda: sites.allocation.allocation_requests(
            {"round_id": round_id, "limit": ROWS_SHOWN}, who=who
        )
    if is_collecting and who.may("ask_in_round"):
        reads["slots"] = lambda: sites.allocation.allocation_slots({"round_id": round_id})
    if is_drawn:
        reads["drawn"] = lambda: sites.allocation.allocation_export({"round_id": round_id})
    parts = together(**reads) if reads else {}
    branches = led_branches() if who.may("ask_in_round") else []
    mine = _mine(parts.get("requests", Part()), branches)
    page = render_template(
        "allocation_rounds/show.html",
        round=found,
        is_collecting=is_collecting,
        is_drawn=is_drawn,
        may_ask=is_collecting and bool(branches),
        may_keep=who.may("open_round"),
        can_draw=found["state"] in ("collected", "drawing") and instant(found["draw_at"]) <= clock.now(),
        branches=branches,
        mine=mine,
        requests=parts.get("requests", Part()),
        results=_results(parts.get("drawn", Part())),
        rows_shown=ROWS_SHOWN,
        export=f"/api/v1/allocation-rounds/{round_id}/export",
        **_wishes(parts.get("slots", Part()), mine, values),
        errors=told.errors,
        key=request.form.get("idempotency_key") if told.errors else None,
    )
    return page, told.status


def _mine(requests: Part, branches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the requests of the branches that the person leads."""
    led = {branch["organisation_id"] for branch in branches}
    return [one for one in requests.rows if one["branch_id"] in led]


def _results(drawn: Part) -> list[dict[str, Any]]:
    """Return the draw's rows by position, each with the times that it gave."""
    if not drawn.data:
        return []
    slots = {slot["slot_id"]: slot for slot in drawn.data["slots"]}
    rows = []
    for one in drawn.data["requests"][:ROWS_SHOWN]:
        given_ids = [tried["slot_id"] for turn in one["turns"] for tried in turn["tried"] if tried["code"] is None]
        rows.append({**one, "given": [slots[slot_id] for slot_id in given_ids if slot_id in slots]})
    return rows


def _wishes(slots: Part, mine: list[dict[str, Any]], values: Any) -> dict[str, Any]:
    """Return what the form of a request is drawn from: its values, and the times of one site and day when many."""
    standing = next((one for one in mine if one["state"] == "asked"), None)
    if not values and standing:
        values = {
            "branch_id": standing["branch_id"],
            "party_size": standing["party_size"],
            "visits": standing["visits"],
            "waits": "yes" if standing["waits"] else "",
            "contact_name": standing["contact_name"],
            **{f"wish-{number}": wish["slot"]["id"] for number, wish in enumerate(standing["wishes"], start=1)},
        }
    values = values or {"waits": "yes", "contact_name": current().name}
    rows = slots.rows
    places = list({row["site"]["id"]: row["site"]["name"] for row in rows}.items())
    days = sorted({instant(row["slot"]["starts_at"]).date().isoformat() for row in rows})
    site, day = values.get("of_site") or "", values.get("of_day") or ""
    is_long = len(rows) > CHOICES_MAX
    if is_long and not (site or day):
        site, day = places[0][0], days[0]
    wished = {values.get(f"wish-{number}") for number in range(1, 11)}
    shown = [
        row
        for row in rows
        if row["slot"]["id"] in wished
        or (
            (not site or row["site"]["id"] == site)
            and (not day or instant(row["slot"]["starts_at"]).date().isoformat() == day)
        )
    ]
    by_site: dict[str, list[dict[str, Any]]] = {}
    for row in shown:
        by_site.setdefault(row["site"]["name"], []).append(row)
    return {
        "slots": slots,
        "choices": list(by_site.items()),
        "is_long": is_long,
        "places": places,
        "days": days,
        "of_site": site,
        "of_day": day,
        "values": values,
        "standing": standing,
    }
