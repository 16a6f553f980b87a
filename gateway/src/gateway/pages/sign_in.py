"""Signing in and out. In the demonstration the page shows who one can be."""

import time

from chassis.refusals import Refusal
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway import browsers
from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs, public
from gateway.limits import at_sign_in
from gateway.pages.forms import faults, given, typed
from gateway.pages.returning import safe_path

blueprint = Blueprint("sign_in", __name__)

DEMO_USERS = (
    "member",
    "secretary",
    "steward",
    "officer",
    "preparer",
    "approver",
    "payer",
    "assessor",
    "auditor",
    "admin",
)
KEPT = "zhendi.providers"
PROVIDERS_KEPT_S = 60.0
DEMO_PASSWORD = "demo"  # noqa: S105 - made for being shown


@blueprint.get("/sign-in")
@public
def show() -> ResponseReturnValue:
    """Show the form; whoever is signed in already goes on."""
    if current().is_signed_in:
        return redirect(safe_path(request.args.get("next")), code=303)
    return page_of_sign_in()


@blueprint.post("/sign-in")
@at_sign_in
@public
def sign_in() -> ResponseReturnValue:
    """Open a session."""
    fields = given(username=typed("username"), password=request.form.get("password") or None)
    missing = {name: [_("Please fill this in.")] for name in ("username", "password") if name not in fields}
    if missing:
        return page_of_sign_in(errors=missing), 422
    try:
        browsers.sign_in(fields["username"], fields["password"])
    except Refusal as refusal:
        told = faults(refusal)
        return page_of_sign_in(errors=told.errors), told.status
    return redirect(safe_path(request.form.get("next")), code=303)


@blueprint.get("/sign-in/code")
@needs("pass_second_factor")
def code() -> ResponseReturnValue:
    """Ask for the code of the second factor."""
    actor = current().actor
    if actor is not None and actor.first != "code":
        return redirect(safe_path(request.args.get("next")), code=303)
    return render_template("sign_in_code.html", errors={}, next_path=request.args.get("next") or "")


@blueprint.post("/sign-in/code")
@at_sign_in
@needs("pass_second_factor")
def give_code() -> ResponseReturnValue:
    """Complete the sign-in."""
    try:
        passed = roster.second_factors.pass_second_factor(
            given(code=typed("code")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        told = faults(refusal, at={"wrong-code": "code"})
        return render_template(
            "sign_in_code.html", errors=told.errors, next_path=request.form.get("next") or ""
        ), told.status
    browsers.go_on_with(passed["access_token"])
    return redirect(safe_path(request.form.get("next")), code=303)


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session, here and in roster."""
    elsewhere = browsers.sign_out()
    if elsewhere and elsewhere.startswith(("https://", "http://")):
        return render_template("signed_out.html", elsewhere=elsewhere)
    flash(_("You are signed out."), "good")
    return redirect(url_for("pages.map.show"), code=303)


def page_of_sign_in(errors: dict[str, list[str]] | None = None) -> str:
    """Return the page, with what went wrong."""
    demo = current_app.extensions["zhendi.config"].demo
    return render_template(
        "sign_in.html",
        errors=errors or {},
        username=typed("username") or request.args.get("as") or "",
        password=DEMO_PASSWORD if demo and request.args.get("as") in DEMO_USERS else "",
        next_path=safe_path(request.values.get("next")),
        providers=providers(),
        demo_users=DEMO_USERS if demo else (),
        demo_password=DEMO_PASSWORD,
    )


def providers() -> list[dict[str, str]]:
    """Return the identity providers to sign in by; none while roster does not answer, and the password is left."""
    kept: tuple[float, list[dict[str, str]]] | None = current_app.extensions.get(KEPT)
    if kept is None or time.monotonic() - kept[0] > PROVIDERS_KEPT_S:
        try:
            found = roster.identity_providers.identity_providers({})["providers"]
        except Refusal:
            return kept[1] if kept else []
        kept = current_app.extensions[KEPT] = (time.monotonic(), found)
    return kept[1]
