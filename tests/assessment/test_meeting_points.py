"""Where the parts of the assessment meet: visits and the register, notices, cards and scores, lights and slips."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.months import Month
from assessment.domain.stars import MEASURES
from assessment.operations import (
    bulletins,
    cards,
    exemptions,
    light_corrections,
    lights,
    posts,
    rectifications,
    round_reports,
    round_visits,
    rounds,
    slips,
    star_ratings,
    talks,
    weak_organisations,
)
from assessment.operations.round_report_pdf import as_pdf
from assessment.queries import compliance, review_facts
from assessment.queries import problems as register
from assessment.queries import round_visits as shown_visits
from assessment.queries.standing_lights import light_of
from assessment.work import WORK
from chassis.actors import Actor
from chassis.files import FileStore
from chassis.refusals import InvalidInput, Refusal
from contracts.assessment.bulletins import DraftBulletin
from contracts.assessment.cards import ClearCard, DecideCardObjection, ObjectToCard, StepCardDown
from contracts.assessment.exemptions import ApplyForExemption, ApproveExemption, ConsentToExemption, RefuseExemption
from contracts.assessment.lights import CorrectLight
from contracts.assessment.problems import ProblemAsked, WithdrawProblem
from contracts.assessment.rectifications import AcceptRectification, OpenRectification, ReturnRectification
from contracts.assessment.round_visits import CloseRoundVisit, FinishVisit, ReopenVisit, RoundVisitAsked, SendReports
from contracts.assessment.rounds import CloseOnSiteRound
from contracts.assessment.slips import AcceptReply, ReplyToSlip
from contracts.assessment.star_ratings import PublishStarRating, ShowStarRating
from contracts.assessment.weak_organisations import (
    AcceptWeakItem,
    DoWeakItem,
    ListWeakOrganisation,
    ProposeWeakOrganisation,
    ReleaseWeakOrganisation,
    WeakItem,
)
from contracts.roster.posts import PostHolder, PostsChanged
from gateway.pages.inbox import ADDRESSES
from sqlalchemy import Connection, Engine, text

from tests.assessment import mending, reviewed, test_star_ratings
from tests.assessment.articles import NOON, an_actor, an_event, at
from tests.assessment.rounds import (
    AFTER,
    DISTRICT,
    OFFICER,
    Drawn,
    a_closed_visit,
    a_district,
    a_drawn_round,
    a_problem,
    answers_to,
    sync,
    visit_ids,
)
from tests.assessment.test_record_prints import words_of
from tests.assessment.test_slips import BRANCH, RED_DAY, TOWN, a_member, a_town, all_slips, asked_to, kinds_told
from tests.assessment.test_talks import all_talks, with_lights
from tests.races import at_once

VILLAGE = f"{DISTRICT}.t1.v1"
DUE = date(2026, 12, 31)


def registered(db: Connection) -> list[Any]:
    return list(db.execute(text("SELECT * FROM problems WHERE source = 'round_visit' ORDER BY found_on, id")))


def mended_by(db: Connection, problem_id: UUID, day: date = DUE) -> UUID:
    seen = rectifications.open_item(db, asked=OpenRectification(problem_id, day), actor=OFFICER, at=AFTER)
    assert seen.rectification is not None
    return seen.rectification.id


def seen_visit(db: Connection, visit_id: UUID, actor: Actor = OFFICER) -> Any:
    return shown_visits.round_visit(db, asked=RoundVisitAsked(visit_id), actor=actor, at=AFTER)


class TestVisitsAndTheRegister:
    @pytest.fixture
    def drawn(self, db: Connection) -> Drawn:
        a_district(db)
        return a_drawn_round(db)

    def test_the_closing_registers_each_problem_once(self, db: Connection, drawn: Drawn) -> None:
        visit = visit_ids(db, drawn)[0]
        leader = drawn.team_of(db, visit)[0]
        view = sync(db, visit, leader)
        dropped = a_problem(view, text="看错了")
        sync(db, visit, leader, answers=answers_to(view), problems=[a_problem(view), a_problem(view), dropped])
        sync(db, visit, leader, dropped=[dropped.id])
        for step, asked in ((round_visits.finish, FinishVisit(visit)), (round_visits.reopen, ReopenVisit(visit, "补"))):
            step(db, asked=asked, actor=leader, at=AFTER)  # type: ignore[operator]
            assert registered(db) == []
        round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=AFTER)
        closed = round_visits.close(db, asked=CloseRoundVisit(visit, "总体规范"), actor=leader, at=AFTER)
        rows = registered(db)
        assert {row.source_id for row in rows} == {one.id for one in closed.problems}
        assert len(rows) == 2
        assert {row.round_id for row in rows} == {drawn.round.id}
        assert {row.found_by for row in rows} == {closed.team_name}
        assert {(one.problem_id, one.state) for one in closed.problems} == {(row.id, "open") for row in rows}

    def test_a_kind_out_of_use_does_not_hold_the_closing_up(self, db: Connection, drawn: Drawn) -> None:
        db.execute(text("UPDATE problem_kinds SET active_until = '2026-11-01' WHERE code = 'regular_meetings'"))
        a_closed_visit(db, drawn, visit_ids(db, drawn)[0])
        assert [row.kind for row in registered(db)] == ["other"]

    def test_two_closings_at_once_register_once(self, database: Engine) -> None:
        with database.begin() as db:
            a_district(db)
            drawn = a_drawn_round(db)
            visit = visit_ids(db, drawn)[0]
            leader = drawn.team_of(db, visit)[0]
            view = sync(db, visit, leader)
            sync(db, visit, leader, answers=answers_to(view), problems=[a_problem(view)])
            round_visits.finish(db, asked=FinishVisit(visit), actor=leader, at=AFTER)

        def close() -> str:
            with database.begin() as db:
                return round_visits.close(db, asked=CloseRoundVisit(visit, "好"), actor=leader, at=AFTER).state

        assert sorted(at_once([close, close])) == ["closed", "round-visit-not-movable"]
        with database.begin() as db:
            assert len(registered(db)) == 1

    def test_the_report_names_what_became_of_them(self, db: Connection, drawn: Drawn) -> None:
        visit = visit_ids(db, drawn)[0]
        a_closed_visit(db, drawn, visit)
        assert "尚未交办整改" in words_of(as_pdf(seen_visit(db, visit), drawn_at=AFTER, drawn_by="李科长"))
        (row,) = registered(db)
        mended_by(db, row.id)
        (told,) = seen_visit(db, visit).problems
        assert (told.state, told.mending_state, told.deadline) == ("mending", "open", DUE)
        printed = words_of(as_pdf(seen_visit(db, visit), drawn_at=AFTER, drawn_by="李科长"))
        assert "2026年12月31日" in printed
        assert "整改中" in printed

    def test_open_items_go_into_the_next_round_of_the_same_scope(self, db: Connection, drawn: Drawn) -> None:
        first, second = visit_ids(db, drawn)[:2]
        for visit in (first, second):
            a_closed_visit(db, drawn, visit)
        kept, withdrawn = (row.id for row in registered(db))
        mended_by(db, kept)
        mended_by(db, withdrawn)
        rectifications.withdraw(db, asked=WithdrawProblem(withdrawn, "登记有误"), actor=OFFICER, at=AFTER)
        a_drawn_round(db, name="机关支部评估", fields=["government"])
        following = a_drawn_round(db, name="2027年上半年现场评估")
        seen = register.problem(db, asked=ProblemAsked(kept), actor=OFFICER, at=AFTER)
        assert seen.rectification is not None
        assert [one.source_id for one in seen.rectification.rounds] == [drawn.round.id, following.round.id]
        (carried,) = [one for visit in visit_ids(db, following) for one in seen_visit(db, visit).carried]
        assert (carried.problem_id, carried.mending_state, carried.deadline) == (kept, "open", DUE)

    def test_what_is_put_to_mending_later_goes_along_when_the_round_ends(self, db: Connection, drawn: Drawn) -> None:
        for visit in visit_ids(db, drawn):
            a_closed_visit(db, drawn, visit)
        following = a_drawn_round(db, name="2027年上半年现场评估")
        later = {"at": AFTER + timedelta(days=90), "id": following.round.id}
        db.execute(text("UPDATE rounds SET drawn_at = :at WHERE id = :id"), later)
        late = registered(db)[0].id
        mended_by(db, late)
        rounds.close(db, asked=CloseOnSiteRound(drawn.round.id), actor=OFFICER, at=AFTER)
        seen = register.problem(db, asked=ProblemAsked(late), actor=OFFICER, at=AFTER)
        assert seen.rectification is not None
        assert [one.source_id for one in seen.rectification.rounds] == [drawn.round.id, following.round.id]


class TestNotices:
    """What each occasion tells, whom, once."""

    def test_each_subject_has_a_page(self) -> None:
        from contracts.assessment.notices import NOTICE_KINDS

        assert set(NOTICE_KINDS.values()) == set(ADDRESSES)

    def test_a_report_that_is_sent(self, db: Connection) -> None:
        a_district(db)
        drawn = a_drawn_round(db)
        visit = visit_ids(db, drawn)[0]
        a_closed_visit(db, drawn, visit)
        path = db.scalar(text("SELECT path FROM round_visits WHERE id = :id"), {"id": visit})
        leader = an_actor(("secretary", path))
        for sent in (1, 0):
            told = round_reports.send_all(db, asked=SendReports(drawn.round.id), actor=OFFICER, at=AFTER)
            assert told.sent == sent
            assert kinds_told(db, leader) == ["round_report_sent"]

    def test_an_item_near_its_day_given_back_and_accepted(self, db: Connection) -> None:
        branch = mending.a_tree(db)
        secretary, officer = mending.SECRETARY, mending.an_officer()
        seen = mending.an_item(db, branch)
        assert seen.rectification is not None
        item = seen.rectification.id
        remind = WORK.timers["remind_of_mending"].run
        for day, kinds in ((at(12, 8), []), (at(12, 9), ["mending_due"]), (at(12, 12), ["mending_due"])):
            remind(db, at=day)
            assert kinds_told(db, secretary) == kinds
        mending.a_report(db, seen, secretary=secretary)
        back = ReturnRectification(item, "缺会议照片", date(2026, 12, 20))
        rectifications.give_back(db, asked=back, actor=officer, at=NOON)
        remind(db, at=at(12, 12))
        remind(db, at=at(12, 18))  # its new day
        mending.a_report(db, seen, secretary=secretary)
        rectifications.accept(db, asked=AcceptRectification(item, "已核对"), actor=officer, at=NOON)
        remind(db, at=at(12, 20))
        assert sorted(kinds_told(db, secretary)) == [
            "mending_accepted",
            "mending_due",
            "mending_due",
            "mending_returned",
        ]

    def test_the_steps_of_a_card(self, db: Connection) -> None:
        branch = mending.a_tree(db)
        officer, secretary = mending.an_officer(), mending.SECRETARY
        card = mending.a_card(db, mending.a_problem(db, branch), officer=officer)
        cards.object_to(db, asked=ObjectToCard(card.id, "情况不符"), actor=secretary, at=NOON)
        decided = DecideCardObjection(card.id, decision="rejected", reason="事实清楚")
        cards.decide(db, asked=decided, actor=mending.an_officer(), at=NOON)
        card = mending.raised(db, card, ground="perfunctory", officer=officer)
        card = mending.all_done(db, card, superior=officer, secretary=secretary)
        down = StepCardDown(card.id, colour="orange", text="已按期整改")
        cards.step_down(db, asked=down, actor=officer, at=NOON)
        seen = register.problem(db, asked=ProblemAsked(card.problem_id), actor=officer, at=NOON)
        mending.a_report(db, seen, secretary=secretary)
        assert seen.rectification is not None
        asked = AcceptRectification(seen.rectification.id, "已核对")
        rectifications.accept(db, asked=asked, actor=officer, at=NOON)
        cards.clear(db, asked=ClearCard(card.id, "已销号"), actor=officer, at=NOON)
        told = [kind for kind in kinds_told(db, secretary) if kind.startswith("card_")]
        assert sorted(told) == [
            "card_cleared",
            "card_given",
            "card_objection_decided",
            "card_raised",
            "card_stepped_down",
        ]

    @pytest.mark.parametrize("decision", ["approved", "refused"])
    def test_an_exemption_decided(self, db: Connection, decision: str) -> None:
        (branch,) = a_town(db)
        member, secretary = an_actor(("member", BRANCH)), an_actor(("secretary", BRANCH))
        a_member(db, branch, member.person_id, "赵桂兰")
        applied = ApplyForExemption(
            branch_id=branch,
            person_id=member.person_id,
            ground="ill",
            reason="长期住院",
            from_month="2026-11",
            months=3,
        )
        made = exemptions.apply(db, asked=applied, actor=member, at=NOON)
        consent = ConsentToExemption(made.id, consented_on=NOON.date(), minutes="支委会同意")
        exemptions.consent(db, asked=consent, actor=secretary, at=NOON)
        if decision == "approved":
            exemptions.approve(db, asked=ApproveExemption(made.id), actor=an_actor(("officer", TOWN)), at=NOON)
        else:
            refused = RefuseExemption(made.id, "材料不全")
            exemptions.refuse(db, asked=refused, actor=an_actor(("officer", TOWN)), at=NOON)
        assert kinds_told(db, member) == kinds_told(db, secretary) == [f"exemption_{decision}"]

    def test_a_rating_shown_and_published(self, db: Connection) -> None:
        test_star_ratings.a_district(db)
        rating = test_star_ratings.drawn_up(db)
        show = ShowStarRating(rating.id, days=5)
        star_ratings.show(db, asked=show, actor=test_star_ratings.DRAWER, at=test_star_ratings.NEW_YEAR)
        publish = partial(star_ratings.publish, asked=PublishStarRating(rating.id), actor=test_star_ratings.SECOND)
        publish(db, at=test_star_ratings.LATER)
        for leader in (test_star_ratings.SECRETARY, test_star_ratings.STRANGER):
            told = [kind for kind in kinds_told(db, leader) if kind.startswith("rating_")]
            assert sorted(told) == ["rating_published", "rating_shown"]
        assert kinds_told(db, test_star_ratings.TOWN_OFFICER) == []

    def test_on_and_off_the_weak_list(self, db: Connection) -> None:
        (branch,) = a_town(db)
        officer, second, third = (an_actor(("officer", DISTRICT)) for _ in range(3))
        secretary = an_actor(("secretary", BRANCH))
        proposed = weak_organisations.propose(
            db, asked=ProposeWeakOrganisation(branch, "班子不团结"), actor=officer, at=NOON
        )
        assert kinds_told(db, secretary) == []
        listed = ListWeakOrganisation(
            entry_id=proposed.id,
            plan="一支一策",
            in_charge="孙书记",
            contact="李部长",
            due_on=DUE,
            items=[WeakItem(text="配齐班子", due_on=DUE)],
        )
        entry = weak_organisations.put_on(db, asked=listed, actor=officer, at=NOON)
        item = entry.items[0].id
        weak_organisations.do(db, asked=DoWeakItem(item_id=item, evidence="已补选"), actor=secretary, at=NOON)
        weak_organisations.accept(db, asked=AcceptWeakItem(item), actor=second, at=NOON)
        release = ReleaseWeakOrganisation(entry.id, "整顿到位")
        weak_organisations.release(db, asked=release, actor=third, at=NOON)
        assert sorted(kinds_told(db, secretary)) == ["weak_listed", "weak_released"]

    def test_what_follows_from_a_review(self, db: Connection) -> None:
        town = reviewed.a_town(db)
        town.grade(0, "average")
        assert kinds_told(db, an_actor(("officer", reviewed.TOWN))).count("review_consequence_due") == 1
        assert "review_published" in kinds_told(db, town.secretary(0))


class TestCardsAndScores:
    def test_an_orange_card_cleared_in_the_year_caps_everywhere(self, db: Connection) -> None:
        """Given, raised, mended, cleared by the register's own operations: the year's grade is still capped."""
        town = reviewed.a_town(db)
        branch, officer, secretary = town.branches[0], town.officer, town.secretary(0)
        card = mending.a_card(db, mending.a_problem(db, branch), officer=officer)
        card = mending.raised(db, card, ground="rebound", officer=officer)
        card = mending.all_done(db, card, superior=officer, secretary=secretary)
        seen = register.problem(db, asked=ProblemAsked(card.problem_id), actor=officer, at=NOON)
        mending.a_report(db, seen, secretary=secretary)
        assert seen.rectification is not None
        asked = AcceptRectification(seen.rectification.id, "已核对")
        rectifications.accept(db, asked=asked, actor=officer, at=NOON)
        assert cards.clear(db, asked=ClearCard(card.id, "已销号"), actor=officer, at=NOON).state == "cleared"
        years = db.execute(text("SELECT year, highest FROM card_years WHERE organisation_id = :b"), {"b": branch}).all()
        assert years == [(2026, "orange")]
        town.open()
        town.hand_in(0)
        town.check(0)
        town.vote(0)
        view = town.propose(0)
        assert (view.card, view.cap, view.proposed_grade) == ("orange", "fairly_good", "fairly_good")
        with pytest.raises(Refusal) as refused, db.begin_nested():
            town.decide(0, "good")
        assert refused.value.code == "grade-capped"

    @pytest.mark.parametrize("undone", ["", "raise", "give"])
    def test_stars_reviews_and_years_read_cards_alike(self, db: Connection, undone: str) -> None:
        test_star_ratings.a_district(db)
        branch, officer = test_star_ratings.FIRST, an_actor(("officer", DISTRICT))
        secretary = test_star_ratings.SECRETARY
        card = mending.a_card(db, mending.a_problem(db, branch), officer=officer)
        if undone != "give":
            card = mending.raised(db, card, ground="rebound", officer=officer)
        if undone:
            cards.object_to(db, asked=ObjectToCard(card.id, "情况不符"), actor=secretary, at=NOON)
            decided = DecideCardObjection(card.id, decision="upheld", reason="查证不实")
            cards.decide(db, asked=decided, actor=an_actor(("officer", DISTRICT)), at=NOON)
        highest = db.scalar(text("SELECT highest FROM card_years WHERE organisation_id = :b"), {"b": branch})
        assert highest == {"": "orange", "raise": "yellow", "give": None}[undone]
        of_review = review_facts.cards_of(db, {(branch, 2026): secretary.person_id}).get((branch, 2026), [])
        assert review_facts.highest(of_review) == highest
        rating = test_star_ratings.drawn_up(db)
        value = db.scalar(
            text(
                "SELECT value FROM star_inputs WHERE rating_id = :r AND organisation_id = :b"
                " AND measure = 'card_highest'"
            ),
            {"r": rating.id, "b": branch},
        )
        assert value == 100 * (None, "yellow", "orange", "red").index(highest)

    def test_no_measure_of_stars_counts_check_ins(self, db: Connection) -> None:
        assert compliance.scored_kinds(db, MEASURES, at=NOON) == list(MEASURES)


class TestSlips:
    @pytest.mark.parametrize("kind", ["card", "problem"])
    def test_are_issued_for_a_card_or_problem_of_the_branch(self, db: Connection, tmp_path: Any, kind: str) -> None:
        branch = mending.a_tree(db)
        officer, secretary = mending.an_officer(), mending.SECRETARY
        problem = mending.a_problem(db, branch)
        subject = mending.a_card(db, problem, officer=officer).id if kind == "card" else problem
        about = {"subject_kind": kind, "subject_id": subject, "subject": "黄牌：记录不全"}
        slip = slips.issue(db, asked=asked_to(branch, **about), actor=officer, at=NOON)
        assert (slip.subject_kind, slip.subject_id, slip.subject, slip.light_now) == (
            kind,
            subject,
            "黄牌：记录不全",
            None,
        )
        slips.reply(db, FileStore(tmp_path), asked=ReplyToSlip(slip.id, "已办"), actor=secretary, at=NOON)
        assert slips.accept(db, asked=AcceptReply(slip.id), actor=officer, at=NOON).state == "closed"

    def test_are_not_for_what_is_another_organisations(self, db: Connection) -> None:
        branch, other = a_town(db, branches=2)
        problem = mending.a_problem(db, other)
        for subject in (problem, uuid4()):
            asked = asked_to(branch, subject_kind="problem", subject_id=subject)
            with pytest.raises(InvalidInput) as refused:
                slips.issue(db, asked=asked, actor=an_actor(("officer", TOWN)), at=NOON)
            assert list(refused.value.errors) == ["subject_id"]

    def test_a_red_one_says_when_its_light_has_turned_and_stays_open(self, db: Connection, officer: Actor) -> None:
        (branch,) = a_town(db)
        lights.light_all(db, at=RED_DAY)
        assert [one.light_now for one in all_slips(db, officer)] == ["red"]
        with_lights(db, branch, {"2026-11": "green"})
        (slip,) = all_slips(db, officer)
        assert (slip.light_now, slip.state) == ("green", "issued")

    def test_they_and_talks_name_who_holds_the_post_that_day(self, db: Connection, officer: Actor) -> None:
        (branch,) = a_town(db)
        holders = [
            PostHolder(1, uuid4(), "前书记", "secretary", date(2020, 1, 1), date(2026, 11, 20)),
            PostHolder(2, uuid4(), "现书记", "secretary", date(2026, 11, 20), None),
            PostHolder(3, uuid4(), "副书记", "deputy_secretary", date(2026, 11, 21), None),
        ]
        posts.remember(db, event=an_event(PostsChanged(branch, holders)))
        lights.light_all(db, at=RED_DAY)
        (slip,) = all_slips(db, officer)
        assert (slip.person_id, slip.person_name) == (holders[1].person_id, "现书记")
        lights.freeze(db, at=at(12, 1, 0, 10))
        (talk,) = all_talks(db, officer)
        assert talk.secretary_name == "现书记"
        by_hand = slips.issue(db, asked=asked_to(branch), actor=officer, at=RED_DAY)
        assert by_hand.person_name == "现书记"


def corrected(db: Connection, branch: UUID, month: str, light: str, *, when: datetime) -> None:
    asked = CorrectLight(branch_id=branch, month=month, light=light, reason="查实补记不实")
    light_corrections.correct(db, asked=asked, actor=an_actor(("officer", DISTRICT)), at=when)


class TestLightsAsCorrected:
    FROZEN = at(12, 1, 0, 10)

    def test_a_correction_to_red_opens_what_a_red_light_opens(self, db: Connection, officer: Actor) -> None:
        (branch,) = a_town(db)
        with_lights(db, branch, {"2026-10": "red", "2026-11": "green"})
        assert talks.open_after(db, Month(2026, 11), at=self.FROZEN) == 0
        corrected(db, branch, "2026-11", "red", when=at(12, 2))
        (slip,) = all_slips(db, officer)
        assert [one["why_zh"] for one in slip.readings] == ["经更正：查实补记不实"]
        assert [one.months for one in all_talks(db, officer)] == [["2026-10", "2026-11"]]

    def test_bulletins_give_the_correction_as_the_reason(self, db: Connection, officer: Actor) -> None:
        red, green, exempt = a_town(db, branches=3)
        for branch, light in ((red, "green"), (green, "red"), (exempt, "exempt")):
            with_lights(db, branch, {"2026-10": light})
        corrected(db, red, "2026-10", "red", when=at(11, 5))
        corrected(db, green, "2026-10", "green", when=at(11, 5))
        town = db.scalar(text("SELECT id FROM organisations WHERE path = :p"), {"p": DISTRICT})
        for kind, period, named in (
            ("monthly", "2026-10", {red: "red", green: "green", exempt: "exempt"}),
            ("quarterly", "2026-Q4", {red: "red"}),
        ):
            asked = DraftBulletin(kind=kind, period=period, organisation_id=town)
            drafted = bulletins.draft(db, asked=asked, actor=officer, at=at(11, 6))
            found = db.execute(text("SELECT * FROM bulletin_lines WHERE bulletin_id = :id"), {"id": drafted.id})
            lines = {one.branch_id: one for one in found}
            assert {one: lines[one].light for one in lines} == named
            assert [one["why_zh"] for one in lines[red].readings] == ["经更正：查实补记不实"]
            assert all(lines[one].readings == [] for one in named if one != red)

    def test_an_exempt_month_gives_no_reasons_and_breaks_no_run(self, db: Connection, officer: Actor) -> None:
        (branch,) = a_town(db)
        with_lights(db, branch, {"2026-09": "red", "2026-10": "exempt", "2026-11": "red"})
        light = light_of(db, branch, Month(2026, 10))
        assert light is not None
        assert light.readings == []
