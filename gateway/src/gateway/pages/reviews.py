"""Annual reviews of secretaries: the board of a year, one review with its steps, one's own report, the vote."""

import secrets
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.parts import Part, found_or_none, part
from gateway.resources.reviews import report_file

blueprint = Blueprint("reviews", __name__)

ON_A_PAGE: Final = 100
GRADES: Final = ("good", "fairly_good", "average", "poor")
AT_FILE: Final = dict.fromkeys(("unsupported-media-type", "payload-too-large"), "file")
AT_GRADE: Final = {"grade-capped": "grade"}


@blueprint.get("/reviews")
@needs("read_reviews")
def index() -> ResponseReturnValue:
    """Show the board of a year."""
    fields = given(
        organisation_id=request.args.get("organisation") or None,
        year=_year_asked(),
        state=request.args.get("state") or None,
        cursor=request.args.get("cursor") or None,
        limit=ON_A_PAGE,
    )
    who, found = current(), assessment.reviews.reviews(fields, who=current()).data
    place = found["organisation_id"]
    below = Part()
    if place:
        asked = {"parent_id": place, "limit": ON_A_PAGE}
        below = part(lambda: found_or_none(lambda: roster.organisations.organisations(asked, who=who)))
    return render_template("reviews/index.html", found=found, below=below)


@blueprint.post("/organisations/<uuid:organisation_id>/reviews")
@needs("open_reviews")
def open_year(organisation_id: UUID) -> ResponseReturnValue:
    """Open the reviews of a year."""
    fields = given(organisation_id=organisation_id, year=typed_number("year"))
    try:
        told = assessment.reviews.open_reviews(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("%(number)s reviews are opened; their secretaries are told.", number=told["opened"]), "good")
        if told["without_secretary"]:
            names = _(", ").join(told["without_secretary"])
            flash(_("Nobody holds the post of secretary here, so there is no review: %(names)s", names=names), "warn")
    year = fields.get("year")
    return redirect(url_for("pages.reviews.index", organisation=organisation_id, year=year), code=303)


@blueprint.get("/my-reviews")
@needs("hand_in_review")
def mine() -> ResponseReturnValue:
    """List one's own reviews."""
    return render_template("reviews/mine.html", found=assessment.reviews.my_reviews({}, who=current()).data)


@blueprint.get("/reviews/<uuid:review_id>")
@needs("read_reviews")
def show(review_id: UUID) -> ResponseReturnValue:
    """Show one review."""
    return _page(review_id, Faults(status=200))


@blueprint.post("/reviews/<uuid:review_id>/report")
@needs("hand_in_review")
@takes_files
def hand_in(review_id: UUID) -> ResponseReturnValue:
    """Hand in one's report."""
    try:
        fields = given(review_id=review_id, report=typed("report"), **report_file())
        assessment.reviews.hand_in_review(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(review_id, faults(refusal, at=AT_FILE), tried="hand_in")
    return _done(review_id, _("Handed in. The superior reads it now."))


@blueprint.post("/reviews/<uuid:review_id>/<any(return, cancellation, checks, comments, proposal):step>")
@needs("conduct_review")
def conduct(review_id: UUID, step: str) -> ResponseReturnValue:
    """Take a step of the superior."""
    doors: dict[str, tuple[Any, dict[str, Any]]] = {
        "return": (assessment.reviews.send_review_back, {"reason": typed("reason")}),
        "cancellation": (assessment.reviews.cancel_review, {"reason": typed("reason")}),
        "checks": (
            assessment.reviews.record_review_check,
            {
                "checked_on": typed("checked_on"),
                "place": typed("place"),
                "checkers": typed("checkers"),
                "superior_joined": bool(request.form.get("superior_joined")),
                "found": typed("found"),
                "score": typed_number("score"),
            },
        ),
        "comments": (assessment.reviews.comment_on_review, {"text": typed("text")}),
        "proposal": (
            assessment.reviews.propose_grade,
            {"score": typed_number("marks"), "comment": typed("comment")},
        ),
    }
    return _step(review_id, step, *doors[step])


@blueprint.post("/reviews/<uuid:review_id>/<any(decision, publication, correction):step>")
@needs("decide_review")
def decide(review_id: UUID, step: str) -> ResponseReturnValue:
    """Decide, report upward, publish, correct."""
    graded = {"grade": typed("grade"), "reason": typed("reason")}
    doors: dict[str, tuple[Any, dict[str, Any]]] = {
        "decision": (assessment.reviews.decide_grade, graded),
        "publication": (assessment.reviews.publish_review, {}),
        "correction": (assessment.reviews.correct_grade, graded),
    }
    return _step(review_id, step, *doors[step])


@blueprint.post("/reviews/<uuid:review_id>/sending-up")
@needs("decide_review")
def send_up(review_id: UUID) -> ResponseReturnValue:
    """Write down that the result was reported upward."""
    fields = {"sent_up_on": typed("sent_up_on"), "document_number": typed("document_number")}
    return _step(review_id, "sending-up", assessment.reviews.send_review_up, fields)


@blueprint.post("/reviews/<uuid:review_id>/acknowledgement")
@needs("hand_in_review")
def acknowledge(review_id: UUID) -> ResponseReturnValue:
    """Take note of the result."""
    return _step(review_id, "acknowledgement", assessment.reviews.acknowledge_review, {"word": typed("word")})


@blueprint.post("/reviews/<uuid:review_id>/recommendation")
@needs("recommend_secretary")
def recommend(review_id: UUID) -> ResponseReturnValue:
    """Recommend the secretary upward."""
    fields = {"reason": typed("reason")}
    return _step(review_id, "recommendation", assessment.review_consequences.recommend_secretary, fields)


@blueprint.post("/reviews/<uuid:review_id>/papers")
@needs("read_reviews")
def draw(review_id: UUID) -> ResponseReturnValue:
    """Have the review drawn as a paper form."""
    try:
        drawing = assessment.review_consequences.print_review(
            {"review_id": review_id}, who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.reviews.show", review_id=review_id), code=303)
    return redirect(url_for("pages.reviews.paper", job_id=drawing["id"]), code=303)


@blueprint.get("/review-papers/<uuid:job_id>")
@needs("read_reviews")
def paper(job_id: UUID) -> ResponseReturnValue:
    """Show how far a paper is, and its file once it is there."""
    drawing = assessment.review_consequences.review_paper({"job_id": job_id}, who=current()).data
    is_open = drawing["state"] in ("waiting", "running")
    return render_template("reviews/paper.html", drawing=drawing, is_open=is_open)


# ---- the vote ------------------------------------------------------------------------------------------------------


@blueprint.get("/organisations/<uuid:organisation_id>/review-meetings/new")
@needs("conduct_review")
def new_meeting(organisation_id: UUID) -> ResponseReturnValue:
    """Show the form that puts reports to the vote."""
    return _meeting_form(organisation_id, Faults(status=200))


@blueprint.post("/organisations/<uuid:organisation_id>/review-meetings/new")
@needs("conduct_review")
def call_meeting(organisation_id: UUID) -> ResponseReturnValue:
    """Put reports to the vote of a meeting's members."""
    fields = given(
        organisation_id=organisation_id,
        year=typed_number("year"),
        held_on=typed("held_on"),
        review_ids=request.form.getlist("review_ids"),
        person_ids=request.form.getlist("person_ids"),
    )
    try:
        told = assessment.review_meetings.call_review_meeting(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _meeting_form(organisation_id, faults(refusal))
    flash(_("The vote is open. Each member votes on the page “Votes”, or on paper."), "good")
    return redirect(url_for("pages.reviews.meeting", meeting_id=told["id"]), code=303)


@blueprint.get("/review-meetings/<uuid:meeting_id>")
@needs("vote_in_review")
def meeting(meeting_id: UUID) -> ResponseReturnValue:
    """Show a meeting: who may vote, how many have; the count."""
    return _meeting(meeting_id, Faults(status=200))


@blueprint.post("/review-meetings/<uuid:meeting_id>/count")
@needs("conduct_review")
def count(meeting_id: UUID) -> ResponseReturnValue:
    """Add the votes on paper and count."""
    ids = request.form.getlist("review_ids")
    paper = [{"review_id": one, **given(**{grade: typed_number(f"{one}.{grade}") for grade in GRADES})} for one in ids]
    fields = {"meeting_id": meeting_id, "paper": paper}
    try:
        assessment.review_meetings.count_review_meeting(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _meeting(meeting_id, faults(refusal))
    flash(_("The votes are counted."), "good")
    return redirect(url_for("pages.reviews.meeting", meeting_id=meeting_id), code=303)


@blueprint.get("/review-votes")
@needs("vote_in_review")
def votes() -> ResponseReturnValue:
    """Show on which reports one may vote."""
    found = assessment.review_meetings.my_review_votes({}, who=current()).data
    return render_template("reviews/votes.html", found=found, salt=secrets.token_hex(16))


@blueprint.post("/reviews/<uuid:review_id>/votes")
@needs("vote_in_review")
def vote(review_id: UUID) -> ResponseReturnValue:
    """Vote on a report."""
    fields = given(review_id=review_id, vote=typed("vote"), salt=typed("salt"))
    return done_or_told(
        assessment.review_meetings.cast_review_vote,
        fields,
        done=_("Your vote is counted. What you voted stands nowhere."),
        back=url_for("pages.reviews.votes"),
    )


def _year_asked() -> int | None:
    text = request.args.get("year", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else None


def _step(review_id: UUID, step: str, door: Any, fields: dict[str, Any]) -> ResponseReturnValue:
    try:
        door({"review_id": review_id, **given(**fields)}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(review_id, faults(refusal, at=AT_GRADE), tried=step)
    return _done(review_id, _("Done."))


def _done(review_id: UUID, told: str) -> ResponseReturnValue:
    flash(told, "good")
    return redirect(url_for("pages.reviews.show", review_id=review_id), code=303)


def _page(review_id: UUID, told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    found = assessment.reviews.review({"review_id": review_id}, who=current()).data
    # What the score had for a field may be called otherwise in the form.
    errors = {"marks" if tried == "proposal" and name == "score" else name: said for name, said in told.errors.items()}
    page = render_template(
        "reviews/show.html", found=found, tried=tried, errors=errors, values=request.form, grades=GRADES
    )
    return page, told.status


def _meeting_form(organisation_id: UUID, told: Faults) -> ResponseReturnValue:
    who, year = current(), _year_asked()
    asked = given(organisation_id=organisation_id, year=year or typed_number("year"), state="handed_in", limit=200)
    board = assessment.reviews.reviews(asked, who=who).data
    voters = assessment.review_meetings.review_voters({"organisation_id": organisation_id}, who=who).data
    page = render_template(
        "reviews/call.html",
        board=board,
        voters=voters["items"],
        organisation_id=organisation_id,
        errors=told.errors,
        values=request.form,
        chosen=set(request.form.getlist("review_ids") + request.form.getlist("person_ids")),
    )
    return page, told.status


def _meeting(meeting_id: UUID, told: Faults) -> ResponseReturnValue:
    found = assessment.review_meetings.review_meeting({"meeting_id": meeting_id}, who=current()).data
    page = render_template("reviews/meeting.html", found=found, errors=told.errors, values=request.form, grades=GRADES)
    return page, told.status
