"""What a site does around its claim besides handing it in: papers, invoices, an appeal; and the appeals as a list."""

from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages import claims
from gateway.pages.forms import faults, given, tell, typed, typed_fen
from gateway.resources.claims import uploaded_paper

blueprint = Blueprint("claim_papers", __name__)

AT_FILE: Final = dict.fromkeys(("paper-repeated", "unsupported-media-type", "payload-too-large"), "file")


@blueprint.post("/claims/<uuid:claim_id>/attachments")
@needs("bring_papers")
@takes_files
def attach(claim_id: UUID) -> ResponseReturnValue:
    """Attach a PDF or a picture."""
    try:
        fields: dict[str, Any] = {"claim_id": claim_id, **given(kind=typed("kind")), **uploaded_paper()}
        attached = sites.claims.attach_paper(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return claims.page(claim_id, faults(refusal, at=AT_FILE), tried="attach")
    if attached["is_duplicate"]:
        flash(_("Attached. The same file stands at another claim already; finance sees that."), "warn")
    else:
        flash(_("Attached."), "good")
    return _back(claim_id, "papers")


@blueprint.post("/claims/<uuid:claim_id>/attachments/<uuid:attachment_id>/removal")
@needs("bring_papers")
def detach(claim_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """Take an attachment back."""
    return _take_back(sites.claims.detach_paper, claim_id, attachment_id=attachment_id)


@blueprint.post("/claims/<uuid:claim_id>/invoices")
@needs("bring_papers")
def enter_invoice(claim_id: UUID) -> ResponseReturnValue:
    """Enter an invoice or receipt."""
    fields = given(
        claim_id=claim_id,
        code=typed("code"),
        number=typed("number"),
        issuer=typed("issuer"),
        issued_on=typed("issued_on"),
        amount_fen=typed_fen("amount_fen"),
    )
    try:
        entered = sites.claims.enter_invoice(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return claims.page(claim_id, faults(refusal, at={"invoice-repeated": "number"}), tried="invoice")
    if entered["state"] == "duplicate":
        flash(
            _("This number stands at another claim already. Look whether it is right; finance sees it as a duplicate."),
            "bad",
        )
    else:
        flash(_("Entered."), "good")
    return _back(claim_id, "papers")


@blueprint.post("/claims/<uuid:claim_id>/invoices/<uuid:invoice_id>/removal")
@needs("bring_papers")
def take_back_invoice(claim_id: UUID, invoice_id: UUID) -> ResponseReturnValue:
    """Take an invoice back."""
    return _take_back(sites.claims.take_back_invoice, claim_id, invoice_id=invoice_id)


@blueprint.post("/claims/<uuid:claim_id>/appeal")
@needs("appeal_claim")
def appeal(claim_id: UUID) -> ResponseReturnValue:
    """Appeal against the decision."""
    fields = given(claim_id=claim_id, reason=typed("reason"))
    try:
        sites.claims.appeal_claim(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return claims.page(claim_id, faults(refusal), tried="appeal")
    flash(_("The appeal is filed. Another person of finance decides."), "good")
    return _back(claim_id, "appeal")


@blueprint.post("/claims/<uuid:claim_id>/appeal/decision")
@needs("decide_claim_appeal")
def decide(claim_id: UUID) -> ResponseReturnValue:
    """Grant the appeal or refuse it."""
    grant = {"grant": True, "refuse": False}.get(typed("decision") or "")
    fields = given(claim_id=claim_id, grant=grant, reason=typed("reason"))
    try:
        sites.claims.decide_claim_appeal(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return claims.page(claim_id, faults(refusal), tried="decide_appeal")
    flash(_("The appeal is decided."), "good")
    return _back(claim_id, "appeal")


@blueprint.get("/claim-appeals")
@needs("read_claim_appeals")
def appeals() -> ResponseReturnValue:
    """List the appeals."""
    state = request.args.get("state")
    state = state if state in ("filed", "granted", "refused") else "filed"
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=50)
    return render_template(
        "claim_appeals/index.html", state=state, appeals=sites.claims.claim_appeals(asked, who=current()).data
    )


def _take_back(door: Any, claim_id: UUID, **which: UUID) -> ResponseReturnValue:
    try:
        door({"claim_id": claim_id, **which}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Taken back."), "good")
    return _back(claim_id, "papers")


def _back(claim_id: UUID, part: str) -> ResponseReturnValue:
    return redirect(url_for("pages.claims.show", claim_id=claim_id, _anchor=part), code=303)
