"""The tree of organisations: look one up, see what lies below it, its members and the setting rules it breaks."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from gateway.clients import roster
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given
from gateway.pages.parts import Part, together

blueprint = Blueprint("organisations", __name__)

ON_A_PAGE: Final = 50
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
        found = together(found=lambda: roster.organisations(fields, who=who))["found"]
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
    organisation = roster.organisation(asked, who=who).data
    path, actor = organisation["path"], who.actor
    assert actor is not None
    reads: dict[str, Callable[[], Any]] = {
        "below": lambda: roster.organisations({"parent_id": organisation_id, "limit": BELOW_SHOWN}, who=who)
    }
    if organisation["parent_id"]:
        reads["parent"] = lambda: roster.organisation({"organisation_id": organisation["parent_id"]}, who=who)
    if actor.may("read_findings", organisation=path):
        reads["findings"] = lambda: roster.findings(asked, who=who)
    if organisation["kind"] in BRANCHES and actor.may("read_members", organisation=path):
        reads["members"] = lambda: roster.members({**asked, "limit": BELOW_SHOWN}, who=who)
    parts = {"parent": None, "findings": None, "members": None, **together(**reads)}
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        **parts,
        is_branch=organisation["kind"] in BRANCHES,
        may_read_light=actor.may("read_light", branch=path),
    )
