"""The tree of organisations: look one up, see what lies below it, its members and the setting rules it breaks."""

from collections.abc import Callable
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
from gateway.pages.forms import FORM, Faults, day_in, faults, given, typed
from gateway.pages.parts import Part, found_or_none, together

blueprint = Blueprint("organisations", __name__)

ON_A_PAGE: Final = 50
FITTING_SHOWN: Final = 5
BELOW_SHOWN: Final = 200
HISTORY_SHOWN: Final = 20
BRANCHES: Final = frozenset({"branch", "joint_branch"})
VERBS_OF_BRANCHES: Final = ("rename", "move", "change_kind", "merge", "split", "dissolve")
VERBS_OF_COMMITTEES: Final = ("found", "rename", "move", "change_kind", "merge", "dissolve")
"""What an officer may do with an organisation: `found` founds one under it, `merge` puts others into it."""


@blueprint.get("/organisations")
@needs("read_organisation")
def index() -> ResponseReturnValue:
    """Search the organisations."""
    who = current()
    names = ("q", "kind", "field", "finding", "dissolved")
    asked = {name: text for name in names if (text := request.args.get(name, "").strip())}
    if not who.may("read_findings"):
        asked.pop("finding", None)
    fields = given(**asked, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    told = Faults(status=200)
    found = Part()
    try:
        found = together(found=lambda: roster.organisations.organisations(fields, who=who))["found"]
    except Refusal as refusal:
        if not refusal.errors:
            raise
        told = faults(refusal)
    return render_template("organisations/index.html", found=found, asked=asked, errors=told.errors), told.status


@blueprint.get("/organisations/tree")
@needs("read_organisation")
def tree() -> ResponseReturnValue:
    """Show the tree, or a branch of it, as it stands or stood on a day."""
    on = day_in(request.args.get("on"))
    parent = uuid_in(request.args.get("parent"))
    day = on.isoformat() if on else None
    who = current()
    asked = given(parent_id=parent, on=day, limit=BELOW_SHOWN, cursor=request.args.get("cursor") or None)
    reads: dict[str, Callable[[], Any]] = {"nodes": lambda: roster.organisations.tree(asked, who=who)}
    if parent and on:
        reads["place"] = lambda: found_or_none(
            lambda: roster.organisations.organisation_as_at({"organisation_id": parent, "on": day}, who=who)
        )
    elif parent:
        reads["place"] = lambda: roster.organisations.organisation({"organisation_id": parent}, who=who)
    parts = {"place": None, **together(**reads)}
    template = "organisations/_nodes.html" if request.args.get("part") == "nodes" else "organisations/tree.html"
    return render_template(
        template, **parts, on=day, parent=parent, today=clock.today(clock.now()).isoformat(), args=given(on=day)
    )


@blueprint.get("/organisations/<uuid:organisation_id>")
@needs("read_organisation")
def show(organisation_id: UUID) -> ResponseReturnValue:
    """Show one organisation."""
    return page_of(organisation_id)


def page_of(organisation_id: UUID, told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    """Return the page of one organisation, with the faults of a form that was `tried` there."""
    who = current()
    asked = {"organisation_id": organisation_id}
    organisation = roster.organisations.organisation(asked, who=who).data
    path, actor = organisation["path"], who.actor
    assert actor is not None
    on = day_in(request.args.get("on"))
    reads: dict[str, Callable[[], Any]] = {
        "below": lambda: roster.organisations.organisations(
            {"parent_id": organisation_id, "limit": BELOW_SHOWN}, who=who
        ),
        "history": lambda: roster.organisations.organisation_history({**asked, "limit": HISTORY_SHOWN}, who=who),
    }
    if on:
        reads["then"] = lambda: found_or_none(
            lambda: roster.organisations.organisation_as_at({**asked, "on": on.isoformat()}, who=who)
        )
    if organisation["parent_id"]:
        reads["parent"] = lambda: roster.organisations.organisation(
            {"organisation_id": organisation["parent_id"]}, who=who
        )
    if actor.may("read_findings", organisation=path):
        reads["findings"] = lambda: roster.organisations.findings(asked, who=who)
    if organisation["kind"] in BRANCHES and actor.may("read_members", organisation=path):
        reads["members"] = lambda: roster.members.members({**asked, "limit": BELOW_SHOWN}, who=who)
    parts = {"parent": None, "findings": None, "members": None, "then": None, **together(**reads)}
    page = render_template(
        "organisations/show.html",
        organisation=organisation,
        **parts,
        on=on.isoformat() if on else "",
        today=clock.today(clock.now()).isoformat(),
        is_branch=organisation["kind"] in BRANCHES,
        may_read_light=actor.may("read_light", branch=path),
        may_read_members=actor.may("read_members", organisation=path),
        may_read_changes=actor.may("read_structure_changes", organisation=path),
        may_change=actor.may("change_structure", organisation=path) and not organisation["dissolved_on"],
        may_override=actor.may("override_name", organisation=path) and not organisation["dissolved_on"],
        may_record_units=actor.may("record_units", organisation=path) and not organisation["dissolved_on"],
        verbs=VERBS_OF_BRANCHES if organisation["kind"] in BRANCHES else VERBS_OF_COMMITTEES,
        errors=told.errors if told else {},
        tried=tried,
        values=request.form,
    )
    return page, told.status if told else 200


@blueprint.post("/organisations/<uuid:organisation_id>/units")
@needs("record_units")
def record_units(organisation_id: UUID) -> ResponseReturnValue:
    """Say which units a joint branch has."""
    units = [line.strip() for line in (typed("units") or "").splitlines() if line.strip()]
    fields = {"organisation_id": organisation_id, "units": units}
    try:
        roster.organisations.record_units(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return page_of(organisation_id, faults(refusal, at={FORM: "units"}), tried="units")
    flash(_("The units are recorded."), "good")
    return redirect(url_for("pages.organisations.show", organisation_id=organisation_id), code=303)


def uuid_in(text: str | None) -> str | None:
    """Return the id that an address names; None for anything else."""
    try:
        return str(UUID(text or ""))
    except ValueError:
        return None


def organisation_named(name: str) -> tuple[str | None, str | None]:
    """Return the id of the organisation that a form names, or what is wrong with the name."""
    found = roster.organisations.organisations({"q": name, "limit": FITTING_SHOWN}, who=current())["items"]
    fitting = [each for each in found if each["name"] == name] or found
    if len(fitting) == 1:
        return str(fitting[0]["id"]), None
    if not fitting:
        return None, _("No organisation has this name. Write its name, or a part of it, as the register has it.")
    names = _(", ").join(each["name"] for each in fitting)
    return None, _("Several organisations fit. Write one of them in full: %(names)s", names=names)
