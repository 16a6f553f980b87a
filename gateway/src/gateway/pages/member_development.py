"""Those on the way to membership: a branch's pipeline, and one person's way."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from contracts.roster.development import STAGES
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed, typed_number
from gateway.pages.members import AT_FIELD
from gateway.pages.parts import together

blueprint = Blueprint("member_development", __name__)

ON_A_PAGE: Final = 100
APPLICANT: Final = ("name", "applied_on", "sex", "ethnicity", "born_on", "education", "identity_number", "phone")


@blueprint.get("/branches/<uuid:organisation_id>/development")
@needs("read_development")
def index(organisation_id: UUID) -> ResponseReturnValue:
    """List who is on the way, with what is missing."""
    return _index(organisation_id)


@blueprint.post("/branches/<uuid:organisation_id>/development")
@needs("develop_member")
def enter(organisation_id: UUID) -> ResponseReturnValue:
    """Enter somebody who applied."""
    fields = given(branch_id=organisation_id, **{name: typed(name) for name in APPLICANT})
    try:
        done = roster.development.enter_applicant(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        return _index(organisation_id, faults(refusal, at=AT_FIELD))
    flash(_("Entered. Talk with the applicant within a month."), "good")
    return redirect(url_for("pages.member_development.show", person_id=done["person_id"]), code=303)


@blueprint.get("/development/<uuid:person_id>")
@needs("read_development")
def show(person_id: UUID) -> ResponseReturnValue:
    """Show one person's way."""
    return _page(person_id)


@blueprint.post("/development/<uuid:person_id>/steps")
@needs("develop_member")
def record(person_id: UUID) -> ResponseReturnValue:
    """Write down a step that was done."""
    fields = given(
        person_id=person_id,
        step=typed("step"),
        done_on=typed("done_on"),
        hours=typed_number("hours"),
        note=typed("note"),
    )
    return _do(person_id, roster.development.record_step, fields, done=_("Written down."))


@blueprint.post("/development/<uuid:person_id>/steps/<int:step_id>/strike")
@needs("develop_member")
def strike(person_id: UUID, step_id: int) -> ResponseReturnValue:
    """Strike out a step entered by mistake."""
    fields = given(person_id=person_id, step_id=step_id, reason=typed("reason"))
    return _do(person_id, roster.development.strike_step, fields, done=_("Struck out; it stays readable."))


@blueprint.post("/development/<uuid:person_id>/stage")
@needs("develop_member")
def advance(person_id: UUID) -> ResponseReturnValue:
    """Take the next stage."""
    fields = given(
        person_id=person_id,
        to_stage=typed("to_stage"),
        happened_on=typed("happened_on"),
        version=typed_number("version"),
    )
    return _do(person_id, roster.development.advance_stage, fields, done=_("The next stage is reached."))


@blueprint.post("/development/<uuid:person_id>/extension")
@needs("develop_member")
def extend(person_id: UUID) -> ResponseReturnValue:
    """Extend a probation."""
    fields = given(person_id=person_id, until=typed("until"), reason=typed("reason"), version=typed_number("version"))
    return _do(person_id, roster.development.extend_probation, fields, done=_("The probation is extended."))


@blueprint.post("/development/<uuid:person_id>/end")
@needs("develop_member")
def end(person_id: UUID) -> ResponseReturnValue:
    """Say that somebody goes no further."""
    fields = given(
        person_id=person_id,
        happened_on=typed("happened_on"),
        reason=typed("reason"),
        version=typed_number("version"),
    )
    return _do(person_id, roster.development.end_development, fields, done=_("Written down."))


def _do(person_id: UUID, act: Callable[..., Any], fields: dict[str, Any], *, done: str) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(person_id, faults(refusal, at=AT_FIELD))
    flash(done, "good")
    return redirect(url_for("pages.member_development.show", person_id=person_id), code=303)


def _page(person_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    way = roster.development.development({"person_id": person_id}, who=current()).data
    page = render_template(
        "members/way.html",
        way=way,
        may_develop=current().may("develop_member"),
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=request.form if told else {},
    )
    return page, told.status if told else 200


def _index(organisation_id: UUID, told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    stage = request.args.get("stage")
    stage = stage if stage in STAGES else None
    asked = given(
        organisation_id=organisation_id,
        stage=stage,
        limit=ON_A_PAGE,
        cursor=request.args.get("cursor") or None,
    )
    parts = together(
        branch=lambda: roster.organisations.organisation({"organisation_id": organisation_id}, who=who),
        ways=lambda: roster.development.developments(asked, who=who),
    )
    branch = parts["branch"].data
    page = render_template(
        "members/development.html",
        **parts,
        organisation_id=organisation_id,
        stage=stage,
        may_enter=bool(
            branch
            and who.actor
            and who.actor.may("develop_member", organisation=branch["path"])
            and branch["kind"] in ("branch", "joint_branch")
        ),
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200
