"""The numbers by which claims are checked, and what makes a claim doubtful: in force, held before, to come."""

from typing import Any, Final

from chassis.refusals import NotFound, Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_fen, typed_number
from gateway.pages.fund_settings import tomorrow

blueprint = Blueprint("claim_rules", __name__)

NUMBERS: Final = (
    *("submit_by_day", "appeal_days", "reason_score", "medium_score", "high_score"),
    *("low_percent", "medium_percent", "high_percent"),
)


@blueprint.get("/claim-rules")
@needs("read_claim_rules")
def index() -> ResponseReturnValue:
    """Show the numbers of claims and the rules of doubt."""
    return _page(Faults(status=200))


@blueprint.post("/claim-rules")
@needs("set_claim_rules")
def enter() -> ResponseReturnValue:
    """Enter the numbers that hold from a day on."""
    fields = given(
        active_from=typed("active_from"),
        citation=typed("citation"),
        second_signature_fen=typed_fen("second_signature_fen"),
        **{name: typed_number(name) for name in NUMBERS},
    )
    if isinstance(fields.get("second_signature_fen"), str):
        amount = _("Write the amount in yuan, for example 50000 or 50000.00.")
        return _page(Faults({"second_signature_fen": [amount]}))
    try:
        sites.settings.set_claim_rules(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal))
    flash(_("Entered. The numbers hold from their first day on; what was decided before stays."), "good")
    return redirect(url_for("pages.claim_rules.index"), code=303)


@blueprint.get("/claim-rules/anomalies/<rule>")
@needs("read_claim_rules")
def anomaly(rule: str) -> ResponseReturnValue:
    """Show one rule of doubt with all its rows."""
    return _anomaly(rule, Faults(status=200))


@blueprint.post("/claim-rules/anomalies/<rule>")
@needs("set_claim_rules")
def enter_anomaly(rule: str) -> ResponseReturnValue:
    """Enter a rule's points and numbers from a day on."""
    inputs = [name.removeprefix("numbers.") for name in request.form if name.startswith("numbers.")]
    fields = given(
        rule=rule,
        active_from=typed("active_from"),
        citation=typed("citation"),
        score=typed_number("score"),
        numbers=given(**{name: typed_number(f"numbers.{name}") for name in inputs}),
    )
    try:
        sites.settings.set_anomaly_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal)
        at_inputs = {name.removesuffix(".value"): said for name, said in told.errors.items()}
        return _anomaly(rule, Faults(at_inputs, told.status))
    flash(_("Entered. The rule goes by it from its first day on; marks that stand stay."), "good")
    return redirect(url_for("pages.claim_rules.anomaly", rule=rule), code=303)


def _page(told: Faults) -> ResponseReturnValue:
    found = sites.settings.claim_rules({}, who=current()).data
    now = _in_force(found["rows"])
    page = render_template(
        "claim_rules/index.html",
        found=found,
        now=now,
        planned=[row for row in found["rows"] if row["state"] == "planned"],
        anomalies=[(rule, _in_force(rule["rows"])) for rule in found["anomalies"]],
        values=request.form if told.errors else _values(now),
        tomorrow=tomorrow(),
        errors=told.errors,
    )
    return page, told.status


def _anomaly(rule: str, told: Faults) -> ResponseReturnValue:
    found = sites.settings.claim_rules({}, who=current()).data
    one = next((each for each in found["anomalies"] if each["rule"] == rule), None)
    if one is None:
        raise NotFound()
    now = _in_force(one["rows"]) or {"score": "", "numbers": {}}
    standing = {"score": now["score"], **{f"numbers.{name}": number for name, number in now["numbers"].items()}}
    page = render_template(
        "claim_rules/anomaly.html",
        found=one,
        values=request.form if told.errors else standing,
        tomorrow=tomorrow(),
        errors=told.errors,
    )
    return page, told.status


def _in_force(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((row for row in rows if row["state"] == "in_force"), None)


def _values(now: dict[str, Any] | None) -> dict[str, Any]:
    if now is None:
        return {}
    fen = now["second_signature_fen"]
    yuan = "" if fen is None else f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"
    return {**{name: now[name] for name in NUMBERS}, "second_signature_fen": yuan}
