"""The door: a web app that a steward's device keeps, so that check-in goes on with no network (S8).

The page holds no data and nobody's name: what it shows, the device has fetched by its own credential and keeps itself.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import orjson
from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.assets import hash_of
from gateway.identity import public
from gateway.languages import current_language

blueprint = Blueprint("door", __name__)

MODULES: Final = "modules/door"
FILES: Final = (
    "style.css",
    "images/icon.svg",
    "images/icons.svg",
    "modules/main.js",
    "modules/door.js",
    "modules/from_here.js",
    "vendor/jsqr-1.4.0/jsQR.js",
    "vendor/noble-ed25519-3.2.0/index.js",
)
WORKER: Final = f"{MODULES}/worker.js"
# A worker's own policy says what it may fetch.
_WORKER_POLICY: Final = "default-src 'none'; script-src 'self'; connect-src 'self'"


@blueprint.get("/door")
@public
def show() -> ResponseReturnValue:
    """Show the door's page, the same for everybody."""
    return render_template("door/show.html")


@blueprint.get("/door/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Return the service worker with the list of what it keeps; it changes when any of that does."""
    folder = Path(current_app.static_folder or "")
    version, files = _kept(folder)
    addresses = [url_for("static", filename=name) for name in files]
    head = f"const VERSION = {orjson.dumps(version).decode()};\nconst FILES = {orjson.dumps(addresses).decode()};\n"
    response = Response(head + (folder / WORKER).read_text(), content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/door"
    response.headers["Content-Security-Policy"] = _WORKER_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


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


@cache
def _kept(folder: Path) -> tuple[str, list[str]]:
    modules = sorted(f"{MODULES}/{path.name}" for path in (folder / MODULES).glob("*.js"))
    files = [*FILES, *(name for name in modules if name != WORKER)]
    digest = hashlib.sha256()
    for name in (*files, WORKER):
        digest.update(f"{name} {hash_of(folder, name)}\n".encode())
    digest.update((folder.parent / "templates" / "door" / "show.html").read_bytes())
    return f"door-{digest.hexdigest()[:12]}", files
