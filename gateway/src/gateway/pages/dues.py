"""Dues of a branch: the month with its list to tick, bases, arrears, receipts, documents; sums over the tree."""

import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.roster.dues_documents import DUES_FOLDER
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from gateway.clients import roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.branches import month_asked
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_fen, typed_number
from gateway.pages.organisations import BRANCHES
from gateway.resources.dues import DUES_FILES
from gateway.resources.settlement_batches import uploaded

blueprint = Blueprint("dues", __name__)

ON_A_PAGE: Final = 100
OPEN: Final = frozenset({"waiting", "running"})
TICKED: Final = re.compile(r"([0-9a-f-]{36})\|(20\d\d-\d\d)\|(\d{1,9})\Z")
CELL: Final = re.compile(r"rows\.(\d+)\.(\w+)\Z")
FILE_CODES: Final = ("dues-file-", "unsupported-media-type", "payload-too-large", "bad-request")
"""Refusals that are about the file, told at its field."""


# ---- a branch's month --------------------------------------------------------------------------------------------


@blueprint.get("/branches/<uuid:organisation_id>/dues")
@needs("read_dues", "read_dues_sums")
def index(organisation_id: UUID) -> ResponseReturnValue:
    """Show a branch's month; of a part of the tree, or to whoever may not read names, its sums."""
    where = roster.organisations.organisation({"organisation_id": organisation_id}, who=current()).data
    if where["kind"] not in BRANCHES or not current().may("read_dues"):
        return redirect(url_for("pages.dues.sums", organisation_id=organisation_id), code=303)
    return _month(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/dues/payments")
@needs("collect_dues")
def pay(organisation_id: UUID) -> ResponseReturnValue:
    """Write down who paid: the ticked ones, all or none."""
    lines = lines_ticked()
    fields = given(
        organisation_id=organisation_id, lines=lines, method=typed("method") or "cash", paid_on=typed("paid_on")
    )
    if not lines:
        return _month(organisation_id, Faults({"form": [_("Tick at least one member who paid.")]}))
    try:
        done = roster.dues.pay_dues(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _month(organisation_id, faults(refusal))
    flash(told_of(done), "good")
    return _back(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/dues/payment-file")
@takes_files
@needs("collect_dues")
def pay_by_file(organisation_id: UUID) -> ResponseReturnValue:
    """Write down what a file says was paid."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _month(organisation_id, Faults({"file": [_("Choose the file.")]}))
    try:
        fields = given(
            organisation_id=organisation_id,
            file=uploaded(DUES_FILES, folder=DUES_FOLDER),
            method=typed("method"),
            paid_on=typed("paid_on"),
        )
        done = roster.dues.pay_dues_by_file(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        at = {refusal.code: "file"} if refusal.code.startswith(FILE_CODES) else None
        told = faults(refusal, at=at)
        cells = [f"{cell_named(name)}{_(': ')}{one}" for name, each in told.errors.items() for one in each]
        is_of_cells = any(CELL.match(name) for name in told.errors)
        return _month(organisation_id, Faults({"file": cells}, told.status) if is_of_cells else told)
    flash(told_of(done), "good")
    return _back(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/dues/assessment")
@needs("assess_dues")
def assess(organisation_id: UUID) -> ResponseReturnValue:
    """Reckon a month."""
    fields = given(organisation_id=organisation_id, month=typed("month"))
    try:
        done = roster.dues.assess_dues(fields, who=current(), command_id=command_id()).data
        number = done["members"]
        flash(
            ngettext("%(num)s member added to the month.", "%(num)s members added to the month.", number)
            if number
            else _("Nobody had to be added; whoever owes is in the list."),
            "good",
        )
    except Refusal as refusal:
        tell(refusal)
    return _back(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/dues/hand-ups")
@needs("collect_dues")
def hand_up(organisation_id: UUID) -> ResponseReturnValue:
    """Write down what was handed up."""
    fields = given(
        organisation_id=organisation_id,
        amount_fen=typed_fen("amount_fen"),
        handed_on=typed("handed_on"),
        document_number=typed("document_number"),
    )
    try:
        roster.dues.hand_up_dues(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _month(organisation_id, faults(refusal, at={"dues-cash-short": "amount_fen"}), tried="hand_up")
    flash(_("Written down."), "good")
    return _back(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/dues/closing")
@needs("close_dues_month")
def close(organisation_id: UUID) -> ResponseReturnValue:
    """Close a month with the sums that were read."""
    figures = {name: typed_number(name) for name in ("due_fen", "received_fen", "arrears_fen")}
    fields = given(organisation_id=organisation_id, month=typed("month"), **figures)
    try:
        roster.dues.close_dues_month(fields, who=current(), command_id=command_id())
        flash(_("Closed. What is not paid goes on as arrears."), "good")
    except Refusal as refusal:
        tell(refusal)
    return _back(organisation_id)


def _back(organisation_id: UUID) -> ResponseReturnValue:
    address = url_for("pages.dues.index", organisation_id=organisation_id, month=typed("month"))
    return redirect(address, code=303)


def lines_ticked() -> list[dict[str, Any]]:
    """Return the payments that the form's boxes name: each is person|month|fen."""
    found = [TICKED.match(text) for text in request.form.getlist("paid")]
    return [{"person_id": one[1], "month": one[2], "amount_fen": int(one[3])} for one in found if one]


def told_of(done: dict[str, Any]) -> str:
    """Return the sentence about what was written down."""
    number = len(done["receipts"])
    if number == 1:
        return _("Written down. Receipt %(number)s is issued.", number=done["first_number"])
    return _(
        "Written down. Receipts %(first)s to %(last)s are issued.",
        first=done["first_number"],
        last=done["last_number"],
    )


def cell_named(name: str) -> str:
    """Return where a cell of the file is: row and column."""
    match = CELL.match(name)
    columns = {
        "name": _("Full name"),
        "month": _("Month"),
        "amount": _("Amount"),
        "identity_number": _("Identity number"),
    }
    if match is None:
        return name
    return _("Row %(row)s, %(column)s", row=match[1], column=columns.get(match[2], match[2]))


def _month(organisation_id: UUID, told: Faults | None = None, *, tried: str = "pay") -> ResponseReturnValue:
    month = typed("month") or month_asked()
    asked = {"organisation_id": organisation_id, "month": month}
    page = render_template(
        "dues/month.html",
        found=roster.dues.dues_month(asked, who=current()).data,
        organisation_id=organisation_id,
        month=month,
        this_month=clock.month_of(clock.now()),
        today=clock.today(clock.now()).isoformat(),
        ticked=request.form.getlist("paid"),
        errors=told.errors if told else {},
        values=request.form,
        tried=tried,
    )
    return page, told.status if told else 200


# ---- bases, arrears, receipts, sums ------------------------------------------------------------------------------


@blueprint.get("/branches/<uuid:organisation_id>/dues/members")
@needs("read_dues")
def members(organisation_id: UUID) -> ResponseReturnValue:
    """List what members' dues are reckoned from, without amounts."""
    q = request.args.get("q", "").strip()
    asked = given(
        organisation_id=organisation_id, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None, q=q or None
    )
    return _list("dues/members.html", organisation_id, roster.dues.dues_members, asked, q=q)


@blueprint.post("/branches/<uuid:organisation_id>/dues/members")
@needs("set_dues_base")
def confirm(organisation_id: UUID) -> ResponseReturnValue:
    """Confirm bases for this year."""
    fields = {"organisation_id": organisation_id, "person_ids": request.form.getlist("person")}
    try:
        done = roster.dues.confirm_dues_bases(fields, who=current(), command_id=command_id()).data
        flash(ngettext("%(num)s base confirmed.", "%(num)s bases confirmed.", done["confirmed"]), "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.dues.members", organisation_id=organisation_id), code=303)


@blueprint.get("/branches/<uuid:organisation_id>/dues/arrears")
@needs("read_dues")
def arrears(organisation_id: UUID) -> ResponseReturnValue:
    """List who has not paid for months that are over."""
    marked = request.args.get("marked") == "1"
    asked = given(
        organisation_id=organisation_id,
        limit=ON_A_PAGE,
        cursor=request.args.get("cursor") or None,
        marked=True if marked else None,
    )
    return _list("dues/arrears.html", organisation_id, roster.dues.dues_arrears, asked, marked=marked)


@blueprint.post("/branches/<uuid:organisation_id>/dues/arrears")
@needs("remind_dues")
def remind(organisation_id: UUID) -> ResponseReturnValue:
    """Remind whoever is ticked, or all."""
    fields = {"organisation_id": organisation_id, "person_ids": request.form.getlist("person")}
    try:
        done = roster.dues.remind_dues(fields, who=current(), command_id=command_id()).data
        flash(
            ngettext("%(num)s member reminded.", "%(num)s members reminded.", done["reminded"])
            if done["reminded"]
            else _("Everybody chosen was reminded today already."),
            "good",
        )
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.dues.arrears", organisation_id=organisation_id), code=303)


@blueprint.get("/branches/<uuid:organisation_id>/dues/receipts")
@needs("read_dues")
def receipts(organisation_id: UUID) -> ResponseReturnValue:
    """List the receipts."""
    cursor = request.args.get("cursor") or None
    asked = given(organisation_id=organisation_id, limit=ON_A_PAGE, cursor=cursor)
    return _list("dues/receipts.html", organisation_id, roster.dues.dues_receipts, asked)


def _list(
    template: str, organisation_id: UUID, read: Callable[..., Any], asked: dict[str, Any], **more: Any
) -> ResponseReturnValue:
    who = current()
    where = roster.organisations.organisation({"organisation_id": organisation_id}, who=who).data
    return render_template(
        template,
        found=read(asked, who=who).data,
        where=where,
        is_branch=where["kind"] in BRANCHES,
        organisation_id=organisation_id,
        may_act=bool(who.actor and who.actor.may("collect_dues", organisation=where["path"])),
        this_year=clock.today(clock.now()).year,
        **more,
    )


@blueprint.get("/branches/<uuid:organisation_id>/dues/sums")
@needs("read_dues_sums")
def sums(organisation_id: UUID) -> ResponseReturnValue:
    """Show a part of the tree's month in sums."""
    month = month_asked()
    who = current()
    where = roster.organisations.organisation({"organisation_id": organisation_id}, who=who).data
    return render_template(
        "dues/sums.html",
        found=roster.dues.dues_rollup({"organisation_id": organisation_id, "month": month}, who=who).data,
        where=where,
        is_branch=where["kind"] in BRANCHES,
        organisation_id=organisation_id,
        month=month,
        this_month=clock.month_of(clock.now()),
    )


# ---- documents ---------------------------------------------------------------------------------------------------


@blueprint.post("/dues-documents")
@needs("read_dues", "read_dues_sums", "read_own_dues")
def make() -> ResponseReturnValue:
    """Have a document drawn."""
    ids = request.form.getlist("receipt_id")
    fields = given(
        document=typed("document"),
        format=typed("format"),
        organisation_id=typed("organisation_id"),
        month=typed("month"),
        receipt_ids=ids or None,
    )
    try:
        made = roster.dues.make_dues_document(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.home.show"), code=303)
    return redirect(url_for("pages.dues.document", job_id=made["id"]), code=303)


@blueprint.get("/dues-documents/<uuid:job_id>")
@needs("read_dues", "read_dues_sums", "read_own_dues")
def document(job_id: UUID) -> ResponseReturnValue:
    """Show how far a document is, and its file once it is there."""
    found = roster.dues.dues_document({"job_id": job_id}, who=current()).data
    return render_template("dues/document.html", document=found, is_open=found["state"] in OPEN)


# ---- the table of rates ------------------------------------------------------------------------------------------

BANDS: Final = 6
"""So many rows for new bands of a kind a form offers."""


@blueprint.get("/dues-tables")
@needs("read_dues_tables")
def tables() -> ResponseReturnValue:
    """Show the rates in force, those before and those to come."""
    return _tables()


@blueprint.post("/dues-tables")
@needs("set_dues_table")
def set_table() -> ResponseReturnValue:
    """Set the rates from a month to come on."""
    rates: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for kind in ("wage", "pension"):
        for number in range(BANDS):
            above, rate = typed_fen(f"{kind}-{number}-above_fen"), _hundredths(typed(f"{kind}-{number}-rate"))
            if above is None and rate is None:
                continue
            if not isinstance(above, int) or not isinstance(rate, int):
                errors[f"{kind}-{number}-rate"] = [_("Write the lower end in yuan and the rate in per cent.")]
                continue
            rates.append({"kind": kind, "above_fen": above, "rate_bp": rate})
    for kind in ("farmer", "minimum"):
        least = typed_fen(f"{kind}-least_fen")
        most = typed_fen(f"{kind}-most_fen") if kind == "farmer" else least
        rates.append({"kind": kind, "above_fen": 0, "least_fen": least, "most_fen": most})
    if errors:
        return _tables(Faults(errors))
    fields = given(
        version=typed_number("version"), active_from=typed("active_from"), citation=typed("citation"), rates=rates
    )
    try:
        roster.dues.set_dues_table(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _tables(faults(refusal, at={"table-month-begun": "active_from"}))
    flash(_("The rates are set. Months that were reckoned do not change."), "good")
    return redirect(url_for("pages.dues.tables"), code=303)


def _hundredths(text: str | None) -> int | str | None:
    """Return per cent as typed (1.5) in ten-thousandths (150)."""
    if text is None:
        return None
    whole, _dot, part = text.removesuffix("%").removesuffix("％").strip().partition(".")
    if not (whole.isdecimal() and len(whole) < 3 and (part == "" or (part.isdecimal() and len(part) <= 2))):
        return text
    return int(whole) * 100 + int(part.ljust(2, "0") if part else "0")


def _tables(told: Faults | None = None) -> ResponseReturnValue:
    found = roster.dues.dues_tables({}, who=current()).data
    now = next(table for table in found["tables"] if table["id"] == found["in_force"])
    page = render_template(
        "dues/tables.html",
        found=found,
        now=now,
        bands=BANDS,
        values=request.form if told else _as_typed(now),
        errors=told.errors if told else {},
    )
    return page, told.status if told else 200


def _as_typed(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table as its form shows it."""
    shown: dict[str, Any] = {}
    for kind in ("wage", "pension"):
        for number, rate in enumerate(rate for rate in table["rates"] if rate["kind"] == kind):
            shown[f"{kind}-{number}-above_fen"] = f"{rate['above_fen'] // 100}"
            shown[f"{kind}-{number}-rate"] = f"{rate['rate_bp'] / 100:g}"
    for rate in table["rates"]:
        if rate["rate_bp"] is None:
            for end in ("least_fen", "most_fen"):
                shown[f"{rate['kind']}-{end}"] = f"{rate[end] / 100:.2f}"
    return shown
