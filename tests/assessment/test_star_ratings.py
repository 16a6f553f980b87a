"""Ratings on the database (A10): frozen facts, every step kept, objections, corrections, two people, and the proof."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.stars import MEASURES
from assessment.operations import compliance as switch
from assessment.operations import light_corrections, problems, star_drawings, star_formulas, star_ratings
from assessment.operations.star_files import written_down
from assessment.operations.star_formulas import (
    FormulaDayPast,
    FormulaDayTaken,
    FormulaNotMovable,
    FormulaSameDrafter,
)
from assessment.operations.star_ratings import (
    NoStarFormula,
    StarCorrectionOwn,
    StarObjectionDaysOpen,
    StarObjectionDaysOver,
    StarObjectionsOpen,
    StarObjectionThere,
    StarPeriodNotOver,
    StarRatingBeingDrawn,
    StarRatingNotMovable,
    StarRatingThere,
    StarSameDrawer,
)
from assessment.operations.star_sheets import sheet_pdf
from assessment.queries import star_formulas as formulas
from assessment.queries import star_ratings as shown
from assessment.queries.compliance import RankingSwitchedOff
from assessment.work import WORK
from chassis import jobs
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.compliance import SetCompliance
from contracts.assessment.lights import CorrectLight
from contracts.assessment.star_formulas import (
    AdoptStarFormula,
    DraftStarFormula,
    StarFormulaAsked,
    StarFormulasAsked,
    WithdrawStarFormula,
)
from contracts.assessment.star_ratings import (
    AnswerStarObjection,
    ConfirmStarCorrection,
    CorrectStarRating,
    DrawUpStarRating,
    ObjectToStarRating,
    PublishStarRating,
    ShowStarRating,
    StarRatingAsked,
    StarRatingsAsked,
    StarRatingView,
    StarResultAsked,
    StarResultsAsked,
    StarResultView,
    StarsOfBranchAsked,
    StarTrialAsked,
    TryStarFormula,
    WithdrawStarRating,
)
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import a_branch, a_branch_changed, an_actor, at
from tests.assessment.test_record_prints import words_of
from tests.assessment.test_stars import verified
from tests.races import at_once

DISTRICT = "3703.370302"
NEW_YEAR = at(1, 10, year=2027)
LATER = at(1, 20, year=2027)

DRAWER = an_actor(("officer", DISTRICT))
SECOND = an_actor(("officer", "3703"))
TOWN_OFFICER = an_actor(("officer", f"{DISTRICT}.t1"))
AUDITOR = an_actor(("auditor", DISTRICT))
SECRETARY = an_actor(("secretary", f"{DISTRICT}.t1.b1"))
STRANGER = an_actor(("secretary", f"{DISTRICT}.t2.b2"))

FIRST = a_branch_changed(path=f"{DISTRICT}.t1.b1").id
SECONDLY = a_branch_changed(path=f"{DISTRICT}.t2.b2").id


class _Job:
    """A job that nobody watches."""

    def __init__(self, **params: str) -> None:
        self.params = params

    def progress(self, done: int, total: int | None = None) -> None: ...


def a_district(db: Connection) -> UUID:
    """A district of two branches and one that is dissolved; returns the district."""
    district = a_branch(db, path=DISTRICT, kind="committee", name="淄川区委")
    a_branch(db, path=f"{DISTRICT}.t1.b1", name="蒲家庄党支部")
    a_branch(db, path=f"{DISTRICT}.t2.b2", name="般阳社区党支部", field="community", secretary_id=None)
    a_branch(db, path=f"{DISTRICT}.t2.b3", name="已撤销党支部", dissolved=True)
    return district


def lights(db: Connection, branch_id: UUID, *seen: str, first_month: int = 7) -> None:
    for month, light in enumerate(seen, start=first_month):
        db.execute(
            text(
                "INSERT INTO lights (branch_id, month, light, readings, computed_at, frozen_at)"
                " VALUES (:branch, :month, :light, '[]', now(), now()) ON CONFLICT (branch_id, month)"
                " DO UPDATE SET light = excluded.light, frozen_at = now()"
            ),
            {"branch": branch_id, "month": f"2026-{month:02}", "light": light},
        )


def a_round_score(db: Connection, branch_id: UUID, score: float, *, on: date) -> None:
    """What a round found at a branch."""
    given = {"round": uuid4(), "team": uuid4(), "branch": branch_id, "score": score, "on": on}
    for statement in (
        "INSERT INTO rounds (id, name, period_kind, period, organisation_id, path, version_id, fields, kinds,"
        " starts_on, ends_on, is_cross, is_stratified, sample_percent, departs_at, visit_minutes, visits_a_day,"
        " made_at, made_by_id, made_by) SELECT :round, '评估', 'half_year', '2026H2', :branch, 'p', id, '{}',"
        " '{branch}', :on, :on, false, false, 100, '09:00', 60, 4, now(), :branch, '王' FROM criteria_versions LIMIT 1",
        "INSERT INTO round_teams (id, round_id, number, name) VALUES (:team, :round, 1, '一组')",
        "INSERT INTO round_visits (round_id, organisation_id, name, path, team_id, state, finished_on, score)"
        " VALUES (:round, :branch, '支部', 'p', :team, 'closed', :on, :score)",
    ):
        db.execute(text(statement), given)


def a_card(db: Connection, branch_id: UUID, kind: str, *colours: str, on: date) -> None:
    """A card that became these colours on a day, and stands at the first again."""
    source_id = uuid4()
    problem = {"kind": kind, "text": "未整改", "found_on": on, "source": "spot_check", "source_id": source_id}
    problem_id = problems.register(db, organisation_id=branch_id, at=NEW_YEAR, **problem)
    given = {"id": uuid4(), "problem": problem_id, "branch": branch_id, "on": on, "colour": colours[0]}
    db.execute(
        text(
            "INSERT INTO cards (id, problem_id, source, organisation_id, first_colour, colour, state, secretary_name,"
            " given_on, deadline) VALUES (:id, :problem, 'spot_check', :branch, :colour, :colour, 'standing', '王',"
            " :on, :on)"
        ),
        given,
    )
    for version, colour in enumerate(colours, start=1):
        step = {"version": version, "colour": colour, "move": "give" if version == 1 else "escalate"}
        ground = {"ground": "general_problem" if version == 1 else "rebound"}
        db.execute(
            text(
                "INSERT INTO card_steps (card_id, version, move, colour, state, ground, text, on_day, deadline, at,"
                " by_id, by_name) VALUES (:id, :version, :move, :colour, 'standing', :ground, '因', :on, :on, now(),"
                " :branch, '王')"
            ),
            given | step | ground,
        )


def drawn_up(db: Connection, *, actor: Actor = DRAWER, at: datetime = NEW_YEAR) -> StarRatingView:
    district = db.execute(text("SELECT id FROM organisations WHERE path = :path"), {"path": DISTRICT}).scalar_one()
    asked = DrawUpStarRating(organisation_id=district, year=2026, half=2)
    view = star_ratings.draw_up(db, asked=asked, actor=actor, at=at)
    draw(db, view.id)
    return seen(db, view.id)


def draw(db: Connection, rating_id: UUID) -> dict[str, Any]:
    return star_drawings.draw(db, _Job(rating_id=str(rating_id)), at=NEW_YEAR)  # type: ignore[arg-type]


def again(db: Connection, rating_id: UUID, formula_id: UUID) -> dict[str, Any]:
    job = _Job(rating_id=str(rating_id), formula_id=str(formula_id))
    return star_drawings.calculate_again(db, job, at=NEW_YEAR)  # type: ignore[arg-type]


def seen(db: Connection, rating_id: UUID, *, actor: Actor = DRAWER) -> StarRatingView:
    return shown.star_rating(db, asked=StarRatingAsked(rating_id), actor=actor, at=NEW_YEAR)


def of(db: Connection, rating_id: UUID, branch_id: UUID = FIRST, *, actor: Actor = DRAWER) -> StarResultView:
    return shown.result(db, asked=StarResultAsked(rating_id, branch_id), actor=actor, at=NEW_YEAR)


def show(db: Connection, rating_id: UUID, days: int = 5) -> StarRatingView:
    return star_ratings.show(db, asked=ShowStarRating(rating_id, days), actor=DRAWER, at=NEW_YEAR)


def publish(db: Connection, rating_id: UUID, *, actor: Actor = SECOND, at: datetime = LATER) -> StarRatingView:
    return star_ratings.publish(db, asked=PublishStarRating(rating_id), actor=actor, at=at)


def object_to(db: Connection, rating_id: UUID, *, actor: Actor = SECRETARY, at: datetime = NEW_YEAR) -> StarResultView:
    asked = ObjectToStarRating(rating_id, FIRST, "评估得分有误")
    return star_ratings.object_to(db, asked=asked, actor=actor, at=at)


def correct(
    db: Connection, rating_id: UUID, *, measure: str = "round_score", value: float | None = 92.5, actor: Actor = DRAWER
) -> StarRatingView:
    asked = CorrectStarRating(rating_id=rating_id, organisation_id=FIRST, measure=measure, value=value, reason="漏报")
    return star_ratings.correct(db, asked=asked, actor=actor, at=NEW_YEAR)


@pytest.fixture
def rating(db: Connection) -> StarRatingView:
    a_district(db)
    lights(db, FIRST, *["green"] * 5, "yellow")
    lights(db, SECONDLY, *["red"] * 4, "green", "green")
    return drawn_up(db)


class TestFacts:
    def test_every_measure_is_taken_for_each_branch_that_stands(self, db: Connection, rating: StarRatingView) -> None:
        taken = db.execute(text("SELECT organisation_id, measure FROM star_inputs")).all()
        assert {row.measure for row in taken} == set(MEASURES)
        assert {row.organisation_id for row in taken} == {FIRST, SECONDLY}

    def test_of_the_period_alone(self, db: Connection) -> None:
        a_district(db)
        lights(db, FIRST, "red", first_month=6)
        lights(db, FIRST, "green", "green", "yellow", first_month=7)
        a_round_score(db, FIRST, 91.5, on=date(2026, 10, 20))
        a_round_score(db, FIRST, 88, on=date(2026, 11, 20))
        a_round_score(db, FIRST, 12, on=date(2026, 6, 30))
        for day in (date(2026, 6, 30), date(2026, 8, 1), date(2026, 9, 1)):
            kind = db.execute(text("SELECT code FROM problem_kinds ORDER BY position LIMIT 1")).scalar_one()
            told = {"kind": kind, "text": "记录不全", "found_on": day, "source": "light", "source_id": uuid4()}
            problems.register(db, organisation_id=FIRST, at=NEW_YEAR, **told)
        a_card(db, FIRST, kind, "yellow", "orange", on=date(2026, 8, 2))
        drawn_up(db)
        found = {
            row.measure: row.value
            for row in db.execute(
                text("SELECT measure, value FROM star_inputs WHERE organisation_id = :id"), {"id": FIRST}
            )
        }
        assert found == {
            "round_score": 89_75,
            "green_share": 66_67,
            "red_months": 0,
            "tasks_done": None,
            "records_held": 0,
            "problems_found": 3_00,
            "problems_open": 4_00,
            "card_highest": 2_00,
            "card_open": 1_00,
            "has_secretary": 100_00,
        }

    def test_frozen_with_the_rating(self, db: Connection, rating: StarRatingView) -> None:
        asked = CorrectLight(branch_id=FIRST, month="2026-12", light="red", reason="台账系补造", person_id=None)
        light_corrections.correct(db, asked=asked, actor=DRAWER, at=NEW_YEAR)
        correct(db, rating.id)
        draw(db, rating.id)
        part = next(step for step in of(db, rating.id).steps if step.measure == "green_share")
        assert part.value == 83.33

    @pytest.mark.parametrize("table", ["star_inputs", "star_results", "star_steps", "rated_organisations"])
    def test_nothing_that_is_kept_changes(self, db: Connection, rating: StarRatingView, table: str) -> None:
        with pytest.raises(DBAPIError):
            db.execute(text(f"DELETE FROM {table}"))  # noqa: S608


class TestDrawing:
    def test_each_step_is_kept_and_leads_to_the_result(self, db: Connection, rating: StarRatingView) -> None:
        assert (rating.state, rating.revision, rating.organisations) == ("draft", 1, 2)
        result = of(db, rating.id, SECONDLY)
        assert [step.code for step in result.steps] == [
            "missing",  # no round
            "part",
            "missing",  # no tasks
            "part",
            "part",
            "sum",
            "threshold",
            "rank",
            "result",
        ]
        assert (result.points, result.stars, result.level) == (40.74, 1, "lagging")
        assert result.weak_when == [0, 2, -1]
        assert {one.grade: one.count for one in rating.missing} == {"round_score": 2, "tasks_done": 2}

    def test_a_veto_shows_in_the_list_of_those_whom_something_moved(self, db: Connection) -> None:
        a_district(db)
        lights(db, FIRST, *["red"] * 3, *["green"] * 3)
        lights(db, SECONDLY, *["green"] * 6)
        rating = drawn_up(db)
        correct(db, rating.id, value=100)
        correct(db, rating.id, measure="green_share", value=100)
        draw(db, rating.id)
        asked = StarResultsAsked(rating_id=rating.id, moved_by="veto")
        moved = shown.results(db, asked=asked, actor=DRAWER, at=NEW_YEAR).items
        assert [(one.organisation_id, one.stars, one.level) for one in moved] == [(FIRST, 3, "middle")]

    def test_a_job_that_comes_again_draws_nothing_again(self, db: Connection, rating: StarRatingView) -> None:
        assert draw(db, rating.id) == {"revision": 1}
        assert db.execute(text("SELECT max(revision) FROM star_results")).scalar_one() == 1

    def test_refuses_a_period_that_is_not_over_and_a_second_rating(self, db: Connection) -> None:
        district = a_district(db)
        asked = DrawUpStarRating(organisation_id=district, year=2026, half=2)
        with pytest.raises(StarPeriodNotOver):
            star_ratings.draw_up(db, asked=asked, actor=DRAWER, at=at(12, 31))
        first = star_ratings.draw_up(db, asked=asked, actor=DRAWER, at=NEW_YEAR)
        with pytest.raises(StarRatingThere):
            star_ratings.draw_up(db, asked=asked, actor=SECOND, at=NEW_YEAR)
        with pytest.raises(StarRatingBeingDrawn):
            star_ratings.ask_trial(db, asked=TryStarFormula(rating_id=first.id), actor=DRAWER, at=NEW_YEAR)
        star_ratings.withdraw(db, asked=WithdrawStarRating(first.id, "重新组织"), actor=DRAWER, at=NEW_YEAR)
        assert draw(db, first.id) == {"revision": 0}
        assert star_ratings.draw_up(db, asked=asked, actor=SECOND, at=NEW_YEAR).id != first.id

    def test_refuses_a_period_without_a_formula_and_who_may_not(self, db: Connection) -> None:
        district = a_district(db)
        with pytest.raises(NoStarFormula):
            star_ratings.draw_up(
                db, asked=DrawUpStarRating(organisation_id=district, year=2025), actor=DRAWER, at=NEW_YEAR
            )
        with pytest.raises(Forbidden):
            star_ratings.draw_up(
                db, asked=DrawUpStarRating(organisation_id=district, year=2026), actor=TOWN_OFFICER, at=NEW_YEAR
            )


def switch_off(db: Connection) -> None:
    """From the first day of the year on lists may be sorted by points."""
    asked = SetCompliance(date(2027, 1, 1), is_on=False, reason="试点：另有专项考评", citation="区委〔2026〕9号")
    switch.set_compliance(db, asked=asked, actor=SECOND, at=at(12, 1))


class TestWhoSeesWhat:
    def test_an_officer_of_a_town_sees_the_towns_alone(self, db: Connection, rating: StarRatingView) -> None:
        asked = StarResultsAsked(rating_id=rating.id)
        page = shown.results(db, asked=asked, actor=TOWN_OFFICER, at=NEW_YEAR)
        assert [one.organisation_id for one in page.items] == [FIRST]
        assert sum(one.count for one in seen(db, rating.id, actor=TOWN_OFFICER).counts) == 2  # its stars and its level
        with pytest.raises(Forbidden):
            of(db, rating.id, SECONDLY, actor=TOWN_OFFICER)

    def test_by_name_unless_the_officer_asks(self, db: Connection, rating: StarRatingView) -> None:
        def names(**how: Any) -> list[str]:
            asked = StarResultsAsked(rating_id=rating.id, **how)
            return [one.organisation_name for one in shown.results(db, asked=asked, actor=DRAWER, at=NEW_YEAR).items]

        assert names() == sorted(names())
        assert not shown.star_rating(db, asked=StarRatingAsked(rating.id), actor=DRAWER, at=NEW_YEAR).may_rank
        with pytest.raises(RankingSwitchedOff):
            names(order="points")
        switch_off(db)
        assert shown.star_rating(db, asked=StarRatingAsked(rating.id), actor=DRAWER, at=NEW_YEAR).may_rank
        assert names(order="points") == ["蒲家庄党支部", "般阳社区党支部"]

    def test_pages_go_on_in_both_orders(self, db: Connection, rating: StarRatingView) -> None:
        switch_off(db)
        for order in ("name", "points"):
            first = shown.results(
                db, asked=StarResultsAsked(rating_id=rating.id, order=order, limit=1), actor=DRAWER, at=NEW_YEAR
            )
            then = shown.results(
                db,
                asked=StarResultsAsked(rating_id=rating.id, order=order, limit=1, cursor=first.next),
                actor=DRAWER,
                at=NEW_YEAR,
            )
            assert {first.items[0].organisation_id, then.items[0].organisation_id} == {FIRST, SECONDLY}
            assert then.next is None

    def test_a_branch_sees_its_own_once_it_is_shown_and_no_rank(self, db: Connection, rating: StarRatingView) -> None:
        def own() -> list[StarResultView]:
            page = shown.of_branch(db, asked=StarsOfBranchAsked(FIRST), actor=SECRETARY, at=NEW_YEAR)
            return list(page.items)

        assert own() == []
        with pytest.raises(NotFound):
            of(db, rating.id, actor=SECRETARY)
        show(db, rating.id)
        mine = of(db, rating.id, actor=SECRETARY)
        assert mine.rank is None
        assert "rank" not in {step.code for step in mine.steps}
        assert mine.formula is not None
        assert mine.formula.formula.stars_min == [40, 60, 70, 80, 90]
        assert [one.points for one in own()] == [mine.points]
        with pytest.raises(Forbidden):
            of(db, rating.id, actor=STRANGER)
        with pytest.raises(Forbidden):
            seen(db, rating.id, actor=SECRETARY)

    def test_ratings_are_listed_to_those_they_reach(self, db: Connection, rating: StarRatingView) -> None:
        def listed(actor: Actor) -> list[UUID]:
            return [
                one.id for one in shown.star_ratings_asked(db, asked=StarRatingsAsked(), actor=actor, at=LATER).items
            ]

        assert listed(TOWN_OFFICER) == listed(AUDITOR) == listed(SECOND) == [rating.id]
        assert listed(an_actor(("officer", "3703.370303"))) == []
        with pytest.raises(Forbidden):
            listed(SECRETARY)


class TestPublication:
    def test_by_another_person_once_the_days_are_over(self, db: Connection, rating: StarRatingView) -> None:
        with pytest.raises(StarRatingNotMovable):
            publish(db, rating.id)
        show(db, rating.id, days=5)
        with pytest.raises(StarSameDrawer):
            publish(db, rating.id, actor=DRAWER)
        with pytest.raises(StarObjectionDaysOpen):
            publish(db, rating.id, at=at(1, 15, year=2027))
        assert publish(db, rating.id, at=at(1, 16, year=2027)).state == "published"
        with pytest.raises(StarRatingNotMovable):
            star_ratings.withdraw(db, asked=WithdrawStarRating(rating.id, "反悔"), actor=DRAWER, at=LATER)

    def test_once_every_objection_is_answered(self, db: Connection, rating: StarRatingView) -> None:
        show(db, rating.id)
        object_to(db, rating.id)
        with pytest.raises(StarObjectionThere):
            object_to(db, rating.id)
        with pytest.raises(StarObjectionsOpen):
            publish(db, rating.id)
        (objection,) = seen(db, rating.id).objections
        asked = AnswerStarObjection(objection_id=objection.id, answer="rejected", text="数据无误")
        star_ratings.answer(db, asked=asked, actor=DRAWER, at=LATER)
        assert publish(db, rating.id).state == "published"

    def test_an_objection_that_is_upheld_corrects_a_fact_and_all_is_drawn_anew(
        self, db: Connection, rating: StarRatingView
    ) -> None:
        show(db, rating.id)
        object_to(db, rating.id)
        (objection,) = seen(db, rating.id).objections
        told = {"objection_id": objection.id, "answer": "upheld", "text": "漏记评估得分"}
        with pytest.raises(InvalidInput):
            star_ratings.answer(db, asked=AnswerStarObjection(**told), actor=DRAWER, at=LATER)
        asked = AnswerStarObjection(**told, measure="round_score", value=92.5)
        view = star_ratings.answer(db, asked=asked, actor=DRAWER, at=LATER)
        assert (view.revision, view.wanted_revision) == (1, 2)
        with pytest.raises(StarRatingBeingDrawn):
            publish(db, rating.id)
        draw(db, rating.id)
        result = of(db, rating.id, actor=SECRETARY)
        assert (result.revision, result.steps[0].value) == (2, 92.5)
        assert [(one.value_before, one.value) for one in result.corrections] == [(None, 92.5)]
        earlier = shown.result(db, asked=StarResultAsked(rating.id, FIRST, 1), actor=DRAWER, at=LATER)
        assert earlier.steps[0].code == "missing"

    def test_objections_have_their_days(self, db: Connection, rating: StarRatingView) -> None:
        with pytest.raises(StarObjectionDaysOver):
            object_to(db, rating.id)
        show(db, rating.id, days=5)
        with pytest.raises(StarObjectionDaysOver):
            object_to(db, rating.id, at=at(1, 16, year=2027))
        with pytest.raises(Forbidden):
            object_to(db, rating.id, actor=STRANGER)
        object_to(db, rating.id, at=at(1, 15, hour=23, year=2027))

    def test_a_published_one_is_corrected_by_two_people_and_stays_as_it_was(
        self, db: Connection, rating: StarRatingView
    ) -> None:
        show(db, rating.id)
        before = publish(db, rating.id)
        view = correct(db, rating.id, value=30)
        (waiting,) = view.corrections
        assert (view.wanted_revision, waiting.confirmed_by) == (1, None)
        asked = ConfirmStarCorrection(waiting.id)
        with pytest.raises(StarCorrectionOwn):
            star_ratings.confirm_correction(db, asked=asked, actor=DRAWER, at=LATER)
        star_ratings.confirm_correction(db, asked=asked, actor=SECOND, at=LATER)
        draw(db, rating.id)
        after = seen(db, rating.id)
        assert (after.state, after.revision, after.published_at) == ("published", 2, before.published_at)
        assert after.digest != before.digest
        assert (
            of(db, rating.id).points
            != shown.result(db, asked=StarResultAsked(rating.id, FIRST, 1), actor=DRAWER, at=LATER).points
        )

    def test_what_is_published_the_database_keeps(self, db: Connection, rating: StarRatingView) -> None:
        show(db, rating.id)
        publish(db, rating.id)
        with pytest.raises(DBAPIError):
            db.execute(text("UPDATE star_ratings SET state = 'draft', published_at = NULL"))

    def test_a_fact_that_there_is_none_of_is_not_corrected(self, db: Connection, rating: StarRatingView) -> None:
        asked = CorrectStarRating(
            rating_id=rating.id, organisation_id=uuid4(), measure="round_score", value=1, reason="误"
        )
        with pytest.raises(NotFound):
            star_ratings.correct(db, asked=asked, actor=DRAWER, at=NEW_YEAR)


class TestProof:
    def test_calculated_again_it_is_the_same(self, db: Connection, rating: StarRatingView) -> None:
        correct(db, rating.id)
        draw(db, rating.id)
        told = again(db, rating.id, rating.formula_id)
        assert (told["is_same"], told["moved"], told["organisations"]) == (True, 0, 2)
        assert told["digest"] == seen(db, rating.id).digest

    def test_what_was_kept_otherwise_is_found(self, db: Connection, rating: StarRatingView) -> None:
        db.execute(
            text("UPDATE star_ratings SET digest = :digest, wanted_revision = 2, revision = 2"), {"digest": "0" * 64}
        )
        db.execute(
            text(
                "INSERT INTO star_results SELECT rating_id, 2, organisation_id, points, rank, 5, level, weak_when,"
                " moved_by FROM star_results"
            )
        )
        told = again(db, rating.id, rating.formula_id)
        assert not told["is_same"]
        assert {one["organisation_id"] for one in told["moves"]} == {str(FIRST), str(SECONDLY)}

    def test_the_export_is_repeated_by_a_program_that_is_not_ours(self, db: Connection, rating: StarRatingView) -> None:
        correct(db, rating.id)
        draw(db, rating.id)
        whole = written_down(db, rating.id, 2)
        plain = json.loads(json.dumps(whole))
        assert verified(plain) == (2, [])
        plain["organisations"][0]["values"]["green_share"] = 1
        count, wrong = verified(plain)
        assert (count, bool(wrong)) == (2, True)

    def test_a_draft_tells_who_would_move(self, db: Connection, rating: StarRatingView) -> None:
        base = formulas.star_formula(db, asked=StarFormulaAsked(rating.formula_id), actor=DRAWER, at=NEW_YEAR).formula
        lenient = StarFormula_of(base, stars_min=[10, 20, 30, 40, 50])
        draft = star_formulas.draft(db, asked=a_draft(formula=lenient), actor=DRAWER, at=NEW_YEAR)
        told = again(db, rating.id, draft.id)
        assert told["is_same"] is False
        assert {one["organisation_name"]: one["stars"] for one in told["moves"]}["般阳社区党支部"] == 3
        assert seen(db, rating.id).formula_id == rating.formula_id  # nothing of the rating moved

    def test_a_trial_is_seen_by_whoever_asked(self, db: Connection, rating: StarRatingView) -> None:
        asked = star_ratings.ask_trial(db, asked=TryStarFormula(rating_id=rating.id), actor=AUDITOR, at=NEW_YEAR)
        view = star_ratings.trial(db, asked=StarTrialAsked(asked.id), actor=AUDITOR, at=NEW_YEAR)
        assert (view.state, view.formula_id) == ("waiting", rating.formula_id)
        with pytest.raises(NotFound):
            star_ratings.trial(db, asked=StarTrialAsked(asked.id), actor=SECOND, at=NEW_YEAR)

    def test_the_sheet_says_every_step(self, db: Connection, rating: StarRatingView) -> None:
        correct(db, rating.id, measure="card_open", value=3)
        draw(db, rating.id)
        words = words_of(sheet_pdf(of(db, rating.id), by_name="王书记", at=NEW_YEAR))
        for said in ("绿灯月份占比", "83.33%", "否决：现存警示牌为红牌", "2026年下半年", "漏报", "缺：不计"):
            assert said in words


# ---- the formula -----------------------------------------------------------------------------------------------------


def StarFormula_of(base: Any, **changed: Any) -> Any:
    return type(base)(**{**vars(base), **changed})


def a_draft(
    *, formula: Any, from_day: date = date(2027, 6, 1), organisation_id: UUID | None = None
) -> DraftStarFormula:
    return DraftStarFormula(organisation_id=organisation_id, from_day=from_day, citation="区委组织部", formula=formula)


@pytest.fixture
def base(db: Connection) -> Any:
    a_district(db)
    page = formulas.star_formulas_asked(db, asked=StarFormulasAsked(), actor=DRAWER, at=NEW_YEAR)
    return page.items[0].formula


class TestFormula:
    def test_is_adopted_by_another_and_holds_from_its_day(self, db: Connection, base: Any) -> None:
        draft = star_formulas.draft(db, asked=a_draft(formula=base), actor=DRAWER, at=NEW_YEAR)
        with pytest.raises(FormulaSameDrafter):
            star_formulas.adopt(db, asked=AdoptStarFormula(draft.id), actor=DRAWER, at=NEW_YEAR)
        adopted = star_formulas.adopt(db, asked=AdoptStarFormula(draft.id), actor=SECOND, at=NEW_YEAR)
        assert (adopted.state, adopted.number) == ("adopted", 2)
        assert formulas.in_force_for(db, DISTRICT, date(2027, 5, 31)) != draft.id
        assert formulas.in_force_for(db, DISTRICT, date(2027, 6, 1)) == draft.id
        with pytest.raises(FormulaNotMovable):
            star_formulas.withdraw(db, asked=WithdrawStarFormula(draft.id, "误"), actor=DRAWER, at=NEW_YEAR)
        with pytest.raises(DBAPIError):
            db.execute(text("UPDATE star_formulas SET citation = '别的' WHERE number = 2"))

    def test_of_the_nearest_node(self, db: Connection, base: Any) -> None:
        district = db.execute(text("SELECT id FROM organisations WHERE path = :p"), {"p": DISTRICT}).scalar_one()
        asked = a_draft(formula=base, organisation_id=district)
        draft = star_formulas.draft(db, asked=asked, actor=DRAWER, at=NEW_YEAR)
        star_formulas.adopt(db, asked=AdoptStarFormula(draft.id), actor=SECOND, at=NEW_YEAR)
        assert formulas.in_force_for(db, f"{DISTRICT}.t1", date(2027, 6, 1)) == draft.id
        assert formulas.in_force_for(db, "3703.3703020", date(2027, 6, 1)) != draft.id

    def test_begins_on_a_day_to_come_that_is_free(self, db: Connection, base: Any) -> None:
        with pytest.raises(InvalidInput):
            star_formulas.draft(db, asked=a_draft(formula=base, from_day=NEW_YEAR.date()), actor=DRAWER, at=NEW_YEAR)
        drafts = [star_formulas.draft(db, asked=a_draft(formula=base), actor=DRAWER, at=NEW_YEAR) for _ in range(2)]
        with pytest.raises(FormulaDayPast):
            star_formulas.adopt(db, asked=AdoptStarFormula(drafts[0].id), actor=SECOND, at=at(7, 1, year=2027))
        star_formulas.adopt(db, asked=AdoptStarFormula(drafts[0].id), actor=SECOND, at=NEW_YEAR)
        with pytest.raises(FormulaDayTaken):
            star_formulas.adopt(db, asked=AdoptStarFormula(drafts[1].id), actor=SECOND, at=NEW_YEAR)

    def test_what_is_wrong_is_told_at_its_field(self, db: Connection, base: Any) -> None:
        asked = a_draft(formula=StarFormula_of(base, parts=base.parts[:2]))
        with pytest.raises(InvalidInput) as refused:
            star_formulas.draft(db, asked=asked, actor=DRAWER, at=NEW_YEAR)
        assert list(refused.value.errors) == ["formula.parts", "formula.ties"]

    def test_for_everybody_only_by_whoever_leads_everybody(self, db: Connection, base: Any) -> None:
        with pytest.raises(Forbidden):
            star_formulas.draft(db, asked=a_draft(formula=base), actor=TOWN_OFFICER, at=NEW_YEAR)


# ---- many at once ----------------------------------------------------------------------------------------------------


def alone(database: Engine, act: Callable[..., Any], **given: Any) -> Any:
    with database.begin() as db:
        return act(db, **given)


def told(results: list[Any]) -> Counter[str]:
    return Counter(result if isinstance(result, str) else "done" for result in results)


def test_a_formula_is_adopted_once_and_only_one_for_a_day(database: Engine) -> None:
    with database.begin() as db:
        a_district(db)
        page = formulas.star_formulas_asked(db, asked=StarFormulasAsked(), actor=DRAWER, at=NEW_YEAR)
        asked = a_draft(formula=page.items[0].formula)
        drafts = [star_formulas.draft(db, asked=asked, actor=DRAWER, at=NEW_YEAR).id for _ in range(2)]
    acts = [
        partial(alone, database, star_formulas.adopt, asked=AdoptStarFormula(one), actor=SECOND, at=NEW_YEAR)
        for one in drafts * 2
    ]
    assert told(at_once(acts))["done"] == 1


def test_a_rating_is_drawn_up_and_published_once_while_work_draws_it(database: Engine) -> None:
    with database.begin() as db:
        district = a_district(db)
    asked = DrawUpStarRating(organisation_id=district, year=2026, half=2)
    draw_up = partial(alone, database, star_ratings.draw_up, asked=asked, actor=DRAWER, at=NEW_YEAR)
    assert told(at_once([draw_up] * 3)) == {"done": 1, "star-rating-there": 2}
    assert jobs.run_one(database, WORK.jobs)
    with database.begin() as db:
        rating_id = db.execute(text("SELECT id FROM star_ratings")).scalar_one()
        show(db, rating_id)
        object_to(db, rating_id)
        (objection,) = seen(db, rating_id).objections
    answer = AnswerStarObjection(
        objection_id=objection.id, answer="upheld", text="漏记", measure="round_score", value=90
    )
    act = partial(alone, database, star_ratings.answer, asked=answer, actor=DRAWER, at=LATER)
    assert told(at_once([act] * 3)) == {"done": 1, "star-objection-answered": 2}
    assert jobs.run_one(database, WORK.jobs)
    publication = partial(
        alone, database, star_ratings.publish, asked=PublishStarRating(rating_id), actor=SECOND, at=LATER
    )
    assert told(at_once([publication] * 3)) == {"done": 1, "star-rating-not-movable": 2}
    with database.connect() as db:
        assert seen(db, rating_id).revision == 2
