"""Administration: the access tokens of the people of one's part of the tree."""

from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import given, tell, typed

blueprint = Blueprint("all_tokens", __name__)

ON_A_PAGE = 50


@blueprint.get("/administration/tokens")
@needs("read_api_tokens")
def index() -> ResponseReturnValue:
    """List the tokens of this part of the tree."""
    state = request.args.get("state", "in_force").strip()
    asked = given(state=None if state == "all" else state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    found = roster.api_tokens.api_tokens(asked, who=current()).data
    return render_template("administration/tokens.html", found=found, state=state)


@blueprint.post("/administration/tokens/<uuid:token_id>/end")
@needs("end_api_token")
def end(token_id: UUID) -> ResponseReturnValue:
    """End somebody's token."""
    try:
        roster.api_tokens.end_api_token(
            given(token_id=token_id, reason=typed("reason")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Ended. It may still be taken for half a minute."), "good")
    return redirect(url_for("pages.all_tokens.index"), code=303)
