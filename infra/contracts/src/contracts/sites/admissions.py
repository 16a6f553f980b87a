"""Admission of a site (S14): an organisation applies, somebody looks at the place, an officer decides."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, Limit, Line, Text, one_of, optional_text
from contracts.sites.places import CATEGORIES, DATUMS, SITE_KINDS, _LonLat

ADMISSION_STATES = ("applied", "checked", "approved", "refused", "retracted")


@dataclass(frozen=True)
class ApplyForAdmission:
    """Apply for an organisation to open a place of its own as a site; `point` is in `point_datum`, longitude first."""

    organisation_id: UUID
    name: Annotated[str, fields.String(required=True, validate=validate.Length(1, 100))]
    category: Annotated[str, fields.String(required=True, validate=validate.OneOf(CATEGORIES))]
    kind: Annotated[str, fields.String(required=True, validate=validate.OneOf(SITE_KINDS))]
    address: Line
    point: Annotated[list[float], _LonLat(required=True)]
    point_datum: Annotated[str, fields.String(required=True, validate=validate.OneOf(DATUMS))]
    capacity: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))]
    visit_minutes: Annotated[int, fields.Integer(required=True, strict=True, validate=validate.Range(5, 1440))]
    statement: Text
    district: Annotated[str, fields.String(required=True, validate=validate.Length(1, 50))]
    town: Annotated[str | None, fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))] = (
        None
    )


@dataclass(frozen=True)
class CheckAdmission:
    """Record the field check: yes or no to each item of the list in force, and what was seen."""

    admission_id: UUID
    answers: Annotated[
        dict[str, bool],
        fields.Dict(
            keys=fields.String(validate=validate.Length(1, 50)),
            values=fields.Boolean(),
            required=True,
            validate=validate.Length(1, 50),
        ),
    ]
    note: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class DecideAdmission:
    """Approve an application, open the site at once or propose it; or refuse it. Says why."""

    admission_id: UUID
    decision: Annotated[str, fields.String(required=True, validate=validate.OneOf(("open", "propose", "refuse")))]
    reason: Line


@dataclass(frozen=True)
class RetractAdmission:
    """Take one's application back, saying why."""

    admission_id: UUID
    reason: Line


@dataclass(frozen=True)
class AdmissionAsked:
    """One application."""

    admission_id: UUID


@dataclass(frozen=True)
class AdmissionsAsked:
    """The applications that the asker may see, newest first."""

    state: Annotated[str | None, one_of(ADMISSION_STATES)] = None
    limit: Limit = 50
    cursor: str | None = None


@dataclass(frozen=True)
class AdmissionView:
    """An application with its way so far. `point` is GeoJSON, WGS-84; `checklist` the field check's answers."""

    id: UUID
    organisation_id: UUID
    organisation: str
    name: str
    category: str
    kind: str
    district: str
    town: str | None
    address: str
    point: dict[str, Any]
    point_datum: str
    capacity: int
    visit_minutes: int
    statement: str
    state: str
    applied_at: Instant
    checklist: list[dict[str, Any]] | None
    site_id: UUID | None
    history: list[dict[str, Any]]
