"""A visit of a round: its items and score, what the leader decides, its report, the organisation's word on it."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import done_or_told, given, tell, typed, typed_decimal, typed_number
from gateway.pages.parts import together

blueprint = Blueprint("round_visits", __name__)

READS: Final = ("read_on_site_rounds", "assess_visit", "read_round_report")


@blueprint.get("/round-visits/<uuid:visit_id>")
@needs(*READS)
def show(visit_id: UUID) -> ResponseReturnValue:
    """Show a visit as far as the reader may see it, or a report of it that was put aside."""
    asked = given(visit_id=visit_id, report=request.args.get("report") or None)
    found = assessment.round_visits.round_visit(asked, who=current()).data
    items = {item["item_id"]: item for item in found["items"]}
    open_items = sum(not item["counted"] for item in found["items"])
    return render_template("round_visits/show.html", found=found, items=items, open_items=open_items)


@blueprint.get("/branches/<uuid:organisation_id>/round-reports")
@needs("read_round_report")
def reports(organisation_id: UUID) -> ResponseReturnValue:
    """List the reports that were sent to an organisation and to those below it."""
    who = current()
    asked = given(organisation_id=organisation_id, cursor=request.args.get("cursor") or None)
    parts = together(
        reports=lambda: assessment.round_visits.round_reports(asked, who=who),
        organisation=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
    )
    return render_template("round_visits/reports.html", **parts, organisation_id=organisation_id)


@blueprint.post("/round-visits/<uuid:visit_id>/decisions/<uuid:item_id>")
@needs("assess_visit")
def decide(visit_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Decide what counts for an item."""
    fields = given(visit_id=visit_id, item_id=item_id, points=typed_decimal("points"), reason=typed("reason"))
    return _do(visit_id, assessment.round_visits.decide_item, fields, done=_("Decided."))


@blueprint.post("/round-visits/<uuid:visit_id>/finishing")
@needs("assess_visit")
def finish(visit_id: UUID) -> ResponseReturnValue:
    """Finish a visit."""
    done = _("Finished. The leader of the team closes it.")
    return _do(visit_id, assessment.round_visits.finish_visit, {"visit_id": visit_id}, done=done)


@blueprint.post("/round-visits/<uuid:visit_id>/reopening")
@needs("assess_visit")
def reopen(visit_id: UUID) -> ResponseReturnValue:
    """Open a visit again."""
    fields = given(visit_id=visit_id, reason=typed("reason"))
    return _do(visit_id, assessment.round_visits.reopen_visit, fields, done=_("Open again."))


@blueprint.post("/round-visits/<uuid:visit_id>/opening")
@needs("judge_round_report")
def open_anew(visit_id: UUID) -> ResponseReturnValue:
    """Open a visit again whose score is reckoned."""
    fields = given(visit_id=visit_id, reason=typed("reason"))
    done = _("Open again. Its report is put aside as it was; the team fills in what it has to.")
    return _do(visit_id, assessment.round_visits.open_visit_anew, fields, done=done)


@blueprint.post("/round-visits/<uuid:visit_id>/closing")
@needs("assess_visit")
def close(visit_id: UUID) -> ResponseReturnValue:
    """Close a visit."""
    fields = given(visit_id=visit_id, report=typed("report"))
    return _do(visit_id, assessment.round_visits.close_round_visit, fields, done=_("Closed; the score is reckoned."))


@blueprint.post("/round-visits/<uuid:visit_id>/sending")
@needs("judge_round_report")
def send(visit_id: UUID) -> ResponseReturnValue:
    """Send the report to its organisation."""
    fields = {"visit_id": visit_id}
    return _do(visit_id, assessment.round_visits.send_round_report, fields, done=_("The report is sent."))


@blueprint.post("/round-visits/<uuid:visit_id>/acknowledgement")
@needs("answer_round_report")
def acknowledge(visit_id: UUID) -> ResponseReturnValue:
    """Acknowledge the report."""
    fields = given(visit_id=visit_id, word=typed("word"))
    return _do(visit_id, assessment.round_visits.acknowledge_round_report, fields, done=_("Acknowledged."))


@blueprint.post("/round-visits/<uuid:visit_id>/dispute")
@needs("answer_round_report")
def dispute(visit_id: UUID) -> ResponseReturnValue:
    """Dispute the report."""
    fields = given(visit_id=visit_id, reason=typed("reason"))
    done = _("Your objection is with the officer of the round.")
    return _do(visit_id, assessment.round_visits.dispute_round_report, fields, done=done)


@blueprint.post("/round-visits/<uuid:visit_id>/settlement")
@needs("judge_round_report")
def settle(visit_id: UUID) -> ResponseReturnValue:
    """Decide a dispute; the points of items that were typed are changed."""
    changes = [
        {"item_id": name.removeprefix("points-"), "points": typed_decimal(name)}
        for name, text in request.form.items()
        if name.startswith("points-") and text.strip()
    ]
    fields = given(visit_id=visit_id, decision=typed("decision"), changes=changes)
    return _do(visit_id, assessment.round_visits.settle_round_report, fields, done=_("The dispute is decided."))


@blueprint.post("/round-visits/<uuid:visit_id>/prints")
@needs(*READS)
def print_report(visit_id: UUID) -> ResponseReturnValue:
    """Have the report drawn."""
    try:
        made = assessment.round_visits.print_round_report(
            given(visit_id=visit_id, report=typed_number("report")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.round_visits.show", visit_id=visit_id), code=303)
    address = url_for("pages.round_visits.drawn", visit_id=visit_id, job_id=made["id"])
    return redirect(address, code=303)


@blueprint.get("/round-visits/<uuid:visit_id>/prints/<uuid:job_id>")
@needs(*READS)
def drawn(visit_id: UUID, job_id: UUID) -> ResponseReturnValue:
    """Show how far a report's file is, and the file once it is there."""
    found = assessment.round_visits.round_report_print({"job_id": job_id}, who=current()).data
    is_open = found["state"] in ("waiting", "running")
    return render_template("round_visits/print.html", drawing=found, visit_id=visit_id, is_open=is_open)


def _do(visit_id: UUID, act: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    return done_or_told(act, fields, done=done, back=url_for("pages.round_visits.show", visit_id=visit_id))
