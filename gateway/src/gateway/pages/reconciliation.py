"""The ledger held against the bank: statements come in, differences are explained by one person, closed by another."""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.resources.settlement_batches import BANK_FILES, uploaded

blueprint = Blueprint("reconciliation", __name__)

FILE_CODES = ("bank-", "statement-", "unsupported-media-type", "payload-too-large", "bad-request")


@blueprint.get("/reconciliation")
@needs("read_reconciliation")
def index() -> ResponseReturnValue:
    """Show the fund asked for, or the first one."""
    return _page(request.args.get("fund"))


@blueprint.post("/reconciliation/<uuid:fund_id>/statements")
@takes_files
@needs("import_bank_statement")
def take(fund_id: UUID) -> ResponseReturnValue:
    """Take a statement over."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(str(fund_id), Faults({"file": [_("Choose the bank statement.")]}))
    try:
        fields = {"fund_id": fund_id, "file": uploaded(BANK_FILES)}
        sites.settlement.import_bank_statement(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        at = {refusal.code: "file"} if refusal.code.startswith(FILE_CODES) else None
        return _page(str(fund_id), faults(refusal, at=at))
    flash(_("The statement is taken over and held against the ledger."), "good")
    return redirect(url_for("pages.reconciliation.index", fund=fund_id), code=303)


@blueprint.post("/reconciliation/differences/<uuid:difference_id>/<any(explanation, closure):act>")
@needs("explain_difference", "close_difference")
def move(difference_id: UUID, act: str) -> ResponseReturnValue:
    """Explain a difference, or close one that another person explained."""
    door = sites.settlement.explain_difference if act == "explanation" else sites.settlement.close_difference
    try:
        door(given(difference_id=difference_id, reason=typed("reason")), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(typed("fund_id"), faults(refusal), tried=str(difference_id))
    flash(_("Noted."), "good")
    return redirect(url_for("pages.reconciliation.index", fund=typed("fund_id")), code=303)


def _page(fund_id: str | None, told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    """Draw one fund's differences; `tried` is the one whose form was sent."""
    who = current()
    funds: list[dict[str, Any]] = sites.funds.funds({}, who=who)["items"]
    chosen = next((fund for fund in funds if fund["id"] == fund_id), funds[0] if funds else None)
    found = sites.settlement.reconciliation({"fund_id": chosen["id"]}, who=who).data if chosen else None
    page = render_template(
        "reconciliation/index.html",
        funds=funds,
        found=found,
        tried=tried,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
