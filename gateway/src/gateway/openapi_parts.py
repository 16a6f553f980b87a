"""What the OpenAPI document says that no contract does: problems, the map's GeoJSON, headers, ways to sign in."""

from typing import Any, Final

from contracts.sites.places import CATEGORIES, SITE_KINDS

from gateway import browsers

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What was refused and why (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/api/problems/slot-full"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the language of Accept-Language: zh-CN or en."},
        "code": {"type": "string", "description": "Stable; programs decide by it.", "examples": ["slot-full"]},
        "instance": {"type": "string", "format": "uri-reference"},
        "request_id": {"type": "string"},
        "leads_to": {"type": "string", "format": "uri-reference", "description": "Where to go on, as an address."},
        "errors": {
            "type": "object",
            "description": "The faults of the input, by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_FEATURES: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A GeoJSON FeatureCollection (RFC 7946) of sites; with `bbox` and over `limit`, of clusters.",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/SiteFeature"}},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
        "truncated": {"type": "boolean", "description": "True when clusters stand for sites."},
    },
}
_FEATURE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A site as a GeoJSON Feature, or a cluster of sites.",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string"},
        "geometry": {
            "type": "object",
            "description": "WGS-84, longitude first.",
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"const": "Point"},
                "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2},
            },
        },
        "properties": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "category": {"enum": list(CATEGORIES)},
                "kind": {"enum": list(SITE_KINDS)},
            },
        },
    },
}
SCHEMAS: Final = {"Problem": _PROBLEM, "SiteFeatures": _FEATURES, "SiteFeature": _FEATURE}
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and the same body get the same answer without a second effect, for 7 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of what is changed, as it was read.",
    "schema": {"type": "string", "examples": ['"3-5b1c9a"']},
}
LANGUAGE: Final[dict[str, Any]] = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of sentences; Chinese when not given.",
    "schema": {"type": "string", "examples": ["zh-CN", "en"]},
}
SECURITY: Final[dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a session (POST /sessions), or one that a person gave a program "
        "(POST /me/tokens; it begins with `zhd_`).",
    },
    "browser": {
        "type": "apiKey",
        "in": "cookie",
        "name": browsers.COOKIE,
        "description": "The session of a signed-in browser (under TLS `__Host-zhendi_session`). "
        "Unsafe methods need the header X-CSRF-Token.",
    },
}
