"""Doors: what follows from grades, recommendations upward, papers, the numbers of reviews."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.half_year_meetings import PrintHalfYearPaper
from contracts.assessment.review_rules import ReviewRulesAsked, ReviewRulesView, SetReviewRule
from contracts.assessment.reviews import (
    ConsequencesAsked,
    ConsequenceView,
    DecideReplacement,
    FulfilConsequence,
    PrintReview,
    RecommendationsAsked,
    RecommendationsView,
    RecommendSecretary,
    ReviewPaperAsked,
    ReviewPaperView,
    WithdrawRecommendation,
)
from contracts.envelope import Page, StoredFile

from assessment.doors.resources import Doors
from assessment.operations import review_consequences, review_papers, review_rules
from assessment.queries import consequences
from assessment.queries import review_rules as rules


class ReviewConsequenceDoors(Doors):
    """Doors: what follows from grades, recommendations upward, papers, the numbers of reviews."""

    @query(ConsequencesAsked, returns=Page)
    def review_consequences(self, asked: ConsequencesAsked, *, actor: Actor, at: datetime) -> Page:
        return consequences.consequences_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(FulfilConsequence, returns=ConsequenceView)
    def fulfil_review_consequence(self, asked: FulfilConsequence, *, actor: Actor, at: datetime) -> ConsequenceView:
        return review_consequences.fulfil(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideReplacement, returns=ConsequenceView)
    def decide_replacement(self, asked: DecideReplacement, *, actor: Actor, at: datetime) -> ConsequenceView:
        return review_consequences.decide_replacement(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RecommendationsAsked, returns=RecommendationsView)
    def recommendations(self, asked: RecommendationsAsked, *, actor: Actor, at: datetime) -> RecommendationsView:
        return consequences.recommendations_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecommendSecretary, returns=RecommendationsView)
    def recommend_secretary(self, asked: RecommendSecretary, *, actor: Actor, at: datetime) -> RecommendationsView:
        return review_consequences.recommend(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawRecommendation, returns=RecommendationsView)
    def withdraw_recommendation(
        self, asked: WithdrawRecommendation, *, actor: Actor, at: datetime
    ) -> RecommendationsView:
        return review_consequences.withdraw_recommendation(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PrintReview, returns=ReviewPaperView)
    def print_review(self, asked: PrintReview, *, actor: Actor, at: datetime) -> ReviewPaperView:
        return review_papers.ask_review(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PrintHalfYearPaper, returns=ReviewPaperView)
    def print_half_year_paper(self, asked: PrintHalfYearPaper, *, actor: Actor, at: datetime) -> ReviewPaperView:
        return review_papers.ask_meeting(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewPaperAsked, returns=ReviewPaperView)
    def review_paper(self, asked: ReviewPaperAsked, *, actor: Actor, at: datetime) -> ReviewPaperView:
        return review_papers.paper(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewPaperAsked, returns=StoredFile)
    def review_paper_file(self, asked: ReviewPaperAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return review_papers.file_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewRulesAsked, returns=ReviewRulesView)
    def review_rules(self, asked: ReviewRulesAsked, *, actor: Actor, at: datetime) -> ReviewRulesView:
        return rules.all_rules(self.database.transaction, actor=actor, at=at)

    @command(SetReviewRule, returns=ReviewRulesView)
    def set_review_rule(self, asked: SetReviewRule, *, actor: Actor, at: datetime) -> ReviewRulesView:
        return review_rules.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)
