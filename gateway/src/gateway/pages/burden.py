"""The burden meter: what the platform asked of a branch, and of the branches of a part of the tree."""

from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.branches import month_asked
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.fund_settings import tomorrow

blueprint = Blueprint("burden", __name__)


@blueprint.get("/branches/<uuid:organisation_id>/burden")
@needs("read_burden")
def branch(organisation_id: UUID) -> ResponseReturnValue:
    """Show what a branch was asked for in a month, by form."""
    asked = {"branch_id": organisation_id, "month": month_asked()}
    return render_template("burden/branch.html", found=assessment.burden.branch_burden(asked, who=current()).data)


@blueprint.get("/burden")
@needs("read_burden_overview")
def index() -> ResponseReturnValue:
    """Show what the parts of the tree were asked for in a month."""
    asked = given(organisation_id=request.args.get("organisation") or None, month=month_asked())
    return render_template("burden/index.html", found=assessment.burden.burden_overview(asked, who=current()).data)


@blueprint.get("/burden-rules")
@needs("read_burden_rules")
def rules() -> ResponseReturnValue:
    """Show the ceiling and the minutes with their days."""
    return _rules(Faults(status=200))


@blueprint.post("/burden-rules")
@needs("set_burden_rule")
def set_rule() -> ResponseReturnValue:
    """Enter ceiling and minutes from a day to come on."""
    numbers = {"ceiling_minutes": typed_number("ceiling_minutes")}
    numbers |= {name: _typed_tenths(name) for name in ("form_tenths", "field_tenths")}
    fields = given(effective_from=typed("effective_from"), citation=typed("citation"), **numbers)
    try:
        assessment.burden.set_burden_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal, at={"rule-version-there": "effective_from"})
        wrong = [_("Write minutes with at most one digit after the point, for example 0.5.")]
        return _rules(
            Faults(
                {name: wrong if isinstance(numbers.get(name), str) else said for name, said in told.errors.items()},
                told.status,
            )
        )
    flash(_("Entered."), "good")
    return redirect(url_for("pages.burden.rules"), code=303)


def _typed_tenths(name: str) -> int | str | None:
    """Return minutes as typed (0.5) in tenths; what is none is passed on as typed."""
    text = typed(name)
    whole, _dot, part = (text or "").partition(".")
    if not (whole.isdecimal() and len(whole) < 10 and (part == "" or (part.isdecimal() and len(part) == 1))):
        return text
    return int(whole) * 10 + int(part or "0")


def _rules(told: Faults) -> ResponseReturnValue:
    found = assessment.burden.burden_rules({}, who=current()).data
    page = render_template(
        "burden/rules.html", found=found, values=request.form, errors=told.errors, tomorrow=tomorrow()
    )
    return page, told.status
