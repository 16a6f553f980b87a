"""An organisation's committee: who holds its posts, how long the term runs, what is due, and what the superior does."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.roster.terms import ENDED_BY_HAND
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, day_in, faults, given, tell, typed, typed_again, typed_number
from gateway.pages.parts import Part, together

blueprint = Blueprint("committees", __name__)

MEMBERS_SHOWN: Final = 500
BRANCHES: Final = frozenset({"branch", "joint_branch"})
AT_FIELD: Final = {
    "too-far": "new_ends_on",
    "not-yet": "day",
    "before-it-began": "day",
    "not-here": "person_id",
    "post-taken": "person_id",
    "seats-full": "person_id",
    "no-empty-seat": "election_seats",
    "election-too-early": "planned_on",
}


@blueprint.get("/branches/<uuid:organisation_id>/committee")
@needs("read_terms")
def show(organisation_id: UUID) -> ResponseReturnValue:
    """Show the committee, of today or another day."""
    return _page(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/term-shifts")
@needs("prepare_election")
def ask_shift(organisation_id: UUID) -> ResponseReturnValue:
    """Ask that the term end on another day."""
    fields = given(organisation_id=organisation_id, new_ends_on=typed("new_ends_on"), reason=typed("reason"))
    return _do(organisation_id, roster.terms.ask_term_shift, fields, done=_("Sent to the superior."))


@blueprint.post("/term-shifts/<uuid:shift_id>/approval")
@needs("decide_term_shift")
def approve_shift(shift_id: UUID) -> ResponseReturnValue:
    """Approve that a term ends on another day."""
    fields = given(shift_id=shift_id, document_number=typed("document_number"))
    return _decide(roster.terms.approve_term_shift, fields, done=_("Approved. The term has its new end."))


@blueprint.post("/term-shifts/<uuid:shift_id>/refusal")
@needs("decide_term_shift")
def refuse_shift(shift_id: UUID) -> ResponseReturnValue:
    """Leave a term as it is."""
    fields = given(shift_id=shift_id, reason=typed("reason"))
    return _decide(roster.terms.refuse_term_shift, fields, done=_("Refused. The term stays as it is."))


@blueprint.post("/term-shifts/<uuid:shift_id>/withdrawal")
@needs("prepare_election")
def withdraw_shift(shift_id: UUID) -> ResponseReturnValue:
    """Take an application back."""
    return _decide(roster.terms.withdraw_term_shift, {"shift_id": shift_id}, done=_("Taken back."))


@blueprint.post("/branches/<uuid:organisation_id>/terms")
@needs("manage_posts")
def record(organisation_id: UUID) -> ResponseReturnValue:
    """Write down a term that runs already."""
    fields = given(
        organisation_id=organisation_id,
        active_from=typed("active_from"),
        seats=typed_number("seats"),
        document_number=typed("document_number"),
    )
    at = {"not-yet": "active_from"}
    return _do(organisation_id, roster.terms.record_term, fields, done=_("Written down."), at=at)


@blueprint.post("/branches/<uuid:organisation_id>/posts")
@needs("manage_posts")
def appoint(organisation_id: UUID) -> ResponseReturnValue:
    """Give one post by a document."""
    fields = given(
        organisation_id=organisation_id,
        person_id=typed("person_id"),
        post=typed("post"),
        held_from=typed("day"),
        document_number=typed("document_number"),
    )
    return _do(organisation_id, roster.terms.appoint_to_post, fields, done=_("In office."))


@blueprint.post("/branches/<uuid:organisation_id>/appointed-committees")
@needs("manage_posts")
def appoint_all(organisation_id: UUID) -> ResponseReturnValue:
    """Put a whole committee into office by a document: beside each name stands the post, or none."""
    posts = {name.removeprefix("post-"): post for name, post in request.form.items() if name.startswith("post-")}
    holders = {code: [person for person, post in posts.items() if post == code] for code in set(posts.values())}
    secretaries = holders.get("secretary", [])
    if len(secretaries) != 1:
        told = Faults({"appointed": [_("Name one secretary.")]})
        return _page(organisation_id, told)
    fields = given(
        organisation_id=organisation_id,
        active_from=typed("active_from"),
        document_number=typed("document_number"),
        secretary_id=secretaries[0],
        deputy_ids=holders.get("deputy_secretary", []),
        member_ids=holders.get("committee_member", []),
    )
    done = _("The new committee is in office; its term begins anew.")
    at = {"not-yet": "active_from", "before-it-began": "active_from"}
    return _do(organisation_id, roster.terms.appoint_committee, fields, done=done, at=at)


@blueprint.post("/branches/<uuid:organisation_id>/posts/<int:post_id>/end")
@needs("manage_posts")
def end_post(organisation_id: UUID, post_id: int) -> ResponseReturnValue:
    """Say that somebody holds a post no longer."""
    fields = given(
        organisation_id=organisation_id,
        post_id=post_id,
        ended_by=typed("ended_by"),
        held_until=typed("held_until"),
        document_number=typed("end_document_number"),
    )
    at = {"not-yet": "held_until", "before-it-began": "held_until"}
    return _do(organisation_id, roster.terms.end_post, fields, done=_("The post is free."), at=at)


@blueprint.post("/branches/<uuid:organisation_id>/elections")
@needs("prepare_election")
def request_election(organisation_id: UUID) -> ResponseReturnValue:
    """Ask the superior for an election."""
    fields = given(
        organisation_id=organisation_id,
        kind=typed("kind"),
        seats=typed_number("election_seats"),
        planned_on=typed("planned_on"),
        document_number=typed("document_number"),
        happened_on=typed("happened_on"),
    )
    try:
        election = roster.terms.request_election(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        told = faults(refusal, at={**AT_FIELD, "not-yet": "happened_on"})
        if "seats" in told.errors:
            told.errors["election_seats"] = told.errors.pop("seats")
        return _page(organisation_id, told)
    flash(_("Sent to the superior, who replies first."), "good")
    return redirect(url_for("pages.elections.show", election_id=election["id"]), code=303)


def _do(
    organisation_id: UUID, act: Any, fields: dict[str, Any], *, done: str, at: dict[str, str] | None = None
) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(organisation_id, faults(refusal, at={**AT_FIELD, **(at or {})}))
    flash(done, "good")
    return redirect(url_for("pages.committees.show", organisation_id=organisation_id), code=303)


def _decide(act: Any, fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    """Answer a button of an application; back to where it stood."""
    organisation_id = typed("organisation_id") or ""
    try:
        organisation_id = act(fields, who=current(), command_id=command_id()).data["organisation_id"]
        flash(done, "good")
    except Refusal as refusal:
        tell(refusal)
    if typed("from") == "approvals" or not organisation_id:
        return redirect(url_for("pages.terms.approvals"), code=303)
    return redirect(url_for("pages.committees.show", organisation_id=organisation_id), code=303)


def _page(organisation_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    on = day_in(request.args.get("on"))
    asked = given(organisation_id=organisation_id, on=on.isoformat() if on else None)
    committee = roster.terms.committee(asked, who=who).data
    reads: dict[str, Callable[[], Any]] = {}
    if "appoint" in committee["can"] and who.may("read_members"):
        reads["members"] = lambda: roster.members.members(
            {"organisation_id": organisation_id, "status": "full", "limit": MEMBERS_SHOWN}, who=who
        )
    parts = {"members": Part(), **together(**reads)}
    page = render_template(
        "committees/show.html",
        committee=committee,
        organisation_id=organisation_id,
        is_branch=committee["kind"] in BRANCHES,
        is_today=on is None,
        endings=ENDED_BY_HAND,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=typed_again() if told else {},
        **parts,
    )
    return page, told.status if told else 200
