"""Bulletins: the list, a draft with its words, the signature, who has read it; to a branch what came to it (A5)."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound, Refusal
from contracts.assessment.bulletins import BULLETIN_KINDS, BULLETIN_STATES
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.parts import together

blueprint = Blueprint("bulletins", __name__)

ON_A_PAGE: Final = 50
LIGHTS: Final = ("red", "yellow", "green", "exempt")


@blueprint.get("/bulletins")
@needs("read_bulletins")
def index() -> ResponseReturnValue:
    """List bulletins of one kind or state, or all."""
    who = current()
    kind, state = request.args.get("kind"), request.args.get("state")
    kind = kind if kind in BULLETIN_KINDS else None
    state = state if state in BULLETIN_STATES else None
    asked = given(kind=kind, state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(found=lambda: assessment.supervision.bulletins(asked, who=who))
    return render_template("bulletins/index.html", **parts, kind=kind, state=state)


@blueprint.get("/bulletins/new")
@needs("draft_bulletin")
def new() -> ResponseReturnValue:
    """Show the form of a new draft."""
    return _form(Faults(status=200))


@blueprint.post("/bulletins/new")
@needs("draft_bulletin")
def draft() -> ResponseReturnValue:
    """Draft a bulletin from the data."""
    kind = typed("kind")
    year, quarter = typed("year"), typed("quarter")
    periods = {"daily": _today(), "monthly": typed("month"), "quarterly": f"{year}-Q{quarter}" if year else None}
    fields = given(kind=kind, period=periods.get(kind or ""))
    try:
        made = assessment.supervision.draft_bulletin(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        at = {"monthly": "month", "quarterly": "year"}.get(kind or "", "kind")
        told = faults(refusal, at={"bulletin-taken": at})
        return _form(Faults({at if name == "period" else name: one for name, one in told.errors.items()}, told.status))
    flash(_("The draft is made from the data. Write its words; another person signs it."), "good")
    return redirect(url_for("pages.bulletins.show", bulletin_id=made["id"]), code=303)


@blueprint.get("/bulletins/<uuid:bulletin_id>")
@needs("read_bulletins")
def show(bulletin_id: UUID) -> ResponseReturnValue:
    """Show a bulletin."""
    return _page(bulletin_id, Faults(status=200))


@blueprint.post("/bulletins/<uuid:bulletin_id>/words")
@needs("draft_bulletin")
def edit(bulletin_id: UUID) -> ResponseReturnValue:
    """Write the words of a draft."""
    fields = given(
        bulletin_id=bulletin_id,
        version=typed_number("version"),
        title=typed("title"),
        opening=typed("opening"),
        closing=typed("closing"),
    )
    try:
        assessment.supervision.edit_bulletin(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(bulletin_id, faults(refusal))
    flash(_("Kept."), "good")
    return _back(bulletin_id)


@blueprint.get("/bulletins/<uuid:bulletin_id>/branches/<uuid:branch_id>")
@needs("draft_bulletin")
def line(bulletin_id: UUID, branch_id: UUID) -> ResponseReturnValue:
    """Show the form of one branch's words."""
    return _line(bulletin_id, branch_id, Faults(status=200))


@blueprint.post("/bulletins/<uuid:bulletin_id>/branches/<uuid:branch_id>")
@needs("draft_bulletin")
def edit_line(bulletin_id: UUID, branch_id: UUID) -> ResponseReturnValue:
    """Write one branch's words."""
    fields = given(
        bulletin_id=bulletin_id,
        branch_id=branch_id,
        cause=typed("cause"),
        plan=typed("plan"),
        plan_on=typed("plan_on"),
        remark=typed("remark"),
    )
    try:
        assessment.supervision.edit_bulletin_line(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _line(bulletin_id, branch_id, faults(refusal))
    flash(_("Kept."), "good")
    return _back(bulletin_id)


@blueprint.post("/bulletins/<uuid:bulletin_id>/signature")
@needs("sign_bulletin")
def sign(bulletin_id: UUID) -> ResponseReturnValue:
    """Sign a draft."""
    told = _("Signed and numbered. Nothing of it changes any more; send it now.")
    return _moved(bulletin_id, assessment.supervision.sign_bulletin, told, version=typed_number("version"))


@blueprint.post("/bulletins/<uuid:bulletin_id>/dispatch")
@needs("sign_bulletin")
def send(bulletin_id: UUID) -> ResponseReturnValue:
    """Send a signed bulletin."""
    return _moved(
        bulletin_id, assessment.supervision.send_bulletin, _("Sent; it stands in the inboxes of those it is for.")
    )


@blueprint.post("/bulletins/<uuid:bulletin_id>/withdrawal")
@needs("draft_bulletin")
def withdraw(bulletin_id: UUID) -> ResponseReturnValue:
    """Put a draft away."""
    return _moved(
        bulletin_id, assessment.supervision.withdraw_bulletin, _("The draft is put away."), reason=typed("reason")
    )


@blueprint.post("/bulletins/<uuid:bulletin_id>/acknowledgement")
@needs("acknowledge_bulletin")
def acknowledge(bulletin_id: UUID) -> ResponseReturnValue:
    """Sign for a bulletin."""
    return _moved(bulletin_id, assessment.supervision.acknowledge_bulletin, _("Signed for."))


@blueprint.post("/bulletins/<uuid:bulletin_id>/correction")
@needs("draft_bulletin")
def correct(bulletin_id: UUID) -> ResponseReturnValue:
    """Draft the correction of a bulletin that was sent."""
    who = current()
    wrong = assessment.supervision.bulletin({"bulletin_id": bulletin_id}, who=who).data
    fields = {
        "kind": wrong["kind"],
        "period": wrong["period"],
        "organisation_id": wrong["issuer_id"],
        "corrects_id": bulletin_id,
    }
    try:
        made = assessment.supervision.draft_bulletin(fields, who=who, command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return _back(bulletin_id)
    flash(_("The draft of the correction is made. What was sent stays as it was sent."), "good")
    return _back(made["id"])


@blueprint.get("/bulletins/<uuid:bulletin_id>/receipts")
@needs("read_receipts")
def receipts(bulletin_id: UUID) -> ResponseReturnValue:
    """Show who has read a bulletin and who has not."""
    who, only_unread = current(), request.args.get("unread") == "1"
    asked = given(
        bulletin_id=bulletin_id,
        unread=only_unread or None,
        cursor=request.args.get("cursor") or None,
        limit=100,
    )
    bulletin = assessment.supervision.bulletin({"bulletin_id": bulletin_id}, who=who).data
    parts = together(found=lambda: assessment.supervision.bulletin_receipts(asked, who=who))
    return render_template("bulletins/receipts.html", **parts, bulletin=bulletin, only_unread=only_unread)


def _moved(bulletin_id: UUID, act: Any, told: str, **fields: Any) -> ResponseReturnValue:
    back = url_for("pages.bulletins.show", bulletin_id=bulletin_id)
    return done_or_told(act, given(bulletin_id=bulletin_id, **fields), done=told, back=back)


def _back(bulletin_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.bulletins.show", bulletin_id=bulletin_id), code=303)


def _page(bulletin_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    bulletin = assessment.supervision.bulletin({"bulletin_id": bulletin_id}, who=who).data
    light = request.args.get("light")
    light = light if light in LIGHTS else "red" if bulletin["kind"] == "monthly" else None
    asked = given(bulletin_id=bulletin_id, light=light, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(lines=lambda: assessment.supervision.bulletin_lines(asked, who=who))
    actor = who.actor
    page = render_template(
        "bulletins/show.html",
        **parts,
        bulletin=bulletin,
        light=light,
        is_own=bool(actor and bulletin["state"] == "draft" and not bulletin["may_sign"] and bulletin["may_edit"]),
        errors=told.errors,
        values=request.form or bulletin,
    )
    return page, told.status


def _line(bulletin_id: UUID, branch_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    bulletin = assessment.supervision.bulletin({"bulletin_id": bulletin_id}, who=who).data
    asked = {"bulletin_id": bulletin_id, "branch_id": branch_id}
    found = assessment.supervision.bulletin_lines(asked, who=who).data["items"]
    if not found:
        raise NotFound()
    page = render_template(
        "bulletins/line.html",
        bulletin=bulletin,
        line=found[0],
        errors=told.errors,
        values=request.form or found[0],
    )
    return page, told.status


def _form(told: Faults) -> ResponseReturnValue:
    today = clock.today(clock.now())
    first = {"kind": request.args.get("kind") or "daily", "month": clock.month_of(clock.now()), "year": today.year}
    page = render_template(
        "bulletins/new.html",
        errors=told.errors,
        values=request.form or {**first, "quarter": str((today.month + 2) // 3)},
        today=_today(),
        years=[str(today.year - back) for back in range(3)],
    )
    return page, told.status


def _today() -> str:
    return clock.today(clock.now()).isoformat()
