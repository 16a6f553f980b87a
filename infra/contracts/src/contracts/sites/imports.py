"""Importing and exporting sites (S1): a table or GeoJSON with a declared datum; looked through, then taken over."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from marshmallow import fields, validate

from contracts.envelope import Instant, StoredFile
from contracts.sites.places import DATUMS

EXPORT_FORMATS = ("xlsx", "csv", "geojson")


@dataclass(frozen=True)
class PreviewSiteImport:
    """Look a file of sites through in the background: what is new, what changes, which cells are bad."""

    file: StoredFile
    datum: Annotated[str, fields.String(required=True, validate=validate.OneOf(DATUMS))]


@dataclass(frozen=True)
class ApplySiteImport:
    """Take over a file that was looked through without a fault: all of it, or nothing."""

    import_id: UUID


@dataclass(frozen=True)
class SiteImportAsked:
    """How far an import is."""

    import_id: UUID


@dataclass(frozen=True)
class SiteImportView:
    """An import: waiting, running, done or failed.

    `result` of one that is done: {rows, new, changed, unchanged, applied, faults: [{row, column, found, reason}]}.
    """

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    ended_at: Instant | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


@dataclass(frozen=True)
class SiteExportAsked:
    """All sites that the asker oversees, as a file, with coordinates in a datum of choice."""

    format: Annotated[str, fields.String(load_default="xlsx", validate=validate.OneOf(EXPORT_FORMATS))] = "xlsx"
    datum: Annotated[str, fields.String(load_default="WGS-84", validate=validate.OneOf(DATUMS))] = "WGS-84"
