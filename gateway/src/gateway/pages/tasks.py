"""What branches have to do: a branch's month by its five lists, one task with its steps, how far the towns are."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.task_lists import LISTS
from contracts.assessment.tasks import TASK_FILTERS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.branches import month_asked
from gateway.pages.forms import Faults, done_or_told, faults, given, typed, typed_number
from gateway.pages.parts import together
from gateway.pages.problem_register import AT_FILE
from gateway.resources.mending import uploaded_evidence

blueprint = Blueprint("tasks", __name__)

ON_A_PAGE: Final = 100
PARTS_ON_A_PAGE: Final = 50
AT_FIELD: Final = {"month-frozen": "done_on"}


# ---- a branch's month --------------------------------------------------------------------------------------------


@blueprint.get("/month")
@needs("do_task", "read_tasks")
def mine() -> ResponseReturnValue:
    """Go to the month of one's own branch."""
    me = roster.sessions.me({}, who=current())
    led = [grant["organisation_id"] for grant in me["roles"] if grant["role"] in ("secretary", "administrator")]
    branch_id = next((branch for branch in [*led, me["branch_id"]] if branch), None)
    if branch_id is None:
        return render_template("branches/none.html")
    return redirect(url_for("pages.tasks.branch", organisation_id=branch_id), code=303)


@blueprint.get("/branches/<uuid:organisation_id>/tasks")
@needs("read_tasks")
def branch(organisation_id: UUID) -> ResponseReturnValue:
    """Show what a branch has to do in a month, by its lists."""
    who, month = current(), month_asked()
    asked = {"branch_id": organisation_id, "month": month}
    parts = together(
        tasks=lambda: assessment.tasks.tasks({**asked, "limit": 500}, who=who),
        burden=lambda: assessment.tasks.task_burden(asked, who=who),
        branch=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
    )
    rows = parts["tasks"].rows
    where = parts["branch"].data or {}
    path = where.get("path")
    return render_template(
        "tasks/branch.html",
        **parts,
        name=where.get("name") or _("Branch"),
        branch_id=organisation_id,
        month=month,
        lists=[(code, [row for row in rows if row["list_code"] == code]) for code in LISTS],
        worst=worst_of(rows),
        may_do=bool(who.actor and path and who.actor.may("do_task", branch=path)),
        may_record=bool(who.actor and path and who.actor.may("write_record", branch=path)),
    )


def worst_of(rows: list[dict[str, Any]]) -> str | None:
    """Return the worst colour of the required tasks; none where nothing counts."""
    colours = {row["colour"] for row in rows if row["is_required"]}
    return next((colour for colour in ("red", "yellow", "green") if colour in colours), None)


# ---- one task ----------------------------------------------------------------------------------------------------


@blueprint.get("/tasks/<uuid:task_id>")
@needs("read_tasks")
def show(task_id: UUID) -> ResponseReturnValue:
    """Show one task with its steps and notes."""
    return _page(task_id, Faults(status=200))


@blueprint.post("/tasks/<uuid:task_id>/completion")
@needs("do_task")
def do(task_id: UUID) -> ResponseReturnValue:
    """Say that a task is done."""
    fields = given(task_id=task_id, text=typed("text"), done_on=typed("done_on"))
    try:
        done = assessment.tasks.do_task(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _page(task_id, faults(refusal, at=AT_FIELD))
    flash(_("Done: %(task)s", task=done["text_of_task"]), "good")
    if request.form.get("back") == "month":
        return redirect(url_for("pages.tasks.branch", organisation_id=done["branch_id"], month=done["month"]), code=303)
    return redirect(url_for("pages.tasks.show", task_id=task_id), code=303)


@blueprint.post("/tasks/<uuid:task_id>/files")
@takes_files
@needs("do_task")
def add_file(task_id: UUID) -> ResponseReturnValue:
    """Add a file that shows that a task is done."""
    try:
        fields = given(task_id=task_id, file=uploaded_evidence())
        assessment.problems.add_evidence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(task_id, faults(refusal, at=AT_FILE))
    flash(_("The file is added."), "good")
    return redirect(url_for("pages.tasks.show", task_id=task_id, _anchor="do"), code=303)


@blueprint.post("/tasks/<uuid:task_id>/files/<uuid:evidence_id>/removal")
@needs("do_task")
def remove_file(task_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """Take a file away."""
    return done_or_told(
        assessment.problems.remove_evidence,
        {"evidence_id": evidence_id},
        done=_("The file is taken away."),
        back=url_for("pages.tasks.show", task_id=task_id, _anchor="do"),
    )


@blueprint.post("/tasks/<uuid:task_id>/acceptance")
@needs("judge_task")
def accept(task_id: UUID) -> ResponseReturnValue:
    """Accept what a branch did."""
    return _moved(task_id, assessment.tasks.accept_task, _("Accepted."))


@blueprint.post("/tasks/<uuid:task_id>/return")
@needs("judge_task")
def give_back(task_id: UUID) -> ResponseReturnValue:
    """Give a task back to its branch."""
    return _moved(task_id, assessment.tasks.return_task, _("Given back; the branch sees why."), reason=typed("reason"))


@blueprint.post("/tasks/<uuid:task_id>/reopening")
@needs("reopen_task")
def reopen(task_id: UUID) -> ResponseReturnValue:
    """Open a task anew."""
    return _moved(task_id, assessment.tasks.reopen_task, _("Opened anew."), reason=typed("reason"))


@blueprint.post("/tasks/<uuid:task_id>/exemption")
@needs("exempt_task")
def exempt(task_id: UUID) -> ResponseReturnValue:
    """Exempt a branch from a task."""
    return _moved(
        task_id, assessment.tasks.exempt_task, _("The branch is exempt from this task."), reason=typed("reason")
    )


@blueprint.post("/tasks/<uuid:task_id>/notes")
@needs("note_task")
def note(task_id: UUID) -> ResponseReturnValue:
    """Write a note to a task."""
    return _moved(task_id, assessment.tasks.note_task, _("Your note is kept."), text=typed("text"))


def _moved(task_id: UUID, act: Any, told: str, **fields: Any) -> ResponseReturnValue:
    back = url_for("pages.tasks.show", task_id=task_id)
    return done_or_told(act, given(task_id=task_id, **fields), done=told, back=back)


def _page(task_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    found = assessment.tasks.task({"task_id": task_id}, who=who).data
    parts = together(branch=lambda: roster.organisations.organisation({"organisation_id": found["branch_id"]}, who=who))
    path = (parts["branch"].data or {}).get("path")
    actor = who.actor
    may = {
        action: bool(actor and path and actor.may(action, branch=path))
        for action in (
            *("do_task", "judge_task", "reopen_task", "exempt_task", "note_task"),
            *("write_record", "read_records"),
        )
    }
    page = render_template(
        "tasks/show.html",
        found=found,
        may=may,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


# ---- how far the towns are ---------------------------------------------------------------------------------------


@blueprint.get("/tasks")
@needs("read_task_overview")
def index() -> ResponseReturnValue:
    """Show how far the parts below an organisation are."""
    who, month = current(), month_asked()
    code = request.args.get("list")
    code = code if code in LISTS else None
    fields = given(
        organisation_id=request.args.get("organisation") or None,
        month=month,
        list_code=code,
        cursor=request.args.get("cursor") or None,
        limit=PARTS_ON_A_PAGE,
    )
    parts = together(found=lambda: assessment.tasks.task_overview(fields, who=who))
    return render_template("tasks/index.html", **parts, month=month, list_code=code)


@blueprint.get("/tasks/branches")
@needs("read_task_overview")
def listed() -> ResponseReturnValue:
    """List the tasks of branches below an organisation in one state."""
    who, month = current(), month_asked()
    state = request.args.get("state")
    state = state if state in TASK_FILTERS else "overdue"
    code = request.args.get("list")
    code = code if code in LISTS else None
    fields = given(
        organisation_id=request.args.get("organisation") or None,
        month=month,
        list_code=code,
        state=state,
        cursor=request.args.get("cursor") or None,
        limit=ON_A_PAGE,
    )
    parts = together(tasks=lambda: assessment.tasks.tasks(fields, who=who))
    return render_template(
        "tasks/listed.html",
        **parts,
        month=month,
        state=state,
        list_code=code,
        organisation=request.args.get("organisation") or None,
        filters=TASK_FILTERS,
    )


@blueprint.get("/tasks/new")
@needs("add_task")
def new() -> ResponseReturnValue:
    """Show the form of a task given to branches besides their lists."""
    return _form(Faults(status=200))


@blueprint.post("/tasks/new")
@needs("add_task")
def add() -> ResponseReturnValue:
    """Give branches a task."""
    fields = given(
        organisation_id=typed("organisation_id"),
        list_code=typed("list_code"),
        field=typed("field"),
        level=typed("level"),
        text=typed("text"),
        due_on=typed("due_on"),
        evidence=typed("evidence"),
        record_template=typed("record_template") if typed("evidence") == "record" else None,
        doer=typed("doer"),
        needs_acceptance=bool(typed("needs_acceptance")),
        is_required=bool(typed("is_required")),
        field_count=typed_number("field_count"),
        minutes=typed_number("minutes"),
        citation=typed("citation"),
    )
    try:
        told = assessment.task_lists.add_task(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _form(faults(refusal, at={"not-found": "organisation_id", "forbidden": "organisation_id"}))
    flash(
        _(
            "%(count)s branches get this task within a minute; one that appears later gets it too.",
            count=told["branch_count"],
        ),
        "good",
    )
    return redirect(
        url_for("pages.tasks.index", organisation=fields["organisation_id"], month=str(told["due_on"])[:7]), code=303
    )


def _form(told: Faults) -> ResponseReturnValue:
    who = current()
    asked = request.args.get("organisation") or request.form.get("organisation_id") or None
    overview = assessment.tasks.task_overview(given(organisation_id=asked, limit=100), who=who).data
    choices = [(part["organisation_id"], part["name"]) for part in overview["parts"]]
    if overview["organisation_id"]:
        choices.insert(0, (overview["organisation_id"], overview["name"]))
    page = render_template(
        "tasks/new.html",
        choices=choices,
        asked=asked,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form if request.method == "POST" else {"is_required": "yes", "organisation_id": asked or ""},
    )
    return page, told.status
