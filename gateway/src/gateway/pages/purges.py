"""The purge of personal data of those who left: the rule, whom it would take today, and the reports."""

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import together

blueprint = Blueprint("purges", __name__)

ON_A_PAGE = 50


@blueprint.get("/administration/purges")
@needs("read_purges")
def show() -> ResponseReturnValue:
    """Show the rule, whom it would take today and whom not, and what was purged."""
    return _show()


@blueprint.post("/administration/purges")
@needs("purge_people")
def purge() -> ResponseReturnValue:
    """Purge those whom the list shows."""
    try:
        roster.privacy.purge_people(given(expected=typed_number("expected")), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(faults(refusal), tried="purge")
    flash(_("The purge is under way; its report stands below."), "good")
    return redirect(url_for("pages.purges.show"), code=303)


@blueprint.post("/administration/purges/rules")
@needs("purge_people")
def set_rule() -> ResponseReturnValue:
    """Say after how many months data is purged."""
    fields = given(
        left_months=typed_number("left_months"),
        deceased_months=typed_number("deceased_months"),
        citation=typed("citation"),
        active_from=typed("active_from"),
    )
    try:
        roster.privacy.set_purge_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(faults(refusal), tried="rule")
    flash(_("The rule is set."), "good")
    return redirect(url_for("pages.purges.show"), code=303)


def _show(told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    who = current()
    is_kept = request.args.get("list") == "kept"
    asked = given(kept=is_kept, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
    parts = together(
        purges=lambda: roster.privacy.purges({}, who=who), due=lambda: roster.privacy.purge_list(asked, who=who)
    )
    page = render_template(
        "purges/show.html",
        **parts,
        is_kept=is_kept,
        may_purge=who.may("purge_people"),
        tried=tried,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
