"""Doors: annual reviews of secretaries, step by step."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.reviews import (
    AcknowledgeReview,
    CancelReview,
    CommentOnReview,
    CorrectGrade,
    DecideGrade,
    HandInReview,
    MyReviewsAsked,
    MyReviewsView,
    OpenReviews,
    ProposeGrade,
    PublishReview,
    RecordReviewCheck,
    ReviewAsked,
    ReviewsAsked,
    ReviewsOpenedView,
    ReviewsView,
    ReviewView,
    SendReviewBack,
    SendReviewUp,
)
from contracts.envelope import StoredFile

from assessment.doors.resources import Doors
from assessment.operations import reviews
from assessment.queries import reviews as shown


class ReviewDoors(Doors):
    """Doors: annual reviews of secretaries, step by step."""

    @query(ReviewsAsked, returns=ReviewsView)
    def reviews(self, asked: ReviewsAsked, *, actor: Actor, at: datetime) -> ReviewsView:
        return shown.reviews_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MyReviewsAsked, returns=MyReviewsView)
    def my_reviews(self, asked: MyReviewsAsked, *, actor: Actor, at: datetime) -> MyReviewsView:
        return shown.mine(self.database.transaction, actor=actor, at=at)

    @query(ReviewAsked, returns=ReviewView)
    def review(self, asked: ReviewAsked, *, actor: Actor, at: datetime) -> ReviewView:
        return shown.review(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewAsked, returns=StoredFile)
    def review_file(self, asked: ReviewAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return shown.report_file(self.database.transaction, asked=asked, actor=actor)

    @command(OpenReviews, returns=ReviewsOpenedView)
    def open_reviews(self, asked: OpenReviews, *, actor: Actor, at: datetime) -> ReviewsOpenedView:
        return reviews.open_year(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(HandInReview, returns=ReviewView)
    def hand_in_review(self, asked: HandInReview, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.hand_in(self.database.transaction, reviews.store(), asked=asked, actor=actor, at=at)

    @command(SendReviewBack, returns=ReviewView)
    def send_review_back(self, asked: SendReviewBack, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.send_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CancelReview, returns=ReviewView)
    def cancel_review(self, asked: CancelReview, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.cancel(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordReviewCheck, returns=ReviewView)
    def record_review_check(self, asked: RecordReviewCheck, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.check(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CommentOnReview, returns=ReviewView)
    def comment_on_review(self, asked: CommentOnReview, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.comment(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ProposeGrade, returns=ReviewView)
    def propose_grade(self, asked: ProposeGrade, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.propose(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DecideGrade, returns=ReviewView)
    def decide_grade(self, asked: DecideGrade, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SendReviewUp, returns=ReviewView)
    def send_review_up(self, asked: SendReviewUp, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.send_up(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PublishReview, returns=ReviewView)
    def publish_review(self, asked: PublishReview, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.publish(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AcknowledgeReview, returns=ReviewView)
    def acknowledge_review(self, asked: AcknowledgeReview, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.acknowledge(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CorrectGrade, returns=ReviewView)
    def correct_grade(self, asked: CorrectGrade, *, actor: Actor, at: datetime) -> ReviewView:
        return reviews.correct(self.database.transaction, asked=asked, actor=actor, at=at)
