"""Doors: formulas and ratings of stars and levels."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.star_formulas import (
    AdoptStarFormula,
    DraftStarFormula,
    StarFormulaAsked,
    StarFormulasAsked,
    StarFormulaView,
    WithdrawStarFormula,
)
from contracts.assessment.star_ratings import (
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
from contracts.envelope import Page, StoredFile

from assessment.doors.resources import Doors
from assessment.operations import star_files, star_formulas, star_ratings
from assessment.queries import star_formulas as formulas
from assessment.queries import star_ratings as ratings


class StarDoors(Doors):
    """Doors: formulas and ratings of stars and levels."""

    @query(StarFormulasAsked, returns=Page)
    def star_formulas(self, asked: StarFormulasAsked, *, actor: Actor, at: datetime) -> Page:
        return formulas.star_formulas_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarFormulaAsked, returns=StarFormulaView)
    def star_formula(self, asked: StarFormulaAsked, *, actor: Actor, at: datetime) -> StarFormulaView:
        return formulas.star_formula(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DraftStarFormula, returns=StarFormulaView)
    def draft_star_formula(self, asked: DraftStarFormula, *, actor: Actor, at: datetime) -> StarFormulaView:
        return star_formulas.draft(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AdoptStarFormula, returns=StarFormulaView)
    def adopt_star_formula(self, asked: AdoptStarFormula, *, actor: Actor, at: datetime) -> StarFormulaView:
        return star_formulas.adopt(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawStarFormula, returns=StarFormulaView)
    def withdraw_star_formula(self, asked: WithdrawStarFormula, *, actor: Actor, at: datetime) -> StarFormulaView:
        return star_formulas.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarRatingsAsked, returns=Page)
    def star_ratings(self, asked: StarRatingsAsked, *, actor: Actor, at: datetime) -> Page:
        return ratings.star_ratings_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarRatingAsked, returns=StarRatingView)
    def star_rating(self, asked: StarRatingAsked, *, actor: Actor, at: datetime) -> StarRatingView:
        return ratings.star_rating(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarResultsAsked, returns=Page)
    def star_results(self, asked: StarResultsAsked, *, actor: Actor, at: datetime) -> Page:
        return ratings.results(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarResultAsked, returns=StarResultView)
    def star_result(self, asked: StarResultAsked, *, actor: Actor, at: datetime) -> StarResultView:
        return ratings.result(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarsOfBranchAsked, returns=Page)
    def stars_of_branch(self, asked: StarsOfBranchAsked, *, actor: Actor, at: datetime) -> Page:
        return ratings.of_branch(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DrawUpStarRating, returns=StarRatingView)
    def draw_up_star_rating(self, asked: DrawUpStarRating, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.draw_up(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ShowStarRating, returns=StarRatingView)
    def show_star_rating(self, asked: ShowStarRating, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.show(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PublishStarRating, returns=StarRatingView)
    def publish_star_rating(self, asked: PublishStarRating, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.publish(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawStarRating, returns=StarRatingView)
    def withdraw_star_rating(self, asked: WithdrawStarRating, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ObjectToStarRating, returns=StarResultView)
    def object_to_star_rating(self, asked: ObjectToStarRating, *, actor: Actor, at: datetime) -> StarResultView:
        return star_ratings.object_to(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AnswerStarObjection, returns=StarRatingView)
    def answer_star_objection(self, asked: AnswerStarObjection, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.answer(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CorrectStarRating, returns=StarRatingView)
    def correct_star_rating(self, asked: CorrectStarRating, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.correct(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ConfirmStarCorrection, returns=StarRatingView)
    def confirm_star_correction(self, asked: ConfirmStarCorrection, *, actor: Actor, at: datetime) -> StarRatingView:
        return star_ratings.confirm_correction(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(TryStarFormula, returns=StarTrialView)
    def try_star_formula(self, asked: TryStarFormula, *, actor: Actor, at: datetime) -> StarTrialView:
        return star_ratings.ask_trial(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarTrialAsked, returns=StarTrialView)
    def star_trial(self, asked: StarTrialAsked, *, actor: Actor, at: datetime) -> StarTrialView:
        return star_ratings.trial(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakeStarFile, returns=StarFileView)
    def make_star_file(self, asked: MakeStarFile, *, actor: Actor, at: datetime) -> StarFileView:
        return star_files.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarFileAsked, returns=StarFileView)
    def star_file(self, asked: StarFileAsked, *, actor: Actor, at: datetime) -> StarFileView:
        return star_files.star_file(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StarFileAsked, returns=StoredFile)
    def star_file_content(self, asked: StarFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return star_files.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
