"""A branch's members, or those of a part of the tree: list of any day, new member, statistics, stocktake, print."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, day_in, faults, given, tell, typed
from gateway.pages.members import AT_FIELD, DETAILS
from gateway.pages.parts import together

blueprint = Blueprint("branch_members", __name__)

ON_A_PAGE: Final = 100
FILTERS: Final = ("q", "status", "state", "fact", "sex", "education")
OPEN: Final = frozenset({"waiting", "running"})


@blueprint.get("/branches/<uuid:organisation_id>/members")
@needs("read_members")
def index(organisation_id: UUID) -> ResponseReturnValue:
    """List the members on a day."""
    who = current()
    asked: dict[str, Any] = {name: text for name in FILTERS if (text := request.args.get(name, "").strip())}
    on = day_in(request.args.get("on"))
    fields = given(
        organisation_id=organisation_id,
        limit=ON_A_PAGE,
        cursor=request.args.get("cursor") or None,
        on=on.isoformat() if on else None,
        **asked,
    )
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
        members=lambda: roster.members.members(fields, who=who),
    )
    if on:
        asked["on"] = on.isoformat()
    return render_template(
        "members/index.html",
        **parts,
        organisation_id=organisation_id,
        asked=asked,
        today=clock.today(clock.now()).isoformat(),
    )


@blueprint.get("/branches/<uuid:organisation_id>/members/new")
@needs("edit_member")
def new(organisation_id: UUID) -> ResponseReturnValue:
    """Show the form for a new member."""
    return _form(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/members/new")
@needs("edit_member")
def register(organisation_id: UUID) -> ResponseReturnValue:
    """Enter somebody as a member."""
    names = (*DETAILS, "name", "status", "joined_on", "full_on", "since", "document_number")
    fields = given(branch_id=organisation_id, **{name: typed(name) for name in names})
    try:
        done = roster.members.register_member(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _form(organisation_id, faults(refusal, at=AT_FIELD))
    flash(_("Entered in the register."), "good")
    if "area-unknown" in done["warnings"]:
        flash(_("No division is known by the first digits of the identity number; look at the card once more."), "warn")
    if "alike" in done["warnings"]:
        flash(
            _("Somebody of the same name and birthday is registered already; the organisation department was told."),
            "warn",
        )
    return redirect(url_for("pages.members.show", person_id=done["id"]), code=303)


@blueprint.get("/branches/<uuid:organisation_id>/member-statistics")
@needs("read_member_statistics")
def statistics(organisation_id: UUID) -> ResponseReturnValue:
    """Count the members in five ways."""
    on = day_in(request.args.get("on")) or clock.today(clock.now())
    who = current()
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
        counts=lambda: roster.stocktakes.member_statistics(
            {"organisation_id": organisation_id, "on": on.isoformat()}, who=who
        ),
    )
    return render_template("members/statistics.html", **parts, organisation_id=organisation_id, on=on.isoformat())


@blueprint.get("/branches/<uuid:organisation_id>/stocktake")
@needs("read_stocktake")
def stocktake(organisation_id: UUID) -> ResponseReturnValue:
    """Show what the branch has to sign for the year, and what it signed."""
    year = clock.today(clock.now()).year
    text = request.args.get("year", "")
    if text.isascii() and text.isdecimal() and 2000 <= int(text) <= 2199:
        year = int(text)
    asked = {"organisation_id": organisation_id, "year": year}
    return render_template(
        "members/stocktake.html",
        stocktake=roster.stocktakes.stocktake(asked, who=current()).data,
        organisation_id=organisation_id,
        this_year=clock.today(clock.now()).year,
    )


@blueprint.post("/branches/<uuid:organisation_id>/stocktake")
@needs("sign_stocktake")
def sign(organisation_id: UUID) -> ResponseReturnValue:
    """Sign that the register is complete and right."""
    fields = given(
        organisation_id=organisation_id,
        year=clock.today(clock.now()).year,
        digest=typed("digest"),
        remarks=typed("remarks"),
    )
    try:
        roster.stocktakes.sign_stocktake(fields, who=current(), command_id=command_id())
        flash(_("Signed."), "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.branch_members.stocktake", organisation_id=organisation_id), code=303)


@blueprint.post("/branches/<uuid:organisation_id>/member-register")
@needs("make_register")
def draw(organisation_id: UUID) -> ResponseReturnValue:
    """Have the register drawn for print."""
    on = day_in(typed("on"))
    fields = given(organisation_id=organisation_id, on=on.isoformat() if on else None)
    try:
        drawn = roster.stocktakes.make_register(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.branch_members.index", organisation_id=organisation_id), code=303)
    return redirect(
        url_for("pages.branch_members.drawn", organisation_id=organisation_id, job_id=drawn["id"]), code=303
    )


@blueprint.get("/branches/<uuid:organisation_id>/member-register/<uuid:job_id>")
@needs("make_register")
def drawn(organisation_id: UUID, job_id: UUID) -> ResponseReturnValue:
    """Show how far a register is, and its file once it is there."""
    found = roster.stocktakes.register({"job_id": job_id}, who=current()).data
    return render_template(
        "members/register.html", register=found, organisation_id=organisation_id, is_open=found["state"] in OPEN
    )


def _form(organisation_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    branch = roster.organisations.organisation({"organisation_id": organisation_id}, who=current()).data
    page = render_template(
        "members/new.html",
        branch=branch,
        organisation_id=organisation_id,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
