"""The checks that a branch's light is made of (A3).

A check is a class: its name is its code, its docstring its English title. Its numbers are dated rows with their
citation; a check without numbers on a day is not in force on that day. Adding a check is adding a class and a row of
numbers: page, report and API learn of it by themselves.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from assessment.domain.facts import ActivityOfBranch, BranchFacts
from assessment.domain.months import Month

GREEN, YELLOW, RED = LIGHTS = ("green", "yellow", "red")  # from good to bad


@dataclass(frozen=True)
class Said:
    """One sentence in both languages."""

    zh: str
    en: str

    def __add__(self, other: "Said") -> "Said":
        return Said(zh=self.zh + other.zh, en=f"{self.en} {other.en}".strip())


NOTHING = Said(zh="", en="")
NOTHING_TO_DO = Said(zh="无需办理。", en="Nothing needs to be done.")


@dataclass(frozen=True)
class Reading:
    """What one check reads: the light, why it shows, and what turns it green."""

    light: str
    why: Said
    mend: Said = NOTHING_TO_DO


class Check:
    """A rule that reads green, yellow or red from a branch's facts in a month."""

    title_zh: ClassVar[str]

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.numbers = numbers

    @classmethod
    def code(cls) -> str:
        return cls.__name__

    @classmethod
    def title_en(cls) -> str:
        return cls.__doc__ or cls.__name__

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        """Read the light that the facts give for the month, on the facts' day."""
        raise NotImplementedError


class MonthlyThemeDay(Check):
    """Holds its theme day each month"""

    title_zh = "每月开展主题党日"

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        due = month.day(self.numbers["due_day"])
        yellow_from = month.day(self.numbers["yellow_from_day"])
        held = next(iter(facts.theme_days_in(month)), None)
        # Done is the day it was held, not the day somebody wrote it down: a visit on the 25th may be closed later.
        if held and held.held_on <= due:
            return Reading(GREEN, _held(held))
        if held:
            late = Said(zh=f"应在{_zh(due)}前完成。", en=f"It was due by {_en(due)}.")
            return Reading(YELLOW, _held(held) + late, _stays_yellow(month))
        planned = next(iter(facts.theme_days_planned_in(month)), None)
        still_open = _not_yet(due) + _planned(planned)
        mend = Said(
            zh=f"请在{_zh(due)}前开展主题党日；活动点办结参观后自动记录，其他形式请填写活动记录。",
            en=f"Hold the theme day by {_en(due)}; a visit that its site closes is recorded by itself, "
            "anything else you write down.",
        )
        if facts.today < yellow_from:
            return Reading(GREEN, still_open, mend)
        if facts.today <= due:
            return Reading(YELLOW, still_open, mend)
        return Reading(RED, _overdue(due) + _planned(planned), _mend_late(month))


class RegisterComplete(Check):
    """Has a secretary and enough full members on the register"""

    title_zh = "书记和正式党员信息齐全"

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        least = self.numbers["members_full_min"]
        known = facts.members_full
        if not facts.has_secretary:
            why = Said(zh="名册中没有登记书记。", en="The register names no secretary.")
            mend = Said(zh="请在名册中登记书记。", en="Enter the secretary in the register.")
            return Reading(RED, why, mend)
        if known < least:
            why = Said(
                zh=f"名册中只有{known}名正式党员，单独成立支部至少需要{least}名。",
                en=f"The register counts {known} full members; a branch of its own has at least {least}.",
            )
            mend = Said(
                zh="请核对党员名册；人数确实不足的，按规定成立联合党支部。",
                en="Check the register of members; if they are really fewer, form a joint branch.",
            )
            return Reading(YELLOW, why, mend)
        why = Said(
            zh=f"名册中登记有书记和{known}名正式党员。", en=f"The register names a secretary and {known} full members."
        )
        return Reading(GREEN, why)


def in_force(numbers: Mapping[str, Mapping[str, int]]) -> list[Check]:
    """Return the checks for which there are numbers, in the order in which they are written above.

    Raises LookupError for numbers of a check that does not exist.
    """
    classes = {check.code(): check for check in Check.__subclasses__()}
    if unknown := set(numbers) - set(classes):
        raise LookupError(f"there are numbers for {', '.join(sorted(unknown))}, but no such check")
    return [check(numbers[code]) for code, check in classes.items() if code in numbers]


def worst(lights: list[str]) -> str:
    """Return the worst of the lights; raises ValueError when there is none."""
    return max(lights, key=LIGHTS.index)


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _en(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]}"


def _held(theme_day: ActivityOfBranch) -> Said:
    zh, en = (f"在{theme_day.place}", f" at {theme_day.place}") if theme_day.place else ("", "")
    return Said(
        zh=f"主题党日已于{_zh(theme_day.held_on)}{zh}开展。",
        en=f"The theme day was held on {_en(theme_day.held_on)}{en}.",
    )


def _planned(theme_day: ActivityOfBranch | None) -> Said:
    if theme_day is None:
        return NOTHING
    zh, en = (f"在{theme_day.place}", f" at {theme_day.place}") if theme_day.place else ("", "")
    return Said(
        zh=f"已计划于{_zh(theme_day.held_on)}{zh}开展。", en=f"One is planned for {_en(theme_day.held_on)}{en}."
    )


def _not_yet(due: date) -> Said:
    return Said(
        zh=f"本月还没有主题党日记录，应在{_zh(due)}前完成。",
        en=f"No theme day is recorded yet this month; it is due by {_en(due)}.",
    )


def _overdue(due: date) -> Said:
    return Said(
        zh=f"没有主题党日记录，应在{_zh(due)}前完成。", en=f"No theme day is recorded; it was due by {_en(due)}."
    )


def _mend_late(month: Month) -> Said:
    return Said(
        zh=f"请尽快补开主题党日：在{_zh(month.last)}前补开，红灯转为黄灯，下月起恢复。",
        en=f"Hold the theme day now: held by {_en(month.last)} it turns the light yellow, and next month starts anew.",
    )


def _stays_yellow(month: Month) -> Said:
    return Said(
        zh=f"本月保持黄灯至{_zh(month.last)}，下月起恢复。",
        en=f"The light stays yellow until {_en(month.last)}; next month starts anew.",
    )
