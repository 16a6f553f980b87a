"""The door: a web app that a steward's device keeps, so that check-in goes on with no network (S8).

The page holds no data and nobody's name: what it shows, the device has fetched by its own credential and keeps itself.
"""

from typing import Final

import orjson
from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.identity import public
from gateway.languages import current_language
from gateway.pages.offline import Kept, worker_of

blueprint = Blueprint("door", __name__)

KEPT: Final = Kept(
    name="door",
    page="/door",
    template="door/show.html",
    folders=("door",),
    files=(
        "style.css",
        "images/icon.svg",
        "images/icons.svg",
        "images/chevron.svg",
        "modules/main.js",
        "modules/door.js",
        "modules/from_here.js",
        "vendor/jsqr-1.4.0/jsQR.js",
        "vendor/noble-ed25519-3.2.0/index.js",
    ),
)


@blueprint.get("/door")
@public
def show() -> ResponseReturnValue:
    """Show the door's page, the same for everybody."""
    return render_template("door/show.html")


@blueprint.get("/door/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Return the door's service worker."""
    return worker_of(KEPT)


@blueprint.get("/door/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Return what a browser needs to install the door as an app."""
    told = {
        "name": _("Zhendi: the door"),
        "short_name": _("The door"),
        "lang": current_language(),
        "start_url": "/door",
        "scope": "/door",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#9b1b1e",
        "icons": [{"src": url_for("static", filename="images/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(orjson.dumps(told), content_type="application/manifest+json")
