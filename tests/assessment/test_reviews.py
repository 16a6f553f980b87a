"""Annual reviews (A13): the steps, the vote, the card's cap, what follows, and who may see and do what."""

import itertools
from datetime import date, timedelta
from uuid import uuid4

import pytest
from assessment.domain.reviews import FROZEN, MOVES, STATES
from assessment.operations import review_consequences, review_meetings, reviews
from assessment.operations.review_consequences import (
    AlreadyRecommended,
    ConsequenceNotDue,
    NotRecommendable,
    TooManyRecommended,
)
from assessment.operations.review_meetings import AlreadyVoted, MeetingOver, TooManyVotes, VotesMissing
from assessment.operations.reviews import (
    CheckMissing,
    GradeCapped,
    NotYourReview,
    OwnReview,
    ReviewNotMovable,
    YearNotReviewed,
)
from assessment.queries import consequences as following
from assessment.queries import reviews as shown
from assessment.queries.compliance import RankingSwitchedOff
from assessment.tables.reviews import reviews as table
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput
from contracts.assessment.reviews import (
    AcknowledgeReview,
    CallReviewMeeting,
    CorrectGrade,
    CountReviewMeeting,
    DecideReplacement,
    FulfilConsequence,
    OpenReviews,
    PublishReview,
    RecommendSecretary,
    ReviewAsked,
    ReviewsAsked,
    SendReviewBack,
    WithdrawRecommendation,
)
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests import articles
from tests.assessment.articles import NOON, a_branch, at
from tests.assessment.reviewed import TOWN, Town, a_card, a_town, branch_path, casts, leads, person


@pytest.fixture
def town(db: Connection) -> Town:
    return a_town(db)


def the_kinds(view: object) -> dict[str, str]:
    return {one.kind: one.state for one in view.consequences}  # type: ignore[attr-defined]


class TestOpening:
    def test_each_secretary_below_is_reviewed_once(self, db: Connection, town: Town) -> None:
        vacant = a_branch(db, path=f"{TOWN}.b9", parent_id=town.id, name="空缺村党支部")
        asked = OpenReviews(town.id, 2026)
        opened = reviews.open_year(db, asked=asked, actor=town.officer, at=NOON)
        assert (opened.opened, opened.without_secretary) == (3, ["空缺村党支部"])
        again = reviews.open_year(db, asked=asked, actor=town.officer, at=NOON)
        assert again.opened == 0
        leads(db, vacant, f"{TOWN}.b9", holders=[(uuid4(), date(2026, 11, 2), None)])
        assert reviews.open_year(db, asked=asked, actor=town.officer, at=NOON).opened == 1

    def test_the_days_are_those_in_the_post(self, db: Connection, town: Town) -> None:
        leads(
            db,
            town.branches[0],
            branch_path(0),
            version=2,
            holders=[(uuid4(), date(2020, 1, 1), date(2026, 6, 1)), (person(branch_path(0)), date(2026, 6, 1), None)],
        )
        town.open()
        view = shown.review(db, asked=ReviewAsked(town.review(0)), actor=town.officer, at=NOON)
        assert (view.from_day, view.until_day, view.post_kind) == (date(2026, 6, 1), date(2026, 12, 31), "village")

    def test_not_before_its_time_nor_by_a_branch(self, db: Connection, town: Town) -> None:
        with pytest.raises(YearNotReviewed):
            reviews.open_year(db, asked=OpenReviews(town.id, 2026), actor=town.officer, at=at(9, 30))
        with pytest.raises(Forbidden):
            reviews.open_year(db, asked=OpenReviews(town.id, 2026), actor=town.secretary(0), at=NOON)


class TestSteps:
    def test_from_the_report_to_the_acknowledgement(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(0)
        town.check(0, score=92)
        town.vote(0, votes={"good": 8, "fairly_good": 2})
        view = town.propose(0, score=94)
        # 97.0 of the votes by 40, 94 by 30, 92 by 20; no round, so of 90.
        assert (view.score, view.proposed_grade, view.because) == (94.9, "good", [])
        assert [(part.component, part.weight) for part in view.parts] == [
            ("votes", 40),
            ("superior", 30),
            ("field", 20),
        ]
        town.decide(0, "good")
        view = town.publish(0)
        assert (view.state, view.grade, view.published_on) == ("published", "good", NOON.date())
        asked = AcknowledgeReview(review_id=review_id, word="知悉")
        mine = reviews.acknowledge(db, asked=asked, actor=town.secretary(0), at=NOON)
        assert mine.state == "acknowledged"
        assert [step.move for step in mine.steps] == [
            *("hand_in", "call_vote", "count", "propose", "decide", "send_up", "publish", "acknowledge")
        ]

    def test_a_report_is_sent_back_and_handed_in_anew(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(0)
        reviews.send_back(db, asked=SendReviewBack(review_id, "请补充整改情况"), actor=town.officer, at=NOON)
        view = shown.review(db, asked=ReviewAsked(review_id), actor=town.secretary(0), at=NOON)
        assert (view.state, view.can) == ("opened", ["hand_in"])
        assert [step.reason for step in view.steps] == [None, "请补充整改情况"]
        assert town.hand_in(0) == review_id

    def test_the_check_comes_before_the_proposal(self, town: Town) -> None:
        town.open()
        town.hand_in(0)
        town.vote(0)
        with pytest.raises(CheckMissing):
            town.propose(0)

    def test_only_oneself_hands_in_and_nobody_conducts_their_own(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(1)
        both = articles.an_actor(
            ("secretary", branch_path(1)), ("officer", TOWN), person=person(branch_path(1)), at=NOON
        )
        with pytest.raises(OwnReview):
            reviews.send_back(db, asked=SendReviewBack(review_id, "自己"), actor=both, at=NOON)
        with pytest.raises(NotYourReview):
            reviews.acknowledge(db, asked=AcknowledgeReview(review_id=review_id), actor=town.secretary(0), at=NOON)
        with pytest.raises(Forbidden):
            reviews.send_back(db, asked=SendReviewBack(review_id, "下级"), actor=town.secretary(1), at=NOON)

    def test_every_pair_of_state_and_move(self, db: Connection, town: Town) -> None:
        """The database itself keeps to the table of moves."""
        allowed = {(source, target) for sources, target in MOVES.values() for source in sources}
        town.grade(0, "good")
        row = db.execute(select(table).where(table.c.id == town.review(0))).one()._asdict()
        for source, target in itertools.permutations(STATES, 2):
            undone = db.begin_nested()
            one = {**row, **_as(source), "id": uuid4(), "year": 2030}
            db.execute(insert(table).values(one))
            moved = update(table).where(table.c.id == one["id"]).values(_as(target))
            if (source, target) in allowed:
                assert db.execute(moved).rowcount == 1
            else:
                with pytest.raises(DBAPIError, match=r"cannot become|frozen"):
                    db.execute(moved)
            undone.rollback()

    def test_what_is_published_is_frozen(self, db: Connection, town: Town) -> None:
        town.grade(0, "good")
        with pytest.raises(DBAPIError, match="frozen"):
            db.execute(text("UPDATE reviews SET report = 'anders' WHERE id = :id"), {"id": town.review(0)})


def _as(state: str) -> dict[str, object]:
    """The columns that a state needs."""
    is_decided = state in ("decided", "sent_up", *FROZEN)
    return {
        "state": state,
        "grade": "good" if is_decided else None,
        "reason": "会议研究" if is_decided else None,
        "decided_at": NOON if is_decided else None,
        "published_on": NOON.date() if state in FROZEN else None,
        "acknowledged_at": NOON if state == "acknowledged" else None,
    }


class TestVotes:
    def test_are_secret_counted_once_and_need_a_quorum(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(0)
        people = town.voters(9)
        call = CallReviewMeeting(
            organisation_id=town.id, year=2026, held_on=NOON.date(), review_ids=[review_id], person_ids=people
        )
        meeting = review_meetings.call(db, asked=call, actor=town.officer, at=NOON)
        assert meeting.quorum == 7
        for one in people[:6]:
            casts(db, town, one, review_id)
        with pytest.raises(AlreadyVoted):
            casts(db, town, people[0], review_id, "poor")
        with pytest.raises(Forbidden):
            casts(db, town, uuid4(), review_id)
        with pytest.raises(VotesMissing, match="only 6 voted"), db.begin_nested():
            review_meetings.count(db, asked=CountReviewMeeting(meeting_id=meeting.id), actor=town.officer, at=NOON)
        view = shown.review(db, asked=ReviewAsked(review_id), actor=town.officer, at=NOON)
        assert (view.voted, view.votes) == (6, [])
        casts(db, town, people[6], review_id, "average")
        review_meetings.count(db, asked=CountReviewMeeting(meeting_id=meeting.id), actor=town.officer, at=NOON)
        view = shown.review(db, asked=ReviewAsked(review_id), actor=town.officer, at=NOON)
        assert [(one.kind, one.number) for one in view.votes] == [
            *(("good", 6), ("fairly_good", 0), ("average", 1), ("poor", 0))
        ]
        with pytest.raises(MeetingOver):
            casts(db, town, people[8], review_id)
        # Who voted what stands nowhere: a ballot has neither the vote nor a time.
        columns = db.execute(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = 'review_ballots'")
        ).scalars()
        assert set(columns) == {"review_id", "person_id", "meeting_id"}

    def test_on_paper_there_are_no_more_than_members(self, town: Town) -> None:
        town.open()
        town.hand_in(0)
        with pytest.raises(TooManyVotes):
            town.vote(0, votes={"good": 11})

    def test_only_members_below_are_asked_and_nobody_votes_on_themselves(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(0)
        about = {"organisation_id": town.id, "year": 2026, "held_on": NOON.date(), "review_ids": [review_id]}
        strange = CallReviewMeeting(**about, person_ids=[uuid4()])
        with pytest.raises(InvalidInput), db.begin_nested():
            review_meetings.call(db, asked=strange, actor=town.officer, at=NOON)
        own = CallReviewMeeting(**about, person_ids=[*town.voters(3), person(branch_path(0))])
        review_meetings.call(db, asked=own, actor=town.officer, at=NOON)
        with pytest.raises(OwnReview):
            casts(db, town, person(branch_path(0)), review_id)


class TestCaps:
    @pytest.mark.parametrize(
        ("colour", "proposed", "refused"),
        [("yellow", "good", []), ("orange", "fairly_good", ["good"]), ("red", "average", ["good", "fairly_good"])],
    )
    def test_the_highest_card_of_the_year_caps_even_when_cleared(
        self, db: Connection, town: Town, colour: str, proposed: str, refused: list[str]
    ) -> None:
        a_card(db, town.branches[0], "yellow", on=date(2026, 3, 1))
        a_card(db, town.branches[0], colour, on=date(2026, 5, 1), secretary_id=person(branch_path(0)))
        town.open()
        town.hand_in(0)
        town.check(0)
        town.vote(0)
        view = town.propose(0)
        assert (view.card, view.proposed_grade) == (colour, proposed)
        for grade in refused:
            with pytest.raises(GradeCapped, match=colour), db.begin_nested():
                town.decide(0, grade)
        assert town.decide(0, proposed).grade == proposed

    def test_a_card_of_another_year_or_secretary_does_not(self, db: Connection, town: Town) -> None:
        a_card(db, town.branches[0], "red", on=date(2025, 5, 1))
        a_card(db, town.branches[0], "red", on=date(2026, 1, 5), secretary_id=uuid4())
        assert town.grade(0, "good").card is None

    def test_a_card_that_comes_before_the_publication_stops_it(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(0)
        town.check(0)
        town.vote(0)
        town.propose(0)
        town.decide(0, "good")
        a_card(db, town.branches[0], "orange", on=date(2026, 11, 12))
        with pytest.raises(GradeCapped), db.begin_nested():
            town.publish(0)
        assert town.propose(0).proposed_grade == "fairly_good"
        town.decide(0, "fairly_good")
        assert town.publish(0).id == review_id

    def test_one_that_comes_later_is_told_and_corrected(self, db: Connection, town: Town) -> None:
        town.grade(0, "good")
        a_card(db, town.branches[0], "red", on=date(2026, 12, 30))
        view = shown.review(db, asked=ReviewAsked(town.review(0)), actor=town.officer, at=NOON)
        assert view.is_over_cap
        with pytest.raises(GradeCapped), db.begin_nested():
            reviews.correct(db, asked=CorrectGrade(view.id, "fairly_good", "亮红牌"), actor=town.officer, at=NOON)
        corrected = CorrectGrade(view.id, "average", "亮红牌")
        view = reviews.correct(db, asked=corrected, actor=town.officer, at=NOON)
        assert (view.grade, view.is_over_cap, view.state) == ("average", False, "published")
        assert set(the_kinds(view)) == {"no_excellent", "talk", "mending"}

    def test_the_database_keeps_to_the_cap_by_itself(self, db: Connection, town: Town) -> None:
        a_card(db, town.branches[0], "red", on=date(2026, 5, 1))
        town.grade(0, "average")
        with pytest.raises(DBAPIError, match="reviews_capped"):
            db.execute(
                text("UPDATE reviews SET grade = 'good', version = version + 1 WHERE id = :id"), {"id": town.review(0)}
            )


class TestConsequences:
    def test_of_each_grade(self, town: Town) -> None:
        assert the_kinds(town.grade(0, "good")) == {}
        assert the_kinds(town.grade(1, "fairly_good")) == {"no_excellent": "due"}
        assert set(the_kinds(town.grade(2, "poor"))) == {"no_excellent", "talk", "mending"}

    def test_poor_twice_raises_the_replacement_and_people_decide(self, db: Connection, town: Town) -> None:
        town.grade(0, "poor", year=2025, at=at(12, 20, year=2025))
        view = town.grade(0, "poor")
        raised = {one.kind: one for one in view.consequences}
        assert set(raised) == {"no_excellent", "talk", "mending", "replacement", "no_promotion"}
        assert raised["no_promotion"].lasts_until == date(2029, 11, 11)
        asked = FulfilConsequence(raised["replacement"].id, NOON.date(), "已办")
        with pytest.raises(InvalidInput):
            review_consequences.fulfil(db, asked=asked, actor=town.officer, at=NOON)
        decide = DecideReplacement(raised["replacement"].id, "replace", NOON.date(), "镇党委会议研究")
        done = review_consequences.decide_replacement(db, asked=decide, actor=town.officer, at=NOON)
        assert (done.state, done.decision) == ("done", "replace")
        with pytest.raises(ConsequenceNotDue):
            review_consequences.decide_replacement(db, asked=decide, actor=town.officer, at=NOON)

    def test_the_run_follows_the_person_not_the_organisation(self, db: Connection, town: Town) -> None:
        town.grade(0, "poor", year=2025, at=at(12, 20, year=2025))
        # The secretary of the first village leads the second one in 2026, and somebody else the first.
        moved = person(branch_path(0))
        for number, who in ((0, uuid4()), (1, moved)):
            leads(db, town.branches[number], branch_path(number), version=2, holders=[(who, date(2026, 1, 1), None)])
        town.open()
        asked = articles.an_actor(("secretary", branch_path(1)), person=moved, at=NOON)
        town.secretary = lambda number: asked  # type: ignore[method-assign]
        view = town.grade(1, "poor")
        assert "replacement" in the_kinds(view)
        assert [(one.kind, one.number) for one in view.earlier] == [("poor", 2025)]

    def test_good_three_years_running_raises_a_village_secretarys_subsidy(self, db: Connection, town: Town) -> None:
        for year in (2024, 2025):
            assert the_kinds(town.grade(0, "good", year=year, at=at(12, 20, year=year))) == {}
        (subsidy,) = town.grade(0, "good").consequences
        assert (subsidy.kind, subsidy.percent) == ("subsidy", 30)
        # A correction of the year before takes its ground away, and gives it back.
        before = town.review(0, 2025)
        reviews.correct(db, asked=CorrectGrade(before, "average", "复核"), actor=town.officer, at=NOON)
        view = shown.review(db, asked=ReviewAsked(town.review(0)), actor=town.officer, at=NOON)
        assert the_kinds(view) == {"subsidy": "lifted"}
        reviews.correct(db, asked=CorrectGrade(before, "good", "复核有误"), actor=town.officer, at=NOON)
        view = shown.review(db, asked=ReviewAsked(town.review(0)), actor=town.officer, at=NOON)
        assert the_kinds(view) == {"subsidy": "due"}

    def test_a_branch_of_an_organ_has_none(self, db: Connection) -> None:
        organ = a_town(db, field="government")
        for year in (2024, 2025):
            organ.grade(0, "good", year=year, at=at(12, 20, year=year))
        assert the_kinds(organ.grade(0, "good")) == {}

    def test_are_listed_with_what_is_overdue(self, db: Connection, town: Town) -> None:
        town.grade(0, "poor")
        later = NOON + timedelta(days=20)
        asked = following.ConsequencesAsked(state="overdue")
        page = following.consequences_asked(db, asked=asked, actor=town.officer, at=later)
        assert [(one.kind, one.is_overdue) for one in page.items] == [("talk", True)]
        done = FulfilConsequence(page.items[0].id, later.date(), "约谈记录2026-3号")
        review_consequences.fulfil(db, asked=done, actor=town.officer, at=later)
        assert following.consequences_asked(db, asked=asked, actor=town.officer, at=later).items == []
        with pytest.raises(Forbidden):
            review_consequences.fulfil(db, asked=done, actor=town.secretary(0), at=later)


class TestRecommendations:
    def test_three_a_year_and_a_number_taken_back_is_free(self, db: Connection) -> None:
        town = a_town(db, branches=5)
        for number in range(4):
            town.grade(number, "good")
        town.grade(4, "fairly_good")
        for number in range(3):
            asked = RecommendSecretary(town.review(number), "实绩突出")
            view = review_consequences.recommend(db, asked=asked, actor=town.officer, at=NOON)
            assert [one.number for one in view.items] == list(range(1, number + 2))
        fourth = RecommendSecretary(town.review(3), "实绩突出")
        with pytest.raises(TooManyRecommended, match="has recommended 3"):
            review_consequences.recommend(db, asked=fourth, actor=town.officer, at=NOON)
        asked = RecommendSecretary(town.review(0), "再推荐")
        with pytest.raises(AlreadyRecommended):
            review_consequences.recommend(db, asked=asked, actor=town.officer, at=NOON)
        asked = RecommendSecretary(town.review(4), "不是好")
        with pytest.raises(NotRecommendable):
            review_consequences.recommend(db, asked=asked, actor=town.officer, at=NOON)
        taken_back = WithdrawRecommendation(view.items[1].id, "本人调离")
        review_consequences.withdraw_recommendation(db, asked=taken_back, actor=town.officer, at=NOON)
        view = review_consequences.recommend(db, asked=fourth, actor=town.officer, at=NOON)
        assert [one.number for one in view.items if one.withdrawn_at is None] == [1, 2, 3]

    def test_a_fourth_number_does_not_exist(self, db: Connection, town: Town) -> None:
        town.grade(0, "good")
        with pytest.raises(DBAPIError, match="recommendations_three"):
            db.execute(
                text(
                    "INSERT INTO recommendations (id, review_id, organisation_id, year, number, reason, at, by_id,"
                    " by_name) VALUES (gen_random_uuid(), :id, :town, 2026, 4, 'x', now(), gen_random_uuid(), 'x')"
                ),
                {"id": town.review(0), "town": town.id},
            )


class TestWhoSees:
    def test_the_secretary_sees_marks_and_grade_only_when_published(self, db: Connection, town: Town) -> None:
        town.open()
        review_id = town.hand_in(0)
        town.check(0)
        town.vote(0)
        town.propose(0)
        town.decide(0, "good")
        view = shown.review(db, asked=ReviewAsked(review_id), actor=town.secretary(0), at=NOON)
        hidden = (view.grade, view.score, view.proposed_grade, view.reason, view.superior_score)
        assert (hidden, view.votes, view.checks, view.parts) == ((None,) * 5, [], [], [])
        town.publish(0)
        view = shown.review(db, asked=ReviewAsked(review_id), actor=town.secretary(0), at=NOON)
        assert (view.grade, len(view.checks), view.can) == ("good", 1, ["acknowledge"])

    def test_another_branch_does_not(self, db: Connection, town: Town) -> None:
        town.open()
        with pytest.raises(Forbidden):
            shown.review(db, asked=ReviewAsked(town.review(0)), actor=town.secretary(1), at=NOON)
        # Nor does somebody who leads the same branch now.
        follower = articles.an_actor(("secretary", branch_path(0)), at=NOON)
        with pytest.raises(Forbidden):
            shown.review(db, asked=ReviewAsked(town.review(0)), actor=follower, at=NOON)

    def test_the_board_stands_in_the_order_of_the_tree_and_is_not_ranked(self, db: Connection, town: Town) -> None:
        town.open()
        asked = ReviewsAsked(organisation_id=town.id, year=2026, limit=2)
        page = shown.reviews_asked(db, asked=asked, actor=town.officer, at=NOON)
        assert [one.organisation_name for one in page.items] == ["第0村党支部", "第1村党支部"]
        assert page.is_compliant
        more = ReviewsAsked(organisation_id=town.id, year=2026, cursor=page.next)
        assert len(shown.reviews_asked(db, asked=more, actor=town.officer, at=NOON).items) == 1
        ranked = ReviewsAsked(organisation_id=town.id, year=2026, by_score=True)
        with pytest.raises(RankingSwitchedOff):
            shown.reviews_asked(db, asked=ranked, actor=town.officer, at=NOON)


def test_a_stale_step_is_refused(db: Connection, town: Town) -> None:
    town.open()
    with pytest.raises(ReviewNotMovable):
        reviews.publish(db, asked=PublishReview(town.review(0)), actor=town.officer, at=NOON)
