"""The register of problems: as a whole, of one organisation, one problem; how it is mended; the vocabulary."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.mending_rules import MENDING_DAYS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, day_in, faults, given, tell, typed, typed_number
from gateway.pages.organisations import uuid_in
from gateway.pages.parts import together
from gateway.pages.words import VOCABULARIES
from gateway.resources.mending import uploaded_evidence

blueprint = Blueprint("problems", __name__)

ON_A_PAGE: Final = 50
FILTERS: Final = ("kind", "source", "state", "from_day", "until_day")
AT_FILE: Final = dict.fromkeys(
    (
        *("evidence-repeated", "unsupported-media-type", "payload-too-large", "bad-request", "too-much-evidence"),
        "picture-unreadable",
    ),
    "file",
)


# ---- the register ------------------------------------------------------------------------------------------------


@blueprint.get("/problems")
@needs("read_problems")
def index() -> ResponseReturnValue:
    """Show the register with its counts by type, part and source."""
    who = current()
    asked, narrowed = asked_for()
    span = given(from_day=narrowed.get("from_day"), until_day=narrowed.get("until_day"))
    where = given(organisation_id=asked)
    parts = together(
        counts=lambda: assessment.problems.problem_counts({**where, **span}, who=who),
        problems=lambda: assessment.problems.problems(
            given(**where, **narrowed, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE), who=who
        ),
        rules=lambda: assessment.problems.mending_rules({}, who=who),
    )
    return render_template("problems/index.html", **parts, where=asked, narrowed=narrowed)


def asked_for() -> tuple[str | None, dict[str, Any]]:
    """Return the organisation and the filters that the address or the form names; what cannot be read is left out."""
    given_here = request.values
    where = uuid_in(given_here.get("organisation"))
    narrowed: dict[str, Any] = {name: text for name in FILTERS if (text := given_here.get(name, "").strip())}
    for day in ("from_day", "until_day"):
        if day in narrowed and day_in(narrowed[day]) is None:
            del narrowed[day]
    known = {"state": "problem_filter", "source": "problem_source"}
    for name, vocabulary in known.items():
        if narrowed.get(name) not in VOCABULARIES[vocabulary]:
            narrowed.pop(name, None)
    if len(narrowed.get("kind", "")) > 40:
        del narrowed["kind"]
    return (str(where) if where else None), narrowed


@blueprint.post("/problems/workbook")
@needs("export_problems")
def workbook() -> ResponseReturnValue:
    """Have the register written as a workbook, narrowed as the list is."""
    where, narrowed = asked_for()
    try:
        fields = given(organisation_id=where, **narrowed)
        made = assessment.problems.make_problem_workbook(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.problems.index", organisation=where, **narrowed), code=303)
    return redirect(url_for("pages.problems.file", job_id=made["id"]), code=303)


@blueprint.get("/mending-files/<uuid:job_id>")
@needs("export_problems")
def file(job_id: UUID) -> ResponseReturnValue:
    """Show how far a workbook or a bulletin is."""
    found = assessment.problems.mending_file({"job_id": job_id}, who=current()).data
    return render_template("problems/file.html", found=found, is_open=found["state"] in ("waiting", "running"))


@blueprint.get("/branch/problems")
@needs("mend_problem")
def mine() -> ResponseReturnValue:
    """Go to the problems of the organisation that one leads."""
    me = roster.sessions.me({}, who=current())
    led = [grant["organisation_id"] for grant in me["roles"] if grant["role"] in ("secretary", "administrator")]
    return redirect(url_for("pages.problems.organisation", organisation_id=led[0]), code=303)


@blueprint.get("/branches/<uuid:organisation_id>/problems")
@needs("read_problems")
def organisation(organisation_id: UUID) -> ResponseReturnValue:
    """Show an organisation's problems and cards, and what it has to do now."""
    who = current()
    asked = {"organisation_id": organisation_id}
    parts = together(
        problems=lambda: assessment.problems.problems({**asked, "limit": 200}, who=who),
        cards=lambda: assessment.cards.cards({**asked, "limit": 50}, who=who),
        place=lambda: roster.organisations.organisation(asked, who=who),
    )
    place = parts["place"].data or {}
    # Of a committee only what is its own: those below have their own pages.
    problems = [one for one in parts["problems"].rows if one["organisation_id"] == str(organisation_id)]
    cards = [one for one in parts["cards"].rows if one["organisation_id"] == str(organisation_id)]
    return render_template(
        "problems/organisation.html",
        **parts,
        name=place.get("name") or _("Organisation"),
        is_branch=place.get("kind") in ("branch", "joint_branch"),
        organisation_id=organisation_id,
        unmended=[one for one in problems if one["state"] in ("open", "mending")],
        ended=[one for one in problems if one["state"] in ("mended", "withdrawn")],
        own_cards=cards,
    )


# ---- one problem -------------------------------------------------------------------------------------------------


@blueprint.get("/problems/<uuid:problem_id>")
@needs("read_problems")
def show(problem_id: UUID) -> ResponseReturnValue:
    """Show a problem with all that became of it."""
    return _page(problem_id, Faults(status=200))


@blueprint.post("/problems/<uuid:problem_id>/withdrawal")
@needs("judge_mending")
def withdraw(problem_id: UUID) -> ResponseReturnValue:
    """Withdraw a problem registered by mistake."""
    fields = given(problem_id=problem_id, reason=typed("reason"))
    return _done(problem_id, assessment.problems.withdraw_problem, fields, _("Withdrawn."))


@blueprint.post("/problems/<uuid:problem_id>/trainings")
@needs("judge_mending")
def assign_training(problem_id: UUID) -> ResponseReturnValue:
    """Assign a training."""
    fields = given(problem_id=problem_id, subject=typed("subject"), who=typed("who"), due_on=typed("due_on"))
    return _done(problem_id, assessment.problems.assign_training, fields, _("The training is assigned."))


@blueprint.post("/problems/<uuid:problem_id>/trainings/<uuid:training_id>/completion")
@needs("mend_problem")
def hold_training(problem_id: UUID, training_id: UUID) -> ResponseReturnValue:
    """Say that a training was held."""
    fields = given(training_id=training_id, done_on=typed("done_on"), text=typed("text"))
    return _done(problem_id, assessment.problems.hold_training, fields, _("Written down."))


@blueprint.post("/problems/<uuid:problem_id>/rectification")
@needs("judge_mending")
def open_item(problem_id: UUID) -> ResponseReturnValue:
    """Have a problem mended by a day."""
    fields = given(
        problem_id=problem_id,
        deadline=typed("deadline"),
        measures=typed("measures"),
        in_charge=typed("in_charge"),
    )
    return _done(problem_id, assessment.problems.open_rectification, fields, _("The organisation sees it now."))


@blueprint.post("/problems/<uuid:problem_id>/plan")
@needs("mend_problem")
def plan(problem_id: UUID) -> ResponseReturnValue:
    """Write down measures and who is in charge."""
    fields = given(rectification_id=typed("item"), measures=typed("measures"), in_charge=typed("in_charge"))
    return _done(problem_id, assessment.problems.plan_rectification, fields, _("The plan is kept."))


@blueprint.post("/problems/<uuid:problem_id>/report")
@needs("mend_problem")
def report(problem_id: UUID) -> ResponseReturnValue:
    """Report that a problem is mended."""
    fields = given(rectification_id=typed("item"), text=typed("text"))
    told = _("Reported. The superior judges it; you see here what they say.")
    return _done(problem_id, assessment.problems.report_rectification, fields, told)


@blueprint.post("/problems/<uuid:problem_id>/acceptance")
@needs("judge_mending")
def accept(problem_id: UUID) -> ResponseReturnValue:
    """Accept a report."""
    fields = given(rectification_id=typed("item"), text=typed("text"))
    return _done(problem_id, assessment.problems.accept_rectification, fields, _("Accepted; the problem is mended."))


@blueprint.post("/problems/<uuid:problem_id>/return")
@needs("judge_mending")
def give_back(problem_id: UUID) -> ResponseReturnValue:
    """Give a report back."""
    fields = given(rectification_id=typed("item"), reason=typed("reason"), deadline=typed("new_deadline"))
    told = _("Given back; the organisation sees why.")
    return _done(problem_id, assessment.problems.return_rectification, fields, told, deadline="new_deadline")


@blueprint.post("/problems/<uuid:problem_id>/extension")
@needs("judge_mending")
def extend(problem_id: UUID) -> ResponseReturnValue:
    """Give an item a later day."""
    fields = given(rectification_id=typed("item"), reason=typed("reason"), deadline=typed("later"))
    told = _("The new deadline holds.")
    return _done(problem_id, assessment.problems.extend_rectification, fields, told, deadline="later")


@blueprint.post("/problems/<uuid:problem_id>/files")
@takes_files
@needs("mend_problem")
def add_file(problem_id: UUID) -> ResponseReturnValue:
    """Add a file as evidence."""
    try:
        fields = given(rectification_id=typed("item"), file=uploaded_evidence())
        assessment.problems.add_evidence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(problem_id, faults(refusal, at=AT_FILE))
    flash(_("The file is added."), "good")
    return redirect(url_for("pages.problems.show", problem_id=problem_id, _anchor="evidence"), code=303)


@blueprint.post("/problems/<uuid:problem_id>/files/<uuid:evidence_id>/removal")
@needs("mend_problem")
def remove_file(problem_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """Take a file away."""
    fields = {"evidence_id": evidence_id}
    return _done(problem_id, assessment.problems.remove_evidence, fields, _("The file is taken away."))


@blueprint.post("/problems/<uuid:problem_id>/card")
@needs("give_card")
def give_card(problem_id: UUID) -> ResponseReturnValue:
    """Give a card for a problem."""
    ground = typed("ground")
    fields = given(
        problem_id=problem_id,
        colour="red" if ground == "superior_finding" else "yellow",
        ground=ground,
        text=typed("evidence"),
        secretary_name=typed("secretary_name"),
        is_grave=bool(typed("is_grave")),
    )
    try:
        made = assessment.cards.give_card(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        told = faults(refusal)
        if "text" in told.errors:
            told = Faults({**told.errors, "evidence": told.errors["text"]}, told.status)
            told.errors.pop("text")
        return _page(problem_id, told, tried="card")
    flash(_("The card is given, and what follows is written down."), "good")
    return redirect(url_for("pages.cards.show", card_id=made["id"]), code=303)


def _done(
    problem_id: UUID, act: Callable[..., Any], fields: dict[str, Any], told: str, **renamed: str
) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(problem_id, faults(refusal, called=renamed), tried=(request.endpoint or "").rpartition(".")[2])
    flash(told, "good")
    return redirect(url_for("pages.problems.show", problem_id=problem_id), code=303)


def _page(problem_id: UUID, told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    found = assessment.problems.problem({"problem_id": problem_id}, who=current()).data
    page = render_template(
        "problems/show.html",
        found=found,
        item=found["rectification"],
        may=found["may"],
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
        tried=tried,
    )
    return page, told.status


# ---- the vocabulary and the days ---------------------------------------------------------------------------------


@blueprint.get("/mending-rules")
@needs("read_mending_rules")
def rules() -> ResponseReturnValue:
    """Show the kinds of problems and the days of cards."""
    return _rules(Faults(status=200))


@blueprint.post("/mending-rules")
@needs("set_mending_rule")
def set_rule() -> ResponseReturnValue:
    """Enter days that begin on a day to come."""
    numbers = {name: typed_number(name) for name in (*MENDING_DAYS, "supervision_from", "supervision_until")}
    fields = given(effective_from=typed("effective_from"), citation=typed("citation"), **numbers)
    at = {"rule-version-there": "effective_from"}
    return _entered(assessment.problems.set_mending_rule, fields, at)


@blueprint.post("/problem-kinds")
@needs("set_mending_rule")
def add_kind() -> ResponseReturnValue:
    """Add a kind of problem."""
    fields = given(
        code=typed("code"), name=typed("name"), active_from=typed("active_from"), citation=typed("kind_citation")
    )
    return _entered(assessment.problems.add_problem_kind, fields, {"kind-there": "code"}, citation="kind_citation")


@blueprint.post("/problem-kinds/<code>/retirement")
@needs("set_mending_rule")
def retire_kind(code: str) -> ResponseReturnValue:
    """Retire a kind of problem."""
    fields = given(code=code, active_until=typed("active_until"))
    return _entered(assessment.problems.retire_problem_kind, fields, {})


def _entered(
    act: Callable[..., Any], fields: dict[str, Any], at: dict[str, str], **renamed: str
) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _rules(faults(refusal, at=at, called=renamed))
    flash(_("Entered."), "good")
    return redirect(url_for("pages.problems.rules"), code=303)


def _rules(told: Faults) -> ResponseReturnValue:
    found = assessment.problems.mending_rules({}, who=current()).data
    page = render_template(
        "problems/rules.html", rules=found, days=MENDING_DAYS, errors=told.errors, values=request.form
    )
    return page, told.status
