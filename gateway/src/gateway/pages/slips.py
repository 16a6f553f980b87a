"""Supervision slips: the board with what is overdue, one's own to answer, one slip with its steps (A5)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.slips import SLIP_FILTERS, SUBJECT_KINDS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed
from gateway.pages.parts import together
from gateway.resources.supervision import uploaded_evidence

blueprint = Blueprint("slips", __name__)

ON_A_PAGE: Final = 50
AT_FIELD: Final = dict.fromkeys(
    ("unsupported-media-type", "payload-too-large", "picture-unreadable", "bad-request"), "files"
)
FITTING_MAX: Final = 20
DAYS: Final = timedelta(days=7)


@blueprint.get("/slips")
@needs("read_slips")
def index() -> ResponseReturnValue:
    """Show the slips of one's part of the tree by state."""
    who, state = current(), request.args.get("state")
    state = state if state in SLIP_FILTERS else "open"
    asked = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(
        found=lambda: assessment.supervision.slips(asked, who=who),
        counts=lambda: assessment.supervision.slip_counts({}, who=who),
    )
    return render_template("slips/index.html", **parts, state=state)


@blueprint.get("/my-slips")
@needs("reply_to_slip")
def mine() -> ResponseReturnValue:
    """Show the slips that one has to answer, by oneself or for one's branch."""
    who, state = current(), request.args.get("state")
    state = state if state in SLIP_FILTERS else "open"
    asked = given(mine=True, state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(found=lambda: assessment.supervision.slips(asked, who=who))
    return render_template("slips/mine.html", **parts, state=state)


@blueprint.get("/slips/new")
@needs("issue_slip")
def new() -> ResponseReturnValue:
    """Show the form of a new slip, to a branch that the address names."""
    return _form(Faults(status=200))


@blueprint.post("/slips/new")
@needs("issue_slip")
def issue() -> ResponseReturnValue:
    """Issue a slip."""
    person_id, fitting = typed("person_id"), []
    try:
        if (name := typed("person_name")) and not person_id:
            fitting = _named(name)
            if len(fitting) != 1:
                return _form(_whom(name, fitting), fitting)
            person_id = fitting[0]["person_id"]
    except Refusal as refusal:
        return _form(faults(refusal))
    fields = given(
        branch_id=typed("branch_id"),
        subject_kind=typed("subject_kind"),
        subject_id=typed("subject_id"),
        subject=typed("subject"),
        demand=typed("demand"),
        due_on=typed("due_on"),
        person_id=person_id,
    )
    try:
        made = assessment.supervision.issue_slip(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(faults(refusal), fitting)
    flash(_("%(number)s is issued; the branch has it in its inbox.", number=made["number"]), "good")
    return _back(made["id"])


@blueprint.get("/slips/<uuid:slip_id>")
@needs("read_slips")
def show(slip_id: UUID) -> ResponseReturnValue:
    """Show one slip."""
    return _page(slip_id, Faults(status=200))


@blueprint.post("/slips/<uuid:slip_id>/reply")
@needs("reply_to_slip")
@takes_files
def reply(slip_id: UUID) -> ResponseReturnValue:
    """Answer a slip, with files."""
    try:
        # Whose slip it is not stores nothing.
        assessment.supervision.slip({"slip_id": slip_id}, who=current())
        fields = given(slip_id=slip_id, text=typed("text"), files=uploaded_evidence() or None)
        assessment.supervision.reply_to_slip(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(slip_id, faults(refusal, at=AT_FIELD))
    flash(_("Your answer is sent. Whoever issued the slip accepts it or gives it back."), "good")
    return _back(slip_id)


@blueprint.post("/slips/<uuid:slip_id>/acceptance")
@needs("judge_slip")
def accept(slip_id: UUID) -> ResponseReturnValue:
    """Accept an answer."""
    return _moved(slip_id, assessment.supervision.accept_reply, _("Accepted; the slip is closed."))


@blueprint.post("/slips/<uuid:slip_id>/return")
@needs("judge_slip")
def give_back(slip_id: UUID) -> ResponseReturnValue:
    """Give an answer back."""
    fields = given(slip_id=slip_id, reason=typed("reason"), due_on=typed("due_on"))
    try:
        assessment.supervision.return_reply(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(slip_id, faults(refusal))
    flash(_("Given back; the branch sees why and by when."), "good")
    return _back(slip_id)


@blueprint.post("/slips/<uuid:slip_id>/withdrawal")
@needs("judge_slip")
def withdraw(slip_id: UUID) -> ResponseReturnValue:
    """Withdraw a slip."""
    return _moved(
        slip_id, assessment.supervision.withdraw_slip, _("Withdrawn; its number stays taken."), reason=typed("reason")
    )


def _moved(slip_id: UUID, act: Any, told: str, **fields: Any) -> ResponseReturnValue:
    back = url_for("pages.slips.show", slip_id=slip_id)
    return done_or_told(act, given(slip_id=slip_id, **fields), done=told, back=back)


def _back(slip_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("pages.slips.show", slip_id=slip_id), code=303)


def _page(slip_id: UUID, told: Faults) -> ResponseReturnValue:
    slip = assessment.supervision.slip({"slip_id": slip_id}, who=current()).data
    today = clock.today(clock.now())
    page = render_template(
        "slips/show.html",
        slip=slip,
        errors=told.errors,
        values=request.form,
        today=today.isoformat(),
        in_a_week=(today + DAYS).isoformat(),
    )
    return page, told.status


def _named(name: str) -> list[dict[str, Any]]:
    """Return the members of the branch whose name is the one typed, or begins so where nobody has just this one."""
    asked = {"organisation_id": typed("branch_id"), "name": name[:50], "limit": FITTING_MAX}
    found: list[dict[str, Any]] = assessment.supervision.follower_candidates(asked, who=current()).data["items"]
    return [one for one in found if one["name"] == name] or found


def _whom(name: str, fitting: list[dict[str, Any]]) -> Faults:
    if not fitting:
        return Faults({"person_name": [_("Nobody of this branch is called %(name)s.", name=name)]})
    return Faults({"person_id": [_("Several are called so: choose one of them.")]})


def _form(told: Faults, fitting: Sequence[dict[str, Any]] = ()) -> ResponseReturnValue:
    who = current()
    branch_id = typed("branch_id") or request.args.get("branch") or ""
    try:
        asked = UUID(branch_id)
    except ValueError:
        return render_template("slips/choose.html")
    branch = roster.organisations.organisation({"organisation_id": asked}, who=who).data
    parts = together(persons=lambda: assessment.supervision.slip_persons({"branch_id": asked}, who=who))
    today = clock.today(clock.now())
    kind = request.args.get("kind")
    first = {
        "subject_kind": kind if kind in SUBJECT_KINDS else "light",
        "subject": (request.args.get("subject") or "")[:200],
        "subject_id": request.args.get("subject_id") or "",
        "due_on": (today + DAYS).isoformat(),
    }
    page = render_template(
        "slips/new.html",
        branch=branch,
        branch_id=asked,
        persons=(parts["persons"].data or {"items": []})["items"],
        fitting=fitting,
        errors=told.errors,
        values=request.form or first,
        today=today.isoformat(),
    )
    return page, told.status
