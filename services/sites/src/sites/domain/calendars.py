"""When a site or one of its programmes is open (S5): weekly hours by season, dated exceptions, public holidays.

A day is judged from the most particular rule to the most general:

    an exception of the day ─▶ its hours, or closed
    a public holiday or a make-up workday ─▶ closed, open as ever, or as another day of the week
    a season that covers the day ─▶ the season's hours of that weekday
    otherwise ─▶ the hours of that weekday

A programme with hours of its own keeps those instead of the site's; when the site is closed it is closed too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPEN: Final = "open"
CLOSED: Final = "closed"
TREATMENTS: Final = (OPEN, CLOSED, *WEEKDAYS)
"""How a public holiday or a make-up workday counts: as itself, closed, or as that day of the week."""

OFF: Final = "off"
MAKEUP_WORKDAY: Final = "workday_makeup"
PUBLIC_DAY_KINDS: Final = (OFF, MAKEUP_WORKDAY)


@dataclass(frozen=True)
class Opening:
    """One opening of a day, in minutes after midnight; 1440 is the next midnight."""

    opens_minute: int
    closes_minute: int


@dataclass(frozen=True)
class Hours:
    """One opening of a weekday (ISO, Monday is 1): all year, or in a season; of the site, or of a programme."""

    weekday: int
    opens_minute: int
    closes_minute: int
    season_id: UUID | None = None
    programme_id: UUID | None = None


@dataclass(frozen=True)
class Season:
    """A part of a year with hours of its own: from `active_from` until the day before `active_until`."""

    id: UUID
    name: str
    active_from: date
    active_until: date
    programme_id: UUID | None = None


@dataclass(frozen=True)
class SpecialDay:
    """An exception of one day: other hours, or none, which is closed."""

    day: date
    hours: tuple[Opening, ...]
    note: str | None = None
    programme_id: UUID | None = None


@dataclass(frozen=True)
class HolidayRule:
    """How public holidays and make-up workdays count."""

    on_holiday: str = OPEN
    on_makeup_workday: str = OPEN
    programme_id: UUID | None = None


@dataclass(frozen=True)
class Rules:
    """What decides when one programme is open."""

    hours: tuple[Hours, ...] = ()
    seasons: tuple[Season, ...] = ()
    special_days: Mapping[date, tuple[Opening, ...]] = field(default_factory=dict)
    holidays: HolidayRule = HolidayRule()


PublicDays = Mapping[date, str]
"""The announced holidays (`off`) and make-up workdays (`workday_makeup`); any other day is a plain weekday."""


def rules_of(
    programme_id: UUID,
    *,
    hours: Iterable[Hours],
    seasons: Iterable[Season],
    special_days: Iterable[SpecialDay],
    holidays: Iterable[HolidayRule],
) -> Rules:
    """Return the rules of one programme out of all that its site has."""
    of_both = [rule for rule in hours if rule.programme_id in (None, programme_id)]
    own = tuple(rule for rule in of_both if rule.programme_id == programme_id)
    keeper = programme_id if own else None
    days = {
        special.day: special.hours
        for special in special_days
        if special.programme_id is None and (keeper is None or not special.hours)
    }
    days |= {special.day: special.hours for special in special_days if special.programme_id == programme_id}
    counted = {rule.programme_id: rule for rule in holidays}
    return Rules(
        hours=own or tuple(rule for rule in of_both if rule.programme_id is None),
        seasons=tuple(season for season in seasons if season.programme_id == keeper),
        special_days=days,
        holidays=counted.get(programme_id) or counted.get(None) or HolidayRule(),
    )


def openings_on(rules: Rules, day: date, *, public_days: PublicDays) -> tuple[Opening, ...]:
    """Return when the programme is open on a day, in order; openings that meet or overlap are one."""
    special = rules.special_days.get(day)
    if special is not None:
        return _joined(special)
    weekday = _weekday(rules.holidays, day, public_days.get(day))
    if weekday is None:
        return ()
    season = next((season.id for season in rules.seasons if season.active_from <= day < season.active_until), None)
    found = [rule for rule in rules.hours if rule.weekday == weekday and rule.season_id == season]
    return _joined(Opening(rule.opens_minute, rule.closes_minute) for rule in found)


def is_working_day(day: date, *, public_days: PublicDays) -> bool:
    """Say whether offices work on a day; one of a year that is not announced yet is judged by its weekday."""
    kind = public_days.get(day)
    return kind == MAKEUP_WORKDAY or (kind is None and day.isoweekday() <= 5)


def _weekday(rule: HolidayRule, day: date, kind: str | None) -> int | None:
    """Return the weekday that the day counts as, None for closed."""
    treatment = {OFF: rule.on_holiday, MAKEUP_WORKDAY: rule.on_makeup_workday}.get(kind or "", OPEN)
    if treatment == CLOSED:
        return None
    return day.isoweekday() if treatment == OPEN else WEEKDAYS.index(treatment) + 1


def _joined(openings: Iterable[Opening]) -> tuple[Opening, ...]:
    joined: list[Opening] = []
    for opening in sorted(openings, key=lambda opening: opening.opens_minute):
        if joined and opening.opens_minute <= joined[-1].closes_minute:
            last = joined.pop()
            joined.append(Opening(last.opens_minute, max(last.closes_minute, opening.closes_minute)))
        else:
            joined.append(opening)
    return tuple(joined)
