"""Claims as work: finance's queue with its keyboard, a branch's month end, a site's account, papers that miss (S11)."""

from typing import Any, Final

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.languages import current_language, field_sentence
from gateway.pages.formats import day, deadline
from gateway.pages.forms import Faults, faults, given, tell, typed
from gateway.pages.parts import together
from gateway.pages.words import refusal_words

blueprint = Blueprint("claim_queue", __name__)

ON_A_PAGE: Final = 100
FILTERS: Final = (
    "state",
    "period",
    "site_id",
    "town",
    "anomaly",
    "score_min",
    "waiting_days",
    "is_disputed",
    "misses_papers",
    "sort",
)
DAYS: Final = (3, 7, 14, 30)


@blueprint.get("/claims/queue")
@needs("read_claim_queue")
def queue() -> ResponseReturnValue:
    """Show the claims that wait for finance."""
    return _queue()


@blueprint.post("/claims/queue/approvals")
@needs("approve_claim")
def approve() -> ResponseReturnValue:
    """Approve the claims that are ticked, each on its own, and say how it went with each."""
    ids = request.form.getlist("claim_ids")
    if not ids:
        flash(_("Tick the claims that you approve."), "warn")
        return redirect(url_for("pages.claim_queue.queue", **_chosen()), code=303)
    fields = given(claim_ids=ids, reason=typed("reason"))
    try:
        answer = sites.claims.approve_claims(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _queue(faults(refusal))
    return _queue(Faults(status=200), answer=answer)


@blueprint.get("/claims/waiting")
@needs("confirm_headcount")
def waiting() -> ResponseReturnValue:
    """Show what waits for the branch's word."""
    return _waiting()


@blueprint.post("/claims/waiting/confirmations")
@needs("confirm_headcount")
def confirm() -> ResponseReturnValue:
    """Confirm the headcounts that are ticked, each on its own."""
    ids = request.form.getlist("claim_ids")
    if not ids:
        flash(_("Tick the visits whose headcount is right."), "warn")
        return redirect(url_for("pages.claim_queue.waiting"), code=303)
    try:
        answer = sites.claims.confirm_headcounts({"claim_ids": ids}, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.claim_queue.waiting"), code=303)
    return _waiting(answer)


@blueprint.get("/claims/mine")
@needs("bring_papers")
def mine() -> ResponseReturnValue:
    """Show a site what it earned, what was cut and why, what is missing, and when it is paid."""
    who = current()
    parts = together(
        sums=lambda: sites.claims.claim_sums({}, who=who),
        claims=lambda: sites.claims.claims(
            {"limit": ON_A_PAGE, **given(cursor=request.args.get("cursor") or None)}, who=who
        ),
    )
    return render_template("claims/mine.html", next_words=next_words, **parts)


@blueprint.get("/claims/missing-papers")
@needs("read_claim_evidence")
def missing_papers() -> ResponseReturnValue:
    """List the sites whose claims miss papers."""
    fields = given(
        period=request.args.get("period") or None, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE
    )
    told, rows = Faults(status=200), None
    try:
        rows = sites.claims.missing_papers(fields, who=current()).data
    except Refusal as refusal:
        if not refusal.errors:
            raise
        told = faults(refusal)
    page = render_template(
        "claims/missing_papers.html", rows=rows, period=request.args.get("period"), errors=told.errors
    )
    return page, told.status


def next_words(claim: dict[str, Any]) -> str:
    """Return what comes next for a claim, as its site asks: who has to act, until when, when the money comes."""
    state = claim["state"]
    if state in ("drafted", "returned"):
        return _(
            "Hand it in by %(day)s; after %(moment)s it lapses.",
            day=day(claim["submit_until"]),
            moment=deadline(claim["submit_by"]),
        )
    if state == "submitted":
        return _("The branch answers until %(moment)s; silence confirms.", moment=deadline(claim["confirm_by"]))
    if state in ("rejected", "approved") and claim["appeal_until"]:
        return _("You may appeal until %(moment)s.", moment=deadline(claim["appeal_until"]))
    return {
        "disputed": _("Finance decides about the headcount."),
        "confirmed": _("Finance checks it."),
        "signed": _("A second person of finance signs it."),
        "approved": _("It goes into the next settlement batch."),
        "batched": _("It is in a batch; the bank pays when that is approved."),
        "paid": _("The bank has paid it."),
        "rejected": _("It is not paid."),
        "lapsed": _("It was not handed in in time, and is not paid."),
    }.get(state, "")


def answer_words(item: dict[str, Any]) -> str:
    """Return why one of many claims was left, in the reader's language."""
    if item["code"] == "invalid-input":
        return field_sentence(item["detail"], current_language())
    return refusal_words(item)


def _chosen() -> dict[str, Any]:
    return {name: value for name in FILTERS if (value := request.args.get(name))}


def _queue(told: Faults | None = None, *, answer: dict[str, Any] | None = None) -> ResponseReturnValue:
    who, chosen = current(), _chosen()
    told = told or Faults(status=200)
    parts: dict[str, Any] = {"claims": None, "counts": None}
    try:
        cursor = given(cursor=request.args.get("cursor") or None)
        parts = together(
            claims=lambda: sites.claims.claim_queue({**chosen, **cursor, "limit": ON_A_PAGE}, who=who),
            counts=lambda: sites.claims.claim_queue_counts(
                {name: value for name, value in chosen.items() if name != "sort"}, who=who
            ),
        )
    except Refusal as refusal:
        if not refusal.errors:
            raise
        told = faults(refusal)
    page = render_template(
        "claims/queue.html",
        chosen=chosen,
        days=DAYS,
        answer=answer,
        answer_words=answer_words,
        errors=told.errors,
        may_approve=who.may("approve_claim"),
        values=request.form,
        **parts,
    )
    return page, told.status


def _waiting(answer: dict[str, Any] | None = None) -> str:
    who = current()
    parts = together(
        claims=lambda: sites.claims.claims({"state": "submitted", "limit": ON_A_PAGE}, who=who),
        disputed=lambda: sites.claims.claims({"state": "disputed", "limit": ON_A_PAGE}, who=who),
    )
    return render_template("claims/waiting.html", answer=answer, answer_words=answer_words, **parts)
