"""Signing in by an identity provider of the unit (OpenID Connect): there, back, and once the password here.

The browser carries state, ticket and where it goes on in a sealed cookie of its own, for ten minutes and for the pages
under /sign-in alone. It is SameSite=Lax: the way back from the provider is a visit from another site.
"""

from datetime import timedelta
from typing import Final

from chassis.refusals import Refusal
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway import browsers
from gateway.clients import roster
from gateway.identity import public
from gateway.limits import at_sign_in
from gateway.pages.forms import faults, given, typed
from gateway.pages.returning import safe_path
from gateway.pages.sign_in import page_of_sign_in

blueprint = Blueprint("provider_sign_in", __name__)

COOKIE: Final = "zhendi_provider"
KEPT: Final = timedelta(minutes=10)
_LONGEST: Final = 4000


@blueprint.get("/sign-in/with/<name>")
@at_sign_in
@public
def begin(name: str) -> ResponseReturnValue:
    """Send the browser to the provider."""
    try:
        begun = roster.identity_providers.begin_provider_sign_in({"provider": name[:40]}).data
    except Refusal as refusal:
        return _told(refusal)
    carried = {"state": begun["state"], "binding": begun["binding"], "next": safe_path(request.args.get("next"))}
    return _carrying(redirect(begun["address"], code=303), carried)


@blueprint.get("/sign-in/with/<name>/callback")
@at_sign_in
@public
def finish(name: str) -> ResponseReturnValue:
    """Take what the provider sent the browser back with."""
    carried = browsers.opened(request.cookies.get(COOKIE), within=KEPT)
    code, state = (request.args.get(part, "")[:_LONGEST] for part in ("code", "state"))
    if not state or state != carried.get("state"):
        return _carrying(_failed(_("This sign-in was not begun in this browser, or it took too long. Begin again.")))
    if not code:
        return _carrying(_failed(_("You have not been signed in there. Begin again, or use your password.")))
    try:
        finished = roster.identity_providers.finish_provider_sign_in(
            {"code": code, "state": state, "binding": carried.get("binding", ""), **browsers.seen_of_asker()}
        ).data
    except Refusal as refusal:
        return _carrying(_told(refusal))
    if finished["token"] is None:
        ticket = {"ticket": finished["ticket"], "title": finished["provider_title"], "next": carried.get("next", "/")}
        return _carrying(redirect(url_for("pages.provider_sign_in.link"), code=303), ticket)
    browsers.go_on_with(finished["token"]["access_token"])
    return _carrying(redirect(safe_path(carried.get("next")), code=303))


@blueprint.get("/sign-in/link")
@public
def link() -> ResponseReturnValue:
    """Ask, once, which account it is."""
    carried = browsers.opened(request.cookies.get(COOKIE), within=KEPT)
    if "ticket" not in carried:
        return redirect(url_for("pages.sign_in.show"), code=303)
    return _link(carried)


@blueprint.post("/sign-in/link")
@at_sign_in
@public
def prove() -> ResponseReturnValue:
    """Bind the identity to the account whose password is right."""
    carried = browsers.opened(request.cookies.get(COOKIE), within=KEPT)
    if "ticket" not in carried:
        return redirect(url_for("pages.sign_in.show"), code=303)
    fields = given(username=typed("username"), password=request.form.get("password") or None, code=typed("code"))
    missing = {name: [_("Please fill this in.")] for name in ("username", "password") if name not in fields}
    if missing:
        return _link(carried, missing), 422
    try:
        token = roster.identity_providers.bind_by_password(
            {**fields, "ticket": carried["ticket"], **browsers.seen_of_asker()}
        ).data
    except Refusal as refusal:
        told = faults(refusal, at={"wrong-code": "code", "second-factor-needed": "code"})
        return _link(carried, told.errors), told.status
    browsers.go_on_with(token["access_token"])
    return _carrying(redirect(safe_path(carried.get("next")), code=303))


def _link(carried: dict[str, str], errors: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "sign_in_link.html", title=carried.get("title", ""), errors=errors or {}, username=typed("username") or ""
    )


def _told(refusal: Refusal) -> Response:
    told = faults(refusal)
    return make_response(page_of_sign_in(told.errors), told.status)


def _failed(sentence: str) -> Response:
    return make_response(page_of_sign_in({"form": [sentence]}), 400)


def _carrying(answer: ResponseReturnValue, carried: dict[str, str] | None = None) -> Response:
    """Return the answer with what the browser carries on; with nothing, what it carried is taken from it."""
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    is_secure = current_app.extensions["zhendi.config"].over_tls
    if carried is None:
        response.delete_cookie(COOKIE, path="/sign-in", secure=is_secure, httponly=True, samesite="Lax")
    else:
        response.set_cookie(
            COOKIE,
            browsers.seal(carried),
            max_age=KEPT,
            path="/sign-in",
            secure=is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
