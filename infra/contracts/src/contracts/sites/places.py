"""The catalogue: sites on the map, in the list, one by one.

Points are WGS-84, longitude first."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from contracts.envelope import Limit, one_of
from contracts.sites.pictures import PictureView

CATEGORIES = ("rural", "urban", "new_economy_and_social", "comprehensive")


SITE_KINDS = (
    "education_base",
    "demonstration_site",
    "party_school_teaching_point",
    "service_centre",
    "check_up_centre",
    "training_base",
)


SITE_STATES = ("proposed", "open", "suspended", "withdrawn")

DATUMS = ("WGS-84", "GCJ-02", "BD-09", "CGCS2000")

FACILITIES = (
    "car_parking",
    "coach_parking",
    "toilet",
    "accessible_toilet",
    "step_free",
    "lift",
    "wheelchair_loan",
    "drinking_water",
    "canteen",
    "meeting_room",
    "projector",
    "oath_hall",
    "guide",
    "audio_guide",
    "wifi",
    "rest_area",
    "nursing_room",
    "first_aid",
)


class Bbox(fields.Field[list[float]]):
    """Four numbers west,south,east,north in degrees, as OGC API – Features writes them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[float]:
        return numbers(value, low=(-180, -90, -180, -90), high=(180, 90, 180, 90))


class _LonLat(fields.Field[list[float]]):
    """A point lon,lat in degrees."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[float]:
        return numbers(value, low=(-180, -90), high=(180, 90))


def numbers(value: Any, *, low: tuple[float, ...], high: tuple[float, ...]) -> list[float]:
    """Read as many numbers as `low` has, comma-separated or a list; raises ValidationError."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != len(low):
        raise ValidationError(f"Write {len(low)} numbers, separated by commas.")
    try:
        found = [float(part) for part in parts]
    except (TypeError, ValueError) as error:
        raise ValidationError("Not a valid number.") from error
    if not all(a <= number <= b for a, number, b in zip(low, found, high, strict=True)):
        raise ValidationError("A coordinate is out of range; write longitude first, in degrees.")
    if len(found) == 4 and found[1] > found[3]:
        raise ValidationError("The box's south lies above its north.")
    return found


@dataclass(frozen=True)
class SitesAsked:
    """The map and the list: open sites, filtered; answered as a GeoJSON FeatureCollection.

    `within_km` counts from `near`, and means nothing without it.
    """

    bbox: Annotated[list[float] | None, Bbox(load_default=None, allow_none=True)] = None
    category: Annotated[str | None, one_of(CATEGORIES)] = None
    kind: Annotated[str | None, one_of(SITE_KINDS)] = None
    town: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))] = (
        None
    )
    on: date | None = None
    seats: Annotated[int, fields.Integer(load_default=1, validate=validate.Range(1, 500))] = 1
    near: Annotated[list[float] | None, _LonLat(load_default=None, allow_none=True)] = None
    within_km: Annotated[
        int | None, fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 500))
    ] = None
    q: Annotated[str, fields.String(load_default="", validate=validate.Length(0, 100))] = ""
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class SiteAsked:
    """One site; also asks for its programmes or its navigation links."""

    site_id: UUID


@dataclass(frozen=True)
class PointOrigin:
    """Where a site's point comes from: the datum it was given in, its source, how exact, who looked when."""

    datum: str
    source: str
    accuracy_m: int | None = None
    checked_on: date | None = None
    checked_by: str | None = None


@dataclass(frozen=True)
class SiteView:
    """One site. `point` and `entrance` are GeoJSON, WGS-84."""

    id: UUID
    code: str
    name: str
    category: str
    kind: str
    district: str
    town: str | None
    address: str | None
    point: dict[str, Any]
    capacity: int
    visit_minutes: int
    hours_text: str | None
    state: str
    synthetic: bool
    managing_organisation: str
    managing_path: str
    version: int
    facilities: list[str] = field(default_factory=list)
    facilities_text: str | None = None
    accessibility_text: str | None = None
    entrance: dict[str, Any] | None = None
    point_origin: PointOrigin | None = None
    star: int | None = None
    grade: str | None = None
    state_reason: str | None = None
    state_since: date | None = None
    pictures: list[PictureView] = field(default_factory=list)


@dataclass(frozen=True)
class NavigationView:
    """Links that open a map programme at the site, each in that map's own datum."""

    amap: str
    baidu: str
    tencent: str
    geo: str


@dataclass(frozen=True)
class SiteRef:
    """A site, in another view."""

    id: UUID
    name: str
