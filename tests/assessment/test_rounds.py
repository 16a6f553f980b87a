"""On-site rounds: criteria, teams, the published seed, the draw and its repeat, the days, what a round came to."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from assessment.operations import criteria, day_plans, rounds
from assessment.operations.criteria import CriteriaNameTaken, CriteriaNotMovable, CriteriaSameDrafter
from assessment.operations.day_plans import RoundNotPlannable
from assessment.operations.rounds import (
    OnSiteRoundChanged,
    OnSiteRoundNotMovable,
    RoundWithoutOrganisations,
    RoundWithoutTeams,
    VisitsOpen,
)
from assessment.queries import day_plans as days
from assessment.queries import rounds as shown
from assessment.queries.criteria import criteria_asked, criteria_whole
from chassis.actors import Forbidden
from chassis.refusals import InvalidInput, NotFound
from contracts.assessment.rounds import (
    AdoptCriteriaVersion,
    ChangeOnSiteRound,
    CloseOnSiteRound,
    CriteriaAsked,
    CriteriaHeading,
    CriteriaVersionsAsked,
    DayPlanAsked,
    DrawExportAsked,
    MakeCriteria,
    MakeCriteriaVersion,
    MakeOnSiteRound,
    MoveVisit,
    OnSiteRoundAsked,
    OnSiteRoundsAsked,
    PlanDays,
    RoundCriterion,
    RoundSummaryAsked,
    SetVisitPlace,
    WithdrawCriteriaVersion,
    WithdrawOnSiteRound,
)
from contracts.envelope import NAMESPACE_ZHENDI, load, plain
from gateway.round_draws import as_csv
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.assessment.articles import NOON, a_branch, an_actor
from tests.assessment.rounds import (
    AFTER,
    DISTRICT,
    DRAW_AT,
    OFFICER,
    SECOND,
    VERSION,
    a_closed_visit,
    a_district,
    a_drawn_round,
    a_round,
    an_assessor,
    announce,
    set_teams,
    visit_ids,
)
from tests.conftest import CLONE

HEADINGS = [
    CriteriaHeading(
        name="组织生活",
        weight=100,
        items=[RoundCriterion(text="主题党日", full_marks=8.5, evidence="记录", deduction="每次1分")],
    )
]


def export(db: Connection, round_id: UUID) -> dict[str, Any]:
    anybody = an_actor(("member", f"{DISTRICT}.t1.v1"))
    told: dict[str, Any] = plain(shown.draw_export(db, asked=DrawExportAsked(round_id), actor=anybody, at=AFTER))
    return told


class TestCriteria:
    def test_ours_are_there_for_four_kinds_with_weights_of_100(self, db: Connection) -> None:
        page = criteria_of(db)
        assert {one.kind for one in page} == {"village", "community", "organ", "two_new"}
        for one in page:
            assert sum(heading.weight for heading in one.versions[0].headings) == 100
            assert all(item.evidence and item.deduction for head in one.versions[0].headings for item in head.items)

    def test_a_version_is_adopted_by_another_and_never_changed(self, db: Connection) -> None:
        ids = a_district(db)
        made = criteria.make(
            db,
            asked=MakeCriteria(
                name="镇自评标准", kind="village", organisation_id=ids[DISTRICT], citation="镇发1号", headings=HEADINGS
            ),
            actor=OFFICER,
            at=NOON,
        )
        more = MakeCriteriaVersion(criteria_id=made.id, citation="镇发2号", headings=HEADINGS)
        (first,) = made.versions
        assert (first.number, first.state, first.made_by) == (None, "draft", OFFICER.name)
        with pytest.raises(CriteriaSameDrafter):
            criteria.adopt(db, asked=AdoptCriteriaVersion(first.id), actor=OFFICER, at=NOON)
        with pytest.raises(InvalidInput) as caught:
            a_round(db, version_id=first.id)
        assert set(caught.value.errors) == {"version_id"}
        assert {one.name: one.versions for one in criteria_of(db)}["镇自评标准"] == []  # nothing is in force yet
        told = criteria.adopt(db, asked=AdoptCriteriaVersion(first.id), actor=SECOND, at=AFTER)
        (adopted,) = told.versions
        assert (adopted.number, adopted.state, adopted.decided_by) == (1, "adopted", SECOND.name)
        a_round(db, version_id=first.id)

        drafts = [
            criteria.make_version(db, asked=more, actor=OFFICER, at=NOON + timedelta(minutes=later)).versions[0]
            for later in range(2)
        ]
        put_away = WithdrawCriteriaVersion(drafts[0].id, "重复")
        criteria.withdraw(db, asked=put_away, actor=OFFICER, at=NOON)
        for again in (
            lambda: criteria.withdraw(db, asked=put_away, actor=OFFICER, at=NOON),
            lambda: criteria.adopt(db, asked=AdoptCriteriaVersion(drafts[0].id), actor=SECOND, at=NOON),
        ):
            with pytest.raises(CriteriaNotMovable):
                again()
        criteria.adopt(db, asked=AdoptCriteriaVersion(drafts[1].id), actor=SECOND, at=AFTER)
        whole = shown_whole(db, CriteriaVersionsAsked(made.id))
        assert [(one.number, one.state, one.citation) for one in whole.versions] == [
            (2, "adopted", "镇发2号"),
            (1, "adopted", "镇发1号"),
            (None, "withdrawn", "镇发2号"),
        ]
        assert whole.versions[0].headings[0].full_marks == 8.5
        with pytest.raises(DBAPIError, match="never changed"), db.begin_nested():
            db.execute(text("UPDATE criteria_versions SET citation = '改' WHERE number = 1"))

    def test_weights_marks_and_names_are_held(self, db: Connection) -> None:
        ids = a_district(db)
        given = {"name": "标准", "kind": "organ", "organisation_id": ids[DISTRICT], "citation": "文"}
        wrong = [
            CriteriaHeading(
                name="一", weight=90, items=[RoundCriterion(text="项", full_marks=1.3, evidence="有", deduction="扣")]
            )
        ]
        with pytest.raises(InvalidInput) as caught:
            criteria.make(db, asked=MakeCriteria(**given, headings=wrong), actor=OFFICER, at=NOON)
        assert set(caught.value.errors) == {"headings", "headings.0.items.0.full_marks"}
        criteria.make(db, asked=MakeCriteria(**given, headings=HEADINGS), actor=OFFICER, at=NOON)
        with pytest.raises(CriteriaNameTaken):
            criteria.make(db, asked=MakeCriteria(**given, headings=HEADINGS), actor=OFFICER, at=NOON)

    def test_a_towns_officer_does_not_change_the_platforms_own(self, db: Connection) -> None:
        a_district(db)
        town = an_actor(("officer", f"{DISTRICT}.t1"))
        ours = uuid5(NAMESPACE_ZHENDI, "criteria:village")
        with pytest.raises(Forbidden):
            criteria.make_version(
                db, asked=MakeCriteriaVersion(criteria_id=ours, citation="文", headings=HEADINGS), actor=town, at=NOON
            )


class TestBeforeTheDraw:
    def test_teams_are_replaced_whole_while_it_is_planned(self, db: Connection) -> None:
        ids = a_district(db)
        planned = a_round(db)
        first, second = an_assessor("甲"), an_assessor("乙")
        set_teams(db, planned.id, [[(first, ids[f"{DISTRICT}.o1"])], [(second, ids[f"{DISTRICT}.o2"])]])
        told = set_teams(db, planned.id, [[(second, ids[f"{DISTRICT}.o1"]), (first, ids[f"{DISTRICT}.o1"])]])
        assert [[member.name for member in team.members] for team in told.teams] == [["乙", "甲"]]

    def test_it_is_planned_otherwise_until_its_seed_is_published(self, db: Connection) -> None:
        ids = a_district(db)
        planned = a_round(db)
        set_teams(db, planned.id, [[(an_assessor("甲"), ids[f"{DISTRICT}.o1"])]])
        given = {name: getattr(planned, name) for name in MakeOnSiteRound.__dataclass_fields__}
        town = {"organisation_id": ids[f"{DISTRICT}.t1"], "name": "第1镇现场评估", "is_cross": True}
        asked = ChangeOnSiteRound(round_id=planned.id, version=planned.version, **{**given, **town})
        told = rounds.change(db, asked=asked, actor=SECOND, at=NOON)
        assert (told.name, told.is_cross, told.version) == ("第1镇现场评估", True, planned.version + 1)
        assert (told.made_by, len(told.teams)) == (OFFICER.name, 1)
        with pytest.raises(OnSiteRoundChanged):  # read before SECOND's change
            rounds.change(db, asked=asked, actor=OFFICER, at=NOON)
        wrong = {"round_id": planned.id, "version": told.version, **given, "kinds": [], "ends_on": date(2026, 11, 15)}
        with pytest.raises(InvalidInput) as caught:
            rounds.change(db, asked=ChangeOnSiteRound(**wrong), actor=OFFICER, at=NOON)
        assert set(caught.value.errors) == {"kinds", "ends_on"}
        with pytest.raises(Forbidden):  # they keep rounds of the town, not of the whole district
            rounds.change(
                db,
                asked=ChangeOnSiteRound(round_id=planned.id, version=told.version, **given),
                actor=an_actor(("officer", f"{DISTRICT}.t1")),
                at=NOON,
            )
        assert announce(db, planned.id).organisations == 4
        late = ChangeOnSiteRound(round_id=planned.id, version=told.version + 1, **given)
        with pytest.raises(OnSiteRoundNotMovable, match="announced"):
            rounds.change(db, asked=late, actor=OFFICER, at=NOON)

    def test_what_is_not_said_of_a_plan_has_its_default(self) -> None:
        ids = {"organisation_id": str(VERSION), "version_id": str(VERSION)}
        days = {"starts_on": "2026-11-16", "ends_on": "2026-11-27"}
        asked = load(MakeOnSiteRound, {"name": "评估", "period_kind": "batch", "period": "一批", **ids, **days})
        assert (asked.kinds, asked.fields, asked.sample_percent) == (["branch"], [], 100)

    def test_a_person_in_two_teams_and_an_unknown_home_are_refused(self, db: Connection) -> None:
        ids = a_district(db)
        planned = a_round(db)
        who = an_assessor("甲")
        with pytest.raises(InvalidInput) as caught:
            set_teams(db, planned.id, [[(who, ids[f"{DISTRICT}.o1"])], [(who, uuid5(NAMESPACE_ZHENDI, "nowhere"))]])
        assert set(caught.value.errors) == {
            "teams.0.members.0.person_id",
            "teams.1.members.0.person_id",
            "teams.1.members.0.organisation_id",
        }

    def test_the_seed_is_published_before_the_draw_and_settles_everything(self, db: Connection) -> None:
        ids = a_district(db)
        planned = a_round(db)
        with pytest.raises(RoundWithoutTeams):
            announce(db, planned.id)
        home = ids[f"{DISTRICT}.o1"]
        set_teams(db, planned.id, [[(an_assessor("甲"), home)]])
        with pytest.raises(InvalidInput) as caught:
            announce(db, planned.id, draw_at=NOON, seed_on=date(2026, 11, 13))
        assert set(caught.value.errors) == {"draw_at", "seed_on"}
        told = announce(db, planned.id)
        assert (told.state, told.seed, told.organisations) == ("announced", "2026-11-10 川组发〔2026〕31号", 8)
        with pytest.raises(OnSiteRoundNotMovable):
            announce(db, planned.id)
        with pytest.raises(OnSiteRoundNotMovable):
            set_teams(db, planned.id, [[(an_assessor("乙"), home)]])
        assert rounds.draw_due(db, at=DRAW_AT - timedelta(seconds=1)) == 0
        assert rounds.draw_due(db, at=DRAW_AT) == 1
        assert rounds.draw_due(db, at=DRAW_AT) == 0
        with pytest.raises(OnSiteRoundNotMovable):
            rounds.withdraw(db, asked=WithdrawOnSiteRound(planned.id, "重抽"), actor=OFFICER, at=AFTER)

    def test_a_round_of_nobody_is_not_announced(self, db: Connection) -> None:
        ids = a_district(db)
        planned = a_round(db, fields=["hospital"])
        set_teams(db, planned.id, [[(an_assessor("甲"), ids[f"{DISTRICT}.o1"])]])
        with pytest.raises(RoundWithoutOrganisations):
            announce(db, planned.id)

    def test_only_its_officer_keeps_it(self, db: Connection) -> None:
        a_district(db)
        planned = a_round(db)
        town = an_actor(("officer", f"{DISTRICT}.t1"))
        with pytest.raises(Forbidden):
            rounds.withdraw(db, asked=WithdrawOnSiteRound(planned.id, "不办"), actor=town, at=NOON)
        with pytest.raises(Forbidden):
            shown.on_site_round(db, asked=OnSiteRoundAsked(planned.id), actor=town, at=NOON)
        assert shown.on_site_rounds(db, asked=OnSiteRoundsAsked(), actor=town, at=NOON).items == []


class TestDraw:
    def test_nobody_is_sent_to_their_own_or_to_their_superior(self, db: Connection) -> None:
        ids = a_district(db)
        village, town = f"{DISTRICT}.t1.v1", f"{DISTRICT}.t2"
        people = [[an_assessor("村里人")], [an_assessor("镇里人")]]
        homes = [[(people[0][0], ids[village])], [(people[1][0], ids[town])]]
        drawn = a_drawn_round(
            db, people=people, homes=homes, fields=["rural", "government"], kinds=["branch", "committee"]
        )
        told = export(db, drawn.round.id)
        team = {one["organisation_id"]: one["team_id"] for one in told["organisations"]}
        first, second = (one["id"] for one in told["teams"])
        assert team[str(ids[village])] == second  # their own
        assert team[str(ids[f"{DISTRICT}.t1"])] == second  # their superior
        assert {team[str(ids[f"{town}.v{number}"])] for number in (1, 2, 3, 4)} == {first}  # whom they lead

    def test_a_cross_round_sends_nobody_to_their_town(self, db: Connection) -> None:
        ids = a_district(db)
        people = [[an_assessor("一镇人")], [an_assessor("二镇人")]]
        homes = [[(who[0], ids[f"{DISTRICT}.t{town}.v1"])] for town, who in enumerate(people, start=1)]
        drawn = a_drawn_round(db, people=people, homes=homes, is_cross=True)
        told = export(db, drawn.round.id)
        first, second = (one["id"] for one in told["teams"])
        towns = {(one["town_id"], one["team_id"]) for one in told["organisations"]}
        assert towns == {(str(ids[f"{DISTRICT}.t1"]), second), (str(ids[f"{DISTRICT}.t2"]), first)}

    def test_nobody_comes_twice_running(self, db: Connection) -> None:
        a_district(db)
        before = a_drawn_round(db)
        taken = {one["organisation_id"]: one["team_id"] for one in export(db, before.round.id)["organisations"]}
        after = a_drawn_round(db, people=before.people, name="下一轮")
        again = {one["organisation_id"]: one["team_id"] for one in export(db, after.round.id)["organisations"]}
        numbers = [{team.id: team.number for team in made.round.teams} for made in (before, after)]
        for organisation, team in taken.items():
            assert numbers[0][UUID(team)] != numbers[1][UUID(again[organisation])]

    def test_whom_no_team_may_visit_is_told_with_why(self, db: Connection) -> None:
        ids = a_district(db)
        people = [[an_assessor("村书记")], [an_assessor("村委员")]]
        home = ids[f"{DISTRICT}.t1.v1"]
        drawn = a_drawn_round(db, people=people, homes=[[(who[0], home)] for who in people])
        assert drawn.round.visits == {"assigned": 7, "unplaced": 1}
        (told,) = drawn.round.unplaced
        assert told.organisation_id == home
        assert {(why.reason, why.by_name) for why in told.exclusions} == {("own", "村书记"), ("own", "村委员")}

    @pytest.mark.parametrize("rule", [{}, {"is_stratified": True}, {"sample_percent": 40, "is_stratified": True}])
    def test_anyone_repeats_it_from_the_export(self, db: Connection, rule: dict[str, Any], tmp_path: Path) -> None:
        ids = a_district(db, towns=3)
        people = [[an_assessor(name)] for name in "甲乙丙"]
        homes = [[(who[0], ids[f"{DISTRICT}.t{town}.v1"])] for town, who in enumerate(people, start=1)]
        drawn = a_drawn_round(db, people=people, homes=homes, **rule)
        told = export(db, drawn.round.id)
        assert "甲" not in str(told)  # nobody's name is in it
        table = tmp_path / "draw.csv"
        table.write_bytes(as_csv(told))
        program = [sys.executable, "-I", str(CLONE / "gateway/src/gateway/static/repeat_draw.py"), str(table)]
        again = subprocess.run(program, capture_output=True, text=True, check=False)
        assert again.stdout == f"The same draw: {len(told['organisations'])} organisations.\n", again.stderr
        first = next(one["team_id"] for one in told["organisations"] if one["team_id"])
        table.write_text(table.read_text(encoding="utf-8-sig").replace(f",{first},", ",,", 1), encoding="utf-8-sig")
        again = subprocess.run(program, capture_output=True, text=True, check=False)
        assert "another team" in again.stderr

    def test_before_the_seed_there_is_nothing_to_export(self, db: Connection) -> None:
        a_district(db)
        with pytest.raises(NotFound):
            export(db, a_round(db).id)

    def test_an_organisation_that_appears_after_the_seed_is_not_in_it(self, db: Connection) -> None:
        ids = a_district(db)
        planned = a_round(db)
        set_teams(db, planned.id, [[(an_assessor("甲"), ids[f"{DISTRICT}.o1"])]])
        announce(db, planned.id)
        a_branch(db, path=f"{DISTRICT}.t1.v99", name="新村")
        rounds.draw_due(db, at=AFTER)
        assert len(export(db, planned.id)["organisations"]) == 8


class TestDays:
    def test_the_draw_plans_them_and_points_come_from_the_nearest_above(self, db: Connection) -> None:
        ids = a_district(db)
        for path, lon in ((f"{DISTRICT}.t1", 118.0), (f"{DISTRICT}.t2", 118.2), (f"{DISTRICT}.t2.v1", 118.25)):
            asked = SetVisitPlace(organisation_id=ids[path], lon=lon, lat=36.6)
            day_plans.set_place(db, asked=asked, actor=OFFICER, at=NOON)
        drawn = a_drawn_round(db, teams=1, visits_a_day=5)
        plan = days.day_plan(db, asked=DayPlanAsked(drawn.round.id), actor=OFFICER, at=AFTER)
        assert [(day.on, len(day.stops)) for day in plan.days] == [(date(2026, 11, 16), 5), (date(2026, 11, 17), 3)]
        assert plan.without_day == 0
        first = plan.days[0].stops
        assert [stop.starts_at for stop in first][:2] == ["09:00", "10:00"]  # no way within the same town's centre
        own = [stop for day in plan.days for stop in day.stops if stop.is_own_point]
        assert [stop.organisation_id for stop in own] == [ids[f"{DISTRICT}.t2.v1"]]
        assert plan.days[0].distance_m > 17_000

    def test_a_visit_is_moved_by_hand_and_planned_anew_by_work(self, db: Connection) -> None:
        a_district(db)
        drawn = a_drawn_round(db, teams=1, visits_a_day=4)
        visit = visit_ids(db, drawn)[0]
        moved = MoveVisit(visit_id=visit, visit_on=date(2026, 11, 20), stop=1)
        told = day_plans.move(db, asked=moved, actor=OFFICER, at=AFTER)
        assert [(day.on, [stop.visit_id for stop in day.stops]) for day in told.days] == [(date(2026, 11, 20), [visit])]
        plan = days.day_plan(db, asked=DayPlanAsked(drawn.round.id), actor=OFFICER, at=AFTER)
        assert sorted(len(day.stops) for day in plan.days) == [1, 3, 4]
        assert all([stop.stop for stop in day.stops] == list(range(1, len(day.stops) + 1)) for day in plan.days)
        outside = MoveVisit(visit_id=visit, visit_on=date(2026, 12, 1), stop=1)
        with pytest.raises(InvalidInput):
            day_plans.move(db, asked=outside, actor=OFFICER, at=AFTER)
        day_plans.ask_for_plan(db, asked=PlanDays(drawn.round.id), actor=OFFICER, at=AFTER)
        assert (day_plans.plan_due(db, at=AFTER), day_plans.plan_due(db, at=AFTER)) == (1, 0)
        plan = days.day_plan(db, asked=DayPlanAsked(drawn.round.id), actor=OFFICER, at=AFTER)
        assert [len(day.stops) for day in plan.days] == [4, 4]

    def test_there_are_none_before_the_draw(self, db: Connection) -> None:
        a_district(db)
        with pytest.raises(RoundNotPlannable):
            day_plans.ask_for_plan(db, asked=PlanDays(a_round(db).id), actor=OFFICER, at=NOON)


class TestWhatItCameTo:
    def test_by_town_by_item_and_by_kind_of_problem(self, db: Connection) -> None:
        a_district(db)
        drawn = a_drawn_round(db)
        first, second, *others = visit_ids(db, drawn)
        a_closed_visit(db, drawn, first, less={3: 2.0})
        a_closed_visit(db, drawn, second)
        told = shown.summary(db, asked=RoundSummaryAsked(drawn.round.id), actor=OFFICER, at=AFTER)
        assert (told.visits, told.closed, told.score) == (8, 2, 99.0)
        assert [(town.name, town.closed) for town in told.towns] == [("第1镇党委", 2), ("第2镇党委", 0)]
        assert (told.items[0].lost_percent, told.items[0].average, told.items[1].lost_percent) == (12.5, 7.0, 0.0)
        assert [(one.kind, one.problems, one.organisations) for one in told.problems] == [("regular_meetings", 2, 2)]
        scores = db.execute(text("SELECT score, finished_on FROM round_scores ORDER BY score")).all()
        assert [float(row.score) for row in scores] == [98.0, 100.0]
        with pytest.raises(VisitsOpen, match="6 visits"):
            rounds.close(db, asked=CloseOnSiteRound(drawn.round.id), actor=OFFICER, at=AFTER)
        for visit in others:
            a_closed_visit(db, drawn, visit)
        assert rounds.close(db, asked=CloseOnSiteRound(drawn.round.id), actor=OFFICER, at=AFTER).state == "closed"


def criteria_of(db: Connection) -> list[Any]:
    return criteria_asked(db, asked=CriteriaAsked(), actor=OFFICER, at=NOON).items


def shown_whole(db: Connection, asked: CriteriaVersionsAsked) -> Any:
    return criteria_whole(db, asked=asked, actor=OFFICER, at=NOON)


def test_the_version_of_the_villages_has_its_stable_id(db: Connection) -> None:
    assert VERSION in {version.id for one in criteria_of(db) for version in one.versions}
