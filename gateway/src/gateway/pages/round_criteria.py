"""Criteria of on-site rounds: drafted with rows that come and go, copied from a version, adopted by somebody else."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from contracts.assessment.rounds import HEADINGS_MAX, ITEMS_MAX
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed

blueprint = Blueprint("round_criteria", __name__)

ON_A_PAGE: Final = 100
ROWS_MORE: Final = 2
"""How many empty rows a heading has below those that are filled in."""
ITEM_FIELDS: Final = ("text", "full_marks", "evidence", "deduction")
HEADING: Final = re.compile(r"headings\.(\d{1,2})\.(name|weight)\Z")
ITEM: Final = re.compile(rf"headings\.(\d{{1,2}})\.items\.(\d{{1,2}})\.({'|'.join(ITEM_FIELDS)})\Z")
ROW: Final = re.compile(r"(\d{1,2})(?:\.(\d{1,2}))?\Z")
MARKS: Final = re.compile(r"\d{1,4}(\.\d{1,3})?\Z")

Row = dict[str, Any]


@blueprint.get("/round-criteria/new")
@needs("make_criteria")
def new() -> ResponseReturnValue:
    """Show the form of new criteria; with a version named in the address, filled in with that."""
    copied = _version_asked()
    return _form(None, _rows_of(copied), Faults(status=200), kind=copied["kind"] if copied else None)


@blueprint.post("/round-criteria/new")
@needs("make_criteria")
def draft() -> ResponseReturnValue:
    """Draft new criteria, or show the form with a row more or less."""
    rows = headings_typed(request.form)
    if _changes_rows():
        return _form(None, _changed(rows), Faults(status=200))
    fields = given(**{name: typed(name) for name in ("name", "kind", "organisation_id", "citation")}, headings=rows)
    try:
        made = assessment.rounds.make_criteria(_sendable(fields), who=current(), command_id=command_id())
    except Refusal as refusal:
        at = {"criteria-name-taken": "name", "not-found": "organisation_id", "forbidden": "organisation_id"}
        return _form(None, rows, faults(refusal, at=at))
    return _drafted(made["id"])


@blueprint.get("/round-criteria/<uuid:criteria_id>/versions/new")
@needs("make_criteria")
def new_version(criteria_id: UUID) -> ResponseReturnValue:
    """Show the form of the next version, filled in with the one named in the address, else with the newest."""
    found = _found(criteria_id)
    adopted = [one for one in found["versions"] if one["state"] == "adopted"]
    return _form(
        found, _rows_of(_version_asked(found) or next(iter([*adopted, *found["versions"]]))), Faults(status=200)
    )


@blueprint.post("/round-criteria/<uuid:criteria_id>/versions/new")
@needs("make_criteria")
def draft_version(criteria_id: UUID) -> ResponseReturnValue:
    """Draft the next version, or show the form with a row more or less."""
    rows = headings_typed(request.form)
    if _changes_rows():
        return _form(_found(criteria_id), _changed(rows), Faults(status=200))
    fields = given(criteria_id=criteria_id, citation=typed("citation"), headings=rows)
    try:
        assessment.rounds.make_criteria_version(_sendable(fields), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(_found(criteria_id), rows, faults(refusal))
    return _drafted(criteria_id)


@blueprint.post("/round-criteria/<uuid:criteria_id>/versions/<uuid:version_id>/adoption")
@needs("adopt_criteria")
def adopt(criteria_id: UUID, version_id: UUID) -> ResponseReturnValue:
    """Adopt a draft."""
    fields = {"version_id": version_id}
    done = _("Adopted. Rounds that are planned from now on may use it.")
    return _do(criteria_id, assessment.rounds.adopt_criteria_version, fields, done=done)


@blueprint.post("/round-criteria/<uuid:criteria_id>/versions/<uuid:version_id>/withdrawal")
@needs("withdraw_criteria")
def withdraw(criteria_id: UUID, version_id: UUID) -> ResponseReturnValue:
    """Put a draft away."""
    fields = given(version_id=version_id, reason=typed("reason"))
    return _do(criteria_id, assessment.rounds.withdraw_criteria_version, fields, done=_("The draft is put away."))


def headings_typed(form: Mapping[str, str]) -> list[Row]:
    """Return the headings and items in which anything is typed, in their order; what is typed stays as it was typed."""
    headings: dict[int, Row] = {}
    items: dict[int, dict[int, Row]] = {}
    for name, value in form.items():
        if found := HEADING.match(name):
            headings.setdefault(int(found[1]), {})[found[2]] = value.strip()
        elif found := ITEM.match(name):
            items.setdefault(int(found[1]), {}).setdefault(int(found[2]), {})[found[3]] = value.strip()
    told = []
    for number in sorted({*headings, *items}):
        rows = [row for _place, row in sorted(items.get(number, {}).items()) if any(row.values())]
        heading = headings.get(number, {})
        if rows or any(heading.values()):
            told.append({**heading, "items": rows})
    return told


def _sendable(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields without empty ones, weights and marks as numbers; what is none the service names as a fault."""
    headings = [
        {
            **_filled(heading, weight=_whole),
            "items": [_filled(item, full_marks=_marks) for item in heading["items"]],
        }
        for heading in fields["headings"]
    ]
    return {**fields, "headings": headings}


def _filled(row: Row, **numbers: Any) -> Row:
    return {name: numbers.get(name, str)(text) for name, text in row.items() if text and name != "items"}


def _whole(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 6 else text


def _marks(text: str) -> float | str:
    return float(text) if MARKS.match(text) else text


def _changes_rows() -> bool:
    return any(name in request.form for name in ("more", "remove"))


def _changed(rows: list[Row]) -> list[Row]:
    """Return the rows without the one that a button takes away; `0` names a heading, `0.1` an item of it."""
    if found := ROW.match(request.form.get("remove", "")):
        heading = int(found[1])
        if found[2] is None:
            return [row for number, row in enumerate(rows) if number != heading]
        if heading < len(rows):
            rows[heading]["items"] = [row for place, row in enumerate(rows[heading]["items"]) if place != int(found[2])]
    return rows


def _rows_of(version: dict[str, Any] | None) -> list[Row]:
    """Return the rows of a version as a form shows them."""
    return [
        {
            "name": heading["name"],
            "weight": heading["weight"],
            "items": [
                {**{name: item[name] for name in ITEM_FIELDS}, "full_marks": f"{item['full_marks']:g}"}
                for item in heading["items"]
            ],
        }
        for heading in (version["headings"] if version else [])
    ]


def _version_asked(found: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """Return the version that the address names (`version`, of the criteria in `criteria`), if there is such a one."""
    if found is None:
        try:
            found = _found(UUID(request.args.get("criteria", "")))
        except ValueError:
            return None
    wanted = request.args.get("version")
    named: dict[str, Any] | None = next((one for one in found["versions"] if one["id"] == wanted), None)
    return named


def _found(criteria_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = assessment.rounds.criteria_versions({"criteria_id": criteria_id}, who=current()).data
    return found


def _drafted(criteria_id: Any) -> ResponseReturnValue:
    flash(_("Drafted. Somebody else looks through it and adopts it."), "good")
    return redirect(url_for("pages.on_site_rounds.criteria_whole", criteria_id=criteria_id), code=303)


def _do(criteria_id: UUID, act: Any, fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    return done_or_told(
        act, fields, done=done, back=url_for("pages.on_site_rounds.criteria_whole", criteria_id=criteria_id)
    )


def _form(
    found: dict[str, Any] | None, rows: list[Row], told: Faults, *, kind: str | None = None
) -> ResponseReturnValue:
    places: list[tuple[str, str]] = []
    if found is None:
        overview = assessment.tasks.task_overview({"limit": ON_A_PAGE}, who=current()).data
        places = [(one["organisation_id"], one["name"]) for one in overview["parts"]]
        if overview["organisation_id"]:
            places.insert(0, (overview["organisation_id"], overview["name"]))
    more = request.form.get("more")
    shown = [
        {**row, "items": _and_empty(row["items"], ITEMS_MAX, ROWS_MORE * 2 if more == str(number) else 1)}
        for number, row in enumerate(rows)
    ]
    if not rows or more == "heading":
        shown = _and_empty(shown, HEADINGS_MAX, 1)
        shown[-1] = {**shown[-1], "items": shown[-1].get("items") or _and_empty([], ITEMS_MAX, ROWS_MORE)}
    page = render_template(
        "round_criteria/form.html",
        found=found,
        rows=shown,
        weights=sum(int(row["weight"]) for row in rows if str(row.get("weight", "")).isdecimal()),
        places=places,
        kind=kind,
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _and_empty(rows: list[Row], most: int, more: int) -> list[Row]:
    return [*rows, *({} for _more in range(min(more, most - len(rows))))]
