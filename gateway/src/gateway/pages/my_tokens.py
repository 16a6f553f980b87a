"""Me: the access tokens that I gave to programs."""

from typing import Any
from uuid import UUID

from chassis.refusals import Refusal
from contracts.token_scopes import ALL, AREAS, READING
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed, typed_number
from gateway.pages.organisations import organisation_named

blueprint = Blueprint("my_tokens", __name__)

SOME_AREAS = "areas"
IN_ORDER = ("name", "scope", "organisation", "days", "password")


@blueprint.get("/me/tokens")
@needs("read_my_api_tokens")
def show() -> ResponseReturnValue:
    """List the tokens, and show the form for another."""
    return _page()


@blueprint.post("/me/tokens")
@needs("make_api_token")
def make() -> ResponseReturnValue:
    """Make a token; it is shown once, on this answer alone."""
    organisation_id = None
    if name := typed("organisation"):
        organisation_id, fault = organisation_named(name)
        if fault:
            return _page(Faults({"organisation": [fault]}))
    scope = _scope()
    if not scope:
        return _page(Faults({"scope": [_("Choose at least one area.")]}))
    fields = given(
        password=request.form.get("password") or None,
        name=typed("name"),
        scope=scope,
        days=typed_number("days"),
        organisation_id=organisation_id,
    )
    try:
        made = roster.api_tokens.make_api_token(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal)
        if refusal.code == "wrong-credentials":
            told = Faults({"password": [_("This is not your password.")]})
        if "organisation_id" in told.errors:
            told.errors["organisation"] = told.errors.pop("organisation_id")
        return _page(told)
    page = render_template("me/token_made.html", token=made["token"], kept=made["kept"])
    return page, 200, {"Cache-Control": "no-store"}


@blueprint.post("/me/tokens/<uuid:token_id>/end")
@needs("end_my_api_token")
def end(token_id: UUID) -> ResponseReturnValue:
    """End a token."""
    return done_or_told(
        roster.api_tokens.end_my_api_token,
        {"token_id": token_id},
        done=_("Ended. It may still be taken for half a minute."),
        back=url_for("pages.my_tokens.show"),
    )


def _scope() -> list[str]:
    chosen = typed("reach")
    if chosen != SOME_AREAS:
        return [chosen] if chosen else []
    wanted = {area: typed(f"area.{area}") for area in AREAS}
    return [area + (READING if how == "read" else "") for area, how in wanted.items() if how in ("read", "all")]


def _page(told: Faults | None = None) -> ResponseReturnValue:
    values: dict[str, Any] = {"reach": ALL + READING, "days": "90", **request.form.to_dict()}
    page = render_template(
        "me/tokens.html",
        found=roster.api_tokens.read_my_api_tokens({}, who=current()).data,
        areas=list(AREAS),
        values=values,
        errors={name: told.errors[name] for name in (*IN_ORDER, *told.errors) if name in told.errors} if told else {},
    )
    return page, told.status if told else 200
