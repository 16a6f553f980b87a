"""Rules on terms: an end that has passed, a seat that has been empty for too long.

What they look at stands in `Facts.told["term"]` (`roster.domain.terms.TermFacts`); whoever elects or appoints closes
them.
"""

from typing import ClassVar, Final

from roster.domain.periods import months_after
from roster.domain.setting_rules.rule import Facts, Numbers, Said, SettingRule
from roster.domain.terms import TermFacts


def _term(facts: Facts) -> TermFacts | None:
    """Return the term of a committee that is elected."""
    term: TermFacts | None = facts.told.get("term")
    return term


class TermNotOver(SettingRule):
    """A committee whose term is over is elected anew."""

    name = "term-overdue"
    changes_with_time = True
    title_zh = "任期届满按期换届"
    why: ClassVar = {
        "zh": "本届任期已于 {year} 年 {month} 月 {day} 日届满，超期 {days} 天。",
        "en": "The term ended on {year}-{month:02}-{day:02}, {days} days ago.",
    }
    mend: ClassVar = {
        "zh": "向上级请示换届选举；确需推迟的，报上级批准延期（不超过一年）。",
        "en": "Ask the superior for an election; if it must wait, have a later end approved (at most a year).",
    }

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Compare the last day with today."""
        term = _term(facts)
        if term is None or term.ends_on is None or term.today <= term.ends_on:
            return None
        end = term.ends_on
        return {"year": end.year, "month": end.month, "day": end.day, "days": (term.today - end).days, **numbers}


class NoLongVacancy(SettingRule):
    """No post of a committee stays empty for more than three months."""

    name = "vacancy"
    changes_with_time = True
    title_zh = "班子职务空缺不超过三个月"
    why: ClassVar = {
        "zh": "班子自 {year} 年 {month} 月 {day} 日起有职务空缺，已超过 {months} 个月（空缺 {seats} 个）。",
        "en": "Since {year}-{month:02}-{day:02} a post has been empty, more than {months} months ({seats} empty).",
    }
    mend: ClassVar = {
        "zh": "补选，或由上级任命、指派。",
        "en": "Hold a by-election, or have the superior appoint somebody.",
    }

    def broken(self, facts: Facts, numbers: Numbers) -> Said | None:
        """Look for the longest vacancy."""
        term = _term(facts)
        since = term.longest_vacancy if term else None
        if term is None or since is None or term.today <= months_after(since, numbers["months"]):
            return None
        seats = max(term.vacant_seats, 1)
        return {"year": since.year, "month": since.month, "day": since.day, "seats": seats, **numbers}


RULES: Final[tuple[SettingRule, ...]] = (TermNotOver(), NoLongVacancy())
