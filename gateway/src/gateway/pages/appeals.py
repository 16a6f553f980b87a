"""Appeals against no-shows: a branch says why its party did not come, an officer decides whether that counts."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.identity import current, needs
from gateway.pages.forms import done_or_told, given, typed
from gateway.pages.parts import together

blueprint = Blueprint("appeals", __name__)

ON_A_PAGE = 30


@blueprint.get("/appeals")
@needs("read_appeals")
def index() -> ResponseReturnValue:
    """List the appeals, the oldest first; those to be decided unless another state is asked for."""
    state = request.args.get("state") or "filed"
    fields = given(state=state, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(appeals=lambda: sites.orders.appeals(fields, who=current()))
    return render_template("appeals/index.html", shown=state, **parts)


@blueprint.post("/orders/<uuid:order_id>/no-show-appeal")
@needs("appeal_no_show")
def file(order_id: UUID) -> ResponseReturnValue:
    """Say why the no-show should not count."""
    fields = given(order_id=order_id, reason=typed("reason"))
    return done_or_told(
        sites.orders.appeal_no_show,
        fields,
        done=_("The appeal is filed; an officer of the organisation department decides it."),
        back=url_for("pages.orders.show", order_id=order_id),
    )


@blueprint.post("/appeals/<uuid:order_id>/decision")
@needs("decide_appeal")
def decide(order_id: UUID) -> ResponseReturnValue:
    """Excuse the no-show, or reject the appeal."""
    fields = given(order_id=order_id, excuse=typed("excuse") == "yes", reason=typed("reason"))
    return done_or_told(
        sites.orders.decide_appeal,
        fields,
        done=_("Decided. The branch sees it with your reason."),
        back=url_for("pages.appeals.index"),
    )
