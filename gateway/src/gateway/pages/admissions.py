"""Admission of sites: an organisation applies, somebody checks the place with a phone in hand, an officer decides."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster, sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.district_map import LEAFLET
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import part
from gateway.pages.site_records import typed_point

blueprint = Blueprint("admissions", __name__)

ON_A_PAGE: Final = 50
TEXTS: Final = (
    *("organisation_id", "name", "category", "kind", "district", "town", "address", "point_datum", "statement"),
)
AT_FIELD: Final = {"organisation-unknown": "organisation_id"}


@blueprint.get("/admissions")
@needs("read_admission")
def index() -> ResponseReturnValue:
    """List the applications that concern the reader."""
    state = request.args.get("state") or None
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    found = part(lambda: sites.places.admissions(asked, who=current()))
    may_apply = current().may("apply_for_admission")
    return render_template("admissions/index.html", found=found, state=state, may_apply=may_apply)


@blueprint.get("/admissions/new")
@needs("apply_for_admission")
def form() -> ResponseReturnValue:
    """Show the application form."""
    return _form(Faults(status=200))


@blueprint.post("/admissions")
@needs("apply_for_admission")
def apply() -> ResponseReturnValue:
    """Apply."""
    fields = given(
        **{name: typed(name) for name in TEXTS},
        capacity=typed_number("capacity"),
        visit_minutes=typed_number("visit_minutes"),
        point=typed_point("point"),
    )
    try:
        made = sites.places.apply_for_admission(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(faults(refusal, at=AT_FIELD))
    flash(_("Applied. The place is checked next; you find the result on this page."), "good")
    return redirect(url_for("pages.admissions.show", admission_id=made["id"]), code=303)


@blueprint.get("/admissions/<uuid:admission_id>")
@needs("read_admission")
def show(admission_id: UUID) -> ResponseReturnValue:
    """Show one application with what the reader may do next."""
    return _page(admission_id, Faults(status=200))


@blueprint.post("/admissions/<uuid:admission_id>/check")
@needs("check_admission")
def check(admission_id: UUID) -> ResponseReturnValue:
    """Record the field check; an item that is not ticked did not pass."""
    items = sites.places.site_rules({})["checklist"]
    answers = {item["code"]: request.form.get(f"item-{item['code']}") == "yes" for item in items}
    fields = given(admission_id=admission_id, answers=answers, note=typed("note"))
    return _do(admission_id, sites.places.check_admission, fields, done=_("The field check is recorded."))


@blueprint.post("/admissions/<uuid:admission_id>/decision")
@needs("decide_admission")
def decide(admission_id: UUID) -> ResponseReturnValue:
    """Approve or refuse."""
    fields = given(admission_id=admission_id, decision=typed("decision"), reason=typed("reason"))
    return _do(admission_id, sites.places.decide_admission, fields, done=_("Decided; the applicant sees it."))


@blueprint.post("/admissions/<uuid:admission_id>/retraction")
@needs("retract_admission")
def retract(admission_id: UUID) -> ResponseReturnValue:
    """Take the application back."""
    fields = given(admission_id=admission_id, reason=typed("reason"))
    return _do(admission_id, sites.places.retract_admission, fields, done=_("The application is taken back."))


def _do(admission_id: UUID, act: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(admission_id, faults(refusal))
    flash(done, "good")
    return redirect(url_for("pages.admissions.show", admission_id=admission_id), code=303)


def _site_address(site_id: str | None) -> str | None:
    """Return where the reader sees the site that came of an application; None while only its keepers may."""
    if site_id is None:
        return None
    if current().may("read_site_record"):
        return url_for("pages.site_records.show", site_id=site_id)
    try:
        sites.places.site({"site_id": site_id})
    except Refusal:
        return None
    return url_for("pages.sites.show", site_id=site_id)


def _form(told: Faults) -> ResponseReturnValue:
    who = current()
    me = part(lambda: roster.sessions.me({}, who=who))
    grants = me.data["roles"] if me.data else []
    led = {
        grant["organisation_id"]: grant["organisation_name"]
        for grant in grants
        if grant["role"] in ("secretary", "administrator") and grant["organisation_id"]
    }
    page = render_template(
        "admissions/form.html",
        organisations=list(led.items()),
        values=request.form,
        scripts=[LEAFLET + "leaflet.js"],
        styles=[LEAFLET + "leaflet.css"],
        errors=told.errors,
    )
    return page, told.status


def _page(admission_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    admission = sites.places.admission({"admission_id": admission_id}, who=who).data
    is_open = admission["state"] in ("applied", "checked")
    page = render_template(
        "admissions/show.html",
        admission=admission,
        site_address=_site_address(admission["site_id"]),
        checklist=part(lambda: sites.places.site_rules({})).data,
        may_check=is_open and who.may("check_admission"),
        may_decide=is_open and who.may("decide_admission"),
        may_retract=is_open and who.may("retract_admission"),
        passed={item["code"] for item in admission["checklist"] or [] if item["passed"]},
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
