"""Warning cards: the board, one card with what turns it back, its steps, the talk record of the superior."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import assessment
from gateway.edge import takes_files
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import Faults, faults, given, typed
from gateway.pages.organisations import uuid_in
from gateway.pages.parts import together
from gateway.pages.problem_register import AT_FILE
from gateway.pages.words import VOCABULARIES
from gateway.resources.mending import uploaded_evidence

blueprint = Blueprint("cards", __name__)

ON_A_PAGE: Final = 50
GROUNDS: Final = {
    "yellow": ("perfunctory", "rebound", "weak_progress"),
    "orange": ("false_mending", "refused", "severely_late"),
}
"""For what a card of each colour is raised."""


@blueprint.get("/cards")
@needs("read_problems")
def index() -> ResponseReturnValue:
    """Show how many cards stand where, and the cards themselves."""
    who = current()
    where = uuid_in(request.args.get("organisation"))
    state = request.args.get("state")
    state = state if state in VOCABULARIES["card_filter"] else "standing"
    colour = request.args.get("colour")
    colour = colour if colour in VOCABULARIES["card_colour"] else None
    asked = given(organisation_id=where)
    narrowed = given(**asked, state=state, colour=colour, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE)
    parts = together(
        board=lambda: assessment.cards.card_board(asked, who=who),
        cards=lambda: assessment.cards.cards(narrowed, who=who),
    )
    return render_template("cards/index.html", **parts, where=where, state=state, colour=colour)


@blueprint.get("/cards/<uuid:card_id>")
@needs("read_problems")
def show(card_id: UUID) -> ResponseReturnValue:
    """Show a card with its steps, what follows from it, and what turns it back."""
    return _page(card_id, Faults(status=200))


@blueprint.post("/cards/<uuid:card_id>/escalation")
@needs("give_card")
def escalate(card_id: UUID) -> ResponseReturnValue:
    """Raise a card by one colour."""
    fields = given(
        card_id=card_id,
        colour=typed("colour"),
        ground=typed("ground"),
        text=typed("text"),
        is_grave=bool(typed("is_grave")),
    )
    return _done(card_id, assessment.cards.escalate_card, fields, _("Raised, and what follows is written down."))


@blueprint.post("/cards/<uuid:card_id>/step-down")
@needs("give_card")
def step_down(card_id: UUID) -> ResponseReturnValue:
    """Take a card back by one colour."""
    fields = given(card_id=card_id, colour=typed("colour"), text=typed("down_text"))
    told = _("Taken back by a colour.")
    return _done(card_id, assessment.cards.step_card_down, fields, told, text="down_text")


@blueprint.post("/cards/<uuid:card_id>/clearing")
@needs("give_card")
def clear(card_id: UUID) -> ResponseReturnValue:
    """Clear a card."""
    fields = given(card_id=card_id, text=typed("clear_text"))
    return _done(card_id, assessment.cards.clear_card, fields, _("The card is cleared."), text="clear_text")


@blueprint.post("/cards/<uuid:card_id>/consequences/<uuid:consequence_id>/proof")
@needs("fulfil_card_consequence")
def fulfil(card_id: UUID, consequence_id: UUID) -> ResponseReturnValue:
    """Say that a consequence is done: the record of a talk, the number of a letter."""
    fields = given(consequence_id=consequence_id, done_on=typed("done_on"), proof=typed("proof"))
    return _done(card_id, assessment.cards.fulfil_card_consequence, fields, _("Written down."))


@blueprint.post("/cards/<uuid:card_id>/consequences/<uuid:consequence_id>/files")
@takes_files
@needs("fulfil_card_consequence")
def add_file(card_id: UUID, consequence_id: UUID) -> ResponseReturnValue:
    """Add a file that shows that a consequence is done."""
    try:
        fields = given(consequence_id=consequence_id, file=uploaded_evidence())
        assessment.problems.add_evidence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(card_id, faults(refusal, at=AT_FILE))
    flash(_("The file is added."), "good")
    return redirect(url_for("pages.cards.show", card_id=card_id, _anchor=f"consequence-{consequence_id}"), code=303)


@blueprint.post("/cards/<uuid:card_id>/objection")
@needs("object_to_card")
def object_to(card_id: UUID) -> ResponseReturnValue:
    """Object to a card's last step."""
    fields = given(card_id=card_id, text=typed("objection"))
    told = _("The objection is filed. Another person decides.")
    return _done(card_id, assessment.cards.object_to_card, fields, told, text="objection")


@blueprint.post("/cards/<uuid:card_id>/objection-decision")
@needs("decide_card_objection")
def decide(card_id: UUID) -> ResponseReturnValue:
    """Decide on an objection."""
    fields = given(card_id=card_id, decision=typed("decision"), reason=typed("reason"))
    return _done(card_id, assessment.cards.decide_card_objection, fields, _("Decided; the organisation sees why."))


def _done(
    card_id: UUID, act: Callable[..., Any], fields: dict[str, Any], told: str, **renamed: str
) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(card_id, faults(refusal, called=renamed), tried=(request.endpoint or "").rpartition(".")[2])
    flash(told, "good")
    return redirect(url_for("pages.cards.show", card_id=card_id), code=303)


def _page(card_id: UUID, told: Faults, *, tried: str | None = None) -> ResponseReturnValue:
    found = assessment.cards.card({"card_id": card_id}, who=current()).data
    page = render_template(
        "cards/show.html",
        found=found,
        may=found["may"],
        grounds=[(code, str(VOCABULARIES["card_ground"][code])) for code in GROUNDS.get(found["colour"], ())],
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors,
        values=request.form,
        tried=tried,
    )
    return page, told.status
