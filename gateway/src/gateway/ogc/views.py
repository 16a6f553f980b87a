"""The resources of the OGC API: landing page, conformance, description, collections, items, one item, queryables."""

from typing import Any, Final
from uuid import UUID

import orjson
from chassis.refusals import NotFound, Refusal
from contracts.sites.features import QUERYABLES
from flask import Blueprint, Response
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.identity import public
from gateway.ogc import description
from gateway.ogc.answers import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
    SCHEMA,
    address,
    bytes_answer,
    json_answer,
    link,
    page_answer,
    wanted,
)
from gateway.ogc.collections import all_described, known, one_described, title_of
from gateway.ogc.parameters import ITEM, ITEMS, as_bad_request, crs_asked, items_asked, kept, only
from gateway.ogc.reference_systems import SYSTEMS

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc")

_PART_1: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_PART_2: Final = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/"
_PART_3: Final = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
CONFORMS_TO: Final = (
    *(_PART_1 + name for name in ("core", "oas30", "html", "geojson")),
    _PART_2 + "crs",
    *(_PART_3 + name for name in ("queryables", "queryables-query-parameters")),
)


@blueprint.get("/")
@blueprint.get("")
@public
def landing() -> Response:
    """Say what there is."""
    only()
    format = wanted()
    links = [
        *_both_ways("landing", format, _("This page")),
        link("service-desc", address("api", f="json"), OPENAPI, _("Description (OpenAPI 3.0)")),
        link("service-doc", address("api", f="html"), HTML, _("Description, for people")),
        link("conformance", address("conformance", f="json"), JSON, _("Conformance classes")),
        link("data", address("collections", f="json"), JSON, _("Collections")),
    ]
    title, about = _("Sites of Zichuan: OGC API – Features"), _("For QGIS, GDAL and other geographic programs.")
    if format == "html":
        return page_answer("ogc/landing.html", title=title, about=about, collections=all_described(), links=links)
    return json_answer({"title": title, "description": about, "links": links})


@blueprint.get("/conformance")
@public
def conformance() -> Response:
    """Say which parts of the standard are kept."""
    only()
    if wanted() == "html":
        return page_answer("ogc/conformance.html", classes=CONFORMS_TO)
    return json_answer({"conformsTo": CONFORMS_TO})


@blueprint.get("/api")
@public
def api() -> Response:
    """Describe the API in OpenAPI 3.0."""
    only()
    document = description.document()
    if wanted() == "html":
        return page_answer("ogc/api.html", paths=document["paths"], parameters=document["components"]["parameters"])
    return json_answer(document, media_type=OPENAPI)


@blueprint.get("/collections")
@public
def collections() -> Response:
    """List the collections."""
    only()
    format = wanted()
    found = all_described()
    if format == "html":
        return page_answer("ogc/collections.html", collections=found)
    return json_answer(
        {
            "links": _both_ways("collections", format, _("Collections")),
            "crs": list(SYSTEMS),
            "collections": found,
        }
    )


@blueprint.get("/collections/<collection>")
@public
def collection(collection: str) -> Response:
    """Describe one collection."""
    only()
    found = one_described(collection)
    if wanted() == "html":
        return page_answer("ogc/collection.html", collection=found, queryables=QUERYABLES[collection])
    return json_answer(found)


@blueprint.get("/collections/<collection>/queryables")
@public
def queryables(collection: str) -> Response:
    """Say by what the collection can be filtered, as a JSON Schema."""
    schema = description.queryables_schema(known(collection), title=title_of(collection))
    only()
    if wanted() == "html":
        return page_answer("ogc/queryables.html", collection=collection, title=title_of(collection), schema=schema)
    return json_answer(schema, media_type=SCHEMA)


@blueprint.get("/collections/<collection>/items")
@public
def items(collection: str) -> Response:
    """Return one page of features."""
    fields, crs = items_asked(known(collection))
    format = wanted()
    try:
        answer = sites.places.features(fields)
    except Refusal as refusal:
        raise as_bad_request(refusal) from refusal
    head, _before, rest = answer.body.partition(b',"type":')
    told = orjson.loads(head + b"}")
    asked = kept((*ITEMS, *QUERYABLES[collection]))
    if format == "html":
        return page_answer(
            "ogc/items.html",
            collection=collection,
            title=title_of(collection),
            features=answer["features"],
            queryables=QUERYABLES[collection],
            asked=asked,
            next_address=_items(collection, asked, cursor=told["next"]) if told["next"] else None,
            first_address=_items(collection, asked, cursor=None) if "cursor" in asked else None,
        )
    links = [
        link("self", _items(collection, asked, f="json"), GEOJSON, title_of(collection)),
        link("alternate", _items(collection, asked, f="html"), HTML, title_of(collection)),
        link("collection", address("collection", collection=collection), JSON, title_of(collection)),
    ]
    if told["next"]:
        links.append(link("next", _items(collection, asked, f="json", cursor=told["next"]), GEOJSON, _("Next page")))
    # The number of all is told only where it is known without counting: on a first page that is the last.
    counts = {"numberReturned": told["numberReturned"], "links": links}
    if "cursor" not in asked and not told["next"]:
        counts["numberMatched"] = told["numberReturned"]
    return bytes_answer(orjson.dumps(counts)[:-1] + b',"type":' + rest, media_type=GEOJSON, crs=crs.uri)


@blueprint.get("/collections/<collection>/items/<feature_id>")
@public
def item(collection: str, feature_id: str) -> Response:
    """Return one feature."""
    only(*ITEM)
    crs, format = crs_asked(), wanted()
    try:
        fields = {"collection": known(collection), "feature_id": UUID(feature_id)}
    except ValueError:
        raise NotFound() from None
    answer = sites.places.feature({**fields, "srid": crs.srid, "latitude_first": crs.latitude_first})
    if format == "html":
        return page_answer("ogc/item.html", collection=collection, title=title_of(collection), feature=answer.data)
    here = {"collection": collection, "feature_id": feature_id, **kept(("crs",))}
    links = [
        link("self", address("item", **here, f="json"), GEOJSON, _("This feature")),
        link("alternate", address("item", **here, f="html"), HTML, _("This feature")),
        link("collection", address("collection", collection=collection), JSON, title_of(collection)),
    ]
    return bytes_answer(
        answer.body.rstrip()[:-1] + b',"links":' + orjson.dumps(links) + b"}", media_type=GEOJSON, crs=crs.uri
    )


def _both_ways(view: str, format: str, title: str) -> list[dict[str, str]]:
    """Return the links to a resource itself and to it in the other format."""
    media_types = {"json": JSON, "html": HTML}
    other = "html" if format == "json" else "json"
    return [
        link("self", address(view, f=format), media_types[format], title),
        link("alternate", address(view, f=other), media_types[other], title),
    ]


def _items(collection: str, asked: dict[str, Any], **changed: str | None) -> str:
    values = {name: value for name, value in {**asked, **changed}.items() if value}
    return address("items", collection=collection, **values)
