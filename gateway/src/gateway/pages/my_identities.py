"""Me: the identity providers that I can sign in by."""

from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import tell
from gateway.pages.sign_in import providers

blueprint = Blueprint("my_identities", __name__)


@blueprint.get("/me/identities")
@needs("read_my_identities")
def show() -> ResponseReturnValue:
    """List them."""
    found = roster.identity_providers.read_my_identities({}, who=current())["identities"]
    titles = {provider["name"]: provider["title"] for provider in providers()}
    return render_template("me/identities.html", identities=found, titles=titles)


@blueprint.post("/me/identities/<uuid:identity_id>/removal")
@needs("unbind_my_identity")
def unbind(identity_id: UUID) -> ResponseReturnValue:
    """Sign in by it no more."""
    try:
        roster.identity_providers.unbind_my_identity(
            {"identity_id": identity_id}, who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Removed. Whoever signed in by it is signed out."), "good")
    return redirect(url_for("pages.my_identities.show"), code=303)
