"""The branch's handbook: its records by heading, the form of each, who missed what, joint activities."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import NotFound, Refusal
from contracts.assessment.record_pictures import RECORD_PICTURES_FOLDER
from contracts.assessment.record_templates import HEADINGS, RECORD_TEMPLATES, Template, template_in
from contracts.assessment.records import YEAR_MAX, YEAR_MIN
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from gateway.clients import assessment, roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages import record_forms
from gateway.pages.branches import month_asked, to_ones_branch
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.parts import found_or_none, together
from gateway.pages.words.records import said
from gateway.pictures import uploaded_picture

blueprint = Blueprint("records", __name__)

ON_A_PAGE: Final = 200
AT_FIELD: Final = {"activity-in-future": "held_on"}


@blueprint.get("/branch/records")
@needs("read_records")
def mine() -> ResponseReturnValue:
    """Go to the records of one's own branch."""
    return to_ones_branch("pages.records.index")


@blueprint.get("/branches/<uuid:branch_id>/records")
@needs("read_records")
def index(branch_id: UUID) -> ResponseReturnValue:
    """Show the branch's records of a year under the headings of the handbook."""
    who, year = current(), year_asked()
    asked = given(branch_id=branch_id, year=year, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": branch_id}, who=who),
        records=lambda: assessment.records.records(asked, who=who),
        waiting=lambda: assessment.records.parts_asked({"branch_id": branch_id, "limit": 20}, who=who),
    )
    by_heading: dict[str, list[dict[str, Any]]] = {heading: [] for heading in HEADINGS}
    for record in parts["records"].rows:
        by_heading[record["heading"]].append(record)
    return render_template(
        "records/index.html",
        **parts,
        branch_id=branch_id,
        year=year,
        this_year=clock.today(clock.now()).year,
        by_heading=by_heading,
        templates=_templates_by_heading(),
        may_write=_may("write_record", parts["branch"].data),
        may_confirm=_may("confirm_part", parts["branch"].data),
        may_read_absences=_may("read_absences", parts["branch"].data),
    )


@blueprint.get("/branches/<uuid:branch_id>/records/new")
@needs("write_record")
def new(branch_id: UUID) -> ResponseReturnValue:
    """Show the empty form of a template."""
    template = _template_asked()
    roll = _roll(branch_id)
    groups = record_forms.groups_in(roll) if template.attendance == "group" else []
    asked = request.args.get("group") or (groups[0] if len(groups) == 1 else None)
    group = asked if asked in groups else None
    values = record_forms.first_values(template, roll, today=_day_in(month_asked()), group=group)
    return _form(template, roll, values, branch_id=branch_id, groups=groups)


@blueprint.post("/branches/<uuid:branch_id>/records/new")
@needs("write_record")
def draft(branch_id: UUID) -> ResponseReturnValue:
    """Keep what was typed as a draft; a row more is drawn and nothing kept."""
    template = _template_asked()
    roll = _roll(branch_id)
    if request.form.get("more"):
        return _form(template, roll, request.form, branch_id=branch_id)
    sent = record_forms.brought(template, roll)
    if sent.errors:
        return _form(template, roll, request.form, Faults(sent.errors), branch_id=branch_id)
    fields = {"branch_id": branch_id, "template": template.code, **sent.fields}
    try:
        drafted = assessment.records.draft_record(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = record_forms.placed(faults(refusal, at=AT_FIELD), sent.people)
        return _form(template, roll, request.form, told, branch_id=branch_id)
    flash(_("Kept as a draft. It counts once it is recorded."), "good")
    return redirect(url_for("pages.records.show", record_id=drafted["id"]), code=303)


@blueprint.get("/records/<uuid:record_id>")
@needs("read_records")
def show(record_id: UUID) -> ResponseReturnValue:
    """Show one record as it would stand in the handbook."""
    who = current()
    record = assessment.records.record({"record_id": record_id}, who=who).data
    parts = together(
        branch=lambda: found_or_none(
            lambda: roster.organisations.organisation({"organisation_id": record["branch_id"]}, who=who)
        ),
        **{
            f"part{number}": _organisation_read(part["branch_id"])
            for number, part in enumerate(record["parts"])
            if part["state"] == "asked"
        },
    )
    mine = [
        part
        for number, part in enumerate(record["parts"])
        if part["state"] == "asked" and _may("confirm_part", parts[f"part{number}"].data)
    ]
    branch = parts["branch"].data
    return render_template(
        "records/show.html",
        record=record,
        template=template_in(record["template"], record["template_version"]),
        may_write=_may("write_record", branch),
        may_correct=_may("correct_record", branch),
        may_withdraw=_may("withdraw_record", branch),
        may_make_up=_may("make_up_absence", branch),
        may_read_order=who.may("read_order"),
        mine=mine,
        missing=_named(record["missing"], _labels(template_in(record["template"], record["template_version"]))),
        today=_today(),
    )


@blueprint.get("/records/<uuid:record_id>/form")
@needs("write_record")
def edit(record_id: UUID) -> ResponseReturnValue:
    """Show the form of a draft, or of a record that lacks something."""
    return _form_of(record_id)


@blueprint.post("/records/<uuid:record_id>/form")
@needs("write_record")
def write(record_id: UUID) -> ResponseReturnValue:
    """Write a draft anew or complete a record."""
    return _written(record_id, assessment.records.write_record, done=_("Kept."))


@blueprint.get("/records/<uuid:record_id>/correction")
@needs("correct_record")
def correction(record_id: UUID) -> ResponseReturnValue:
    """Show the form with which a record is corrected."""
    return _form_of(record_id, corrects=True)


@blueprint.post("/records/<uuid:record_id>/correction")
@needs("correct_record")
def correct(record_id: UUID) -> ResponseReturnValue:
    """Write a record anew and say why."""
    done = _("Corrected. What stood before is kept.")
    return _written(record_id, assessment.records.correct_record, done=done, corrects=True)


@blueprint.post("/records/<uuid:record_id>/recording")
@needs("write_record")
def keep(record_id: UUID) -> ResponseReturnValue:
    """Record a draft."""
    try:
        assessment.records.keep_record({"record_id": record_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal, at=AT_FIELD)
        return _form_of(record_id, told=told)
    flash(_("Recorded. It counts from now on."), "good")
    return redirect(url_for("pages.records.show", record_id=record_id), code=303)


@blueprint.post("/records/<uuid:record_id>/discarding")
@needs("write_record")
def discard(record_id: UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    try:
        gone = assessment.records.discard_record({"record_id": record_id}, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.records.show", record_id=record_id), code=303)
    flash(_("Thrown away."), "good")
    return redirect(url_for("pages.records.index", branch_id=gone["branch_id"]), code=303)


@blueprint.post("/records/<uuid:record_id>/withdrawal")
@needs("withdraw_record")
def withdraw(record_id: UUID) -> ResponseReturnValue:
    """Take back a record of what never took place."""
    done = _("Withdrawn. It counts no more, and the tasks that it completed are open again.")
    fields = given(record_id=record_id, reason=typed("reason"))
    return _do(record_id, assessment.records.withdraw_record, fields, done=done)


@blueprint.post("/records/<uuid:record_id>/confirmation")
@needs("confirm_part")
def confirm(record_id: UUID) -> ResponseReturnValue:
    """Say that one's branch took part."""
    fields = given(record_id=record_id, branch_id=typed("branch_id"), attended=typed_number("attended"))
    return _do(record_id, assessment.records.confirm_part, fields, done=_("Confirmed. It counts for your branch too."))


@blueprint.post("/records/<uuid:record_id>/declining")
@needs("confirm_part")
def decline(record_id: UUID) -> ResponseReturnValue:
    """Say that one's branch did not take part."""
    fields = given(record_id=record_id, branch_id=typed("branch_id"), reason=typed("reason"))
    return _do(record_id, assessment.records.decline_part, fields, done=_("Written down: your branch was not there."))


@blueprint.get("/branches/<uuid:branch_id>/absences")
@needs("read_absences")
def absences(branch_id: UUID) -> ResponseReturnValue:
    """List who missed what and what is still to be made up."""
    who, year, is_open = current(), year_asked(), request.args.get("open") == "1"
    asked = given(
        branch_id=branch_id,
        year=None if is_open else year,
        open=is_open,
        limit=50,
        cursor=request.args.get("cursor") or None,
    )
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": branch_id}, who=who),
        absences=lambda: assessment.records.absences(asked, who=who),
    )
    return render_template(
        "records/absences.html",
        **parts,
        branch_id=branch_id,
        year=year,
        only_open=is_open,
        may_make_up=_may("make_up_absence", parts["branch"].data),
        today=_today(),
    )


@blueprint.post("/records/<uuid:record_id>/making-up")
@needs("make_up_absence")
def make_up(record_id: UUID) -> ResponseReturnValue:
    """Write down how somebody made up what they missed."""
    fields = given(record_id=record_id, person_id=typed("person_id"), made_up_on=typed("made_up_on"), how=typed("how"))
    return _do(record_id, assessment.records.make_up_absence, fields, done=_("Written down."))


@blueprint.post("/records/<uuid:record_id>/pictures")
@takes_files
@needs("write_record")
def add_picture(record_id: UUID) -> ResponseReturnValue:
    """Add a picture."""

    def add(fields: dict[str, Any], **how: Any) -> Any:
        picture = uploaded_picture(folder=RECORD_PICTURES_FOLDER)
        return assessment.records.add_record_picture({**fields, "picture": picture}, **how)

    return _do(
        record_id, add, given(record_id=record_id, alt=typed("alt")), done=_("The picture stands in the record.")
    )


@blueprint.post("/records/<uuid:record_id>/pictures/<uuid:picture_id>/removal")
@needs("write_record")
def remove_picture(record_id: UUID, picture_id: UUID) -> ResponseReturnValue:
    """Take a picture away."""
    fields = {"record_id": record_id, "picture_id": picture_id}
    return _do(record_id, assessment.records.remove_record_picture, fields, done=_("The picture is gone."))


@blueprint.post("/records/<uuid:record_id>/prints")
@needs("read_records")
def draw(record_id: UUID) -> ResponseReturnValue:
    """Have the paper form drawn."""
    fields = given(record_id=record_id, format=typed("format"))
    try:
        drawn = assessment.records.print_record(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.records.show", record_id=record_id), code=303)
    return redirect(url_for("pages.records.drawn", record_id=record_id, job_id=drawn["id"]), code=303)


@blueprint.post("/branches/<uuid:branch_id>/records/handbook")
@needs("read_absences")
def draw_handbook(branch_id: UUID) -> ResponseReturnValue:
    """Have the book of a year drawn."""
    fields = given(branch_id=branch_id, year=typed_number("year"))
    try:
        drawn = assessment.records.print_handbook(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.records.index", branch_id=branch_id), code=303)
    return redirect(url_for("pages.records.handbook", branch_id=branch_id, job_id=drawn["id"]), code=303)


@blueprint.get("/branches/<uuid:branch_id>/records/handbook/<uuid:job_id>")
@needs("read_absences")
def handbook(branch_id: UUID, job_id: UUID) -> ResponseReturnValue:
    """Show how far the book is, and its file once it is there."""
    back = (_("Records"), url_for("pages.records.index", branch_id=branch_id))
    return _drawing(job_id, back=back)


@blueprint.get("/records/<uuid:record_id>/prints/<uuid:job_id>")
@needs("read_records")
def drawn(record_id: UUID, job_id: UUID) -> ResponseReturnValue:
    """Show how far a paper form is, and its file once it is there."""
    return _drawing(job_id, back=(_("The record"), url_for("pages.records.show", record_id=record_id)))


@blueprint.get("/record-rules")
@needs("read_record_rules")
def rules() -> ResponseReturnValue:
    """Show the numbers of records, with their days and what they rest on."""
    return _rules()


@blueprint.post("/record-rules")
@needs("set_record_rule")
def set_rule() -> ResponseReturnValue:
    """Enter numbers that begin on a day to come."""
    numbers = {name: typed_number(name) for name in ("confirm_days", "make_up_days", "lesson_minutes")}
    fields = given(effective_from=typed("effective_from"), citation=typed("citation"), **numbers)
    try:
        assessment.records.set_record_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _rules(faults(refusal, at={"rule-version-there": "effective_from"}))
    flash(_("Entered."), "good")
    return redirect(url_for("pages.records.rules"), code=303)


def _rules(told: Faults | None = None) -> ResponseReturnValue:
    found = assessment.records.record_rules({}, who=current()).data
    page = render_template("records/rules.html", rules=found, errors=told.errors if told else {}, values=request.form)
    return page, told.status if told else 200


def year_asked() -> int:
    """Return the year of the query, the current one when none (or none that can be read) is named."""
    text = request.args.get("year", "")
    is_year = text.isascii() and text.isdecimal() and len(text) == 4 and YEAR_MIN <= int(text) <= YEAR_MAX
    return int(text) if is_year else clock.today(clock.now()).year


def _drawing(job_id: UUID, *, back: tuple[str, str]) -> ResponseReturnValue:
    found = assessment.records.record_print({"job_id": job_id}, who=current()).data
    is_open = found["state"] in ("waiting", "running")
    return render_template("records/print.html", drawing=found, back=back, is_open=is_open)


def _do(record_id: UUID, act: Any, fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    return done_or_told(act, fields, done=done, back=url_for("pages.records.show", record_id=record_id))


def _written(record_id: UUID, act: Any, *, done: str, corrects: bool = False) -> ResponseReturnValue:
    record = assessment.records.record({"record_id": record_id}, who=current()).data
    template = template_in(record["template"], record["template_version"])
    roll = _people(record)
    if request.form.get("more"):
        return _form_of(record_id, values=request.form, corrects=corrects)
    sent = record_forms.brought(template, roll)
    if sent.errors:
        return _form_of(record_id, values=request.form, told=Faults(sent.errors), corrects=corrects)
    fields = {"record_id": record_id, "version": typed_number("version"), **sent.fields}
    if corrects:
        fields |= given(reason=typed("reason"))
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = record_forms.placed(faults(refusal, at=AT_FIELD), sent.people)
        return _form_of(record_id, values=request.form, told=told, corrects=corrects)
    flash(done, "good")
    return redirect(url_for("pages.records.show", record_id=record_id), code=303)


def _form_of(
    record_id: UUID,
    *,
    values: record_forms.Values | None = None,
    told: Faults | None = None,
    corrects: bool = False,
) -> ResponseReturnValue:
    """Show the form of a record that is there, filled in as it stands or as it was typed."""
    record = assessment.records.record({"record_id": record_id}, who=current()).data
    template = template_in(record["template"], record["template_version"])
    filled = record_forms.values_of(record, template) if values is None else values
    return _form(
        template,
        _people(record),
        filled,
        told,
        branch_id=record["branch_id"],
        record=record,
        corrects=corrects,
    )


def _form(
    template: Template,
    roll: list[dict[str, Any]],
    values: record_forms.Values,
    told: Faults | None = None,
    *,
    branch_id: UUID,
    record: dict[str, Any] | None = None,
    corrects: bool = False,
    groups: Sequence[str] = (),
) -> ResponseReturnValue:
    page = render_template(
        "records/form.html",
        groups=groups,
        month=month_asked(),
        template=template,
        roll=roll,
        values=values if isinstance(values, MultiDict) else MultiDict(values),
        errors=told.errors if told else {},
        labels=_labels(template),
        rows=record_forms.rows_shown(values, template, more=request.form.get("more")),
        branch_id=branch_id,
        record=record,
        corrects=corrects,
        fixed=record["fixed"] if record else [],
        today=_today(),
    )
    return page, told.status if told else 200


def _labels(template: Template) -> dict[str, str]:
    """Return what each input of the form is called, for the summary of faults."""
    labels = {
        "held_on": _("Day"),
        "subject": _("Subject"),
        "place": _("Where"),
        "starts": _("Begins at"),
        "ends": _("Ends at"),
        "host": _("Host"),
        "recorder": _("Recorder"),
        "minutes": _("Minutes of the meeting"),
        "attendance": _("Attendance"),
        "parts": _("Other branches"),
        "reason": _("Reason of the correction"),
    }
    return labels | {f"answers.{field.name}": said(field.title) for field in template.fields}


def _named(missing: list[str], labels: dict[str, str]) -> list[str]:
    """Return what the empty fields are called, each once; a cell of a table by its table."""
    names = (".".join(name.split(".")[:2]) for name in missing)
    return list(dict.fromkeys(labels.get(name, name) for name in names))


def _people(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return whom the form names: the roll as it is now, and who was listed before and has left."""
    roll = _roll(record["branch_id"])
    known = {one["person_id"] for one in roll}
    return roll + [
        {**one, "group": None, "facts": [], "posts": [], "state": "active"}
        for one in record["attendance"]
        if one["branch_id"] == record["branch_id"] and one["person_id"] not in known
    ]


def _roll(branch_id: UUID) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = assessment.records.record_roll({"branch_id": branch_id}, who=current())["people"]
    return people


def _template_asked() -> Template:
    template = RECORD_TEMPLATES.get(request.values.get("template", ""))
    if template is None:
        raise NotFound()
    return template


def _templates_by_heading() -> dict[str, list[Template]]:
    return {
        heading: [template for template in RECORD_TEMPLATES.values() if template.heading == heading]
        for heading in HEADINGS
    }


def _organisation_read(organisation_id: str) -> Any:
    who = current()
    return lambda: found_or_none(
        lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who)
    )


def _may(action: str, organisation: dict[str, Any] | None) -> bool:
    actor = current().actor
    return bool(actor and organisation and actor.may(action, branch=organisation["path"]))


def _day_in(month: str) -> str:
    """Return the day with which a record of a month begins: today, or the last one of a month that is over."""
    today = _today()
    if month >= today[:7]:
        return today
    first = date.fromisoformat(f"{month}-01")
    return ((first + timedelta(days=31)).replace(day=1) - timedelta(days=1)).isoformat()


def _today() -> str:
    return clock.today(clock.now()).isoformat()
