"""How a fund's batches are paid from a day on: by whom the file goes to the bank, how long a batch is published."""

from datetime import timedelta
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
from gateway.pages.forms import Faults, faults, given, typed, typed_number

blueprint = Blueprint("fund_settings", __name__)

ANSWERS: Final = {"yes": True, "no": False}


@blueprint.get("/fund-settings")
@needs("read_fund_settings")
def index() -> ResponseReturnValue:
    """Show the fund asked for, or the first one."""
    return _page(request.args.get("fund"), Faults(status=200))


@blueprint.post("/fund-settings/<uuid:fund_id>")
@needs("set_fund_settings")
def enter(fund_id: UUID) -> ResponseReturnValue:
    """Enter how the fund pays from a day on."""
    fields = given(
        fund_id=fund_id,
        active_from=typed("active_from"),
        separate_payer=ANSWERS.get(typed("separate_payer") or ""),
        publicity_days=typed_number("publicity_days"),
        citation=typed("citation"),
    )
    try:
        sites.settings.set_fund_settings(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(str(fund_id), faults(refusal))
    flash(_("Entered. It holds for batches that are made from its first day on."), "good")
    return redirect(url_for("pages.fund_settings.index", fund=fund_id), code=303)


def _page(chosen: str | None, told: Faults) -> ResponseReturnValue:
    who = current()
    fund, funds = choose_fund(chosen)
    found = sites.settings.fund_settings({"fund_id": fund}, who=who).data if fund else None
    rows: list[dict[str, Any]] = found["rows"] if found else []
    now = next((row for row in rows if row["state"] == "in_force"), None)
    page = render_template(
        "fund_settings/index.html",
        funds=funds,
        found=found,
        now=now,
        planned=[row for row in rows if row["state"] == "planned"],
        values=request.form if told.errors else _values(now),
        tomorrow=tomorrow(),
        errors=told.errors,
    )
    return page, told.status


def choose_fund(chosen: str | None) -> tuple[str | None, list[dict[str, Any]]]:
    """Return the id of the fund that is asked for among those the reader may see, or of the first one, and all."""
    funds = sites.funds.funds({}, who=current()).data["items"]
    ids = [fund["id"] for fund in funds]
    return (chosen if chosen in ids else next(iter(ids), None)), funds


def tomorrow() -> str:
    """Return the first day from which anything can be entered."""
    return (clock.today(clock.now()) + timedelta(days=1)).isoformat()


def _values(now: dict[str, Any] | None) -> dict[str, Any]:
    if now is None:
        return {}
    return {"separate_payer": "yes" if now["separate_payer"] else "no", "publicity_days": now["publicity_days"]}
