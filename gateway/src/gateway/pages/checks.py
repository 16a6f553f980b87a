"""The checks of the health check: their numbers with their dates, and what other numbers would have made of a month."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound, Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.parts import together

blueprint = Blueprint("checks", __name__)

AT_FIELD: Final = {"rule-version-there": "from_month"}
OPEN: Final = ("waiting", "running")
PREFIX: Final = "numbers."


@blueprint.get("/checks")
@needs("read_checks")
def index() -> ResponseReturnValue:
    """Show every check with the numbers in force."""
    found = assessment.lights.check_settings({}, who=current()).data
    groups = [
        (
            of,
            [
                (check, _row(check, "in_force"), _row(check, "to_come"))
                for check in found["checks"]
                if check["of"] == of
            ],
        )
        for of in ("branch", "member", "goal")
    ]
    return render_template("checks/index.html", groups=groups)


@blueprint.get("/checks/<check>")
@needs("read_checks")
def show(check: str) -> ResponseReturnValue:
    """Show one check with all its rows."""
    return _page(check, Faults(status=200))


@blueprint.post("/checks/<check>/numbers")
@needs("set_check")
def enter(check: str) -> ResponseReturnValue:
    """Enter the check's numbers from a month to come on, or set it aside."""
    numbers = _numbers()
    if numbers is None:
        return _page(check, _fill_in())
    fields = given(check=check, from_month=typed("from_month"), citation=typed("citation"), numbers=numbers)
    try:
        assessment.lights.set_check(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(check, _at_numbers(faults(refusal, at=AT_FIELD)))
    flash(_("Entered. The numbers hold from their first month on; the months before stay."), "good")
    return redirect(url_for("pages.checks.show", check=check), code=303)


@blueprint.post("/checks/<check>/simulations")
@needs("simulate_check")
def try_out(check: str) -> ResponseReturnValue:
    """Try other numbers on a month that is over."""
    numbers = _numbers()
    if numbers is None:
        return _page(check, _fill_in())
    fields = given(check=check, numbers=numbers, month=typed("month"))
    try:
        asked = assessment.lights.simulate_check(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _page(check, _at_numbers(faults(refusal)))
    return redirect(url_for("pages.checks.simulation", job_id=asked["id"]), code=303)


@blueprint.get("/simulations/<uuid:job_id>")
@needs("simulate_check")
def simulation(job_id: UUID) -> ResponseReturnValue:
    """Show how far a simulation is, and what it found."""
    found = assessment.lights.simulation({"job_id": job_id}, who=current()).data
    check = _check(found["check"])
    parts: dict[str, Any] = {}
    if found["of"] == "member" and found["changed"] and current().may("read_member_lights"):
        parts = together(members=lambda: assessment.lights.simulated_members({"job_id": job_id}, who=current()))
    return render_template("checks/simulation.html", found=found, check=check, is_open=found["state"] in OPEN, **parts)


def _numbers() -> dict[str, Any] | None:
    """Return the numbers typed: none of them to set the check aside, and nothing when all were left empty unasked."""
    if typed("aside"):
        return {}
    names = [name.removeprefix(PREFIX) for name in request.form if name.startswith(PREFIX)]
    return given(**{name: typed_number(PREFIX + name) for name in names}) or None


def _fill_in() -> Faults:
    return Faults({"form": [_("Fill in the numbers, or say that the check is set aside.")]})


def _at_numbers(told: Faults) -> Faults:
    """A number that is none is told at its field."""
    return Faults({name.removesuffix(".value"): said for name, said in told.errors.items()}, told.status)


def _check(code: str) -> dict[str, Any]:
    found = assessment.lights.check_settings({}, who=current()).data
    check: dict[str, Any] | None = next((one for one in found["checks"] if one["check"] == code), None)
    if check is None:
        raise NotFound()
    return {**check, "may_set": found["may_set"]}


def _row(check: dict[str, Any], state: str) -> dict[str, Any] | None:
    return next((row for row in check["rows"] if row["state"] == state), None)


def _page(code: str, told: Faults) -> ResponseReturnValue:
    check = _check(code)
    now = _row(check, "in_force") or _row(check, "to_come") or {"numbers": {}}
    standing = {PREFIX + name: number for name, number in now["numbers"].items()}
    this_month = clock.month_of(clock.now())
    page = render_template(
        "checks/show.html",
        check=check,
        values=request.form if told.errors else standing,
        errors=told.errors,
        this_month=this_month,
    )
    return page, told.status
