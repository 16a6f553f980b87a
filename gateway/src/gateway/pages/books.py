"""What keeps the books honest: the chain of sealed entries, closed months, reversals, and the books as files."""

import time
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import given, tell, typed
from gateway.pages.parts import together

blueprint = Blueprint("books", __name__)

READY_WITHIN_S: Final = 2.0
"""So long an answer waits for a short proof, so that its page need not be looked at twice."""
LOOK_EVERY_S: Final = 0.2
OPEN: Final = ("waiting", "running")


@blueprint.get("/ledger/chain")
@needs("read_ledger")
def chain() -> ResponseReturnValue:
    """Show the chain of each fund: its head, its checkpoints, what waits for its seal."""
    who = current()
    return render_template("ledger/chain.html", **together(proof=lambda: sites.ledger.ledger_proof({}, who=who)))


@blueprint.post("/ledger/chain/verifications")
@needs("read_ledger")
def verify() -> ResponseReturnValue:
    """Have all entries proved; a short proof is ready when the next page comes."""
    who = current()
    made = sites.ledger.verify_ledger({}, who=who, command_id=command_id()).data
    until = time.monotonic() + READY_WITHIN_S
    while made["state"] in OPEN and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
        made = sites.ledger.ledger_verification({"proof_id": made["id"]}, who=who).data
    return redirect(url_for("pages.books.verification", proof_id=made["id"]), code=303)


@blueprint.get("/ledger/chain/verifications/<uuid:proof_id>")
@needs("read_ledger")
def verification(proof_id: UUID) -> ResponseReturnValue:
    """Show how far a proof is, or what it found."""
    found = sites.ledger.ledger_verification({"proof_id": proof_id}, who=current()).data
    return render_template("ledger/verification.html", found=found, is_open=found["state"] in OPEN)


@blueprint.get("/funds/<uuid:fund_id>/periods")
@needs("read_ledger")
def periods(fund_id: UUID) -> ResponseReturnValue:
    """Show the closed months of a fund, and what to look at before the next one closes."""
    who = current()
    parts = together(
        proof=lambda: sites.ledger.ledger_proof({"fund_id": fund_id}, who=who),
        period=lambda: sites.ledger.open_period({"fund_id": fund_id}, who=who),
    )
    known = parts["proof"].data["funds"] if parts["proof"].data else []
    return render_template("ledger/periods.html", **parts, fund=known[0] if known else None, fund_id=fund_id)


@blueprint.post("/funds/<uuid:fund_id>/periods")
@needs("close_period")
def close(fund_id: UUID) -> ResponseReturnValue:
    """Close a month for good."""
    try:
        sites.ledger.close_period(
            given(fund_id=fund_id, period=typed("period")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Closed. What comes late for this month counts on the first day of the next one."), "good")
    return redirect(url_for("pages.books.periods", fund_id=fund_id), code=303)


@blueprint.post("/ledger/entries/<uuid:entry_id>/reversal")
@needs("reverse_entry")
def reverse(entry_id: UUID) -> ResponseReturnValue:
    """Reverse an appropriation, saying why."""
    fields: dict[str, Any] = given(entry_id=entry_id, reason=typed("reason"))
    try:
        sites.ledger.reverse_entry(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Reversed. Both entries stand in the books; the document may be entered again."), "good")
    return redirect(url_for("pages.ledger.statement", account="appropriations"), code=303)


@blueprint.get("/ledger/exports")
@needs("read_ledger")
def exports() -> ResponseReturnValue:
    """Offer the books as files: journals for other programs, workbooks for people, vouchers for the accounts."""
    who = current()
    parts = together(funds=lambda: sites.funds.funds({}, who=who))
    this = clock.today(clock.now()).year
    return render_template(
        "ledger/exports.html",
        **parts,
        fund_choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        years=[(str(year), str(year)) for year in range(this, this - 5, -1)],
        month=request.args.get("period") or clock.month_of(clock.now()),
    )
