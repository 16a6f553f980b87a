"""What sites were paid too much: reported by one person, confirmed by another, kept back from the next payment."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_fen
from gateway.pages.parts import together

blueprint = Blueprint("overpayments", __name__)

DOORS: Final[dict[str, Callable[..., Any]]] = {
    "confirmation": sites.settlement.confirm_overpayment,
    "refusal": sites.settlement.refuse_overpayment,
    "repayments": sites.settlement.record_repayment,
}
AT_FIELD: Final = {"more-than-paid": "amount_fen", "more-than-owed": "amount_fen"}


@blueprint.get("/overpayments")
@needs("read_overpayments")
def index() -> ResponseReturnValue:
    """List overpayments; a report names its claim."""
    return _page(Faults(status=200), claim_id=request.args.get("claim"))


@blueprint.post("/overpayments")
@needs("report_overpayment")
def report() -> ResponseReturnValue:
    """Report that a claim was paid too much."""
    fields = given(claim_id=typed("claim_id"), amount_fen=typed_fen("amount_fen"), reason=typed("reason"))
    door, done = sites.settlement.report_overpayment, _("Reported. Another person has to confirm it.")
    return _do(door, fields, done, tried="report", claim_id=typed("claim_id"))


@blueprint.post("/overpayments/<uuid:overpayment_id>/<any(confirmation, refusal, repayments):act>")
@needs("confirm_overpayment", "refuse_overpayment", "record_repayment")
def move(overpayment_id: UUID, act: str) -> ResponseReturnValue:
    """Confirm or refuse a report, or record what was paid back."""
    fields = given(
        overpayment_id=overpayment_id,
        reason=typed("reason"),
        reference=typed("reference"),
        amount_fen=typed_fen("amount_fen"),
    )
    return _do(DOORS[act], fields, _("Done."), tried=str(overpayment_id))


def _do(
    door: Callable[..., Any], fields: dict[str, Any], done: str, *, tried: str, claim_id: str | None = None
) -> ResponseReturnValue:
    try:
        door(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD), tried=tried, claim_id=claim_id)
    flash(done, "good")
    return redirect(url_for("pages.overpayments.index"), code=303)


def _page(told: Faults, *, tried: str = "", claim_id: str | None = None) -> ResponseReturnValue:
    """Draw the list; `tried` is `report` or the overpayment whose form was sent."""
    who = current()
    state, cursor = request.args.get("state") or None, request.args.get("cursor") or None
    asked = given(state=state, cursor=cursor)
    page = render_template(
        "overpayments/index.html",
        **together(overpayments=lambda: sites.settlement.overpayments(asked, who=who)),
        state=state,
        claim_id=claim_id,
        tried=tried,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
