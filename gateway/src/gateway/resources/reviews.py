"""Annual reviews of secretaries: the steps, the vote, what follows, recommendations, papers (A13)."""

from typing import Final
from uuid import UUID

from chassis.files import DOCX, PDF
from contracts.assessment.review_rules import ReviewRulesAsked, ReviewRulesView, SetReviewRule
from contracts.assessment.reviews import (
    REVIEW_FILES_FOLDER,
    REVIEW_PAPERS_FOLDER,
    AcknowledgeReview,
    CallReviewMeeting,
    CancelReview,
    CastReviewVote,
    CommentOnReview,
    ConsequencesAsked,
    ConsequenceView,
    CorrectGrade,
    CountReviewMeeting,
    DecideGrade,
    DecideReplacement,
    FulfilConsequence,
    HandInReview,
    MyReviewsAsked,
    MyReviewsView,
    MyVotesAsked,
    MyVotesView,
    OpenReviews,
    PrintReview,
    ProposeGrade,
    PublishReview,
    RecommendationsAsked,
    RecommendationsView,
    RecommendSecretary,
    RecordReviewCheck,
    ReviewAsked,
    ReviewMeetingAsked,
    ReviewMeetingView,
    ReviewPaperAsked,
    ReviewPaperView,
    ReviewsAsked,
    ReviewsOpenedView,
    ReviewsView,
    ReviewView,
    ReviewVotedView,
    SendReviewBack,
    SendReviewUp,
    VotersAsked,
    VotersView,
    WithdrawRecommendation,
)
from flask import Response, request

from gateway.clients import assessment
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.resources.settlement_batches import stored_file, uploaded

MULTIPART: Final = "multipart/form-data"
REVIEW: Final = "/reviews/<uuid:review_id>"
MOVED: Final = ("not-found", "own-review", "review-not-movable")

reviews = Noun("reviews")

reviews.read(
    "/reviews",
    assessment.reviews.reviews,
    needs=("read_reviews",),
    takes=ReviewsAsked,
    answers=ReviewsView,
    refusals=("not-found", "ranking-switched-off"),
)
reviews.read(
    "/my-reviews",
    assessment.reviews.my_reviews,
    needs=("hand_in_review",),
    takes=MyReviewsAsked,
    answers=MyReviewsView,
)
reviews.read(
    REVIEW,
    assessment.reviews.review,
    needs=("read_reviews",),
    takes=ReviewAsked,
    answers=ReviewView,
    refusals=("not-found",),
)
reviews.act(
    "/organisations/<uuid:organisation_id>/reviews",
    assessment.reviews.open_reviews,
    needs=("open_reviews",),
    takes=OpenReviews,
    answers=ReviewsOpenedView,
    status=201,
    refusals=("not-found", "year-not-reviewed"),
)


def hand_in(review_id: UUID) -> Response:
    """Hand in one's report: the form's text, and its file if there is one."""
    who = must("hand_in_review")
    fields = {"review_id": review_id, "report": request.form.get("report"), **report_file()}
    fields = {name: value for name, value in fields.items() if value is not None}
    return never_stored(assessment.reviews.hand_in_review(fields, who=who, command_id=command_id()))


def report_file() -> dict[str, object]:
    """Store the form's file, where one was chosen, and return its reference as a field of HandInReview.

    Raises PayloadTooLarge, UnsupportedMediaType.
    """
    part = request.files.get("file")
    if part is None or not part.filename:
        return {}
    return {"file": uploaded((PDF, DOCX), folder=REVIEW_FILES_FOLDER)}


reviews.own(
    f"{REVIEW}/report",
    "POST",
    takes_files(hand_in),
    Declared(
        summary="Hand in one's report",
        needs=frozenset({"hand_in_review"}),
        takes=HandInReview,
        answers=ReviewView,
        refusals=(
            "not-found",
            "not-your-review",
            "review-not-movable",
            "payload-too-large",
            "unsupported-media-type",
        ),
        takes_key=True,
        takes_file=(MULTIPART,),
    ),
)


def file_of_report(review_id: UUID) -> Response:
    """Stream the file of a report out of the file store."""
    who = must("read_reviews")
    found = assessment.reviews.review_file({"review_id": review_id}, who=who)
    return stored_file(found.data, folder=REVIEW_FILES_FOLDER)


reviews.own(
    f"{REVIEW}/report-file",
    "GET",
    file_of_report,
    Declared(
        summary="Return the file of a report",
        needs=frozenset({"read_reviews"}),
        takes=ReviewAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(PDF, DOCX),
    ),
)
for _address, _door, _needs, _takes, _refusals in (
    ("return", assessment.reviews.send_review_back, "conduct_review", SendReviewBack, MOVED),
    ("cancellation", assessment.reviews.cancel_review, "conduct_review", CancelReview, MOVED),
    ("checks", assessment.reviews.record_review_check, "conduct_review", RecordReviewCheck, MOVED),
    ("comments", assessment.reviews.comment_on_review, "conduct_review", CommentOnReview, MOVED),
    ("proposal", assessment.reviews.propose_grade, "conduct_review", ProposeGrade, (*MOVED, "check-missing")),
    ("decision", assessment.reviews.decide_grade, "decide_review", DecideGrade, (*MOVED, "grade-capped")),
    ("sending-up", assessment.reviews.send_review_up, "decide_review", SendReviewUp, MOVED),
    ("publication", assessment.reviews.publish_review, "decide_review", PublishReview, (*MOVED, "grade-capped")),
    ("correction", assessment.reviews.correct_grade, "decide_review", CorrectGrade, (*MOVED, "grade-capped")),
    (
        "acknowledgement",
        assessment.reviews.acknowledge_review,
        "hand_in_review",
        AcknowledgeReview,
        ("not-found", "not-your-review", "review-not-movable"),
    ),
):
    reviews.act(f"{REVIEW}/{_address}", _door, needs=(_needs,), takes=_takes, answers=ReviewView, refusals=_refusals)

# ---- the vote --------------------------------------------------------------------------------------------------------

reviews.read(
    "/organisations/<uuid:organisation_id>/review-voters",
    assessment.review_meetings.review_voters,
    needs=("conduct_review",),
    takes=VotersAsked,
    answers=VotersView,
    refusals=("not-found",),
)
reviews.act(
    "/organisations/<uuid:organisation_id>/review-meetings",
    assessment.review_meetings.call_review_meeting,
    needs=("conduct_review",),
    takes=CallReviewMeeting,
    answers=ReviewMeetingView,
    status=201,
    refusals=MOVED,
)
reviews.read(
    "/review-meetings/<uuid:meeting_id>",
    assessment.review_meetings.review_meeting,
    needs=("vote_in_review",),
    takes=ReviewMeetingAsked,
    answers=ReviewMeetingView,
    refusals=("not-found",),
)
reviews.act(
    "/review-meetings/<uuid:meeting_id>/count",
    assessment.review_meetings.count_review_meeting,
    needs=("conduct_review",),
    takes=CountReviewMeeting,
    answers=ReviewMeetingView,
    refusals=(*MOVED, "meeting-over", "votes-missing", "too-many-votes"),
)
reviews.read(
    "/my-review-votes",
    assessment.review_meetings.my_review_votes,
    needs=("vote_in_review",),
    takes=MyVotesAsked,
    answers=MyVotesView,
)
reviews.act(
    f"{REVIEW}/votes",
    assessment.review_meetings.cast_review_vote,
    needs=("vote_in_review",),
    takes=CastReviewVote,
    answers=ReviewVotedView,
    refusals=(*MOVED, "already-voted", "meeting-over"),
)

# ---- what follows ----------------------------------------------------------------------------------------------------

reviews.read(
    "/review-consequences",
    assessment.review_consequences.review_consequences,
    needs=("read_reviews",),
    takes=ConsequencesAsked,
    answers=Many(ConsequenceView),
    refusals=("not-found",),
)
reviews.act(
    "/review-consequences/<uuid:consequence_id>/fulfilment",
    assessment.review_consequences.fulfil_review_consequence,
    needs=("fulfil_review_consequence",),
    takes=FulfilConsequence,
    answers=ConsequenceView,
    refusals=("not-found", "own-consequence", "consequence-not-due"),
)
reviews.act(
    "/review-consequences/<uuid:consequence_id>/decision",
    assessment.review_consequences.decide_replacement,
    needs=("decide_replacement",),
    takes=DecideReplacement,
    answers=ConsequenceView,
    refusals=("not-found", "own-consequence", "consequence-not-due"),
)
reviews.read(
    "/recommendations",
    assessment.review_consequences.recommendations,
    needs=("read_recommendations",),
    takes=RecommendationsAsked,
    answers=RecommendationsView,
)
reviews.act(
    f"{REVIEW}/recommendation",
    assessment.review_consequences.recommend_secretary,
    needs=("recommend_secretary",),
    takes=RecommendSecretary,
    answers=RecommendationsView,
    status=201,
    refusals=("not-found", "own-consequence", "not-recommendable", "already-recommended", "too-many-recommended"),
)
reviews.act(
    "/recommendations/<uuid:recommendation_id>/withdrawal",
    assessment.review_consequences.withdraw_recommendation,
    needs=("recommend_secretary",),
    takes=WithdrawRecommendation,
    answers=RecommendationsView,
    refusals=("not-found", "recommendation-withdrawn"),
)
reviews.read(
    "/review-rules",
    assessment.review_consequences.review_rules,
    needs=("read_review_rules",),
    takes=ReviewRulesAsked,
    answers=ReviewRulesView,
)
reviews.act(
    "/review-rules",
    assessment.review_consequences.set_review_rule,
    needs=("set_review_rule",),
    takes=SetReviewRule,
    answers=ReviewRulesView,
    status=201,
    refusals=("rule-version-there",),
)

# ---- papers ----------------------------------------------------------------------------------------------------------

reviews.act(
    f"{REVIEW}/papers",
    assessment.review_consequences.print_review,
    needs=("read_reviews",),
    takes=PrintReview,
    answers=ReviewPaperView,
    status=202,
    refusals=("not-found", "too-many-review-papers"),
)
reviews.read(
    "/review-papers/<uuid:job_id>",
    assessment.review_consequences.review_paper,
    needs=("read_reviews",),
    takes=ReviewPaperAsked,
    answers=ReviewPaperView,
    refusals=("not-found",),
)


def paper_file(job_id: UUID) -> Response:
    """Stream a paper out of the file store."""
    who = must("read_reviews")
    found = assessment.review_consequences.review_paper_file({"job_id": job_id}, who=who)
    return stored_file(found.data, folder=REVIEW_PAPERS_FOLDER)


reviews.own(
    "/review-papers/<uuid:job_id>/file",
    "GET",
    paper_file,
    Declared(
        summary="Return a paper's file",
        needs=frozenset({"read_reviews"}),
        takes=ReviewPaperAsked,
        answers=None,
        refusals=("not-found", "review-paper-not-ready"),
        media_types=(PDF,),
    ),
)
