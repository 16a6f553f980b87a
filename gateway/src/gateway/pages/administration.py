"""Administration: accounts, roles in a part of the tree, and the policy of signing in."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from contracts.rights import MAY_GRANT
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import roster
from gateway.idempotency import command_id
from gateway.identity import Identity, current, needs
from gateway.pages.forms import Faults, day_in, done_or_told, faults, given, tell, typed, typed_number
from gateway.pages.organisations import organisation_named
from gateway.pages.sign_in import providers
from gateway.pages.words import words_of

blueprint = Blueprint("administration", __name__)

ON_A_PAGE: Final = 50
STEPS: Final = {
    "lock": roster.accounts.lock_account,
    "unlock": roster.accounts.unlock_account,
    "closure": roster.accounts.close_account,
    "second-factor-removal": roster.accounts.take_second_factor,
    "session-ends": roster.accounts.end_sessions,
}
UNITS: Final = {
    "first_wait_s": 60,
    "longest_wait_s": 60,
    "forgotten_after_s": 60,
    "idle_max_s": 3_600,
    "session_max_s": 3_600,
}
"""In how many seconds each length of time is written in the form."""
NUMBERS: Final = (
    *("length_min", "remembered", "expires_after_days", "wrong_max", *UNITS),
    *("token_days_max", "tokens_max"),
)


@blueprint.get("/administration/accounts")
@needs("read_accounts")
def accounts() -> ResponseReturnValue:
    """List the accounts, or the people whose name begins as asked."""
    return _accounts()


@blueprint.post("/administration/accounts")
@needs("open_account")
def open_account() -> ResponseReturnValue:
    """Open an account; its first password is shown once, on this answer alone."""
    fields = given(person_id=typed("person_id"), username=typed("username"), reason=typed("reason"))
    try:
        opened = roster.accounts.open_account(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _accounts(faults(refusal, at={"username-taken": "username"}))
    return _shown_once(opened.data)


@blueprint.get("/administration/accounts/<uuid:person_id>")
@needs("read_accounts")
def account(person_id: UUID) -> ResponseReturnValue:
    """Show one account: its roles, where it is signed in, what was done to it."""
    return _account(person_id)


@blueprint.post("/administration/accounts/<uuid:person_id>/password-reset")
@needs("administer_account")
def reset_password(person_id: UUID) -> ResponseReturnValue:
    """Give a first password anew; it is shown once, on this answer alone."""
    fields = given(person_id=person_id, reason=typed("reason"))
    try:
        reset = roster.accounts.reset_password(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _account(person_id, faults(refusal), tried="password-reset")
    return _shown_once(reset.data)


@blueprint.post(
    '/administration/accounts/<uuid:person_id>/<any("lock","unlock","closure","second-factor-removal",'
    '"session-ends"):step>'
)
@needs("administer_account")
def take_step(person_id: UUID, step: str) -> ResponseReturnValue:
    """Lock, unlock or close an account, take its second factor away, or sign its holder out."""
    fields = given(person_id=person_id, reason=typed("reason"))
    try:
        STEPS[step](fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _account(person_id, faults(refusal), tried=step)
    flash(_("Done, and kept on record."), "good")
    return redirect(url_for("pages.administration.account", person_id=person_id), code=303)


@blueprint.post("/administration/accounts/<uuid:person_id>/identities")
@needs("bind_identity")
def bind_identity(person_id: UUID) -> ResponseReturnValue:
    """Bind what an identity provider calls the person to the account."""
    fields = given(person_id=person_id, **{name: typed(name) for name in ("provider", "subject", "reason")})
    try:
        roster.identity_providers.bind_identity(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _account(person_id, faults(refusal, at={"identity-bound": "subject"}), tried="identities")
    flash(_("Done, and kept on record."), "good")
    return redirect(url_for("pages.administration.account", person_id=person_id), code=303)


@blueprint.post("/administration/accounts/<uuid:person_id>/identities/<uuid:identity_id>/removal")
@needs("bind_identity")
def unbind_identity(person_id: UUID, identity_id: UUID) -> ResponseReturnValue:
    """End that the person signs in by an identity provider."""
    fields = given(person_id=person_id, identity_id=identity_id, reason=typed("reason"))
    return done_or_told(
        roster.identity_providers.unbind_identity,
        fields,
        done=_("Done, and kept on record."),
        back=url_for("pages.administration.account", person_id=person_id),
    )


@blueprint.get("/administration/roles")
@needs("read_grants")
def roles() -> ResponseReturnValue:
    """List the roles that were granted in this part of the tree."""
    asked = {name: text for name in ("state", "role", "person_id") if (text := request.args.get(name, "").strip())}
    asked.setdefault("state", "in_force")
    fields = {name: value for name, value in asked.items() if value != "all"}
    found = roster.grants.grants(
        given(**fields, cursor=request.args.get("cursor") or None, limit=ON_A_PAGE), who=current()
    ).data
    return render_template("administration/roles.html", found=found, asked=asked, may_grant=current().may("grant_role"))


@blueprint.post("/administration/roles/<uuid:grant_id>/end")
@needs("end_grant")
def end_role(grant_id: UUID) -> ResponseReturnValue:
    """End a grant."""
    try:
        roster.grants.end_grant(
            given(grant_id=grant_id, reason=typed("reason")), who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Ended. It counts from the person's next token on, within ten minutes."), "good")
    return redirect(url_for("pages.administration.roles"), code=303)


@blueprint.get("/administration/roles/new")
@needs("grant_role")
def new_role() -> ResponseReturnValue:
    """Find the person, then choose role, place and days."""
    return _new_role()


@blueprint.post("/administration/roles")
@needs("grant_role")
def grant_role() -> ResponseReturnValue:
    """Grant a role."""
    told: dict[str, list[str]] = {}
    organisation_id = None
    if name := typed("organisation"):
        organisation_id, fault = organisation_named(name)
        told = {"organisation": [fault]} if fault else {}
    else:
        told = {"organisation": [_("Please fill this in.")]}
    if told:
        return _new_role(Faults(told))
    fields = given(
        person_id=typed("person_id"),
        role=typed("role"),
        organisation_id=organisation_id,
        ground=typed("ground"),
        active_from=typed("active_from"),
        active_until=last + timedelta(days=1) if (last := day_in(typed("last_day"))) else typed("last_day"),
    )
    try:
        granted = roster.grants.grant_role(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        wrong = faults(refusal, at={"granted-already": "role", "not-yours-to-give": "role"})
        if "active_until" in wrong.errors:
            wrong.errors["last_day"] = wrong.errors.pop("active_until")
        return _new_role(wrong)
    flash(_("Granted to %(name)s. It counts from their next token on.", name=granted["person_name"]), "good")
    return redirect(url_for("pages.administration.roles", state="all"), code=303)


@blueprint.get("/administration/sign-in-policy")
@needs("read_sign_in_policy")
def policy() -> ResponseReturnValue:
    """Show the policy in force, those before it, and the form for the next."""
    return _policy()


@blueprint.post("/administration/sign-in-policy")
@needs("set_sign_in_policy")
def set_policy() -> ResponseReturnValue:
    """Set the policy from a day on."""
    numbers: dict[str, Any] = {"second_factor_roles": request.form.getlist("numbers.second_factor_roles")}
    for name in NUMBERS:
        value = typed_number(f"numbers.{name}")
        if value is not None:
            numbers[name] = value * UNITS.get(name, 1) if isinstance(value, int) else value
    fields = given(
        version=typed_number("version"), numbers=numbers, ground=typed("ground"), active_from=typed("active_from")
    )
    try:
        roster.grants.set_sign_in_policy(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        told = faults(refusal)
        for name in UNITS:
            if any(sign.isdigit() for sentence in told.errors.get(f"numbers.{name}", []) for sign in sentence):
                told.errors[f"numbers.{name}"] = [_("This is outside of the range that is named here.")]
        return _policy(told)
    flash(_("The policy is set."), "good")
    return redirect(url_for("pages.administration.policy"), code=303)


def _accounts(told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    q, state = (request.values.get(name, "").strip() for name in ("q", "state"))
    cursor = request.args.get("cursor") or None
    people = accounts = None
    if q:
        people = roster.accounts.find_people(given(q=q[:50], cursor=cursor, limit=ON_A_PAGE), who=who).data
    else:
        accounts = roster.accounts.accounts(given(state=state or None, cursor=cursor, limit=ON_A_PAGE), who=who).data
    page = render_template(
        "administration/accounts.html",
        people=people,
        accounts=accounts,
        q=q,
        state=state,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _account(person_id: UUID, told: Faults | None = None, *, tried: str = "") -> ResponseReturnValue:
    record = roster.accounts.account({"person_id": person_id}, who=current()).data
    page = render_template(
        "administration/account.html",
        **record,
        identities=roster.identity_providers.identities({"person_id": person_id}, who=current())["identities"],
        providers=providers(),
        tried=tried,
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _shown_once(first: dict[str, Any]) -> str:
    return render_template("administration/first_password.html", **first)


def _new_role(told: Faults | None = None) -> ResponseReturnValue:
    who = current()
    q = request.values.get("q", "").strip()
    found = roster.accounts.find_people({"q": q[:50], "limit": ON_A_PAGE}, who=who)["items"] if q else []
    page = render_template(
        "administration/new_role.html",
        q=q,
        people=[person for person in found if person["id"] != str(who.person_id)],
        roles=[
            (code, text)
            for code, text in words_of("role")
            if any(code in MAY_GRANT.get(held, ()) for held in who.roles)
        ],
        place=_own_place(who),
        errors=told.errors if told else {},
        values=request.form,
    )
    return page, told.status if told else 200


def _own_place(who: Identity) -> str:
    """Return the name of the one node at which the person may give roles; nothing when there are several."""
    held = roster.sessions.me({}, who=who)["roles"]
    names = {grant["organisation_name"] for grant in held if grant["role"] in ("admin", "officer", "secretary")}
    return names.pop() if len(names) == 1 else ""


def _policy(told: Faults | None = None) -> ResponseReturnValue:
    found = roster.grants.sign_in_policy({}, who=current()).data
    numbers = found["in_force"]["numbers"]
    values: dict[str, Any] = {
        f"numbers.{name}": "" if numbers[name] is None else numbers[name] // UNITS.get(name, 1) for name in NUMBERS
    }
    page = render_template(
        "administration/policy.html",
        found=found,
        values=values | request.form.to_dict(),
        chosen=request.form.getlist("numbers.second_factor_roles") if told else numbers["second_factor_roles"],
        may_set=current().may("set_sign_in_policy"),
        units=UNITS,
        errors=told.errors if told else {},
    )
    return page, told.status if told else 200
