"""The assessment's doors: annual reviews of secretaries, step by step."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def reviews(fields: Fields, *, who: Holder) -> Answer:
    """List the reviews of a year (ReviewsAsked → ReviewsView)."""
    return call(SERVICE, "reviews", fields, who=who)


def my_reviews(fields: Fields, *, who: Holder) -> Answer:
    """List one's own reviews (MyReviewsAsked → MyReviewsView)."""
    return call(SERVICE, "my_reviews", fields, who=who)


def review(fields: Fields, *, who: Holder) -> Answer:
    """Return one review (ReviewAsked → ReviewView)."""
    return call(SERVICE, "review", fields, who=who)


def review_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a report's file (ReviewAsked → StoredFile)."""
    return call(SERVICE, "review_file", fields, who=who)


def open_reviews(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open the reviews of a year (OpenReviews → ReviewsOpenedView)."""
    return call(SERVICE, "open_reviews", fields, who=who, command_id=command_id)


def hand_in_review(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Hand in one's report (HandInReview → ReviewView)."""
    return call(SERVICE, "hand_in_review", fields, who=who, command_id=command_id)


def send_review_back(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a report back (SendReviewBack → ReviewView)."""
    return call(SERVICE, "send_review_back", fields, who=who, command_id=command_id)


def cancel_review(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End a review without a grade (CancelReview → ReviewView)."""
    return call(SERVICE, "cancel_review", fields, who=who, command_id=command_id)


def record_review_check(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record a field check (RecordReviewCheck → ReviewView)."""
    return call(SERVICE, "record_review_check", fields, who=who, command_id=command_id)


def comment_on_review(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Comment on a report (CommentOnReview → ReviewView)."""
    return call(SERVICE, "comment_on_review", fields, who=who, command_id=command_id)


def propose_grade(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give the superior's marks and have a grade proposed (ProposeGrade → ReviewView)."""
    return call(SERVICE, "propose_grade", fields, who=who, command_id=command_id)


def decide_grade(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide the grade (DecideGrade → ReviewView)."""
    return call(SERVICE, "decide_grade", fields, who=who, command_id=command_id)


def send_review_up(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Report the result upward (SendReviewUp → ReviewView)."""
    return call(SERVICE, "send_review_up", fields, who=who, command_id=command_id)


def publish_review(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Feed the result back down (PublishReview → ReviewView)."""
    return call(SERVICE, "publish_review", fields, who=who, command_id=command_id)


def acknowledge_review(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take note of the result (AcknowledgeReview → ReviewView)."""
    return call(SERVICE, "acknowledge_review", fields, who=who, command_id=command_id)


def correct_grade(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Correct a published grade (CorrectGrade → ReviewView)."""
    return call(SERVICE, "correct_grade", fields, who=who, command_id=command_id)
