"""Findings of a part of the tree: list, counts, workbook; names let stand; the setting rules with their versions."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound, Refusal
from contracts.rights import RIGHTS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_number
from gateway.pages.organisations import page_of, uuid_in
from gateway.pages.parts import together

blueprint = Blueprint("findings", __name__)

ON_A_PAGE: Final = 50
FILTERS: Final = ("rule", "severity", "field")
OPEN: Final = frozenset({"waiting", "running"})


@blueprint.get("/organisations/findings")
@needs("read_findings")
def mine() -> ResponseReturnValue:
    """Lead to the findings of one's own part of the tree."""
    actor = current().actor
    assert actor is not None
    places = sorted(actor.paths(*RIGHTS["read_findings"]), key=lambda path: (path.count("."), path))
    for path in places:
        found = roster.organisations.organisations({"q": path.rpartition(".")[2], "limit": 50}, who=current())["items"]
        for each in found:
            if each["path"] == path:
                return redirect(url_for("pages.findings.index", organisation_id=each["id"]), code=303)
    raise NotFound()


@blueprint.get("/organisations/<uuid:organisation_id>/findings")
@needs("read_findings")
def index(organisation_id: UUID) -> ResponseReturnValue:
    """List the findings of a part of the tree, with their counts."""
    who = current()
    asked = {name: text for name in FILTERS if (text := request.args.get(name, "").strip())}
    if under := uuid_in(request.args.get("under_id")):
        asked["under_id"] = under
    whole = given(organisation_id=organisation_id, **{name: asked.get(name) for name in ("severity",)})
    parts = together(
        listed=lambda: roster.organisations.listed_findings(
            given(
                organisation_id=organisation_id,
                **asked,
                limit=ON_A_PAGE,
                cursor=request.args.get("cursor") or None,
            ),
            who=who,
        ),
        counts=lambda: roster.organisations.finding_counts(whole, who=who),
        organisation=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
    )
    return render_template(
        "organisations/findings.html",
        **parts,
        organisation_id=organisation_id,
        asked=asked,
        may_export=who.may("export_findings"),
    )


@blueprint.post("/organisations/<uuid:organisation_id>/findings/workbook")
@needs("export_findings")
def write(organisation_id: UUID) -> ResponseReturnValue:
    """Have the findings written into a workbook, narrowed as the list is."""
    fields = given(organisation_id=organisation_id, **{name: typed(name) for name in (*FILTERS, "under_id")})
    try:
        made = roster.organisations.make_finding_workbook(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.findings.index", organisation_id=organisation_id), code=303)
    return redirect(url_for("pages.findings.written", organisation_id=organisation_id, job_id=made["id"]), code=303)


@blueprint.get("/organisations/<uuid:organisation_id>/findings/workbook/<uuid:job_id>")
@needs("export_findings")
def written(organisation_id: UUID, job_id: UUID) -> ResponseReturnValue:
    """Show how far a workbook is, and its file once it is there."""
    found = roster.organisations.finding_workbook({"job_id": job_id}, who=current()).data
    return render_template(
        "organisations/workbook.html",
        workbook=found,
        organisation_id=organisation_id,
        is_open=found["state"] in OPEN,
    )


# ---- names that stand --------------------------------------------------------------------------------------------


@blueprint.post("/organisations/<uuid:organisation_id>/name-override")
@needs("override_name")
def override(organisation_id: UUID) -> ResponseReturnValue:
    """Let the present name stand."""
    rule = typed("rule") or ""
    fields = given(organisation_id=organisation_id, rule=rule, reason=typed("reason"))
    try:
        roster.organisations.override_name(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return page_of(organisation_id, faults(refusal), tried=rule)
    flash(_("The name stands; who said so and why is kept."), "good")
    return redirect(url_for("pages.organisations.show", organisation_id=organisation_id), code=303)


@blueprint.post("/organisations/<uuid:organisation_id>/name-override/<uuid:override_id>/withdrawal")
@needs("override_name")
def withdraw(organisation_id: UUID, override_id: UUID) -> ResponseReturnValue:
    """Let it stand no longer."""
    fields = given(override_id=override_id, reason=typed("reason"))
    try:
        roster.organisations.withdraw_override(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return page_of(organisation_id, faults(refusal), tried=str(override_id))
    flash(_("Withdrawn; the finding is open again."), "good")
    return redirect(url_for("pages.organisations.show", organisation_id=organisation_id), code=303)


# ---- the rules ---------------------------------------------------------------------------------------------------


@blueprint.get("/organisations/rules")
@needs("read_setting_rules")
def rules() -> ResponseReturnValue:
    """Show the setting rules with all their versions."""
    return _rules()


@blueprint.post("/organisations/rules/<rule>")
@needs("set_setting_rule")
def set_rule(rule: str) -> ResponseReturnValue:
    """Enter a new version of a rule."""
    found = roster.organisations.setting_rules({}, who=current()).data
    newest = next((each["rows"][0] for each in found["rules"] if each["rule"] == rule and each["rows"]), None)
    if newest is None:
        raise NotFound()
    fields = given(
        rule=rule,
        active_from=typed("active_from"),
        severity=typed("severity"),
        citation=typed("citation"),
        applies=typed("applies") != "no",
        numbers=_numbers(newest["numbers"]),
    )
    try:
        roster.organisations.set_setting_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _rules(faults(refusal, at={"rule-version-there": "active_from"}), tried=rule)
    flash(_("Entered. It holds from its day on."), "good")
    return redirect(url_for("pages.findings.rules"), code=303)


def _numbers(like: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers as typed, each of the sort that the newest version has."""
    numbers: dict[str, Any] = {}
    for name, value in like.items():
        if isinstance(value, dict):
            numbers[name] = {kind: _words(f"numbers.{name}.{kind}") for kind in value}
        elif isinstance(value, list):
            numbers[name] = _words(f"numbers.{name}")
        else:
            numbers[name] = typed_number(f"numbers.{name}")
    return numbers


def _words(name: str) -> list[str]:
    return (typed(name) or "").replace("、", " ").replace("，", " ").replace(",", " ").split()


def _rules(told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    found = roster.organisations.setting_rules({}, who=current()).data
    page = render_template(
        "organisations/rules.html",
        found=found,
        errors=told.errors if told else {},
        tried=tried,
        values=request.form,
        today=clock.today(clock.now()).isoformat(),
    )
    return page, told.status if told else 200
