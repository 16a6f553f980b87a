"""The yellow and red branches of today: who follows each up, what they noted; and who is assigned (A5)."""

from typing import Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, tell, typed
from gateway.pages.parts import found_or_none, together

blueprint = Blueprint("daily_list", __name__)

ON_A_PAGE: Final = 50


@blueprint.get("/daily-list")
@needs("read_daily_list")
def index() -> ResponseReturnValue:
    """List the branches that are yellow or red now."""
    who = current()
    light = request.args.get("light")
    light = light if light in ("red", "yellow") else None
    asked = given(light=light, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(found=lambda: assessment.supervision.daily_list(asked, who=who))
    return render_template("daily_list/index.html", **parts, light=light)


@blueprint.get("/branches/<uuid:branch_id>/follow-ups")
@needs("read_daily_list")
def branch(branch_id: UUID) -> ResponseReturnValue:
    """Show what was noted of a branch's lights, with the form of a new entry."""
    return _page(branch_id, Faults(status=200))


@blueprint.post("/branches/<uuid:branch_id>/follow-ups")
@needs("write_follow_up")
def write(branch_id: UUID) -> ResponseReturnValue:
    """Note how the branch's light is followed up."""
    fields = given(
        branch_id=branch_id,
        text=typed("text"),
        cause=typed("cause"),
        plan=typed("plan"),
        plan_on=typed("plan_on"),
    )
    try:
        assessment.supervision.write_follow_up(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(branch_id, faults(refusal))
    flash(_("Your entry is kept; the next bulletin begins with it."), "good")
    return redirect(url_for("pages.daily_list.branch", branch_id=branch_id), code=303)


@blueprint.get("/organisations/<uuid:organisation_id>/follower")
@needs("assign_follower")
def follower(organisation_id: UUID) -> ResponseReturnValue:
    """Show who follows an organisation's branches up, and look for somebody by name."""
    who, name = current(), (request.args.get("name") or "").strip()[:50]
    asked = {"organisation_id": organisation_id}
    reads = {"assigned": lambda: assessment.supervision.follower(asked, who=who)}
    if name:
        reads["candidates"] = lambda: assessment.supervision.follower_candidates({**asked, "name": name}, who=who)
    return render_template("daily_list/follower.html", **together(**reads), name=name, organisation_id=organisation_id)


@blueprint.post("/organisations/<uuid:organisation_id>/follower")
@needs("assign_follower")
def assign(organisation_id: UUID) -> ResponseReturnValue:
    """Assign somebody, or nobody."""
    fields = given(organisation_id=organisation_id, person_id=typed("person_id"))
    try:
        assigned = assessment.supervision.assign_follower(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.daily_list.follower", organisation_id=organisation_id), code=303)
    if assigned["person_name"]:
        flash(_("%(name)s follows these branches up from now on.", name=assigned["person_name"]), "good")
    else:
        flash(_("Nobody is assigned here any more."), "good")
    return redirect(url_for("pages.daily_list.follower", organisation_id=organisation_id), code=303)


def _page(branch_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    parts = together(
        entries=lambda: assessment.supervision.follow_ups({"branch_id": branch_id, "limit": 50}, who=who),
        light=lambda: found_or_none(lambda: assessment.lights.light({"branch_id": branch_id}, who=who), "forbidden"),
        branch=lambda: roster.organisations.organisation({"organisation_id": branch_id}, who=who),
    )
    page = render_template(
        "daily_list/branch.html",
        **parts,
        branch_id=branch_id,
        name=(parts["branch"].data or {}).get("name") or _("Branch"),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
