"""Devices at the door: enrolled once by a code, believed for their site alone, and not any more once revoked."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.actors import Actor, Forbidden
from chassis.refusals import NotFound
from contracts.envelope import dump
from contracts.sites.devices import (
    DevicesAsked,
    DoorSitesAsked,
    EnrolDevice,
    MakeDevice,
    RemoveShiftPin,
    RevokeDevice,
    SetShiftPin,
    ShiftPinsAsked,
    SyncDevice,
)
from contracts.sites.visits import CheckInsAsked
from sites.domain.visits import VoucherUsed
from sites.operations import devices, orders
from sites.operations.devices import CODE_LIVES, PIN_ITERATIONS, DeviceUnknown, EnrolmentCodeUnknown
from sites.queries import check_ins as check_in_queries
from sites.queries import devices as queries
from sites.queries.devices import PIN_LIVES
from sqlalchemy import Connection, Engine, text

from tests.articles import an_actor
from tests.races import at_once
from tests.sites.articles import (
    DISTRICT,
    NOON,
    Site,
    a_check_in,
    a_placed_order,
    a_site,
    a_slot,
    a_steward,
    come,
    the_order,
)


@pytest.fixture
def site(db: Connection) -> Site:
    return a_site(db)


@pytest.fixture
def steward(site: Site) -> Actor:
    return a_steward(site)


def enrolled(db: Connection, site: Site, steward: Actor, *, name: str = "东门平板") -> Any:
    made = devices.make(db, asked=MakeDevice(site.id, name), actor=steward, at=NOON)
    return devices.enrol(db, asked=EnrolDevice(made.code.lower()), at=NOON)


def place_of(db: Connection, site_id: UUID) -> tuple[float, float]:
    lon, lat = db.execute(text("SELECT ST_X(point), ST_Y(point) FROM sites WHERE id = :id"), {"id": site_id}).one()
    return lon, lat


def sync(db: Connection, credential: str, *items: dict[str, Any], at: Any = NOON, sent_at: Any = None) -> Any:
    return devices.sync(db, asked=SyncDevice(sent_at=sent_at or at, credential=credential, items=list(items)), at=at)


class TestEnrolment:
    def test_a_code_is_good_once(self, db: Connection, site: Site, steward: Actor) -> None:
        made = devices.make(db, asked=MakeDevice(site.id, "东门平板"), actor=steward, at=NOON)
        device = devices.enrol(db, asked=EnrolDevice(made.code), at=NOON)
        assert (device.id, device.site_name) == (made.id, site.name)
        with pytest.raises(EnrolmentCodeUnknown):
            devices.enrol(db, asked=EnrolDevice(made.code), at=NOON)

    @pytest.mark.parametrize("code", ["AAAA-AAAA", "x", "登记码登记码"])
    def test_what_is_no_code_is_unknown(self, db: Connection, code: str) -> None:
        with pytest.raises(EnrolmentCodeUnknown):
            devices.enrol(db, asked=EnrolDevice(code), at=NOON)

    def test_a_code_lives_a_quarter_of_an_hour(self, db: Connection, site: Site, steward: Actor) -> None:
        made = devices.make(db, asked=MakeDevice(site.id, "东门平板"), actor=steward, at=NOON)
        with pytest.raises(EnrolmentCodeUnknown):
            devices.enrol(db, asked=EnrolDevice(made.code), at=NOON + CODE_LIVES)
        (listed,) = queries.devices(db, DevicesAsked(site.id), actor=steward, at=NOON + CODE_LIVES).items
        assert listed.state == "revoked"

    def test_neither_code_nor_credential_stands_in_the_table(self, db: Connection, site: Site, steward: Actor) -> None:
        device = enrolled(db, site, steward)
        row = str(db.execute(text("SELECT devices::text FROM devices")).scalar_one())
        assert device.credential not in row
        assert hashlib.sha256(device.credential.encode()).hexdigest() in row

    def test_two_that_type_the_code_at_once_are_one_device(self, database: Engine) -> None:
        with database.begin() as db:
            site = a_site(db)
            made = devices.make(db, asked=MakeDevice(site.id, "东门"), actor=a_steward(site), at=NOON)

        def enrol() -> Any:
            with database.begin() as db:
                return devices.enrol(db, asked=EnrolDevice(made.code), at=NOON)

        results = at_once([enrol] * 6)
        assert sorted(str(result) for result in results if isinstance(result, str)) == ["enrolment-code-unknown"] * 5

    def test_is_for_the_sites_steward(self, db: Connection, site: Site) -> None:
        with pytest.raises(Forbidden):
            devices.make(db, asked=MakeDevice(site.id, "x"), actor=a_steward(a_site(db)), at=NOON)
        with pytest.raises(NotFound):
            devices.make(db, asked=MakeDevice(uuid4(), "x"), actor=a_steward(site), at=NOON)


class TestSync:
    def test_brings_what_the_door_needs_and_no_telephone_number(
        self, db: Connection, site: Site, steward: Actor
    ) -> None:
        slot = a_slot(db, site=site, starts_at=NOON + timedelta(hours=2))
        order_id, secretary = a_placed_order(db, slot=slot)
        cancelled, by = a_placed_order(db, slot=slot)
        orders.cancel(db, order_id=cancelled, reason="下雨", actor=by, at=NOON)
        a_placed_order(db, slot=a_slot(db, site=site, starts_at=NOON + timedelta(days=3)))
        a_placed_order(db, slot=a_slot(db, starts_at=NOON + timedelta(hours=2)))
        devices.set_pin(db, asked=SetShiftPin(site.id, "246810"), actor=steward, at=NOON)
        device = enrolled(db, site, steward)
        day = sync(db, device.credential)
        assert {each["id"]: each["state"] for each in day.orders} == {
            str(order_id): "confirmed",
            str(cancelled): "cancelled",
        }
        assert [shift["name"] for shift in day.shifts] == ["王管理员"]
        said = json.loads(dump(day))
        assert "1385331" not in str(said)
        assert "138****" not in str(said)
        assert secretary.name not in str(said)
        assert (said["lon"], said["lat"]) == place_of(db, site.id)
        assert said["orders"][0]["starts_at"].startswith("2026-11-10T06:00")

    def test_records_under_the_name_of_who_was_on_shift(self, db: Connection, site: Site, steward: Actor) -> None:
        slot = a_slot(db, site=site, starts_at=NOON)
        order_id, _ = a_placed_order(db, slot=slot, at=NOON - timedelta(days=1))
        voucher = the_order(db, order_id).voucher
        devices.set_pin(db, asked=SetShiftPin(site.id, "246810"), actor=steward, at=NOON)
        device = enrolled(db, site, steward)
        item = {"voucher": voucher, "check_in_id": str(uuid4()), "count": 20, "happened_at": NOON.isoformat()}
        day = sync(db, device.credential, {**item, "by_id": str(steward.person_id)}, at=NOON + timedelta(minutes=1))
        assert day.answers[0]["state"] == "valid"
        assert [order["used_by"] for order in day.orders] == ["东门平板"]
        kept = db.execute(text("SELECT by_name, device_id FROM check_ins")).one()
        assert (kept.by_name, kept.device_id) == ("王管理员", str(device.id))

    def test_nobody_signs_as_somebody_without_a_pin_there(self, db: Connection, site: Site, steward: Actor) -> None:
        slot = a_slot(db, site=site, starts_at=NOON)
        order_id, _ = a_placed_order(db, slot=slot, at=NOON - timedelta(days=1))
        device = enrolled(db, site, steward)
        item = {
            "voucher": the_order(db, order_id).voucher,
            "check_in_id": str(uuid4()),
            "count": 20,
            "happened_at": NOON.isoformat(),
            "by_id": str(uuid4()),
        }
        sync(db, device.credential, item)
        assert db.execute(text("SELECT by_name FROM check_ins")).scalar_one() == "东门平板"

    def test_notes_when_it_was_and_how_wrong_the_devices_clock_is(
        self, db: Connection, site: Site, steward: Actor
    ) -> None:
        device = enrolled(db, site, steward)
        sync(db, device.credential, at=NOON, sent_at=NOON - timedelta(minutes=3))
        (listed,) = queries.devices(db, DevicesAsked(site.id), actor=steward, at=NOON).items
        assert (listed.last_sync_at, listed.clock_offset_ms, listed.state) == (NOON, 180_000, "enrolled")

    def test_reads_by_index_however_many_orders_and_devices_there_are(
        self, db: Connection, site: Site, steward: Actor
    ) -> None:
        slot = a_slot(db, site=site, starts_at=NOON)
        order_id, _ = a_placed_order(db, slot=slot, at=NOON - timedelta(days=1))
        item = {"voucher": the_order(db, order_id).voucher, "check_in_id": str(uuid4()), "count": 20}
        device = enrolled(db, site, steward)
        db.execute(text("SET LOCAL enable_seqscan = off"))  # what can be read by an index is
        db.execute(text("DISCARD PLANS"))  # those of the functions too, which earlier tests may have called
        scanned = text(
            "SELECT relname, seq_scan FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('orders', 'devices', 'check_ins') ORDER BY relname"
        )
        before = db.execute(scanned).all()
        sync(db, device.credential, {**item, "happened_at": NOON.isoformat()})
        check_in_queries.check_ins(db, CheckInsAsked(site_id=site.id), actor=steward)
        assert db.execute(scanned).all() == before

    def test_another_sites_device_lends_nobody_its_name(self, db: Connection, site: Site, steward: Actor) -> None:
        other = a_site(db)
        theirs = enrolled(db, other, a_steward(other), name="别处的平板")
        slot = a_slot(db, site=site, starts_at=NOON)
        order_id, _ = a_placed_order(db, slot=slot, at=NOON - timedelta(days=1))
        voucher = the_order(db, order_id).voucher
        come(db, a_check_in(voucher, device_id=str(theirs.id)), actor=steward, at=NOON)
        (record,) = check_in_queries.check_ins(db, CheckInsAsked(site_id=site.id), actor=steward).items
        assert record.device == str(theirs.id)
        with pytest.raises(VoucherUsed, match="王管理员"):
            come(db, a_check_in(voucher), actor=steward, at=NOON)

    def test_of_a_revoked_device_or_a_stranger_is_refused(self, db: Connection, site: Site, steward: Actor) -> None:
        device = enrolled(db, site, steward)
        assert devices.revoke(db, asked=RevokeDevice(device.id), actor=steward, at=NOON).state == "revoked"
        for credential in (device.credential, "none"):
            with pytest.raises(DeviceUnknown):
                sync(db, credential)
        with pytest.raises(Forbidden):
            devices.revoke(db, asked=RevokeDevice(device.id), actor=a_steward(a_site(db)), at=NOON)


class TestShift:
    def test_a_pin_is_kept_as_what_checks_it(self, db: Connection, site: Site, steward: Actor) -> None:
        for pin in ("1234", "246810"):  # a new one replaces the old
            devices.set_pin(db, asked=SetShiftPin(site.id, pin), actor=steward, at=NOON)
        (shift,) = queries.shifts(db, site.id, at=NOON)
        made = hashlib.pbkdf2_hmac("sha256", b"246810", base64.b64decode(shift["salt"]), PIN_ITERATIONS)
        assert base64.b64decode(shift["verifier"]) == made

    def test_a_former_stewards_pin_is_seen_and_removed_and_devices_forget_it(
        self, db: Connection, site: Site, steward: Actor
    ) -> None:
        device = enrolled(db, site, steward)
        devices.set_pin(db, asked=SetShiftPin(site.id, "1234"), actor=steward, at=NOON)
        officer = an_actor(("officer", DISTRICT))
        for who in (a_steward(site), officer):
            (pin,) = queries.pins(db, ShiftPinsAsked(site.id), actor=who, at=NOON).items
            assert (pin.person_id, pin.name, pin.lapses_at) == (steward.person_id, "王管理员", NOON + PIN_LIVES)
        gone = RemoveShiftPin(site.id, steward.person_id)
        with pytest.raises(Forbidden):
            devices.remove_pin(db, asked=gone, actor=a_steward(a_site(db)))
        for who in (officer, a_steward(site)):  # again: nothing more happens
            devices.remove_pin(db, asked=gone, actor=who)
        assert sync(db, device.credential).shifts == []
        assert queries.pins(db, ShiftPinsAsked(site.id), actor=officer, at=NOON).items == []

    def test_a_pin_lapses_after_90_days(self, db: Connection, site: Site, steward: Actor) -> None:
        device = enrolled(db, site, steward)
        devices.set_pin(db, asked=SetShiftPin(site.id, "1234"), actor=steward, at=NOON)
        (shift,) = sync(db, device.credential, at=NOON + PIN_LIVES - timedelta(seconds=1)).shifts
        assert datetime.fromisoformat(shift["lapses_at"]) == NOON + timedelta(days=90)
        assert sync(db, device.credential, at=NOON + PIN_LIVES).shifts == []
        assert queries.pins(db, ShiftPinsAsked(site.id), actor=steward, at=NOON + PIN_LIVES).items == []

    def test_is_for_the_sites_steward(self, db: Connection, site: Site) -> None:
        with pytest.raises(Forbidden):
            queries.pins(db, ShiftPinsAsked(site.id), actor=an_actor(("member", DISTRICT)), at=NOON)
        with pytest.raises(Forbidden):
            devices.set_pin(db, asked=SetShiftPin(site.id, "1234"), actor=an_actor(("member", DISTRICT)), at=NOON)


def test_a_steward_is_told_which_sites_they_keep(db: Connection, site: Site, steward: Actor) -> None:
    a_site(db)
    assert [each.id for each in queries.door_sites(db, DoorSitesAsked(), actor=steward).items] == [site.id]
    both = an_actor(("steward", DISTRICT))
    first = queries.door_sites(db, DoorSitesAsked(limit=1), actor=both)
    rest = queries.door_sites(db, DoorSitesAsked(cursor=first.next), actor=both)
    assert len(first.items + rest.items) >= 2
    with pytest.raises(Forbidden):
        queries.door_sites(db, DoorSitesAsked(), actor=an_actor(("member", DISTRICT)))
