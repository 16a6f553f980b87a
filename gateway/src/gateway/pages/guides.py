"""A site's guides, for its keepers: languages and limits, the rota, absences, the week with who leads what."""

import re
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import Refusal
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.formats import instant, minute_of_day
from gateway.pages.forms import Faults, day_in, faults, given, tell, typed, typed_again, typed_number

blueprint = Blueprint("guides", __name__)

ON_A_PAGE: Final = 100
TEXTS: Final = ("name", "active_from", "active_until")
NUMBERS: Final = ("visits_a_day_max", "party_max", "buffer_minutes")
NEW: Final = {"languages": ["zh"], "visits_a_day_max": 4, "party_max": 40, "buffer_minutes": 15}
WEEKDAYS: Final = range(1, 8)
HOURS: Final = re.compile(r"\A([0-2]?\d)[:：]([0-5]\d)\s*[-–—至]\s*([0-2]?\d)[:：]([0-5]\d)\Z")


@blueprint.get("/sites/<uuid:site_id>/guides")
@needs("manage_guides")
def index(site_id: UUID) -> ResponseReturnValue:
    """List the site's guides, and offer to enter one."""
    return _index(site_id, dict(NEW), Faults())


@blueprint.post("/sites/<uuid:site_id>/guides")
@needs("manage_guides")
def add(site_id: UUID) -> ResponseReturnValue:
    """Enter a guide."""
    try:
        done = sites.programmes.add_guide({"site_id": site_id, **_typed()}, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _index(site_id, typed_again("languages"), faults(refusal))
    flash(_("Entered. Now write the rota; until then nothing is led."), "good")
    return redirect(url_for("pages.guides.show", guide_id=done["guide"]["id"]), code=303)


@blueprint.get("/guides/<uuid:guide_id>")
@needs("manage_guides")
def show(guide_id: UUID) -> ResponseReturnValue:
    """Show a guide: what they can, the week's hours, the days that differ."""
    return _show(guide_id, Faults())


@blueprint.post("/guides/<uuid:guide_id>")
@needs("manage_guides")
def save(guide_id: UUID) -> ResponseReturnValue:
    """Write the guide anew."""
    fields = {"guide_id": guide_id, "version": typed_number("version"), **_typed()}
    try:
        done = sites.programmes.edit_guide(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(guide_id, faults(refusal), values=typed_again("languages"))
    return _told(guide_id, done)


@blueprint.post("/guides/<uuid:guide_id>/rota")
@needs("manage_guides")
def set_rota(guide_id: UUID) -> ResponseReturnValue:
    """Write the week's hours anew; the days that differ stay, but for those that were crossed out."""
    errors: dict[str, list[str]] = {}
    weekly = []
    for weekday in WEEKDAYS:
        for begins, ends in _hours(f"hours-{weekday}", errors):
            weekly.append({"weekday": weekday, "from_minute": begins, "until_minute": ends})
    kept = sites.programmes.guide({"guide_id": guide_id}, who=current())["dated"]
    dropped = set(request.form.getlist("drop"))
    dated = [day for day in kept if day["on"] not in dropped]
    if day := typed("on"):
        spans = [{"from_minute": begins, "until_minute": ends} for begins, ends in _hours("on-hours", errors)]
        added = {"on": day, "hours": spans, "reason": typed("on-reason") or ""}
        dated = [*(other for other in dated if other["on"] != day), added]
    if errors:
        return _show(guide_id, Faults(errors))
    fields = {"guide_id": guide_id, "version": typed_number("version"), "weekly": weekly, "dated": dated}
    try:
        done = sites.programmes.set_rota(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(guide_id, faults(refusal))
    return _told(guide_id, done)


@blueprint.post("/guides/<uuid:guide_id>/absence")
@needs("manage_guides")
def absence(guide_id: UUID) -> ResponseReturnValue:
    """Note that the guide drops out; show what becomes of their slots."""
    fields = given(guide_id=guide_id, from_day=typed("from_day"), until_day=typed("until_day"), reason=typed("reason"))
    try:
        done = sites.programmes.report_absence(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _show(guide_id, faults(refusal))
    return render_template("guides/changed.html", guide=done["guide"], changed=done["changed"])


@blueprint.get("/sites/<uuid:site_id>/rota")
@needs("manage_guides")
def rota(site_id: UUID) -> ResponseReturnValue:
    """Show a week: the guides' hours, and each slot that needs one."""
    today = clock.today(clock.now())
    first = day_in(request.args.get("from")) or today - timedelta(days=today.weekday())
    week = sites.programmes.rota({"site_id": site_id, "from_day": first}, who=current()).data
    now = clock.now()
    for slot in week["slots"]:
        slot["is_ahead"] = instant(slot["starts_at"]) > now
    return render_template(
        "guides/rota.html",
        week=week,
        earlier=(first - timedelta(days=7)).isoformat(),
        later=(first + timedelta(days=7)).isoformat(),
    )


@blueprint.post("/slots/<uuid:slot_id>/guide")
@needs("manage_guides")
def assign(slot_id: UUID) -> ResponseReturnValue:
    """Give a slot a guide by hand, or take its guide off."""
    site_id = sites.places.slot({"slot_id": slot_id})["site_id"]
    try:
        sites.programmes.assign_guide(
            {"slot_id": slot_id, **given(guide_id=typed("guide_id"))}, who=current(), command_id=command_id()
        )
        flash(_("Saved."), "good")
    except Refusal as refusal:
        tell(refusal)
    return redirect(url_for("pages.guides.rota", site_id=site_id, **given(**{"from": typed("from")})), code=303)


def _told(guide_id: UUID, done: Any) -> ResponseReturnValue:
    closed = [slot for slot in done["changed"] if slot["outcome"] == "closed"]
    if closed:
        return render_template("guides/changed.html", guide=done["guide"], changed=done["changed"])
    opened = len(done["changed"])
    if opened:
        flash(
            ngettext("Saved. %(num)s time has its guide now.", "Saved. %(num)s times have their guide now.", opened),
            "good",
        )
    else:
        flash(_("Saved."), "good")
    return redirect(url_for("pages.guides.show", guide_id=guide_id), code=303)


def _index(site_id: UUID, values: dict[str, Any], told: Faults) -> ResponseReturnValue:
    asked = given(site_id=site_id, limit=ON_A_PAGE, cursor=request.args.get("cursor") or None)
    page = render_template(
        "guides/index.html",
        site=sites.places.site({"site_id": site_id}).data,
        guides=sites.programmes.guides(asked, who=current()).data,
        values=values,
        errors=told.errors,
    )
    return page, told.status if told.errors else 200


def _show(guide_id: UUID, told: Faults, *, values: dict[str, Any] | None = None) -> ResponseReturnValue:
    guide = sites.programmes.guide({"guide_id": guide_id}, who=current()).data
    week = {day: "、".join(_said(shift) for shift in guide["weekly"] if shift["weekday"] == day) for day in WEEKDAYS}
    page = render_template(
        "guides/show.html",
        guide=guide,
        site=sites.places.site({"site_id": guide["site_id"]}).data,
        values=values or guide,
        week={day: request.form.get(f"hours-{day}", text) for day, text in week.items()},
        dated=[{**day, "text": "、".join(map(_said, day["hours"]))} for day in guide["dated"]],
        typed=request.form,
        errors=told.errors,
    )
    return page, told.status if told.errors else 200


def _typed() -> dict[str, Any]:
    fields = {name: typed(name) for name in TEXTS} | {name: typed_number(name) for name in NUMBERS}
    return {**given(**fields), "languages": request.form.getlist("languages")}


def _hours(name: str, errors: dict[str, list[str]]) -> list[tuple[int, int]]:
    """Return hours as people write them, 9:00-11:30、13:30-17:00; what is none becomes a fault of the field."""
    found = []
    for piece in re.split("[、,，;；]", typed(name) or ""):
        if not piece.strip():
            continue
        read = HOURS.match(piece.strip())
        begins, ends = (0, 0)
        if read:
            begins = int(read[1]) * 60 + int(read[2])
            ends = int(read[3]) * 60 + int(read[4])
        if not 0 <= begins < ends <= 24 * 60:
            errors.setdefault(name, []).append(_("Write hours as 9:00-11:30, several separated by commas."))
        found.append((begins, ends))
    return found


def _said(span: dict[str, int]) -> str:
    return f"{minute_of_day(span['from_minute'])}-{minute_of_day(span['until_minute'])}"
