"""Guides as their site's keepers see them (S4): with rota and limits, and the week with who leads what."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.guides import (
    DatedShift,
    GuideDay,
    GuidedOrder,
    GuidedSlot,
    GuidesAsked,
    GuideView,
    GuideWeek,
    RotaAsked,
    RotaView,
    Shift,
    Span,
)
from contracts.sites.run_sheets import GuideRef
from sqlalchemy import Connection, Row, select, text, tuple_

from sites.domain.guides import NO_GUIDE, Guide, hours_on
from sites.queries.sites import kept_site
from sites.tables.guides import guide_assignments, guide_dates, guide_loads, guide_shifts, guides
from sites.tables.orders import orders
from sites.tables.places import organisations

WEEK: Final = 7

_SLOTS: Final = """
SELECT s.id, s.starts_at, s.ends_at, s.visit_on, s.seats, s.seats_taken, s.closed_reason, p.name AS programme,
       p.languages, a.guide_id, coalesce(a.by_hand, false) AS by_hand, upper(a.during) AS guide_until,
       g.name AS guide_name, g.languages AS guide_languages
  FROM slots s
  JOIN programmes p ON p.id = s.programme_id
  LEFT JOIN guide_assignments a ON a.slot_id = s.id
  LEFT JOIN guides g ON g.id = a.guide_id
"""


def guides_of(db: Connection, asked: GuidesAsked, *, actor: Actor, at: datetime) -> Page:
    """Return a site's guides by name. Raises NotFound, Forbidden."""
    kept_site(db, asked.site_id, actor=actor, action="manage_guides")
    wanted = select(guides).where(guides.c.site_id == asked.site_id)
    if asked.cursor:
        wanted = wanted.where(tuple_(guides.c.name, guides.c.id) > key_in(asked.cursor, str, UUID))
    rows = db.execute(wanted.order_by(guides.c.name, guides.c.id).limit(asked.limit + 1)).all()
    views = {view.id: view for view in _views(db, rows, today=clock.today(at))}
    return page_of(rows, limit=asked.limit, view=lambda row: views[row.id], key=lambda row: (row.name, row.id))


def guide(db: Connection, guide_id: UUID, *, actor: Actor, at: datetime) -> GuideView:
    """Return one guide. Raises NotFound, Forbidden."""
    row = guide_for(db, guide_id, actor=actor)
    return _views(db, [row], today=clock.today(at))[0]


def guide_for(db: Connection, guide_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the guide's row when the actor may manage the guides of their site. Raises NotFound, Forbidden."""
    row = db.execute(select(guides).where(guides.c.id == guide_id)).one_or_none()
    if row is None:
        raise NotFound()
    kept_site(db, row.site_id, actor=actor, action="manage_guides")
    return row


def rota(db: Connection, asked: RotaAsked, *, actor: Actor, at: datetime) -> RotaView:
    """Return a week of a site: its guides' hours, and the slots that need one. Raises NotFound, Forbidden."""
    site = kept_site(db, asked.site_id, actor=actor, action="manage_guides")
    first = asked.from_day or clock.today(at)
    days = [first + timedelta(days=number) for number in range(WEEK)]
    found = list(db.execute(select(guides).where(guides.c.site_id == asked.site_id).order_by(guides.c.name)))
    rotas = {each.id: each for each in rotas_of(db, found)}
    reasons = {
        (row.guide_id, row.on): row.reason
        for row in db.execute(
            select(guide_dates).where(
                guide_dates.c.guide_id.in_([row.id for row in found]), guide_dates.c.on.between(days[0], days[-1])
            )
        )
    }
    visits = {
        (row.guide_id, row.visit_on): row.visits
        for row in db.execute(
            select(guide_loads).where(
                guide_loads.c.guide_id.in_([row.id for row in found]),
                guide_loads.c.visit_on.between(days[0], days[-1]),
            )
        )
    }
    return RotaView(
        site_id=site.id,
        site_name=site.name,
        from_day=first,
        guides=[
            GuideWeek(
                guide=GuideRef(row.id, row.name, list(row.languages)),
                visits_a_day_max=row.visits_a_day_max,
                party_max=row.party_max,
                days=[
                    GuideDay(
                        on=day,
                        hours=[Span(*hours) for hours in hours_on(rotas[row.id], day)],
                        visits=visits.get((row.id, day), 0),
                        is_dated=(row.id, day) in reasons,
                        reason=reasons.get((row.id, day), ""),
                    )
                    for day in days
                ],
            )
            for row in found
        ],
        slots=guided_slots(
            db,
            "s.site_id = :site AND s.needs_guide AND s.visit_on BETWEEN :first AND :last"
            " AND (s.closed_reason IS NULL OR s.closed_reason = :no_guide OR s.seats_taken > 0)",
            site=site.id,
            first=days[0],
            last=days[-1],
        ),
    )


def slots_to_match(db: Connection, site_id: UUID, *, at: datetime) -> Sequence[Row[Any]]:
    """Return the site's slots that need a guide or keep one, from yesterday on (a visit may go over midnight)."""
    return db.execute(
        text(_SLOTS + "WHERE s.site_id = :site AND s.needs_guide AND s.visit_on >= :first ORDER BY s.starts_at, s.id"),
        {"site": site_id, "first": clock.today(at) - timedelta(days=1)},
    ).all()


def guided_slots(db: Connection, condition: str, **given: Any) -> list[GuidedSlot]:
    """Return the slots under a condition of this package's own SQL, each with its live orders, in order of time."""
    rows = db.execute(
        text(f"{_SLOTS} WHERE {condition} ORDER BY s.starts_at, s.id"), {"no_guide": NO_GUIDE, **given}
    ).all()
    ordered = _orders(db, [row.id for row in rows if row.seats_taken])
    return [
        GuidedSlot(
            slot_id=row.id,
            programme=row.programme,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            seats=row.seats,
            seats_taken=row.seats_taken,
            guide=GuideRef(row.guide_id, row.guide_name, list(row.guide_languages)) if row.guide_id else None,
            by_hand=row.by_hand,
            closed_reason=row.closed_reason,
            orders=ordered.get(row.id, []),
        )
        for row in rows
    ]


def guide_of_slot(db: Connection, slot_id: UUID) -> GuideRef | None:
    """Return who leads a slot, or None."""
    row = db.execute(
        select(guides.c.id, guides.c.name, guides.c.languages)
        .join(guide_assignments, guide_assignments.c.guide_id == guides.c.id)
        .where(guide_assignments.c.slot_id == slot_id)
    ).one_or_none()
    return GuideRef(row.id, row.name, list(row.languages)) if row else None


def rotas_of(db: Connection, rows: Iterable[Row[Any]]) -> list[Guide]:
    """Return the guides with their rota, as the rules take them."""
    found = list(rows)
    ids = [row.id for row in found]
    weekly: dict[UUID, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for shift in db.execute(select(guide_shifts).where(guide_shifts.c.guide_id.in_(ids))):
        weekly[shift.guide_id][shift.weekday].append((shift.from_minute, shift.until_minute))
    dated: dict[UUID, dict[date, list[tuple[int, int]]]] = defaultdict(dict)
    for row in db.execute(select(guide_dates).where(guide_dates.c.guide_id.in_(ids))):
        dated[row.guide_id][row.on] = [(begins, ends) for begins, ends in row.hours]
    return [
        Guide(
            id=row.id,
            languages=frozenset(row.languages),
            visits_a_day_max=row.visits_a_day_max,
            party_max=row.party_max,
            buffer_minutes=row.buffer_minutes,
            active_from=row.active_from,
            active_until=row.active_until,
            weekly=weekly[row.id],
            dated=dated[row.id],
        )
        for row in found
    ]


def _views(db: Connection, rows: Sequence[Row[Any]], *, today: date) -> list[GuideView]:
    ids = [row.id for row in rows]
    weekly: dict[UUID, list[Shift]] = defaultdict(list)
    shifts = guide_shifts.c
    in_order = select(guide_shifts).where(shifts.guide_id.in_(ids)).order_by(shifts.weekday, shifts.from_minute)
    for shift in db.execute(in_order):
        weekly[shift.guide_id].append(Shift(shift.weekday, shift.from_minute, shift.until_minute))
    dated: dict[UUID, list[DatedShift]] = defaultdict(list)
    ahead = select(guide_dates).where(guide_dates.c.guide_id.in_(ids), guide_dates.c.on >= today)
    for row in db.execute(ahead.order_by(guide_dates.c.on)):
        dated[row.guide_id].append(DatedShift(on=row.on, hours=[Span(*span) for span in row.hours], reason=row.reason))
    plain = ("id", "site_id", "name", "visits_a_day_max", "party_max", "buffer_minutes", "active_from", "active_until")
    return [
        GuideView(
            **{name: getattr(row, name) for name in plain},
            languages=list(row.languages),
            weekly=weekly[row.id],
            dated=dated[row.id],
            version=row.version,
        )
        for row in rows
    ]


def _orders(db: Connection, slot_ids: Sequence[UUID]) -> dict[UUID, list[GuidedOrder]]:
    found: dict[UUID, list[GuidedOrder]] = defaultdict(list)
    if not slot_ids:
        return found
    live = (
        select(orders, organisations.c.name.label("branch_name"))
        .outerjoin(organisations, organisations.c.id == orders.c.branch_id)
        .where(orders.c.slot_id.in_(slot_ids), orders.c.state.in_(("placed", "confirmed", "used")))
        .order_by(orders.c.placed_at, orders.c.id)
    )
    for row in db.execute(live):
        found[row.slot_id].append(
            GuidedOrder(
                id=row.id,
                branch_name=row.branch_name,
                party_size=row.party_size,
                contact_name=row.contact_name,
                contact_phone_masked=row.contact_phone_masked,
            )
        )
    return found
