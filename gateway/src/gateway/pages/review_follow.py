"""What annual reviews lead to: consequences, recommendations, half-yearly meetings, re-inspections; their numbers."""

from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.assessment.review_rules import REVIEW_NUMBERS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.fund_settings import tomorrow
from gateway.pages.problem_register import AT_FILE
from gateway.resources.mending import uploaded_evidence

blueprint = Blueprint("review_follow", __name__)

ON_A_PAGE: Final = 100


@blueprint.get("/review-consequences")
@needs("read_reviews")
def consequences() -> ResponseReturnValue:
    """List what follows from grades."""
    return _consequences(Faults(status=200))


@blueprint.post("/review-consequences/<uuid:consequence_id>")
@needs("fulfil_review_consequence")
def fulfil(consequence_id: UUID) -> ResponseReturnValue:
    """Show that a consequence was carried out, or decide on it."""
    fields = given(
        consequence_id=consequence_id, done_on=typed("done_on"), proof=typed("proof"), decision=typed("decision")
    )
    decides = bool(request.form.get("decides"))
    follow = assessment.review_consequences
    door = follow.decide_replacement if decides else follow.fulfil_review_consequence
    try:
        door(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _consequences(faults(refusal), tried=str(consequence_id))
    flash(_("Written down."), "good")
    return redirect(url_for("pages.review_follow.consequences", state="due"), code=303)


@blueprint.post("/review-consequences/<uuid:consequence_id>/files")
@takes_files
@needs("fulfil_review_consequence", "decide_replacement")
def add_file(consequence_id: UUID) -> ResponseReturnValue:
    """Add a file that shows that a consequence was carried out."""
    try:
        fields = given(review_consequence_id=consequence_id, file=uploaded_evidence())
        assessment.problems.add_evidence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _consequences(faults(refusal, at=AT_FILE), tried=str(consequence_id))
    flash(_("The file is added."), "good")
    return redirect(
        url_for("pages.review_follow.consequences", state="due", _anchor=f"consequence-{consequence_id}"), code=303
    )


@blueprint.post("/review-consequences/<uuid:consequence_id>/files/<uuid:evidence_id>/removal")
@needs("fulfil_review_consequence", "decide_replacement")
def remove_file(consequence_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """Take a file away."""
    return done_or_told(
        assessment.problems.remove_evidence,
        {"evidence_id": evidence_id},
        done=_("The file is taken away."),
        back=url_for("pages.review_follow.consequences", state="due", _anchor=f"consequence-{consequence_id}"),
    )


@blueprint.get("/recommendations")
@needs("read_recommendations")
def recommendations() -> ResponseReturnValue:
    """Show who was recommended upward."""
    year = request.args.get("year", "")
    fields = given(year=int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else None)
    found = assessment.review_consequences.recommendations(fields, who=current()).data
    return render_template("reviews/recommendations.html", found=found)


@blueprint.post("/recommendations/<uuid:recommendation_id>/withdrawal")
@needs("recommend_secretary")
def withdraw(recommendation_id: UUID) -> ResponseReturnValue:
    """Take a recommendation back."""
    fields = given(recommendation_id=recommendation_id, reason=typed("reason"))
    return done_or_told(
        assessment.review_consequences.withdraw_recommendation,
        fields,
        done=_("Taken back; the number is free again."),
        back=url_for("pages.review_follow.recommendations"),
    )


# ---- half-yearly meetings ------------------------------------------------------------------------------------------


@blueprint.get("/half-year-meetings")
@needs("read_half_year_meetings")
def meetings() -> ResponseReturnValue:
    """List the half-yearly meetings."""
    return _meetings(Faults(status=200))


@blueprint.post("/half-year-meetings")
@needs("hold_half_year_meeting")
def plan_meeting() -> ResponseReturnValue:
    """Plan the meeting of a half-year."""
    year, _dash, half = (typed("period") or "").partition("-H")
    fields = given(
        organisation_id=typed("organisation_id"),
        year=int(year) if year.isdecimal() else None,
        half=int(half) if half.isdecimal() else None,
        planned_on=typed("planned_on"),
        agenda=typed("agenda"),
    )
    try:
        made = assessment.half_year_meetings.plan_half_year_meeting(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _meetings(faults(refusal, at={"half-year-planned": "period"}))
    flash(_("Planned. Its paper is made of what the platform knows on the day."), "good")
    return redirect(url_for("pages.review_follow.meeting", meeting_id=made["id"]), code=303)


@blueprint.get("/half-year-meetings/<uuid:meeting_id>")
@needs("read_half_year_meetings")
def meeting(meeting_id: UUID) -> ResponseReturnValue:
    """Show a half-yearly meeting with its figures."""
    return _meeting(meeting_id, Faults(status=200))


@blueprint.post("/half-year-meetings/<uuid:meeting_id>/holding")
@needs("hold_half_year_meeting")
def hold_meeting(meeting_id: UUID) -> ResponseReturnValue:
    """Write down that the meeting was held."""
    fields = given(meeting_id=meeting_id, held_on=typed("held_on"), minutes=typed("minutes"))
    try:
        assessment.half_year_meetings.hold_half_year_meeting(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _meeting(meeting_id, faults(refusal))
    flash(_("Written down."), "good")
    return redirect(url_for("pages.review_follow.meeting", meeting_id=meeting_id), code=303)


@blueprint.post("/half-year-meetings/<uuid:meeting_id>/papers")
@needs("read_half_year_meetings")
def draw_paper(meeting_id: UUID) -> ResponseReturnValue:
    """Have the meeting's paper drawn."""
    asked = {"meeting_id": meeting_id}
    try:
        drawing = assessment.review_consequences.print_half_year_paper(asked, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.review_follow.meeting", meeting_id=meeting_id), code=303)
    return redirect(url_for("pages.reviews.paper", job_id=drawing["id"]), code=303)


# ---- re-inspections ------------------------------------------------------------------------------------------------


@blueprint.get("/reinspections")
@needs("read_reinspections")
def reinspections() -> ResponseReturnValue:
    """List the re-inspections."""
    state = request.args.get("state", "due")
    fields = given(
        state=state if state in ("due", "done") else None, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE
    )
    found = assessment.half_year_meetings.reinspections(fields, who=current()).data
    board = assessment.reviews.reviews({"limit": 1}, who=current()).data
    return render_template(
        "reviews/reinspections.html",
        found=found,
        state=state,
        organisation_id=board["organisation_id"],
        year=clock.today(clock.now()).year,
    )


@blueprint.post("/organisations/<uuid:organisation_id>/reinspections")
@needs("plan_reinspections")
def plan_reinspections(organisation_id: UUID) -> ResponseReturnValue:
    """Plan those of a year."""
    fields = given(organisation_id=organisation_id, year=typed_number("year"))
    try:
        told = assessment.half_year_meetings.plan_reinspections(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("%(number)s re-inspections are planned.", number=told["planned"]), "good")
    return redirect(url_for("pages.review_follow.reinspections"), code=303)


@blueprint.get("/reinspections/<uuid:reinspection_id>")
@needs("read_reinspections")
def reinspection(reinspection_id: UUID) -> ResponseReturnValue:
    """Show a re-inspection, with the problems that came back."""
    return _reinspection(reinspection_id, Faults(status=200))


@blueprint.post("/reinspections/<uuid:reinspection_id>/record")
@needs("record_reinspection")
def record_reinspection(reinspection_id: UUID) -> ResponseReturnValue:
    """Record what was found."""
    fields = given(reinspection_id=reinspection_id, done_on=typed("done_on"), found=typed("found"))
    try:
        assessment.half_year_meetings.record_reinspection(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _reinspection(reinspection_id, faults(refusal))
    flash(_("Written down."), "good")
    return redirect(url_for("pages.review_follow.reinspection", reinspection_id=reinspection_id), code=303)


# ---- the numbers ---------------------------------------------------------------------------------------------------


@blueprint.get("/review-rules")
@needs("read_review_rules")
def rules() -> ResponseReturnValue:
    """Show the numbers of reviews with their days."""
    return _rules(Faults(status=200))


@blueprint.post("/review-rules")
@needs("set_review_rule")
def set_rule() -> ResponseReturnValue:
    """Enter numbers that hold from a day to come on."""
    numbers = {name: typed_number(name) for name in REVIEW_NUMBERS}
    fields = given(effective_from=typed("effective_from"), citation=typed("citation"), **numbers)
    try:
        assessment.review_consequences.set_review_rule(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _rules(faults(refusal, at={"rule-version-there": "effective_from"}))
    flash(_("Entered."), "good")
    return redirect(url_for("pages.review_follow.rules"), code=303)


def _consequences(told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    state = request.args.get("state", "due")
    fields = given(
        state=state if state in ("due", "overdue", "done", "lifted") else None,
        cursor=request.args.get("cursor") or None,
        limit=ON_A_PAGE,
    )
    found = assessment.review_consequences.review_consequences(fields, who=current()).data
    page = render_template(
        "reviews/consequences.html", found=found, state=state, tried=tried, errors=told.errors, values=request.form
    )
    return page, told.status


def _meetings(told: Faults) -> ResponseReturnValue:
    found = assessment.half_year_meetings.half_year_meetings({}, who=current()).data
    board = assessment.reviews.reviews({"limit": 1}, who=current()).data
    today = clock.today(clock.now())
    now = (today.year, 1 if today.month < 7 else 2)
    planned = {
        (one["year"], one["half"]) for one in found["items"] if one["organisation_id"] == board["organisation_id"]
    }
    lately = [(year, half) for year in (today.year, today.year - 1) for half in (2, 1) if (year, half) <= now]
    page = render_template(
        "reviews/half_years.html",
        found=found,
        board=board,
        periods=[period for period in lately if period not in planned],
        errors=told.errors,
        values=request.form,
    )
    return page, told.status


def _meeting(meeting_id: UUID, told: Faults) -> ResponseReturnValue:
    found = assessment.half_year_meetings.half_year_meeting({"meeting_id": meeting_id}, who=current()).data
    return render_template("reviews/half_year.html", found=found, errors=told.errors, values=request.form), told.status


def _reinspection(reinspection_id: UUID, told: Faults) -> ResponseReturnValue:
    asked = {"reinspection_id": reinspection_id}
    found: dict[str, Any] = assessment.half_year_meetings.reinspection(asked, who=current()).data
    return render_template(
        "reviews/reinspection.html", found=found, errors=told.errors, values=request.form
    ), told.status


def _rules(told: Faults) -> ResponseReturnValue:
    found = assessment.review_consequences.review_rules({}, who=current()).data
    page = render_template(
        "reviews/rules.html",
        found=found,
        names=REVIEW_NUMBERS,
        values=request.form,
        errors=told.errors,
        tomorrow=tomorrow(),
    )
    return page, told.status
