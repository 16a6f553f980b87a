"""JSON or HTML: which one is asked for, by `f` or by Accept; the links that lead from one to the other."""

from typing import Any, Final

import orjson
from chassis.refusals import BadRequest
from flask import Response, render_template, request, url_for

from gateway.nouns import resource
from gateway.problems import NotAcceptable

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
HTML: Final = "text/html"
FORMATS: Final = ("json", "html")


def wanted() -> str:
    """Return `json` or `html`. Raises BadRequest for another `f`, NotAcceptable when Accept names neither."""
    given = request.args.get("f")
    if given is not None:
        if given not in FORMATS:
            raise BadRequest({"f": [f"Must be one of: {', '.join(FORMATS)}."]}, reason="query")
        return given
    if "Accept" not in request.headers:
        return "json"
    best = request.accept_mimetypes.best_match([JSON, GEOJSON, SCHEMA, "application/vnd.oai.openapi+json", HTML])
    if best is None:
        raise NotAcceptable()
    return "html" if best == HTML else "json"


def address(view: str, **values: Any) -> str:
    """Return the whole address of a resource of the OGC API."""
    return url_for(f"ogc.{view}", _external=True, **values)


def link(rel: str, href: str, media_type: str, title: str, **rest: str) -> dict[str, str]:
    """Return a link as the standard writes one."""
    return {"rel": rel, "href": href, "type": media_type, "title": title, **rest}


def json_answer(document: Any, *, media_type: str = JSON) -> Response:
    """Return a document as JSON."""
    return bytes_answer(orjson.dumps(document), media_type=media_type)


def bytes_answer(body: bytes, *, media_type: str, crs: str | None = None) -> Response:
    """Return JSON bytes as they are, with the reference system of their coordinates."""
    response = resource(body, media_type=media_type, is_public=True)
    response.vary.update(("Accept", "Accept-Language"))
    if crs:
        response.headers["Content-Crs"] = f"<{crs}>"
    return response


def page_answer(template: str, **given: Any) -> Response:
    """Return a page in the house's frame, with the address of the same resource as JSON."""
    as_json = {**request.args, **(request.view_args or {}), "f": "json"}
    page = render_template(template, json_address=url_for(str(request.endpoint), **as_json), **given)
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response
