"""Who can lead which visit (S4): languages, rota, limits; and a guide for each visit that needs one.

A visit that needs a guide takes orders only while one is kept for it. Visits with orders are served first, then by
time; the guide with the fewest visits that day takes it, then the one whose largest party is the smallest that will do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.refusals import Refusal

from sites.domain.days import midnight

NO_GUIDE: Final = "没有空闲的讲解员"
"""Why a slot that needs a guide and has none takes no orders; sql/open_guided_slot.sql says the same."""

Minutes = tuple[int, int]


class GuideBusy(Refusal):
    """This guide leads another visit at that time."""


class GuideDayFull(Refusal):
    """This guide leads {visits_a_day_max} visits that day already."""


class GuidePartyTooLarge(Refusal):
    """This slot has {seats} seats; the guide leads up to {party_max} people."""


class GuideAway(Refusal):
    """This guide is away that day."""


class SlotNeedsNoGuide(Refusal):
    """This slot needs no guide."""


class GuidedVisitBegun(Refusal):
    """This visit has begun; its guide does not change any more."""


@dataclass(frozen=True)
class Guide:
    """A guide as far as the rules need: `weekly` by ISO weekday, `dated` instead of it; minutes after midnight."""

    id: UUID
    languages: frozenset[str]
    visits_a_day_max: int
    party_max: int
    buffer_minutes: int
    active_from: date | None = None
    active_until: date | None = None
    weekly: Mapping[int, Sequence[Minutes]] = field(default_factory=dict)
    dated: Mapping[date, Sequence[Minutes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """A slot that needs a guide, and who leads it now."""

    slot_id: UUID
    languages: frozenset[str]
    seats: int
    starts_at: datetime
    ends_at: datetime
    visit_on: date
    has_orders: bool = False
    guide_id: UUID | None = None
    by_hand: bool = False
    has_begun: bool = False


def hours_on(guide: Guide, day: date) -> Sequence[Minutes]:
    """Return what the guide works on a day: the dated hours where there are some, else the week's."""
    if (guide.active_from and day < guide.active_from) or (guide.active_until and day > guide.active_until):
        return ()
    return guide.dated[day] if day in guide.dated else guide.weekly.get(day.isoweekday(), ())


def is_away(guide: Guide, day: date) -> bool:
    """Say whether the guide is not there on a day at all: not active, or a dated day without hours."""
    inactive = (guide.active_from and day < guide.active_from) or (guide.active_until and day > guide.active_until)
    return bool(inactive) or (day in guide.dated and not guide.dated[day])


def can_lead(guide: Guide, visit: Visit) -> bool:
    """Say whether the visit lies within the guide's hours, languages and party; other visits are not looked at."""
    if visit.seats > guide.party_max or guide.languages.isdisjoint(visit.languages):
        return False
    if visit.by_hand and guide.id == visit.guide_id:
        return not is_away(guide, visit.visit_on)
    begins = visit.starts_at
    for starts_at, ends_at in _working(guide, visit.visit_on):
        if starts_at <= begins < ends_at:
            begins = ends_at
        if begins >= visit.ends_at:
            return True
    return False


def match(visits: Iterable[Visit], guides: Sequence[Guide]) -> dict[UUID, UUID | None]:
    """Return who leads each visit: whoever leads it now where they still can, else a free guide, else nobody.

    No guide is in two places, counting the buffer after a visit, and none leads more visits a day than their limit.
    """
    by_id = {guide.id: guide for guide in guides}
    wanted = sorted(visits, key=lambda visit: (not visit.has_orders, visit.starts_at, visit.slot_id))
    taken: dict[UUID, list[Visit]] = {guide.id: [] for guide in guides}
    found: dict[UUID, UUID | None] = {}
    for visit in sorted(wanted, key=lambda visit: not visit.has_begun):
        now = by_id.get(visit.guide_id) if visit.guide_id else None
        stays = now is not None and can_lead(now, visit) and _is_free(now, visit, taken[now.id])
        if visit.has_begun or stays:  # who leads a visit that has begun is a fact
            found[visit.slot_id] = visit.guide_id
            if now is not None:
                taken[now.id].append(visit)
    for visit in wanted:
        if visit.slot_id in found:
            continue
        free = [guide for guide in guides if can_lead(guide, visit) and _is_free(guide, visit, taken[guide.id])]
        chosen = min(free, key=lambda guide: _preference(guide, visit, taken[guide.id]), default=None)
        found[visit.slot_id] = chosen.id if chosen else None
        if chosen:
            taken[chosen.id].append(visit)
    return found


def _preference(guide: Guide, visit: Visit, taken: Sequence[Visit]) -> tuple[int, int, UUID]:
    return sum(other.visit_on == visit.visit_on for other in taken), guide.party_max, guide.id


def _is_free(guide: Guide, visit: Visit, taken: Sequence[Visit]) -> bool:
    buffer = timedelta(minutes=guide.buffer_minutes)
    today = [other for other in taken if other.visit_on == visit.visit_on]
    return len(today) < guide.visits_a_day_max and not any(
        visit.starts_at < other.ends_at + buffer and other.starts_at < visit.ends_at + buffer for other in taken
    )


def _working(guide: Guide, day: date) -> list[tuple[datetime, datetime]]:
    """Return the day's and the next day's hours in order of time, for a visit that goes over midnight."""
    return sorted(
        (midnight(each) + timedelta(minutes=begins), midnight(each) + timedelta(minutes=ends))
        for each in (day, day + timedelta(days=1))
        for begins, ends in hours_on(guide, each)
    )
