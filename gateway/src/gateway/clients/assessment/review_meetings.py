"""The assessment's doors: the meetings that vote on reports."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def review_voters(fields: Fields, *, who: Holder) -> Answer:
    """Return who may be asked to vote (VotersAsked → VotersView)."""
    return call(SERVICE, "review_voters", fields, who=who)


def review_meeting(fields: Fields, *, who: Holder) -> Answer:
    """Return a meeting that votes (ReviewMeetingAsked → ReviewMeetingView)."""
    return call(SERVICE, "review_meeting", fields, who=who)


def my_review_votes(fields: Fields, *, who: Holder) -> Answer:
    """List the meetings in which one may vote (MyVotesAsked → MyVotesView)."""
    return call(SERVICE, "my_review_votes", fields, who=who)


def call_review_meeting(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put reviews to the vote (CallReviewMeeting → ReviewMeetingView)."""
    return call(SERVICE, "call_review_meeting", fields, who=who, command_id=command_id)


def cast_review_vote(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Vote on a report (CastReviewVote → ReviewVotedView)."""
    return call(SERVICE, "cast_review_vote", fields, who=who, command_id=command_id)


def count_review_meeting(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Count the votes of a meeting (CountReviewMeeting → ReviewMeetingView)."""
    return call(SERVICE, "count_review_meeting", fields, who=who, command_id=command_id)
