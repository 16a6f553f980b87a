"""What every request meets first and every answer last: ids and trace, limits, security headers, the access log.

Pages find the nonce of their Content-Security-Policy in `g.csp_nonce` (templates: `csp_nonce()`); an inline script or
style without it does not run. `@takes_files` lets one view take a larger body than the others.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from chassis import logs
from flask import Flask, Response, g, request

from gateway import browsers
from gateway.telemetry import AccessLog, request_seconds_of, requests_of, told_path

BODY_MAX_BYTES: Final = 1024 * 1024
FILE_MAX_BYTES: Final = 10 * 1024 * 1024
TABLE_MAX_BYTES: Final = 32 * 1024 * 1024
PICTURES_AT_ONCE: Final = 4
_FORM_OVERHEAD_BYTES: Final = 64 * 1024
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:{images}; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,100}\Z")
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Let a view take a file of FILE_MAX_BYTES and the form around it."""
    view.body_max_bytes = FILE_MAX_BYTES + _FORM_OVERHEAD_BYTES  # type: ignore[attr-defined]
    return view


def takes_tables(view: View) -> View:
    """Let a view take a table of a whole district, of TABLE_MAX_BYTES, and the form around it."""
    view.body_max_bytes = TABLE_MAX_BYTES + _FORM_OVERHEAD_BYTES  # type: ignore[attr-defined]
    return view


def takes_pictures(view: View) -> View:
    """Let a view take PICTURES_AT_ONCE pictures and the form around them."""
    view.body_max_bytes = PICTURES_AT_ONCE * FILE_MAX_BYTES + _FORM_OVERHEAD_BYTES  # type: ignore[attr-defined]
    return view


def csp_nonce() -> str:
    """Return the nonce of this answer's inline scripts and styles."""
    nonce: str | None = g.get("csp_nonce")
    if nonce is None:
        nonce = g.csp_nonce = secrets.token_urlsafe(16)
    return nonce


def _page_policy() -> str:
    # A page that shows a configured tile service names its hosts in `g.image_hosts`.
    return _PAGE_POLICY.format(nonce=csp_nonce(), images="".join(f" {host}" for host in g.get("image_hosts", ())))


class Hardened:
    """Puts the headers that never change on every answer, without Flask looking at them one by one."""

    def __init__(self, app: Callable[..., Iterable[bytes]], *, over_tls: bool) -> None:
        self._app = app
        self._headers = [*_HEADERS, *([("Strict-Transport-Security", "max-age=31536000")] if over_tls else [])]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, headers + self._headers, exc_info)

        return self._app(environ, start)


def register(app: Flask, *, over_tls: bool, access_log: AccessLog | None) -> None:
    """Make the app begin and end every request here."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX_BYTES
    app.config["MAX_FORM_PARTS"] = 1000
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.wsgi_app = Hardened(app.wsgi_app, over_tls=over_tls)  # type: ignore[method-assign]
    limits = {
        endpoint: view.body_max_bytes
        for endpoint, view in app.view_functions.items()
        if hasattr(view, "body_max_bytes")
    }

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        logs.enter(
            request=given if _REQUEST_ID.match(given) else secrets.token_hex(8),
            trace=request.headers.get("traceparent"),
        )
        if request.endpoint in limits:
            request.max_content_length = limits[request.endpoint]
        if not request.path.startswith("/api/") and request.method not in browsers.SAFE_METHODS and request.endpoint:
            browsers.must_come_from_our_form()

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        # Looked for by hand: `in` makes an exception with a page in it for every name that is not there.
        if all(name != "Content-Security-Policy" for name, _ in headers):
            is_page = response.mimetype == "text/html"
            headers["Content-Security-Policy"] = _page_policy() if is_page else _API_POLICY
        headers["X-Request-ID"] = logs.request_id.get()
        browsers.write(response)
        _note(response, access_log)
        return response


def _note(response: Response, access_log: AccessLog | None) -> None:
    took_s = time.perf_counter() - g.get("began", time.perf_counter())
    rule = request.url_rule
    route = rule.rule if rule else "(none)"
    method = request.method if request.method in METHODS else "(other)"
    status = response.status_code
    requests_of(method, route, status).inc()
    request_seconds_of(route).observe(took_s)
    if access_log is None:
        return
    identity = g.get("identity")
    access_log.note(
        f"{method} {told_path()} {status}",
        request_id=logs.request_id.get(),
        trace_id=logs.trace_id(),
        route=route,
        status=status,
        took_ms=round(took_s * 1000, 1),
        bytes=response.content_length,
        person_id=identity.person_id if identity is not None else None,
        address=request.remote_addr,
    )
