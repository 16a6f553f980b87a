"""The checks that a member's light is made of (A3): their own dues, what they missed, whether their data is complete.

As with a branch's a check is a class and its numbers are dated rows. Green says nothing besides: what is stored of
48 000 members is what is not green.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final

from assessment.domain.checks import DAY, GREEN, RED, YELLOW, Reading, Rule, Said, open_until
from assessment.domain.facts import MemberFacts
from assessment.domain.months import Month

ALL_GREEN: Final = Reading(GREEN, Said(zh="符合要求。", en="Nothing is missing."))
LOST: Final = "lost"


class MemberCheck(Rule, ABC):
    """A rule that reads green, yellow or red from a member's facts in a month."""

    @abstractmethod
    def measure(self, facts: MemberFacts, *, month: Month) -> Reading:
        """Read the light that the facts give for the month, on the facts' day."""


class MemberDuesPaid(MemberCheck):
    """Pays dues each month"""

    title_zh = "按月交纳党费"
    limits: ClassVar = {"due_day": DAY, "yellow_from_day": DAY, "red_months": (1, 12)}

    def measure(self, facts: MemberFacts, *, month: Month) -> Reading:
        unpaid = facts.dues_unpaid
        if not unpaid:
            return ALL_GREEN
        due, yellow_from = month.day(self.numbers["due_day"]), month.day(self.numbers["yellow_from_day"])
        mend = Said(zh="请向本支部交纳党费。", en="Pay the dues to the branch.")
        if unpaid == (month,) and facts.today <= due:
            why = Said(
                zh=f"当月党费还未交，应在{due.month}月{due.day}日前交纳。",
                en=f"This month's dues are not paid yet; they are due by day {due.day}.",
            )
            return open_until(due, yellow_from, why, mend, today=facts.today, month=month)
        why = Said(
            zh=f"有{len(unpaid)}个月的党费未交，最早为{unpaid[0].year}年{unpaid[0].number}月。",
            en=f"Months whose dues are not paid: {len(unpaid)}, the first {unpaid[0]}.",
        )
        is_red = len(unpaid) >= self.numbers["red_months"] or (month in unpaid and facts.today > due)
        red_on = None
        if not is_red and month in unpaid:
            red_on = open_until(due, yellow_from, why, mend, today=facts.today, month=month).red_on
        return Reading(RED if is_red else YELLOW, why, mend, red_on=red_on)


class MemberTakesPart(MemberCheck):
    """Takes part in the branch's meetings"""

    title_zh = "参加组织生活"
    limits: ClassVar = {"red_missed": (1, 12)}

    def measure(self, facts: MemberFacts, *, month: Month) -> Reading:
        if facts.missed is None:
            return ALL_GREEN
        day = f"{facts.missed.month}月{facts.missed.day}日"
        if facts.missed_months >= self.numbers["red_missed"]:
            why = Said(
                zh=f"连续{facts.missed_months}个月有缺席未补，最近一次为{day}。",
                en=f"Months running with something missed and not made up: {facts.missed_months}.",
            )
            light = RED
        else:
            why = Said(
                zh=f"{day}的活动缺席，还没有补学。",
                en=f"Missed on {facts.missed.isoformat()} and not made up yet.",
            )
            light = YELLOW
        mend = Said(
            zh="请补学，由支部登记补学方式和日期。", en="Make it up; the branch writes down how and on which day."
        )
        return Reading(light, why, mend)


class MemberDataComplete(MemberCheck):
    """Is in touch and in a group, with complete data"""

    title_zh = "党员信息齐全"
    limits: ClassVar = {"groups_from_members": (2, 200)}

    def measure(self, facts: MemberFacts, *, month: Month) -> Reading:
        gaps: list[Said] = []
        if facts.state == LOST:
            gaps.append(Said(zh="失去联系", en="out of contact"))
        if not facts.is_joining_known:
            gaps.append(Said(zh="入党日期未登记", en="no day of joining"))
        if not facts.is_in_group and facts.branch_members >= self.numbers["groups_from_members"]:
            gaps.append(Said(zh="未编入党小组", en="in no group"))
        if not gaps:
            return ALL_GREEN
        why = Said(
            zh="、".join(gap.zh for gap in gaps) + "。", en="Missing: " + ", ".join(gap.en for gap in gaps) + "."
        )
        mend = Said(zh="请支部联系本人并补全名册。", en="The branch gets in touch and completes the register.")
        return Reading(YELLOW, why, mend)


def in_force(numbers: Mapping[str, Mapping[str, int]]) -> list[MemberCheck]:
    """Return the members' checks for which there are numbers, in the order in which they are written above."""
    return [check(numbers[check.code()]) for check in MemberCheck.__subclasses__() if numbers.get(check.code())]
