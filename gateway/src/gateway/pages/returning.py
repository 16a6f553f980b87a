"""Where a page sends people back to: only ever to a path of this gateway."""

from urllib.parse import urlsplit


def safe_path(path: str | None) -> str:
    """Return `path` when it is a plain path of this host, else `/`."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 32 for c in path):
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path
