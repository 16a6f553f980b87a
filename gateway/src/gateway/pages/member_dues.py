"""One member's dues: base, reliefs, months, corrections, receipts; and one's own."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.dues import lines_ticked, told_of
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_fen
from gateway.pages.parts import found_or_none, together

blueprint = Blueprint("member_dues", __name__)

AT_FIELD: Final = {
    "base-out-of-bounds": "amount_fen",
    "base-too-small": "amount_fen",
    "base-month-too-far": "active_from",
    "relief-too-long": "active_until",
    "relief-already": "active_from",
}


@blueprint.get("/members/<uuid:person_id>/dues")
@needs("read_dues")
def show(person_id: UUID) -> ResponseReturnValue:
    """Show a member's dues."""
    return _page(person_id)


@blueprint.post("/members/<uuid:person_id>/dues/base")
@needs("set_dues_base")
def set_base(person_id: UUID) -> ResponseReturnValue:
    """Say what a member's dues are reckoned from."""
    fields = given(
        person_id=person_id,
        kind=typed("kind"),
        amount_fen=typed_fen("amount_fen"),
        active_from=typed("active_from"),
        ground=typed("ground"),
    )
    return _do(person_id, roster.dues.set_dues_base, fields, done=_("Saved."), tried="base")


@blueprint.post("/members/<uuid:person_id>/dues/opening")
@needs("open_dues_base")
def open_base(person_id: UUID) -> ResponseReturnValue:
    """Show the amounts that a member's dues are reckoned from, once."""
    fields = given(person_id=person_id, purpose=typed("purpose"), reason=typed("open_reason"))
    try:
        opened = roster.dues.open_dues_base(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _page(person_id, faults(refusal, called={"reason": "open_reason"}), tried="open")
    page, status = _page(person_id, opened=opened["bases"])
    return page, status, {"Cache-Control": "no-store"}


@blueprint.post("/members/<uuid:person_id>/dues/reliefs")
@needs("assess_dues")
def grant_relief(person_id: UUID) -> ResponseReturnValue:
    """Exempt a member, or reduce the dues, for some months."""
    fields = given(
        person_id=person_id,
        reduced_to_fen=typed_fen("reduced_to_fen"),
        decided_on=typed("decided_on"),
        document_number=typed("document_number"),
        active_from=typed("relief_from"),
        active_until=typed("relief_until"),
        reason=typed("relief_reason"),
    )
    moved = {"active_from": "relief_from", "active_until": "relief_until", "reason": "relief_reason"}
    return _do(
        person_id,
        roster.dues.grant_dues_relief,
        fields,
        done=_("Written down. Months reckoned already are corrected one by one."),
        tried="relief",
        moved=moved,
    )


@blueprint.post("/members/<uuid:person_id>/dues/reliefs/<uuid:relief_id>/end")
@needs("assess_dues")
def end_relief(person_id: UUID, relief_id: UUID) -> ResponseReturnValue:
    """End a relief before its time."""
    fields = given(relief_id=relief_id, active_until=typed("active_until"), reason=typed("reason"))
    return _button(person_id, roster.dues.end_dues_relief, fields, done=_("Written down."))


@blueprint.post("/members/<uuid:person_id>/dues/corrections")
@needs("correct_dues")
def correct(person_id: UUID) -> ResponseReturnValue:
    """Correct what is owed for a month."""
    month, _sep, now = (typed("which") or "").partition("|")
    fields = given(
        person_id=person_id,
        month=month,
        due_fen=int(now) if now.isdecimal() else None,
        to_fen=typed_fen("to_fen"),
        reason=typed("correct_reason"),
    )
    moved = {"reason": "correct_reason", "month": "which", "due_fen": "which"}
    return _do(person_id, roster.dues.correct_dues, fields, done=_("Corrected."), tried="correct", moved=moved)


@blueprint.post("/members/<uuid:person_id>/dues/payments")
@needs("collect_dues")
def pay(person_id: UUID) -> ResponseReturnValue:
    """Write down which months the member paid, also months to come."""
    organisation_id = typed("organisation_id")
    lines = lines_ticked()
    if not lines:
        return _page(person_id, Faults({"form": [_("Tick at least one month.")]}), tried="pay")
    fields = given(
        organisation_id=organisation_id, lines=lines, method=typed("method") or "cash", paid_on=typed("paid_on")
    )
    try:
        done = roster.dues.pay_dues(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _page(person_id, faults(refusal), tried="pay")
    flash(told_of(done), "good")
    return redirect(url_for("pages.member_dues.show", person_id=person_id), code=303)


@blueprint.post("/members/<uuid:person_id>/dues/notes")
@needs("remind_dues")
def note(person_id: UUID) -> ResponseReturnValue:
    """Write down what was done about arrears."""
    fields = given(person_id=person_id, has_reason=typed("has_reason") == "yes", note=typed("note"))
    return _do(person_id, roster.dues.note_dues_arrears, fields, done=_("Written down."), tried="note")


# ---- receipts, and one's own -------------------------------------------------------------------------------------


@blueprint.get("/dues-receipts/<uuid:receipt_id>")
@needs("read_dues", "read_own_dues")
def receipt(receipt_id: UUID) -> ResponseReturnValue:
    """Show a receipt."""
    return _receipt(receipt_id)


@blueprint.post("/dues-receipts/<uuid:receipt_id>/reversal")
@needs("reverse_dues")
def reverse(receipt_id: UUID) -> ResponseReturnValue:
    """Take a receipt's payments back."""
    fields = given(receipt_id=receipt_id, reason=typed("reason"))
    try:
        roster.dues.reverse_dues_receipt(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _receipt(receipt_id, faults(refusal))
    flash(_("Taken back by counter-entries of today; the months are owed again."), "good")
    return redirect(url_for("pages.member_dues.receipt", receipt_id=receipt_id), code=303)


def _receipt(receipt_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    found = roster.dues.dues_receipt({"receipt_id": receipt_id}, who=current()).data
    page = render_template(
        "dues/receipt.html",
        receipt=found,
        is_own=str(current().person_id) == found["person_id"] and not current().may("read_dues"),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


@blueprint.get("/me/dues")
@needs("read_own_dues")
def mine() -> ResponseReturnValue:
    """Show one's own dues."""
    who = current()
    parts = together(mine=lambda: found_or_none(lambda: roster.dues.my_dues({}, who=who)))
    return render_template("dues/mine.html", **parts, this_month=clock.month_of(clock.now()))


# ---- how ---------------------------------------------------------------------------------------------------------


def _do(
    person_id: UUID,
    act: Callable[..., Any],
    fields: dict[str, Any],
    *,
    done: str,
    tried: str,
    moved: dict[str, str] | None = None,
) -> ResponseReturnValue:
    """Act, and go on to the member's page; `moved` says how the form calls fields of the command."""
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(person_id, faults(refusal, at=AT_FIELD, called=moved), tried=tried)
    flash(done, "good")
    return redirect(url_for("pages.member_dues.show", person_id=person_id), code=303)


def _button(person_id: UUID, act: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
        flash(done, "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.member_dues.show", person_id=person_id), code=303)


def _page(
    person_id: UUID, told: Faults | None = None, *, tried: str = "", opened: list[dict[str, Any]] | None = None
) -> tuple[str, int]:
    dues = roster.dues.member_dues({"person_id": person_id}, who=current()).data
    this_month = clock.month_of(clock.now())
    page = render_template(
        "dues/member.html",
        dues=dues,
        opened=opened,
        ahead=_ahead(dues, this_month),
        tried=tried,
        this_month=this_month,
        today=clock.today(clock.now()).isoformat(),
        ticked=request.form.getlist("paid"),
        errors=told.errors if told else {},
        values=request.form if told else {},
    )
    return page, told.status if told else 200


def _ahead(dues: dict[str, Any], this_month: str) -> list[str]:
    """Return the months to come that may be paid now and are not reckoned yet."""
    if not dues["monthly_fen"] or not dues["branch_id"]:
        return []
    year, month = map(int, this_month.split("-"))
    there = {entry["month"] for entry in dues["months"]}
    coming = [divmod(year * 12 + month - 1 + step, 12) for step in (1, 2, 3)]
    return [name for name in (f"{found}-{place + 1:02}" for found, place in coming) if name not in there]
