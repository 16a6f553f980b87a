"""A site's keepers enter guides, their rota and their absences (S4); each change matches guides and slots anew.

    closed: no guide ◀──▶ open: a guide is kept for it

All who change a site's guides wait for one another (an advisory lock of the site), then lock in the sequence slots,
guides, loads. What keeps a guide from being in two places or over the limits are the constraints and triggers of
guide_assignments, whoever writes there. An order is never touched: a slot that loses its guide takes no new ones, and
the keeper sees those it has.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.sites.guides import (
    AddGuide,
    AssignGuide,
    EditGuide,
    GuideChangeView,
    GuidedSlot,
    GuideFields,
    GuideView,
    ReportAbsence,
    SetRota,
)
from psycopg2.extras import DateTimeTZRange
from sqlalchemy import Connection, Row, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.exc import IntegrityError

from sites.domain.guides import (
    NO_GUIDE,
    Guide,
    GuideAway,
    GuideBusy,
    GuidedVisitBegun,
    SlotNeedsNoGuide,
    Visit,
    is_away,
    match,
)
from sites.queries.guides import guide, guide_for, guided_slots, rotas_of, slots_to_match
from sites.queries.sites import kept_site
from sites.tables.guides import guide_assignments, guide_dates, guide_shifts, guides
from sites.tables.places import slots

ABSENCE_MAX: Final = timedelta(days=92)
FIELDS: Final = (
    *("name", "languages", "visits_a_day_max", "party_max", "buffer_minutes", "active_from", "active_until"),
)
MATCHED_BY: Final = "timer"


@dataclass(frozen=True)
class NewGuide:
    """A guide as they are registered in bulk, with the week's hours (weekday, from, until)."""

    id: UUID
    site_id: UUID
    name: str
    languages: tuple[str, ...]
    visits_a_day_max: int
    party_max: int
    buffer_minutes: int
    weekly: tuple[tuple[int, int, int], ...]


def register_all(db: Connection, found: Iterable[NewGuide], *, at: datetime) -> int:
    """Register the guides that are not known yet, and match them with the slots there are; returns how many are new."""
    new = []
    for each in found:
        values = {name: value for name, value in each.__dict__.items() if name != "weekly"}
        written = insert_new(guides).values(**{**values, "languages": list(each.languages)})
        if db.execute(written.on_conflict_do_nothing(index_elements=["id"])).rowcount == 1:
            new.append(each)
            rows = [
                {"guide_id": each.id, "weekday": weekday, "from_minute": begins, "until_minute": ends}
                for weekday, begins, ends in each.weekly
            ]
            db.execute(insert(guide_shifts), rows)
    for site_id in sorted({each.site_id for each in new}):
        match_site(db, site_id, at=at, by=MATCHED_BY)
    return len(new)


def add(db: Connection, *, asked: AddGuide, actor: Actor, at: datetime) -> GuideChangeView:
    """Enter a guide of a site; without a rota they lead nothing yet. Raises NotFound, Forbidden, InvalidInput."""
    kept_site(db, asked.site_id, actor=actor, action="manage_guides")
    guide_id = uuid4()
    db.execute(insert(guides).values(id=guide_id, site_id=asked.site_id, **_values(asked)))
    return _told(guide(db, guide_id, actor=actor, at=at), [])


def edit(db: Connection, *, asked: EditGuide, actor: Actor, at: datetime) -> GuideChangeView:
    """Write the guide anew where nobody did meanwhile. Raises NotFound, Forbidden, InvalidInput, PreconditionFailed."""
    row = guide_for(db, asked.guide_id, actor=actor)
    alone(db, row.site_id)
    _write(db, asked.guide_id, version=asked.version, values=_values(asked))
    return _changed(db, row, actor=actor, at=at)


def set_rota(db: Connection, *, asked: SetRota, actor: Actor, at: datetime) -> GuideChangeView:
    """Write the rota anew where nobody did meanwhile; days before today stay as they were.

    Raises NotFound, Forbidden, InvalidInput, PreconditionFailed.
    """
    row = guide_for(db, asked.guide_id, actor=actor)
    _in_order(asked)
    alone(db, row.site_id)
    _write(db, asked.guide_id, version=asked.version, values={})
    db.execute(delete(guide_shifts).where(guide_shifts.c.guide_id == asked.guide_id))
    if asked.weekly:
        db.execute(insert(guide_shifts), [{"guide_id": asked.guide_id, **shift.__dict__} for shift in asked.weekly])
    today = clock.today(at)
    ahead = (guide_dates.c.guide_id == asked.guide_id) & (guide_dates.c.on >= today)
    db.execute(delete(guide_dates).where(ahead))
    rows = [
        {
            "guide_id": asked.guide_id,
            "on": day.on,
            "hours": [[span.from_minute, span.until_minute] for span in day.hours],
            "reason": day.reason,
        }
        for day in asked.dated
        if day.on >= today
    ]
    if rows:
        db.execute(insert(guide_dates), rows)
    return _changed(db, row, actor=actor, at=at)


def report_absence(db: Connection, *, asked: ReportAbsence, actor: Actor, at: datetime) -> GuideChangeView:
    """Note that a guide drops out; their slots move to another guide or close. Raises NotFound, InvalidInput."""
    row = guide_for(db, asked.guide_id, actor=actor)
    if not asked.from_day <= asked.until_day <= asked.from_day + ABSENCE_MAX:
        raise InvalidInput({"until_day": ["The last day lies before the first, or more than 92 days after it."]})
    if asked.until_day < clock.today(at):
        raise InvalidInput({"until_day": ["These days are over."]})
    alone(db, row.site_id)
    days = [asked.from_day + timedelta(days=n) for n in range((asked.until_day - asked.from_day).days + 1)]
    written = insert_new(guide_dates).values(
        [{"guide_id": asked.guide_id, "on": day, "hours": [], "reason": asked.reason} for day in days]
    )
    fresh = {"hours": written.excluded.hours, "reason": written.excluded.reason}
    db.execute(written.on_conflict_do_update(index_elements=["guide_id", "on"], set_=fresh))
    _write(db, asked.guide_id, version=None, values={})
    return _changed(db, row, actor=actor, at=at)


def assign(db: Connection, *, asked: AssignGuide, actor: Actor, at: datetime) -> GuideChangeView:
    """Give a slot a guide by hand, or take its guide off.

    Raises NotFound, Forbidden, SlotNeedsNoGuide, GuidedVisitBegun, GuideAway, GuideBusy, GuideDayFull or
    GuidePartyTooLarge.
    """
    slot = db.execute(select(slots).where(slots.c.id == asked.slot_id)).one_or_none()
    if slot is None:
        raise NotFound()
    kept_site(db, slot.site_id, actor=actor, action="manage_guides")
    if not slot.needs_guide:
        raise SlotNeedsNoGuide()
    if slot.starts_at <= at:
        raise GuidedVisitBegun()
    alone(db, slot.site_id)
    _lock(db, [slot.id])
    chosen = None
    if asked.guide_id is not None:
        row = guide_for(db, asked.guide_id, actor=actor)
        if row.site_id != slot.site_id:
            raise NotFound()
        (chosen,) = rotas_of(db, [row])
        if is_away(chosen, slot.visit_on):
            raise GuideAway()
    db.execute(delete(guide_assignments).where(guide_assignments.c.slot_id == slot.id))
    if chosen is not None:
        with _one_place():
            _insert(db, slot, chosen, at=at, by=actor.name, by_hand=True)
    outcome = "moved" if chosen else "closed"
    (told,) = guided_slots(db, "s.id = :slot", slot=slot.id)
    return GuideChangeView(guide=None, changed=[replace(told, outcome=outcome)])


def match_site(db: Connection, site_id: UUID, *, at: datetime, by: str) -> list[GuidedSlot]:
    """Match the site's guides and slots anew; returns the slots that opened, moved or closed. The lock is taken here.

    A slot shut for another reason gives its guide back, unless somebody has seats in it.
    """
    alone(db, site_id)
    rows = slots_to_match(db, site_id, at=at)
    found = {each.id: each for each in rotas_of(db, db.execute(select(guides).where(guides.c.site_id == site_id)))}
    wanted = [row for row in rows if row.closed_reason in (None, NO_GUIDE) or row.seats_taken]
    led = match([_visit(row, at=at) for row in wanted], list(found.values()))
    changed = [row for row in rows if row.starts_at > at and _differs(row, led.get(row.id), found)]
    _lock(db, [row.id for row in changed])
    db.execute(delete(guide_assignments).where(guide_assignments.c.slot_id.in_([row.id for row in changed])))
    outcomes = {}
    for row in sorted(changed, key=lambda row: row.id):
        new = led.get(row.id)
        if new is not None:
            _insert(db, row, found[new], at=at, by=by, by_hand=row.by_hand and new == row.guide_id)
        if new != row.guide_id and row in wanted:
            outcomes[row.id] = "closed" if new is None else "moved" if row.guide_id else "opened"
    told = guided_slots(db, "s.id = ANY(:ids)", ids=list(outcomes)) if outcomes else []
    return [replace(slot, outcome=outcomes[slot.slot_id]) for slot in told]


def sites_that_wait(db: Connection, *, at: datetime) -> list[UUID]:
    """Return the sites where a slot to come waits for a guide and there are some."""
    waiting = db.execute(
        text(
            "SELECT DISTINCT s.site_id FROM slots s JOIN guides g ON g.site_id = s.site_id"
            " WHERE s.needs_guide AND s.starts_at > :at AND s.closed_reason = :no_guide ORDER BY s.site_id"
        ),
        {"at": at, "no_guide": NO_GUIDE},
    ).scalars()
    return list(waiting)


def need_guides(db: Connection, programme_id: UUID, *, site_id: UUID, needed: bool, at: datetime, by: str) -> None:
    """Let a programme's slots to come need a guide, or no longer; slots that find none take no new orders."""
    alone(db, site_id)
    to_come = {"programme": programme_id, "needed": needed, "at": at}
    ids = db.execute(
        text(
            "SELECT id FROM slots WHERE programme_id = :programme AND starts_at > :at AND needs_guide <> :needed"
            " ORDER BY id FOR NO KEY UPDATE"
        ),
        to_come,
    ).scalars()
    changed = list(ids)
    db.execute(update(slots).where(slots.c.id.in_(changed)).values(needs_guide=needed))
    if not needed:
        db.execute(delete(guide_assignments).where(guide_assignments.c.slot_id.in_(changed)))
    match_site(db, site_id, at=at, by=by)


def _changed(db: Connection, row: Row[Any], *, actor: Actor, at: datetime) -> GuideChangeView:
    changed = match_site(db, row.site_id, at=at, by=actor.name)
    return _told(guide(db, row.id, actor=actor, at=at), changed)


def _told(changed_guide: GuideView, changed: list[GuidedSlot]) -> GuideChangeView:
    return GuideChangeView(guide=changed_guide, changed=changed, version=changed_guide.version)


def _visit(row: Row[Any], *, at: datetime) -> Visit:
    return Visit(
        slot_id=row.id,
        languages=frozenset(row.languages),
        seats=row.seats,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        visit_on=row.visit_on,
        has_orders=row.seats_taken > 0,
        guide_id=row.guide_id,
        by_hand=row.by_hand,
        has_begun=row.starts_at <= at,
    )


def _differs(row: Row[Any], new: UUID | None, found: Mapping[UUID, Guide]) -> bool:
    if new != row.guide_id:
        return True
    return new is not None and row.guide_until != row.ends_at + timedelta(minutes=found[new].buffer_minutes)


def _insert(db: Connection, slot: Row[Any], chosen: Guide, *, at: datetime, by: str, by_hand: bool) -> None:
    until = slot.ends_at + timedelta(minutes=chosen.buffer_minutes)
    db.execute(
        insert(guide_assignments).values(
            slot_id=slot.id,
            guide_id=chosen.id,
            visit_on=slot.visit_on,
            during=DateTimeTZRange(slot.starts_at, until),
            by_hand=by_hand,
            assigned_at=at,
            assigned_by=by,
        )
    )


@contextmanager
def _one_place() -> Iterator[None]:
    """Tell that the guide is elsewhere at that time as a refusal."""
    try:
        yield
    except IntegrityError as error:
        if "guide_assignments_one_place" in str(error.orig):
            raise GuideBusy() from error
        raise


def alone(db: Connection, site_id: UUID) -> None:
    """Wait until nobody else changes the site's guides, to the end of this transaction."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('guides:' || CAST(:site AS text), 0))")
    db.execute(lock, {"site": site_id})


def _lock(db: Connection, slot_ids: list[UUID]) -> None:
    """Lock the slots in the sequence of their ids, as all do who lock several."""
    db.execute(text("SELECT 1 FROM slots WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"), {"ids": slot_ids})


def _write(db: Connection, guide_id: UUID, *, version: int | None, values: dict[str, Any]) -> None:
    unchanged = guides.c.id == guide_id
    if version is not None:
        unchanged &= guides.c.version == version
    if db.execute(update(guides).where(unchanged).values(**values, version=guides.c.version + 1)).rowcount != 1:
        raise PreconditionFailed()


def _values(asked: GuideFields) -> dict[str, Any]:
    values = {name: getattr(asked, name) for name in FIELDS}
    values["name"] = asked.name.strip()
    values["languages"] = list(dict.fromkeys(asked.languages))
    if not values["name"]:
        raise InvalidInput({"name": ["Length must be between 1 and 40."]})
    if asked.active_from and asked.active_until and asked.active_until < asked.active_from:
        raise InvalidInput({"active_until": ["The last day lies before the first."]})
    return values


def _in_order(asked: SetRota) -> None:
    errors: dict[str, list[str]] = {}
    backwards = ["The hours end before they begin."]
    for number, shift in enumerate(asked.weekly):
        if shift.until_minute <= shift.from_minute:
            errors[f"weekly.{number}.until_minute"] = backwards
    seen: set[date] = set()
    for number, day in enumerate(asked.dated):
        if day.on in seen:
            errors[f"dated.{number}.on"] = ["This day is there twice."]
        seen.add(day.on)
        if any(span.until_minute <= span.from_minute for span in day.hours):
            errors[f"dated.{number}.hours"] = backwards
    if errors:
        raise InvalidInput(errors)
