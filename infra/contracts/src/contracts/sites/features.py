"""Sites and slots as OGC API – Features reads them: collections with property filters, in several reference systems."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from contracts.envelope import Instant, Limit
from contracts.sites.places import CATEGORIES, SITE_KINDS, Bbox

COLLECTIONS: Final = ("sites", "slots")
SRIDS: Final = (4326, 3857, 4490)
FILTER_LENGTH_MAX: Final = 200


@dataclass(frozen=True)
class Queryable:
    """A property by which a collection is filtered: its JSON type, its format, or the words that it may be."""

    type: str = "string"
    format: str | None = None
    choices: tuple[str, ...] = ()

    def read(self, given: str) -> Any:
        """Return the value that a filter's text means. Raises ValidationError."""
        if self.type == "boolean":
            return fields.Boolean(truthy={"true"}, falsy={"false"}).deserialize(given)
        if self.format == "uuid":
            return fields.UUID().deserialize(given)
        if self.format == "date":
            return fields.Date().deserialize(given)
        if self.choices:
            validate.OneOf(self.choices)(given)
        return given


_WORDS: Final = {
    "category": Queryable(choices=CATEGORIES),
    "kind": Queryable(choices=SITE_KINDS),
    "town": Queryable(),
}

QUERYABLES: Final[dict[str, dict[str, Queryable]]] = {
    "sites": {
        "code": Queryable(),
        "name": Queryable(),
        **_WORDS,
        "district": Queryable(),
        "state": Queryable(choices=("open", "suspended")),
        "synthetic": Queryable(type="boolean"),
    },
    "slots": {
        "site_id": Queryable(format="uuid"),
        "programme_id": Queryable(format="uuid"),
        "theme": Queryable(),
        **_WORDS,
        "visit_on": Queryable(format="date"),
        "confirmation": Queryable(choices=("automatic", "manual")),
        "bookable": Queryable(type="boolean"),
    },
}
"""What each collection may be filtered by."""


def read_filters(collection: str, filters: dict[str, str]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the filters' values, and what is wrong with those that are none, both by name."""
    values, faults = {}, {}
    for name, given in filters.items():
        try:
            values[name] = QUERYABLES[collection][name].read(given)
        except KeyError:
            faults[name] = ["Invalid value."]
        except ValidationError as error:
            faults[name] = [str(sentence) for sentence in error.messages]
    return values, faults


def _short(filters: dict[str, str]) -> None:
    if any(len(value) > FILTER_LENGTH_MAX or "\x00" in value for value in filters.values()):
        raise ValidationError("Invalid value.")


@dataclass(frozen=True)
class FeaturesAsked:
    """A page of a collection: in a WGS-84 box (longitude first), of a time, with these properties.

    Coordinates come back in `srid`, latitude first where the reference system says so.
    """

    collection: Annotated[str, fields.String(required=True, validate=validate.OneOf(COLLECTIONS))]
    bbox: Annotated[list[float] | None, Bbox(load_default=None, allow_none=True)] = None
    from_at: Instant | None = None
    until_at: Instant | None = None
    filters: Annotated[
        dict[str, str],
        fields.Dict(
            keys=fields.String(), values=fields.String(), load_default=dict, validate=[validate.Length(0, 20), _short]
        ),
    ] = field(default_factory=dict)
    srid: Annotated[int, fields.Integer(load_default=4326, validate=validate.OneOf(SRIDS))] = 4326
    latitude_first: bool = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class FeatureAsked:
    """One feature of a collection."""

    collection: Annotated[str, fields.String(required=True, validate=validate.OneOf(COLLECTIONS))]
    feature_id: UUID
    srid: Annotated[int, fields.Integer(load_default=4326, validate=validate.OneOf(SRIDS))] = 4326
    latitude_first: bool = False


@dataclass(frozen=True)
class ExtentsAsked:
    """Where and when the collections' features are."""


@dataclass(frozen=True)
class ExtentsView:
    """The box of all sites (west, south, east, north; none without sites), the first and the last slot's days."""

    bbox: list[float] | None
    first_on: date | None
    last_on: date | None
