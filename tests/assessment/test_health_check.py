"""The checks of branches and members on every day, and what is read of many at once (A3, rule 11)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from assessment.domain.checks import (
    GREEN,
    LIGHTS,
    RED,
    YELLOW,
    Check,
    DuesCollected,
    Meeting,
    MonthlyCommitteeMeeting,
    MonthlyGroupMeeting,
    MonthlyThemeDay,
    QuarterlyAssembly,
    SettingRulesKept,
    TasksDone,
    YearlyOrganisationalLife,
)
from assessment.domain.facts import BranchFacts, Held, MemberFacts, TaskOfBranch
from assessment.domain.member_checks import MemberCheck, MemberDataComplete, MemberDuesPaid, MemberTakesPart
from assessment.domain.months import Month
from assessment.domain.tasks import Task, colour
from hypothesis import given
from hypothesis import strategies as st

NOVEMBER = Month(2026, 11)
DECEMBER = Month(2026, 12)
DUE = {"due_day": 25, "yellow_from_day": 20}
ASSEMBLY = QuarterlyAssembly({"months": 3, "least": 1, **DUE})
COMMITTEE = MonthlyCommitteeMeeting({"months": 1, "least": 1, "members_full_min": 7, **DUE})
GROUPS = MonthlyGroupMeeting({"months": 1, "least": 1, **DUE})
LIFE = YearlyOrganisationalLife({"months": 12, "least": 1, **DUE})
TASKS = TasksDone({"yellow_days": 5})
DUES = DuesCollected(DUE)
MEMBER_DUES = MemberDuesPaid({**DUE, "red_months": 6})


def facts(today: date, **known: object) -> BranchFacts:
    return replace(BranchFacts(today=today, has_secretary=True, members_full=9), **known)


def member(today: date, **known: object) -> MemberFacts:
    ordinary = MemberFacts(today, "active", is_in_group=True, is_joining_known=True, branch_members=30, dues_unpaid=())
    return replace(ordinary, **known)


days_of_month = st.integers(1, 30).map(lambda day: date(2026, 11, day))
tasks = st.lists(
    st.builds(
        lambda due, done: TaskOfBranch("任务", "done" if done else "open", date(2026, 11, due), done),
        st.integers(1, 30),
        st.none() | days_of_month,
    ),
    max_size=4,
)


class TestColourRule:
    @given(tasks=tasks, today=days_of_month)
    def test_of_tasks_is_that_of_the_lists(self, tasks: list[TaskOfBranch], today: date) -> None:
        # What is done after the day that is looked at was not done then.
        known = [one if one.done_on is None or one.done_on <= today else replace(one, done_on=None) for one in tasks]
        colours = {
            colour(Task("done" if one.done_on else "open", one.due_on, one.done_on), month=NOVEMBER, today=today)
            for one in known
        }
        told = next((light for light in ("red", "yellow") if light in colours), GREEN)
        assert TASKS.measure(facts(today, tasks=tuple(known)), month=NOVEMBER).light == told

    @given(
        check=st.sampled_from([MonthlyThemeDay(DUE), ASSEMBLY, COMMITTEE, LIFE, DUES, TASKS]),
        yellow_from=st.integers(1, 28),
        due=st.integers(1, 31),
        month=st.sampled_from([NOVEMBER, DECEMBER, Month(2027, 2)]),
        day=st.integers(1, 31),
    )
    def test_a_forecast_comes_true_and_a_light_only_worsens_while_nothing_is_done(
        self, check: Check, yellow_from: int, due: int, month: Month, day: int
    ) -> None:
        if "due_day" in check.numbers:
            check = type(check)({**check.numbers, "due_day": due, "yellow_from_day": min(yellow_from, due)})
        waiting = BranchFacts(
            today=month.day(day),
            has_secretary=True,
            members_full=9,
            dues_unpaid=2,
            tasks=(TaskOfBranch("任务", "open", month.day(due)),),
        )
        today = check.measure(waiting, month=month)
        for ahead in range((month.last - waiting.today).days + 1):
            on = waiting.today + timedelta(days=ahead)
            light = check.measure(replace(waiting, today=on), month=month).light
            assert LIGHTS.index(light) >= LIGHTS.index(today.light)
            if today.light != RED:
                assert (light == RED) == (today.red_on is not None and on >= today.red_on)
            if today.light == GREEN and today.yellow_on:
                assert (light != GREEN) == (on >= today.yellow_on)


class TestMeetings:
    def test_a_quarter_ends_with_its_last_month(self) -> None:
        assert ASSEMBLY.period(NOVEMBER) == (Month(2026, 10), DECEMBER)
        for day, light in ((19, GREEN), (20, YELLOW), (25, YELLOW), (26, RED)):
            assert ASSEMBLY.measure(facts(date(2026, 12, day)), month=DECEMBER).light == light
        assert ASSEMBLY.measure(facts(date(2026, 11, 30)), month=NOVEMBER).light == GREEN

    @pytest.mark.parametrize(("held", "light"), [(date(2026, 10, 9), GREEN), (date(2026, 12, 26), YELLOW)])
    def test_held_in_the_quarter_is_enough_and_held_late_yellow(self, held: date, light: str) -> None:
        known = facts(date(2026, 12, 28), held={"QuarterlyAssembly": Held(1, held)})
        assert ASSEMBLY.measure(known, month=DECEMBER).light == light

    def test_one_of_two_is_not_enough(self) -> None:
        twice = QuarterlyAssembly({"months": 3, "least": 2, **DUE})
        known = facts(date(2026, 12, 28), held={"QuarterlyAssembly": Held(1, None)})
        reading = twice.measure(known, month=DECEMBER)
        assert (reading.light, "1 of 2" in reading.why.en) == (RED, True)

    @pytest.mark.parametrize(("known_on", "light"), [(date(2026, 10, 1), RED), (date(2026, 10, 2), GREEN)])
    def test_a_branch_known_within_the_period_begins_with_the_next(self, known_on: date, light: str) -> None:
        reading = ASSEMBLY.measure(facts(date(2026, 12, 28), known_on=known_on), month=DECEMBER)
        assert reading.light == light
        assert ("January 2027" in reading.why.en) == (light == GREEN)

    def test_without_committee_or_groups_none_has_to_meet(self) -> None:
        late = date(2026, 11, 28)
        assert COMMITTEE.measure(facts(late, members_full=6), month=NOVEMBER).light == GREEN
        assert COMMITTEE.measure(facts(late, members_full=7), month=NOVEMBER).light == RED
        assert GROUPS.measure(facts(late), month=NOVEMBER).light == GREEN
        assert GROUPS.measure(facts(late, groups=2), month=NOVEMBER).light == RED

    def test_each_names_a_kind_of_record(self) -> None:
        from contracts.assessment.record_templates import RECORD_KINDS

        for check in Meeting.__subclasses__():
            assert check.kind in RECORD_KINDS


class TestOtherChecks:
    def test_dues_that_nobody_told_of_are_none(self) -> None:
        late = date(2026, 11, 28)
        assert DUES.measure(facts(late), month=NOVEMBER).light == GREEN
        assert DUES.measure(facts(late, dues_unpaid=0), month=NOVEMBER).light == GREEN
        assert DUES.measure(facts(late, dues_unpaid=1), month=NOVEMBER).light == RED

    def test_broken_setting_rules_are_yellow(self) -> None:
        kept = SettingRulesKept({"yellow_from": 2})
        assert kept.measure(facts(date(2026, 11, 3), breaches=("groups",)), month=NOVEMBER).light == GREEN
        assert kept.measure(facts(date(2026, 11, 3), breaches=("groups", "term")), month=NOVEMBER).light == YELLOW

    @pytest.mark.parametrize("check", [*Check.__subclasses__(), *MemberCheck.__subclasses__()])
    def test_each_says_between_what_its_numbers_lie(self, check: type[Check]) -> None:
        assert check.limits
        assert check.title_zh


class TestMemberChecks:
    @pytest.mark.parametrize(
        ("day", "months", "light"),
        [
            (19, [NOVEMBER], GREEN),
            (20, [NOVEMBER], YELLOW),
            (26, [NOVEMBER], RED),
            (3, [Month(2026, 10)], YELLOW),
            (3, [Month(2026, 10), NOVEMBER], YELLOW),
            (3, [Month(2026, number) for number in range(5, 11)], RED),
        ],
    )
    def test_dues(self, day: int, months: list[Month], light: str) -> None:
        known = member(date(2026, 11, day), dues_unpaid=tuple(months))
        assert MEMBER_DUES.measure(known, month=NOVEMBER).light == light

    @pytest.mark.parametrize(("months", "light"), [(1, YELLOW), (5, YELLOW), (6, RED)])
    def test_what_was_missed_and_not_made_up(self, months: int, light: str) -> None:
        check = MemberTakesPart({"red_missed": 6})
        known = member(date(2026, 11, 12), missed=date(2026, 11, 3), missed_months=months)
        assert check.measure(known, month=NOVEMBER).light == light
        assert check.measure(member(date(2026, 11, 12)), month=NOVEMBER).light == GREEN

    @pytest.mark.parametrize(
        ("known", "light"),
        [
            ({}, GREEN),
            ({"is_in_group": False}, YELLOW),
            ({"is_in_group": False, "branch_members": 19}, GREEN),
            ({"state": "lost"}, YELLOW),
            ({"is_joining_known": False}, YELLOW),
        ],
    )
    def test_data(self, known: dict[str, object], light: str) -> None:
        check = MemberDataComplete({"groups_from_members": 20})
        assert check.measure(member(date(2026, 11, 12), **known), month=NOVEMBER).light == light
