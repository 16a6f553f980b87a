"""What the gateway puts into a browser: one encrypted cookie with the access token and the secret against forged forms.

The gateway keeps nothing itself. The cookie is HttpOnly, SameSite=Lax, Secure under TLS, and encrypted with a key made
from SECRET_KEY. It lives as long as the browser is open. Requests renew its token when it expires soon; once roster
renews it no more, the browser is signed out.

For pages:

    sign_in(username, password)      raises Refusal (wrong-credentials, too-many-attempts, …)
    sign_out()                       ends the session in roster as well
    csrf_token()                     goes into every form as the hidden field `csrf_token`, or the header X-CSRF-Token

Every unsafe request to a page is checked before its view runs; those to the API when the cookie says who asks.
"""

import base64
import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import orjson
from chassis.refusals import Refusal
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, Response, current_app, g, request

from gateway.clients import roster
from gateway.problems import CsrfFailed

COOKIE: Final = "zhendi_session"
COOKIE_OVER_TLS: Final = "__Host-zhendi_session"
COOKIE_LIFETIME: Final = timedelta(hours=12)
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_EXTENSION: Final = "zhendi.browsers"


@dataclass(frozen=True)
class Kept:
    """What the cookie holds."""

    token: str | None = None
    csrf: str = ""


@dataclass(frozen=True)
class _Holder:
    token: str | None


class _Jar:
    def __init__(self, *, secret_key: str, over_tls: bool) -> None:
        key = hashlib.sha256(b"zhendi session cookie\0" + secret_key.encode()).digest()
        self.fernet = Fernet(base64.urlsafe_b64encode(key))
        self.name = COOKIE_OVER_TLS if over_tls else COOKIE
        self.is_secure = over_tls


def register(app: Flask, *, secret_key: str, over_tls: bool) -> None:
    """Make the app keep cookies; templates can call `csrf_token()`."""
    app.extensions[_EXTENSION] = _Jar(secret_key=secret_key, over_tls=over_tls)
    app.jinja_env.globals["csrf_token"] = csrf_token


def kept() -> Kept:
    """Return what the browser's cookie holds; nothing when there is none, or it is not ours."""
    if "kept" not in g:
        g.kept = _read()
    return g.kept


def has_token() -> bool:
    """Say whether the browser's cookie holds an access token."""
    jar: _Jar = current_app.extensions[_EXTENSION]
    return jar.name in request.cookies and kept().token is not None


def keep(token: str | None, *, new_secret: bool = False) -> None:
    """Put the access token (None: no token any more) into the browser with the answer of this request."""
    before = kept()
    csrf = secrets.token_urlsafe(18) if new_secret or not before.csrf else before.csrf
    g.kept = replace(before, token=token, csrf=csrf)
    g.kept_changed = True


def sign_in(username: str, password: str) -> None:
    """Open a session in roster and put its token into the browser."""
    opened = roster.sessions.open_session({"username": username, "password": password, **seen_of_asker()})
    go_on_with(opened["access_token"])


def go_on_with(token: str) -> None:
    """Put the token of a new session into the browser, with a new secret for its forms."""
    keep(token, new_secret=True)
    g.pop("identity", None)


def seen_of_asker() -> dict[str, str]:
    """Return what a session's owner is shown of it: what the browser calls itself, and the network it asks from.

    Of an address only the network is kept (24 bits, 48 of IPv6): enough to know one's own places again.
    """
    return {"device": request.headers.get("User-Agent", "")[:300], "address": network_of(request.remote_addr)}


def network_of(address: str | None) -> str:
    """Return the network of an address: 203.0.113.0/24; nothing for what is no address."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def sign_out() -> str | None:
    """End the session in roster and forget its token; raises Refusal when roster cannot be told.

    Return where one signs out of the identity provider too, for a session that came by one.
    """
    token, elsewhere = kept().token, None
    if token:
        try:
            elsewhere = roster.sessions.close_session({}, who=_Holder(token)).data.get("provider_sign_out")
        except Refusal as refusal:
            if refusal.status != 401:  # an ended session needs no end
                raise
    keep(None, new_secret=True)
    g.pop("identity", None)
    return elsewhere


def seal(holds: dict[str, str]) -> str:
    """Return a text that only this gateway opens again: what a browser carries between two pages of the sign-in."""
    jar: _Jar = current_app.extensions[_EXTENSION]
    return jar.fernet.encrypt(orjson.dumps({"between": holds})).decode()


def opened(sealed: str | None, *, within: timedelta) -> dict[str, str]:
    """Return what was sealed not longer ago than that; nothing for anything else."""
    jar: _Jar = current_app.extensions[_EXTENSION]
    try:
        holds = orjson.loads(jar.fernet.decrypt((sealed or "").encode(), ttl=int(within.total_seconds())))
        return {str(name): str(value) for name, value in holds["between"].items()}
    except (InvalidToken, ValueError, KeyError, TypeError, AttributeError):
        return {}


def renew() -> str | None:
    """Get a fresh token for the browser's session; None when roster says that it has ended, then it is forgotten.

    Raises Refusal when roster cannot be asked.
    """
    try:
        token: str = roster.sessions.renew_token({}, who=_Holder(kept().token))["access_token"]
    except Refusal as refusal:
        if refusal.status == 401:
            keep(None)
            return None
        raise
    keep(token)
    return token


def csrf_token() -> str:
    """Return the secret that this browser's forms carry."""
    if not kept().csrf:
        keep(kept().token, new_secret=True)
    return kept().csrf


def must_come_from_our_form() -> None:
    """Raise CsrfFailed unless the unsafe request at hand carries this browser's secret."""
    if request.method in SAFE_METHODS:
        return
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not kept().csrf or not hmac.compare_digest(sent.encode(), kept().csrf.encode()):
        raise CsrfFailed()


def write(response: Response) -> None:
    """Put the changed cookie into the answer."""
    if not g.get("kept_changed"):
        return
    jar: _Jar = current_app.extensions[_EXTENSION]
    holds: Kept = g.kept
    sealed = jar.fernet.encrypt(orjson.dumps({"token": holds.token, "csrf": holds.csrf})).decode()
    response.set_cookie(jar.name, sealed, secure=jar.is_secure, httponly=True, samesite="Lax", path="/")
    response.headers["Cache-Control"] = "no-store"


def _read() -> Kept:
    jar: _Jar = current_app.extensions[_EXTENSION]
    sealed = request.cookies.get(jar.name)
    if not sealed:
        return Kept()
    try:
        holds = orjson.loads(jar.fernet.decrypt(sealed.encode(), ttl=int(COOKIE_LIFETIME.total_seconds())))
        return Kept(token=holds["token"], csrf=holds["csrf"])
    except (InvalidToken, ValueError, KeyError, TypeError):
        return Kept()
