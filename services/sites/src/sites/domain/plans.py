"""What the slots of a site should be, and what of those that stand has to change (S5). Nothing is written here.

    wanted by the rules ─┬─ not there yet ──────────────▶ come
                         └─ there, but different ───────▶ change
    there, not wanted ───┬─ nobody has seats in it ─────▶ go
                         └─ somebody has ───────────────▶ stay, kept from the earlier rule, and take no more orders

An order that stands is never broken: what somebody has seats in keeps its time, its room, at least its seats, and no
shorter time to change or cancel. Programmes that share a room take it in the sequence of their rank; what finds the
room occupied is left out. A programme without a room occupies nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sites.domain.calendars import (
    HolidayRule,
    Hours,
    Opening,
    PublicDays,
    Season,
    SpecialDay,
    openings_on,
    rules_of,
)
from sites.domain.days import day_of, midnight
from sites.domain.slots import AHEAD, Rhythm, slot_times
from sites.domain.spaces import Space, leaves_of

Key = tuple[UUID, datetime]
EFFECTS: Final = ("come", "change", "go", "keep", "close", "left_out")
"""What becomes of slots; `left_out` are those whose room is occupied."""


@dataclass(frozen=True)
class Terms:
    """How one programme is booked. Notices are minutes before the start; none follows the order's own rule."""

    programme_id: UUID
    minutes: int
    every_minutes: int
    seats: int
    confirmation: str
    notice_minutes: int
    change_notice_minutes: int | None = None
    cancel_notice_minutes: int | None = None
    window_days: int | None = None
    groups_max: int | None = None
    before_minutes: int = 0
    after_minutes: int = 0
    space_id: UUID | None = None
    rank: int = 100


@dataclass(frozen=True)
class Closing:
    """A time in which the site, one programme, one space or one slot is closed."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    programme_id: UUID | None = None
    leaves: frozenset[UUID] | None = None  # of the space that is closed
    slot_id: UUID | None = None


@dataclass(frozen=True)
class Booking:
    """What a slot offers besides its time: how it can be booked, and whether it is closed."""

    seats: int
    confirmation: str
    bookable_from: datetime | None
    bookable_until: datetime
    change_until: datetime | None
    cancel_until: datetime | None
    groups_max: int | None
    closure_id: UUID | None = None


@dataclass(frozen=True)
class Occupied:
    """The leaves that a slot needs for itself, and from when to when: its time with the buffers around it."""

    leaves: frozenset[UUID] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """A slot as the rules make it."""

    programme_id: UUID
    starts_at: datetime
    ends_at: datetime
    visit_on: date
    booking: Booking
    occupied: Occupied

    @property
    def key(self) -> Key:
        """What tells slots apart."""
        return self.programme_id, self.starts_at


@dataclass(frozen=True)
class Standing:
    """A slot as it stands; `by_rule` unless somebody entered it by hand."""

    id: UUID
    programme_id: UUID
    starts_at: datetime
    ends_at: datetime
    seats_taken: int
    groups_taken: int
    booking: Booking
    occupied: Occupied
    by_rule: bool = True
    is_kept: bool = False
    is_dropped: bool = False

    @property
    def key(self) -> Key:
        """What tells slots apart."""
        return self.programme_id, self.starts_at


@dataclass(frozen=True)
class Change:
    """A slot that stands and what it becomes; `is_kept`: only for those who have seats in it already."""

    there: Standing
    slot: Wanted
    is_kept: bool

    @property
    def closes(self) -> bool:
        """Whether a closure shuts the slot that was open before."""
        closure_id = self.slot.booking.closure_id
        return closure_id is not None and closure_id != self.there.booking.closure_id

    @property
    def keeps(self) -> bool:
        """Whether the slot is kept from now on although the rules make it no longer."""
        return self.is_kept and not self.there.is_kept


@dataclass
class Plan:
    """What has to be written, and what was left out because its room is occupied."""

    come: list[Wanted] = field(default_factory=list)
    change: list[Change] = field(default_factory=list)
    go: list[Standing] = field(default_factory=list)
    left_out: list[Wanted] = field(default_factory=list)


@dataclass(frozen=True)
class Offer:
    """A programme with the terms on which it is booked."""

    name: str
    is_offered: bool
    terms: Terms


@dataclass(frozen=True)
class SiteCalendar:
    """All the rules of one site."""

    hours: tuple[Hours, ...]
    seasons: tuple[Season, ...]
    special_days: tuple[SpecialDay, ...]
    holidays: tuple[HolidayRule, ...]
    spaces: tuple[Space, ...]
    offers: tuple[Offer, ...]


def wanted_of(calendar: SiteCalendar, *, public_days: PublicDays, today: date) -> Iterator[Iterator[Wanted]]:
    """Yield the slots of each programme that is offered, from today as far as they are made, by rank."""
    leaves = leaves_of(calendar.spaces)
    offered = [offer for offer in calendar.offers if offer.is_offered]
    for offer in sorted(offered, key=lambda offer: (offer.terms.rank, offer.terms.programme_id)):
        terms = offer.terms
        rules = rules_of(
            terms.programme_id,
            hours=calendar.hours,
            seasons=calendar.seasons,
            special_days=calendar.special_days,
            holidays=calendar.holidays,
        )
        yield wanted_slots(
            terms,
            partial(openings_on, rules, public_days=public_days),
            leaves=leaves[terms.space_id] if terms.space_id else frozenset(),
            first=today,
            last=horizon(terms, today=today),
        )


def horizon(terms: Terms, *, today: date) -> date:
    """Return the last day for which slots are made: four weeks ahead, or as far as the booking window reaches."""
    return today + max(AHEAD, timedelta(days=terms.window_days or 0))


def wanted_slots(
    terms: Terms, is_open: Callable[[date], Sequence[Opening]], *, leaves: frozenset[UUID], first: date, last: date
) -> Iterator[Wanted]:
    """Yield the slots that the rules of one programme make on the days `first` to `last`."""
    rhythm = Rhythm(terms.minutes, terms.every_minutes, terms.notice_minutes)
    for time in slot_times(rhythm, is_open, first=first, last=last):
        window = terms.window_days
        yield Wanted(
            programme_id=terms.programme_id,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            visit_on=time.visit_on,
            booking=Booking(
                seats=terms.seats,
                confirmation=terms.confirmation,
                bookable_from=None if window is None else midnight(time.visit_on - timedelta(days=window)),
                bookable_until=time.bookable_until,
                change_until=_before(time.starts_at, terms.change_notice_minutes),
                cancel_until=_before(time.starts_at, terms.cancel_notice_minutes),
                groups_max=terms.groups_max,
            ),
            occupied=Occupied(
                leaves,
                time.starts_at - timedelta(minutes=terms.before_minutes),
                time.ends_at + timedelta(minutes=terms.after_minutes),
            )
            if leaves
            else Occupied(),
        )


def plan(
    wanted: Iterable[Iterable[Wanted]], standing: Iterable[Standing], *, closings: Sequence[Closing], at: datetime
) -> Plan:
    """Compare the wanted slots, programme by programme in the sequence of their rank, with those that stand.

    What has begun by `at` stays as it is.
    """
    found = Plan()
    by_key = {slot.key: slot for slot in standing}
    stay = {slot.key for slot in by_key.values() if _stays(slot, at=at)}
    rooms = _Rooms()
    for key in stay:
        rooms.occupy(by_key[key].occupied)
    fits: set[Key] = set()
    for slot in (slot for slots in wanted for slot in slots if slot.starts_at > at):
        there = by_key.get(slot.key)
        if there is not None and there.key in stay:
            if there.by_rule and there.ends_at == slot.ends_at:
                fits.add(slot.key)
                _settle(found, there, _spared(slot, there), closings, is_kept=False)
        elif rooms.are_free(slot.occupied):
            rooms.occupy(slot.occupied)
            fits.add(slot.key)
            if there is None or there.is_dropped:
                found.come.append(_closed_in(slot, closings, slot_id=there.id if there else None))
            else:
                _settle(found, there, slot, closings, is_kept=False)
        else:
            found.left_out.append(slot)
    for there in by_key.values():
        if there.key in fits or there.is_dropped or there.starts_at <= at:
            continue
        if there.key in stay:
            # Of what stays besides the rules only the closures can change.
            _settle(found, there, _as_it_stands(there), closings, is_kept=there.by_rule)
        else:
            found.go.append(there)
    return found


def effects(planned: Plan) -> Counter[str]:
    """Return how many slots come, change, go, are kept, are closed, or are left out."""
    counts = Counter(dict.fromkeys(EFFECTS, 0))
    counts.update(come=len(planned.come), go=len(planned.go), left_out=len(planned.left_out))
    counts.update(effect_of(change) for change in planned.change)
    return counts


def effect_of(change: Change) -> str:
    """Return what a change does to a slot: close, keep or change."""
    return "close" if change.closes else "keep" if change.keeps else "change"


def _stays(slot: Standing, *, at: datetime) -> bool:
    return not slot.is_dropped and (slot.seats_taken > 0 or not slot.by_rule or slot.starts_at <= at)


def _settle(found: Plan, there: Standing, slot: Wanted, closings: Sequence[Closing], *, is_kept: bool) -> None:
    """Note the change when the slot differs from what stands there."""
    slot = _closed_in(slot, closings, slot_id=there.id)
    before = there.booking, there.ends_at, there.occupied, there.is_kept
    if (slot.booking, slot.ends_at, slot.occupied, is_kept) != before:
        found.change.append(Change(there, slot, is_kept))


def _as_it_stands(slot: Standing) -> Wanted:
    return Wanted(slot.programme_id, slot.starts_at, slot.ends_at, day_of(slot.starts_at), slot.booking, slot.occupied)


def _spared(slot: Wanted, there: Standing) -> Wanted:
    """Return the wanted slot without what would break an order in the one that stands."""
    new, old = slot.booking, there.booking
    return replace(
        slot,
        booking=replace(
            new,
            seats=max(new.seats, there.seats_taken),
            groups_max=None if new.groups_max is None else max(new.groups_max, there.groups_taken),
            change_until=_later(new.change_until, old.change_until),
            cancel_until=_later(new.cancel_until, old.cancel_until),
        ),
        occupied=there.occupied,
    )


def _closed_in(slot: Wanted, closings: Sequence[Closing], *, slot_id: UUID | None) -> Wanted:
    closing = next((closing for closing in closings if _closes(closing, slot, slot_id)), None)
    return replace(slot, booking=replace(slot.booking, closure_id=closing.id if closing else None))


def _closes(closing: Closing, slot: Wanted, slot_id: UUID | None) -> bool:
    if closing.slot_id is not None:
        return closing.slot_id == slot_id
    return (
        closing.starts_at < slot.ends_at
        and slot.starts_at < closing.ends_at
        and closing.programme_id in (None, slot.programme_id)
        and (closing.leaves is None or bool(closing.leaves & slot.occupied.leaves))
    )


def _before(starts_at: datetime, notice_minutes: int | None) -> datetime | None:
    return None if notice_minutes is None else starts_at - timedelta(minutes=notice_minutes)


def _later(new: datetime | None, old: datetime | None) -> datetime | None:
    return old if new is None or old is None else max(new, old)


class _Rooms:
    """Which leaf is occupied when."""

    def __init__(self) -> None:
        self._busy: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)

    def are_free(self, wish: Occupied) -> bool:
        if wish.since is None or wish.until is None:
            return True
        return not any(
            since < wish.until and wish.since < until for leaf in wish.leaves for since, until in self._busy[leaf]
        )

    def occupy(self, wish: Occupied) -> None:
        if wish.since is not None and wish.until is not None:
            for leaf in wish.leaves:
                self._busy[leaf].append((wish.since, wish.until))
