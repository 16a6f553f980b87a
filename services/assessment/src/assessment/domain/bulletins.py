"""A bulletin (通报): drafted from data, edited, signed by another person, numbered, sent, read (A5).

    draft ──sign──▶ signed ──send──▶ sent
      └──withdraw──▶ withdrawn

Edited are its words; its numbers stay those of the data. Signing gives it its number and freezes it: from then on
nothing of it changes. What is wrong in it is put right by a new bulletin of the same kind that names it.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from assessment.domain.months import Month

DAILY, MONTHLY, QUARTERLY = KINDS = ("daily", "monthly", "quarterly")
DRAFT, SIGNED, SENT, WITHDRAWN = STATES = ("draft", "signed", "sent", "withdrawn")

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "sign": (frozenset({DRAFT}), SIGNED),
    "send": (frozenset({SIGNED}), SENT),
    "withdraw": (frozenset({DRAFT}), WITHDRAWN),
}

TITLES = {DAILY: "红黄灯日通报", MONTHLY: "智能体检月通报", QUARTERLY: "季度整改清单"}

_QUARTER = re.compile(r"(20[0-9]{2})-Q([1-4])\Z")


@dataclass(frozen=True)
class Period:
    """What a bulletin is about: a day, a month or a quarter; `months` are those whose lights it tells of."""

    kind: str
    name: str
    first: date
    last: date
    months: tuple[Month, ...]
    told: str


def period(kind: str, name: str) -> Period | None:
    """Return the period that a kind of bulletin writes as 2026-11-22, 2026-11 or 2026-Q4; None for what is none."""
    try:
        if kind == DAILY and len(name) == len("2026-11-22"):
            day = date.fromisoformat(name)
            return Period(kind, name, day, day, (Month.of(day),), f"{day.year}年{day.month}月{day.day}日")
        if kind == MONTHLY and len(name) == len("2026-11"):
            month = Month.named(name)
            return Period(kind, name, month.first, month.last, (month,), f"{month.year}年{month.number}月")
    except ValueError:
        return None
    found = _QUARTER.match(name)
    if kind != QUARTERLY or found is None:
        return None
    year, quarter = int(found[1]), int(found[2])
    months = tuple(Month(year, number) for number in range(3 * quarter - 2, 3 * quarter + 1))
    return Period(kind, name, months[0].first, months[-1].last, months, f"{year}年第{quarter}季度")


def title(of: Period) -> str:
    """Return the title that a draft begins with."""
    return f"{of.told}{TITLES[of.kind]}"


def talk_due(opened_on: date, *, days: int) -> date:
    """Return the last day for a reminder talk that is due `days` days after the second red month was frozen."""
    return opened_on + timedelta(days=days)
