"""Versions of the subsidy policy: the next one drafted and tried on past months by some, adopted by another person."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_again, typed_fen, typed_number
from gateway.pages.language import is_chinese
from gateway.pages.parts import part, together
from gateway.pages.policy_words import changes_between, labels, sentences
from gateway.pages.words import VOCABULARIES
from gateway.resources.policies import replay_rows

blueprint = Blueprint("policies", __name__)

STARS: Final = ("5", "4", "3", "2", "1")
TIERS: Final = 5
YUAN: Final = (
    *("per_visit_fen", "per_head_fen", "visit_cap_fen", "site_month_cap_fen", "site_year_cap_fen"),
    *("branch_year_cap_fen", "collective_from_fen", "second_signature_from_fen"),
)
FACTORS: Final = ("star_factors", "category_factors", "grade_factors")
ROWS_SHOWN: Final = 100


@blueprint.get("/policies")
@needs("read_policies")
def index() -> ResponseReturnValue:
    """List versions and drafts along time, those that begin last first."""
    asked = given(cursor=request.args.get("cursor") or None, limit=50)
    found = part(lambda: sites.funds.policies(asked, who=current()))
    return render_template(
        "policies/index.html", policies=found, today=_today(), may_draft=current().may("draft_policy")
    )


@blueprint.get("/policies/new")
@needs("draft_policy")
def new() -> ResponseReturnValue:
    """Show the form of a draft, filled with what is in force."""
    rules = sites.funds.subsidy_policy({}).data
    values = _values({**rules, "active_from": _next_month(), "name": "", "citation": ""})
    return _form(values, Faults(status=200))


@blueprint.post("/policies")
@needs("draft_policy")
def draft() -> ResponseReturnValue:
    """Write a draft down."""
    fields, wrong = _typed()
    if wrong:
        return _form(typed_again("site_kinds"), Faults(wrong))
    try:
        made = sites.funds.draft_policy(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(typed_again("site_kinds"), _at_inputs(faults(refusal)))
    flash(_("The draft is written. Try it on past months, then have another person adopt it."), "good")
    return redirect(url_for("pages.policies.show", policy_id=made["id"]), code=303)


@blueprint.get("/policies/<uuid:policy_id>")
@needs("read_policies")
def show(policy_id: UUID) -> ResponseReturnValue:
    """Show what a version says, how it differs from what is in force, and its trials."""
    return _show(policy_id, Faults(status=200))


@blueprint.get("/policies/<uuid:policy_id>/draft")
@needs("draft_policy")
def edit(policy_id: UUID) -> ResponseReturnValue:
    """Show the form of a draft that stands."""
    found = sites.funds.policy({"policy_id": policy_id}, who=current()).data
    values = {**_values({**found["rules"], "active_from": found["active_from"]}), "version": found["version"]}
    return _form(values, Faults(status=200), policy_id=policy_id)


@blueprint.post("/policies/<uuid:policy_id>/draft")
@needs("draft_policy")
def write(policy_id: UUID) -> ResponseReturnValue:
    """Write a draft anew."""
    fields, wrong = _typed()
    if wrong:
        return _form(typed_again("site_kinds"), Faults(wrong), policy_id=policy_id)
    fields |= {"policy_id": policy_id, "version": typed_number("version")}
    try:
        sites.funds.edit_policy(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(typed_again("site_kinds"), _at_inputs(faults(refusal)), policy_id=policy_id)
    flash(_("The draft is changed."), "good")
    return redirect(url_for("pages.policies.show", policy_id=policy_id), code=303)


@blueprint.post("/policies/<uuid:policy_id>/adoption")
@needs("adopt_policy")
def adopt(policy_id: UUID) -> ResponseReturnValue:
    """Adopt a draft."""
    return done_or_told(
        sites.funds.adopt_policy,
        {"policy_id": policy_id},
        done=_("Adopted. It holds from its first day on; what is ordered already keeps its version."),
        back=url_for("pages.policies.show", policy_id=policy_id),
    )


@blueprint.post("/policies/<uuid:policy_id>/withdrawal")
@needs("withdraw_policy")
def withdraw(policy_id: UUID) -> ResponseReturnValue:
    """Put a draft away."""
    try:
        fields = given(policy_id=policy_id, reason=typed("reason"))
        sites.funds.withdraw_policy(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("The draft is withdrawn."), "good")
    return redirect(url_for("pages.policies.show", policy_id=policy_id), code=303)


@blueprint.post("/policies/<uuid:policy_id>/replays")
@needs("replay_policy")
def replay(policy_id: UUID) -> ResponseReturnValue:
    """Have past months worked out under this version."""
    fields = given(policy_id=policy_id, first_month=typed("first_month"), last_month=typed("last_month"))
    try:
        made = sites.funds.replay_policy(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(policy_id, faults(refusal))
    return redirect(url_for("pages.policies.outcome", replay_id=made["id"]), code=303)


@blueprint.get("/policy-replays/<uuid:replay_id>")
@needs("read_policies")
def outcome(replay_id: UUID) -> ResponseReturnValue:
    """Show how far a trial is, or what would have changed where."""
    found = sites.funds.policy_replay({"replay_id": replay_id}, who=current()).data
    return render_template("policies/replay.html", found=found, result=found["result"] or {}, shown=ROWS_SHOWN)


@blueprint.get("/policy-replays/<uuid:replay_id>/rows")
@needs("read_policies")
def rows(replay_id: UUID) -> Response:
    """Download the visits of a trial."""
    return replay_rows(replay_id)


def _show(policy_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    found = sites.funds.policy({"policy_id": policy_id}, who=who).data
    parts = together(
        replays=lambda: sites.funds.policy_replays({"policy_id": policy_id}, who=who),
        rules=lambda: sites.places.site_rules({}),
    )
    grades = _grades(parts["rules"].data)
    days = {"active_from": found["active_from"], "active_until": found["active_until"]}
    text = sentences(found["rules"], **days, grades=grades)
    with force_locale("en" if is_chinese() else "zh_Hans"):
        other_text = sentences(found["rules"], **days, grades=_grades(parts["rules"].data))
    is_draft = found["state"] == "draft"
    page = render_template(
        "policies/show.html",
        found=found,
        sentences=text,
        other_sentences=other_text,
        changes=changes_between(found["in_force"]["rules"], found["rules"], grades=grades) if found["in_force"] else [],
        replays=parts["replays"],
        may_edit=is_draft and who.may("draft_policy"),
        may_adopt=is_draft and who.may("adopt_policy"),
        may_withdraw=is_draft and who.may("withdraw_policy"),
        may_replay=who.may("replay_policy"),
        last_month=f"{_month_before():%Y-%m}",
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _form(values: dict[str, Any], told: Faults, *, policy_id: UUID | None = None) -> ResponseReturnValue:
    page = render_template(
        "policies/form.html",
        values=values,
        errors=told.errors,
        labels=labels(),
        policy_id=policy_id,
        key=request.form.get("idempotency_key"),
        tiers=range(TIERS),
        stars=STARS,
        categories=list(VOCABULARIES["category"]),
        kinds=list(VOCABULARIES["site_kind"]),
        grades=_grades(part(lambda: sites.places.site_rules({})).data),
        today=_today(),
    )
    return page, told.status


def _typed() -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the fields of the message as typed, and what the page itself finds wrong: amounts that are none."""
    fields: dict[str, Any] = {
        **{name: typed(name) for name in ("name", "citation", "active_from", "mode", "last_spending_day")},
        **{name: typed_fen(name) for name in YUAN},
        **{name: typed_number(name) for name in ("heads_min", "fund_share_percent")},
        "head_tiers": _typed_tiers() if typed("mode") == "tiered" else [],
        "site_kinds": request.form.getlist("site_kinds"),
        "carries_over": bool(typed("carries_over")),
    }
    for name in FACTORS:
        inputs = {key.partition(".")[2]: typed(key) for key in request.form if key.startswith(f"{name}.")}
        fields[name] = {key: _factor(text) for key, text in inputs.items() if text}
    fields = given(**fields)
    fields.setdefault("per_head_fen", 0)
    fields.setdefault("per_visit_fen", 0)
    amount = _("Write the amount in yuan, for example 50000 or 50000.00.")
    wrong = {name: [amount] for name in YUAN if isinstance(fields.get(name), str)}
    for number, tier in enumerate(fields["head_tiers"]):
        if isinstance(tier.get("per_head_fen"), str):
            wrong[f"head_tiers.{number}.per_head_fen"] = [amount]
    return fields, wrong


def _typed_tiers() -> list[dict[str, Any]]:
    rows = [
        given(
            heads_to=typed_number(f"head_tiers.{number}.heads_to"),
            per_head_fen=typed_fen(f"head_tiers.{number}.per_head_fen"),
        )
        for number in range(TIERS)
    ]
    return [row for row in rows if row]


def _factor(text: str) -> str:
    """Return a factor as the message writes it: 1 is 1.0."""
    return f"{text}.0" if text.isdecimal() else text


def _at_inputs(told: Faults) -> Faults:
    """Return the faults by the names of the form's inputs: star_factors.5.value is told at star_factors.5."""
    return Faults({name.removesuffix(".value"): said for name, said in told.errors.items()}, told.status)


def _values(rules: dict[str, Any]) -> dict[str, Any]:
    """Return what the form shows of rules that stand."""
    values = {**rules, **{name: _plain_yuan(rules.get(name)) for name in YUAN}}
    for number, tier in enumerate(rules.get("head_tiers") or []):
        values[f"head_tiers.{number}.heads_to"] = tier["heads_to"]
        values[f"head_tiers.{number}.per_head_fen"] = _plain_yuan(tier["per_head_fen"])
    for name in FACTORS:
        values |= {f"{name}.{key}": factor for key, factor in (rules.get(name) or {}).items()}
    return values


def _plain_yuan(fen: int | None) -> str:
    if fen is None:
        return ""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def _grades(rules: dict[str, Any] | None) -> dict[str, str]:
    name = "name" if is_chinese() else "name_en"
    return {grade["grade"]: grade[name] for grade in (rules or {}).get("grades", [])}


def _today() -> str:
    return clock.today(clock.now()).isoformat()


def _next_month() -> str:
    today = clock.today(clock.now())
    return date(today.year + today.month // 12, today.month % 12 + 1, 1).isoformat()


def _month_before() -> date:
    today = clock.today(clock.now())
    return date(today.year - (today.month == 1), today.month - 1 or 12, 1)
