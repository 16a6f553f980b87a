"""Devices as their steward lists them, and what a device keeps to work with no network."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.cursors import key_in, page_of
from contracts.envelope import Page, plain
from contracts.sites.devices import DevicesAsked, DeviceView, DoorSitesAsked, ShiftPinsAsked, ShiftPinView
from contracts.sites.places import SiteRef
from contracts.sites.vouchers import VoucherKeysAsked
from sqlalchemy import Connection, Row, select, text, tuple_

from sites.domain.days import day_of
from sites.queries import voucher_keys
from sites.queries.scopes import visible_to
from sites.queries.sites import kept_site
from sites.tables.devices import devices as devices_table
from sites.tables.devices import shift_pins

AT_THE_DOOR_MAX: Final = 2000
PIN_LIVES: Final = timedelta(days=90)
"""After that a PIN is set anew, which takes the right to; whoever lost it is forgotten by the devices."""

# Only what the door needs: no telephone number, and no contact's name either.
_ORDERS: Final = text(
    "SELECT o.id, o.voucher AS code, o.voucher_revision AS revision, o.state, o.party_size, o.seats, o.checked_in,"
    "       o.starts_at, o.ends_at, p.name AS programme, coalesce(b.name, o.group_name) AS branch_name, o.needs,"
    "       c.happened_at AS used_at, coalesce(d.name, c.by_name) AS used_by"
    "  FROM orders o JOIN programmes p ON p.id = o.programme_id"
    "  LEFT JOIN organisations b ON b.id = o.branch_id"
    "  LEFT JOIN check_ins c ON c.order_id = o.id AND c.state = 'valid' AND NOT c.is_more"
    "  LEFT JOIN devices d ON d.site_id = c.site_id AND d.id::text = c.device_id"
    " WHERE o.site_id = :site AND o.visit_on BETWEEN :first AND :last"
    "   AND o.state IN ('confirmed', 'used', 'cancelled', 'no_show') AND o.voucher IS NOT NULL"
    " ORDER BY o.starts_at, o.id LIMIT :most"
)


def door_sites(db: Connection, asked: DoorSitesAsked, *, actor: Actor) -> Page:
    """Return the sites whose door the actor keeps, by name. Raises Forbidden."""
    kept, given = visible_to(actor, "check_in", site="managing_path")
    after = ""
    if asked.cursor:
        after = " AND (name, id) > (:name, :id)"
        given["name"], given["id"] = key_in(asked.cursor, str, UUID)
    wanted = f"SELECT id, name FROM sites WHERE {kept}{after} ORDER BY name, id LIMIT :most"  # noqa: S608
    rows = db.execute(text(wanted), {**given, "most": asked.limit + 1}).all()
    return page_of(
        rows, limit=asked.limit, view=lambda row: SiteRef(row.id, row.name), key=lambda row: (row.name, row.id)
    )


def devices(db: Connection, asked: DevicesAsked, *, actor: Actor, at: datetime) -> Page:
    """Return the site's devices, the newest first. Raises NotFound, Forbidden."""
    kept_site(db, asked.site_id, actor=actor, action="read_devices")
    wanted = select(devices_table).where(devices_table.c.site_id == asked.site_id)
    key = (devices_table.c.made_at, devices_table.c.id)
    if asked.cursor:
        wanted = wanted.where(tuple_(*key) < key_in(asked.cursor, datetime.fromisoformat, UUID))
    rows = db.execute(wanted.order_by(*(column.desc() for column in key)).limit(asked.limit + 1)).all()
    return page_of(rows, limit=asked.limit, view=lambda row: _view(row, at=at), key=lambda row: (row.made_at, row.id))


def device(db: Connection, device_id: UUID, *, at: datetime) -> DeviceView:
    """Return one device."""
    return _view(db.execute(select(devices_table).where(devices_table.c.id == device_id)).one(), at=at)


def pins(db: Connection, asked: ShiftPinsAsked, *, actor: Actor, at: datetime) -> Page:
    """Return who has a PIN at the site that has not lapsed, by name. Raises NotFound, Forbidden."""
    kept_site(db, asked.site_id, actor=actor, action="read_shift_pins")
    rows = _living_pins(db, asked.site_id, at=at)
    return Page(
        items=[ShiftPinView(row.person_id, row.name, row.set_at, row.set_at + PIN_LIVES) for row in rows], next=None
    )


def shifts(db: Connection, site_id: UUID, *, at: datetime) -> list[dict[str, Any]]:
    """Return who may take over the site's devices and until when, with what checks their PIN."""
    return [
        {
            "person_id": str(row.person_id),
            "name": row.name,
            "salt": base64.b64encode(bytes(row.salt)).decode(),
            "verifier": base64.b64encode(bytes(row.verifier)).decode(),
            "lapses_at": (row.set_at + PIN_LIVES).isoformat(),
        }
        for row in _living_pins(db, site_id, at=at)
    ]


def keys(db: Connection, *, at: datetime) -> list[dict[str, Any]]:
    """Return the keys of vouchers as the device keeps them."""
    return [dict(plain(key)) for key in voucher_keys.keys(db, VoucherKeysAsked(), at=at).items]


def orders_of_the_door(db: Connection, site_id: UUID, *, at: datetime) -> list[dict[str, Any]]:
    """Return the orders of today and tomorrow that somebody may come with, cancelled ones too."""
    given = {
        "site": site_id,
        "first": day_of(at),
        "last": day_of(at) + timedelta(days=1),
        "most": AT_THE_DOOR_MAX,
    }
    return [dict(plain(dict(row))) for row in db.execute(_ORDERS, given).mappings()]


def _living_pins(db: Connection, site_id: UUID, *, at: datetime) -> Sequence[Row[Any]]:
    living = (shift_pins.c.site_id == site_id) & (shift_pins.c.set_at > at - PIN_LIVES)
    return db.execute(select(shift_pins).where(living).order_by(shift_pins.c.name, shift_pins.c.person_id)).all()


def _view(row: Row[Any], *, at: datetime) -> DeviceView:
    state = "enrolled" if row.enrolled_at else "waiting"
    if row.revoked_at or (state == "waiting" and row.code_expires_at <= at):
        state = "revoked"
    return DeviceView(
        id=row.id,
        site_id=row.site_id,
        name=row.name,
        state=state,
        made_at=row.made_at,
        made_by=row.made_by,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        last_sync_at=row.last_sync_at,
        clock_offset_ms=row.clock_offset_ms,
    )
