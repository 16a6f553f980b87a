"""The compliance switch: what it does, since when it is on, and who set it why."""

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.fund_settings import tomorrow

blueprint = Blueprint("compliance", __name__)


@blueprint.get("/compliance")
@needs("read_compliance")
def show() -> ResponseReturnValue:
    """Show the switch with all its rows."""
    return _page(Faults(status=200))


@blueprint.post("/compliance")
@needs("set_compliance")
def enter() -> ResponseReturnValue:
    """Turn the switch from a day to come on."""
    is_on = {"on": True, "off": False}.get(request.form.get("is_on", ""))
    fields = given(active_from=typed("active_from"), is_on=is_on, reason=typed("reason"), citation=typed("citation"))
    try:
        assessment.compliance.set_compliance(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal))
    flash(_("Entered. The switch stands so from that day on."), "good")
    return redirect(url_for("pages.compliance.show"), code=303)


def _page(told: Faults) -> ResponseReturnValue:
    found = assessment.compliance.compliance({}, who=current()).data
    page = render_template(
        "compliance/show.html", found=found, values=request.form, errors=told.errors, tomorrow=tomorrow()
    )
    return page, told.status
