"""The OpenAPI 3.0 document of the OGC API, and what each collection can be filtered by as a JSON Schema."""

from typing import Any, Final

from contracts.envelope import LIMIT_MAX
from contracts.sites.features import COLLECTIONS, QUERYABLES, Queryable

from gateway.ogc.answers import FORMATS, GEOJSON, HTML, JSON, OPENAPI, SCHEMA, address
from gateway.ogc.reference_systems import CRS84, SYSTEMS

_LINKS: Final = {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
_CRS: Final = {"type": "string", "format": "uri", "enum": list(SYSTEMS), "default": CRS84.uri}
_SCHEMAS: Final[dict[str, Any]] = {
    "Link": {
        "type": "object",
        "required": ["href"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
    "FeatureCollection": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
            "links": _LINKS,
            "numberReturned": {"type": "integer", "minimum": 0},
            "numberMatched": {"type": "integer", "minimum": 0},
        },
    },
    "Feature": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {
                "type": "object",
                "properties": {
                    "type": {"type": "string", "enum": ["Point"]},
                    "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2},
                },
            },
            "properties": {"type": "object"},
            "links": _LINKS,
        },
    },
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            **{name: {"type": "string"} for name in ("type", "title", "detail", "code", "instance", "request_id")},
            "status": {"type": "integer"},
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        },
    },
}


def _parameter(name: str, about: str, schema: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": about, "schema": schema, **rest}


_PARAMETERS: Final[dict[str, Any]] = {
    "f": _parameter("f", "The format; without it Accept decides.", {"type": "string", "enum": list(FORMATS)}),
    "bbox": _parameter(
        "bbox",
        "A box of four numbers, or six with heights, in the axis order of bbox-crs. West over east spans 180°.",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        style="form",
        explode=False,
    ),
    "bbox-crs": _parameter("bbox-crs", "The reference system of bbox.", _CRS),
    "crs": _parameter("crs", "The reference system of the answer.", _CRS),
    "datetime": _parameter(
        "datetime",
        "An instant with its offset, a day (Shanghai's), or an interval of them; `..` or nothing leaves an end open. "
        "A site has no time of its own, so every time finds it.",
        {"type": "string"},
    ),
    "limit": _parameter(
        "limit",
        "How many features one page has at most; more than the maximum is taken as the maximum.",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": 100},
    ),
    "cursor": _parameter("cursor", "Where the page begins; taken from a link `next`.", {"type": "string"}),
}


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.0 document."""
    root = address("landing")
    paths = {
        "/": _get("The landing page", "getLandingPage", JSON),
        "/conformance": _get("The parts of the standard that are kept", "getConformance", JSON),
        "/api": _get("This document", "getApi", OPENAPI),
        "/collections": _get("All collections", "getCollections", JSON),
    }
    for collection in COLLECTIONS:
        here = f"/collections/{collection}"
        name = collection.capitalize()
        filters = [_parameter(name, "Only features of this value.", schema_of(kind))
                   for name, kind in QUERYABLES[collection].items()]  # fmt: skip
        all_of_items = [name for name in _PARAMETERS if name != "f"]
        paths[here] = _get(f"The collection {collection}", f"describe{name}", JSON, missing=True)
        paths[f"{here}/queryables"] = _get(f"What {collection} are filtered by", f"get{name}Queryables", SCHEMA)
        paths[f"{here}/items"] = _get(
            f"A page of {collection}",
            f"get{name}",
            GEOJSON,
            parameters=[*(_reference(name) for name in all_of_items), *filters],
            schema="FeatureCollection",
        )
        paths[f"{here}/items/{{featureId}}"] = _get(
            f"One of the {collection}",
            f"get{name.removesuffix('s')}",
            GEOJSON,
            parameters=[
                {
                    "name": "featureId",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                },
                _reference("crs"),
            ],
            schema="Feature",
            missing=True,
        )
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Zhendi: sites and slots as OGC API – Features",
            "version": "1.0.0",
            "description": "Open to everybody, read only. Points are stored in WGS-84.",
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"parameters": _PARAMETERS, "schemas": _SCHEMAS},
    }


def queryables_schema(collection: str, *, title: str) -> dict[str, Any]:
    """Return the JSON Schema of what the collection can be filtered by."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address("queryables", collection=collection),
        "type": "object",
        "title": title,
        "properties": {
            "geometry": {"title": "geometry", "format": "geometry-point", "x-ogc-role": "primary-geometry"},
            **{name: {"title": name, **schema_of(kind)} for name, kind in QUERYABLES[collection].items()},
        },
        "additionalProperties": False,
    }


def schema_of(queryable: Queryable) -> dict[str, Any]:
    """Return a queryable's JSON Schema."""
    schema: dict[str, Any] = {"type": queryable.type}
    if queryable.format:
        schema["format"] = queryable.format
    if queryable.choices:
        schema["enum"] = list(queryable.choices)
    return schema


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _get(
    summary: str,
    name: str,
    media_type: str,
    *,
    parameters: list[dict[str, Any]] | None = None,
    schema: str | None = None,
    missing: bool = False,
) -> dict[str, Any]:
    body: dict[str, Any] = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {
        "200": {
            "description": summary,
            "content": {media_type: {"schema": body}, HTML: {"schema": {"type": "string"}}},
        },
        "400": {"description": "A parameter is unknown or cannot be read.", "content": problem},
        **({"404": {"description": "There is no such thing.", "content": problem}} if missing else {}),
        "default": {"description": "It was refused, or could not be answered.", "content": problem},
    }
    return {
        "get": {
            "summary": summary,
            "operationId": name,
            "parameters": [*(parameters or []), _reference("f")],
            "responses": responses,
        }
    }
