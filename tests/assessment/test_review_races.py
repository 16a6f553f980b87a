"""Two at the same time: votes, decisions, the last recommendation; and a small walk of the machine."""

from uuid import uuid4

from assessment.domain.reviews import FROZEN, MOVES, is_better
from assessment.operations import review_consequences, review_meetings, reviews
from chassis.refusals import Refusal
from contracts.assessment.reviews import (
    AcknowledgeReview,
    CallReviewMeeting,
    CastReviewVote,
    CorrectGrade,
    DecideGrade,
    PublishReview,
    RecommendSecretary,
    SendReviewBack,
    SendReviewUp,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from tests.assessment.articles import NOON
from tests.assessment.reviewed import Town, a_town, voter
from tests.races import at_once


def in_its_own(database: Engine, act: object, **how: object) -> object:
    """An act in a transaction of its own."""

    def begin() -> object:
        with database.begin() as db:
            return act(db, **how)  # type: ignore[operator]

    return begin


def test_one_person_votes_once(database: Engine) -> None:
    with database.begin() as db:
        town = a_town(db, branches=1)
        town.open()
        review_id = town.hand_in(0)
        people = town.voters(4)
        call = CallReviewMeeting(
            organisation_id=town.id, year=2026, held_on=NOON.date(), review_ids=[review_id], person_ids=people
        )
        review_meetings.call(db, asked=call, actor=town.officer, at=NOON)
    acts = [
        in_its_own(
            database,
            review_meetings.cast,
            asked=CastReviewVote(review_id=review_id, vote=vote, salt=uuid4().hex),
            actor=voter(town, people[0]),
        )
        for vote in ("good", "poor", "good")
    ]
    told = at_once(acts)  # type: ignore[arg-type]
    assert sorted(map(str, told)).count("already-voted") == 2
    with database.connect() as db:
        assert db.scalar(text("SELECT sum(number) FROM review_votes")) == 1
        assert db.scalar(text("SELECT count(*) FROM review_ballots")) == 1


def test_one_decision_of_two(database: Engine) -> None:
    with database.begin() as db:
        town = a_town(db, branches=1)
        town.open()
        review_id = town.hand_in(0)
        town.check(0)
        town.vote(0)
        town.propose(0)
    acts = [
        in_its_own(database, reviews.decide, asked=DecideGrade(review_id, grade, "研究"), actor=town.officer, at=NOON)
        for grade in ("good", "poor")
    ]
    told = at_once(acts)  # type: ignore[arg-type]
    (lost,) = [one for one in told if one == "review-not-movable"]
    (won,) = [one for one in told if one != lost]
    with database.connect() as db:
        steps = db.execute(text("SELECT grade FROM review_steps WHERE move = 'decide'")).scalars().all()
        assert steps == [db.scalar(text("SELECT grade FROM reviews"))] == [won.grade]


def test_the_third_recommendation_is_one(database: Engine) -> None:
    with database.begin() as db:
        town = a_town(db, branches=5)
        ids = [town.grade(number, "good").id for number in range(5)]
        for one in ids[:2]:
            review_consequences.recommend(db, asked=RecommendSecretary(one, "突出"), actor=town.officer, at=NOON)
    acts = [
        in_its_own(
            database,
            review_consequences.recommend,
            asked=RecommendSecretary(one, "突出"),
            actor=town.officer,
            at=NOON,
        )
        for one in ids[2:]
    ]
    told = at_once(acts)  # type: ignore[arg-type]
    assert told.count("too-many-recommended") == 2
    with database.connect() as db:
        numbers = db.execute(text("SELECT number FROM recommendations ORDER BY number")).scalars().all()
        assert numbers == [1, 2, 3]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*MOVES, "check"]),
        st.sampled_from(["good", "fairly_good", "average", "poor"]),
    ),
    min_size=6,
    max_size=24,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_walk_keeps_to_the_machine(db: Connection, steps: list[tuple[str, str]]) -> None:
    """Whatever is tried in whatever order: a step from a wrong state is refused and changes nothing."""
    undone = db.begin_nested()
    town = a_town(db, branches=1)
    town.open()
    review_id = town.review(0)
    state, has_check = "opened", False
    for move, grade in steps:
        at_its_place = state in (MOVES[move][0] if move in MOVES else ("handed_in", "voting", "voted"))
        before = db.execute(text("SELECT version FROM reviews WHERE id = :id"), {"id": review_id}).scalar_one()
        tried = db.begin_nested()
        try:
            _try(db, town, move, grade)
        except Refusal:
            tried.rollback()
            assert not at_its_place or (move == "propose" and not has_check) or move in ("count", "cancel")
            now = db.execute(text("SELECT state, version FROM reviews WHERE id = :id"), {"id": review_id}).one()
            assert tuple(now) == (state, before)
            continue
        assert at_its_place
        has_check = has_check or move == "check"
        state = MOVES[move][1] if move in MOVES else state
        if move == "call_vote":
            state = "voted"  # the articles count at once
        row = db.execute(text("SELECT * FROM reviews WHERE id = :id"), {"id": review_id}).one()
        assert row.state == state
        assert (row.grade is not None) == (state in ("decided", "sent_up", *FROZEN))
        assert row.grade is None or not is_better(row.grade, row.cap or "good")
    undone.rollback()


def _try(db: Connection, town: Town, move: str, grade: str) -> None:
    review_id = town.review(0)
    if move == "hand_in":
        town.hand_in(0)
    elif move == "send_back":
        reviews.send_back(db, asked=SendReviewBack(review_id, "补充"), actor=town.officer, at=NOON)
    elif move == "check":
        town.check(0)
    elif move == "call_vote":
        town.vote(0)
    elif move == "propose":
        town.propose(0)
    elif move == "decide":
        town.decide(0, grade)
    elif move == "send_up":
        asked = SendReviewUp(review_id, NOON.date(), "9号")
        reviews.send_up(db, asked=asked, actor=town.officer, at=NOON)
    elif move == "publish":
        reviews.publish(db, asked=PublishReview(review_id), actor=town.officer, at=NOON)
    elif move == "acknowledge":
        asked_for = AcknowledgeReview(review_id=review_id)
        reviews.acknowledge(db, asked=asked_for, actor=town.secretary(0), at=NOON)
    elif move == "correct":
        reviews.correct(db, asked=CorrectGrade(review_id, grade, "复核"), actor=town.officer, at=NOON)
    else:  # a count goes with its call; a cancelled review has no further walk
        raise reviews.ReviewNotMovable(state="opened", move=move)
