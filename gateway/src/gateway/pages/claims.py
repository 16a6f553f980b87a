"""Claims: what a site asks for a visit, why it is that much, and the next move of whoever looks at it."""

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
from gateway.pages.claim_queue import next_words
from gateway.pages.forms import Faults, faults, given, typed, typed_fen, typed_number
from gateway.pages.orders import visit_pictures
from gateway.pages.parts import Part, found_or_none, part, together

blueprint = Blueprint("claims", __name__)

ON_A_PAGE: Final = 50
OPEN_MOVES: Final = {
    "submit_claim": frozenset({"drafted", "returned"}),
    "confirm_headcount": frozenset({"submitted"}),
    "dispute_headcount": frozenset({"submitted"}),
    "approve_claim": frozenset({"confirmed", "disputed"}),
    "countersign_claim": frozenset({"signed"}),
    "return_claim": frozenset({"submitted", "confirmed", "disputed", "signed"}),
    "reject_claim": frozenset({"submitted", "confirmed", "disputed", "signed"}),
    "bring_papers": frozenset({"drafted", "returned", "submitted", "disputed", "confirmed"}),
}
"""From which states a move is offered as a button; the service decides about it."""


@blueprint.get("/claims")
@needs("read_claim")
def index() -> ResponseReturnValue:
    """List the claims that the person may see."""
    state, period = request.args.get("state") or None, request.args.get("period") or None
    fields = given(state=state, period=period, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    told = Faults(status=200)
    parts: dict[str, Any] = {"claims": None}
    who = current()
    try:
        parts = together(claims=lambda: sites.claims.claims(fields, who=who))
    except Refusal as refusal:
        if not refusal.errors:
            raise
        told = faults(refusal)
    drawn = render_template("claims/index.html", state=state, period=period, errors=told.errors, **parts)
    return drawn, told.status


@blueprint.get("/claims/<uuid:claim_id>")
@needs("read_claim")
def show(claim_id: UUID) -> ResponseReturnValue:
    """Show one claim."""
    return page(claim_id)


@blueprint.post("/claims/<uuid:claim_id>/submission")
@needs("submit_claim")
def submit(claim_id: UUID) -> ResponseReturnValue:
    """Hand the claim in."""
    return _move(
        sites.claims.submit_claim, claim_id, done=_("Submitted. The branch has seven days to confirm the headcount.")
    )


@blueprint.post("/claims/<uuid:claim_id>/headcount-confirmation")
@needs("confirm_headcount")
def confirm(claim_id: UUID) -> ResponseReturnValue:
    """Say for the branch that the headcount is right."""
    return _move(sites.claims.confirm_headcount, claim_id, done=_("Confirmed. Finance checks the claim next."))


@blueprint.post("/claims/<uuid:claim_id>/headcount-dispute")
@needs("dispute_headcount")
def dispute(claim_id: UUID) -> ResponseReturnValue:
    """Say for the branch that another number came."""
    fields = given(headcount=typed_number("headcount"), reason=typed("reason"))
    done = _("Your number is noted. Finance decides, with a reason.")
    return _move(sites.claims.dispute_headcount, claim_id, fields, done=done, name="dispute")


@blueprint.post("/claims/<uuid:claim_id>/approval")
@needs("approve_claim")
def approve(claim_id: UUID) -> ResponseReturnValue:
    """Approve the claim, perhaps for less than is due; one that is disputed with a headcount and a reason."""
    fields = given(
        headcount=typed_number("headcount"),
        reason=typed("reason"),
        approved_fen=typed_fen("approved_fen"),
        code=typed("code"),
    )
    try:
        claim = sites.claims.approve_claim(
            {"claim_id": claim_id, **fields}, who=current(), command_id=command_id()
        ).data
    except Refusal as refusal:
        told = faults(refusal, at={"reason-demanded": "reason", "above-due": "approved_fen"})
        return page(claim_id, told, tried="approve")
    if claim["state"] == "signed":
        flash(_("Signed. A second person has to sign before it is approved."), "good")
    else:
        flash(_("Approved. It waits for a settlement batch."), "good")
    return redirect(url_for("pages.claims.show", claim_id=claim_id), code=303)


@blueprint.post("/claims/<uuid:claim_id>/second-signature")
@needs("countersign_claim")
def countersign(claim_id: UUID) -> ResponseReturnValue:
    """Approve, as the second of two, what the first has signed."""
    return _move(sites.claims.countersign_claim, claim_id, done=_("Approved by two. It waits for a settlement batch."))


@blueprint.post("/claims/<uuid:claim_id>/return")
@needs("return_claim")
def return_(claim_id: UUID) -> ResponseReturnValue:
    """Send the claim back to the site."""
    done = _("Returned to the site, with your reason.")
    fields = given(reason=typed("reason"), code=typed("code"))
    return _move(sites.claims.return_claim, claim_id, fields, done=done, name="return")


@blueprint.post("/claims/<uuid:claim_id>/rejection")
@needs("reject_claim")
def reject(claim_id: UUID) -> ResponseReturnValue:
    """Reject the claim."""
    done = _("Rejected. What was set aside is free again.")
    fields = given(reason=typed("reason"), code=typed("code"))
    return _move(sites.claims.reject_claim, claim_id, fields, done=done, name="reject")


def _move(
    move: Callable[..., Any], claim_id: UUID, fields: dict[str, Any] | None = None, *, done: str, name: str = ""
) -> ResponseReturnValue:
    try:
        move({"claim_id": claim_id, **(fields or {})}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return page(claim_id, faults(refusal), tried=name)
    flash(done, "good")
    return redirect(url_for("pages.claims.show", claim_id=claim_id), code=303)


def page(claim_id: UUID, told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    """Draw the claim's page, with what was tried and what was wrong with it."""
    who = current()
    claim = sites.claims.claim({"claim_id": claim_id}, who=who).data
    evidence = Part()
    if who.may("read_claim_evidence"):
        # Somebody may hold the right elsewhere and read this claim for another reason.
        evidence = part(
            lambda: found_or_none(lambda: sites.claims.claim_evidence({"claim_id": claim_id}, who=who), "forbidden")
        )
    drawn = render_template(
        "claims/show.html",
        claim=claim,
        moves={move for move, states in OPEN_MOVES.items() if claim["state"] in states and who.may(move)},
        errors=told.errors if told else {},
        evidence=evidence,
        next_words=next_words,
        # The evidence has them already.
        visit_pictures=evidence if evidence.data else visit_pictures(claim["order_id"]),
        tried=tried,
        values=request.form,
    )
    return drawn, told.status if told else 200
