"""Free seats: the slots of a site, one slot to be ordered (S5)."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.programmes import ProgrammeView
from contracts.sites.slots import SlotsAsked, SlotView
from sqlalchemy import Connection, Row, Select, func, select, tuple_

from sites.queries.sites import SHOWN
from sites.tables.places import programmes, sites
from sites.tables.places import slots as slots_table

in_round = func.allocation_round_of(
    slots_table.c.site_id, slots_table.c.programme_id, slots_table.c.visit_on
).table_valued("id", "title", "draw_at")
_SLOTS: Final[Select[Any]] = (
    select(
        *slots_table.c,
        sites.c.state,
        programmes.c.name,
        programmes.c.theme,
        programmes.c.minutes,
        programmes.c.kind,
        select(in_round.c.id).select_from(in_round).scalar_subquery().label("round_id"),
        programmes.c.seats.label("programme_seats"),
    )
    .join(sites, sites.c.id == slots_table.c.site_id)
    .join(programmes, programmes.c.id == slots_table.c.programme_id)
    .where(sites.c.state.in_(SHOWN))
)


def slots(db: Connection, asked: SlotsAsked, *, at: datetime) -> Page:
    """Return a site's slots in order of time, of the days asked for; without days, of this and the next six.

    Raises NotFound.
    """
    shown = select(sites.c.id).where(sites.c.id == asked.site_id, sites.c.state.in_(SHOWN))
    if db.execute(shown).first() is None:
        raise NotFound()
    table = slots_table.c
    from_day = asked.from_day or clock.today(at)
    to_day = asked.to_day or from_day + timedelta(days=6)
    of_site = table.site_id == asked.site_id, table.dropped_at.is_(None)
    wanted = _SLOTS.where(*of_site, table.visit_on.between(from_day, to_day))
    if asked.cursor:
        wanted = wanted.where(tuple_(table.starts_at, table.id) > key_in(asked.cursor, datetime.fromisoformat, UUID))
    rows = db.execute(wanted.order_by(table.starts_at, table.id).limit(asked.limit + 1)).all()
    return page_of(
        rows,
        limit=asked.limit,
        view=lambda row: _view(row, at=at),
        key=lambda row: (row.starts_at, row.id),
    )


def slot(db: Connection, slot_id: UUID, *, at: datetime) -> SlotView:
    """Return one slot. Raises NotFound."""
    row = db.execute(_SLOTS.where(slots_table.c.id == slot_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row, at=at)


def _view(row: Row[Any], *, at: datetime) -> SlotView:
    seats_left = row.seats - row.seats_taken
    is_open = row.state == "open" and row.closed_reason is None and row.bookable_until > at
    return SlotView(
        id=row.id,
        site_id=row.site_id,
        programme=ProgrammeView(
            row.programme_id, row.site_id, row.name, row.theme, row.minutes, row.programme_seats, row.kind
        ),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        seats=row.seats,
        seats_left=seats_left,
        confirmation=row.confirmation,
        bookable=is_open and seats_left > 0 and row.round_id is None,
        round_id=row.round_id,
        waitable=is_open and seats_left == 0 and row.round_id is None,
    )
