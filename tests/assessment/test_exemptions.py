"""Exemptions, corrections, members' lights, the board and trying other numbers, on the real database (A3, A4)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from assessment.domain.exemptions import MOVES, STATES, ends_with
from assessment.domain.months import Month
from assessment.operations import (
    check_settings,
    exemptions,
    light_corrections,
    lights,
    rolls,
    simulations,
    standings,
    task_making,
    tasks,
)
from assessment.operations.check_settings import faults_in
from assessment.queries import light_board, member_lights
from assessment.queries.light_board import share_bp
from assessment.queries.lights import history, lights_below
from assessment.tables.exemptions import exemptions as kept
from assessment.tables.lights import check_numbers
from assessment.tables.lights import lights as stored
from chassis.actors import Actor, Forbidden
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.check_settings import SetCheck, SimulateCheck, SimulatedMembersAsked
from contracts.assessment.exemptions import (
    ApplyForExemption,
    ApproveExemption,
    ConsentToExemption,
    EndExemption,
    ExemptionView,
    RefuseExemption,
    WithdrawExemption,
)
from contracts.assessment.lights import (
    CorrectLight,
    LightBoardAsked,
    LightHistoryAsked,
    LightsAsked,
    MemberLightsAsked,
    MyLightAsked,
)
from contracts.assessment.tasks import DoTask
from contracts.roster.rolls import RollChanged, RollMember
from contracts.roster.standings import BranchStanding, UnpaidDues
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests import articles
from tests.assessment.articles import NOON, a_branch, an_actor, an_event, at, the_light, the_reading
from tests.races import at_once

BRANCH = "3703.370302.t1.b1"
DECEMBER = "2026-12"
AFTER = at(12, 1, 0, 15)
TOWN = an_actor(("officer", "3703.370302.t1"))
SECRETARY = an_actor(("secretary", BRANCH))


def applied(
    db: Connection, branch_id: UUID, *, by: Actor = SECRETARY, now: datetime = NOON, **how: Any
) -> ExemptionView:
    asked = {"ground": "ill", "reason": "长期住院", "from_month": "2026-11", "months": 3, **how}
    return exemptions.apply(db, asked=ApplyForExemption(branch_id=branch_id, **asked), actor=by, at=now)


def consented(db: Connection, one: ExemptionView) -> ExemptionView:
    asked = ConsentToExemption(one.id, NOON.date(), "支委会11月会议记录，全体同意")
    return exemptions.consent(db, asked=asked, actor=SECRETARY, at=NOON)


def approved(db: Connection, one: ExemptionView, *, by: Actor = TOWN, now: datetime = NOON) -> ExemptionView:
    return exemptions.approve(db, asked=ApproveExemption(one.id), actor=by, at=now)


def an_exemption(db: Connection, branch_id: UUID, **how: Any) -> ExemptionView:
    return approved(db, consented(db, applied(db, branch_id, **how)))


def a_member(db: Connection, branch_id: UUID, name: str = "蒲一", *, version: int = 1, **how: Any) -> UUID:
    person = how.pop("person_id", None) or uuid4()
    told = RollMember(person, name, "full", how.pop("state", "active"), "第一党小组", date(2001, 7, 1))
    rolls.remember(db, event=an_event(RollChanged(branch_id, [told]), version=version), at=NOON)
    return person


def stands(
    db: Connection, branch_id: UUID, *unpaid: UnpaidDues, breaches: tuple[str, ...] = (), version: int = 1
) -> None:
    told = BranchStanding(branch_id, list(unpaid), list(breaches))
    standings.remember(db, event=an_event(told, version=version), at=NOON)


def in_force(db: Connection, check: str, **numbers: int) -> None:
    """Bring a check into force early enough for the months that the tests look at."""
    row = {"check_code": check, "effective_from": date(2026, 9, 1), "numbers": numbers, "citation": "试行"}
    db.execute(insert(check_numbers).values(**row))


class TestStates:
    @pytest.mark.parametrize("state", STATES)
    @pytest.mark.parametrize("move", sorted(set(MOVES) - {"apply"}))
    def test_each_move_from_each_state(self, db: Connection, state: str, move: str) -> None:
        one = applied(db, a_branch(db))
        by = {"consented_by_id": SECRETARY.person_id, "decided_by_id": uuid4(), "decided_at": NOON}
        db.execute(update(kept).where(kept.c.id == one.id).values(state=state, **by))
        asked = {
            "consent": lambda: consented(db, one),
            "approve": lambda: approved(db, one),
            "refuse": lambda: exemptions.refuse(db, asked=RefuseExemption(one.id, "不符"), actor=TOWN, at=NOON),
            "withdraw": lambda: exemptions.withdraw(db, asked=WithdrawExemption(one.id), actor=SECRETARY, at=NOON),
            "end": lambda: exemptions.end(db, asked=EndExemption(one.id, "康复"), actor=TOWN, at=NOON),
        }
        sources, to = MOVES[move]
        if state in sources:
            assert asked[move]().state == to
        else:
            with pytest.raises(exemptions.ExemptionNotMovable):
                asked[move]()

    def test_keeps_each_step_with_who_and_why(self, db: Connection) -> None:
        one = an_exemption(db, a_branch(db))
        ended = exemptions.end(db, asked=EndExemption(one.id, "康复"), actor=TOWN, at=NOON)
        assert [step.move for step in ended.steps] == ["apply", "consent", "approve", "end"]
        assert (ended.steps[1].said_on, ended.steps[3].said) == (NOON.date(), "康复")

    def test_ends_with_its_month_and_never_begins_when_it_had_not(self) -> None:
        first, last = date(2026, 11, 1), date(2027, 11, 1)
        assert ends_with(first, last, today=date(2026, 11, 30)) == date(2026, 12, 1)
        assert ends_with(first, last, today=date(2026, 10, 31)) == first
        assert ends_with(first, last, today=date(2027, 10, 5)) == last


class TestWhoMay:
    def test_a_member_applies_for_themselves_alone(self, db: Connection) -> None:
        branch = a_branch(db)
        person = a_member(db, branch)
        myself = replace(an_actor(("member", BRANCH)), person_id=person)
        one = applied(db, branch, by=myself, person_id=person)
        assert (one.person_name, one.state) == ("蒲一", "applied")
        for other in ({}, {"person_id": uuid4()}):
            with pytest.raises(Forbidden):
                applied(db, branch, by=myself, **other)

    def test_nobody_is_exempt_who_is_not_on_the_roll(self, db: Connection) -> None:
        with pytest.raises(NotFound):
            applied(db, a_branch(db), person_id=uuid4())

    def test_the_next_level_approves_and_not_the_branch(self, db: Connection) -> None:
        one = consented(db, applied(db, a_branch(db)))
        for actor in (SECRETARY, an_actor(("officer", BRANCH)), an_actor(("officer", "3703.370302.t2"))):
            with pytest.raises(Forbidden):
                approved(db, one, by=actor)
        assert approved(db, one, by=an_actor(("officer", "3703"))).state == "approved"

    @pytest.mark.parametrize("which", ["applied_by_id", "consented_by_id", "person_id"])
    def test_who_applied_consented_or_is_exempt_does_not_approve(self, db: Connection, which: str) -> None:
        branch = a_branch(db)
        one = consented(db, applied(db, branch, person_id=a_member(db, branch)))
        db.execute(update(kept).where(kept.c.id == one.id).values({which: TOWN.person_id}))
        with pytest.raises(exemptions.ExemptionSamePerson):
            approved(db, one)

    def test_the_database_refuses_more_than_twelve_months_and_half_ones(self, db: Connection) -> None:
        one = applied(db, a_branch(db), months=12)
        for until in (date(2027, 12, 1), date(2027, 3, 2), date(2026, 11, 1)):
            with pytest.raises(IntegrityError), db.begin_nested():
                db.execute(update(kept).where(kept.c.id == one.id).values(active_until=until))


class TestMonths:
    def test_one_month_is_exempt_once_and_a_refused_one_makes_way(self, db: Connection) -> None:
        branch = a_branch(db)
        one = applied(db, branch)
        with pytest.raises(exemptions.ExemptionOverlaps):
            applied(db, branch, from_month="2027-01", months=1)
        assert applied(db, branch, from_month="2027-02").state == "applied"
        exemptions.refuse(db, asked=RefuseExemption(one.id, "不符"), actor=SECRETARY, at=NOON)
        assert applied(db, branch).state == "applied"

    def test_begins_with_a_month_that_is_not_over(self, db: Connection) -> None:
        branch = a_branch(db)
        with pytest.raises(InvalidInput):
            applied(db, branch, from_month="2026-10")
        one = consented(db, applied(db, branch))
        assert approved(db, one, now=at(12, 3)).from_month == "2026-12"

    def test_is_over_when_it_is_approved_too_late(self, db: Connection) -> None:
        one = consented(db, applied(db, a_branch(db), months=1))
        with pytest.raises(exemptions.ExemptionOver):
            approved(db, one, now=AFTER)

    def test_a_renewal_follows_the_one_before(self, db: Connection) -> None:
        branch = a_branch(db)
        one = an_exemption(db, branch)
        with pytest.raises(InvalidInput):
            applied(db, branch, from_month="2027-03", renews_id=one.id)
        renewed = applied(db, branch, from_month="2027-02", renews_id=one.id)
        assert renewed.renews_id == one.id

    def test_the_light_is_exempt_and_back_after_it_ended(self, db: Connection) -> None:
        branch = a_branch(db)
        one = an_exemption(db, branch)
        light = the_light(db, branch, at=at(11, 27))
        assert (light.light, light.readings, light.exempt_until) == ("exempt", [], date(2027, 2, 1))
        assert db.scalar(select(stored.c.light).where(stored.c.month == "2026-11")) == "exempt"
        exemptions.end(db, asked=EndExemption(one.id, "康复"), actor=SECRETARY, at=at(11, 27))
        assert the_light(db, branch, at=at(11, 27)).light == "exempt"
        assert the_light(db, branch, at=at(12, 27)).light == "red"


class TestRaces:
    def test_of_many_applications_for_the_same_months_one_stands(self, database: Engine) -> None:
        with database.begin() as db:
            branch = a_branch(db)

        def apply() -> str:
            with database.begin() as db:
                return applied(db, branch).state

        told = at_once([apply] * 6)
        assert sorted(set(told)) == ["applied", "exemption-overlaps"]
        assert told.count("applied") == 1

    def test_of_an_approval_and_a_refusal_one_wins(self, database: Engine) -> None:
        with database.begin() as db:
            one = consented(db, applied(db, a_branch(db)))

        def decide(how: Callable[[Connection], ExemptionView]) -> Callable[[], str]:
            def act() -> str:
                with database.begin() as db:
                    return how(db).state

            return act

        refusal = RefuseExemption(one.id, "不符")
        other = an_actor(("officer", "3703"))
        told = at_once(
            [
                decide(lambda db: approved(db, one)),
                decide(lambda db: approved(db, one, by=other)),
                decide(lambda db: exemptions.refuse(db, asked=refusal, actor=other, at=NOON)),
            ]
        )
        assert told.count("exemption-not-movable") == 2
        with database.begin() as db:
            steps = db.execute(text("SELECT count(*) FROM exemption_steps")).scalar_one()
            assert steps == 3
            assert db.scalar(select(kept.c.state)) in told


class TestCorrections:
    def corrected(self, db: Connection, branch: UUID, *, light: str = "green", **how: Any) -> Any:
        asked = CorrectLight(branch_id=branch, month="2026-11", light=light, reason="活动点漏报", **how)
        return light_corrections.correct(db, asked=asked, actor=TOWN, at=AFTER)

    def test_a_frozen_light_is_corrected_with_its_reason(self, db: Connection) -> None:
        branch = a_branch(db)
        with pytest.raises(light_corrections.LightNotFrozen):
            self.corrected(db, branch)
        lights.freeze(db, at=AFTER)
        assert self.corrected(db, branch).from_light == "red"
        with pytest.raises(light_corrections.LightSame):
            self.corrected(db, branch)
        light = the_light(db, branch, at=AFTER, month="2026-11")
        assert (light.light, light.corrected, light.corrections[0].reason) == ("green", True, "活动点漏报")
        months = history(db, asked=LightHistoryAsked(branch), actor=SECRETARY, at=AFTER).months
        assert [(one.month, one.light, one.corrected) for one in months[:2]] == [
            ("2026-11", "green", True),
            ("2026-10", "red", False),
        ]

    def test_the_branch_does_not_correct_itself(self, db: Connection) -> None:
        branch = a_branch(db)
        lights.freeze(db, at=AFTER)
        asked = CorrectLight(branch_id=branch, month="2026-11", light="green", reason="改")
        for actor in (SECRETARY, an_actor(("officer", BRANCH))):
            with pytest.raises(Forbidden):
                light_corrections.correct(db, asked=asked, actor=actor, at=AFTER)

    def test_nothing_else_changes_a_frozen_light(self, db: Connection) -> None:
        a_branch(db)
        lights.freeze(db, at=AFTER)
        for change in (update(stored).values(light="green"), update(stored).values(frozen_at=None), delete(stored)):
            with pytest.raises(DBAPIError), db.begin_nested():
                db.execute(change)

    def test_of_two_corrections_at_once_the_second_finds_the_first(self, database: Engine) -> None:
        with database.begin() as db:
            branch = a_branch(db)
            lights.freeze(db, at=AFTER)

        def correct() -> str:
            with database.begin() as db:
                return str(self.corrected(db, branch).light)

        assert sorted(at_once([correct] * 4)) == ["green", *["light-same"] * 3]


class TestMembers:
    def test_dues_turn_the_members_and_the_branchs_light(self, db: Connection) -> None:
        in_force(db, "MemberDuesPaid", due_day=25, yellow_from_day=20, red_months=6)
        in_force(db, "DuesCollected", due_day=25, yellow_from_day=20)
        branch = a_branch(db)
        person = a_member(db, branch)
        stands(db, branch, UnpaidDues(person, ["2026-11"]))
        for now, light in ((at(11, 12), "green"), (at(11, 21), "yellow"), (at(11, 27), "red")):
            found = member_lights.of_branch(db, asked=MemberLightsAsked(branch), actor=SECRETARY, at=now)
            assert [one.light for one in found.items] == [light]
            assert the_reading(the_light(db, branch, at=now), "DuesCollected").light == light
        stands(db, branch, version=3)
        stands(db, branch, UnpaidDues(person, ["2026-11"]), version=2)  # arrives late
        assert the_reading(the_light(db, branch, at=at(11, 27)), "DuesCollected").light == "green"

    def test_ones_own_light_and_its_frozen_months(self, db: Connection) -> None:
        in_force(db, "MemberDuesPaid", due_day=25, yellow_from_day=20, red_months=6)
        branch = a_branch(db)
        person = a_member(db, branch)
        myself = replace(an_actor(("member", BRANCH)), person_id=person)
        stands(db, branch, UnpaidDues(person, ["2026-11"]))
        mine = member_lights.mine(db, asked=MyLightAsked(), actor=myself, at=at(11, 22))
        assert mine.light
        assert (mine.light.light, mine.light.red_on) == ("yellow", date(2026, 11, 26))
        assert [one.check for one in mine.checks] == ["MemberDuesPaid"]
        lights.freeze(db, at=AFTER)
        stands(db, branch, version=2)
        later = member_lights.mine(db, asked=MyLightAsked(month="2026-11"), actor=myself, at=AFTER)
        assert later.light
        assert (later.light.light, later.light.frozen, later.months[0].light) == ("red", True, "red")
        stranger = member_lights.mine(db, asked=MyLightAsked(), actor=an_actor(("member", BRANCH)), at=NOON)
        assert stranger.light is None

    def test_an_exempt_member_is_neither_green_nor_red(self, db: Connection) -> None:
        in_force(db, "MemberDataComplete", groups_from_members=20)
        branch = a_branch(db)
        person = a_member(db, branch, state="lost")
        an_exemption(db, branch, person_id=person)
        found = member_lights.of_branch(db, asked=MemberLightsAsked(branch), actor=SECRETARY, at=NOON)
        assert (found.exempt, found.yellow, found.items[0].exempt_until) == (1, 0, date(2027, 2, 1))
        assert the_light(db, branch, at=NOON).light == "green"

    def test_who_left_has_no_light_any_more(self, db: Connection) -> None:
        in_force(db, "MemberDataComplete", groups_from_members=20)
        branch = a_branch(db)
        a_member(db, branch)
        count = select(func.count()).select_from(text("member_lights"))
        assert db.scalar(count) == 1
        rolls.remember(db, event=an_event(RollChanged(branch, []), version=2), at=NOON)
        assert db.scalar(count) == 0

    def test_of_others_is_for_the_branch_and_those_above(self, db: Connection) -> None:
        branch = a_branch(db)
        for role in ("member", "assessor", "steward"):
            with pytest.raises(Forbidden):
                member_lights.of_branch(db, asked=MemberLightsAsked(branch), actor=an_actor((role, BRANCH)), at=NOON)


class TestBoard:
    def test_counts_green_against_those_that_stood_on_the_25th_and_are_not_exempt(self, db: Connection) -> None:
        a_branch(db, path="3703.370302.t1", kind="committee", name="昆仑镇党委")
        branches = [a_branch(db, path=f"3703.370302.t1.b{number}", field="rural") for number in range(1, 5)]
        an_exemption(db, branches[0])
        late = at(11, 26)
        lights.light_all(db, at=late)
        told = a_branch(db, path="3703.370302.t1.b9", at=late)
        db.execute(text("UPDATE organisations SET known_since = :late WHERE id = :id"), {"late": late, "id": told})
        board = light_board.board(db, asked=LightBoardAsked(), actor=TOWN, at=late)
        assert board.whole
        whole = board.whole
        assert (whole.branches, whole.green, whole.red, whole.exempt, whole.share_bp) == (3, 0, 3, 1, 0)
        assert (board.goal_percent, [one.field for one in board.fields]) == (99, ["rural"])
        page = lights_below(db, asked=LightsAsked(light="exempt"), actor=TOWN, at=late)
        assert [view.branch_id for view in page.items] == [branches[0]]

    def test_of_a_platform_that_begins_after_the_25th_everybody_counts(self, db: Connection) -> None:
        a_branch(db, path="3703.370302.t1", kind="committee", name="昆仑镇党委")
        a_branch(db, path="3703.370302.t1.b1")
        late = at(11, 27)
        for since, counted in ((at(11, 26), 1), (late, 0)):
            db.execute(text("UPDATE organisations SET known_since = :since"), {"since": since})
            board = light_board.board(db, asked=LightBoardAsked(), actor=TOWN, at=late)
            assert board.whole
            assert board.whole.branches == counted

    def test_a_part_of_exempt_branches_alone_is_shown_without_a_share(self, db: Connection) -> None:
        a_branch(db, path="3703.370302.t1", kind="committee", name="昆仑镇党委")
        an_exemption(db, a_branch(db, path="3703.370302.t1.b1", field="rural"))
        lights.freeze(db, at=AFTER)
        last = light_board.board(db, asked=LightBoardAsked(), actor=TOWN, at=at(12, 2)).months[0]
        assert (last.month, last.branches, last.exempt, last.share_bp) == ("2026-11", 0, 1, None)
        board = light_board.board(db, asked=LightBoardAsked(month="2026-11"), actor=TOWN, at=at(12, 2))
        (field,) = board.fields
        assert (field.branches, field.exempt, field.share_bp) == (0, 1, None)

    def test_a_branch_that_was_dissolved_after_the_25th_still_counts(self, db: Connection) -> None:
        a_branch(db, path="3703.370302.t1", kind="committee", name="昆仑镇党委")
        branch = a_branch(db, path="3703.370302.t1.b1")
        a_branch(db, path="3703.370302.t1.b2")
        for on, counted in ((at(11, 28), 2), (at(11, 20), 1)):
            undone = db.begin_nested()
            told = {"dissolved": True, "id": branch, "late": on}
            db.execute(
                text("UPDATE organisations SET dissolved = :dissolved, dissolved_since = :late WHERE id = :id"), told
            )
            lights.freeze(db, at=AFTER)
            board = light_board.board(db, asked=LightBoardAsked(month="2026-11"), actor=TOWN, at=AFTER)
            assert board.whole
            assert (board.whole.branches, board.frozen) == (counted, True)
            undone.rollback()

    def test_a_share_never_seems_to_reach_what_it_misses(self) -> None:
        assert share_bp(green=98_999, counted=100_000) == 9899
        assert share_bp(green=0, counted=0) is None

    def test_is_for_those_who_watch_over_branches(self, db: Connection) -> None:
        with pytest.raises(Forbidden):
            light_board.board(db, asked=LightBoardAsked(), actor=SECRETARY, at=NOON)


class TestNumbers:
    def asked(self, **how: Any) -> SetCheck:
        usual = {"check": "MonthlyThemeDay", "from_month": DECEMBER, "citation": "区委组织部通知"}
        return SetCheck(**{**usual, "numbers": {"due_day": 28, "yellow_from_day": 26}, **how})

    def test_hold_from_a_month_to_come_on(self, db: Connection) -> None:
        branch = a_branch(db)
        a_branch(db, path="3703.370302.t2.b2")
        officer = an_actor(("officer", "3703"))
        check_settings.set_check(db, asked=self.asked(), actor=officer, at=NOON)
        assert the_light(db, branch, at=at(11, 27)).light == "red"
        assert the_reading(the_light(db, branch, at=at(12, 27)), "MonthlyThemeDay").light == "yellow"
        with pytest.raises(Refusal, match="already"):
            check_settings.set_check(db, asked=self.asked(), actor=officer, at=NOON)
        for wrong in ({"from_month": "2026-11"}, {"numbers": {"due_day": 40, "yellow_from_day": 20}}):
            with pytest.raises(InvalidInput):
                check_settings.set_check(db, asked=self.asked(**wrong), actor=officer, at=NOON)
        for below in (TOWN, an_actor(("admin", "3703.370302.t2"))):
            with pytest.raises(Forbidden):
                check_settings.set_check(db, asked=self.asked(), actor=below, at=NOON)

    def test_none_set_a_check_aside(self, db: Connection) -> None:
        branch = a_branch(db)
        check_settings.set_check(db, asked=self.asked(numbers={}), actor=an_actor(("admin", "3703")), at=NOON)
        codes = [reading.check for reading in the_light(db, branch, at=at(12, 27)).readings]
        assert "MonthlyThemeDay" not in codes
        assert codes

    def test_no_such_check(self) -> None:
        with pytest.raises(NotFound):
            faults_in("NoSuchCheck", {})
        assert faults_in("ShareOfGreen", {})

    def test_others_tried_on_last_month_change_nothing(self, db: Connection) -> None:
        for number in (1, 2, 3):
            a_branch(db, path=f"3703.370302.t1.b{number}")
        lights.freeze(db, at=AFTER)
        before = db.execute(select(stored).order_by(stored.c.branch_id, stored.c.month)).all()
        found = simulations.simulate(
            db,
            check="MonthlyThemeDay",
            numbers={"due_day": 31, "yellow_from_day": 20},
            month=Month(2026, 11),
            paths=["3703"],
            at=AFTER,
        )
        assert (found["before"]["red"], found["after"]["yellow"], found["changed"]) == (3, 3, 3)
        assert {(one["from_light"], one["to_light"]) for one in found["changes"]} == {("red", "yellow")}
        assert found["members"] == []
        assert db.execute(select(stored).order_by(stored.c.branch_id, stored.c.month)).all() == before

    def test_others_of_members_are_tried_and_name_who_would_change(self, db: Connection) -> None:
        in_force(db, "MemberDuesPaid", due_day=25, yellow_from_day=20, red_months=12)
        in_force(db, "MemberTakesPart", red_missed=3)
        branches = [a_branch(db, path=f"3703.370302.t{town}.b1") for town in (1, 2)]
        owing = [a_member(db, branch, f"蒲{town}") for town, branch in enumerate(branches, start=1)]
        for branch, person in zip(branches, owing, strict=True):
            stands(db, branch, UnpaidDues(person, ["2026-10"]))
        a_member(db, a_branch(db, path="3703.370302.t2.b2"))
        officer, town = an_actor(("officer", "3703.370302")), an_actor(("officer", "3703.370302.t1"))
        asked = SimulateCheck("MemberDuesPaid", {"due_day": 25, "yellow_from_day": 20, "red_months": 1})
        view = simulations.ask(db, asked=asked, actor=officer, at=AFTER)
        job = db.execute(text("SELECT params FROM jobs WHERE id = :id"), {"id": view.id}).scalar_one()
        found = simulations.simulate(
            db, **{**job, "month": Month.named(job["month"])}, at=AFTER, told=lambda done, total: None
        )
        assert (found["before"], found["after"]) == (
            {"green": 1, "yellow": 2, "red": 0, "exempt": 0},
            {"green": 1, "yellow": 0, "red": 2, "exempt": 0},
        )
        assert (found["changed"], found["changes"]) == (2, [])
        assert "蒲" not in str(found)
        keep = text("UPDATE jobs SET state = 'done', result = CAST(:found AS jsonb) WHERE id = :id")
        db.execute(keep, {"id": view.id, "found": json.dumps(found)})
        told = SimulatedMembersAsked(view.id)
        named = simulations.members(db, asked=told, actor=officer, at=AFTER).items
        assert [(one.name, one.from_light, one.to_light) for one in named] == [
            ("蒲1", "yellow", "red"),
            ("蒲2", "yellow", "red"),
        ]
        assert "最早为2026年10月" in named[0].why_zh
        less = articles.an_actor(("officer", "3703.370302.t1"), person=officer.person_id, at=AFTER)
        assert [one.name for one in simulations.members(db, asked=told, actor=less, at=AFTER).items] == ["蒲1"]
        with pytest.raises(NotFound):
            simulations.members(db, asked=told, actor=town, at=AFTER)
        unread = articles.an_actor(("admin", "3703"), person=officer.person_id, at=AFTER)
        with pytest.raises(Forbidden):
            simulations.members(db, asked=told, actor=unread, at=AFTER)
        goal = SimulateCheck("ShareOfGreen", {"percent": 90})
        with pytest.raises(InvalidInput):
            simulations.ask(db, asked=goal, actor=officer, at=AFTER)


class TestSetWise:
    def test_many_at_once_are_read_as_one_by_one(self, db: Connection) -> None:
        in_force(db, "MemberDuesPaid", due_day=25, yellow_from_day=20, red_months=6)
        in_force(db, "DuesCollected", due_day=25, yellow_from_day=20)
        in_force(db, "QuarterlyAssembly", months=3, least=1, due_day=25, yellow_from_day=20)
        in_force(db, "MonthlyGroupMeeting", months=1, least=1, due_day=25, yellow_from_day=20)
        in_force(db, "SettingRulesKept", yellow_from=1)
        branches = [a_branch(db, path=f"3703.370302.t1.b{number}") for number in range(6)]
        for number, branch in enumerate(branches):
            person = a_member(db, branch)
            owed = [UnpaidDues(person, ["2026-11"])] if number % 2 else []
            stands(db, branch, *owed, breaches=("groups",) if number % 3 == 0 else ())
        now = at(11, 27)
        lights.light_all(db, at=now)
        together = {row.branch_id: (row.light, row.readings) for row in db.execute(select(stored))}
        db.execute(delete(stored))
        for branch in branches:
            lights.light_branch(db, branch_id=branch, at=now)
        alone = {row.branch_id: (row.light, row.readings) for row in db.execute(select(stored))}
        assert together == alone

    def test_a_task_that_is_done_turns_the_light_in_its_transaction(self, db: Connection) -> None:
        in_force(db, "TasksDone", yellow_days=5)
        branch = a_branch(db)
        task_making.make(db, at=at(11, 21))
        kept_light = select(stored.c.readings).where(stored.c.branch_id == branch, stored.c.month == "2026-11")

        def told() -> str:
            return next(one["why_en"] for one in db.scalar(kept_light) if one["check"] == "TasksDone")

        before = told()
        own = text("SELECT t.id FROM tasks t JOIN list_items i ON i.id = t.item_id WHERE i.evidence = 'none'")
        tasks.do(db, asked=DoTask(task_id=db.execute(own).scalar_one()), actor=SECRETARY, at=at(11, 21))
        assert told() != before
