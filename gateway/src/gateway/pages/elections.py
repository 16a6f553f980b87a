"""One election: what was done, and the form of the one step that is due."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.committees import BRANCHES
from gateway.pages.forms import Faults, faults, given, typed, typed_again, typed_number
from gateway.pages.parts import Part, together

blueprint = Blueprint("elections", __name__)

WRITTEN_IN: Final = 3
"""How many people can be written in at one ballot on the page."""
AT_FIELD: Final = {
    "quorum-missed": "present",
    "too-few-candidates": "candidate_ids",
    "step-too-early": "happened_on",
    "not-yet": "happened_on",
    "secretary-needed": "secretary_id",
    "not-elected": "secretary_id",
}


@blueprint.get("/elections/<uuid:election_id>")
@needs("read_terms")
def show(election_id: UUID) -> ResponseReturnValue:
    """Show an election with the form of its next step."""
    return _page(election_id)


@blueprint.post("/elections/<uuid:election_id>/candidates")
@needs("prepare_election")
def nominate(election_id: UUID) -> ResponseReturnValue:
    """Name the candidates."""
    fields = given(
        election_id=election_id,
        candidate_ids=request.form.getlist("candidate_ids"),
        happened_on=typed("happened_on"),
    )
    return _do(election_id, roster.terms.nominate_candidates, fields, done=_("Named. The superior approves them."))


@blueprint.post("/elections/<uuid:election_id>/meetings")
@needs("prepare_election")
def meet(election_id: UUID) -> ResponseReturnValue:
    """Open the meeting."""
    absent = [
        {"person_id": name.removeprefix("absent-"), "reason": reason}
        for name, reason in request.form.items()
        if name.startswith("absent-") and reason
    ]
    fields = given(
        election_id=election_id,
        happened_on=typed("happened_on"),
        present=typed_number("present"),
        not_counted=absent,
        delegates=typed_number("delegates"),
    )
    return _do(
        election_id, roster.terms.hold_election_meeting, fields, done=_("The meeting is valid. Hold the ballot.")
    )


@blueprint.post("/elections/<uuid:election_id>/ballots")
@needs("prepare_election")
def count(election_id: UUID) -> ResponseReturnValue:
    """Count a ballot: votes beside each name, and for those who were written in."""
    votes = [
        {"person_id": name.removeprefix("votes-"), "votes": typed_number(name)}
        for name, number in request.form.items()
        if name.startswith("votes-") and number.strip()
    ]
    for number in range(1, WRITTEN_IN + 1):
        if person := typed(f"written-{number}"):
            votes.append({"person_id": person, "votes": typed_number(f"written-votes-{number}")})
    fields = given(
        election_id=election_id,
        handed_out=typed_number("handed_out"),
        returned=typed_number("returned"),
        spoiled=typed_number("spoiled"),
        votes=votes,
    )
    return _do(election_id, roster.terms.count_ballots, fields, done=_("Counted."))


@blueprint.post("/elections/<uuid:election_id>/settlement")
@needs("prepare_election")
def settle(election_id: UUID) -> ResponseReturnValue:
    """Leave seats empty."""
    fields = given(election_id=election_id, reason=typed("reason"))
    return _do(election_id, roster.terms.settle_for_fewer, fields, done=_("Written down."))


@blueprint.post("/elections/<uuid:election_id>/posts")
@needs("prepare_election")
def divide(election_id: UUID) -> ResponseReturnValue:
    """Name secretary and deputies."""
    fields = given(
        election_id=election_id,
        happened_on=typed("happened_on"),
        secretary_id=typed("secretary_id"),
        deputy_ids=request.form.getlist("deputy_ids"),
    )
    return _do(election_id, roster.terms.divide_posts, fields, done=_("Written down. Report the result."))


@blueprint.post("/elections/<uuid:election_id>/report")
@needs("prepare_election")
def report(election_id: UUID) -> ResponseReturnValue:
    """Report the result."""
    fields = given(election_id=election_id, happened_on=typed("happened_on"), document_number=typed("document_number"))
    return _do(election_id, roster.terms.report_election, fields, done=_("Reported to the superior."))


@blueprint.post("/elections/<uuid:election_id>/approval")
@needs("decide_election")
def approve(election_id: UUID) -> ResponseReturnValue:
    """Approve the step that waits for the superior."""
    fields = given(
        election_id=election_id,
        step=typed("step"),
        happened_on=typed("happened_on"),
        document_number=typed("document_number"),
    )
    return _do(election_id, roster.terms.approve_election_step, fields, done=_("Approved."))


@blueprint.post("/elections/<uuid:election_id>/return")
@needs("decide_election")
def send_back(election_id: UUID) -> ResponseReturnValue:
    """Refuse or send back what waits for the superior."""
    fields = given(election_id=election_id, step=typed("step"), reason=typed("reason"))
    return _do(election_id, roster.terms.send_back_election_step, fields, done=_("Sent back."))


@blueprint.post("/elections/<uuid:election_id>/cancellation")
@needs("prepare_election", "decide_election")
def cancel(election_id: UUID) -> ResponseReturnValue:
    """End an election."""
    fields = given(election_id=election_id, reason=typed("reason"))
    return _do(election_id, roster.terms.cancel_election, fields, done=_("The election is ended."))


def _do(election_id: UUID, act: Any, fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(election_id, faults(refusal, at=AT_FIELD))
    flash(done, "good")
    return redirect(url_for("pages.elections.show", election_id=election_id), code=303)


def _page(election_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    asked = {"election_id": election_id}
    election = roster.terms.election(asked, who=who).data
    reads: dict[str, Callable[[], Any]] = {}
    if {"nominate", "meet", "ballot"} & set(election["can"]):
        reads["roll"] = lambda: roster.terms.election_roll(asked, who=who)
    parts = {"roll": Part(), **together(**reads)}
    page = render_template(
        "elections/show.html",
        election=election,
        organisation_id=election["organisation_id"],
        is_branch=election["organisation_kind"] in BRANCHES,
        today=clock.today(clock.now()).isoformat(),
        written_in=WRITTEN_IN,
        errors=told.errors if told else {},
        values=typed_again("candidate_ids", "deputy_ids") if told else {},
        **parts,
    )
    return page, told.status if told else 200
