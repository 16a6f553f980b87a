"""The visits of a round: answers from phones, differing assessors, the score, the report and the word on it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from assessment.operations import round_reports, round_visits, rounds
from assessment.operations.round_report_pdf import as_pdf
from assessment.operations.round_visits import (
    NotOfTeam,
    NotTeamLeader,
    RoundEnded,
    RoundVisitNotMovable,
    VisitFinished,
    VisitIncomplete,
)
from assessment.operations.rounds import VisitsOpen
from assessment.queries import round_visits as shown
from assessment.queries.rounds import summary
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.round_visits import (
    AcknowledgeReport,
    ChangedItem,
    CloseRoundVisit,
    DecideItem,
    DisputeReport,
    FinishVisit,
    GivenAnswer,
    MyFormsAsked,
    OpenVisitAnew,
    ReopenVisit,
    RoundReportsAsked,
    RoundVisitAsked,
    RoundVisitsAsked,
    RoundVisitView,
    SendReport,
    SendReports,
    SettleReport,
    SyncVisit,
)
from contracts.assessment.rounds import CloseOnSiteRound, RoundSummaryAsked
from contracts.envelope import NAMESPACE_ZHENDI, load, plain
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import an_actor
from tests.assessment.rounds import (
    AFTER,
    DISTRICT,
    OFFICER,
    Drawn,
    a_closed_visit,
    a_district,
    a_drawn_round,
    a_problem,
    an_assessor,
    answers_to,
    sync,
    visit_ids,
)


@pytest.fixture
def drawn(db: Connection) -> Drawn:
    a_district(db)
    return a_drawn_round(db)


@pytest.fixture
def visit(db: Connection, drawn: Drawn) -> UUID:
    """The visit of the first village of the first town."""
    return visit_ids(db, drawn)[0]


def rows(db: Connection, table: str) -> int:
    return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


class TestSync:
    def test_what_is_sent_again_is_taken_once(self, db: Connection, drawn: Drawn, visit: UUID) -> None:
        leader, other = drawn.team_of(db, visit)
        view = sync(db, visit, leader)
        answers, problem = answers_to(view), a_problem(view)
        for _ in range(2):
            told = sync(db, visit, leader, answers=answers, problems=[problem])
        assert (rows(db, "visit_answers"), rows(db, "visit_problems")) == (len(answers), 1)
        assert all(item.counted for item in told.items)
        round_visits.finish(db, asked=FinishVisit(visit), actor=other, at=AFTER)
        assert sync(db, visit, leader, answers=answers, problems=[problem]).state == "finished"
        with pytest.raises(VisitFinished):
            sync(db, visit, leader, answers=answers_to(view))

    def test_of_ones_own_answers_the_latest_counts_and_all_are_kept(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        view = sync(db, visit, leader)
        later, earlier = answers_to(view, less={0: 1})[:1], answers_to(view, less={0: 3})[:1]
        sync(db, visit, leader, answers=[GivenAnswer(**{**later[0].__dict__, "answered_at": AFTER})])
        before = GivenAnswer(**{**earlier[0].__dict__, "answered_at": AFTER - timedelta(minutes=5)})
        told = sync(db, visit, leader, answers=[before])  # it waited on another phone
        assert told.items[0].points == later[0].points
        assert rows(db, "visit_answers") == 2

    def test_a_fast_clock_does_not_count_for_more(self, db: Connection, drawn: Drawn, visit: UUID) -> None:
        leader = drawn.team_of(db, visit)[0]
        view = sync(db, visit, leader)
        told = sync(db, visit, leader, answers=answers_to(view, answered_at=AFTER + timedelta(days=400)))
        assert {answer.answered_at for item in told.items for answer in item.answers} == {AFTER}

    def test_marks_beyond_the_full_ones_and_strange_items_are_refused(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        item = sync(db, visit, leader).criteria.headings[0].items[0]
        many = [
            GivenAnswer(id=uuid4(), item_id=item.id, points=item.full_marks + 0.5, answered_at=AFTER),
            GivenAnswer(id=uuid4(), item_id=item.id, points=0.3, answered_at=AFTER),
            GivenAnswer(id=uuid4(), item_id=uuid4(), points=1, answered_at=AFTER),
            GivenAnswer(id=uuid4(), item_id=item.id, points=None, answered_at=AFTER),
        ]
        with pytest.raises(InvalidInput) as caught:
            sync(db, visit, leader, answers=many)
        assert set(caught.value.errors) == {
            "answers.0.points",
            "answers.1.points",
            "answers.2.item_id",
            "answers.3.remark",
        }

    def test_another_team_and_whoever_lost_the_role_do_not_write(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        mine = drawn.team_of(db, visit)
        stranger = next(team for team in drawn.people if team is not mine)[0]
        with pytest.raises(NotOfTeam):
            sync(db, visit, stranger)
        with pytest.raises(Forbidden):
            shown.round_visit(db, asked=RoundVisitAsked(visit), actor=stranger, at=AFTER)
        dismissed = an_actor(("member", DISTRICT))
        with pytest.raises(Forbidden):
            sync(db, visit, dismissed)

    def test_a_problem_is_taken_back_by_its_finder_or_the_leader(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader, other = drawn.team_of(db, visit)
        view = sync(db, visit, leader)
        by_leader, by_other = a_problem(view), a_problem(view, text="党员大会少一次")
        sync(db, visit, leader, problems=[by_leader])
        sync(db, visit, other, problems=[by_other])
        assert len(sync(db, visit, other, dropped=[by_leader.id]).problems) == 2
        left = sync(db, visit, leader, dropped=[by_other.id]).problems
        assert [one.text for one in left] == [by_leader.text]

    def test_the_forms_that_go_along_are_the_open_ones_of_ones_team(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        before = shown.my_forms(db, asked=MyFormsAsked(), actor=leader, at=AFTER)
        assert len(before.visits) == 4
        assert visit in {one.id for one in before.visits}
        a_closed_visit(db, drawn, visit)
        after = shown.my_forms(db, asked=MyFormsAsked(), actor=leader, at=AFTER)
        assert {one.id for one in after.visits} == {one.id for one in before.visits} - {visit}


class TestTwoAssessors:
    def test_both_are_kept_until_the_leader_decides(self, db: Connection, drawn: Drawn, visit: UUID) -> None:
        leader, other = drawn.team_of(db, visit)
        view = sync(db, visit, leader)
        sync(db, visit, leader, answers=answers_to(view))
        told = sync(db, visit, other, answers=answers_to(view, less={0: 2})[:2])
        item = told.items[0]
        assert (item.is_conflict, item.counted, {answer.by_name for answer in item.answers}) == (
            True,
            False,
            {leader.name, other.name},
        )
        assert (told.items[1].is_conflict, told.items[1].counted) == (False, True)  # both say the same
        with pytest.raises(VisitIncomplete, match="0 items have no answer, and on 1"):
            round_visits.finish(db, asked=FinishVisit(visit), actor=other, at=AFTER)
        decided = DecideItem(visit_id=visit, item_id=item.item_id, points=4.5, reason="手册可见，缺批复")
        with pytest.raises(NotTeamLeader):
            round_visits.decide(db, asked=decided, actor=other, at=AFTER)
        told = round_visits.decide(db, asked=decided, actor=leader, at=AFTER)
        assert (told.items[0].points, told.items[0].is_conflict, len(told.items[0].answers)) == (4.5, False, 2)
        round_visits.finish(db, asked=FinishVisit(visit), actor=other, at=AFTER)


class TestClosing:
    def test_the_score_comes_with_each_step_and_stays_in_the_history(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        told = a_closed_visit(db, drawn, visit, less={3: 2.0, 8: 3.0})
        # 30 points of 组织生活 lose 2 × 30/30, 20 of 党员教育管理 lose 3 × 20/20.
        assert told.score.score == 95.0
        assert [(step.points, step.full_marks, step.given) for step in told.score.steps][:3] == [
            (15.0, 15.0, 15.0),
            (28.0, 30.0, 28.0),
            (17.0, 20.0, 17.0),
        ]
        kept = db.execute(text("SELECT move, score, steps FROM visit_steps ORDER BY version")).all()
        assert [row.move for row in kept] == ["finish", "close"]
        assert kept[1].steps["score"] == 95.0

    def test_only_the_leader_opens_again_and_closes(self, db: Connection, drawn: Drawn, visit: UUID) -> None:
        leader, other = drawn.team_of(db, visit)
        view = sync(db, visit, leader)
        with pytest.raises(VisitIncomplete):
            round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=AFTER)
        sync(db, visit, leader, answers=answers_to(view))
        with pytest.raises(RoundVisitNotMovable):
            round_visits.close(db, asked=CloseRoundVisit(visit, "好"), actor=leader, at=AFTER)
        round_visits.finish(db, asked=FinishVisit(visit), actor=other, at=AFTER)
        for act, asked in (
            (round_visits.reopen, ReopenVisit(visit, "再看")),
            (round_visits.close, CloseRoundVisit(visit, "好")),
        ):
            with pytest.raises(NotTeamLeader):
                act(db, asked=asked, actor=other, at=AFTER)  # type: ignore[operator]
        assert round_visits.reopen(db, asked=ReopenVisit(visit, "再看"), actor=leader, at=AFTER).state == "assigned"


class TestOpenedAnew:
    SECRETARY = an_actor(("secretary", f"{DISTRICT}.t1.v1"))
    LATER = AFTER + timedelta(hours=1)

    def opened(self, db: Connection, visit: UUID, *, at: datetime = LATER) -> RoundVisitView:
        return round_visits.open_anew(db, asked=OpenVisitAnew(visit, "漏看一本记录"), actor=OFFICER, at=at)

    def test_what_was_sent_stays_readable_and_the_second_report_counts_alone(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        first = a_closed_visit(db, drawn, visit, less={3: 2.0})
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
        round_reports.acknowledge(db, asked=AcknowledgeReport(visit, "认可"), actor=self.SECRETARY, at=AFTER)
        told = self.opened(db, visit)
        assert (told.state, told.score, told.report, told.word, told.number) == ("assigned", None, None, None, 2)
        assert rows(db, "round_scores") == 0
        assert visit in {one.id for one in shown.my_forms(db, asked=MyFormsAsked(), actor=leader, at=AFTER).visits}

        asked = RoundVisitAsked(visit)
        before = shown.round_visit(db, asked=asked, actor=self.SECRETARY, at=self.LATER)
        assert before.score is not None
        assert (before.is_aside, before.score.score, before.word, before.number) == (True, 98.0, "认可", 1)
        assert leader.name not in str(before)
        own = RoundReportsAsked(organisation_id=told.organisation_id)
        (line,) = shown.round_reports(db, asked=own, actor=self.SECRETARY, at=self.LATER).items
        assert (line.state, line.score, line.problems) == ("assigned", 98.0, 1)

        again = answers_to(first, less={3: 1.0}, answered_at=self.LATER)[3:4]
        found = a_problem(first, kind="records", text="缺签到")
        given = SyncVisit(visit_id=visit, answers=again, problems=[found], dropped=[first.problems[0].id])
        for _ in range(2):
            told = round_visits.sync(db, given=given, actor=leader, at=self.LATER + timedelta(minutes=1))
        assert len(told.problems) == 2  # what is registered is taken back in the register alone
        db.execute(text("UPDATE problem_kinds SET active_until = '2026-11-01' WHERE code = 'regular_meetings'"))
        round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=self.LATER)
        told = round_visits.close(db, asked=CloseRoundVisit(visit, "补看后"), actor=leader, at=self.LATER)
        assert db.execute(text("SELECT score FROM round_scores")).scalars().all() == [99.0]
        assert (rows(db, "problems"), told.steps[-1].score) == (2, 99.0)
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=self.LATER)
        now = shown.round_visit(db, asked=asked, actor=self.SECRETARY, at=self.LATER)
        assert (now.is_aside, now.number, [one.score for one in now.earlier]) == (False, 2, [98.0])
        assert rows(db, "notices WHERE kind = 'round_report_sent'") == 2
        assert rows(db, "notices WHERE kind = 'round_report_put_aside'") == 1
        printed = shown.round_visit(db, asked=RoundVisitAsked(visit, 1), actor=self.SECRETARY, at=self.LATER)
        assert as_pdf(printed, drawn_at=self.LATER, drawn_by="李科长").startswith(b"%PDF")

    def test_a_decision_from_before_counts_only_where_nothing_was_answered_since(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        first = a_closed_visit(db, drawn, visit, less={3: 2.0, 4: 2.0})
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
        round_reports.dispute(db, asked=DisputeReport(visit, "不服"), actor=self.SECRETARY, at=AFTER)
        changes = [ChangedItem(item_id=first.items[place].item_id, points=0) for place in (3, 4)]
        asked = SettleReport(visit_id=visit, decision="扣完", changes=changes)
        round_reports.settle(db, asked=asked, actor=OFFICER, at=AFTER)
        self.opened(db, visit)
        later = self.LATER + timedelta(minutes=1)
        again = answers_to(first, answered_at=later)[3:4]
        told = round_visits.sync(db, given=SyncVisit(visit_id=visit, answers=again), actor=leader, at=later)
        assert [told.items[place].points for place in (3, 4)] == [first.criteria.headings[1].items[0].full_marks, 0]
        round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=later)
        round_visits.close(db, asked=CloseRoundVisit(visit, "复看"), actor=leader, at=later)
        told_of = summary(db, asked=RoundSummaryAsked(drawn.round.id), actor=OFFICER, at=later)
        average = {one.item_id: one.average for one in told_of.items}
        assert [average[told.items[place].item_id] for place in (3, 4)] == [told.items[3].points, 0]

    def test_it_takes_the_officer_a_score_and_a_round_under_way(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        with pytest.raises(RoundVisitNotMovable, match="opened anew"):
            self.opened(db, visit)
        for place, one in enumerate(visit_ids(db, drawn)):
            a_closed_visit(db, drawn, one, less={place: 1})
        for who in (leader, self.SECRETARY):
            with pytest.raises(Forbidden):
                round_visits.open_anew(db, asked=OpenVisitAnew(visit, "重评"), actor=who, at=self.LATER)
        self.opened(db, visit)
        with pytest.raises(NotFound):  # it was not sent, so its organisation knows nothing of it
            shown.round_visit(db, asked=RoundVisitAsked(visit, 1), actor=self.SECRETARY, at=self.LATER)
        with pytest.raises(VisitsOpen):
            rounds.close(db, asked=CloseOnSiteRound(drawn.round.id), actor=OFFICER, at=self.LATER)
        round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=self.LATER)
        round_visits.close(db, asked=CloseRoundVisit(visit, "无变化"), actor=leader, at=self.LATER)
        rounds.close(db, asked=CloseOnSiteRound(drawn.round.id), actor=OFFICER, at=self.LATER)
        with pytest.raises(RoundEnded):
            self.opened(db, visit)
        with pytest.raises(DBAPIError, match="not changed"), db.begin_nested():
            db.execute(
                text("UPDATE round_visits SET score = NULL, state = 'assigned', report = NULL, finished_on = NULL")
            )


class TestReport:
    SECRETARY = an_actor(("secretary", f"{DISTRICT}.t1.v1"))

    def asked_by(self, db: Connection, visit: UUID, actor: object) -> RoundVisitView:
        return shown.round_visit(db, asked=RoundVisitAsked(visit), actor=actor, at=AFTER)  # type: ignore[arg-type]

    def test_the_branch_sees_it_once_it_was_sent_without_who_wrote_what(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        a_closed_visit(db, drawn, visit, less={0: 1})
        with pytest.raises(NotFound):
            self.asked_by(db, visit, self.SECRETARY)
        sent = round_reports.send_all(db, asked=SendReports(drawn.round.id), actor=OFFICER, at=AFTER)
        assert sent.sent == 1
        told = self.asked_by(db, visit, self.SECRETARY)
        names = {name.name for team in drawn.people for name in team}
        assert not any(name in str(told) for name in names)
        assert told.score is not None
        assert told.problems[0].text == "9月未召开支委会"
        with pytest.raises(Forbidden):
            self.asked_by(db, visit, an_actor(("secretary", f"{DISTRICT}.t1.v2")))

    def test_it_is_acknowledged_once_with_the_branchs_word(self, db: Connection, drawn: Drawn, visit: UUID) -> None:
        a_closed_visit(db, drawn, visit)
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
        asked = AcknowledgeReport(visit, "认可，立即整改")
        told = round_reports.acknowledge(db, asked=asked, actor=self.SECRETARY, at=AFTER)
        assert (told.state, told.word) == ("acknowledged", "认可，立即整改")
        with pytest.raises(RoundVisitNotMovable):
            round_reports.dispute(db, asked=DisputeReport(visit, "反悔"), actor=self.SECRETARY, at=AFTER)

    def test_a_dispute_is_decided_and_changes_the_score_by_its_items(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        closed = a_closed_visit(db, drawn, visit, less={3: 2.0})
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
        disputed = DisputeReport(visit, "9月会议记录已补交")
        round_reports.dispute(db, asked=disputed, actor=self.SECRETARY, at=AFTER)
        change = ChangedItem(item_id=closed.items[3].item_id, points=7.5)
        asked = SettleReport(visit_id=visit, decision="记录属实，改扣0.5分", changes=[change])
        told = round_reports.settle(db, asked=asked, actor=OFFICER, at=AFTER)
        assert told.score is not None
        assert (told.state, told.score.score, told.items[3].points) == ("settled", 99.5, 7.5)
        assert float(db.execute(text("SELECT score FROM round_scores")).scalar_one()) == 99.5
        assert [step.score for step in told.steps if step.score] == [98.0, 99.5]

    def test_a_wrong_change_is_refused_and_nobody_elses_word_counts(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        a_closed_visit(db, drawn, visit)
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
        with pytest.raises(Forbidden):
            round_reports.acknowledge(db, asked=AcknowledgeReport(visit, "同意"), actor=OFFICER, at=AFTER)
        round_reports.dispute(db, asked=DisputeReport(visit, "不服"), actor=self.SECRETARY, at=AFTER)
        change = ChangedItem(item_id=uuid5(NAMESPACE_ZHENDI, "none"), points=1)
        with pytest.raises(InvalidInput):
            round_reports.settle(
                db, asked=SettleReport(visit_id=visit, decision="改", changes=[change]), actor=OFFICER, at=AFTER
            )

    def test_it_is_printed_with_steps_and_problems(self, db: Connection, drawn: Drawn, visit: UUID) -> None:
        told: RoundVisitView = load(RoundVisitView, plain(a_closed_visit(db, drawn, visit, less={3: 2.0})))
        drawn_pdf = as_pdf(told, drawn_at=AFTER, drawn_by="李科长")
        assert drawn_pdf.startswith(b"%PDF")


class TestLists:
    def test_a_rounds_visits_stand_by_name_and_another_teams_scores_are_not_shown(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        a_closed_visit(db, drawn, visit)
        asked = RoundVisitsAsked(round_id=drawn.round.id, limit=3)
        page = shown.round_visits_asked(db, asked=asked, actor=OFFICER, at=AFTER)
        names = [line.name for line in page.items]
        more = RoundVisitsAsked(round_id=drawn.round.id, limit=100, cursor=page.next)
        names += [line.name for line in shown.round_visits_asked(db, asked=more, actor=OFFICER, at=AFTER).items]
        assert names == sorted(names)
        assert len(names) == 8
        mine = drawn.team_of(db, visit)
        other = next(team for team in drawn.people if team is not mine)[0]
        whole = RoundVisitsAsked(round_id=drawn.round.id)
        scores = [
            next(line.score for line in shown.round_visits_asked(db, asked=whole, actor=who, at=AFTER).items)
            for who in (OFFICER, mine[0], other)
        ]
        assert scores == [100.0, 100.0, None]
        with pytest.raises(Forbidden):
            shown.round_visits_asked(db, asked=whole, actor=an_assessor("外人"), at=AFTER)

    def test_ones_own_stand_by_day_and_a_branchs_reports_when_sent(
        self, db: Connection, drawn: Drawn, visit: UUID
    ) -> None:
        leader = drawn.team_of(db, visit)[0]
        page = shown.round_visits_asked(db, asked=RoundVisitsAsked(limit=3), actor=leader, at=AFTER)
        more = RoundVisitsAsked(limit=3, cursor=page.next)
        lines = [*page.items, *shown.round_visits_asked(db, asked=more, actor=leader, at=AFTER).items]
        assert len(lines) == 4
        assert [(line.visit_on, line.starts_at) for line in lines] == sorted(
            (line.visit_on, line.starts_at) for line in lines
        )
        secretary = TestReport.SECRETARY
        own = RoundReportsAsked(organisation_id=uuid5(NAMESPACE_ZHENDI, f"{DISTRICT}.t1.v1"))
        assert shown.round_reports(db, asked=own, actor=secretary, at=AFTER).items == []
        a_closed_visit(db, drawn, visit)
        round_reports.send(db, asked=SendReport(visit), actor=OFFICER, at=AFTER)
        (line,) = shown.round_reports(db, asked=own, actor=secretary, at=AFTER).items
        assert (line.id, line.score) == (visit, 100.0)
