"""What a proposed change of a calendar would do, worked out anew each time it is looked at (S5)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import NotFound
from contracts.envelope import load
from contracts.sites.calendars import AffectedOrderView, CalendarPreviewView, ClosureRow, SlotEffectView
from contracts.sites.slots import SlotRef
from sqlalchemy import Connection, Row, text

from sites.domain.plans import Closing, Plan, SiteCalendar, Standing, Wanted, effect_of, effects, plan, wanted_of
from sites.domain.spaces import leaves_of
from sites.queries.alternatives import alternatives
from sites.queries.calendars import calendar_of, closings, laid_over, public_days, rules_row, standing

SHOWN_MAX: Final = 200
"""How many slots, and how many orders, a preview names; its counts tell of all."""

_PREVIEW: Final = text("""
SELECT c.*, s.managing_path
  FROM calendar_previews c JOIN sites s ON s.id = c.site_id
 WHERE c.id = :id AND c.site_id = :site_id
""")
_ORDERS: Final = text("""
SELECT o.id, o.slot_id, o.site_id, o.programme_id, o.starts_at, o.ends_at, o.party_size, o.branch_id, o.state,
       o.contact_name, o.contact_phone_masked, p.name AS programme, branch.name AS branch_name,
       count(*) OVER () AS of_all
  FROM orders o
  JOIN programmes p ON p.id = o.programme_id
  LEFT JOIN organisations branch ON branch.id = o.branch_id
 WHERE o.slot_id = ANY(:slots) AND o.state IN ('placed', 'confirmed') AND o.checked_in IS NULL
 ORDER BY o.starts_at, o.id
 LIMIT :most
""")


def preview_row(db: Connection, site_id: UUID, preview_id: UUID) -> Row[Any]:
    """Return a preview as it was kept. Raises NotFound."""
    row = db.execute(_PREVIEW, {"id": preview_id, "site_id": site_id}).one_or_none()
    if row is None:
        raise NotFound()
    return row


def preview(db: Connection, site_id: UUID, preview_id: UUID, *, actor: Actor, at: datetime) -> CalendarPreviewView:
    """Return what the kept change does to slots and orders as they are now. Raises NotFound, Forbidden."""
    kept = preview_row(db, site_id, preview_id)
    actor.must("change_calendar", site=kept.managing_path)
    row = rules_row(db, site_id)
    calendar = calendar_of(laid_over(row, kept.draft))
    planned = planned_for(db, site_id, calendar, at=at, closing=_closing(kept, calendar))
    names = {offer.terms.programme_id: offer.name for offer in calendar.offers}
    touched = {
        change.there.id: effect_of(change)
        for change in planned.change
        if change.there.seats_taken and (change.keeps or change.closes)
    }
    orders = db.execute(_ORDERS, {"slots": list(touched), "most": SHOWN_MAX}).all()
    shut = (change.there.id for change in planned.change if change.is_kept or change.slot.booking.closure_id)
    unfit = {*shut, *(slot.id for slot in planned.go)}
    offers = alternatives(db, orders, without=unfit, at=at)
    counts = effects(planned)
    return CalendarPreviewView(
        id=kept.id,
        site_id=site_id,
        version=kept.version,
        is_current=kept.version == row["version"] and kept.applied_at is None,
        made_at=kept.made_at,
        made_by=kept.made_by,
        applied_at=kept.applied_at,
        counts=dict(counts),
        slots=[view for view, _ in zip(_effects(planned, names), range(SHOWN_MAX), strict=False)],
        affected_count=orders[0].of_all if orders else 0,
        affected=[
            AffectedOrderView(
                order_id=order.id,
                branch_name=order.branch_name,
                contact_name=order.contact_name,
                contact_phone_masked=order.contact_phone_masked,
                party_size=order.party_size,
                state=order.state,
                slot=SlotRef(order.slot_id, order.programme, order.starts_at, order.ends_at),
                effect=touched[order.slot_id],
                alternatives=offers[order.id],
            )
            for order in orders
        ],
        draft=kept.draft,
    )


def planned_for(
    db: Connection, site_id: UUID, calendar: SiteCalendar, *, at: datetime, closing: Closing | None = None
) -> Plan:
    """Return what would have to be written for these rules, and for one more closure."""
    shut = closings(db, site_id, spaces=calendar.spaces, at=at)
    today = clock.today(at)
    return plan(
        wanted_of(calendar, public_days=public_days(db, since=today), today=today),
        standing(db, site_id, at=at),
        closings=[*shut, closing] if closing else shut,
        at=at,
    )


def _closing(kept: Row[Any], calendar: SiteCalendar) -> Closing | None:
    drafted: Mapping[str, Any] | None = kept.draft.get("closure")
    if not drafted or kept.applied_at is not None:
        return None
    closure = load(ClosureRow, dict(drafted))
    leaves = leaves_of(calendar.spaces)
    return Closing(
        id=kept.id,
        starts_at=closure.starts_at,
        ends_at=closure.ends_at,
        programme_id=closure.programme_id,
        leaves=leaves.get(closure.space_id, frozenset()) if closure.space_id else None,
        slot_id=closure.slot_id,
    )


def _effects(planned: Plan, names: Mapping[UUID, str]) -> Iterator[SlotEffectView]:
    """Yield what happens slot by slot: first what concerns orders, then the rest in order of time."""
    found: list[tuple[str, UUID | None, Wanted | Standing, int, int]] = [
        ("go", slot.id, slot, slot.seats_taken, slot.booking.seats) for slot in planned.go
    ]
    found += [
        (effect_of(change), change.there.id, change.slot, change.there.seats_taken, change.slot.booking.seats)
        for change in planned.change
    ]
    found += [("come", None, slot, 0, slot.booking.seats) for slot in planned.come]
    found += [("left_out", None, slot, 0, slot.booking.seats) for slot in planned.left_out]
    rank = ("close", "keep", "go", "change", "come", "left_out").index
    for effect, slot_id, slot, taken, seats in sorted(
        found, key=lambda row: (not row[3], rank(row[0]), row[2].starts_at)
    ):
        yield SlotEffectView(
            effect=effect,
            slot_id=slot_id,
            programme=names[slot.programme_id],
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            seats=seats,
            seats_taken=taken,
        )
