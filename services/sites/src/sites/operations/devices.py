"""The door's devices (S8): enrolled for a site by its steward, revocable, with a credential of their own.

A device is no person: what it sends is believed for its site alone, and who was on shift is what its PIN said.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from chassis.actors import Actor
from chassis.refusals import NotFound, Refusal
from contracts.sites.devices import (
    DeviceDay,
    DeviceEnrolled,
    DeviceMade,
    DeviceView,
    EnrolDevice,
    MakeDevice,
    RemoveShiftPin,
    RevokeDevice,
    SetShiftPin,
    ShiftPinRemoved,
    ShiftPinSet,
    SyncDevice,
)
from sqlalchemy import Connection, Row, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from sites.domain.vouchers import VoucherUnknown, new_code, read_code
from sites.operations.check_ins import record_items
from sites.queries import devices as device_queries
from sites.queries.sites import kept_site
from sites.tables.devices import devices, shift_pins
from sites.tables.places import sites

CODE_LIVES: Final = timedelta(minutes=15)
PIN_ITERATIONS: Final = 200_000
"""PBKDF2 rounds; the device does the same to check a PIN with no network, and a slow phone takes a second."""

_SITE: Final = text("SELECT name, managing_path, ST_X(point) AS lon, ST_Y(point) AS lat FROM sites WHERE id = :site")


class DeviceUnknown(Refusal):
    """This device is not enrolled, or was revoked; ask the steward for a new enrolment code."""


class EnrolmentCodeUnknown(Refusal):
    """There is no such enrolment code, or it is older than 15 minutes; ask the steward for a new one."""


def make(db: Connection, *, asked: MakeDevice, actor: Actor, at: datetime) -> DeviceMade:
    """Prepare a device for the site. Raises NotFound, Forbidden."""
    site = kept_site(db, asked.site_id, actor=actor, action="enrol_device")
    made = DeviceMade(id=uuid4(), site_id=site.id, name=asked.name, code=new_code(), code_expires_at=at + CODE_LIVES)
    db.execute(
        insert(devices).values(
            id=made.id,
            site_id=site.id,
            name=asked.name,
            code_hash=_hash(made.code),
            code_expires_at=made.code_expires_at,
            made_at=at,
            made_by_id=actor.person_id,
            made_by=actor.name,
        )
    )
    return made


def enrol(db: Connection, *, asked: EnrolDevice, at: datetime) -> DeviceEnrolled:
    """Give the device its credential for the code, once. Raises EnrolmentCodeUnknown."""
    try:
        code = read_code(asked.code)
    except VoucherUnknown:
        raise EnrolmentCodeUnknown() from None
    credential = secrets.token_urlsafe(32)
    enrolled = db.execute(
        update(devices)
        .where(devices.c.code_hash == _hash(code), devices.c.code_expires_at > at, devices.c.revoked_at.is_(None))
        .values(code_hash=None, credential_hash=_hash(credential), enrolled_at=at)
        .returning(devices.c.id, devices.c.name, devices.c.site_id)
    ).one_or_none()
    if enrolled is None:
        raise EnrolmentCodeUnknown()
    name = db.execute(select(sites.c.name).where(sites.c.id == enrolled.site_id)).scalar_one()
    return DeviceEnrolled(enrolled.id, enrolled.name, enrolled.site_id, name, credential)


def revoke(db: Connection, *, asked: RevokeDevice, actor: Actor, at: datetime) -> DeviceView:
    """Believe the device no more; doing it again changes nothing. Raises NotFound."""
    device = db.execute(select(devices).where(devices.c.id == asked.device_id)).one_or_none()
    if device is None:
        raise NotFound()
    kept_site(db, device.site_id, actor=actor, action="revoke_device")
    db.execute(
        update(devices)
        .where(devices.c.id == device.id, devices.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=actor.name, code_hash=None)
    )
    return device_queries.device(db, device.id, at=at)


def set_pin(db: Connection, *, asked: SetShiftPin, actor: Actor, at: datetime) -> ShiftPinSet:
    """Choose the PIN with which the actor takes over the site's shared devices for 90 days.

    Raises NotFound, Forbidden.
    """
    site = kept_site(db, asked.site_id, actor=actor, action="set_shift_pin")
    salt = secrets.token_bytes(16)
    values = {
        "name": actor.name,
        "salt": salt,
        "verifier": hashlib.pbkdf2_hmac("sha256", asked.pin.encode(), salt, PIN_ITERATIONS),
        "set_at": at,
    }
    db.execute(
        insert_or_update(shift_pins)
        .values(site_id=site.id, person_id=actor.person_id, **values)
        .on_conflict_do_update(index_elements=["site_id", "person_id"], set_=values)
    )
    return ShiftPinSet(site.id, actor.person_id, actor.name)


def remove_pin(db: Connection, *, asked: RemoveShiftPin, actor: Actor) -> ShiftPinRemoved:
    """Take a person's PIN away; it is gone already: nothing happens. Raises NotFound, Forbidden."""
    site = kept_site(db, asked.site_id, actor=actor, action="remove_shift_pin")
    db.execute(delete(shift_pins).where(shift_pins.c.site_id == site.id, shift_pins.c.person_id == asked.person_id))
    return ShiftPinRemoved(site.id, asked.person_id)


def sync(db: Connection, *, asked: SyncDevice, at: datetime) -> DeviceDay:
    """Take what the device recorded, and tell it what it needs until its next sync. Raises DeviceUnknown."""
    device = _believed(db, asked.credential)
    site = db.execute(_SITE, {"site": device.site_id}).one()
    offset = at - asked.sent_at
    shifts = device_queries.shifts(db, device.site_id, at=at)
    answers = record_items(
        db,
        asked.items,
        paths=[site.managing_path],
        site_id=device.site_id,
        device=str(device.id),
        by={"by_id": str(device.made_by_id), "by_name": device.name},
        offset=offset,
        at=at,
        shifts={shift["person_id"]: shift["name"] for shift in shifts},
    )
    db.execute(
        update(devices).where(devices.c.id == device.id).values(last_sync_at=at, clock_offset_ms=_milliseconds(offset))
    )
    return DeviceDay(
        device_id=device.id,
        device_name=device.name,
        site_id=device.site_id,
        site_name=site.name,
        lon=site.lon,
        lat=site.lat,
        at=at,
        answers=answers,
        keys=device_queries.keys(db, at=at),
        orders=device_queries.orders_of_the_door(db, device.site_id, at=at),
        shifts=shifts,
    )


def _believed(db: Connection, credential: str) -> Row[Any]:
    found: Row[Any] | None = db.execute(
        select(devices).where(devices.c.credential_hash == _hash(credential), devices.c.revoked_at.is_(None))
    ).one_or_none()
    if found is None:
        raise DeviceUnknown()
    return found


def _hash(secret: str) -> bytes:
    # 160 and more random bits, or a code that lives a quarter of an hour: no salt is needed.
    return hashlib.sha256(secret.encode()).digest()


def _milliseconds(offset: timedelta) -> int:
    return int(offset / timedelta(milliseconds=1))
