"""Doors: the meetings that vote on reports."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.reviews import (
    CallReviewMeeting,
    CastReviewVote,
    CountReviewMeeting,
    MyVotesAsked,
    MyVotesView,
    ReviewMeetingAsked,
    ReviewMeetingView,
    ReviewVotedView,
    VotersAsked,
    VotersView,
)

from assessment.doors.resources import Doors
from assessment.operations import review_meetings
from assessment.queries import reviews as shown


class ReviewMeetingDoors(Doors):
    """Doors: the meetings that vote on reports."""

    @query(VotersAsked, returns=VotersView)
    def review_voters(self, asked: VotersAsked, *, actor: Actor, at: datetime) -> VotersView:
        return shown.voters(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReviewMeetingAsked, returns=ReviewMeetingView)
    def review_meeting(self, asked: ReviewMeetingAsked, *, actor: Actor, at: datetime) -> ReviewMeetingView:
        return shown.meeting(self.database.transaction, asked=asked, actor=actor)

    @query(MyVotesAsked, returns=MyVotesView)
    def my_review_votes(self, asked: MyVotesAsked, *, actor: Actor, at: datetime) -> MyVotesView:
        return shown.my_votes(self.database.transaction, actor=actor)

    @command(CallReviewMeeting, returns=ReviewMeetingView)
    def call_review_meeting(self, asked: CallReviewMeeting, *, actor: Actor, at: datetime) -> ReviewMeetingView:
        return review_meetings.call(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CastReviewVote, returns=ReviewVotedView)
    def cast_review_vote(self, asked: CastReviewVote, *, actor: Actor, at: datetime) -> ReviewVotedView:
        return review_meetings.cast(self.database.transaction, asked=asked, actor=actor)

    @command(CountReviewMeeting, returns=ReviewMeetingView)
    def count_review_meeting(self, asked: CountReviewMeeting, *, actor: Actor, at: datetime) -> ReviewMeetingView:
        return review_meetings.count(self.database.transaction, asked=asked, actor=actor, at=at)
