"""The five lists: what is in force, what comes, and the versions that are drafted and adopted."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.task_lists import LISTS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed
from gateway.pages.parts import together

blueprint = Blueprint("task_lists", __name__)

ON_A_PAGE: Final = 100
ROWS_MORE: Final = 3
"""How many empty rows a form has below those that are filled in."""
ITEM: Final = re.compile(r"items\.(\d{1,2})\.(\w+)\Z")
NUMBERS: Final = ("due_day", "window_months", "field_count", "minutes")
AT_FIELD: Final = {"list-month-taken": "from_month", "list-month-past": "from_month"}


@blueprint.get("/task-lists")
@needs("read_task_lists")
def index() -> ResponseReturnValue:
    """List the lists with what is in force."""
    who = current()
    code = request.args.get("list")
    code = code if code in LISTS else None
    fields = given(list_code=code, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(lists=lambda: assessment.task_lists.task_lists(fields, who=who))
    return render_template("task_lists/index.html", **parts, list_code=code)


@blueprint.get("/task-lists/<uuid:list_id>")
@needs("read_task_lists")
def show(list_id: UUID) -> ResponseReturnValue:
    """Show a list with all its versions."""
    return render_template("task_lists/show.html", found=_found(list_id))


@blueprint.get("/task-lists/new")
@needs("draft_task_list")
def new() -> ResponseReturnValue:
    """Show the form of a new list."""
    return _form(None, Faults(status=200))


@blueprint.post("/task-lists/new")
@needs("draft_task_list")
def draft() -> ResponseReturnValue:
    """Draft a new list."""
    fields = given(
        list_code=typed("list_code"),
        name=typed("name"),
        organisation_id=typed("organisation_id"),
        field=typed("field"),
        level=typed("level"),
        **_version_typed(),
    )
    try:
        told = assessment.task_lists.draft_task_list(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _form(None, faults(refusal, at={**AT_FIELD, "forbidden": "organisation_id"}))
    return _drafted(told["id"])


@blueprint.get("/task-lists/<uuid:list_id>/versions/new")
@needs("draft_task_list")
def new_version(list_id: UUID) -> ResponseReturnValue:
    """Show the form of a list's next version, filled in with what is in force."""
    return _form(_found(list_id), Faults(status=200))


@blueprint.post("/task-lists/<uuid:list_id>/versions/new")
@needs("draft_task_list")
def draft_version(list_id: UUID) -> ResponseReturnValue:
    """Draft a list's next version."""
    fields = given(list_id=list_id, **_version_typed())
    try:
        assessment.task_lists.draft_list_version(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(_found(list_id), faults(refusal, at=AT_FIELD))
    return _drafted(list_id)


@blueprint.post("/task-lists/<uuid:list_id>/versions/<uuid:version_id>/adoption")
@needs("adopt_task_list")
def adopt(list_id: UUID, version_id: UUID) -> ResponseReturnValue:
    """Adopt a draft."""
    return done_or_told(
        assessment.task_lists.adopt_list_version,
        {"version_id": version_id},
        done=_("Adopted. The branches get these tasks from its month on."),
        back=url_for("pages.task_lists.show", list_id=list_id),
    )


@blueprint.post("/task-lists/<uuid:list_id>/versions/<uuid:version_id>/withdrawal")
@needs("withdraw_task_list")
def withdraw(list_id: UUID, version_id: UUID) -> ResponseReturnValue:
    """Put a draft away."""
    fields = given(version_id=version_id, reason=typed("reason"))
    return done_or_told(
        assessment.task_lists.withdraw_list_version,
        fields,
        done=_("The draft is put away."),
        back=url_for("pages.task_lists.show", list_id=list_id),
    )


def items_typed(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the form whose text is not empty, in their order, as the items of a version."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        if found := ITEM.match(name):
            rows.setdefault(int(found[1]), {})[found[2]] = value.strip()
    return [_item(row) for _number, row in sorted(rows.items()) if row.get("text")]


def _item(row: dict[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "text": row["text"],
        "evidence": row.get("evidence") or None,
        "record_template": row.get("record_template") if row.get("evidence") == "record" else None,
        "doer": row.get("doer") or None,
        "is_required": bool(row.get("is_required")),
        "needs_acceptance": bool(row.get("needs_acceptance")),
        "citation": row.get("citation") or None,
        "months": months_typed(row.get("months", "")),
    }
    for name in NUMBERS:
        text = row.get(name, "")
        item[name] = int(text) if text.isdecimal() and len(text) < 6 else text or None
    return given(**item)


def months_typed(text: str) -> list[int | str] | None:
    """Return the months written as 1-3、6, each once; all of them for nothing."""
    if not text.strip():
        return None
    months: list[int | str] = []
    for part in re.split(r"[,，、\s]+", text.strip()):
        first, dash, last = re.sub(r"[–—~至]", "-", part).partition("-")
        if first.isdecimal() and (not dash or last.isdecimal()) and len(first) < 3 and len(last) < 3:
            months += range(int(first), int(last or first) + 1)
        else:
            months.append(part)
    return months


def _version_typed() -> dict[str, Any]:
    return {
        "from_month": typed("from_month"),
        "citation": typed("citation"),
        "items": items_typed(request.form),
    }


def _found(list_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = assessment.task_lists.task_list({"list_id": list_id}, who=current()).data
    return found


def _drafted(list_id: Any) -> ResponseReturnValue:
    flash(_("Drafted. Somebody else looks through it and adopts it."), "good")
    return redirect(url_for("pages.task_lists.show", list_id=list_id), code=303)


def _form(found: dict[str, Any] | None, told: Faults) -> ResponseReturnValue:
    if request.method == "POST":
        rows = items_typed(request.form)
    else:
        rows = found["in_force"]["items"] if found and found["in_force"] else []
    choices: list[tuple[str, str]] = []
    if found is None:
        overview = assessment.tasks.task_overview({"limit": 100}, who=current()).data
        choices = [(part["organisation_id"], part["name"]) for part in overview["parts"]]
        if overview["organisation_id"]:
            choices.insert(0, (overview["organisation_id"], overview["name"]))
    page = render_template(
        "task_lists/form.html",
        found=found,
        rows=[*rows, *({} for _more in range(ROWS_MORE))],
        choices=choices,
        next_month=_next_month(),
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _next_month() -> str:
    year, number = (int(part) for part in clock.month_of(clock.now()).split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"
