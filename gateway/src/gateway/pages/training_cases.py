"""The library of training cases: everybody reads, editors write drafts and publish versions."""

import re
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from contracts.sites.training import ROLES_MAX, STEPS_MAX
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs, public
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_number
from gateway.pages.parts import part

blueprint = Blueprint("training_cases", __name__)

ON_A_PAGE: Final = 60
BLANK_ROLES: Final = 2
BLANK_STEPS: Final = 3
ROLE_FIELDS: Final = ("code", "name", "name_en", "colour", "duty")
STEP_TEXTS: Final = ("title", "title_en", "role", "does", "says", "rule")


@blueprint.get("/training-cases")
@public
def index() -> ResponseReturnValue:
    """List the newest version of each case."""
    return _index(Faults())


@blueprint.post("/training-cases")
@needs("create_case")
def create() -> ResponseReturnValue:
    """Begin a case of one's own."""
    try:
        made = sites.programmes.create_case(
            given(title=typed("title"), kind=typed("kind")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        return _index(faults(refusal))
    return redirect(url_for("pages.training_cases.draft", case_id=made["case_id"]), code=303)


@blueprint.get("/training-cases/<uuid:case_id>")
@public
def show(case_id: UUID) -> ResponseReturnValue:
    """Show a case's newest version."""
    case = sites.programmes.training_case({"case_id": case_id}).data
    return _show(case, newest_number=case["number"])


@blueprint.get("/training-cases/<uuid:case_id>/versions/<int:number>")
@public
def version(case_id: UUID, number: int) -> ResponseReturnValue:
    """Show one published version, such as the one that an order keeps."""
    case = sites.programmes.case_version({"case_id": case_id, "number": number}).data
    newest = part(lambda: sites.programmes.training_case({"case_id": case_id})).data
    return _show(case, newest_number=newest["number"] if newest else None)


@blueprint.get("/training-cases/<uuid:case_id>/history")
@needs("edit_case")
def history(case_id: UUID) -> ResponseReturnValue:
    """Show a case's versions and editors."""
    return _history(case_id, Faults())


@blueprint.post("/training-cases/<uuid:case_id>/editors")
@needs("name_case_editor")
def name_editor(case_id: UUID) -> ResponseReturnValue:
    """Name a person who may edit the case."""
    fields = given(case_id=case_id, name=typed("name"), person_id=typed("person_id"))
    try:
        sites.programmes.name_case_editor(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _history(case_id, faults(refusal))
    flash(_("Named. The person may edit this case from now on."), "good")
    return redirect(url_for("pages.training_cases.history", case_id=case_id), code=303)


@blueprint.post("/training-cases/<uuid:case_id>/editors/<uuid:person_id>/removal")
@needs("name_case_editor")
def remove_editor(case_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """Take the right to edit the case from a person."""
    try:
        sites.programmes.remove_case_editor(
            {"case_id": case_id, "person_id": person_id}, who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.training_cases.history", case_id=case_id), code=303)


@blueprint.post("/training-cases/<uuid:case_id>/draft/new")
@needs("edit_case")
def begin_draft(case_id: UUID) -> ResponseReturnValue:
    """Begin a draft, or go on with the one that is begun."""
    try:
        sites.programmes.draft_case({"case_id": case_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.training_cases.show", case_id=case_id), code=303)
    return redirect(url_for("pages.training_cases.draft", case_id=case_id), code=303)


@blueprint.get("/training-cases/<uuid:case_id>/draft")
@needs("edit_case")
def draft(case_id: UUID) -> ResponseReturnValue:
    """Show the draft to be written."""
    found = sites.programmes.case_draft({"case_id": case_id}, who=current()).data
    steps = [
        {**step, "order": n, "materials": "、".join(step["materials"])} for n, step in enumerate(found["steps"], 1)
    ]
    return _draft(found, roles=found["roles"], steps=steps, told=Faults())


@blueprint.post("/training-cases/<uuid:case_id>/draft")
@needs("edit_case")
def save_draft(case_id: UUID) -> ResponseReturnValue:
    """Write the draft anew."""
    roles, role_rows = _typed_roles()
    steps, step_rows = _typed_steps()
    texts = {name: typed(name) or "" for name in ("title_en", "summary", "summary_en", "citation")}
    fields = {
        "case_id": case_id,
        "version": typed_number("version"),
        **given(title=typed("title"), kind=typed("kind")),
        **texts,
        "roles": [_without(role, "row") for role in roles],
        "steps": [_sent(step) for step in steps],
    }
    try:
        sites.programmes.save_draft(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal)
        rows = {"roles": [role["row"] for role in roles], "steps": [step["row"] for step in steps]}
        at_fields = Faults({_field_of(name, rows): said for name, said in told.errors.items()}, told.status)
        shown = {**fields, "minutes": "—", "title": typed("title") or ""}
        return _draft(shown, roles=role_rows, steps=step_rows, told=at_fields)
    flash(_("The draft is saved."), "good")
    return redirect(url_for("pages.training_cases.draft", case_id=case_id), code=303)


@blueprint.post("/training-cases/<uuid:case_id>/publication")
@needs("edit_case")
def publish(case_id: UUID) -> ResponseReturnValue:
    """Publish the draft as the next version."""
    fields = given(case_id=case_id, version=typed_number("version"), reason=typed("reason"))
    try:
        sites.programmes.publish_case(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.training_cases.draft", case_id=case_id), code=303)
    flash(_("Published. From now on nothing in this version changes."), "good")
    return redirect(url_for("pages.training_cases.show", case_id=case_id), code=303)


def _index(told: Faults) -> ResponseReturnValue:
    asked = given(cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    page = render_template(
        "training_cases/index.html",
        cases=part(lambda: sites.programmes.training_cases(asked)),
        may_create=current().may("create_case"),
        my_number=current().person_id,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status if told.errors else 200


def _show(case: dict[str, Any], *, newest_number: int | None) -> str:
    return render_template(
        "training_cases/show.html", case=case, newest_number=newest_number, may_edit="officer" in current().roles
    )


def _history(case_id: UUID, told: Faults) -> ResponseReturnValue:
    found = sites.programmes.case_history({"case_id": case_id}, who=current()).data
    page = render_template(
        "training_cases/history.html",
        history=found,
        may_name=current().may("name_case_editor"),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status if told.errors else 200


def _draft(found: dict[str, Any], *, roles: list[Any], steps: list[Any], told: Faults) -> ResponseReturnValue:
    """Show the draft with rows left to fill in; a step that has a fault is open."""
    wrong = {name.rpartition("-")[0] for name in told.errors}
    shown = [{**step, "open": f"step-{n}" in wrong} for n, step in enumerate(steps)]
    last = max((step["order"] for step in steps if isinstance(step["order"], int)), default=0)
    blank = min(BLANK_STEPS, STEPS_MAX - len(steps))
    shown += [{"order": last + n, "open": not steps} for n in range(1, blank + 1)]
    page = render_template(
        "training_cases/draft.html",
        draft=found,
        roles=[*roles, *({} for _blank in range(min(BLANK_ROLES, ROLES_MAX - len(roles))))],
        steps=shown,
        role_choices=[(role["code"], role["name"]) for role in roles if role.get("code")],
        errors=told.errors,
        key=request.form.get("idempotency_key") if not told.errors else None,
    )
    return page, told.status if told.errors else 200


# ---- the form's rows ----------------------------------------------------------------------------------------------


def _typed_roles() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the roles that have a name, and all rows as they were typed."""
    rows: list[dict[str, Any]] = []
    for n in range(ROLES_MAX):
        row: dict[str, Any] = {name: typed(f"role-{n}-{name}") or "" for name in ROLE_FIELDS}
        if any(row[name] for name in ROLE_FIELDS if name != "colour"):
            rows.append({**row, "row": len(rows)})
    return [row for row in rows if row["name"]], rows


def _typed_steps() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the steps that have a title, in the order of their numbers, and all rows as they were typed."""
    rows: list[dict[str, Any]] = []
    for n in range(STEPS_MAX):
        row: dict[str, Any] = {name: typed(f"step-{n}-{name}") or "" for name in STEP_TEXTS}
        if not any(row[name] for name in STEP_TEXTS if name != "role"):
            continue
        row |= {
            "order": typed_number(f"step-{n}-order"),
            "minutes": typed_number(f"step-{n}-minutes"),
            "key": bool(typed(f"step-{n}-key")),
            "materials": typed(f"step-{n}-materials") or "",
        }
        rows.append({**row, "row": len(rows)})
    titled = [row for row in rows if row["title"]]
    return sorted(titled, key=lambda row: row["order"] if isinstance(row["order"], int) else STEPS_MAX * 20), rows


def _sent(step: dict[str, Any]) -> dict[str, Any]:
    materials = [piece.strip() for piece in re.split("[、,，;；]", step["materials"]) if piece.strip()]
    return {**given(minutes=step["minutes"]), **_without(step, "row", "order", "minutes"), "materials": materials}


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _field_of(name: str, rows: dict[str, list[int]]) -> str:
    """Return the form's field of a fault as the service names it: steps.3.role → step-5-role."""
    kind, _dot, rest = name.partition(".")
    index, _dot, field = rest.partition(".")
    if kind not in rows or not index.isdecimal() or int(index) >= len(rows[kind]):
        return name
    return f"{kind.removesuffix('s')}-{rows[kind][int(index)]}-{field.partition('.')[0] or 'title'}"
