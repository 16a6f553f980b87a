"""One's own light: why it shows, what turns it green, how the months before ended, exemption."""

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.exemptions import GROUNDS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.exemptions import AT_FIELD
from gateway.pages.forms import Faults, faults, given, typed, typed_number

blueprint = Blueprint("my_light", __name__)


@blueprint.get("/me/light")
@needs("read_my_light")
def show() -> ResponseReturnValue:
    """Show one's own light of the month."""
    return _page(Faults(status=200))


@blueprint.post("/me/light/exemption")
@needs("apply_for_exemption")
def apply() -> ResponseReturnValue:
    """Apply for an exemption of one's own."""
    who = current()
    me = roster.sessions.me({}, who=who)
    fields = given(
        branch_id=me["branch_id"],
        person_id=who.actor.person_id if who.actor else None,
        ground=typed("ground"),
        reason=typed("reason"),
        from_month=typed("from_month"),
        months=typed_number("months"),
    )
    try:
        told = assessment.exemptions.apply_for_exemption(fields, who=who, command_id=command_id()).data
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD))
    flash(_("Applied for. Your branch's committee consents first, then the next level approves."), "good")
    return redirect(url_for("pages.exemptions.show", exemption_id=told["id"]), code=303)


def _page(told: Faults) -> ResponseReturnValue:
    who = current()
    me = roster.sessions.me({}, who=who)
    page = render_template(
        "me/light.html",
        found=assessment.lights.my_light({}, who=who).data,
        exemptions=assessment.exemptions.my_exemptions({}, who=who)["items"],
        has_branch=bool(me["branch_id"]),
        this_month=clock.month_of(clock.now()),
        grounds=GROUNDS,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
