"""What is wrong with a draft of a calendar, by field, and why a change is refused (S5)."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.calendars import Opening
from sites.domain.plans import Occupied, SiteCalendar
from sites.domain.spaces import Space, is_a_tree, leaves_of

CLOSED_MAX: Final = timedelta(days=366)

Faults = dict[str, list[str]]


class CalendarChanged(Refusal):
    """Somebody changed the calendar meanwhile (it is at version {version} now); look at the change once more."""


class PreviewApplied(Refusal):
    """This change was made already."""


class NothingToChange(Refusal):
    """Nothing is given that would change the calendar."""


class SpaceInUse(Refusal):
    """Slots with orders take place in “{space}”; it cannot be {fault} before those have moved."""


class ClosureLifted(Refusal):
    """This closure was lifted already."""


def faults_of(calendar: SiteCalendar) -> Faults:
    """Return what is wrong with the rules, by section; nothing when they can be kept."""
    found: Faults = {}
    for section, sentence in (
        *(("seasons", said) for said in _faults_of_seasons(calendar)),
        *(("hours", said) for said in _faults_of_hours(calendar)),
        *(("special_days", said) for said in _faults_of_special_days(calendar)),
        *(("holidays", said) for said in _faults_of_holidays(calendar)),
        *(("spaces", said) for said in _faults_of_spaces(calendar)),
        *(("terms", said) for said in _faults_of_terms(calendar)),
    ):
        if sentence not in found.setdefault(section, []):
            found[section].append(sentence)
    return found


def faults_of_closure(*, starts_at: datetime, ends_at: datetime, at: datetime) -> Faults:
    """Return what is wrong with the time of a closure."""
    if ends_at <= starts_at:
        return {"ends_at": ["The end must lie after the beginning."]}
    if ends_at <= at:
        return {"ends_at": ["This time is over already."]}
    if ends_at - starts_at > CLOSED_MAX:
        return {"ends_at": ["A closure lasts a year at the most."]}
    return {}


def keep_used_spaces(before: Iterable[Space], after: Iterable[Space], used: Iterable[Occupied]) -> None:
    """Raise SpaceInUse when a leaf that a slot with orders occupies would be removed, or get rooms of its own."""
    names = {space.id: space.name for space in before}
    leaves = leaves_of(after)
    for leaf in {leaf for occupied in used for leaf in occupied.leaves}:
        if leaf not in leaves:
            raise SpaceInUse(space=names.get(leaf, str(leaf)), fault="removed")
        if leaves[leaf] != {leaf}:
            raise SpaceInUse(space=names.get(leaf, str(leaf)), fault="split")


def _faults_of_seasons(calendar: SiteCalendar) -> Iterator[str]:
    programmes = _programmes(calendar)
    if _doubles(season.id for season in calendar.seasons):
        yield "Two rows have the same id."
    for of_one in _grouped(calendar.seasons, lambda season: season.programme_id):
        for season in of_one:
            if season.active_until <= season.active_from:
                yield "The end must lie after the beginning."
            if season.programme_id not in programmes:
                yield "This is no programme of the site."
        in_order = sorted(of_one, key=lambda season: season.active_from)
        if any(later.active_from < earlier.active_until for earlier, later in pairwise(in_order)):
            yield "Two seasons cover the same day."


def _faults_of_hours(calendar: SiteCalendar) -> Iterator[str]:
    programmes = _programmes(calendar)
    seasons = {(season.id, season.programme_id) for season in calendar.seasons}
    for rule in calendar.hours:
        if rule.programme_id not in programmes:
            yield "This is no programme of the site."
        if rule.season_id is not None and (rule.season_id, rule.programme_id) not in seasons:
            yield "This is no season of the site or the programme."
    key = lambda rule: (rule.programme_id, rule.season_id, rule.weekday)  # noqa: E731 - said once, used below
    for of_day in _grouped(calendar.hours, key):
        yield from _faults_of_openings([Opening(rule.opens_minute, rule.closes_minute) for rule in of_day])


def _faults_of_special_days(calendar: SiteCalendar) -> Iterator[str]:
    programmes = _programmes(calendar)
    if _doubles((special.programme_id, special.day) for special in calendar.special_days):
        yield "Two rows stand for the same day."
    for special in calendar.special_days:
        if special.programme_id not in programmes:
            yield "This is no programme of the site."
        yield from _faults_of_openings(special.hours)


def _faults_of_holidays(calendar: SiteCalendar) -> Iterator[str]:
    if _doubles(rule.programme_id for rule in calendar.holidays):
        yield "Two rows stand for the same programme."
    if any(rule.programme_id not in _programmes(calendar) for rule in calendar.holidays):
        yield "This is no programme of the site."


def _faults_of_spaces(calendar: SiteCalendar) -> Iterator[str]:
    if _doubles(space.id for space in calendar.spaces):
        yield "Two rows have the same id."
    elif not is_a_tree(calendar.spaces):
        yield "A space lies in one that is not here, or in itself."
    if _doubles(space.name for space in calendar.spaces):
        yield "Two spaces have the same name."


def _faults_of_terms(calendar: SiteCalendar) -> Iterator[str]:
    spaces = {space.id for space in calendar.spaces}
    if any(offer.terms.space_id not in spaces | {None} for offer in calendar.offers):
        yield "This is no space of the site."


def _faults_of_openings(openings: Sequence[Opening]) -> Iterator[str]:
    in_order = sorted(openings, key=lambda opening: opening.opens_minute)
    if any(opening.closes_minute <= opening.opens_minute for opening in in_order):
        yield "It closes before it opens."
    if any(later.opens_minute < earlier.closes_minute for earlier, later in pairwise(in_order)):
        yield "Two openings overlap."


def _programmes(calendar: SiteCalendar) -> set[UUID | None]:
    return {None, *(offer.terms.programme_id for offer in calendar.offers)}


def _doubles(keys: Iterable[Hashable]) -> bool:
    listed = list(keys)
    return len(set(listed)) < len(listed)


def _grouped(rows: Iterable[Any], key: Callable[[Any], Hashable]) -> list[list[Any]]:
    found: dict[Hashable, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return list(found.values())
