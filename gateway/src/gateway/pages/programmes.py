"""Programmes: one of a site's menu for everybody; the whole menu, written by the site's keepers."""

from typing import Any, Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.idempotency import command_id, new_key
from gateway.identity import current, needs, public
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_again, typed_number
from gateway.pages.language import is_chinese
from gateway.pages.parts import part
from gateway.pages.words import word

blueprint = Blueprint("programmes", __name__)

ON_A_PAGE: Final = 50
CASES_SHOWN: Final = 200
TEXTS: Final = ("name", "kind", "theme", "audience", "confirmation", "case_version_id")
NUMBERS: Final = ("party_min", "party_max", "minutes", "every_minutes", "seats", "notice_minutes")
NEW: Final = {
    "kind": "tour",
    "theme": "party_spirit_education",
    "audience": "everyone",
    "confirmation": "automatic",
    "languages": ["zh"],
    "party_min": 1,
    "minutes": 60,
    "every_minutes": 60,
    "seats": 40,
    "notice_minutes": 1440,
}
AT_FIELD: Final = {"programme-name-taken": "name", "case-not-published": "case_version_id"}


@blueprint.get("/programmes/<uuid:programme_id>")
@public
def show(programme_id: UUID) -> ResponseReturnValue:
    """Show what a programme is; a training case with its roles and steps."""
    programme = sites.programmes.programme({"programme_id": programme_id}).data
    case = None
    if programme["case"]:
        asked = {"case_id": programme["case"]["case_id"], "number": programme["case"]["number"]}
        case = part(lambda: sites.programmes.case_version(asked)).data
    return render_template(
        "programmes/show.html",
        programme=programme,
        case=case,
        languages=_languages(programme["languages"]),
        may_edit=_may_edit(programme["site_id"]),
    )


def _may_edit(site_id: str) -> bool:
    """Say whether the person keeps the site's menu; only who keeps a menu somewhere costs a read."""
    who = current()
    if not who.may("edit_programmes"):
        return False
    site = part(lambda: sites.places.site({"site_id": site_id})).data
    return bool(site and who.may("edit_programmes", site=site["managing_path"]))


@blueprint.get("/sites/<uuid:site_id>/menu")
@needs("edit_programmes")
def menu(site_id: UUID) -> ResponseReturnValue:
    """Show the whole menu, what is retired too."""
    asked = given(site_id=site_id, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
    found = sites.programmes.menu(asked, who=current()).data
    return render_template("programmes/menu.html", site=sites.places.site({"site_id": site_id}).data, menu=found)


@blueprint.get("/sites/<uuid:site_id>/programmes/new")
@needs("edit_programmes")
def new(site_id: UUID) -> ResponseReturnValue:
    """Show the form of a new programme."""
    return _form(site_id, None, dict(NEW), Faults())


@blueprint.post("/sites/<uuid:site_id>/programmes/new")
@needs("edit_programmes")
def add(site_id: UUID) -> ResponseReturnValue:
    """Put the programme on the menu."""
    try:
        sites.programmes.add_programme({"site_id": site_id, **_typed()}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _form(site_id, None, typed_again("languages"), faults(refusal, at=AT_FIELD), code=refusal.code)
    flash(_("The programme is on the menu. Its times are made within hours."), "good")
    return redirect(url_for("pages.programmes.menu", site_id=site_id), code=303)


@blueprint.get("/programmes/<uuid:programme_id>/edit")
@needs("edit_programmes")
def edit(programme_id: UUID) -> ResponseReturnValue:
    """Show the programme to be written anew."""
    programme = sites.programmes.programme({"programme_id": programme_id}).data
    case = programme["case"]
    values = {**programme, "case_version_id": case["version_id"] if case else None}
    return _form(programme["site_id"], programme, values, Faults())


@blueprint.post("/programmes/<uuid:programme_id>/edit")
@needs("edit_programmes")
def save(programme_id: UUID) -> ResponseReturnValue:
    """Write the programme anew."""
    fields = {"programme_id": programme_id, "version": typed_number("version"), **_typed()}
    try:
        done = sites.programmes.edit_programme(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        programme = sites.programmes.programme({"programme_id": programme_id}).data
        told = faults(refusal, at=AT_FIELD)
        return _form(programme["site_id"], programme, typed_again("languages"), told, code=refusal.code)
    flash(_("Saved."), "good")
    return redirect(url_for("pages.programmes.menu", site_id=done["site_id"]), code=303)


@blueprint.post("/programmes/<uuid:programme_id>/retirement")
@needs("edit_programmes")
def retire(programme_id: UUID) -> ResponseReturnValue:
    """Take the programme off the menu."""
    return _move(
        programme_id, sites.programmes.retire_programme, _("Retired. It takes no new orders; those placed stand.")
    )


@blueprint.post("/programmes/<uuid:programme_id>/offer")
@needs("edit_programmes")
def offer(programme_id: UUID) -> ResponseReturnValue:
    """Put the programme on the menu again."""
    return _move(programme_id, sites.programmes.offer_programme, _("The programme is offered again."))


def _move(programme_id: UUID, door: Any, done: str) -> ResponseReturnValue:
    site_id = sites.programmes.programme({"programme_id": programme_id})["site_id"]
    try:
        door(given(programme_id=programme_id, reason=typed("reason")), who=current(), command_id=command_id())
        flash(done, "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.programmes.menu", site_id=site_id), code=303)


def _typed() -> dict[str, Any]:
    """Return the form's fields as the service takes them; what was left empty is left out."""
    fields = {name: typed(name) for name in TEXTS} | {name: typed_number(name) for name in NUMBERS}
    return {
        **given(**fields),
        "description": typed("description") or "",
        "bring": typed("bring") or "",
        "languages": request.form.getlist("languages"),
        "needs_guide": bool(typed("needs_guide")),
    }


def _form(
    site_id: UUID, programme: dict[str, Any] | None, values: dict[str, Any], told: Faults, *, code: str | None = None
) -> ResponseReturnValue:
    found = sites.programmes.training_cases({"limit": CASES_SHOWN}).data["items"]
    cases = [(case["version_id"], _named(case)) for case in found]
    kept = programme["case"] if programme else None
    if kept and all(version != kept["version_id"] for version, _text in cases):
        cases.insert(0, (kept["version_id"], _named(kept)))
    moves = None
    if programme:
        moves = part(lambda: sites.programmes.programme_history({"programme_id": programme["id"]}, who=current())).data
    page = render_template(
        "programmes/form.html",
        site=sites.places.site({"site_id": site_id}).data,
        programme=programme,
        values=values,
        cases=cases,
        moves=moves,
        errors=told.errors,
        key=new_key() if code == "idempotency-key-reused" else request.form.get("idempotency_key"),
    )
    return page, told.status if told.errors else 200


def _named(case: dict[str, Any]) -> str:
    title = case["title"] if is_chinese() or not case["title_en"] else case["title_en"]
    return _("%(title)s, version %(number)s", title=title, number=case["number"])


def _languages(codes: list[str]) -> str:
    return ("、" if is_chinese() else ", ").join(word(code, "spoken") for code in codes)
