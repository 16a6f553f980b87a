"""Check-ins in doubt: used twice, or let in with no network although something spoke against it (S8)."""

from typing import Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed

blueprint = Blueprint("check_ins", __name__)

ON_A_PAGE: Final = 50
STATES: Final = ("flagged", "duplicate", "rejected", "valid")


@blueprint.get("/check-ins")
@needs("read_check_ins")
def index() -> ResponseReturnValue:
    """List the check-ins in one state."""
    return _page(Faults(status=200))


@blueprint.post("/check-ins/<uuid:check_in_id>/decision")
@needs("decide_check_in")
def decide(check_in_id: UUID) -> ResponseReturnValue:
    """Say whether a doubtful check-in counts."""
    fields = given(check_in_id=check_in_id, decision=typed("decision"), reason=typed("reason"))
    try:
        sites.visits.decide_check_in(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal), tried=str(check_in_id))
    flash(_("Decided, with your reason."), "good")
    return redirect(url_for("pages.check_ins.index", state=request.args.get("state")), code=303)


def _page(told: Faults, *, tried: str = "") -> ResponseReturnValue:
    state = request.args.get("state")
    state = state if state in STATES else STATES[0]
    fields = given(
        state=state,
        order_id=request.args.get("order") or None,
        cursor=request.args.get("cursor") or None,
        limit=ON_A_PAGE,
    )
    page = render_template(
        "check_ins/index.html",
        check_ins=sites.visits.check_ins(fields, who=current()).data,
        state=state,
        states=STATES,
        may_decide=current().may("decide_check_in"),
        tried=tried,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
