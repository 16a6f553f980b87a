"""Recurring orders (S6): each date is placed by the same function as any order, and stands or falls for itself.

A dry run does the same and takes all of it back, so its answer is what would happen, quotas and fund included.
All slots are locked by id before the first date is placed: the first takes branch and fund, which come after slots;
the caps of policies that have any come between.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import orjson
from chassis.actors import Actor
from chassis.database import DirectCursor
from chassis.guard import Command
from chassis.refusals import NotFound, Refusal
from contracts.envelope import NAMESPACE_ZHENDI, dump
from contracts.sites.orders import PlaceOrder
from contracts.sites.series import OccurrenceView, PlaceSeries, SeriesView
from sqlalchemy import Connection, text

from sites.domain.days import day_of, midnight
from sites.domain.series import occurrences
from sites.operations.placing import place

SERVICE: Final = "sites"

_FIRST: Final = text("SELECT programme_id, starts_at, visit_on FROM slots WHERE id = :slot")
_SLOTS: Final = text(
    "SELECT id, starts_at FROM slots WHERE programme_id = :programme AND starts_at = ANY(:times)"
    " ORDER BY id FOR NO KEY UPDATE"
)

_LOCK_CAPS: Final = text("SELECT lock_caps(CAST('{}' AS uuid[]), :branch, CAST(:slots AS uuid[]))")


def place_series(db: Connection, *, asked: PlaceSeries, actor: Actor, at: datetime) -> SeriesView:
    """Order on every date where it is possible; returns what became of each. Raises NotFound for the first slot."""
    first = db.execute(_FIRST, {"slot": asked.slot_id}).one_or_none()
    if first is None:
        raise NotFound()
    whole = db.begin_nested()
    time_of_day: timedelta = first.starts_at - midnight(day_of(first.starts_at))
    times = {
        day: midnight(day) + time_of_day for day in occurrences(first.visit_on, every=asked.every, times=asked.times)
    }
    given = {"programme": first.programme_id, "times": list(times.values())}
    slots = {row.starts_at: row.id for row in db.execute(_SLOTS, given)}
    db.execute(_LOCK_CAPS, {"branch": asked.branch_id, "slots": list(slots.values())})
    items = [_one(db, asked, day, slots.get(time), actor=actor, at=at) for day, time in times.items()]
    if asked.dry_run:
        whole.rollback()
    else:
        whole.commit()
    return SeriesView(dry_run=asked.dry_run, placed=sum(item.status == 201 for item in items), items=items)


def _one(
    db: Connection, asked: PlaceSeries, day: date, slot_id: UUID | None, *, actor: Actor, at: datetime
) -> OccurrenceView:
    if slot_id is None:
        none = NotFound()
        return OccurrenceView(day, none.status, None, None, None, none.code, str(none))
    point = db.begin_nested()
    try:
        answer = _place(db, asked, slot_id, actor=actor, at=at)
    except Refusal as refusal:
        point.rollback()
        return OccurrenceView(day, refusal.status, slot_id, None, None, refusal.code, str(refusal))
    point.commit()
    order_id = None if asked.dry_run else UUID(answer["id"])
    return OccurrenceView(day, 201, slot_id, order_id, answer["subsidy_estimate_fen"], None, None)


def _place(db: Connection, asked: PlaceSeries, slot_id: UUID, *, actor: Actor, at: datetime) -> dict[str, Any]:
    order = PlaceOrder(slot_id, asked.party_size, asked.contact_name, asked.contact_phone, asked.branch_id)
    # The series' own command guards all of it; each date's id only has to be new.
    body = dump(order)
    command = Command(uuid5(NAMESPACE_ZHENDI, f"{actor.person_id}:{at.isoformat()}:{slot_id}"), body, "place_series")
    raw: Any = db.connection.dbapi_connection
    with raw.cursor(cursor_factory=DirectCursor) as cursor:
        cursor.service = SERVICE
        answer: dict[str, Any] = orjson.loads(place(cursor, order=order, actor=actor, at=at, command=command))
    return answer
