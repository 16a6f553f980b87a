"""Letters of members who go to another branch: out, in, and what the branches were told."""

from typing import Any, Final
from uuid import UUID

from contracts.roster.transfers import DIRECTIONS
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.identity import current, needs
from gateway.pages.forms import done_or_told, given, typed
from gateway.pages.parts import together

blueprint = Blueprint("member_transfers", __name__)

ON_A_PAGE: Final = 50


@blueprint.get("/branches/<uuid:organisation_id>/transfers")
@needs("read_transfers")
def index(organisation_id: UUID) -> ResponseReturnValue:
    """List the letters out of and into a branch."""
    who = current()
    direction = request.args.get("direction")
    direction = direction if direction in DIRECTIONS else None
    state = "issued" if request.args.get("open") == "1" else None
    asked = given(
        organisation_id=organisation_id,
        direction=direction,
        state=state,
        limit=ON_A_PAGE,
        cursor=request.args.get("cursor") or None,
    )
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
        transfers=lambda: roster.transfers.transfers(asked, who=who),
        notices=lambda: roster.transfers.transfer_notices({"organisation_id": organisation_id, "limit": 20}, who=who),
    )
    return render_template(
        "members/transfers.html",
        **parts,
        organisation_id=organisation_id,
        direction=direction,
        only_open=bool(state),
    )


@blueprint.get("/transfers/<uuid:transfer_id>")
@needs("read_transfers")
def show(transfer_id: UUID) -> ResponseReturnValue:
    """Show one letter, to print and to answer."""
    letter = roster.transfers.transfer({"transfer_id": transfer_id}, who=current()).data
    return render_template("members/transfer.html", letter=letter)


@blueprint.post("/transfers/<uuid:transfer_id>/confirmation")
@needs("confirm_transfer")
def confirm(transfer_id: UUID) -> ResponseReturnValue:
    """Take the member in."""
    fields = given(transfer_id=transfer_id, receipt=typed("receipt"))
    return _do(transfer_id, roster.transfers.confirm_transfer, fields, done=_("Confirmed. The member has moved."))


@blueprint.post("/transfers/<uuid:transfer_id>/refusal")
@needs("refuse_transfer")
def refuse(transfer_id: UUID) -> ResponseReturnValue:
    """Refuse to take the member in."""
    fields = given(transfer_id=transfer_id, reason=typed("reason"))
    done = _("Refused. The member stays in the other branch.")
    return _do(transfer_id, roster.transfers.refuse_transfer, fields, done=done)


@blueprint.post("/transfers/<uuid:transfer_id>/withdrawal")
@needs("withdraw_transfer")
def withdraw(transfer_id: UUID) -> ResponseReturnValue:
    """Take the letter back."""
    fields = given(transfer_id=transfer_id, reason=typed("reason"))
    return _do(transfer_id, roster.transfers.withdraw_transfer, fields, done=_("Taken back. The member stays."))


def _do(transfer_id: UUID, act: Any, fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    return done_or_told(act, fields, done=done, back=url_for("pages.member_transfers.show", transfer_id=transfer_id))
