"""Exemptions from the health check: applied for, consented to, approved, ended."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.exemptions import GROUNDS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed, typed_number
from gateway.pages.parts import Part, found_or_none, together

blueprint = Blueprint("exemptions", __name__)

ON_A_PAGE: Final = 50
AT_FIELD: Final = {"exemption-overlaps": "from_month", "not-found": "person_id"}
FILTERS: Final = ("waiting", "approved", "ended", "refused", "withdrawn")


@blueprint.get("/exemptions")
@needs("consent_to_exemption", "decide_exemption")
def index() -> ResponseReturnValue:
    """List the exemptions below one's places; those that wait, unless others are asked for."""
    who = current()
    state = request.args.get("state", "waiting")
    state = state if state in FILTERS else "waiting"
    fields = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(found=lambda: assessment.exemptions.exemptions(fields, who=who))
    return render_template("exemptions/index.html", **parts, state=state, filters=FILTERS)


@blueprint.get("/branches/<uuid:branch_id>/exemptions")
@needs("read_exemptions")
def of_branch(branch_id: UUID) -> ResponseReturnValue:
    """List the exemptions of a branch and its members, and apply for one."""
    return _of_branch(branch_id, Faults(status=200))


@blueprint.post("/branches/<uuid:branch_id>/exemptions")
@needs("apply_for_exemption")
def apply(branch_id: UUID) -> ResponseReturnValue:
    """Apply for the branch or for one of its members."""
    fields = given(
        branch_id=branch_id,
        person_id=typed("person_id"),
        ground=typed("ground"),
        reason=typed("reason"),
        from_month=typed("from_month"),
        months=typed_number("months"),
        renews_id=typed("renews_id"),
    )
    try:
        told = assessment.exemptions.apply_for_exemption(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _of_branch(branch_id, faults(refusal, at=AT_FIELD))
    flash(_("Applied for. The branch's committee consents first, then the next level approves."), "good")
    return redirect(url_for("pages.exemptions.show", exemption_id=told["id"]), code=303)


@blueprint.get("/exemptions/<uuid:exemption_id>")
@needs("read_exemptions")
def show(exemption_id: UUID) -> ResponseReturnValue:
    """Show one with its steps, and what may be done about it."""
    return _page(exemption_id, Faults(status=200))


@blueprint.post("/exemptions/<uuid:exemption_id>/consent")
@needs("consent_to_exemption")
def consent(exemption_id: UUID) -> ResponseReturnValue:
    """Write down that the committee consents."""
    fields = given(exemption_id=exemption_id, consented_on=typed("consented_on"), minutes=typed("minutes"))
    try:
        assessment.exemptions.consent_to_exemption(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(exemption_id, faults(refusal))
    flash(_("The consent is written down; the next level decides."), "good")
    return redirect(url_for("pages.exemptions.show", exemption_id=exemption_id), code=303)


@blueprint.post("/exemptions/<uuid:exemption_id>/approval")
@needs("decide_exemption")
def approve(exemption_id: UUID) -> ResponseReturnValue:
    """Approve."""
    return _moved(
        exemption_id,
        assessment.exemptions.approve_exemption,
        _("Approved. The light shows exempt from its first month on."),
    )


@blueprint.post("/exemptions/<uuid:exemption_id>/refusal")
@needs("consent_to_exemption", "decide_exemption")
def refuse(exemption_id: UUID) -> ResponseReturnValue:
    """Refuse."""
    return _moved(
        exemption_id, assessment.exemptions.refuse_exemption, _("Refused; the branch sees why."), reason=typed("reason")
    )


@blueprint.post("/exemptions/<uuid:exemption_id>/withdrawal")
@needs("apply_for_exemption")
def withdraw(exemption_id: UUID) -> ResponseReturnValue:
    """Take the application back."""
    return _moved(exemption_id, assessment.exemptions.withdraw_exemption, _("The application is taken back."))


@blueprint.post("/exemptions/<uuid:exemption_id>/ending")
@needs("end_exemption")
def end(exemption_id: UUID) -> ResponseReturnValue:
    """End it with this month."""
    done = _("Ended with this month; the light counts again from the next one on.")
    return _moved(exemption_id, assessment.exemptions.end_exemption, done, reason=typed("reason"))


def _moved(exemption_id: UUID, act: Any, told: str, **fields: Any) -> ResponseReturnValue:
    back = url_for("pages.exemptions.show", exemption_id=exemption_id)
    return done_or_told(act, given(exemption_id=exemption_id, **fields), done=told, back=back)


def _page(exemption_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    found = assessment.exemptions.exemption({"exemption_id": exemption_id}, who=who).data
    path, person = found["branch_path"], UUID(found["person_id"]) if found["person_id"] else None
    above = path.rpartition(".")[0]
    actor = who.actor
    may = {
        "consent": bool(actor and actor.may("consent_to_exemption", branch=path)),
        "decide": bool(actor and actor.may("decide_exemption", organisation=above)),
        "withdraw": bool(actor and actor.may("apply_for_exemption", branch=path, person=person)),
        "end": bool(actor and actor.may("end_exemption", branch=path)),
    }
    page = render_template(
        "exemptions/show.html",
        found=found,
        may=may,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _of_branch(branch_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    reads: dict[str, Any] = {}
    if who.may("apply_for_exemption") and who.may("write_record"):
        asked = {"branch_id": branch_id}
        # Who may not apply here is shown the list alone.
        reads["roll"] = lambda: found_or_none(lambda: assessment.records.record_roll(asked, who=who), "forbidden")
    parts = together(
        found=lambda: assessment.exemptions.exemptions({"branch_id": branch_id, "limit": ON_A_PAGE}, who=who),
        **reads,
    )
    roll = parts.get("roll", Part()).data
    renews = next((one for one in parts["found"].rows if one["id"] == request.args.get("renews")), None)
    page = render_template(
        "exemptions/branch.html",
        **parts,
        branch_id=branch_id,
        choices=[(one["person_id"], one["name"]) for one in roll["people"]] if roll else [],
        renews=renews,
        may_apply=roll is not None,
        grounds=GROUNDS,
        this_month=clock.month_of(clock.now()),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
