"""The list of weak organisations: who is proposed, who is on it, what they mend, and who takes them off."""

import re
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.weak_organisations import WEAK_STATES
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed
from gateway.pages.parts import together
from gateway.pages.problem_register import AT_FILE
from gateway.resources.mending import uploaded_evidence

blueprint = Blueprint("weak_organisations", __name__)

ON_A_PAGE: Final = 100
ITEM: Final = re.compile(r"items\.(\d{1,2})\.(text|due_on)\Z")
ROWS: Final = 5


@blueprint.get("/weak-organisations")
@needs("read_weak_list")
def index() -> ResponseReturnValue:
    """List the weak organisations by name."""
    state = request.args.get("state")
    state = state if state in WEAK_STATES else None
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(entries=lambda: assessment.weak_organisations.weak_organisations(asked, who=current()))
    return render_template("weak_organisations/index.html", state_asked=state, **parts)


@blueprint.get("/weak-organisations/<uuid:entry_id>")
@needs("read_weak_entry")
def show(entry_id: UUID) -> ResponseReturnValue:
    """Show an entry: why, what is mended, and what happened."""
    return _show(entry_id, Faults(status=200))


@blueprint.post("/branches/<uuid:branch_id>/weak-entries")
@needs("propose_weak")
def propose(branch_id: UUID) -> ResponseReturnValue:
    """Propose a branch for the list."""
    fields = given(organisation_id=branch_id, text=typed("text"))
    try:
        told = assessment.weak_organisations.propose_weak_organisation(
            fields, who=current(), command_id=command_id()
        ).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.stars.of_branch", branch_id=branch_id), code=303)
    flash(_("Proposed. It is on the list once that is decided, with a plan."), "good")
    return redirect(url_for("pages.weak_organisations.show", entry_id=told["id"]), code=303)


@blueprint.post("/weak-organisations/<uuid:entry_id>/listing")
@needs("decide_weak")
def put_on(entry_id: UUID) -> ResponseReturnValue:
    """Put a proposed organisation on the list."""
    words = {name: typed(name) for name in ("plan", "in_charge", "contact", "due_on")}
    fields = given(entry_id=entry_id, items=items_typed(), **words)
    try:
        assessment.weak_organisations.list_weak_organisation(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(entry_id, faults(refusal))
    flash(_("On the list. The branch sees its items and reports them as mended."), "good")
    return redirect(_address(entry_id), code=303)


@blueprint.post("/weak-organisations/<uuid:entry_id>/dismissal")
@needs("decide_weak")
def dismiss(entry_id: UUID) -> ResponseReturnValue:
    """Decide that a proposed organisation does not belong on the list."""
    fields = given(entry_id=entry_id, reason=typed("reason"))
    return _do(
        entry_id, assessment.weak_organisations.dismiss_weak_organisation, fields, done=_("Not put on the list.")
    )


@blueprint.post("/weak-organisations/<uuid:entry_id>/items")
@needs("decide_weak")
def add_item(entry_id: UUID) -> ResponseReturnValue:
    """Add something to mend."""
    fields = given(entry_id=entry_id, text=typed("text"), due_on=typed("due_on"))
    return _do(entry_id, assessment.weak_organisations.add_weak_item, fields, done=_("Added."))


@blueprint.post("/weak-organisations/<uuid:entry_id>/items/<uuid:item_id>/completion")
@needs("do_weak_item")
def do(entry_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Report an item as mended."""
    fields = given(item_id=item_id, evidence=typed("evidence"), record_id=typed("record_id"))
    done = _("Reported. Your superior looks at it and accepts it or gives it back.")
    return _do(entry_id, assessment.weak_organisations.do_weak_item, fields, done=done)


@blueprint.post("/weak-organisations/<uuid:entry_id>/items/<uuid:item_id>/files")
@takes_files
@needs("do_weak_item")
def add_file(entry_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Add a file that shows that an item is mended."""
    try:
        fields = given(weak_item_id=item_id, file=uploaded_evidence())
        assessment.problems.add_evidence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(entry_id, faults(refusal, at=AT_FILE), tried=str(item_id))
    flash(_("The file is added."), "good")
    return redirect(_address(entry_id, item_id), code=303)


@blueprint.post("/weak-organisations/<uuid:entry_id>/items/<uuid:item_id>/files/<uuid:evidence_id>/removal")
@needs("do_weak_item")
def remove_file(entry_id: UUID, item_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """Take a file away."""
    fields = {"evidence_id": evidence_id}
    return _do(entry_id, assessment.problems.remove_evidence, fields, done=_("The file is taken away."))


@blueprint.post("/weak-organisations/<uuid:entry_id>/items/<uuid:item_id>/acceptance")
@needs("accept_weak_item")
def accept(entry_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Accept an item."""
    fields = {"item_id": item_id}
    return _do(entry_id, assessment.weak_organisations.accept_weak_item, fields, done=_("Accepted."))


@blueprint.post("/weak-organisations/<uuid:entry_id>/items/<uuid:item_id>/return")
@needs("accept_weak_item")
def give_back(entry_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Give an item back."""
    fields = given(item_id=item_id, reason=typed("reason"))
    return _do(entry_id, assessment.weak_organisations.return_weak_item, fields, done=_("Given back."))


@blueprint.post("/weak-organisations/<uuid:entry_id>/release")
@needs("release_weak")
def release(entry_id: UUID) -> ResponseReturnValue:
    """Take an organisation off the list."""
    fields = given(entry_id=entry_id, reason=typed("reason"))
    return _do(entry_id, assessment.weak_organisations.release_weak_organisation, fields, done=_("Taken off the list."))


def items_typed() -> list[dict[str, Any]]:
    """Return the rows of the form whose text is not empty; a row without a day is due with the whole."""
    rows: dict[int, dict[str, str]] = {}
    for name, text in request.form.items():
        if found := ITEM.match(name):
            rows.setdefault(int(found[1]), {})[found[2]] = text.strip()
    due_on = typed("due_on") or ""
    return [
        {"text": row["text"], "due_on": row.get("due_on") or due_on}
        for _n, row in sorted(rows.items())
        if row.get("text")
    ]


def _show(entry_id: UUID, told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    found = assessment.weak_organisations.weak_entry({"entry_id": entry_id}, who=current()).data
    page = render_template(
        "weak_organisations/show.html",
        found=found,
        rows=range(ROWS),
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
        tried=tried,
    )
    return page, told.status


def _address(entry_id: UUID, item_id: UUID | None = None) -> str:
    anchor = f"item-{item_id}" if item_id else None
    return url_for("pages.weak_organisations.show", entry_id=entry_id, _anchor=anchor)


def _do(entry_id: UUID, act: Any, fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    return done_or_told(act, fields, done=done, back=_address(entry_id))
