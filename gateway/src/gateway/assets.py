"""Static files: kept by browsers for a year under a URL that carries their hash, asked for anew under any other.

Templates write `url_for('static', filename='styles/zhendi.css')`; the hash is added by itself.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, request

FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """Make the app add hashes to the URLs of static files and honour them."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def add_hash(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values and "v" not in values:
            digest = hash_of(folder, values["filename"])
            if digest:
                values["v"] = digest

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            asked = request.args.get("v")
            current = hash_of(folder, (request.view_args or {}).get("filename", "")) if asked else None
            response.headers["Cache-Control"] = FOR_A_YEAR if asked and asked == current else "no-cache"
        return response


def hash_of(folder: Path, filename: str) -> str | None:
    """Return the beginning of the file's SHA-256, or None when there is no such file."""
    path = folder / filename
    try:
        changed_at = path.stat().st_mtime_ns
    except (OSError, ValueError):
        return None
    return _hash(path, changed_at) if path.is_file() else None


@lru_cache(maxsize=2000)
def _hash(path: Path, _changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
