"""Annual reviews: the board of a year, one review, one's own, and the meetings that vote.

What the superior works with (marks, votes, proposal, grade) is shown to the superior and those above; the secretary
and everybody else see it once it is published.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.cursors import cursor_after, key_in
from chassis.refusals import NotFound
from contracts.assessment.reviews import (
    FactCountView,
    MyReviewsView,
    MyVotesView,
    ReviewAsked,
    ReviewBallotView,
    ReviewCheckView,
    ReviewCommentView,
    ReviewFactsView,
    ReviewLine,
    ReviewMeetingAsked,
    ReviewMeetingView,
    ReviewsAsked,
    ReviewStepView,
    ReviewsView,
    ReviewView,
    ReviewVoterView,
    ScorePartView,
    VotersAsked,
    VotersView,
)
from contracts.envelope import StoredFile
from sqlalchemy import Connection, Row, Select, exists, func, or_, select, tuple_

from assessment.domain import reviews as rules
from assessment.queries import compliance, consequences
from assessment.queries.boards import place_of
from assessment.queries.organisations import is_below, organisation_named
from assessment.queries.post_holders import held_on
from assessment.queries.review_facts import cards_of, facts_of, frozen_facts, highest
from assessment.queries.review_rules import rule_on
from assessment.tables.organisations import organisations
from assessment.tables.posts import post_holders
from assessment.tables.reviews import (
    meeting_members,
    recommendations,
    review_ballots,
    review_checks,
    review_comments,
    review_meetings,
    review_steps,
    review_votes,
    reviews,
)

superior = organisations.alias("superior")
REVIEWS: Select[Any] = (
    select(
        reviews,
        organisations.c.name.label("organisation_name"),
        organisations.c.path,
        superior.c.name.label("superior_name"),
        superior.c.path.label("superior_path"),
        exists().where(review_checks.c.review_id == reviews.c.id).label("has_check"),
    )
    .join(organisations, organisations.c.id == reviews.c.organisation_id)
    .join(superior, superior.c.id == reviews.c.superior_id)
)
UNCOUNTED: Final = (rules.OPENED, rules.HANDED_IN, rules.VOTING, rules.CANCELLED)
VOTERS_MAX: Final = 300


def row_of(db: Connection, review_id: UUID, *, locked: bool = False) -> Row[Any]:
    """Return the review with its organisation and superior. Raises NotFound."""
    rows = REVIEWS.where(reviews.c.id == review_id)
    row = db.execute(rows.with_for_update(of=reviews) if locked else rows).one_or_none()
    if row is None:
        raise NotFound()
    return row


def reviews_asked(db: Connection, *, asked: ReviewsAsked, actor: Actor, at: datetime) -> ReviewsView:
    """Return the board of a year: those directly below an organisation, or below the actor's places.

    Raises NotFound, Forbidden; RankingSwitchedOff when they are asked for by score while the switch is on.
    """
    year = asked.year or consequences.year_now(at)
    if asked.by_score:
        compliance.must_not_rank(db, at)
    above, paths = place_of(db, "read_reviews", asked.organisation_id, actor=actor)
    of_year = reviews.c.year == year
    which = reviews.c.superior_id == above.id if above is not None else is_below(paths)
    counted = db.execute(
        select(reviews.c.state, func.count().label("number"))
        .join(organisations, organisations.c.id == reviews.c.organisation_id)
        .where(of_year, which)
        .group_by(reviews.c.state)
    )
    numbers = {row.state: row.number for row in counted}
    rows = REVIEWS.where(of_year, which)
    if asked.state:
        rows = rows.where(reviews.c.state == asked.state)
    if asked.by_score:
        sees = (reviews.c.state.in_(sorted(rules.FROZEN)), is_below(actor.paths_for("conduct_review")))
        rows = rows.where(or_(*sees)).order_by(reviews.c.score.desc().nulls_last(), organisations.c.path)
        rows = rows.limit(asked.limit)
    else:
        if asked.cursor:
            rows = rows.where(tuple_(organisations.c.path, reviews.c.id) > key_in(asked.cursor, str, UUID))
        rows = rows.order_by(organisations.c.path, reviews.c.id).limit(asked.limit + 1)
    found = db.execute(rows).all()
    shown = found[: asked.limit]
    return ReviewsView(
        organisation_id=above.id if above is not None else None,
        name=above.name if above is not None else None,
        year=year,
        is_compliant=compliance.is_on(db, at),
        may_open=above is not None
        and above.kind not in ("branch", "joint_branch")
        and actor.may("open_reviews", organisation=above.path),
        states=[FactCountView(state, numbers[state]) for state in rules.STATES if state in numbers],
        items=_lines(db, shown, actor=actor, at=at),
        next=cursor_after(shown[-1].path, shown[-1].id) if len(found) > len(shown) else None,
    )


def mine(db: Connection, *, actor: Actor, at: datetime) -> MyReviewsView:
    """Return the actor's own reviews as a secretary, the newest first. Raises Forbidden."""
    if not actor.paths_for("hand_in_review"):
        raise Forbidden()
    rows = REVIEWS.where(reviews.c.member_id == actor.person_id).order_by(
        reviews.c.year.desc(), organisations.c.path, reviews.c.id
    )
    return MyReviewsView(items=_lines(db, db.execute(rows.limit(50)).all(), actor=actor, at=at))


def review(db: Connection, *, asked: ReviewAsked, actor: Actor, at: datetime) -> ReviewView:
    """Return one review, with what may be seen of it. Raises NotFound, Forbidden."""
    row = row_of(db, asked.review_id)
    must_read(row, actor=actor)
    return view_of(db, row, actor=actor, at=at)


def report_file(db: Connection, *, asked: ReviewAsked, actor: Actor) -> StoredFile:
    """Return the reference to the file of a report. Raises NotFound, Forbidden."""
    row = row_of(db, asked.review_id)
    must_read(row, actor=actor)
    if row.report_file is None:
        raise NotFound()
    return StoredFile(**row.report_file)


def must_read(row: Row[Any], *, actor: Actor) -> None:
    """Raise Forbidden for somebody whose review it is not and who watches over nothing here."""
    if row.member_id == actor.person_id and actor.reaches("hand_in_review"):
        return
    actor.must("read_reviews", organisation=row.path)
    # A new secretary of the same organisation leads it now; the review is the other person's.
    if not _watches(row, actor=actor):
        raise Forbidden()


def facts_now(db: Connection, row: Row[Any]) -> ReviewFactsView:
    """Return what is counted of the review's secretary as it stands now."""
    return facts_of(
        db,
        organisation_id=row.organisation_id,
        path=row.path,
        member_id=row.member_id,
        year=row.year,
        from_day=row.from_day,
        until_day=row.until_day,
    )


def card_of(db: Connection, row: Row[Any]) -> str | None:
    """Return the highest card of the secretary's year as it stands now."""
    key = (row.organisation_id, row.year)
    return highest(cards_of(db, {key: row.member_id}).get(key, []))


def view_of(db: Connection, row: Row[Any], *, actor: Actor, at: datetime) -> ReviewView:
    """Return the view of a review that the actor may read."""
    sees_all = row.state in rules.FROZEN or _watches(row, actor=actor)
    today = clock.today(at)
    checks = db.execute(
        select(review_checks).where(review_checks.c.review_id == row.id).order_by(review_checks.c.at)
    ).all()
    comments = db.execute(
        select(review_comments).where(review_comments.c.review_id == row.id).order_by(review_comments.c.at)
    )
    steps = db.execute(select(review_steps).where(review_steps.c.review_id == row.id).order_by(review_steps.c.version))
    card = card_of(db, row)
    voters = voted = None
    if row.meeting_id is not None:
        voters = db.scalar(
            select(func.count()).select_from(meeting_members).where(meeting_members.c.meeting_id == row.meeting_id)
        )
        if row.state == rules.VOTING:
            voted = db.scalar(
                select(func.count()).select_from(review_ballots).where(review_ballots.c.review_id == row.id)
            )
        else:
            voted = db.scalar(select(func.sum(review_votes.c.number)).where(review_votes.c.review_id == row.id))
    parts = (row.parts or {}) if sees_all else {}
    recommendation = db.scalar(
        select(recommendations.c.id).where(
            recommendations.c.review_id == row.id, recommendations.c.withdrawn_at.is_(None)
        )
    )
    is_decided = sees_all and row.grade is not None
    return ReviewView(
        **{
            name: getattr(row, name)
            for name in (
                *("id", "organisation_id", "organisation_name", "superior_id", "superior_name", "secretary_name"),
                *("year", "post_kind", "state", "from_day", "until_day", "report_by", "report", "handed_in_at"),
                *("meeting_id", "sent_up_on", "sent_up_number", "published_on", "acknowledged_at", "word", "version"),
            )
        },
        report_file=StoredFile(**row.report_file) if row.report_file else None,
        facts=frozen_facts(row.facts) if row.facts and row.state != rules.OPENED else facts_now(db, row),
        checks=[
            ReviewCheckView(**{name: one._mapping[name] for name in ReviewCheckView.__dataclass_fields__})
            for one in checks
        ]
        if sees_all
        else [],
        comments=[ReviewCommentView(one.text, one.at, one.by_name) for one in comments] if sees_all else [],
        voters=voters,
        voted=int(voted) if voted is not None else None,
        votes=votes_of(db, row.id) if sees_all and row.state not in UNCOUNTED else [],
        superior_score=row.superior_score if sees_all else None,
        score=float(row.score) if sees_all and row.score is not None else None,
        parts=[ScorePartView(one["component"], one["tenths"] / 10, one["weight"]) for one in parts.get("parts", [])],
        because=parts.get("because", []),
        rule_from=row.rule_from if sees_all else None,
        card=card,
        cap=None if rules.cap_of(card) == rules.GOOD else rules.cap_of(card),
        is_over_cap=is_over_cap(row, card),
        proposed_grade=row.proposed_grade if sees_all else None,
        grade=row.grade if is_decided else None,
        reason=row.reason if is_decided else None,
        decided_at=row.decided_at if is_decided else None,
        decided_by=row.decided_by if is_decided else None,
        earlier=_earlier(db, row) if sees_all else [],
        steps=[
            ReviewStepView(
                one.move,
                one.state,
                one.at,
                one.by_name,
                one.reason if sees_all or one.move == "send_back" else None,
                one.grade if sees_all else None,
            )
            for one in steps
        ],
        consequences=consequences.of_review(db, row.id, actor=actor, today=today) if sees_all else [],
        recommendation_id=recommendation if sees_all else None,
        can=_can(db, row, actor=actor, has_recommendation=recommendation is not None),
    )


def votes_of(db: Connection, review_id: UUID) -> list[FactCountView]:
    """Return how many voted what, the best grade first."""
    found = {
        row.vote: row.number for row in db.execute(select(review_votes).where(review_votes.c.review_id == review_id))
    }
    return [FactCountView(grade, found.get(grade, 0)) for grade in rules.GRADES]


def grades_of(db: Connection, member_id: UUID, post_kind: str) -> dict[int, str]:
    """Return a person's published grades in one kind of post by year: the worst where they led two in one year."""
    rows = db.execute(
        select(reviews.c.year, reviews.c.grade).where(
            reviews.c.member_id == member_id,
            reviews.c.post_kind == post_kind,
            reviews.c.state.in_(sorted(rules.FROZEN)),
        )
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.year, []).append(row.grade)
    return {year: rules.worst(grades) for year, grades in found.items()}


def is_over_cap(row: Row[Any], card: str | None) -> bool:
    """Say whether a grade that stands is better than the year's highest card leaves, as it is known now."""
    return row.state in rules.FROZEN and rules.is_better(row.grade, rules.cap_of(card))


# ---- meetings -----------------------------------------------------------------------------------------------------


def voters(db: Connection, *, asked: VotersAsked, actor: Actor, at: datetime) -> VotersView:
    """Return who may be asked to vote: who holds a post of the organisation, or leads one directly below it.

    Raises NotFound, Forbidden.
    """
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("conduct_review", organisation=organisation.path)
    today = clock.today(at)
    rows = db.execute(
        select(
            post_holders.c.member_id.label("person_id"),
            post_holders.c.name,
            post_holders.c.post,
            organisations.c.id.label("organisation_id"),
            organisations.c.name.label("organisation_name"),
        )
        .join(organisations, organisations.c.id == post_holders.c.organisation_id)
        .where(
            or_(
                organisations.c.id == organisation.id,
                (organisations.c.parent_id == organisation.id) & (post_holders.c.post == "secretary"),
            ),
            organisations.c.dissolved.is_(False),
            organisations.c.is_external.is_(False),
            held_on(today),
        )
        .order_by(organisations.c.path, post_holders.c.post, post_holders.c.post_id)
        .limit(VOTERS_MAX)
    )
    return VotersView(items=[ReviewVoterView(**row._mapping) for row in rows])


def meeting(db: Connection, *, asked: ReviewMeetingAsked, actor: Actor) -> ReviewMeetingView:
    """Return a meeting to its members and to whoever conducts it. Raises NotFound, Forbidden."""
    row = meeting_row(db, asked.meeting_id)
    is_member = db.scalar(
        select(exists().where(meeting_members.c.meeting_id == row.id, meeting_members.c.person_id == actor.person_id))
    )
    if not (is_member and actor.may("vote_in_review", person=actor.person_id)):
        actor.must("conduct_review", organisation=row.path)
    return meeting_view(db, row, actor=actor)


def meeting_row(db: Connection, meeting_id: UUID, *, locked: bool = False) -> Row[Any]:
    """Return a meeting with its organisation. Raises NotFound."""
    rows = (
        select(review_meetings, organisations.c.name.label("organisation_name"), organisations.c.path)
        .join(organisations, organisations.c.id == review_meetings.c.organisation_id)
        .where(review_meetings.c.id == meeting_id)
    )
    row = db.execute(rows.with_for_update(of=review_meetings) if locked else rows).one_or_none()
    if row is None:
        raise NotFound()
    return row


def my_votes(db: Connection, *, actor: Actor) -> MyVotesView:
    """Return the open meetings of which the actor is a member. Raises Forbidden."""
    actor.must("vote_in_review", person=actor.person_id)
    rows = db.execute(
        select(review_meetings, organisations.c.name.label("organisation_name"), organisations.c.path)
        .join(organisations, organisations.c.id == review_meetings.c.organisation_id)
        .join(meeting_members, meeting_members.c.meeting_id == review_meetings.c.id)
        .where(meeting_members.c.person_id == actor.person_id, review_meetings.c.state == "open")
        .order_by(review_meetings.c.held_on, review_meetings.c.id)
    ).all()
    return MyVotesView(items=[meeting_view(db, row, actor=actor) for row in rows])


def meeting_view(db: Connection, row: Row[Any], *, actor: Actor) -> ReviewMeetingView:
    """Return the view of a meeting that the actor may read."""
    members = db.execute(
        select(meeting_members).where(meeting_members.c.meeting_id == row.id).order_by(meeting_members.c.name)
    ).all()
    put = db.execute(REVIEWS.where(reviews.c.meeting_id == row.id).order_by(organisations.c.path, reviews.c.id)).all()
    own = set(
        db.scalars(
            select(review_ballots.c.review_id).where(
                review_ballots.c.meeting_id == row.id, review_ballots.c.person_id == actor.person_id
            )
        )
    )
    cast = Counter(db.scalars(select(review_ballots.c.review_id).where(review_ballots.c.meeting_id == row.id)))
    return ReviewMeetingView(
        id=row.id,
        organisation_id=row.organisation_id,
        organisation_name=row.organisation_name,
        year=row.year,
        held_on=row.held_on,
        state=row.state,
        members=[member.name for member in members],
        quorum=row.quorum,
        reviews=[
            ReviewBallotView(
                review_id=one.id,
                organisation_name=one.organisation_name,
                secretary_name=one.secretary_name,
                year=one.year,
                has_voted=one.id in own,
                is_own=one.member_id == actor.person_id,
                report=one.report,
            )
            for one in put
        ],
        voted=[cast[one.id] for one in put],
        may_count=row.state == "open" and actor.may("conduct_review", organisation=row.path),
    )


# ---- what a list and a view need ----------------------------------------------------------------------------------


def _watches(row: Row[Any], *, actor: Actor) -> bool:
    """Say whether the actor works with the review: the superior's side, those above it, and the auditor."""
    return actor.may("conduct_review", organisation=row.superior_path) or actor.may(
        "read_reviews", organisation=row.superior_path
    )


def _lines(db: Connection, rows: Sequence[Row[Any]], *, actor: Actor, at: datetime) -> list[ReviewLine]:
    today = clock.today(at)
    cards = cards_of(db, {(row.organisation_id, row.year): row.member_id for row in rows})
    return [_line(row, cards.get((row.organisation_id, row.year), []), actor=actor, today=today) for row in rows]


def _line(row: Row[Any], colours: list[str], *, actor: Actor, today: date) -> ReviewLine:
    sees_all = row.state in rules.FROZEN or _watches(row, actor=actor)
    card = highest(colours)
    return ReviewLine(
        **{
            name: getattr(row, name)
            for name in (
                *("id", "organisation_id", "organisation_name", "superior_id", "superior_name", "secretary_name"),
                *("year", "post_kind", "state", "report_by", "has_check", "published_on"),
            )
        },
        is_late=row.state == rules.OPENED and row.report_by < today,
        card=card,
        score=float(row.score) if sees_all and row.score is not None else None,
        proposed_grade=row.proposed_grade if sees_all else None,
        grade=row.grade if sees_all else None,
        is_over_cap=is_over_cap(row, card),
    )


def _earlier(db: Connection, row: Row[Any]) -> list[FactCountView]:
    """Return the person's earlier grades in the same kind of post: the grade, and the year as its number."""
    grades = grades_of(db, row.member_id, row.post_kind)
    return [FactCountView(grades[year], year) for year in sorted(grades, reverse=True) if year < row.year]


def _can(db: Connection, row: Row[Any], *, actor: Actor, has_recommendation: bool) -> list[str]:
    """Return what the actor may do with the review as it stands."""
    can: list[str] = []
    is_own = row.member_id == actor.person_id
    if is_own and actor.may("hand_in_review", organisation=row.path):
        can += ["hand_in"] if row.state == rules.OPENED else []
        can += ["acknowledge"] if row.state == rules.PUBLISHED else []
    if is_own:
        return can
    if actor.may("conduct_review", organisation=row.superior_path):
        can += ["send_back", "call_vote"] if row.state == rules.HANDED_IN else []
        can += ["cancel"] if row.state in (rules.OPENED, rules.HANDED_IN) else []
        can += ["check", "comment"] if row.state in (rules.HANDED_IN, rules.VOTING, rules.VOTED) else []
        can += ["propose"] if row.state in rules.MOVES["propose"][0] and row.has_check else []
    if actor.may("decide_review", organisation=row.superior_path):
        for move in ("decide", "send_up", "publish", "correct"):
            can += [move] if row.state in rules.MOVES[move][0] else []
    if row.state in rules.FROZEN and row.grade == rules.GOOD and not has_recommendation:
        committee = recommender(db, row)
        if committee is not None and actor.may("recommend_secretary", organisation=committee.path):
            can += ["recommend"]
    return can


def recommender(db: Connection, row: Row[Any]) -> Row[Any] | None:
    """Return the committee that recommends a published review's secretary upward: the one at the rule's depth."""
    depth = rule_on(db, row.published_on).numbers.upward_depth
    labels = row.path.split(".")
    if len(labels) <= depth:
        return None
    above = organisations.c.path == ".".join(labels[:depth])
    return db.execute(select(organisations).where(above)).one_or_none()
