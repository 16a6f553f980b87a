"""The chain of sealed entries, proved here or by anyone with an export; months that close; reversals."""

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import done_or_told, given, typed
from gateway.pages.parts import together
from gateway.resources.ledger import journal_of

blueprint = Blueprint("ledger_chain", __name__)

CHECKLIST: Final = ("entries", "unsealed", "undecided_claims", "unbatched_claims", "open_batches", "unclosed_orders")
FORMATS: Final = ("json", "hledger", "beancount")


@blueprint.get("/ledger/chain")
@needs("read_ledger")
def show() -> ResponseReturnValue:
    """Show each fund's head, checkpoints and closed months, and the ways out."""
    who = current()
    parts = together(proof=lambda: sites.ledger.ledger_proof({}, who=who))
    return render_template("ledger/chain.html", **parts, checklist=checklist_words())


@blueprint.post("/ledger/chain")
@needs("read_ledger")
def verify() -> ResponseReturnValue:
    """Have the books proved."""
    made = sites.ledger.verify_ledger({}, who=current(), command_id=command_id())
    return redirect(url_for("pages.ledger_chain.verification", proof_id=made["id"]), code=303)


@blueprint.get("/ledger/chain/verifications/<uuid:proof_id>")
@needs("read_ledger")
def verification(proof_id: UUID) -> ResponseReturnValue:
    """Show how far the proof is, or what it found."""
    found = sites.ledger.ledger_verification({"proof_id": proof_id}, who=current()).data
    return render_template("ledger/verification.html", found=found, result=found["result"] or {}, whys=why_words())


@blueprint.get("/ledger/journal")
@needs("read_ledger")
def journal() -> Response:
    """Hand out the journal."""
    wanted = request.args.get("format")
    return journal_of(given(format=wanted if wanted in FORMATS else "json", fund_id=request.args.get("fund") or None))


@blueprint.get("/ledger/proof.json")
@needs("read_ledger")
def proof() -> Response:
    """Hand out what an export is held against."""
    told = sites.ledger.ledger_proof({}, who=current())
    response = Response(told.body, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="proof.json"'
    return response


@blueprint.get("/funds/<uuid:fund_id>/months")
@needs("read_ledger")
def months(fund_id: UUID) -> ResponseReturnValue:
    """Show the first open month with what is to be looked at, and the closed ones."""
    who = current()
    parts = together(
        period=lambda: sites.ledger.open_period({"fund_id": fund_id}, who=who),
        proof=lambda: sites.ledger.ledger_proof({"fund_id": fund_id}, who=who),
    )
    funds = parts["proof"].data["funds"] if parts["proof"].data else []
    return render_template(
        "ledger/months.html",
        **parts,
        fund=funds[0] if funds else None,
        checklist=checklist_words(),
        may_close=who.may("close_period"),
    )


@blueprint.post("/funds/<uuid:fund_id>/months")
@needs("close_period")
def close(fund_id: UUID) -> ResponseReturnValue:
    """Close the month for good."""
    fields = given(fund_id=fund_id, period=typed("period"))
    done = _("Closed. What comes late counts in the first open month.")
    back = url_for("pages.ledger_chain.months", fund_id=fund_id)
    return done_or_told(sites.ledger.close_period, fields, done=done, back=back)


@blueprint.post("/ledger/entries/<uuid:entry_id>/reversal")
@needs("reverse_entry")
def reverse(entry_id: UUID) -> ResponseReturnValue:
    """Reverse an appropriation."""
    fields = given(entry_id=entry_id, reason=typed("reason"))
    done = _("Reversed. Both entries stand in the books.")
    back = url_for("pages.ledger.statement", account="appropriations")
    return done_or_told(sites.ledger.reverse_entry, fields, done=done, back=back)


def checklist_words() -> list[tuple[str, str]]:
    """Return what a checklist counts, and what each is called."""
    words = (
        _("Entries of the month"),
        _("Entries that wait for their seal"),
        _("Claims not decided yet"),
        _("Claims approved and in no batch"),
        _("Batches that are not settled"),
        _("Visits that are over and not closed"),
    )
    return list(zip(CHECKLIST, words, strict=True))


def why_words() -> dict[str, str]:
    """Return what each fault of a proof means."""
    return {
        "changed": _("The entry is not what was sealed: somebody changed it."),
        "missing_entry": _("The entry of this seal is gone: somebody removed it."),
        "missing_seal": _("The numbers have a gap: somebody removed a seal."),
        "cut_off": _("The chain ends before a checkpoint that was written down: somebody cut its end off."),
        "checkpoint": _("A checkpoint says otherwise than the entries until it."),
        "unsealed": _("An entry is neither sealed nor waits for it: somebody wrote it past the books."),
        "days": _("The sums of the days are not those of the entries."),
    }
