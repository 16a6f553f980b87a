"""A branch: its light with the reasons, what turns it green, and what it did this month."""

import re
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment, roster, sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, done_or_told, faults, given, typed, typed_number
from gateway.pages.parts import Part, found_or_none, together

blueprint = Blueprint("branches", __name__)

MONTH: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])\Z")
AT_FIELD: Final = {"activity-in-future": "held_on", "month-frozen": "held_on"}


@blueprint.get("/branch")
@needs("read_light")
def mine() -> ResponseReturnValue:
    """Go to the page of one's own branch."""
    return to_ones_branch("pages.branches.show")


def to_ones_branch(endpoint: str) -> ResponseReturnValue:
    """Go to a page of the branch that one leads or keeps the records of, else of the one that one belongs to."""
    me = roster.sessions.me({}, who=current())
    led = [grant["organisation_id"] for grant in me["roles"] if grant["role"] in ("secretary", "administrator")]
    branch_id = next((branch for branch in [*led, me["branch_id"]] if branch), None)
    if branch_id is None:
        return render_template("branches/none.html")
    return redirect(url_for(endpoint, branch_id=branch_id), code=303)


@blueprint.get("/branches/<uuid:branch_id>")
@needs("read_light")
def show(branch_id: UUID) -> ResponseReturnValue:
    """Show one branch in one month."""
    return _page(branch_id)


@blueprint.post("/branches/<uuid:branch_id>/activities")
@needs("record_activity")
def record(branch_id: UUID) -> ResponseReturnValue:
    """Write down an activity by hand."""
    fields = given(
        branch_id=branch_id,
        kind=typed("kind"),
        held_on=typed("held_on"),
        subject=typed("subject"),
        attended=typed_number("attended"),
    )
    try:
        assessment.activities.record_activity(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(branch_id, faults(refusal, at=AT_FIELD))
    flash(_("Written down. The light is read anew from it."), "good")
    return redirect(url_for("pages.branches.show", branch_id=branch_id), code=303)


@blueprint.post("/branches/<uuid:branch_id>/light-corrections")
@needs("correct_light")
def correct_light(branch_id: UUID) -> ResponseReturnValue:
    """Correct the light of a month that is frozen."""
    fields = given(branch_id=branch_id, month=typed("month"), light=typed("light"), reason=typed("reason"))
    return done_or_told(
        assessment.lights.correct_light,
        fields,
        done=_("Corrected; the branch sees who did it and why."),
        back=url_for("pages.branches.show", branch_id=branch_id, month=typed("month")),
    )


def month_asked() -> str:
    """Return the month of the query, the current one when none (or none that can be read) is named."""
    text = request.args.get("month", "")
    return text if MONTH.match(text) else clock.month_of(clock.now())


def _page(branch_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    month = month_asked()
    reads: dict[str, Any] = {}
    if who.may("read_quota_use"):
        asked = {"branch_id": branch_id}
        reads["quota"] = lambda: found_or_none(lambda: sites.orders.quota_use(asked, who=who), "forbidden")
    parts = together(
        **reads,
        branch=lambda: roster.organisations.organisation({"organisation_id": branch_id}, who=who),
        **_assessed(branch_id, month),
    )
    parts.setdefault("quota", Part())
    name = (parts["branch"].data or {}).get("name") or (parts["light"].data or {}).get("branch_name")
    path = (parts["branch"].data or {}).get("path")
    actor = current().actor
    page = render_template(
        "branches/show.html",
        **parts,
        name=name or _("Branch"),
        branch_id=branch_id,
        month=month,
        this_month=clock.month_of(clock.now()),
        today=clock.today(clock.now()).isoformat(),
        may_record=bool(actor and path and actor.may("record_activity", branch=path)),
        may_read_costs=bool(actor and path and actor.may("read_branch_costs", branch=path)),
        may_order=bool(actor and path and actor.may("place_order", branch=path)),
        may_correct=bool(actor and path and actor.may("correct_light", organisation=path.rpartition(".")[0])),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _assessed(branch_id: UUID, month: str) -> dict[str, Any]:
    """Return the reads of a branch's light and records; one from outside the district has neither."""
    who, asked = current(), {"branch_id": branch_id, "month": month}
    return {
        "light": lambda: found_or_none(lambda: assessment.lights.light(asked, who=who)),
        "history": lambda: found_or_none(lambda: assessment.lights.light_history({"branch_id": branch_id}, who=who)),
        "activities": lambda: found_or_none(lambda: assessment.activities.activities({**asked, "limit": 100}, who=who)),
    }
