"""A meeting votes on reports (A13): called with its members, each votes once and secretly, then it is counted.

That a member voted is one row, how many voted what is a number: neither names the other. Who votes holds the meeting's
row, so that nobody's vote comes after the count.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.reviews import (
    CallReviewMeeting,
    CastReviewVote,
    CountReviewMeeting,
    ReviewMeetingView,
    ReviewVotedView,
)
from sqlalchemy import Connection, case, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from assessment.domain import reviews as rules
from assessment.operations.reviews import MACHINE, OwnReview, ReviewNotMovable, conducted
from assessment.queries import reviews as shown
from assessment.queries.organisations import is_below, organisation_named
from assessment.queries.review_rules import rule_on
from assessment.tables.organisations import organisations
from assessment.tables.posts import post_holders
from assessment.tables.reviews import (
    meeting_members,
    review_ballots,
    review_meetings,
    review_votes,
    reviews,
)
from assessment.tables.rolls import members


class MeetingOver(Refusal):
    """This meeting has counted its votes already."""


class AlreadyVoted(Refusal):
    """You have voted on this report already."""


class VotesMissing(Refusal):
    """On {secretary} only {voted} voted; {quorum} of the meeting's {members} members are needed."""


class TooManyVotes(Refusal):
    """On {secretary} there would be {voted} votes, more than the {members} members of the meeting."""


def call(db: Connection, *, asked: CallReviewMeeting, actor: Actor, at: datetime) -> ReviewMeetingView:
    """Put reviews to the vote of a meeting's members, who belong to the organisation or hold a post there.

    Raises NotFound, Forbidden, OwnReview, ReviewNotMovable, InvalidInput.
    """
    above = organisation_named(db, asked.organisation_id)
    if above is None:
        raise NotFound()
    actor.must("conduct_review", organisation=above.path)
    names = _names(db, asked.person_ids, path=above.path)
    if len(names) < len(asked.person_ids):
        raise InvalidInput({"person_ids": ["Somebody named here belongs to no organisation below this one."]})
    quorum = -(-len(names) * rule_on(db, clock.today(at)).numbers.quorum_percent // 100)
    meeting_id = uuid4()
    db.execute(
        insert(review_meetings).values(
            id=meeting_id,
            organisation_id=above.id,
            year=asked.year,
            held_on=asked.held_on,
            state="open",
            quorum=quorum,
            called_at=at,
            called_by_id=actor.person_id,
            called_by=actor.name,
        )
    )
    db.execute(
        insert(meeting_members),
        [{"meeting_id": meeting_id, "person_id": one, "name": names[one]} for one in asked.person_ids],
    )
    # In one order, so that two meetings that are called with the same reviews wait for each other.
    for review_id in sorted(asked.review_ids):
        row = conducted(db, review_id, actor=actor)
        if row.superior_id != above.id or row.year != asked.year:
            raise InvalidInput({"review_ids": ["A review named here is not one of this organisation and year."]})
        MACHINE.move(db, row.id, "call_vote", actor=actor, at=at, meeting_id=meeting_id)
        db.execute(insert(review_votes), [{"review_id": row.id, "vote": grade, "number": 0} for grade in rules.GRADES])
    return shown.meeting_view(db, shown.meeting_row(db, meeting_id), actor=actor)


def cast(db: Connection, *, asked: CastReviewVote, actor: Actor) -> ReviewVotedView:
    """Vote on a review of an open meeting of which the actor is a member.

    Raises NotFound, Forbidden for who is no member, OwnReview, AlreadyVoted, MeetingOver, ReviewNotMovable.
    """
    actor.must("vote_in_review", person=actor.person_id)
    row = shown.row_of(db, asked.review_id)
    if row.meeting_id is None:
        raise ReviewNotMovable(state=row.state, move="vote")
    meeting = db.execute(
        select(review_meetings.c.state).where(review_meetings.c.id == row.meeting_id).with_for_update(read=True)
    ).one()
    is_member = (meeting_members.c.meeting_id == row.meeting_id, meeting_members.c.person_id == actor.person_id)
    if not db.scalar(select(exists().where(*is_member))):
        raise Forbidden()
    if meeting.state != "open":
        raise MeetingOver()
    if row.member_id == actor.person_id:
        raise OwnReview()
    ballot = insert_or(review_ballots).values(review_id=row.id, person_id=actor.person_id, meeting_id=row.meeting_id)
    if db.execute(ballot.on_conflict_do_nothing()).rowcount == 0:
        raise AlreadyVoted()
    # All four rows are written, in one order: which of them this transaction wrote would name the vote of who cast it.
    of = review_votes.c
    db.execute(select(of.vote).where(of.review_id == row.id).order_by(of.vote).with_for_update())
    more = case((of.vote == asked.vote, 1), else_=0)
    db.execute(update(review_votes).where(of.review_id == row.id).values(number=of.number + more))
    return ReviewVotedView(row.id, has_voted=True)


def count(db: Connection, *, asked: CountReviewMeeting, actor: Actor, at: datetime) -> ReviewMeetingView:
    """End the vote: add the votes given on paper, and see that enough voted on each review.

    Raises NotFound, Forbidden, OwnReview, MeetingOver, VotesMissing, TooManyVotes, InvalidInput.
    """
    meeting = shown.meeting_row(db, asked.meeting_id, locked=True)
    actor.must("conduct_review", organisation=meeting.path)
    if meeting.state != "open":
        raise MeetingOver()
    put = list(db.scalars(select(reviews.c.id).where(reviews.c.meeting_id == meeting.id).order_by(reviews.c.id)))
    paper = {one.review_id: one for one in asked.paper}
    if len(paper) < len(asked.paper) or not set(paper) <= set(put):
        raise InvalidInput({"paper": ["A review stands twice here, or is none of this meeting."]})
    in_all = db.scalar(
        select(func.count()).select_from(meeting_members).where(meeting_members.c.meeting_id == meeting.id)
    )
    for review_id in put:
        row = conducted(db, review_id, actor=actor)
        for grade in rules.GRADES:
            more = getattr(paper[review_id], grade) if review_id in paper else 0
            if more:
                this = (review_votes.c.review_id == review_id, review_votes.c.vote == grade)
                db.execute(update(review_votes).where(*this).values(number=review_votes.c.number + more))
        voted = sum(one.number for one in shown.votes_of(db, review_id))
        told = {"secretary": row.secretary_name, "voted": voted, "members": in_all}
        if voted > (in_all or 0):
            raise TooManyVotes(**told)
        if voted < meeting.quorum:
            raise VotesMissing(quorum=meeting.quorum, **told)
        MACHINE.move(db, row.id, "count", actor=actor, at=at)
    db.execute(
        update(review_meetings)
        .where(review_meetings.c.id == meeting.id)
        .values(state="counted", counted_at=at, counted_by=actor.name)
    )
    return shown.meeting_view(db, shown.meeting_row(db, meeting.id), actor=actor)


def _names(db: Connection, person_ids: Sequence[UUID], *, path: str) -> dict[UUID, str]:
    """Return what those are called who belong to a branch below the path or hold a post of an organisation there."""
    belongs = (
        select(members.c.person_id, members.c.name)
        .join(organisations, organisations.c.id == members.c.branch_id)
        .where(members.c.person_id.in_(person_ids), is_below([path]))
    )
    holds = (
        select(post_holders.c.member_id, post_holders.c.name)
        .join(organisations, organisations.c.id == post_holders.c.organisation_id)
        .where(post_holders.c.member_id.in_(person_ids), post_holders.c.until_day.is_(None), is_below([path]))
    )
    return {row.person_id: row.name for row in db.execute(belongs.union(holds))}
