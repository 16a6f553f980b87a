"""A site's log of incidents and damage: the steward writes and adds, the officer reads."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import InvalidInput, Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.parts import Part, part

blueprint = Blueprint("incidents", __name__)

ON_A_PAGE: Final = 20
OPEN: Final = {"open": True, "closed": False}


@blueprint.get("/sites/<uuid:site_id>/incidents")
@needs("read_incidents")
def index(site_id: UUID) -> ResponseReturnValue:
    """List what happened; `order` in the address names the visit at which something did."""
    return _page(site_id, Faults(status=200))


@blueprint.post("/sites/<uuid:site_id>/incidents")
@needs("record_incident")
def record(site_id: UUID) -> ResponseReturnValue:
    """Write down what happened."""
    names = ("kind", "what", "done", "space_id", "order_id")
    try:
        fields = given(site_id=site_id, happened_at=_moment(), **{name: typed(name) for name in names})
        sites.visits.record_incident(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, _at_day(faults(refusal)))
    flash(_("Written down. Add what is done about it, and close it when it is settled."), "good")
    return redirect(url_for("pages.incidents.index", site_id=site_id), code=303)


@blueprint.post("/sites/<uuid:site_id>/incidents/<uuid:incident_id>/follow-ups")
@needs("record_incident")
def follow_up(site_id: UUID, incident_id: UUID) -> ResponseReturnValue:
    """Add what was done since."""
    fields = given(incident_id=incident_id, note=typed("note"), closed_on=typed("closed_on"))
    try:
        sites.visits.follow_up_incident(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal, at={"incident-closed": "closed_on"}), tried=str(incident_id))
    flash(_("Added."), "good")
    return redirect(url_for("pages.incidents.index", site_id=site_id), code=303)


def _moment() -> str | None:
    """Return the day and the time that were typed as an instant of Shanghai. Raises InvalidInput."""
    day, time = typed("happened_on"), typed("happened_time")
    if day is None or time is None:
        missing = [name for name, value in (("happened_on", day), ("happened_time", time)) if value is None]
        raise InvalidInput({name: ["Missing data for required field."] for name in missing})
    try:
        at = datetime.fromisoformat(f"{day}T{time.zfill(5)}").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise InvalidInput({"happened_time": [_("Write a time as 9:00.")]}) from None
    return at.isoformat()


def _at_day(told: Faults) -> Faults:
    """Return the faults with that of the instant at the day, where the form has it."""
    errors = {"happened_on" if name == "happened_at" else name: said for name, said in told.errors.items()}
    return Faults(errors, told.status)


def _page(site_id: UUID, told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    who = current()
    site = sites.places.site_record({"site_id": site_id}, who=who).data
    may_record = who.may("record_incident", site=site["managing_path"])
    state = request.args.get("state")
    state = state if state in OPEN else None
    cursor = request.args.get("cursor") or None
    asked = given(site_id=site_id, is_open=OPEN.get(state or ""), cursor=cursor, limit=ON_A_PAGE)
    now = clock.now().astimezone(clock.SHANGHAI)
    page = render_template(
        "incidents/index.html",
        site=site,
        found=part(lambda: sites.visits.incidents(asked, who=who)),
        spaces=part(lambda: sites.calendars.calendar_rules({"site_id": site_id}, who=who)) if may_record else Part(),
        order=_order(site_id) if may_record else None,
        state_asked=state,
        may_record=may_record,
        today=now.date().isoformat(),
        time_now=f"{now:%H:%M}",
        tried=tried,
        wrong=told.errors,
        # A follow-up's form stands once for each incident: a fault of one is told at that one.
        errors={f"{name}-{tried}": sentences for name, sentences in told.errors.items()} if tried else told.errors,
        values=request.form,
    )
    return page, told.status


def _order(site_id: UUID) -> dict[str, Any] | None:
    """Return the site's order that the address or the form names; none for anything else."""
    try:
        asked = UUID(request.form.get("order_id") or request.args.get("order") or "")
        order: dict[str, Any] | None = part(lambda: sites.orders.order({"order_id": asked}, who=current())).data
    except (ValueError, Refusal):
        return None
    return order if order and order["site"]["id"] == str(site_id) else None
