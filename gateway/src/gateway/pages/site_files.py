"""Sites as files: a table or GeoJSON is looked through, every bad cell is named, then taken over; and the way out."""

from typing import Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.languages import current_language, field_sentence
from gateway.pages.forms import Faults, faults, given, typed
from gateway.resources.settlement_batches import uploaded
from gateway.resources.site_rules import SITE_FILES

blueprint = Blueprint("site_files", __name__)

AT_FIELD: Final = dict.fromkeys(("payload-too-large", "unsupported-media-type", "bad-request"), "file")


@blueprint.get("/sites/files")
@needs("import_sites", "export_sites")
def show() -> ResponseReturnValue:
    """Show the upload form and the ways out."""
    return _page(Faults(status=200))


@blueprint.post("/sites/files")
@takes_files
@needs("import_sites")
def preview() -> ResponseReturnValue:
    """Have a file looked through."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page(Faults({"file": [_("Choose a file.")]}))
    try:
        fields = given(file=uploaded(SITE_FILES), datum=typed("datum"))
        made = sites.places.preview_site_import(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(faults(refusal, at=AT_FIELD))
    return redirect(url_for("pages.site_files.progress", import_id=made["id"]), code=303)


@blueprint.get("/sites/files/<uuid:import_id>")
@needs("import_sites")
def progress(import_id: UUID) -> ResponseReturnValue:
    """Show how far it is, what it would change, and every cell that cannot be taken."""
    return _progress(import_id, Faults(status=200))


@blueprint.post("/sites/files/<uuid:import_id>")
@needs("import_sites")
def take_over(import_id: UUID) -> ResponseReturnValue:
    """Take the file over."""
    try:
        made = sites.places.apply_site_import({"import_id": import_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _progress(import_id, faults(refusal))
    return redirect(url_for("pages.site_files.progress", import_id=made["id"]), code=303)


def _progress(import_id: UUID, told: Faults) -> ResponseReturnValue:
    found = sites.places.site_import({"import_id": import_id}, who=current()).data
    result = found["result"] or {}
    language = current_language()
    wrong = [{**fault, "reason": field_sentence(fault["reason"], language)} for fault in result.get("faults", [])]
    page = render_template("sites/import.html", found=found, result=result, wrong=wrong, errors=told.errors)
    return page, told.status


def _page(told: Faults) -> ResponseReturnValue:
    who = current()
    page = render_template(
        "sites/files.html",
        may_import=who.may("import_sites"),
        may_export=who.may("export_sites"),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
