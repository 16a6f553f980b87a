"""The fund: what was granted, what is left, what waits; and the entry of a new appropriation."""

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
from gateway.pages.forms import Faults, faults, given, typed, typed_fen
from gateway.pages.parts import together

blueprint = Blueprint("funds", __name__)

SHARES: Final = ("paid", "receivable", "payable", "encumbered", "contributed", "available", "carried", "returned")
AT_FIELD: Final = {"appropriation-repeated": "document_number"}


@blueprint.get("/funds")
@needs("read_fund")
def index() -> ResponseReturnValue:
    """Show the funds of a year."""
    return _page(Faults())


@blueprint.post("/funds/<uuid:fund_id>/appropriations")
@needs("appropriate")
def appropriate(fund_id: UUID) -> ResponseReturnValue:
    """Enter money granted by a document."""
    fields = given(fund_id=fund_id, amount_fen=typed_fen("amount_fen"), document_number=typed("document_number"))
    if isinstance(fields.get("amount_fen"), str) or fields.get("amount_fen") == 0:
        return _page(Faults({"amount_fen": [_("Write the amount in yuan, for example 50000 or 50000.00.")]}), fund_id)
    try:
        sites.funds.appropriate(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD), fund_id)
    flash(_("Entered. The amount is available in the fund now."), "good")
    return redirect(url_for("pages.funds.index"), code=303)


def _page(told: Faults, tried: UUID | None = None) -> ResponseReturnValue:
    who = current()
    this_year = clock.today(clock.now()).year
    year = _year(request.args.get("year"), default=this_year)
    parts = together(funds=lambda: sites.funds.funds({"year": year}, who=who))
    page = render_template(
        "funds/index.html",
        **parts,
        bars={fund["id"]: _bar(fund) for fund in parts["funds"].rows},
        shares=SHARES,
        year=year,
        years=range(this_year, this_year - 3, -1),
        may_appropriate=who.may("appropriate") and year == this_year,
        errors=told.errors,
        tried=str(tried) if tried else None,
        values=request.form,
    )
    return page, told.status if told.errors else 200


def _bar(fund: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return the shares of all that came into the year as (name, from, width) in percent."""
    whole = fund["appropriated_fen"] + fund["received_fen"] + fund["brought_fen"]
    begin, bar = 0.0, []
    for name in SHARES:
        width = 100 * fund[f"{name}_fen"] / whole if whole > 0 else 0.0
        bar.append((name, round(begin, 2), round(width, 2)))
        begin += width
    return bar


def _year(text: str | None, *, default: int) -> int:
    return int(text) if text and text.isdecimal() and 2000 <= int(text) <= 2199 else default
