"""At the door's devices: enrolled for a site, revocable, and what they need and send to work with no network."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line

CREDENTIAL = fields.String(required=True, validate=validate.Length(1, 200))


@dataclass(frozen=True)
class DoorSitesAsked:
    """The sites whose door the asker keeps, by name."""

    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class MakeDevice:
    """Prepare a device for a site; its enrolment code is shown once and good for 15 minutes."""

    site_id: UUID
    name: Line


@dataclass(frozen=True)
class DeviceMade:
    """The code to type on the device."""

    id: UUID
    site_id: UUID
    name: str
    code: str
    code_expires_at: Instant


@dataclass(frozen=True)
class EnrolDevice:
    """Turn the enrolment code into the device's own credential."""

    code: Annotated[str, fields.String(required=True, validate=validate.Length(4, 40))]


@dataclass(frozen=True)
class DeviceEnrolled:
    """The credential that the device keeps and sends as `Authorization: Device …`; it is shown once."""

    id: UUID
    name: str
    site_id: UUID
    site_name: str
    credential: str


@dataclass(frozen=True)
class DevicesAsked:
    """A site's devices, the newest first."""

    site_id: UUID
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class DeviceView:
    """One device: waiting for its code to be typed, enrolled, or revoked. `clock_offset_ms`: our clock less its own."""

    id: UUID
    site_id: UUID
    name: str
    state: str
    made_at: Instant
    made_by: str
    enrolled_at: Instant | None
    revoked_at: Instant | None
    last_sync_at: Instant | None
    clock_offset_ms: int | None


@dataclass(frozen=True)
class RevokeDevice:
    """Believe a device no more."""

    device_id: UUID


@dataclass(frozen=True)
class SetShiftPin:
    """Choose the PIN with which one takes over a shared device of the site; it lapses 90 days later."""

    site_id: UUID
    pin: Annotated[
        str,
        fields.String(
            required=True, validate=validate.Regexp(r"^[0-9]{4,8}\Z", error="A PIN has four to eight digits.")
        ),
    ]


@dataclass(frozen=True)
class ShiftPinSet:
    """Who can take over the site's devices."""

    site_id: UUID
    person_id: UUID
    name: str


@dataclass(frozen=True)
class ShiftPinsAsked:
    """Who has a PIN at the site that has not lapsed, by name."""

    site_id: UUID


@dataclass(frozen=True)
class ShiftPinView:
    """Somebody who can take over the site's devices, until `lapses_at`."""

    person_id: UUID
    name: str
    set_at: Instant
    lapses_at: Instant


@dataclass(frozen=True)
class RemoveShiftPin:
    """Take a person's PIN at the site away; devices forget it at their next sync."""

    site_id: UUID
    person_id: UUID


@dataclass(frozen=True)
class ShiftPinRemoved:
    """Whose PIN the site's devices do not know any more."""

    site_id: UUID
    person_id: UUID


@dataclass(frozen=True)
class SyncDevice:
    """Send what a device recorded (`sent_at` by its own clock) and fetch what it needs for today and tomorrow."""

    sent_at: Instant
    credential: Annotated[str, CREDENTIAL]
    items: Annotated[
        list[dict[str, Any]],  # each a DoorCheckIn, judged for itself
        fields.List(fields.Dict(), load_default=list, validate=validate.Length(0, 500)),
    ]


@dataclass(frozen=True)
class DeviceDay:
    """What the door needs with no network: answers, keys, orders without telephone numbers, who may be on shift.

    `lon`, `lat` (degrees, WGS 84): where the site is, from which the device tells how far away it stood.
    """

    device_id: UUID
    device_name: str
    site_id: UUID
    site_name: str
    lon: float | None
    lat: float | None
    at: Instant
    answers: list[dict[str, Any]]
    keys: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
