"""The tree of organisations: look one up, see what lies below it, its members and the setting rules it breaks."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given
from gateway.pages.parts import Part, together

blueprint = Blueprint("organisations", __name__)

ON_A_PAGE: Final = 50
FITTING_SHOWN: Final = 5
BELOW_SHOWN: Final = 200
BRANCHES: Final = frozenset({"branch", "joint_branch"})


@blueprint.get("/organisations")
@needs("read_organisation")
def index() -> ResponseReturnValue:
    """Search the organisations."""
    who = current()
    asked = {name: text for name in ("q", "kind", "field") if (text := request.args.get(name, "").strip())}
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


@blueprint.get("/organisations/<uuid:organisation_id>")
@needs("read_organisation")
def show(organisation_id: UUID) -> ResponseReturnValue:
    """Show one organisation."""
    who = current()
    asked = {"organisation_id": organisation_id}
    organisation = roster.organisations.organisation(asked, who=who).data
    path, actor = organisation["path"], who.actor
    assert actor is not None
    reads: dict[str, Callable[[], Any]] = {
        "below": lambda: roster.organisations.organisations(
            {"parent_id": organisation_id, "limit": BELOW_SHOWN}, who=who
        )
    }
    if organisation["parent_id"]:
        reads["parent"] = lambda: roster.organisations.organisation(
            {"organisation_id": organisation["parent_id"]}, who=who
        )
    if actor.may("read_findings", organisation=path):
        reads["findings"] = lambda: roster.organisations.findings(asked, who=who)
    if organisation["kind"] in BRANCHES and actor.may("read_members", organisation=path):
        reads["members"] = lambda: roster.members.members({**asked, "limit": BELOW_SHOWN}, who=who)
    parts = {"parent": None, "findings": None, "members": None, **together(**reads)}
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        **parts,
        is_branch=organisation["kind"] in BRANCHES,
        may_read_light=actor.may("read_light", branch=path),
        may_read_members=actor.may("read_members", organisation=path),
    )


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
