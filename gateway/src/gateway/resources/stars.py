"""Stars and levels: versions of the formula, ratings with every step, objections, corrections, files."""

from uuid import UUID

from chassis.files import PDF, TEXT
from contracts.assessment.star_formulas import (
    AdoptStarFormula,
    DraftStarFormula,
    StarFormulaAsked,
    StarFormulasAsked,
    StarFormulaView,
    WithdrawStarFormula,
)
from contracts.assessment.star_ratings import (
    STAR_FILES_FOLDER,
    AnswerStarObjection,
    ConfirmStarCorrection,
    CorrectStarRating,
    DrawUpStarRating,
    MakeStarFile,
    ObjectToStarRating,
    PublishStarRating,
    ShowStarRating,
    StarFileAsked,
    StarFileView,
    StarRatingAsked,
    StarRatingsAsked,
    StarRatingView,
    StarResultAsked,
    StarResultsAsked,
    StarResultView,
    StarsOfBranchAsked,
    StarTrialAsked,
    StarTrialView,
    TryStarFormula,
    WithdrawStarRating,
)
from flask import Response

from gateway.clients import assessment
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun
from gateway.resources.settlement_batches import stored_file

stars = Noun("stars")

stars.read(
    "/star-formulas",
    assessment.stars.star_formulas,
    needs=("read_star_formulas",),
    takes=StarFormulasAsked,
    answers=Many(StarFormulaView),
)
stars.read(
    "/star-formulas/<uuid:formula_id>",
    assessment.stars.star_formula,
    needs=("read_star_formulas",),
    takes=StarFormulaAsked,
    answers=StarFormulaView,
    refusals=("not-found",),
)
stars.act(
    "/star-formulas",
    assessment.stars.draft_star_formula,
    needs=("draft_star_formula",),
    takes=DraftStarFormula,
    answers=StarFormulaView,
    status=201,
    refusals=("not-found",),
)
stars.act(
    "/star-formulas/<uuid:formula_id>/adoption",
    assessment.stars.adopt_star_formula,
    needs=("adopt_star_formula",),
    takes=AdoptStarFormula,
    answers=StarFormulaView,
    refusals=("not-found", "formula-not-movable", "formula-same-drafter", "formula-day-past", "formula-day-taken"),
)
stars.act(
    "/star-formulas/<uuid:formula_id>/withdrawal",
    assessment.stars.withdraw_star_formula,
    needs=("withdraw_star_formula",),
    takes=WithdrawStarFormula,
    answers=StarFormulaView,
    refusals=("not-found", "formula-not-movable"),
)
stars.read(
    "/star-ratings",
    assessment.stars.star_ratings,
    needs=("read_star_ratings",),
    takes=StarRatingsAsked,
    answers=Many(StarRatingView),
)
stars.read(
    "/star-ratings/<uuid:rating_id>",
    assessment.stars.star_rating,
    needs=("read_star_ratings",),
    takes=StarRatingAsked,
    answers=StarRatingView,
    refusals=("not-found",),
)
stars.read(
    "/star-ratings/<uuid:rating_id>/results",
    assessment.stars.star_results,
    needs=("read_star_ratings",),
    takes=StarResultsAsked,
    answers=Many(StarResultView),
    refusals=("not-found",),
)
stars.read(
    "/star-ratings/<uuid:rating_id>/results/<uuid:organisation_id>",
    assessment.stars.star_result,
    needs=("read_own_stars",),
    takes=StarResultAsked,
    answers=StarResultView,
    refusals=("not-found",),
)
stars.read(
    "/branches/<uuid:organisation_id>/stars",
    assessment.stars.stars_of_branch,
    needs=("read_own_stars",),
    takes=StarsOfBranchAsked,
    answers=Many(StarResultView),
    refusals=("not-found",),
)
stars.act(
    "/star-ratings",
    assessment.stars.draw_up_star_rating,
    needs=("draw_up_stars",),
    takes=DrawUpStarRating,
    answers=StarRatingView,
    status=202,
    refusals=("not-found", "star-period-not-over", "star-rating-there", "no-star-formula"),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/showing",
    assessment.stars.show_star_rating,
    needs=("show_stars",),
    takes=ShowStarRating,
    answers=StarRatingView,
    refusals=("not-found", "star-rating-not-movable", "star-rating-being-drawn"),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/publication",
    assessment.stars.publish_star_rating,
    needs=("publish_stars",),
    takes=PublishStarRating,
    answers=StarRatingView,
    refusals=(
        "not-found",
        "star-rating-not-movable",
        "star-rating-being-drawn",
        "star-same-drawer",
        "star-objection-days-open",
        "star-objections-open",
    ),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/withdrawal",
    assessment.stars.withdraw_star_rating,
    needs=("withdraw_stars",),
    takes=WithdrawStarRating,
    answers=StarRatingView,
    refusals=("not-found", "star-rating-not-movable"),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/objections",
    assessment.stars.object_to_star_rating,
    needs=("object_to_stars",),
    takes=ObjectToStarRating,
    answers=StarResultView,
    status=201,
    refusals=("not-found", "star-objection-days-over", "star-objection-there"),
)
stars.act(
    "/star-objections/<uuid:objection_id>/answer",
    assessment.stars.answer_star_objection,
    needs=("answer_star_objection",),
    takes=AnswerStarObjection,
    answers=StarRatingView,
    refusals=("not-found", "star-objection-answered", "star-rating-not-movable"),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/corrections",
    assessment.stars.correct_star_rating,
    needs=("correct_stars",),
    takes=CorrectStarRating,
    answers=StarRatingView,
    status=201,
    refusals=("not-found", "star-rating-not-movable"),
)
stars.act(
    "/star-corrections/<uuid:correction_id>/confirmation",
    assessment.stars.confirm_star_correction,
    needs=("confirm_star_correction",),
    takes=ConfirmStarCorrection,
    answers=StarRatingView,
    refusals=("not-found", "star-correction-own", "star-correction-confirmed"),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/trials",
    assessment.stars.try_star_formula,
    needs=("try_star_formula",),
    takes=TryStarFormula,
    answers=StarTrialView,
    status=202,
    refusals=("not-found", "star-rating-being-drawn", "too-many-star-trials"),
)
stars.read(
    "/star-trials/<uuid:job_id>",
    assessment.stars.star_trial,
    needs=("try_star_formula",),
    takes=StarTrialAsked,
    answers=StarTrialView,
    refusals=("not-found",),
)
stars.act(
    "/star-ratings/<uuid:rating_id>/files",
    assessment.stars.make_star_file,
    needs=("read_own_stars",),
    takes=MakeStarFile,
    answers=StarFileView,
    status=202,
    refusals=("not-found", "star-rating-being-drawn", "too-many-star-files"),
)
stars.read(
    "/star-files/<uuid:job_id>",
    assessment.stars.star_file,
    needs=("read_own_stars",),
    takes=StarFileAsked,
    answers=StarFileView,
    refusals=("not-found",),
)


def star_file_content(job_id: UUID) -> Response:
    """Stream a file of a rating out of the file store."""
    who = must("read_own_stars")
    stored = assessment.stars.star_file_content({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=STAR_FILES_FOLDER)


stars.own(
    "/star-files/<uuid:job_id>/file",
    "GET",
    star_file_content,
    Declared(
        summary="Return a file of a rating",
        needs=frozenset({"read_own_stars"}),
        takes=StarFileAsked,
        answers=None,
        refusals=("not-found", "star-file-not-ready"),
        media_types=(PDF, TEXT),
    ),
)
