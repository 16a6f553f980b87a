"""The register of payees: whom the bank pays for each site, and changes that another person confirms."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.parts import together

blueprint = Blueprint("payees", __name__)

Q_MAX = 50
FIELDS = ("kind", "name", "account", "bank", "bank_code", "credit_code", "reason")


@blueprint.get("/payees")
@needs("read_payees")
def index() -> ResponseReturnValue:
    """List the sites with the account each is paid to."""
    who = current()
    pending = request.args.get("pending") == "1"
    q, cursor = (request.args.get("q") or "").strip()[:Q_MAX] or None, request.args.get("cursor") or None
    asked = given(pending=True if pending else None, q=q, cursor=cursor, limit=50)
    parts = together(payees=lambda: sites.settlement.payees(asked, who=who))
    return render_template("payees/index.html", **parts, pending=pending, q=q)


@blueprint.get("/payees/<uuid:site_id>")
@needs("read_payees")
def show(site_id: UUID) -> ResponseReturnValue:
    """Show one site's account with its history, and offer to change it."""
    return _page(site_id)


@blueprint.post("/payees/<uuid:site_id>/changes")
@needs("propose_payee")
def propose(site_id: UUID) -> ResponseReturnValue:
    """Propose another account."""
    fields = given(site_id=site_id, **{name: typed(name) for name in FIELDS})
    return _do(site_id, sites.settlement.propose_payee, fields, done=_("Proposed. Another person has to confirm it."))


@blueprint.post("/payees/<uuid:site_id>/changes/<uuid:change_id>/confirmation")
@needs("confirm_payee")
def confirm(site_id: UUID, change_id: UUID) -> ResponseReturnValue:
    """Confirm another person's proposal."""
    done = _("Confirmed. Payments to this site rest for some days.")
    return _do(site_id, sites.settlement.confirm_payee, {"change_id": change_id}, done=done)


@blueprint.post("/payees/<uuid:site_id>/changes/<uuid:change_id>/refusal")
@needs("refuse_payee")
def refuse(site_id: UUID, change_id: UUID) -> ResponseReturnValue:
    """Refuse a proposal, or take one's own back."""
    fields = given(change_id=change_id, reason=typed("reason"))
    return _do(site_id, sites.settlement.refuse_payee, fields, done=_("Refused. The account stays as it was."))


@blueprint.post("/payees/<uuid:site_id>/account")
@needs("open_payee_account")
def account(site_id: UUID) -> ResponseReturnValue:
    """Show the whole number, once; that somebody looked is kept."""
    try:
        opened = sites.settlement.open_payee_account({"site_id": site_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal))
    return _page(site_id, account=opened["account"])


def _do(site_id: UUID, act: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(site_id, faults(refusal))
    flash(done, "good")
    return redirect(url_for("pages.payees.show", site_id=site_id), code=303)


def _page(site_id: UUID, told: Faults | None = None, *, account: str | None = None) -> ResponseReturnValue:
    payee = sites.settlement.payee({"site_id": site_id}, who=current()).data
    page = render_template(
        "payees/show.html", payee=payee, account=account, errors=told.errors if told else {}, values=request.form
    )
    return page, told.status if told else 200
