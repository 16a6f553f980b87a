"""The run sheet of an ordered training case: on the screen step by step, on paper one A4 for each role."""

from typing import Any
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.formats import instant
from gateway.pages.forms import Faults, faults

blueprint = Blueprint("run_sheets", __name__)


@blueprint.get("/orders/<uuid:order_id>/run-sheet")
@needs("read_run_sheet")
def show(order_id: UUID) -> ResponseReturnValue:
    """Show the steps, of the whole party or with one role's in full; the one that is due now is marked."""
    sheet = _sheet(order_id)
    now = clock.now()
    asked = request.args.get("role")
    mine = next((role for role in sheet["roles"] if role["code"] == asked), None)
    steps = sheet["steps"]
    return render_template(
        "run_sheets/show.html",
        sheet=sheet,
        chosen=mine["code"] if mine else None,
        mine=mine,
        now=now.isoformat(),
        now_step=next((step for step in steps if instant(step["starts_at"]) <= now < instant(step["ends_at"])), None),
        is_over=bool(steps) and now >= instant(steps[-1]["ends_at"]),
    )


@blueprint.get("/orders/<uuid:order_id>/run-sheet/print")
@needs("read_run_sheet")
def printed(order_id: UUID) -> ResponseReturnValue:
    """Show the sheets as they are printed."""
    return render_template("run_sheets/printed.html", sheet=_sheet(order_id))


@blueprint.get("/orders/<uuid:order_id>/roles")
@needs("assign_roles")
def roles(order_id: UUID) -> ResponseReturnValue:
    """Show the form that says who plays what."""
    return _form(_sheet(order_id), Faults())


@blueprint.post("/orders/<uuid:order_id>/roles")
@needs("assign_roles")
def assign(order_id: UUID) -> ResponseReturnValue:
    """Write down who plays what."""
    sheet = _sheet(order_id)
    assignments = [{"role": role["code"], "names": _lines(f"role-{role['code']}")} for role in sheet["roles"]]
    try:
        done = sites.programmes.assign_roles(
            {"order_id": order_id, "assignments": assignments}, who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        told = faults(refusal)
        codes = [role["code"] for role in sheet["roles"]]
        return _form(sheet, Faults({_field_of(name, codes): said for name, said in told.errors.items()}, told.status))
    if done["is_complete"]:
        flash(_("Saved. Every role is played."), "good")
    else:
        flash(_("Saved. Some roles are still open."), "warn")
    return redirect(url_for("pages.run_sheets.show", order_id=order_id), code=303)


def _sheet(order_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = sites.programmes.run_sheet({"order_id": order_id}, who=current()).data
    return found


def _form(sheet: dict[str, Any], told: Faults) -> ResponseReturnValue:
    page = render_template(
        "run_sheets/roles.html",
        sheet=sheet,
        errors=told.errors,
        values=request.form,
        key=request.form.get("idempotency_key") if not told.errors else None,
    )
    return page, told.status if told.errors else 200


def _lines(name: str) -> list[str]:
    return [line.strip() for line in (request.form.get(name) or "").splitlines() if line.strip()]


def _field_of(name: str, codes: list[str]) -> str:
    """Return the form's field of a fault as the service names it: assignments.1.names.3 → role-candidate."""
    kind, _dot, rest = name.partition(".")
    index = rest.partition(".")[0]
    if kind != "assignments" or not index.isdecimal() or int(index) >= len(codes):
        return name
    return f"role-{codes[int(index)]}"
