"""Published batches (公示): what each site is to get, for everybody to read; whoever is signed in may object."""

from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs, public
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.parts import together

blueprint = Blueprint("publicity", __name__)


@blueprint.get("/publicity")
@public
def index() -> ResponseReturnValue:
    """List the batches that are or were published."""
    asked = given(cursor=request.args.get("cursor") or None)
    return render_template("publicity/index.html", **together(batches=lambda: sites.settlement.publications(asked)))


@blueprint.get("/publicity/<uuid:batch_id>")
@public
def show(batch_id: UUID) -> ResponseReturnValue:
    """Show one published batch, ready to print."""
    return _page(batch_id)


@blueprint.post("/publicity/<uuid:batch_id>/objections")
@needs("object_to_payment", "enter_paper_objection")
def object_to(batch_id: UUID) -> ResponseReturnValue:
    """Object to one line."""
    fields = given(line_id=typed("line_id"), reason=typed("reason"), on_paper_from=typed("on_paper_from"))
    try:
        sites.settlement.object_to_payment(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(batch_id, faults(refusal))
    flash(_("Your objection is noted. This payment waits until it is decided; you read the answer here."), "good")
    return redirect(url_for("pages.publicity.objections", batch=batch_id), code=303)


@blueprint.get("/objections")
@needs("read_objections")
def objections() -> ResponseReturnValue:
    """List objections: one's own, or those that wait for a decision."""
    return _objections(Faults(status=200))


@blueprint.post("/objections/<uuid:objection_id>/decision")
@needs("decide_objection")
def decide(objection_id: UUID) -> ResponseReturnValue:
    """Uphold or dismiss an objection."""
    fields = given(objection_id=objection_id, decision=typed("decision"), reason=typed("reason"))
    try:
        sites.settlement.decide_objection(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _objections(faults(refusal), tried=str(objection_id))
    flash(_("Decided. Whoever objected reads your reason."), "good")
    return redirect(url_for("pages.publicity.objections"), code=303)


def _objections(told: Faults, *, tried: str = "") -> ResponseReturnValue:
    """Draw the list; `tried` is the objection whose decision was sent."""
    who = current()
    state, batch = request.args.get("state") or None, request.args.get("batch") or None
    asked = given(state=state, batch_id=batch, cursor=request.args.get("cursor") or None)
    page = render_template(
        "publicity/objections.html",
        **together(objections=lambda: sites.settlement.objections(asked, who=who)),
        state=state,
        batch=batch,
        may_decide=who.may("decide_objection"),
        tried=tried,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _page(batch_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    asked = given(batch_id=batch_id, cursor=request.args.get("cursor") or None)
    page = render_template(
        "publicity/show.html",
        batch=sites.settlement.publication(asked).data,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
