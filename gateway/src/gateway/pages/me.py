"""Me: my account, my password, my second factor, where I am signed in."""

from typing import Any
from uuid import UUID

import segno
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway import browsers
from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed
from gateway.pages.returning import safe_path

blueprint = Blueprint("me", __name__)

URI_START = "otpauth://totp/"
WRONG_PASSWORD = {"wrong-credentials": "password", "wrong-code": "code"}


@blueprint.get("/me")
@needs("me")
def show() -> ResponseReturnValue:
    """Show the person's account, and where everything about it is done."""
    who = current()
    me = roster.sessions.me({}, who=who).data
    second_factor = roster.second_factors.read_second_factor({}, who=who).data
    found = roster.sessions.read_my_sessions({}, who=who)["sessions"]
    identities = roster.identity_providers.read_my_identities({}, who=who)["identities"]
    return render_template(
        "me/show.html", person=me, second_factor=second_factor, signed_in=len(found), identities=identities
    )


@blueprint.get("/me/password")
@needs("change_password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return _password()


@blueprint.post("/me/password")
@needs("change_password")
def change_password() -> ResponseReturnValue:
    """Change the password, and go on in a new session."""
    old, new, again = (request.form.get(name) or None for name in ("password", "new_password", "again"))
    if new and again != new:
        return _password(Faults({"again": [_("This is not the same as the new password.")]}))
    try:
        changed = roster.sessions.change_password(
            given(password=old, new_password=new), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        told = faults(refusal, at=WRONG_PASSWORD)
        if refusal.code == "wrong-credentials":
            told = Faults({"password": [_("This is not your present password.")]}, 422)
        return _password(told)
    browsers.go_on_with(changed["access_token"])
    flash(_("Your password is changed. You are signed out everywhere else."), "good")
    return redirect(_onwards(), code=303)


@blueprint.get("/me/second-factor")
@needs("read_second_factor")
def second_factor() -> ResponseReturnValue:
    """Show whether codes are asked for, and how to begin or end it."""
    return _second_factor()


@blueprint.post("/me/second-factor")
@needs("set_up_second_factor")
def set_up() -> ResponseReturnValue:
    """Make a secret and show it, as a picture to scan and as text to type."""
    try:
        made = roster.second_factors.set_up_second_factor(
            given(password=request.form.get("password") or None), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        return _second_factor(_told(refusal), tried="set_up")
    return _confirmation(made.data)


@blueprint.post("/me/second-factor/confirmation")
@needs("confirm_second_factor")
def confirm() -> ResponseReturnValue:
    """Take the first code; show the recovery codes on this answer alone."""
    try:
        confirmed = roster.second_factors.confirm_second_factor(
            given(code=typed("code")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        told = _told(refusal)
        made = {"secret": typed("secret") or "", "uri": typed("uri") or ""}
        if refusal.code == "no-second-factor" or not made["uri"].startswith(URI_START):
            return _second_factor(told)
        return _confirmation(made, told)
    browsers.go_on_with(confirmed["token"]["access_token"])
    return render_template(
        "me/recovery_codes.html", codes=confirmed["recovery_codes"], is_new=True, next_path=_onwards()
    )


@blueprint.post("/me/second-factor/removal")
@needs("remove_second_factor")
def remove() -> ResponseReturnValue:
    """Ask for no codes any more."""
    fields = given(password=request.form.get("password") or None, code=typed("code"))
    try:
        roster.second_factors.remove_second_factor(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _second_factor(_told(refusal), tried="remove")
    flash(_("Removed. Your next sign-in asks for no code."), "good")
    return redirect(url_for("pages.me.second_factor"), code=303)


@blueprint.post("/me/second-factor/recovery-codes")
@needs("renew_recovery_codes")
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes; the new ones are shown on this answer alone."""
    try:
        made = roster.second_factors.renew_recovery_codes(
            given(code=typed("code")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        return _second_factor(_told(refusal), tried="renew")
    return render_template(
        "me/recovery_codes.html", codes=made["recovery_codes"], is_new=False, next_path=url_for("pages.me.show")
    )


@blueprint.get("/me/sessions")
@needs("read_my_sessions")
def sessions() -> ResponseReturnValue:
    """List where the person is signed in."""
    found = roster.sessions.read_my_sessions({}, who=current())["sessions"]
    return render_template("me/sessions.html", sessions=found)


@blueprint.post("/me/sessions/end")
@needs("end_my_sessions")
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    return _end({})


@blueprint.post("/me/sessions/<uuid:session_id>/end")
@needs("end_my_sessions")
def end_one(session_id: UUID) -> ResponseReturnValue:
    """Sign out of one session."""
    return _end({"session_id": session_id})


def _end(fields: dict[str, Any]) -> ResponseReturnValue:
    return done_or_told(
        roster.sessions.end_my_sessions,
        fields,
        done=_("Signed out there. What is open in that browser ends within ten minutes."),
        back=url_for("pages.me.sessions"),
    )


def _onwards() -> str:
    path = safe_path(request.values.get("next"))
    return url_for("pages.me.show") if path == "/" else path


def _told(refusal: Refusal) -> Faults:
    told = faults(refusal, at=WRONG_PASSWORD)
    if refusal.code == "wrong-credentials":
        return Faults({"password": [_("This is not your password.")]}, 422)
    return Faults(told.errors, 422) if refusal.code == "wrong-code" else told


def _password(told: Faults | None = None) -> ResponseReturnValue:
    actor = current().actor
    page = render_template(
        "me/password.html",
        errors=told.errors if told else {},
        is_first=bool(actor and actor.first),
        next_path=request.values.get("next") or "",
    )
    return page, told.status if told else 200


def _second_factor(told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    actor = current().actor
    page = render_template(
        "me/second_factor.html",
        second_factor=roster.second_factors.read_second_factor({}, who=current()).data,
        errors=told.errors if told else {},
        tried=tried,
        is_first=bool(actor and actor.first),
        next_path=request.values.get("next") or "",
    )
    return page, told.status if told else 200


def _confirmation(made: dict[str, Any], told: Faults | None = None) -> ResponseReturnValue:
    picture = segno.make(made["uri"][:500], error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    page = render_template(
        "me/confirm_second_factor.html",
        secret=made["secret"],
        uri=made["uri"],
        picture=picture,
        errors=told.errors if told else {},
        next_path=request.values.get("next") or "",
    )
    return page, told.status if told else 200
