"""Inspections and the draws of whom they go to: written down, announced, drawn, repeated, closed with a bulletin."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from chassis.workbooks import as_csv
from contracts.assessment.inspections import FINDINGS_MAX, INSPECTION_SOURCES
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.organisations import uuid_in
from gateway.pages.parts import together
from gateway.pages.problem_register import AT_FILE
from gateway.pages.words import VOCABULARIES
from gateway.resources.mending import uploaded_evidence

blueprint = Blueprint("inspections", __name__)

ON_A_PAGE: Final = 50
FITTING_MAX: Final = 20
ROWS_SHOWN: Final = 3
COLUMNS: Final = ("position", "organisation_id", "organisation_name", "digest", "is_drawn", "seed")


# ---- inspections -------------------------------------------------------------------------------------------------


@blueprint.get("/inspections")
@needs("read_problems")
def index() -> ResponseReturnValue:
    """List inspections."""
    where = uuid_in(request.args.get("organisation"))
    source = request.args.get("source")
    source = source if source in INSPECTION_SOURCES else None
    asked = given(organisation_id=where, source=source, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(inspections=lambda: assessment.inspections.inspections(asked, who=current()))
    return render_template("inspections/index.html", **parts, where=where, source=source, sources=INSPECTION_SOURCES)


@blueprint.get("/inspections/new")
@needs("record_inspection")
def new() -> ResponseReturnValue:
    """Show the form; without an organisation, find one first."""
    return _form(Faults(status=200))


@blueprint.post("/inspections/new")
@needs("record_inspection")
def record() -> ResponseReturnValue:
    """Write an inspection down with what it found."""
    fields = given(
        organisation_id=typed("organisation"),
        sample_id=typed("sample"),
        source=typed("source"),
        held_on=typed("held_on"),
        inspector=typed("inspector"),
        basis=typed("basis"),
        notes=typed("notes"),
        findings=list(_findings()),
    )
    try:
        made = assessment.inspections.record_inspection(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _form(faults(refusal, at={"not-drawn": "source", "inspected-already": "source"}))
    flash(_("Written down; each problem stands in the register now."), "good")
    return redirect(url_for("pages.inspections.show", inspection_id=made["id"]), code=303)


def _findings() -> Iterator[dict[str, str]]:
    rows = zip(request.form.getlist("kind"), request.form.getlist("problem"), strict=False)
    for kind, text in list(rows)[:FINDINGS_MAX]:
        if text.strip():
            yield {"kind": kind, "text": text.strip()}


@blueprint.get("/inspections/<uuid:inspection_id>")
@needs("read_problems")
def show(inspection_id: UUID) -> ResponseReturnValue:
    """Show an inspection with what it found."""
    return _page(inspection_id, Faults(status=200))


@blueprint.post("/inspections/<uuid:inspection_id>/files")
@takes_files
@needs("record_inspection")
def add_file(inspection_id: UUID) -> ResponseReturnValue:
    """Add the report of an inspection."""
    try:
        fields = given(inspection_id=inspection_id, file=uploaded_evidence())
        assessment.problems.add_evidence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(inspection_id, faults(refusal, at=AT_FILE))
    flash(_("The file is added."), "good")
    return redirect(url_for("pages.inspections.show", inspection_id=inspection_id), code=303)


def _page(inspection_id: UUID, told: Faults) -> ResponseReturnValue:
    found = assessment.inspections.inspection({"inspection_id": inspection_id}, who=current()).data
    return render_template("inspections/show.html", found=found, errors=told.errors), told.status


def _form(told: Faults) -> ResponseReturnValue:
    who = current()
    where, sample_id = uuid_in(request.values.get("organisation")), uuid_in(request.values.get("sample"))
    query = request.args.get("q", "").strip()[:100]
    sample = assessment.inspections.sample({"sample_id": sample_id}, who=who).data if sample_id else None
    place, fitting = None, []
    if where:
        place = roster.organisations.organisation({"organisation_id": where}, who=who).data
    elif query:
        fitting = roster.organisations.organisations({"q": query, "limit": FITTING_MAX}, who=who).data["items"]
    kinds = assessment.problems.mending_rules({}, who=who).data["kinds"]
    found = list(zip(request.form.getlist("kind"), request.form.getlist("problem"), strict=False))
    page = render_template(
        "inspections/new.html",
        place=place,
        sample=sample,
        query=query,
        fitting=fitting,
        kinds=[(kind["code"], kind["name"]) for kind in kinds if kind["is_active"]],
        rows=[*found, *[("", "")] * max(ROWS_SHOWN - len(found), 0)],
        sources=[(code, str(VOCABULARIES["problem_source"][code])) for code in INSPECTION_SOURCES[:2]],
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


# ---- draws -------------------------------------------------------------------------------------------------------


@blueprint.get("/samples")
@needs("read_samples")
def samples() -> ResponseReturnValue:
    """List the draws."""
    parts = together(found=lambda: assessment.inspections.samples({}, who=current()))
    return render_template("inspections/samples.html", **parts)


@blueprint.get("/samples/new")
@needs("draw_sample")
def new_sample() -> ResponseReturnValue:
    """Show the form of an announcement."""
    return _sample_form(Faults(status=200))


@blueprint.post("/samples/new")
@needs("draw_sample")
def announce() -> ResponseReturnValue:
    """Announce a draw with its seed."""
    kind = typed("kind")
    fields = given(
        kind=kind,
        name=typed("name"),
        organisation_id=typed("organisation_id"),
        field=typed("field"),
        from_day=typed("from_day"),
        until_day=typed("until_day"),
        size=typed_number("size"),
        seed_on=typed("seed_on"),
        seed_number=typed("seed_number"),
        draw_on=typed("draw_on"),
        is_crossed=bool(typed("is_crossed")),
        third_party=typed("third_party"),
    )
    try:
        made = assessment.inspections.announce_sample(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _sample_form(faults(refusal, at={"seed-used": "seed_number", "forbidden": "organisation_id"}))
    flash(_("Announced. It is drawn on its day by this seed."), "good")
    return redirect(url_for("pages.inspections.sample", sample_id=made["id"]), code=303)


@blueprint.get("/samples/<uuid:sample_id>")
@needs("read_samples")
def sample(sample_id: UUID) -> ResponseReturnValue:
    """Show a draw, how to repeat it, and what its bulletin says."""
    return _sample(sample_id, Faults(status=200))


@blueprint.post("/samples/<uuid:sample_id>/draw")
@needs("draw_sample")
def draw(sample_id: UUID) -> ResponseReturnValue:
    """Draw what was announced."""
    return done_or_told(
        assessment.inspections.draw_sample,
        {"sample_id": sample_id},
        done=_("Drawn. Anyone can repeat it from the entries."),
        back=url_for("pages.inspections.sample", sample_id=sample_id),
    )


@blueprint.post("/samples/<uuid:sample_id>/bulletin")
@needs("draw_sample")
def close(sample_id: UUID) -> ResponseReturnValue:
    """Close a draw with its bulletin."""
    fields = given(sample_id=sample_id, bulletin_number=typed("bulletin_number"))
    try:
        assessment.inspections.close_sample(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _sample(sample_id, faults(refusal))
    flash(_("The bulletin is issued as it stands; nothing of it changes any more."), "good")
    return redirect(url_for("pages.inspections.sample", sample_id=sample_id), code=303)


@blueprint.post("/samples/<uuid:sample_id>/bulletin-print")
@needs("export_problems")
def print_bulletin(sample_id: UUID) -> ResponseReturnValue:
    """Have the bulletin drawn as PDF."""
    try:
        fields = {"sample_id": sample_id}
        made = assessment.problems.draw_sample_bulletin(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.inspections.sample", sample_id=sample_id), code=303)
    return redirect(url_for("pages.problems.file", job_id=made["id"]), code=303)


@blueprint.get("/samples/<uuid:sample_id>/entries.csv")
@needs("read_samples")
def entries(sample_id: UUID) -> ResponseReturnValue:
    """Give out everything that repeats the draw, as a table."""
    who = current()
    told = assessment.inspections.sample({"sample_id": sample_id}, who=who).data
    rows = [_row(entry, told["seed"]) for entry in _entries(sample_id)]
    response = Response(as_csv(COLUMNS, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{told["draw_on"]}.csv"'
    return response


def _entries(sample_id: UUID) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        asked = given(sample_id=sample_id, cursor=cursor, limit=1000)
        page = assessment.inspections.sample_entries(asked, who=current()).data
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def _row(entry: dict[str, Any], seed: str) -> list[str]:
    names = ("position", "organisation_id", "organisation_name", "digest")
    return [*(str(entry[name]) for name in names), str(int(entry["is_drawn"])), seed]


def _sample(sample_id: UUID, told: Faults) -> ResponseReturnValue:
    found = assessment.inspections.sample({"sample_id": sample_id}, who=current()).data
    page = render_template(
        "inspections/sample.html",
        found=found,
        may=found["may"],
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _sample_form(told: Faults) -> ResponseReturnValue:
    overview = assessment.tasks.task_overview({"limit": 100}, who=current()).data
    choices = [(part["organisation_id"], part["name"]) for part in overview["parts"]]
    if overview["organisation_id"]:
        choices.insert(0, (overview["organisation_id"], overview["name"]))
    page = render_template(
        "inspections/new_sample.html",
        choices=choices,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status
