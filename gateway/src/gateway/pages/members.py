"""One member's record, and the search over the district: by name, by number, who is entered twice."""

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
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_number
from gateway.pages.organisations import organisation_named
from gateway.pages.parts import Part, together

blueprint = Blueprint("members", __name__)

ON_A_PAGE: Final = 50
DETAILS: Final = (
    "sex",
    "ethnicity",
    "born_on",
    "education",
    "native_place",
    "work_unit",
    "file_place",
    "file_checked_on",
    "identity_number",
    "phone",
    "party_group",
)
"""The fields of the form about a person; what is left empty is not sent."""
AT_FIELD: Final = {
    "identity-number-taken": "identity_number",
    "letter-number-taken": "letter_number",
    "same-branch": "to",
    "not-a-branch": "to",
    "too-young": "born_on",
    "stage-too-early": "happened_on",
    "not-extendable": "until",
}

Act = Callable[..., Any]


# ---- over the district -------------------------------------------------------------------------------------------


@blueprint.get("/members")
@needs("look_up_member")
def search() -> ResponseReturnValue:
    """Search one's part of the tree by name."""
    return _search()


@blueprint.post("/members/lookup")
@needs("look_up_member")
def look_up() -> ResponseReturnValue:
    """Find who has a number; the number stands in no address, and that somebody looked is kept."""
    number = typed("number") or ""
    plain = number.replace(" ", "").replace("-", "")
    fields = {"identity_number": number} if len(plain) >= 15 else given(phone=number or None)
    try:
        found = roster.members.look_up_member(fields, who=current(), command_id=command_id()).data
    except Refusal as refusal:
        told = faults(refusal)
        return _search(Faults({"number": [one for each in told.errors.values() for one in each]}, told.status))
    return _search(looked_up=found["items"])


@blueprint.get("/member-duplicates")
@needs("read_duplicates")
def duplicates() -> ResponseReturnValue:
    """List who is likely entered twice."""
    who = current()
    told_apart = request.args.get("told_apart") == "1"
    asked = given(told_apart=told_apart, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
    parts = together(duplicates=lambda: roster.members.member_duplicates(asked, who=who))
    return render_template("members/duplicates.html", **parts, told_apart=told_apart)


@blueprint.post("/member-duplicates")
@needs("tell_apart")
def tell_apart() -> ResponseReturnValue:
    """Say that two who look alike are two people."""
    fields = given(person_id=typed("person_id"), other_id=typed("other_id"), reason=typed("reason"))
    try:
        roster.members.tell_members_apart(fields, who=current(), command_id=command_id())
        flash(_("Written down. They are two people."), "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.members.duplicates"), code=303)


# ---- one member --------------------------------------------------------------------------------------------------


@blueprint.get("/members/<uuid:person_id>")
@needs("read_member")
def show(person_id: UUID) -> ResponseReturnValue:
    """Show a member's record."""
    return _page(person_id)


@blueprint.post("/members/<uuid:person_id>/data")
@needs("edit_member")
def edit(person_id: UUID) -> ResponseReturnValue:
    """Write down what is known of a member."""
    fields = given(
        person_id=person_id,
        version=typed_number("version"),
        name=typed("name"),
        clear_phone=True if typed("clear_phone") else None,
        **{name: typed(name) for name in DETAILS},
    )
    return _do(person_id, roster.members.edit_member, fields, done=_("Saved."), tried="data")


@blueprint.post("/members/<uuid:person_id>/state")
@needs("edit_member")
def change_state(person_id: UUID) -> ResponseReturnValue:
    """Say that a member is active, floating or lost."""
    fields = given(person_id=person_id, state=typed("state"), happened_on=typed("happened_on"), reason=typed("reason"))
    return _do(person_id, roster.members.change_member_state, fields, done=_("Written down."), tried="state")


@blueprint.post("/members/<uuid:person_id>/end")
@needs("end_membership")
def end(person_id: UUID) -> ResponseReturnValue:
    """Say that a member is none any more."""
    fields = given(
        person_id=person_id,
        ended_by=typed("ended_by"),
        happened_on=typed("happened_on"),
        reason=typed("reason"),
        document_number=typed("document_number"),
    )
    done = _("Written down. The person stands in the register of earlier days alone.")
    return _do(person_id, roster.members.end_membership, fields, done=done, tried="end")


@blueprint.post("/members/<uuid:person_id>/facts")
@needs("edit_member")
def state_fact(person_id: UUID) -> ResponseReturnValue:
    """Write down that a member is retired, ill, abroad or exempt."""
    fields = given(
        person_id=person_id,
        fact=typed("fact"),
        active_from=typed("active_from"),
        active_until=typed("active_until"),
        note=typed("note"),
    )
    return _do(person_id, roster.members.state_member_fact, fields, done=_("Written down."), tried="fact")


@blueprint.post("/members/<uuid:person_id>/facts/<uuid:fact_id>/end")
@needs("edit_member")
def end_fact(person_id: UUID, fact_id: UUID) -> ResponseReturnValue:
    """Say on which day a fact ceased to hold."""
    fields = given(person_id=person_id, fact_id=fact_id, active_until=typed("active_until"))
    return _do(person_id, roster.members.end_member_fact, fields, done=_("Written down."), tried="fact")


@blueprint.post("/members/<uuid:person_id>/transfer")
@needs("issue_transfer")
def issue_transfer(person_id: UUID) -> ResponseReturnValue:
    """Issue the letter with which a member goes to another branch."""
    to = typed("to")
    fields = given(person_id=person_id, letter_number=typed("letter_number"), reason=typed("reason"))
    if typed("outside"):
        fields |= given(to_name=to)
    elif to:
        branch_id, fault = organisation_named(to)
        if fault:
            return _page(person_id, Faults({"to": [fault]}), tried="transfer")
        fields["to_branch_id"] = branch_id
    done = _("The letter is issued. The member stays here until the other branch confirms.")
    return _do(person_id, roster.transfers.issue_transfer, fields, done=done, tried="transfer")


@blueprint.post("/members/<uuid:person_id>/personal-data")
@needs("open_personal_data")
def open_numbers(person_id: UUID) -> ResponseReturnValue:
    """Show the sealed numbers, once; that somebody looked is kept."""
    fields = given(
        person_id=person_id,
        fields=request.form.getlist("fields"),
        purpose=typed("purpose"),
        reason=typed("open_reason"),
    )
    try:
        opened = roster.members.open_personal_data(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal)
        errors = {("open_reason" if name == "reason" else name): each for name, each in told.errors.items()}
        return _page(person_id, Faults(errors, told.status), tried="open")
    return _page(person_id, opened=opened.data)


def _do(person_id: UUID, act: Act, fields: dict[str, Any], *, done: str, tried: str) -> ResponseReturnValue:
    try:
        act(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _page(person_id, faults(refusal, at=AT_FIELD), tried=tried)
    flash(done, "good")
    return redirect(url_for("pages.members.show", person_id=person_id), code=303)


def _page(
    person_id: UUID, told: Faults | None = None, *, tried: str = "", opened: dict[str, Any] | None = None
) -> ResponseReturnValue:
    who = current()
    member = roster.members.member({"person_id": person_id}, who=who).data
    views = Part()
    if who.may("read_personal_views"):
        views = together(views=lambda: roster.members.personal_views({"person_id": person_id, "limit": 20}, who=who))[
            "views"
        ]
    page = render_template(
        "members/show.html",
        member=member,
        views=views,
        opened=opened,
        tried=tried,
        today=clock.today(clock.now()).isoformat(),
        errors=told.errors if told else {},
        values=request.form if told else {},
    )
    return page, told.status if told else 200


def _search(told: Faults | None = None, *, looked_up: list[Any] | None = None) -> ResponseReturnValue:
    who = current()
    q = request.args.get("q", "").strip()
    actor = who.actor
    assert actor is not None
    found = Part({"items": [], "next": None})
    node = next(iter(_nodes(who)), None)
    if q and node:
        asked = given(
            organisation_id=node["organisation_id"],
            q=q,
            limit=ON_A_PAGE,
            cursor=request.args.get("cursor") or None,
        )
        found = together(found=lambda: roster.members.members(asked, who=who))["found"]
    page = render_template(
        "members/search.html",
        q=q,
        found=found,
        node=node,
        looked_up=looked_up,
        errors=told.errors if told else {},
    )
    return page, told.status if told else 200


def _nodes(who: Any) -> list[dict[str, Any]]:
    """Return the nodes at which the reader may look members up, the highest first."""
    me = roster.sessions.me({}, who=who)
    return [grant for grant in me["roles"] if grant["role"] == "officer"]
