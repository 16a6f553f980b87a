"""Making the slots of the coming weeks from the calendar's rules, and keeping them right when a rule changes (S5)."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy.exc
from chassis.refusals import Refusal
from contracts.envelope import plain
from psycopg2.errors import ExclusionViolation
from sqlalchemy import Connection, text

from sites.domain.plans import Change, Occupied, Plan, Wanted, effects
from sites.queries.calendars import calendar_of, closed_reasons, rules_row
from sites.queries.previews import planned_for

KEPT: Final = "开放安排已调整，本场次只为已有预约保留"
DROPPED: Final = "开放安排已调整，本场次已取消"

_LOCK: Final = text("""
INSERT INTO calendars (site_id) VALUES (:site_id)
ON CONFLICT (site_id) DO UPDATE SET version = calendars.version
RETURNING version
""")

_COLUMNS: Final = """
    starts_at timestamptz, ends_at timestamptz, visit_on date, bookable_from timestamptz, bookable_until timestamptz,
    change_until timestamptz, cancel_until timestamptz, seats integer, groups_max integer, confirmation text,
    closure_id uuid, closed_reason text
"""

_COME: Final = text(f"""
INSERT INTO slots (site_id, programme_id, starts_at, ends_at, visit_on, bookable_from, bookable_until, change_until,
                   cancel_until, seats, groups_max, confirmation, closure_id, closed_reason, by_rule)
SELECT :site_id, programme_id, starts_at, ends_at, visit_on, bookable_from, bookable_until, change_until,
       cancel_until, seats, groups_max, confirmation, closure_id, closed_reason, true
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS made (programme_id uuid, {_COLUMNS})
ON CONFLICT (programme_id, starts_at) DO UPDATE
   SET ends_at = excluded.ends_at, visit_on = excluded.visit_on, bookable_from = excluded.bookable_from,
       bookable_until = excluded.bookable_until, change_until = excluded.change_until,
       cancel_until = excluded.cancel_until, seats = excluded.seats, groups_max = excluded.groups_max,
       confirmation = excluded.confirmation, closure_id = excluded.closure_id,
       closed_reason = excluded.closed_reason, by_rule = true, kept_since = NULL, dropped_at = NULL
 WHERE slots.dropped_at IS NOT NULL
RETURNING id, programme_id, starts_at
""")  # noqa: S608 - constants of this module alone

# What was closed by hand (a reason without a closure) is left to whoever closed it.
_CHANGE: Final = text(f"""
UPDATE slots
   SET ends_at = new.ends_at, bookable_from = new.bookable_from, bookable_until = new.bookable_until,
       change_until = new.change_until, cancel_until = new.cancel_until, confirmation = new.confirmation,
       seats = greatest(new.seats, slots.seats_taken),
       groups_max = CASE WHEN new.groups_max IS NOT NULL THEN greatest(new.groups_max, slots.groups_taken) END,
       closure_id = new.closure_id,
       kept_since = CASE WHEN new.is_kept THEN coalesce(slots.kept_since, :at) END,
       closed_reason = CASE WHEN new.closed_reason IS NOT NULL THEN new.closed_reason
                            WHEN slots.closure_id IS NULL AND slots.kept_since IS NULL THEN slots.closed_reason END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, is_kept boolean, {_COLUMNS})
 WHERE slots.id = new.id
""")  # noqa: S608

_GO: Final = text("""
UPDATE slots SET dropped_at = :at, closed_reason = :reason, closure_id = NULL, kept_since = NULL
 WHERE id = ANY(:ids) AND seats_taken = 0
RETURNING id
""")

_VACATE: Final = text("DELETE FROM occupancies WHERE slot_id = ANY(:ids)")
_OCCUPY: Final = text("""
INSERT INTO occupancies (slot_id, space_id, during)
SELECT slot_id, space_id, tstzrange(since, until)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS made (slot_id uuid, space_id uuid, since timestamptz, until timestamptz)
""")


class SpaceOccupied(Refusal):
    """A room of the site is occupied at one of these times; look at the change once more."""


def extend(db: Connection, *, at: datetime, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Make every open site's slots what its calendar says, as far ahead as they are made; returns how many are new.

    Made again, it makes nothing. `progress` is told how many of the sites are done; it may commit what is done.
    """
    found = list(db.execute(text("SELECT id FROM sites WHERE state = 'open' ORDER BY id")).scalars())
    made = 0
    for done, site_id in enumerate(found, start=1):
        made += remake(db, site_id, at=at)["come"]
        progress(done, len(found))
    return made


def remake(db: Connection, site_id: UUID, *, at: datetime) -> Counter[str]:
    """Make the slots of one site what its calendar says; returns how many of each effect there were."""
    planned = planned_for(db, site_id, calendar_of(rules_row(db, site_id)), at=at)
    if not (planned.come or planned.change or planned.go):
        return effects(planned)
    # Something is to be written: alone, and with what stands locked, so that no order comes in between.
    lock(db, site_id)
    touched = [slot.id for slot in planned.go] + [change.there.id for change in planned.change]
    db.execute(text("SELECT 1 FROM slots WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"), {"ids": touched})
    planned = planned_for(db, site_id, calendar_of(rules_row(db, site_id)), at=at)
    write(db, site_id, planned, at=at)
    return effects(planned)


def lock(db: Connection, site_id: UUID) -> int:
    """Let nobody else make or change slots of the site until the transaction ends; returns the calendar's version."""
    return int(db.execute(_LOCK, {"site_id": site_id}).scalar_one())


def write(db: Connection, site_id: UUID, planned: Plan, *, at: datetime) -> None:
    """Write a plan. Raises SpaceOccupied when a room is taken after all: the database decides."""
    reasons = closed_reasons(db, site_id)
    gone = list(db.execute(_GO, {"ids": [slot.id for slot in planned.go], "at": at, "reason": DROPPED}).scalars())
    moved = [change for change in planned.change if change.slot.occupied != change.there.occupied]
    db.execute(_VACATE, {"ids": gone + [change.there.id for change in moved]})
    if planned.change:
        rows = [_changed_row(change, reasons) for change in planned.change]
        db.execute(_CHANGE, {"rows": _json(rows), "at": at})
    come = {slot.key: slot for slot in planned.come}
    occupied: dict[UUID, Occupied] = {change.there.id: change.slot.occupied for change in moved}
    if come:
        rows = [_row(slot, reasons) for slot in come.values()]
        for made in db.execute(_COME, {"rows": _json(rows), "site_id": site_id}):
            occupied[made.id] = come[made.programme_id, made.starts_at].occupied
    taken = [
        {"slot_id": slot_id, "space_id": leaf, "since": wish.since, "until": wish.until}
        for slot_id, wish in occupied.items()
        for leaf in wish.leaves
    ]
    if taken:
        try:
            db.execute(_OCCUPY, {"rows": _json(taken)})
        except sqlalchemy.exc.IntegrityError as error:
            if isinstance(error.orig, ExclusionViolation):
                raise SpaceOccupied() from error
            raise


def _row(slot: Wanted, reasons: Mapping[UUID, str]) -> dict[str, Any]:
    booking = slot.booking
    return {
        "programme_id": slot.programme_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "visit_on": slot.visit_on,
        "bookable_from": booking.bookable_from,
        "bookable_until": booking.bookable_until,
        "change_until": booking.change_until,
        "cancel_until": booking.cancel_until,
        "seats": booking.seats,
        "groups_max": booking.groups_max,
        "confirmation": booking.confirmation,
        "closure_id": booking.closure_id,
        "closed_reason": reasons[booking.closure_id] if booking.closure_id else None,
    }


def _changed_row(change: Change, reasons: Mapping[UUID, str]) -> dict[str, Any]:
    row = _row(change.slot, reasons)
    if change.is_kept and row["closed_reason"] is None:
        row["closed_reason"] = KEPT
    return {**row, "id": change.there.id, "is_kept": change.is_kept}


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(plain(list(rows)))
