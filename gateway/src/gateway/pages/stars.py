"""Stars and levels: the formula's versions, ratings with every step, objections, corrections, trials, files."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.star_formulas import STAR_LEVELS, STAR_MEASURES
from contracts.assessment.star_ratings import ORDERS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from gateway.clients import assessment, roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages import star_words
from gateway.pages.branches import to_ones_branch
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_decimal, typed_number
from gateway.pages.parts import together
from gateway.pages.words import word

blueprint = Blueprint("stars", __name__)

ON_A_PAGE: Final = 100
ROW: Final = re.compile(r"(parts|vetoes|shares|weak_when)\.(\d{1,2})\.(\w+)\Z")
ROWS_MORE: Final = {"parts": 1, "vetoes": 1, "shares": 1, "weak_when": 1}
FIRST_FIELD: Final = {"parts": "measure", "vetoes": "measure", "weak_when": "measure", "shares": "grade"}
AT_FIELD: Final = {"formula-day-past": "from_day", "formula-day-taken": "from_day", "not-found": "organisation_id"}
AT_PERIOD: Final = {
    **dict.fromkeys(("star-period-not-over", "star-rating-there", "no-star-formula"), "year"),
    **dict.fromkeys(("not-found", "forbidden"), "organisation_id"),
}
YEARS: Final = 3


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"star_words": star_words}


# ---- the formula -----------------------------------------------------------------------------------------------------


@blueprint.get("/star-formulas")
@needs("read_star_formulas")
def formulas() -> ResponseReturnValue:
    """List the versions of the formula."""
    parts = together(formulas=lambda: assessment.stars.star_formulas({"limit": ON_A_PAGE}, who=current()))
    return render_template("stars/formulas.html", **parts)


@blueprint.get("/star-formulas/<uuid:formula_id>")
@needs("read_star_formulas")
def formula(formula_id: UUID) -> ResponseReturnValue:
    """Show one version."""
    found = assessment.stars.star_formula({"formula_id": formula_id}, who=current()).data
    return render_template("stars/formula.html", found=found)


@blueprint.get("/star-formulas/new")
@needs("draft_star_formula")
def new_formula() -> ResponseReturnValue:
    """Show the form of a new version, filled in with what is in force."""
    return _formula_form(Faults(status=200))


@blueprint.post("/star-formulas/new")
@needs("draft_star_formula")
def draft_formula() -> ResponseReturnValue:
    """Draft a new version."""
    fields = given(
        organisation_id=typed("organisation_id"),
        from_day=typed("from_day"),
        citation=typed("citation"),
        formula=formula_typed(request.form),
    )
    try:
        told = assessment.stars.draft_star_formula(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _formula_form(faults(refusal, at={**AT_FIELD, "forbidden": "organisation_id"}))
    flash(_("Drafted. Try it on a rating before somebody else adopts it."), "good")
    return redirect(url_for("pages.stars.formula", formula_id=told["id"]), code=303)


@blueprint.post("/star-formulas/<uuid:formula_id>/adoption")
@needs("adopt_star_formula")
def adopt_formula(formula_id: UUID) -> ResponseReturnValue:
    """Adopt a draft."""
    back = url_for("pages.stars.formula", formula_id=formula_id)
    done = _("Adopted. It holds for the periods that end on its day or later.")
    return done_or_told(assessment.stars.adopt_star_formula, {"formula_id": formula_id}, back=back, done=done)


@blueprint.post("/star-formulas/<uuid:formula_id>/withdrawal")
@needs("withdraw_star_formula")
def withdraw_formula(formula_id: UUID) -> ResponseReturnValue:
    """Put a draft away."""
    back = url_for("pages.stars.formula", formula_id=formula_id)
    fields = given(formula_id=formula_id, reason=typed("reason"))
    return done_or_told(assessment.stars.withdraw_star_formula, fields, back=back, done=_("The draft is put away."))


def formula_typed(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the formula of a form; rows that were left empty are none."""
    rows: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in FIRST_FIELD}
    for name, text in form.items():
        if found := ROW.match(name):
            read = text.strip() if found[3] == "grade" else _number_or_text(text.strip())
            rows[found[1]].setdefault(int(found[2]), {})[found[3]] = read
    typed_rows = {
        name: [row for _position, row in sorted(rows[name].items()) if row.get(first)]
        for name, first in FIRST_FIELD.items()
    }
    return {
        **typed_rows,
        "stars_min": [_number_or_text(form.get(f"stars_min.{stars}", "").strip()) for stars in range(1, 6)],
        "advanced_min": _number_or_text(form.get("advanced_min", "").strip()),
        "middle_min": _number_or_text(form.get("middle_min", "").strip()),
        "ties": [text for position in range(len(STAR_MEASURES)) if (text := form.get(f"ties.{position}", "").strip())],
        "lagging_is_weak": bool(form.get("lagging_is_weak")),
    }


def _number_or_text(text: str) -> int | str | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text or None


def _formula_form(told: Faults) -> ResponseReturnValue:
    who = current()
    if request.method == "POST":
        values: Mapping[str, Any] = formula_typed(request.form)
        words: Mapping[str, Any] = request.form
    else:
        listed = assessment.stars.star_formulas({"limit": ON_A_PAGE}, who=who).data["items"]
        base = next((one for one in listed if one["state"] == "adopted"), None)
        values = base["formula"] if base else {}
        words = {}
    rows = {name: [*values.get(name, []), *[{} for _row in range(more)]] for name, more in ROWS_MORE.items()}
    page = render_template(
        "stars/formula_form.html",
        rows=rows,
        formula=values,
        values=words,
        choices=_places(),
        measures=STAR_MEASURES,
        errors={name.removeprefix("formula."): sentences for name, sentences in told.errors.items()},
    )
    return page, told.status


# ---- ratings ---------------------------------------------------------------------------------------------------------


@blueprint.get("/star-ratings")
@needs("read_star_ratings")
def index() -> ResponseReturnValue:
    """List the ratings."""
    return _index(Faults(status=200))


@blueprint.post("/star-ratings")
@needs("draw_up_stars")
def draw_up() -> ResponseReturnValue:
    """Draw up a rating."""
    fields = given(organisation_id=typed("organisation_id"), year=typed_number("year"), half=typed_number("half"))
    try:
        told = assessment.stars.draw_up_star_rating(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _index(faults(refusal, at=AT_PERIOD))
    return redirect(url_for("pages.stars.show", rating_id=told["id"]), code=303)


@blueprint.get("/star-ratings/<uuid:rating_id>")
@needs("read_star_ratings")
def show(rating_id: UUID) -> ResponseReturnValue:
    """Show a rating: how many got what, objections, corrections, and what may be done."""
    return _show(rating_id)


@blueprint.get("/star-ratings/<uuid:rating_id>/results")
@needs("read_star_ratings")
def results(rating_id: UUID) -> ResponseReturnValue:
    """List what the organisations got: by name, by their sum only when asked for."""
    who = current()
    stars, level, order = request.args.get("stars", ""), request.args.get("level"), request.args.get("order")
    moved_by = request.args.get("moved_by")
    chosen = given(
        stars=int(stars) if stars in ("0", "1", "2", "3", "4", "5") else None,
        level=level if level in STAR_LEVELS else None,
        moved_by=moved_by if moved_by in ("veto", "share", "missing", "not_rated") else None,
        order=order if order in ORDERS else None,
    )
    asked = given(rating_id=rating_id, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None, **chosen)
    parts = together(
        rating=lambda: assessment.stars.star_rating({"rating_id": rating_id}, who=who),
        results=lambda: assessment.stars.star_results(asked, who=who),
    )
    return render_template("stars/results.html", rating_id=rating_id, chosen=chosen, **parts)


@blueprint.get("/star-ratings/<uuid:rating_id>/results/<uuid:organisation_id>")
@needs("read_own_stars")
def result(rating_id: UUID, organisation_id: UUID) -> ResponseReturnValue:
    """Show what an organisation got, with every step."""
    return _result(rating_id, organisation_id)


@blueprint.post("/star-ratings/<uuid:rating_id>/showing")
@needs("show_stars")
def show_to_all(rating_id: UUID) -> ResponseReturnValue:
    """Show a rating to the organisations."""
    fields = given(rating_id=rating_id, days=typed_number("days"))
    done = _("Shown. Each organisation sees its own steps and may object.")
    return done_or_told(assessment.stars.show_star_rating, fields, back=_rating_address(rating_id), done=done)


@blueprint.post("/star-ratings/<uuid:rating_id>/publication")
@needs("publish_stars")
def publish(rating_id: UUID) -> ResponseReturnValue:
    """Adopt and publish a rating."""
    done = _("Published. Each organisation sees its own result; nothing of it changes any more without a correction.")
    fields = {"rating_id": rating_id}
    return done_or_told(assessment.stars.publish_star_rating, fields, back=_rating_address(rating_id), done=done)


@blueprint.post("/star-ratings/<uuid:rating_id>/withdrawal")
@needs("withdraw_stars")
def withdraw(rating_id: UUID) -> ResponseReturnValue:
    """Put a rating away."""
    fields = given(rating_id=rating_id, reason=typed("reason"))
    back = _rating_address(rating_id)
    return done_or_told(assessment.stars.withdraw_star_rating, fields, back=back, done=_("The rating is put away."))


@blueprint.post("/star-ratings/<uuid:rating_id>/results/<uuid:organisation_id>/objection")
@needs("object_to_stars")
def object_to(rating_id: UUID, organisation_id: UUID) -> ResponseReturnValue:
    """Object to what one's organisation got."""
    fields = given(rating_id=rating_id, organisation_id=organisation_id, text=typed("text"))
    try:
        assessment.stars.object_to_star_rating(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _result(rating_id, organisation_id, faults(refusal))
    flash(_("Your objection is sent. It is answered before the rating is published."), "good")
    return redirect(_result_address(rating_id, organisation_id), code=303)


@blueprint.post("/star-ratings/<uuid:rating_id>/results/<uuid:organisation_id>/correction")
@needs("correct_stars")
def correct(rating_id: UUID, organisation_id: UUID) -> ResponseReturnValue:
    """Correct a fact of a rating."""
    fields = given(
        rating_id=rating_id,
        organisation_id=organisation_id,
        measure=typed("measure"),
        value=typed_decimal("value", unit="%"),
        reason=typed("reason"),
    )
    try:
        told = assessment.stars.correct_star_rating(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _result(rating_id, organisation_id, faults(refusal))
    if told["state"] == "published":
        flash(_("The correction waits for a second person to confirm it."), "good")
    else:
        flash(_("Corrected. The whole rating is calculated anew; reload in a moment."), "good")
    return redirect(_result_address(rating_id, organisation_id), code=303)


@blueprint.post("/star-ratings/<uuid:rating_id>/objections/<uuid:objection_id>/answer")
@needs("answer_star_objection")
def answer(rating_id: UUID, objection_id: UUID) -> ResponseReturnValue:
    """Answer an objection."""
    fields = given(
        objection_id=objection_id,
        answer=typed("answer"),
        text=typed("text"),
        measure=typed("measure"),
        value=typed_decimal("value", unit="%"),
    )
    done = _("Answered.")
    return done_or_told(assessment.stars.answer_star_objection, fields, back=_rating_address(rating_id), done=done)


@blueprint.post("/star-ratings/<uuid:rating_id>/corrections/<uuid:correction_id>/confirmation")
@needs("confirm_star_correction")
def confirm(rating_id: UUID, correction_id: UUID) -> ResponseReturnValue:
    """Confirm a correction of a published rating."""
    done = _("Confirmed. The next revision is being calculated; those before stay to be seen.")
    fields = {"correction_id": correction_id}
    return done_or_told(assessment.stars.confirm_star_correction, fields, back=_rating_address(rating_id), done=done)


@blueprint.post("/star-ratings/<uuid:rating_id>/weak-proposals")
@needs("propose_weak")
def propose_weak(rating_id: UUID) -> ResponseReturnValue:
    """Propose those that the rules of the formula name for the list of weak organisations."""
    try:
        told = assessment.weak_organisations.propose_weak_by_rating(
            {"rating_id": rating_id}, who=current(), command_id=command_id()
        ).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(_rating_address(rating_id), code=303)
    flash(ngettext("%(num)s organisation is proposed.", "%(num)s organisations are proposed.", told["count"]), "good")
    return redirect(url_for("pages.weak_organisations.index", state="proposed"), code=303)


@blueprint.post("/star-ratings/<uuid:rating_id>/trials")
@needs("try_star_formula")
def try_formula(rating_id: UUID) -> ResponseReturnValue:
    """Have a rating calculated again, by its own formula or by another version."""
    fields = given(rating_id=rating_id, formula_id=typed("formula_id"))
    try:
        told = assessment.stars.try_star_formula(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(_rating_address(rating_id), code=303)
    return redirect(url_for("pages.stars.trial", job_id=told["id"]), code=303)


@blueprint.get("/star-trials/<uuid:job_id>")
@needs("try_star_formula")
def trial(job_id: UUID) -> ResponseReturnValue:
    """Show what a calculation gave, and who gets something else than in the rating."""
    who = current()
    found = assessment.stars.star_trial({"job_id": job_id}, who=who).data
    rating = assessment.stars.star_rating({"rating_id": found["rating_id"]}, who=who).data
    tried = assessment.stars.star_formula({"formula_id": found["formula_id"]}, who=who).data
    is_open = found["state"] in ("waiting", "running")
    return render_template("stars/trial.html", found=found, rating=rating, tried=tried, is_open=is_open)


@blueprint.post("/star-ratings/<uuid:rating_id>/files")
@needs("read_own_stars")
def make_file(rating_id: UUID) -> ResponseReturnValue:
    """Have an organisation's sheet drawn, or the whole rating written down."""
    fields = given(rating_id=rating_id, organisation_id=typed("organisation_id"))
    try:
        told = assessment.stars.make_star_file(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
        organisation_id = fields.get("organisation_id")
        back = _result_address(rating_id, organisation_id) if organisation_id else _rating_address(rating_id)
        return redirect(back, code=303)
    return redirect(url_for("pages.stars.file", job_id=told["id"]), code=303)


@blueprint.get("/star-files/<uuid:job_id>")
@needs("read_own_stars")
def file(job_id: UUID) -> ResponseReturnValue:
    """Show how far a file is, and the file once it is there."""
    found = assessment.stars.star_file({"job_id": job_id}, who=current()).data
    return render_template("stars/file.html", found=found, is_open=found["state"] in ("waiting", "running"))


# ---- a branch's own --------------------------------------------------------------------------------------------------


@blueprint.get("/branch/stars")
@needs("read_own_stars")
def mine() -> ResponseReturnValue:
    """Go to the stars of one's own branch."""
    return to_ones_branch("pages.stars.of_branch")


@blueprint.get("/branches/<uuid:branch_id>/stars")
@needs("read_own_stars")
def of_branch(branch_id: UUID) -> ResponseReturnValue:
    """Show what a branch got in its ratings, and its entries in the list of weak organisations."""
    who = current()
    asked = {"organisation_id": branch_id}
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": branch_id}, who=who),
        stars=lambda: assessment.stars.stars_of_branch(asked, who=who),
        entries=lambda: assessment.weak_organisations.weak_entries_of(asked, who=who),
    )
    return render_template("stars/branch.html", branch_id=branch_id, **parts)


# ---- shared ----------------------------------------------------------------------------------------------------------


def _index(told: Faults) -> ResponseReturnValue:
    who = current()
    cursor = request.args.get("cursor") or None
    parts = together(
        ratings=lambda: assessment.stars.star_ratings(given(limit=ON_A_PAGE, cursor=cursor), who=who),
    )
    year = clock.today(clock.now()).year
    page = render_template(
        "stars/index.html",
        **parts,
        choices=_places() if who.may("draw_up_stars") else [],
        years=[(str(one), str(one)) for one in range(year, year - YEARS, -1)],
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _show(rating_id: UUID) -> ResponseReturnValue:
    who = current()
    found = assessment.stars.star_rating({"rating_id": rating_id}, who=who).data
    versions = []
    if who.may("try_star_formula"):
        listed = assessment.stars.star_formulas({"limit": ON_A_PAGE}, who=who).data["items"]
        versions = [
            (one["id"], _version_name(one))
            for one in listed
            if one["state"] != "withdrawn" and one["id"] != found["formula_id"]
        ]
    is_drawing = found["revision"] != found["wanted_revision"] and not found["fault"]
    return render_template(
        "stars/show.html",
        found=found,
        versions=versions,
        is_drawing=is_drawing and found["state"] != "withdrawn",
        measures=[(code, word(code, "star_measure")) for code in STAR_MEASURES],
    )


def _result(rating_id: UUID, organisation_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    asked = given(rating_id=rating_id, organisation_id=organisation_id, revision=_revision_asked())
    found = assessment.stars.star_result(asked, who=current()).data
    page = render_template(
        "stars/result.html",
        found=found,
        measures=[(code, word(code, "star_measure")) for code in STAR_MEASURES],
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _version_name(one: dict[str, Any]) -> str:
    name = _("Version %(number)s", number=one["number"]) if one["number"] else _("Draft")
    return f"{name} · {one['from_day']} · {one['citation'][:40]}"


def _revision_asked() -> int | None:
    text = request.args.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 4 and int(text) else None


def _places() -> list[tuple[str, str]]:
    """Return the organisations that one may choose: one's own part of the tree, and what lies directly below it."""
    overview = assessment.tasks.task_overview({"limit": ON_A_PAGE}, who=current()).data
    choices = [(part["organisation_id"], part["name"]) for part in overview["parts"]]
    if overview["organisation_id"]:
        choices.insert(0, (overview["organisation_id"], overview["name"]))
    return choices


def _rating_address(rating_id: UUID) -> str:
    return url_for("pages.stars.show", rating_id=rating_id)


def _result_address(rating_id: UUID, organisation_id: UUID | str) -> str:
    return url_for("pages.stars.result", rating_id=rating_id, organisation_id=organisation_id)
