"""The devices at a site's door. A device is no person: it proves itself by `Authorization: Device …`."""

from contracts.sites.devices import (
    DeviceDay,
    DeviceEnrolled,
    DeviceMade,
    DevicesAsked,
    DeviceView,
    DoorSitesAsked,
    EnrolDevice,
    MakeDevice,
    RemoveShiftPin,
    RevokeDevice,
    SetShiftPin,
    ShiftPinRemoved,
    ShiftPinsAsked,
    ShiftPinSet,
    ShiftPinView,
    SyncDevice,
)
from contracts.sites.places import SiteRef
from flask import Response, request

from gateway.clients import sites
from gateway.nouns import Declared, Many, Noun, body_fields, never_stored

devices = Noun("devices")

devices.read("/door-sites", sites.visits.door_sites, needs=("check_in",), takes=DoorSitesAsked, answers=Many(SiteRef))
devices.read(
    "/devices",
    sites.visits.devices,
    needs=("read_devices",),
    takes=DevicesAsked,
    answers=Many(DeviceView),
    refusals=("not-found",),
)
devices.act(
    "/devices",
    sites.visits.enrol_device,
    needs=("enrol_device",),
    takes=MakeDevice,
    answers=DeviceMade,
    status=201,
    refusals=("not-found", "shown-once"),
)
devices.act(
    "/devices/<uuid:device_id>/revocation",
    sites.visits.revoke_device,
    needs=("revoke_device",),
    takes=RevokeDevice,
    answers=DeviceView,
    refusals=("not-found",),
)
devices.read(
    "/shift-pins",
    sites.visits.shift_pins,
    needs=("read_shift_pins",),
    takes=ShiftPinsAsked,
    answers=Many(ShiftPinView),
    refusals=("not-found",),
)
devices.act(
    "/shift-pins/<uuid:person_id>/removal",
    sites.visits.remove_shift_pin,
    needs=("remove_shift_pin",),
    takes=RemoveShiftPin,
    answers=ShiftPinRemoved,
    refusals=("not-found",),
)
devices.act(
    "/shift-pins",
    sites.visits.set_shift_pin,
    needs=("set_shift_pin",),
    takes=SetShiftPin,
    answers=ShiftPinSet,
    refusals=("not-found",),
)


def enrol() -> Response:
    """Turn an enrolment code into the device's credential."""
    return never_stored(sites.visits.use_enrolment_code(body_fields()), status=201)


def sync() -> Response:
    """Take what the device recorded; return the answers, the keys and the orders of today and tomorrow."""
    kind, _, credential = request.headers.get("Authorization", "").partition(" ")
    proof = credential.strip() if kind.lower() == "device" else ""
    return never_stored(sites.visits.sync_device({**body_fields(), "credential": proof or "none"}))


devices.own(
    "/device-enrolments",
    "POST",
    enrol,
    Declared(
        summary="Turn an enrolment code into a device's credential; the answer is never stored",
        needs=frozenset(),
        takes=EnrolDevice,
        answers=DeviceEnrolled,
        status=201,
        refusals=("enrolment-code-unknown",),
    ),
)
devices.own(
    "/device-syncs",
    "POST",
    sync,
    Declared(
        summary="Take what a device recorded and return what it needs with no network; by its credential",
        needs=frozenset(),
        takes=SyncDevice,
        answers=DeviceDay,
        refusals=("device-unknown",),
    ),
)
