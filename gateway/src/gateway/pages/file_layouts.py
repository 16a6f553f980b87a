"""How a fund's payment files and bank statements look: tried on real lines first, then set; versions stay."""

from typing import Any, Final
from uuid import UUID, uuid4

from chassis.refusals import Refusal
from contracts.sites.file_layouts import (
    AMOUNT_UNITS,
    DATE_FORMATS,
    ENCODINGS,
    LAYOUT_PURPOSES,
    PAYMENT_FIELDS,
    STATEMENT_FIELDS,
)
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.fund_settings import choose_fund
from gateway.pages.words import word

blueprint = Blueprint("file_layouts", __name__)

FIELDS: Final = {"payment": PAYMENT_FIELDS, "statement": STATEMENT_FIELDS}


@blueprint.get("/file-layouts")
@needs("read_file_layout")
def index() -> ResponseReturnValue:
    """Show a layout of the fund asked for, or of the first one."""
    purpose = request.args.get("purpose", "")
    fund = request.args.get("fund")
    return _page(fund, purpose if purpose in LAYOUT_PURPOSES else "payment", Faults(status=200))


@blueprint.post("/file-layouts/<uuid:fund_id>/<any(payment, statement):purpose>/preview")
@needs("read_file_layout")
def preview(fund_id: UUID, purpose: str) -> ResponseReturnValue:
    """Show the first lines of a real file in the layout that is typed; nothing is set by it."""
    fields, wrong = _typed(fund_id, purpose)
    if wrong:
        return _page(str(fund_id), purpose, Faults(wrong))
    try:
        # Looked at as often as one likes: each look is a command of its own, whatever the form's key.
        shown = sites.settlement.preview_file_layout(fields, who=current(), command_id=uuid4()).data
    except Refusal as refusal:
        return _page(str(fund_id), purpose, _at_inputs(faults(refusal), fields))
    return _page(str(fund_id), purpose, Faults(status=200), shown=shown)


@blueprint.post("/file-layouts/<uuid:fund_id>/<any(payment, statement):purpose>")
@needs("set_file_layout")
def enter(fund_id: UUID, purpose: str) -> ResponseReturnValue:
    """Set the layout that is typed."""
    fields, wrong = _typed(fund_id, purpose)
    if wrong:
        return _page(str(fund_id), purpose, Faults(wrong))
    try:
        sites.settlement.set_file_layout(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(str(fund_id), purpose, _at_inputs(faults(refusal), fields))
    flash(_("Set. Batches that are approved from now on have this layout; those approved before keep theirs."), "good")
    return redirect(url_for("pages.file_layouts.index", fund=fund_id, purpose=purpose), code=303)


def _page(
    chosen: str | None, purpose: str, told: Faults, *, shown: dict[str, Any] | None = None
) -> ResponseReturnValue:
    who = current()
    fund, funds = choose_fund(chosen)
    asked = {"fund_id": fund, "purpose": purpose}
    now = sites.settlement.file_layout(asked, who=who).data if fund else None
    versions = sites.settlement.file_layouts(asked, who=who).data["items"] if fund else []
    page = render_template(
        "file_layouts/index.html",
        funds=funds,
        fund_id=fund,
        purpose=purpose,
        now=now,
        versions=versions,
        preview=shown or (now["preview"] if now else None),
        is_tried=shown is not None,
        fields=_in_order(now, purpose) if now else [],
        encodings=[(code, word(code, "layout_encoding")) for code in ENCODINGS],
        dates=[(code, code) for code in DATE_FORMATS],
        units=[(code, word(code, "layout_unit")) for code in AMOUNT_UNITS],
        values=request.form if request.form else _values(now),
        errors=told.errors,
    )
    return page, told.status


def _typed(fund_id: UUID, purpose: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the fields of the message, the columns in their places, and what the page itself finds wrong."""
    wrong: dict[str, list[str]] = {}
    placed: dict[int, dict[str, str]] = {}
    for field in FIELDS[purpose]:
        place, heading = typed_number(f"place.{field}"), typed(f"heading.{field}")
        if place is None:
            continue
        if not isinstance(place, int) or not 1 <= place <= len(FIELDS[purpose]) or place in placed:
            wrong[f"place.{field}"] = [_("Write its place in the file as a number from 1 on, each once.")]
        elif heading is None:
            wrong[f"heading.{field}"] = [_("Please fill this in.")]
        else:
            placed[place] = {"field": field, "heading": heading}
    if not (placed or wrong):
        wrong["columns"] = [_("Give at least one field a place.")]
    fields = given(
        fund_id=fund_id,
        purpose=purpose,
        columns=[placed[place] for place in sorted(placed)],
        **{name: typed(name) for name in ("encoding", "date_format", "amount_unit")},
    )
    return fields, wrong


def _at_inputs(told: Faults, fields: dict[str, Any]) -> Faults:
    """Return the faults by the names of the form's inputs: columns.2.heading is told at the third field's heading."""
    at_inputs = {}
    for name, said in told.errors.items():
        whole, _dot, rest = name.partition(".")
        number, _dot, part = rest.partition(".")
        is_heading = whole == "columns" and number.isdecimal() and part == "heading"
        at_inputs[f"heading.{fields['columns'][int(number)]['field']}" if is_heading else name] = said
    return Faults(at_inputs, told.status)


def _in_order(now: dict[str, Any], purpose: str) -> list[str]:
    """Return all fields of the kind of file: those of the layout as they stand in it, then the others."""
    used = [column["field"] for column in now["columns"]]
    return used + [field for field in FIELDS[purpose] if field not in used]


def _values(now: dict[str, Any] | None) -> dict[str, Any]:
    if now is None:
        return {}
    values: dict[str, Any] = {name: now[name] for name in ("encoding", "date_format", "amount_unit")}
    for place, column in enumerate(now["columns"], start=1):
        values |= {f"place.{column['field']}": place, f"heading.{column['field']}": column["heading"]}
    return values
