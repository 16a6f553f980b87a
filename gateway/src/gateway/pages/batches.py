"""Settlement: approved claims paid together: made by one person, approved by another, ended by the bank's answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.refusals import REFUSALS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.parts import together
from gateway.resources.settlement_batches import BANK_FILES, uploaded

blueprint = Blueprint("batches", __name__)

ON_A_PAGE: Final = 50
CLAIMS_SHOWN: Final = 200
AT_FIELD: Final = {
    "nothing-to-settle": "period",
    "payee-missing": "period",
    "claim-in-other-batch": "period",
    "several-funds": "fund_id",
}
FILE_REFUSALS: Final = {
    **{code: "file" for code in REFUSALS if code.startswith("bank-")},
    **dict.fromkeys(("unsupported-media-type", "payload-too-large", "bad-request"), "file"),
}


@blueprint.get("/batches")
@needs("read_batch")
def index() -> ResponseReturnValue:
    """List batches, and offer to make one of what waits."""
    return _index(Faults())


@blueprint.post("/batches")
@needs("make_batch")
def make() -> ResponseReturnValue:
    """Put a month's approved claims into one batch."""
    fields = given(period=typed("period"), fund_id=typed("fund_id"))
    try:
        batch = sites.settlement.make_batch(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _index(faults(refusal, at=AT_FIELD))
    flash(_("The batch is made. Another person has to approve it."), "good")
    return redirect(url_for("pages.batches.show", batch_id=batch["id"]), code=303)


@blueprint.get("/batches/<uuid:batch_id>")
@needs("read_batch")
def show(batch_id: UUID) -> ResponseReturnValue:
    """Show one batch with its lines."""
    return _page(batch_id)


@blueprint.post("/batches/<uuid:batch_id>/approval")
@needs("approve_batch")
def approve(batch_id: UUID) -> ResponseReturnValue:
    """Approve another person's batch."""
    return _move(
        sites.settlement.approve_batch,
        given(batch_id=batch_id, minutes_number=typed("minutes_number")),
        done=_("Approved. The payment file is ready for the bank."),
    )


@blueprint.post("/batches/<uuid:batch_id>/publication")
@needs("publish_batch")
def publish(batch_id: UUID) -> ResponseReturnValue:
    """Put the batch before everybody's eyes."""
    done = _("Published. Whoever finds a mistake can object to a line.")
    return _move(sites.settlement.publish_batch, {"batch_id": batch_id}, done=done)


@blueprint.post("/batches/<uuid:batch_id>/payment")
@needs("hand_over_batch")
def hand_over(batch_id: UUID) -> ResponseReturnValue:
    """Say that the payment file was handed to the bank."""
    fields = given(batch_id=batch_id, sha256=typed("sha256"))
    return _move(sites.settlement.hand_over_batch, fields, done=_("Noted. Upload the bank's answer when it comes."))


@blueprint.post("/batches/<uuid:batch_id>/failed-lines")
@needs("make_batch")
def batch_failed(batch_id: UUID) -> ResponseReturnValue:
    """Put what the bank could not pay into a new batch."""
    try:
        made = sites.settlement.make_batch_of_failed({"batch_id": batch_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(batch_id, faults(refusal))
    flash(_("The batch is made. Another person has to approve it."), "good")
    return redirect(url_for("pages.batches.show", batch_id=made["id"]), code=303)


@blueprint.post("/batches/<uuid:batch_id>/rejection")
@needs("reject_batch")
def reject(batch_id: UUID) -> ResponseReturnValue:
    """Reject the batch; its claims are free for another one."""
    fields = given(batch_id=batch_id, reason=typed("reason"))
    return _move(sites.settlement.reject_batch, fields, done=_("Rejected. Its claims can go into another batch."))


@blueprint.post("/batches/<uuid:batch_id>/bank-results")
@takes_files
@needs("record_bank_results")
def bank_results(batch_id: UUID) -> ResponseReturnValue:
    """Record what the bank says."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(batch_id, Faults({"file": [_("Choose the bank's file.")]}))
    try:
        fields = {"batch_id": batch_id, "file": uploaded(BANK_FILES)}
        batch = sites.settlement.record_bank_results(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(batch_id, faults(refusal, at=FILE_REFUSALS), bad_cells=refusal.params.get("faults", ()))
    if batch["failed_fen"]:
        flash(_("Recorded. The bank could not pay some lines; their claims wait for another batch."), "warn")
    else:
        flash(_("Recorded. The bank paid every line named in the file."), "good")
    return redirect(url_for("pages.batches.show", batch_id=batch_id), code=303)


def _move(move: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    try:
        move(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(fields["batch_id"], faults(refusal, at={"minutes-missing": "minutes_number"}))
    flash(done, "good")
    return redirect(url_for("pages.batches.show", batch_id=fields["batch_id"]), code=303)


def _index(told: Faults) -> ResponseReturnValue:
    who = current()
    state = request.args.get("state") or None
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    reads = {
        "batches": lambda: sites.settlement.batches(asked, who=who),
        "waiting": lambda: sites.claims.claims({"state": "approved", "limit": CLAIMS_SHOWN}, who=who),
        "funds": lambda: sites.funds.funds({}, who=who),
    }
    parts = together(**reads)
    months: dict[str, dict[str, int]] = {}
    for claim in parts["waiting"].rows:
        month = months.setdefault(claim["period"], {"count": 0, "amount_fen": 0})
        month["count"] += 1
        month["amount_fen"] += claim["approved_fen"] or 0
    last_month = clock.month_of(clock.now().replace(day=1) - timedelta(days=1))
    page = render_template(
        "batches/index.html",
        **parts,
        state=state,
        months=sorted(months.items()),
        period=typed("period") or next(iter(sorted(months)), last_month),
        fund_choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        fund_id=typed("fund_id"),
        may_make=who.may("make_batch"),
        errors=told.errors,
    )
    return page, told.status if told.errors else 200


def _page(batch_id: UUID, told: Faults | None = None, *, bad_cells: Any = ()) -> ResponseReturnValue:
    who = current()
    batch = sites.settlement.batch({"batch_id": batch_id}, who=who).data
    is_undecided = batch["state"] in ("prepared", "published")
    review = {"review": lambda: sites.settlement.batch_review({"batch_id": batch_id}, who=who)} if is_undecided else {}
    takes_file = who.may("hand_over_batch") if batch["separate_payer"] else who.may("read_payment_file")
    page = render_template(
        "batches/show.html",
        batch=batch,
        **(together(**review) if review else {}),
        bad_cells=bad_cells,
        is_public_still=batch["state"] == "published" and batch["public_until"] >= clock.today(clock.now()).isoformat(),
        may_decide=is_undecided and who.may("approve_batch"),
        may_publish=batch["state"] == "prepared" and batch["publicity_days"] and who.may("publish_batch"),
        may_hand_over=batch["state"] == "approved" and who.may("hand_over_batch"),
        may_pay=(batch["state"] == "paying" or (batch["state"] == "approved" and not batch["separate_payer"]))
        and who.may("record_bank_results"),
        may_repeat=batch["failed_fen"] and who.may("make_batch"),
        has_file=batch["state"] in ("approved", "paying", "settled", "partly_settled") and takes_file,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
