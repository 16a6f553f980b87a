"""The checks that a branch's light is made of (A3); those of a member's stand in domain/member_checks.py.

A check is a class: its name is its code, its docstring its English title. Its numbers are dated rows with their
citation; a check without numbers on a day is not in force on that day. Adding a check is adding a class and a row of
numbers: page, report and API learn of it by themselves.
"""

import calendar
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from assessment.domain.facts import ActivityOfBranch, BranchFacts, Held
from assessment.domain.months import Month

GREEN, YELLOW, RED = LIGHTS = ("green", "yellow", "red")  # from good to bad
EXEMPT: Final = "exempt"
SHOWN: Final = (*LIGHTS, EXEMPT)
DAY: Final = (1, 31)


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
    """What one check reads: the light, why it shows, and what turns it green.

    While nothing is done about it, it turns yellow on `yellow_on` and red on `red_on`, days of the same month.
    """

    light: str
    why: Said
    mend: Said = NOTHING_TO_DO
    yellow_on: date | None = None
    red_on: date | None = None


class Rule:
    """What checks of branches and of members are: a code, a title, numbers; `limits` says between which each lies."""

    title_zh: ClassVar[str]
    limits: ClassVar[Mapping[str, tuple[int, int]]] = {}

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.numbers = numbers

    @classmethod
    def code(cls) -> str:
        return cls.__name__

    @classmethod
    def title_en(cls) -> str:
        return cls.__doc__ or cls.__name__


class Check(Rule, ABC):
    """A rule that reads green, yellow or red from a branch's facts in a month."""

    @abstractmethod
    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        """Read the light that the facts give for the month, on the facts' day."""


class MonthlyThemeDay(Check):
    """Holds its theme day each month"""

    title_zh = "每月开展主题党日"
    limits: ClassVar = {"due_day": DAY, "yellow_from_day": DAY}

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
        if facts.today <= due:
            return open_until(due, yellow_from, still_open, mend, today=facts.today, month=month)
        return Reading(RED, _overdue(due) + _planned(planned), _mend_late(month))


class RegisterComplete(Check):
    """Has a secretary and enough full members on the register"""

    title_zh = "书记和正式党员信息齐全"
    limits: ClassVar = {"members_full_min": (1, 50)}

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


class TasksDone(Check):
    """Does the required tasks of its lists"""

    title_zh = "完成清单规定任务"
    limits: ClassVar = {"yellow_days": (0, 28)}

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        ahead = timedelta(days=self.numbers["yellow_days"])
        day = min(facts.today, month.last)
        open_, late, overdue = [], [], []
        for task in facts.tasks:
            if task.done_on is not None and task.done_on <= day:
                if task.done_on > task.due_on:
                    late.append(task)
            elif day > task.due_on:
                overdue.append(task)
            else:
                open_.append(task)
        yellow = [task for task in open_ if day >= task.due_on - ahead]
        yellow_on = min((task.due_on - ahead for task in open_ if task not in yellow), default=None)
        red_on = min((task.due_on for task in open_), default=None)
        turns = {
            "yellow_on": yellow_on if not yellow and not overdue and not late else None,
            "red_on": _next(red_on, month) if red_on and not overdue else None,
        }
        if overdue:
            why = Said(
                zh=f"有{len(overdue)}项规定任务逾期：{_titles(overdue)}。",
                en=f"Required tasks are overdue ({len(overdue)}): {_titles(overdue)}.",
            )
            mend = Said(
                zh=f"请尽快完成：{month.last.month}月内补办，红灯转为黄灯，下月起恢复。",
                en="Do them now: done within the month, the light turns yellow, and next month starts anew.",
            )
            return Reading(RED, why, mend, **turns)
        if yellow:
            why = Said(
                zh=f"有{len(yellow)}项规定任务临近到期：{_titles(yellow)}。",
                en=f"Required tasks are soon due ({len(yellow)}): {_titles(yellow)}.",
            )
            last = min(task.due_on for task in yellow)
            mend = Said(zh=f"请在{_zh(last)}前完成。", en=f"Do them by {_en(last)}.")
            return Reading(YELLOW, why, mend if not late else mend + _stays_yellow(month), **turns)
        if late:
            why = Said(
                zh=f"有{len(late)}项规定任务逾期后完成：{_titles(late)}。",
                en=f"Required tasks were done after their day ({len(late)}): {_titles(late)}.",
            )
            return Reading(YELLOW, why, _stays_yellow(month), **turns)
        if open_:
            why = Said(
                zh=f"还有{len(open_)}项规定任务待完成，均未临近到期。",
                en=f"Required tasks are still to be done ({len(open_)}), none of them soon due.",
            )
            last = min(task.due_on for task in open_)
            return Reading(GREEN, why, Said(zh=f"请在{_zh(last)}前完成。", en=f"Do them by {_en(last)}."), **turns)
        if not facts.tasks:
            return Reading(GREEN, Said(zh="本月没有规定任务。", en="No task is required this month."))
        return Reading(GREEN, Said(zh="规定任务均已按期完成。", en="All required tasks were done in time."))


class Meeting:
    """How a check reads what has to be held so often in so many months, a period that ends with a calendar year.

    A branch that the platform came to know within a period of more than one month begins with the next: what it held
    before is not known here.
    """

    kind: ClassVar[str]
    name: ClassVar[Said]
    numbers: Mapping[str, int]
    limits: ClassVar[Mapping[str, tuple[int, int]]] = {
        "months": (1, 12),
        "least": (1, 12),
        "due_day": DAY,
        "yellow_from_day": DAY,
    }

    def period(self, month: Month) -> tuple[Month, Month]:
        """Return the first and the last month of the period in which the month lies."""
        length = self.numbers["months"]
        first = (month.number - 1) // length * length + 1
        return Month(month.year, first), Month(month.year, min(first + length - 1, 12))

    def spares(self, facts: BranchFacts) -> Said | None:
        """Say why the branch need not hold it, if it need not."""
        return None

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        if spared := self.spares(facts):
            return Reading(GREEN, spared)
        first, last = self.period(month)
        if first < last and facts.known_on > first.first:
            after = Month(last.year, last.number).next
            why = Said(
                zh=f"本平台自{_zh(facts.known_on)}起掌握本支部情况，{self.name.zh}从{after.year}年{after.number}月起计算。",
                en=f"The platform knows the branch since {_en(facts.known_on)}; {self.name.en} counts from"
                f" {calendar.month_name[after.number]} {after.year} on.",
            )
            return Reading(GREEN, why)
        held = facts.held.get(type(self).__name__, Held())
        due, yellow_from = last.day(self.numbers["due_day"]), last.day(self.numbers["yellow_from_day"])
        least = self.numbers["least"]
        if held.count >= least and held.enough_on is not None:
            done = Said(
                zh=f"{self.name.zh}已召开{held.count}次，{_zh(held.enough_on)}达到要求。",
                en=f"Held ({self.name.en}): {held.count}; enough since {_en(held.enough_on)}.",
            )
            if held.enough_on <= due:
                return Reading(GREEN, done)
            late = Said(zh=f"应在{_zh(due)}前完成。", en=f"It was due by {_en(due)}.")
            return Reading(YELLOW, done + late, _stays_yellow(month))
        left = Said(
            zh=f"{self.name.zh}已召开{held.count}次，应召开{least}次，{_zh(due)}前完成。",
            en=f"Held ({self.name.en}): {held.count} of {least}; due by {_en(due)}.",
        )
        mend = Said(zh=f"请在{_zh(due)}前召开并填写活动记录。", en=f"Hold it by {_en(due)} and write down its record.")
        if facts.today <= due:
            return open_until(due, yellow_from, left, mend, today=facts.today, month=month)
        mend = Said(
            zh=f"请尽快补开：在{_zh(month.last)}前补开并记录，红灯转为黄灯。",
            en=f"Hold it now: held and recorded by {_en(month.last)} it turns the light yellow.",
        )
        return Reading(RED, left, mend)


class QuarterlyAssembly(Meeting, Check):
    """Holds its assembly of members each quarter"""

    title_zh = "每季度召开支部党员大会"
    kind = "assembly"
    name = Said(zh="支部党员大会", en="assembly of members")


class MonthlyCommitteeMeeting(Meeting, Check):
    """Its committee meets each month"""

    title_zh = "每月召开支部委员会会议"
    kind = "committee_meeting"
    name = Said(zh="支部委员会会议", en="committee meeting")
    limits: ClassVar = {**Meeting.limits, "members_full_min": (1, 50)}

    def spares(self, facts: BranchFacts) -> Said | None:
        least = self.numbers["members_full_min"]
        if facts.members_full >= least:
            return None
        return Said(
            zh=f"正式党员不足{least}人，不设支部委员会，不作要求。",
            en=f"With fewer than {least} full members there is no committee, and none has to meet.",
        )


class MonthlyGroupMeeting(Meeting, Check):
    """Its groups meet each month"""

    title_zh = "每月召开党小组会"
    kind = "group_meeting"
    name = Said(zh="党小组会", en="group meeting")

    def spares(self, facts: BranchFacts) -> Said | None:
        if facts.groups:
            return None
        return Said(zh="没有划分党小组，不作要求。", en="There are no groups, and none has to meet.")


class QuarterlyLecture(Meeting, Check):
    """Holds a lecture each quarter"""

    title_zh = "每季度开展党课"
    kind = "lecture"
    name = Said(zh="党课", en="lecture")


class YearlyOrganisationalLife(Meeting, Check):
    """Holds its organisational-life meeting each year"""

    title_zh = "每年召开组织生活会"
    kind = "organisational_life_meeting"
    name = Said(zh="组织生活会", en="organisational-life meeting")


class YearlyAppraisal(Meeting, Check):
    """Appraises its members each year"""

    title_zh = "每年开展民主评议党员"
    kind = "appraisal"
    name = Said(zh="民主评议党员", en="appraisal of members")


class DuesCollected(Check):
    """Collects the month's dues"""

    title_zh = "按月收缴党费"
    limits: ClassVar = {"due_day": DAY, "yellow_from_day": DAY}

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        due, yellow_from = month.day(self.numbers["due_day"]), month.day(self.numbers["yellow_from_day"])
        if facts.dues_unpaid is None:
            return Reading(GREEN, Said(zh="没有核定党费。", en="No dues are reckoned here."))
        if not facts.dues_unpaid:
            return Reading(GREEN, Said(zh="没有未交的当月党费。", en="No dues of the month are owed."))
        why = Said(
            zh=f"当月党费还有{facts.dues_unpaid}人未交，应在{_zh(due)}前收齐。",
            en=f"Members who still owe the month's dues: {facts.dues_unpaid}; they are due by {_en(due)}.",
        )
        mend = Said(zh="请收缴并登记党费。", en="Collect the dues and write them down.")
        if facts.today <= due:
            return open_until(due, yellow_from, why, mend, today=facts.today, month=month)
        return Reading(RED, why, mend)


class SettingRulesKept(Check):
    """Keeps the rules for setting up branches"""

    title_zh = "支部设置符合规定"
    limits: ClassVar = {"yellow_from": (1, 20)}

    def measure(self, facts: BranchFacts, *, month: Month) -> Reading:
        count = len(facts.breaches or ())
        if not count:
            return Reading(GREEN, Said(zh="支部设置没有不符合规定的情况。", en="No rule for setting up is broken."))
        why = Said(zh=f"支部设置有{count}项不符合规定。", en=f"Rules for setting up that the branch breaks: {count}.")
        mend = Said(
            zh="请在“问题”页查看原因和整改办法；名册更正后自动恢复。",
            en="The findings of the branch say what mends them; they close by themselves.",
        )
        return Reading(YELLOW if count >= self.numbers["yellow_from"] else GREEN, why, mend)


def open_until(due: date, yellow_from: date, why: Said, mend: Said, *, today: date, month: Month) -> Reading:
    """Return the reading of what is still to be done by a day: green, from a day on yellow, after its day red."""
    is_yellow = today >= yellow_from
    return Reading(
        YELLOW if is_yellow else GREEN,
        why,
        mend,
        yellow_on=yellow_from if not is_yellow and month == Month.of(yellow_from) and yellow_from <= due else None,
        red_on=_next(due, month),
    )


def _next(due: date, month: Month) -> date | None:
    """Return the day after the last one, unless the month is over with it."""
    after = due + timedelta(days=1)
    return after if Month.of(after) == month else None


def _titles(tasks: list[Any]) -> str:
    return "；".join(task.text for task in tasks[:5]) + ("……" if len(tasks) > 5 else "")


def in_force(numbers: Mapping[str, Mapping[str, int]]) -> list[Check]:
    """Return the checks for which there are numbers, in the order in which they are written above.

    No numbers set a check aside. Raises LookupError for numbers of a check that does not exist.
    """
    classes = {check.code(): check for check in Check.__subclasses__()}
    if unknown := set(numbers) - set(classes):
        raise LookupError(f"there are numbers for {', '.join(sorted(unknown))}, but no such check")
    return [check(numbers[code]) for code, check in classes.items() if numbers.get(code)]


def worst(lights: list[str]) -> str:
    """Return the worst of the lights; raises ValueError when there is none."""
    return max(lights, key=LIGHTS.index)


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日"


# `calendar` writes a name anew each time it is asked.
_MONTHS: Final = tuple(calendar.month_name)


def _en(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month]}"


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
