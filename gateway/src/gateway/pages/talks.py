"""Reminder talks with secretaries, their records, and the numbers of days of slips and talks (A5)."""

from typing import Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.talks import TALK_FILTERS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import together

blueprint = Blueprint("talks", __name__)

ON_A_PAGE: Final = 50


@blueprint.get("/reminder-talks")
@needs("read_talks")
def index() -> ResponseReturnValue:
    """List reminder talks by state."""
    who, state = current(), request.args.get("state")
    state = state if state in TALK_FILTERS else "due"
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(found=lambda: assessment.supervision.talks(asked, who=who))
    return render_template("talks/index.html", **parts, state=state)


@blueprint.get("/reminder-talks/<uuid:talk_id>")
@needs("read_talks")
def show(talk_id: UUID) -> ResponseReturnValue:
    """Show a reminder talk with its record, or the form of it."""
    return _page(talk_id, Faults(status=200))


@blueprint.post("/reminder-talks/<uuid:talk_id>")
@needs("record_talk")
def record(talk_id: UUID) -> ResponseReturnValue:
    """Record a talk that was held."""
    names = ("held_on", "held_by", "with_name", "said", "promised")
    fields = given(talk_id=talk_id, **{name: typed(name) for name in names})
    try:
        assessment.supervision.record_talk(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(talk_id, faults(refusal))
    flash(_("Recorded. The branch can read it; it does not change any more."), "good")
    return redirect(url_for("pages.talks.show", talk_id=talk_id), code=303)


@blueprint.get("/supervision-rules")
@needs("read_supervision_rules")
def rules() -> ResponseReturnValue:
    """Show the numbers of slips and talks."""
    return _rules(Faults(status=200))


@blueprint.post("/supervision-rules")
@needs("set_supervision_rule")
def set_rule() -> ResponseReturnValue:
    """Enter numbers from a day on."""
    numbers = {name: typed_number(name) for name in ("slip_days", "talk_days", "escalate_days")}
    fields = given(effective_from=typed("effective_from"), citation=typed("citation"), **numbers)
    try:
        assessment.supervision.set_supervision_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _rules(faults(refusal, at={"rule-version-there": "effective_from"}))
    flash(_("Entered. The numbers count from their day on."), "good")
    return redirect(url_for("pages.talks.rules"), code=303)


def _rules(told: Faults) -> ResponseReturnValue:
    found = assessment.supervision.supervision_rules({}, who=current()).data
    page = render_template("talks/rules.html", found=found, errors=told.errors, values=request.form, today=_today())
    return page, told.status


def _page(talk_id: UUID, told: Faults) -> ResponseReturnValue:
    talk = assessment.supervision.talk({"talk_id": talk_id}, who=current()).data
    page = render_template("talks/show.html", talk=talk, errors=told.errors, values=request.form, today=_today())
    return page, told.status


def _today() -> str:
    return clock.today(clock.now()).isoformat()
