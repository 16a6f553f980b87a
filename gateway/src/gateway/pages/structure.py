"""Changes of the tree: each with a preview before it is made, and the list of those that were."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.roster.organisations import CODE_SYSTEMS
from contracts.roster.structure import VERBS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.organisations import BRANCHES, organisation_named
from gateway.pages.parts import Part, part

blueprint = Blueprint("structure", __name__)

ON_A_PAGE: Final = 30
PARTS_SHOWN: Final = 6
VERB: Final = 'any("found","rename","change_kind","move","merge","split","dissolve")'
AT_FIELD: Final = {
    "code-taken": "code",
    "code-not-usable": "code",
    "not-yet": "on",
    "too-long-ago": "on",
    "before-it-began": "on",
    "has-members": "members_to",
}


@blueprint.get("/organisations/<uuid:organisation_id>/changes")
@needs("read_structure_changes")
def index(organisation_id: UUID) -> ResponseReturnValue:
    """List the changes of a part of the tree."""
    verb = request.args.get("verb")
    verb = verb if verb in VERBS else None
    asked = given(
        organisation_id=organisation_id, verb=verb, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None
    )
    organisation = roster.organisations.organisation({"organisation_id": organisation_id}, who=current()).data
    changes = part(lambda: roster.organisations.structure_changes(asked, who=current()))
    return render_template("organisations/changes.html", organisation=organisation, changes=changes, verb=verb)


@blueprint.get("/organisations/changes/<uuid:change_id>")
@needs("read_structure_changes")
def show(change_id: UUID) -> ResponseReturnValue:
    """Show one change."""
    change = roster.organisations.structure_change({"change_id": change_id}, who=current()).data
    return render_template("organisations/change.html", change=change)


@blueprint.get(f"/organisations/<uuid:organisation_id>/changes/<{VERB}:verb>")
@needs("change_structure")
def form(organisation_id: UUID, verb: str) -> ResponseReturnValue:
    """Show the form of a change."""
    return _form(organisation_id, verb)


@blueprint.post(f"/organisations/<uuid:organisation_id>/changes/<{VERB}:verb>")
@needs("change_structure")
def change(organisation_id: UUID, verb: str) -> ResponseReturnValue:
    """Show what a change would do; sent from there, make it."""
    fields, wrong = _fields(organisation_id, verb)
    if wrong:
        return _form(organisation_id, verb, Faults(wrong))
    is_sure = typed("step") == "make"
    door = roster.organisations.change_structure if is_sure else roster.organisations.preview_structure
    try:
        answer = door(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _form(organisation_id, verb, faults(refusal, at=AT_FIELD))
    if is_sure:
        flash(_("Done. The change is on record."), "good")
        return redirect(url_for("pages.structure.show", change_id=answer["id"]), code=303)
    return _form(organisation_id, verb, preview=answer)


def _form(
    organisation_id: UUID, verb: str, told: Faults | None = None, *, preview: dict[str, Any] | None = None
) -> ResponseReturnValue:
    who = current()
    organisation = roster.organisations.organisation({"organisation_id": organisation_id}, who=who).data
    groups: list[tuple[str, int]] = []
    if verb == "split":
        groups = _groups(organisation_id)
    page = render_template(
        "organisations/change_form.html",
        organisation=organisation,
        is_branch=organisation["kind"] in BRANCHES,
        verb=verb,
        preview=preview,
        groups=groups,
        parts_shown=PARTS_SHOWN,
        code_systems=CODE_SYSTEMS,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _groups(organisation_id: UUID) -> list[tuple[str, int]]:
    """Return the branch's groups with their sizes; members of none stand under the empty name."""
    sizes: dict[str, int] = {}
    for member in _members(organisation_id):
        group = member["party_group"] or ""
        sizes[group] = sizes.get(group, 0) + 1
    return sorted(sizes.items())


def _members(organisation_id: UUID) -> list[dict[str, Any]]:
    found: Part = part(
        lambda: roster.members.members({"organisation_id": organisation_id, "limit": 1000}, who=current())
    )
    return found.rows


def _fields(organisation_id: UUID, verb: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the fields of the change as the form brings them, and what is wrong with the names in it."""
    names = ("on", "document_number", "reason", "name", "code", "kind", "field", "division_code")
    fields: dict[str, Any] = {"verb": verb, **{name: typed(name) for name in names}}
    wrong: dict[str, list[str]] = {}
    if verb == "found":
        fields["parent_id"] = organisation_id
        fields["division_code_system"] = typed("division_code_system") if typed("division_code") else None
    else:
        fields["organisation_id"] = organisation_id
    if typed("units"):
        fields["units"] = _lines("units")
    for name in ("parent_id", "members_to"):
        if text := typed(name):
            fields[name], fault = organisation_named(text)
            if fault:
                wrong[name] = [fault]
    if verb == "merge":
        sources = [organisation_named(line) for line in _lines("source_ids")]
        fields["source_ids"] = [found for found, _fault in sources if found]
        if told := [fault for _found, fault in sources if fault]:
            wrong["source_ids"] = told
    if verb == "split":
        fields["parts"], told = _parts(organisation_id)
        if told:
            wrong["parts"] = told
    return given(**fields), wrong


def _parts(organisation_id: UUID) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the parts of a division: those lines of the form that name one."""
    parts, told = [], []
    members = _members(organisation_id)
    for number in range(PARTS_SHOWN):
        name, code = typed(f"parts.{number}.name"), typed(f"parts.{number}.code")
        if not name and not code:
            continue
        wanted = (
            (typed(f"parts.{number}.members") or "").replace("、", " ").replace(",", " ").replace("，", " ").split()
        )
        persons = []
        for each in wanted:
            fitting = [member["id"] for member in members if member["name"] == each]
            if len(fitting) == 1:
                persons += fitting
            elif fitting:
                told.append(_("Several members are called %(name)s; put them into groups first.", name=each))
            else:
                told.append(_("No member of the branch is called %(name)s.", name=each))
        parts.append(
            {
                "name": name or "",
                "code": code or "",
                "kind": "branch",
                "groups": request.form.getlist(f"parts.{number}.groups"),
                "person_ids": persons,
            }
        )
    return parts, told


def _lines(name: str) -> list[str]:
    return [line.strip() for line in (typed(name) or "").splitlines() if line.strip()]
