"""Pages that a device keeps, so that they open with no network: their service worker and what it keeps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import orjson
from flask import Response, current_app, url_for

from gateway.assets import hash_of

WORKER: Final = "modules/offline/worker.js"
# A worker's own policy says what it may fetch.
_WORKER_POLICY: Final = "default-src 'none'; script-src 'self'; connect-src 'self'"


@dataclass(frozen=True)
class Kept:
    """A page that devices keep: its address, its template, the folders of its modules, and what else it is made of."""

    name: str
    page: str
    template: str
    folders: Sequence[str]
    files: Sequence[str]


def worker_of(kept: Kept) -> Response:
    """Return the page's service worker with the list of what it keeps; it changes when any of that does."""
    folder = Path(current_app.static_folder or "")
    version, files = _files(kept, folder)
    told = {
        "PAGE": kept.page,
        "NAME": kept.name,
        "VERSION": version,
        "FILES": [url_for("static", filename=name) for name in files],
    }
    head = "".join(f"const {name} = {orjson.dumps(value).decode()};\n" for name, value in told.items())
    response = Response(head + (folder / WORKER).read_text(), content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = kept.page
    response.headers["Content-Security-Policy"] = _WORKER_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _files(kept: Kept, folder: Path) -> tuple[str, list[str]]:
    modules = [
        f"modules/{inside}/{path.name}"
        for inside in (*kept.folders, "offline")
        for path in sorted((folder / "modules" / inside).glob("*.js"))
    ]
    files = [*kept.files, *(name for name in modules if name != WORKER)]
    digest = hashlib.sha256()
    for name in (*files, WORKER):
        digest.update(f"{name} {hash_of(folder, name)}\n".encode())
    digest.update((folder.parent / "templates" / kept.template).read_bytes())
    return f"{kept.name}-{digest.hexdigest()[:12]}", files
