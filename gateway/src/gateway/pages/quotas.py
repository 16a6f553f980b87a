"""Quotas: what branches and members may order in a period; officers set them, everybody sees them."""

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import part

blueprint = Blueprint("quotas", __name__)

ON_A_PAGE = 50


@blueprint.get("/quotas")
@needs("read_quotas")
def index() -> ResponseReturnValue:
    """List the quotas, those that begin last first."""
    return _page(Faults(status=200))


@blueprint.post("/quotas")
@needs("set_quota")
def set() -> ResponseReturnValue:
    """Set a quota for the visits of the days to come; what is ordered already stands."""
    fields = given(
        holder=typed("holder"),
        counts=typed("counts"),
        period=typed("period"),
        most=typed_number("most"),
        effective_from=typed("effective_from"),
        effective_until=typed("effective_until"),
        citation=typed("citation"),
    )
    try:
        sites.orders.set_quota(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal))
    flash(_("The quota is set. Orders that stand already stay."), "good")
    return redirect(url_for("pages.quotas.index"), code=303)


def _page(told: Faults) -> ResponseReturnValue:
    asked = given(cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    page = render_template(
        "quotas/index.html",
        quotas=part(lambda: sites.orders.quotas(asked, who=current())),
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
        key=request.form.get("idempotency_key"),
    )
    return page, told.status
