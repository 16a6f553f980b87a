"""What the OGC API offers: the collections in the reader's language, with where and when their features are."""

from typing import Any, Final

from chassis.refusals import NotFound
from contracts.sites.features import COLLECTIONS
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.ogc.answers import HTML, JSON, address, link
from gateway.ogc.reference_systems import CRS84, SYSTEMS

QUERYABLES_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
GREGORIAN: Final = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def known(collection: str) -> str:
    """Return the collection's name. Raises NotFound."""
    if collection not in COLLECTIONS:
        raise NotFound()
    return collection


def title_of(collection: str) -> str:
    """Return what the collection is called."""
    return {"sites": _("Open organisational-life sites"), "slots": _("Slots with free seats")}[collection]


def described(collection: str, extents: dict[str, Any]) -> dict[str, Any]:
    """Return a collection as the standard describes one; `extents` is an ExtentsView."""
    extent: dict[str, Any] = {}
    if extents["bbox"]:
        extent["spatial"] = {"bbox": [extents["bbox"]], "crs": CRS84.uri}
    if collection == "slots" and extents["first_on"]:
        days = [f"{extents['first_on']}T00:00:00+08:00", f"{extents['last_on']}T23:59:59+08:00"]
        extent["temporal"] = {"interval": [days], "trs": GREGORIAN}
    about = {
        "sites": _("Places that receive branches and members: category, kind, town, capacity, hours."),
        "slots": _("One programme of a site at one time, at the site's point, with the seats that are free."),
    }
    title = title_of(collection)
    items = address("items", collection=collection)
    return {
        "id": collection,
        "title": title,
        "description": about[collection],
        "itemType": "feature",
        **({"extent": extent} if extent else {}),
        "crs": list(SYSTEMS),
        "storageCrs": CRS84.uri,
        "links": [
            link("self", address("collection", collection=collection, f="json"), JSON, title),
            link("alternate", address("collection", collection=collection, f="html"), HTML, title),
            link("items", items + "?f=json", "application/geo+json", title),
            link("items", items + "?f=html", HTML, title),
            link(
                QUERYABLES_REL,
                address("queryables", collection=collection, f="json"),
                "application/schema+json",
                _("What it can be filtered by"),
            ),
        ],
    }


def all_described() -> list[dict[str, Any]]:
    """Return every collection."""
    extents = sites.places.extents({}).data
    return [described(collection, extents) for collection in COLLECTIONS]


def one_described(collection: str) -> dict[str, Any]:
    """Return one collection. Raises NotFound."""
    return described(known(collection), sites.places.extents({}).data)
