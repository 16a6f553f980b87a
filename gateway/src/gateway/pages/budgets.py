"""One fund's year: how it is executed and forecast, how it ends, and how its accounting vouchers look."""

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
from gateway.pages.forms import Faults, done_or_told, faults, given, typed
from gateway.pages.words import word

blueprint = Blueprint("budgets", __name__)

YEARS_BACK: Final = 5
SITES_SHOWN: Final = 30
SHARES: Final = ("paid", "receivable", "payable", "encumbered", "contributed", "available", "carried", "returned")


@blueprint.get("/funds/<uuid:fund_id>")
@needs("read_fund")
def show(fund_id: UUID) -> ResponseReturnValue:
    """Show how a fund's year is executed, compared and forecast."""
    return _show(fund_id, Faults(status=200))


@blueprint.post("/funds/<uuid:fund_id>/fiscal-growths")
@needs("record_fiscal_growth")
def record_growth(fund_id: UUID) -> ResponseReturnValue:
    """Enter by how much fiscal revenue grew, with its source."""
    fields = given(fund_id=fund_id, year=_year(), growth_bp=_typed_bp("growth_bp"), source=typed("source"))
    if isinstance(fields.get("growth_bp"), str):
        return _show(fund_id, Faults({"growth_bp": [_("Write percent, for example 5.2 or -1.35.")]}))
    try:
        sites.budgets.record_fiscal_growth(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(fund_id, faults(refusal))
    flash(_("Entered. The figure and its source stand beside the appropriation."), "good")
    return redirect(url_for("pages.budgets.show", fund_id=fund_id, year=_year()), code=303)


@blueprint.get("/funds/<uuid:fund_id>/year-end")
@needs("read_ledger")
def year_end(fund_id: UUID) -> ResponseReturnValue:
    """Show how a year stands at its end, and who did what."""
    return _year_end(fund_id, Faults(status=200))


@blueprint.post("/funds/<uuid:fund_id>/year-ends")
@needs("propose_year_end")
def propose(fund_id: UUID) -> ResponseReturnValue:
    """Propose what to do with what is left."""
    fields = given(fund_id=fund_id, year=_year(), use=typed("use"), document_number=typed("document_number"))
    try:
        sites.budgets.propose_year_end(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _year_end(fund_id, faults(refusal))
    flash(_("Proposed. Nothing moves until another person has approved it."), "good")
    return redirect(url_for("pages.budgets.year_end", fund_id=fund_id, year=_year()), code=303)


@blueprint.post("/funds/<uuid:fund_id>/year-ends/<uuid:year_end_id>/approval")
@needs("approve_year_end")
def approve(fund_id: UUID, year_end_id: UUID) -> ResponseReturnValue:
    """Do what another person proposed."""
    return _move(sites.budgets.approve_year_end, fund_id, year_end_id, _("Done. The entries stand in both years."))


@blueprint.post("/funds/<uuid:fund_id>/year-ends/<uuid:year_end_id>/withdrawal")
@needs("withdraw_year_end")
def withdraw(fund_id: UUID, year_end_id: UUID) -> ResponseReturnValue:
    """Take a proposal back."""
    return _move(sites.budgets.withdraw_year_end, fund_id, year_end_id, _("Withdrawn. Nothing was moved."))


@blueprint.get("/funds/<uuid:fund_id>/vouchers")
@needs("read_ledger")
def vouchers(fund_id: UUID) -> ResponseReturnValue:
    """Offer a month's accounting vouchers, and show the layout in which they come."""
    return _vouchers(fund_id, Faults(status=200))


@blueprint.post("/funds/<uuid:fund_id>/vouchers")
@needs("set_voucher_layout")
def set_layout(fund_id: UUID) -> ResponseReturnValue:
    """Give the vouchers other columns or codes."""
    columns, wrong = _columns(typed("columns") or "")
    codes = {name.removeprefix("code_"): text.strip() for name, text in request.form.items() if name[:5] == "code_"}
    if wrong:
        return _vouchers(fund_id, Faults({"columns": [wrong]}))
    try:
        sites.budgets.set_voucher_layout(
            {"fund_id": fund_id, "columns": columns, "codes": codes}, who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        told = faults(refusal)
        hint = [_("Write each line as “heading = field”.")]
        return _vouchers(
            fund_id, Faults({name: said if isinstance(said, list) else hint for name, said in told.errors.items()})
        )
    flash(_("Kept. The next export of vouchers comes in this layout."), "good")
    return redirect(url_for("pages.budgets.vouchers", fund_id=fund_id), code=303)


def _show(fund_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    year = _year()
    found = sites.budgets.execution({"fund_id": fund_id, "year": year}, who=who).data
    page = render_template(
        "funds/show.html",
        found=found,
        bar=_bar(found),
        shares=[
            name for name in SHARES if found[f"{name}_fen"] or name in ("paid", "payable", "encumbered", "available")
        ],
        year=year,
        years=_years(),
        splits=[
            ("towns", _("By town"), found["towns"]),
            ("categories", _("By category"), found["categories"]),
            ("sites", _("By site"), found["sites"]),
        ],
        most_by_month=max((abs(month["committed_fen"]) for month in found["months"]), default=0),
        shown=SITES_SHOWN,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _year_end(fund_id: UUID, told: Faults) -> ResponseReturnValue:
    year = _year(default=clock.today(clock.now()).year - 1)
    found = sites.budgets.year_end({"fund_id": fund_id, "year": year}, who=current()).data
    page = render_template(
        "funds/year_end.html",
        found=found,
        open_one=next((each for each in found["year_ends"] if each["state"] == "proposed"), None),
        year=year,
        years=_years(),
        uses=[(use, word(use, "year_end_use")) for use in ("carry_over", "give_back")],
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _vouchers(fund_id: UUID, told: Faults) -> ResponseReturnValue:
    found = sites.budgets.voucher_layout({"fund_id": fund_id}, who=current()).data
    columns = "\n".join(f"{column['heading']} = {column['field']}" for column in found["columns"])
    page = render_template(
        "funds/vouchers.html",
        found=found,
        fund_id=fund_id,
        columns=request.form.get("columns", columns),
        month=clock.month_of(clock.now()),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _move(door: Any, fund_id: UUID, year_end_id: UUID, done: str) -> ResponseReturnValue:
    return done_or_told(
        door,
        {"year_end_id": year_end_id},
        done=done,
        back=url_for("pages.budgets.year_end", fund_id=fund_id, year=_year()),
    )


def _bar(found: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return the shares of all that came into the year as (name, from, width) in percent."""
    whole = found["granted_fen"] + found["received_fen"]
    begin, bar = 0.0, []
    for name in SHARES:
        width = 100 * found[f"{name}_fen"] / whole if whole > 0 else 0.0
        bar.append((name, round(begin, 2), round(width, 2)))
        begin += width
    return bar


def _columns(text: str) -> tuple[list[dict[str, str]], str | None]:
    """Read one column a line, written “heading = field”."""
    columns = []
    for line in filter(None, map(str.strip, text.splitlines())):
        heading, equals, field = (part.strip() for part in line.rpartition("="))
        if not (heading and equals and field):
            return [], _("Write each line as “heading = field”.")
        columns.append({"heading": heading, "field": field})
    return columns, None


def _typed_bp(name: str) -> int | str | None:
    """Return percent as typed (5.25) in hundredths of a percent; what is none is passed on as typed."""
    text = typed(name)
    if text is None:
        return None
    plain = text.removesuffix("%").removesuffix("％").strip()
    whole, _dot, part = plain.lstrip("+-").partition(".")
    if not (
        whole.isascii()
        and whole.isdecimal()
        and len(whole) <= 4
        and (not part or (part.isdecimal() and len(part) <= 2))
    ):
        return text
    return (int(whole) * 100 + int(part.ljust(2, "0") if part else "0")) * (-1 if plain.startswith("-") else 1)


def _year(default: int | None = None) -> int:
    text = request.values.get("year") or ""
    this = clock.today(clock.now()).year
    return int(text) if text.isascii() and text.isdecimal() and 2000 <= int(text) <= 2198 else default or this


def _years() -> list[int]:
    this = clock.today(clock.now()).year
    return list(range(this, this - YEARS_BACK, -1))
