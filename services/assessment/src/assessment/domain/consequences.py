"""What follows from a grade (A13): raised by the rule, carried out by people, each with its day and its proof.

    due ──fulfil──▶ done           no_excellent, talk, mending, no_promotion, subsidy: somebody shows that it was done
    due ──decide──▶ done           replacement: people decide to replace or to keep, and say why
    due, done ──lift──▶ lifted     a correction of the grade took the ground away; ──raise──▶ due when it comes back

Runs of years follow the person in the same kind of post, wherever they hold it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from assessment.domain.reviews import AVERAGE, GOOD, POOR

NO_EXCELLENT, TALK, MENDING, REPLACEMENT, NO_PROMOTION, SUBSIDY = KINDS = (
    *("no_excellent", "talk", "mending", "replacement", "no_promotion"),
    "subsidy",
)
DUE, DONE, LIFTED = STATES = ("due", "done", "lifted")
DECISIONS: Final = ("replace", "keep")


@dataclass(frozen=True)
class Numbers:
    """The numbers of the rule: days until each is due, years without promotion, the subsidy in percent."""

    talk_days: int
    mend_days: int
    other_days: int
    no_promotion_years: int
    subsidy_percent: int


@dataclass(frozen=True)
class Consequence:
    """What follows: until when it is done, until when it lasts, how many percent of the monthly subsidy it gives."""

    kind: str
    due_on: date
    lasts_until: date | None = None
    percent: int | None = None


def following(
    grades: Mapping[int, str], year: int, *, post_kind: str, published_on: date, numbers: Numbers
) -> tuple[Consequence, ...]:
    """Return what follows from the grade of a year, given the person's grades by year in the same kind of post."""
    grade = grades[year]
    soon = published_on + timedelta(days=numbers.other_days)
    found: list[Consequence] = []
    if grade != GOOD:
        found.append(Consequence(NO_EXCELLENT, soon))
    if grade in (AVERAGE, POOR):
        found.append(Consequence(TALK, published_on + timedelta(days=numbers.talk_days)))
        found.append(Consequence(MENDING, published_on + timedelta(days=numbers.mend_days)))
    if grade == POOR == grades.get(year - 1):
        found.append(Consequence(REPLACEMENT, soon))
        until = _years_after(published_on, numbers.no_promotion_years)
        found.append(Consequence(NO_PROMOTION, soon, lasts_until=until))
    if post_kind == "village" and all(grades.get(year - back) == GOOD for back in range(3)):
        found.append(Consequence(SUBSIDY, soon, percent=numbers.subsidy_percent))
    return tuple(found)


def _years_after(day: date, years: int) -> date:
    """Return the last day of so many years that begin on the day."""
    try:
        after = day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        after = date(day.year + years, 3, 1)
    return after - timedelta(days=1)
