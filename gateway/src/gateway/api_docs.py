"""The OpenAPI document over HTTP, and a page to browse it and try the calls: /api/openapi.json, /api/docs.

The document is built when it is first asked for, and once.
"""

from functools import cache
from typing import Final

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template_string

from gateway import browsers
from gateway.identity import public
from gateway.nouns import JSON, resource
from gateway.openapi import document_of

docs: Final = Blueprint("docs", __name__, url_prefix="/api")
SWAGGER_UI: Final = "vendor/swagger-ui-dist-5.35.0"

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Zhendi API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{{ url_for('static', filename=swagger_ui ~ '/swagger-ui.css') }}">
</head>
<body>
<div id="api-docs" data-document="{{ url_for('docs.document') }}"
{%- if csrf_token %} data-csrf-token="{{ csrf_token }}"{% endif %}></div>
<noscript><p><a href="{{ url_for('docs.document') }}">openapi.json</a></p></noscript>
<script src="{{ url_for('static', filename=swagger_ui ~ '/swagger-ui-bundle.js') }}"></script>
<script type="module" src="{{ url_for('static', filename='modules/api-docs.js') }}"></script>
</body>
</html>
"""
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@docs.get("/openapi.json")
@public
def document() -> Response:
    """Return the OpenAPI document."""
    return resource(_document_bytes(), media_type=JSON, is_public=True)


@docs.get("/docs")
@public
def browse() -> Response:
    """Show the document for people, who can try the calls."""
    token = browsers.csrf_token() if browsers.has_token() else ""
    page = render_template_string(_PAGE, swagger_ui=SWAGGER_UI, csrf_token=token)
    return Response(page, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _PAGE_POLICY})


def register(app: Flask) -> None:
    """Add the document and its page."""
    app.register_blueprint(docs)


@cache
def _built(app: Flask) -> bytes:
    return orjson.dumps(document_of(app))


def _document_bytes() -> bytes:
    return _built(current_app._get_current_object())  # type: ignore[attr-defined]
