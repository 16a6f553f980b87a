"""Waiting lists as their people see them: each entry with its position, and what became of it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.envelope import Page
from contracts.sites.places import SiteRef
from contracts.sites.slots import SlotRef
from contracts.sites.waiting import WaitingEntriesAsked, WaitingEntryView
from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from sites.domain.waiting import OFFERED, WAITING, state_at
from sites.queries.scopes import seen_by
from sites.tables.places import organisations, programmes, sites, slots
from sites.tables.waiting import waiting_entries

_OPEN: Final = (WAITING, OFFERED)
_before = waiting_entries.alias("before")
_ENTRIES: Final[Select[Any]] = (
    select(
        *waiting_entries.c,
        slots.c.starts_at,
        slots.c.ends_at,
        sites.c.name.label("site_name"),
        sites.c.managing_path,
        programmes.c.name.label("programme"),
        organisations.c.name.label("branch_name"),
        organisations.c.path.label("branch_path"),
        select(func.count())
        .select_from(_before)
        .where(
            _before.c.slot_id == waiting_entries.c.slot_id,
            _before.c.state.in_(_OPEN),
            _before.c.number <= waiting_entries.c.number,
        )
        .scalar_subquery()
        .label("position"),
    )
    .join(slots, slots.c.id == waiting_entries.c.slot_id)
    .join(sites, sites.c.id == waiting_entries.c.site_id)
    .join(programmes, programmes.c.id == slots.c.programme_id)
    .outerjoin(organisations, organisations.c.id == waiting_entries.c.branch_id)
)


def entries(db: Connection, asked: WaitingEntriesAsked, *, actor: Actor, at: datetime) -> Page:
    """Return the entries that the actor may see and asks for, the newest first."""
    table = waiting_entries.c
    wanted = _ENTRIES.where(
        seen_by(
            actor,
            "read_order",
            person=waiting_entries.c.person_id,
            branch=organisations.c.path,
            site=sites.c.managing_path,
        )
    )
    for column, value in (
        (table.branch_id, asked.branch_id),
        (table.site_id, asked.site_id),
        (table.slot_id, asked.slot_id),
        (table.person_id, actor.person_id if asked.mine else None),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    if asked.open:
        wanted = wanted.where(or_(table.state == WAITING, and_(table.state == OFFERED, table.offer_ends_at > at)))
    if asked.cursor:
        (number,) = key_in(asked.cursor, int)
        wanted = wanted.where(table.number < number)
    rows = db.execute(wanted.order_by(table.number.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, limit=asked.limit, view=lambda row: _view(row, at=at), key=lambda row: (row.number,))


def entry(db: Connection, entry_id: UUID, *, at: datetime) -> WaitingEntryView:
    """Return one entry to whoever has just moved it."""
    return _view(db.execute(_ENTRIES.where(waiting_entries.c.id == entry_id)).one(), at=at)


def entry_seen(db: Connection, entry_id: UUID, *, actor: Actor, at: datetime) -> WaitingEntryView:
    """Return one entry. Raises NotFound."""
    return _view(entry_for(db, entry_id, actor=actor), at=at)


def entry_for(db: Connection, entry_id: UUID, *, actor: Actor, action: str = "read_order") -> Row[Any]:
    """Return the entry when the actor may do `action` with it. Raises NotFound, Forbidden."""
    row = db.execute(_ENTRIES.where(waiting_entries.c.id == entry_id)).one_or_none()
    if row is None or not actor.may("read_order", **_subject(row)):
        raise NotFound()
    if action != "read_order":
        actor.must(action, **_subject(row))
    return row


def _subject(row: Row[Any]) -> dict[str, Any]:
    return {"branch": row.branch_path, "site": row.managing_path, "person": row.person_id}


def _view(row: Row[Any], *, at: datetime) -> WaitingEntryView:
    state = state_at(row.state, offer_ends_at=row.offer_ends_at, at=at)
    return WaitingEntryView(
        id=row.id,
        state=state,
        slot=SlotRef(row.slot_id, row.programme, row.starts_at, row.ends_at),
        site=SiteRef(row.site_id, row.site_name),
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        person_name=row.person_name,
        party_size=row.party_size,
        position=row.position if state in _OPEN else None,
        passed_over=row.passed_over,
        joined_at=row.joined_at,
        offer_ends_at=row.offer_ends_at,
        order_id=row.order_id,
    )
