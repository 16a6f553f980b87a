"""Files of members and organisations: sent, mapped, looked at, taken over or compared; and the way out (R9)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from chassis.sheets import letter_of
from contracts.roster.imports import OPEN_STATES, SUBJECTS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from gateway.clients import roster
from gateway.edge import takes_tables
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, tell, typed
from gateway.pages.words import word
from gateway.resources.imports import EXPORTS, IMPORTS, started

blueprint = Blueprint("imports", __name__)

ON_A_PAGE: Final = 50
PARTS_MAX: Final = 20
VERDICTS: Final = ("new", "changed", "missing", "unchanged")
AT_FILE: Final = dict.fromkeys(("payload-too-large", "unsupported-media-type", "bad-request"), "file")
ADDRESS: Final = "/organisations/files"


@blueprint.get(ADDRESS)
@needs(*IMPORTS, *EXPORTS)
def index() -> ResponseReturnValue:
    """Show the ways in and out, and what was imported."""
    return _index(Faults(status=200))


@blueprint.post(ADDRESS)
@takes_tables
@needs(*IMPORTS)
def start() -> ResponseReturnValue:
    """Have a file looked through."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _index(Faults({"file": [_("Choose a file.")]}))
    try:
        made = roster.imports.start_import(started(), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _index(faults(refusal, at=AT_FILE))
    return redirect(url_for("pages.imports.show", import_id=made["id"]), code=303)


@blueprint.get(f"{ADDRESS}/<uuid:import_id>")
@needs(*IMPORTS)
def show(import_id: UUID) -> ResponseReturnValue:
    """Show where an import stands: its columns, its bad cells and differences, how far it is, what became of it."""
    return _show(import_id, Faults(status=200))


@blueprint.post(f"{ADDRESS}/<uuid:import_id>/mapping")
@needs(*IMPORTS)
def map_columns(import_id: UUID) -> ResponseReturnValue:
    """Say how the columns are read."""
    found = roster.imports.import_({"import_id": import_id}, who=current()).data
    sheets = [
        {
            "sheet": sheet["name"],
            "is_taken": f"take-{number}" in request.form,
            "columns": {
                str(place): chosen
                for place in range(len(sheet["headings"]))
                if (chosen := request.form.get(f"column-{number}-{place}"))
            },
        }
        for number, sheet in enumerate(found["sheets"])
        if sheet["header_row"]
    ]
    try:
        fields = {"import_id": import_id, "sheets": sheets}
        roster.imports.map_import(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(import_id, faults(refusal), sheets=sheets)
    return redirect(url_for("pages.imports.show", import_id=import_id), code=303)


@blueprint.post(f"{ADDRESS}/<uuid:import_id>/application")
@needs(*IMPORTS)
def apply(import_id: UUID) -> ResponseReturnValue:
    """Take over what was shown."""
    version = request.form.get("version", "")
    fields = {
        "import_id": import_id,
        "version": int(version) if version.isascii() and version.isdecimal() and len(version) < 16 else version,
        "skip_bad": request.form.get("skip_bad") == "1",
    }
    try:
        roster.imports.apply_import(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.imports.show", import_id=import_id), code=303)


@blueprint.post(f"{ADDRESS}/<uuid:import_id>/cancellation")
@needs(*IMPORTS)
def cancel(import_id: UUID) -> ResponseReturnValue:
    """Stop; nothing of the file is taken."""
    try:
        roster.imports.cancel_import({"import_id": import_id}, who=current(), command_id=command_id())
        flash(_("Cancelled. Nothing of the file was taken."), "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.imports.show", import_id=import_id), code=303)


@blueprint.post(f"{ADDRESS}/<uuid:import_id>/entered-marks")
@needs("import_members")
def mark(import_id: UUID) -> ResponseReturnValue:
    """Mark the chosen members as entered in the other platform."""
    fields = {
        "import_id": import_id,
        "person_ids": request.form.getlist("person_ids"),
        "is_entered": request.form.get("is_entered") != "0",
    }
    try:
        done = roster.imports.mark_entered(fields, who=current(), command_id=command_id()).data["count"]
        flash(ngettext("%(num)s member is marked.", "%(num)s members are marked.", done), "good")
    except Refusal as refusal:
        if refusal.errors:
            flash(_("Choose at least one member."), "bad")
        else:
            tell(refusal)
    return redirect(url_for("pages.imports.show", import_id=import_id, verdict="missing"), code=303)


@blueprint.post(f"{ADDRESS}/exports")
@needs(*EXPORTS)
def export() -> ResponseReturnValue:
    """Have members or organisations written as a file, numbers masked."""
    fields = given(organisation_id=typed("organisation_id"), subject=typed("subject"), format=typed("format"))
    try:
        made = roster.imports.export_roster(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _index(faults(refusal))
    return redirect(url_for("pages.imports.exported", job_id=made["id"]), code=303)


@blueprint.post(f"{ADDRESS}/exports/in-full")
@needs("export_numbers")
def export_in_full() -> ResponseReturnValue:
    """Have members written with their numbers in full."""
    fields = given(
        organisation_id=typed("organisation_id"),
        format=typed("format"),
        purpose=typed("purpose"),
        reason=typed("reason"),
    )
    try:
        made = roster.imports.export_numbers(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _index(faults(refusal))
    return redirect(url_for("pages.imports.exported", job_id=made["id"]), code=303)


@blueprint.get(f"{ADDRESS}/exports/<uuid:job_id>")
@needs(*EXPORTS)
def exported(job_id: UUID) -> ResponseReturnValue:
    """Show how far an export is, and its file once it is there."""
    found = roster.imports.roster_export({"job_id": job_id}, who=current()).data
    return render_template("imports/export.html", export=found, is_open=found["state"] in ("waiting", "running"))


def _index(told: Faults) -> ResponseReturnValue:
    who = current()
    found: dict[str, Any] = {"items": [], "next": None}
    if who.may("import_members") or who.may("import_organisations"):
        fields = given(limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
        found = roster.imports.imports(fields, who=who).data
    page = render_template(
        "imports/index.html",
        found=found,
        subjects=[(one, word(one, "import_subject")) for one in SUBJECTS if who.may(f"import_{one}")],
        exported=[(one, word(one, "import_subject")) for one in SUBJECTS if who.may(f"export_{one}")],
        parts=_own_parts(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _own_parts() -> list[tuple[str, str]]:
    """Return the organisations at which this person holds a role that exports: id, name."""
    who = current()
    assert who.actor is not None
    paths = sorted(
        {
            grant.path
            for grant in who.actor.grants
            if any(who.actor.may(action, organisation=grant.path) for action in EXPORTS)
        }
    )
    parts = []
    for path in paths[:PARTS_MAX]:
        fields = {"q": path.rpartition(".")[2], "limit": ON_A_PAGE}
        found = roster.organisations.organisations(fields, who=who).data["items"]
        parts += [(each["id"], each["name"]) for each in found if each["path"] == path]
    return parts


def _show(import_id: UUID, told: Faults, *, sheets: list[dict[str, Any]] | None = None) -> ResponseReturnValue:
    who = current()
    found = roster.imports.import_({"import_id": import_id}, who=who).data
    view, asked = request.args.get("view", ""), {}
    bad: dict[str, Any] | None = None
    differences: dict[str, Any] | None = None
    verdict = request.args.get("verdict", "")
    if found["state"] in ("checked", "applied") and not found["is_forgotten"]:
        counts = found["counts"]
        if not view and not verdict:
            view = "faults" if counts["faults"] else "differences"
        if view == "faults":
            asked = {name: text for name in ("code", "q") if (text := request.args.get(name, "").strip())}
            fields = given(import_id=import_id, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None, **asked)
            bad = roster.imports.import_faults(fields, who=who).data
        else:
            view = "differences"
            if verdict not in VERDICTS:
                verdict = next((one for one in VERDICTS if counts.get(one)), "new")
            fields = given(
                import_id=import_id, verdict=verdict, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None
            )
            differences = roster.imports.import_differences(fields, who=who).data
    page = render_template(
        "imports/show.html",
        found=found,
        is_open=found["state"] in OPEN_STATES,
        view=view,
        verdict=verdict,
        verdicts=VERDICTS,
        asked=asked,
        bad=bad,
        differences=differences,
        mapped=_mapped(found, sheets),
        errors=told.errors,
    )
    return page, told.status


def _mapped(found: Mapping[str, Any], said: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the sheets with a line for each column, and what was chosen for it: just now, else as it stands."""
    chosen = {sheet["sheet"]: sheet for sheet in said or ()}
    sheets = []
    for sheet in found["sheets"]:
        now = {**sheet, **{name: value for name, value in chosen.get(sheet["name"], {}).items() if name != "sheet"}}
        lines = [
            {
                "place": place,
                "letter": letter_of(place),
                "heading": heading,
                "chosen": now["columns"].get(str(place)),
                "samples": [row[place] for row in sheet["samples"] if len(row) > place and row[place]],
            }
            for place, heading in enumerate(sheet["headings"])
            if heading
        ]
        sheets.append({**now, "lines": lines})
    return sheets
