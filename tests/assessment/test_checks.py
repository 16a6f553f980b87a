from datetime import date

import pytest
from assessment.domain.checks import GREEN, RED, YELLOW, Check, MonthlyThemeDay, RegisterComplete, in_force, worst
from assessment.domain.months import Month

from tests.assessment.articles import SITE, facts_on

NOVEMBER = Month(2026, 11)
THEME_DAY = MonthlyThemeDay({"due_day": 25, "yellow_from_day": 20})
REGISTER = RegisterComplete({"members_full_min": 3})


def nov(day: int) -> date:
    return date(2026, 11, day)


class TestMonthlyThemeDay:
    @pytest.mark.parametrize(
        ("today", "light"),
        [(1, GREEN), (19, GREEN), (20, YELLOW), (24, YELLOW), (25, YELLOW), (26, RED), (30, RED)],
    )
    def test_open_turns_yellow_on_the_20th_and_red_after_the_25th(self, today: int, light: str) -> None:
        reading = THEME_DAY.measure(facts_on(nov(today)), month=NOVEMBER)
        assert reading.light == light
        assert "No theme day is recorded" in reading.why.en
        assert "没有主题党日记录" in reading.why.zh
        assert "Hold the theme day" in reading.mend.en

    def test_open_and_not_yet_due_does_not_claim_that_it_is_done(self) -> None:
        reading = THEME_DAY.measure(facts_on(nov(12)), month=NOVEMBER)
        assert reading.why.en == "No theme day is recorded yet this month; it is due by 25 November."
        assert reading.why.zh == "本月还没有主题党日记录，应在11月25日前完成。"

    @pytest.mark.parametrize(
        ("held", "today", "light"),
        [
            (19, 19, GREEN),
            (24, 25, GREEN),
            (25, 25, GREEN),
            (25, 27, GREEN),  # closed by the site two days later
            (26, 26, YELLOW),
            (26, 30, YELLOW),
            (30, 30, YELLOW),
        ],
    )
    def test_done_by_the_25th_is_green_and_later_yellow(self, held: int, today: int, light: str) -> None:
        reading = THEME_DAY.measure(facts_on(nov(today), held_on=nov(held)), month=NOVEMBER)
        assert reading.light == light
        assert f"held on {held} November at {SITE}" in reading.why.en
        assert f"已于11月{held}日在{SITE}开展" in reading.why.zh
        assert ("due by 25 November" in reading.why.en) == (light == YELLOW)

    @pytest.mark.parametrize("other", [date(2026, 10, 31), date(2026, 12, 1)])
    def test_counts_only_its_own_month(self, other: date) -> None:
        assert THEME_DAY.measure(facts_on(nov(26), held_on=other), month=NOVEMBER).light == RED

    @pytest.mark.parametrize(("today", "light"), [(19, GREEN), (20, YELLOW), (26, RED)])
    def test_a_plan_is_told_but_does_not_count(self, today: int, light: str) -> None:
        reading = THEME_DAY.measure(facts_on(nov(today), planned_on=nov(28)), month=NOVEMBER)
        assert reading.light == light
        assert f"One is planned for 28 November at {SITE}." in reading.why.en

    def test_a_due_day_after_the_last_of_february_is_the_last(self) -> None:
        february = Month(2027, 2)
        check = MonthlyThemeDay({"due_day": 30, "yellow_from_day": 27})
        assert check.measure(facts_on(date(2027, 2, 28)), month=february).light == YELLOW
        assert check.measure(facts_on(date(2027, 2, 28), held_on=date(2027, 2, 28)), month=february).light == GREEN


class TestRegisterComplete:
    @pytest.mark.parametrize(
        ("has_secretary", "members_full", "light"),
        [(True, 3, GREEN), (True, 48, GREEN), (True, 2, YELLOW), (True, 0, YELLOW), (False, 3, RED), (False, 2, RED)],
    )
    def test_wants_a_secretary_and_three_full_members(self, has_secretary: bool, members_full: int, light: str) -> None:
        facts = facts_on(nov(12), has_secretary=has_secretary, members_full=members_full)
        assert REGISTER.measure(facts, month=NOVEMBER).light == light

    def test_says_what_is_missing_and_what_mends_it(self) -> None:
        few = REGISTER.measure(facts_on(nov(12), members_full=2), month=NOVEMBER)
        assert "2 full members" in few.why.en
        assert "at least 3" in few.why.en
        assert "joint branch" in few.mend.en
        nobody = REGISTER.measure(facts_on(nov(12), has_secretary=False), month=NOVEMBER)
        assert nobody.mend.zh == "请在名册中登记书记。"


class TestChecks:
    def test_only_a_check_with_numbers_is_in_force(self) -> None:
        checks = in_force({"RegisterComplete": {"members_full_min": 3}})
        assert [check.code() for check in checks] == ["RegisterComplete"]

    def test_numbers_of_an_unknown_check_are_no_small_matter(self) -> None:
        with pytest.raises(LookupError, match="NoSuchCheck"):
            in_force({"NoSuchCheck": {}})

    def test_each_has_a_title_in_both_languages(self) -> None:
        for check in Check.__subclasses__():
            assert check.title_zh
            assert check.title_en()

    def test_the_worst_light_decides(self) -> None:
        assert worst([GREEN, GREEN]) == GREEN
        assert worst([GREEN, YELLOW, GREEN]) == YELLOW
        assert worst([YELLOW, RED, GREEN]) == RED
