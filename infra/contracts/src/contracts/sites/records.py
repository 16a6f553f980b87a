"""A site's record as its keepers write it (S1), its history, and what of it is released to who comes."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, one_of, optional_text
from contracts.sites.pictures import PictureView
from contracts.sites.places import (
    CATEGORIES,
    DATUMS,
    FACILITIES,
    SITE_KINDS,
    SITE_STATES,
    PointOrigin,
    _LonLat,
)

CAPACITY_MAX = 100_000
MINUTES_MAX = 1440


def _optional_line(longest: int = 200) -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, longest))


def _number(lowest: int, highest: int) -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(lowest, highest))


@dataclass(frozen=True)
class EditSite:
    """Write a site's record anew: what is left out is emptied.

    `category`, `kind` and `managing_organisation_id` stay as they are when left out; changing them takes an officer. A
    stored telephone number stays while there is a contact and no new number. `point` and `entrance` are in
    `point_datum`, longitude first.
    """

    site_id: UUID
    version: Annotated[int, _number(1, 2**53)]
    reason: Line
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    capacity: Annotated[int, _number(1, CAPACITY_MAX)]
    visit_minutes: Annotated[int, _number(5, MINUTES_MAX)]
    point: Annotated[list[float], _LonLat(required=True)]
    point_datum: Annotated[str, fields.String(required=True, validate=validate.OneOf(DATUMS))]
    point_source: Line
    point_accuracy_m: Annotated[
        int | None,
        fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 100_000)),
    ] = None
    point_checked_on: date | None = None
    entrance: Annotated[list[float] | None, _LonLat(load_default=None, allow_none=True)] = None
    category: Annotated[str | None, one_of(CATEGORIES)] = None
    kind: Annotated[str | None, one_of(SITE_KINDS)] = None
    managing_organisation_id: UUID | None = None
    town: Annotated[str | None, _optional_line(100)] = None
    address: Annotated[str | None, _optional_line()] = None
    hours_text: Annotated[str | None, _optional_line()] = None
    facilities: Annotated[
        list[str],
        fields.List(
            fields.String(validate=validate.OneOf(FACILITIES)),
            load_default=list,
            validate=validate.Length(0, len(FACILITIES)),
        ),
    ] = field(default_factory=list)
    facilities_text: Annotated[str | None, optional_text()] = None
    accessibility_text: Annotated[str | None, optional_text()] = None
    contact_name: Annotated[str | None, _optional_line(50)] = None
    contact_phone: Annotated[
        str | None,
        fields.String(
            load_default=None,
            allow_none=True,
            validate=validate.Regexp(r"^\+?[0-9][0-9 \-]{5,18}[0-9]\Z", error="Not a valid telephone number."),
        ),
    ] = None
    arrival_text: Annotated[str | None, optional_text()] = None
    parking_text: Annotated[str | None, optional_text()] = None
    bring_text: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class SiteRecordAsked:
    """A site's whole record, in any state, as its keepers see it."""

    site_id: UUID


@dataclass(frozen=True)
class SiteRecordView:
    """A site's whole record; the contact's number is masked."""

    id: UUID
    code: str
    name: str
    category: str
    kind: str
    district: str
    town: str | None
    address: str | None
    point: dict[str, Any]
    entrance: dict[str, Any] | None
    point_origin: PointOrigin
    capacity: int
    visit_minutes: int
    hours_text: str | None
    facilities: list[str]
    facilities_text: str | None
    accessibility_text: str | None
    contact_name: str | None
    contact_phone_masked: str | None
    arrival_text: str | None
    parking_text: str | None
    bring_text: str | None
    state: str
    synthetic: bool
    managing_organisation_id: UUID
    managing_organisation: str
    managing_path: str
    version: int
    star: int | None = None
    grade: str | None = None
    state_reason: str | None = None
    state_since: date | None = None
    pictures: list[PictureView] = field(default_factory=list)


@dataclass(frozen=True)
class KeptSitesAsked:
    """The sites that the asker keeps or oversees, in every state."""

    state: Annotated[str | None, one_of(SITE_STATES)] = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class KeptSiteView:
    """A site in the list of its keepers."""

    id: UUID
    code: str
    name: str
    category: str
    kind: str
    district: str
    town: str | None
    state: str
    managing_organisation: str
    synthetic: bool


@dataclass(frozen=True)
class SiteHistoryAsked:
    """What was changed of a site, newest first."""

    site_id: UUID
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class SiteChangeView:
    """One change: `move` says which, `changes` gives each changed field's value before and after."""

    id: int
    move: str
    state: str
    at: Instant
    by: str
    reason: str | None
    changes: dict[str, Any] | None


@dataclass(frozen=True)
class ArrivalAsked:
    """What somebody with a confirmed order needs to arrive."""

    order_id: UUID


@dataclass(frozen=True)
class ArrivalView:
    """Whom to call, where to go in, where the coach stands, what to bring."""

    order_id: UUID
    site_id: UUID
    contact_name: str | None
    contact_phone: str | None
    arrival_text: str | None
    parking_text: str | None
    bring_text: str | None
    entrance: dict[str, Any] | None
