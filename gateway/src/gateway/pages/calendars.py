"""A site's calendar for its steward: the rules by section, what a change would do, closures; and public holidays."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.refusals import BadRequest, Refusal
from contracts.sites.calendars import CLOSURE_REASONS, TREATMENTS
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs, public
from gateway.pages import calendar_forms
from gateway.pages.formats import instant
from gateway.pages.forms import Faults, faults, given, tell, typed, typed_number
from gateway.pages.parts import part, together

blueprint = Blueprint("calendars", __name__)

FILE_MAX_BYTES: Final = 64 * 1024
HOLIDAY_COLUMNS: Final = "date,kind,name"
SECTIONS: Final = ", ".join(f"'{section}'" for section in calendar_forms.SECTIONS)


@blueprint.get("/sites/<uuid:site_id>/calendar")
@needs("read_calendar")
def show(site_id: UUID) -> ResponseReturnValue:
    """Show the rules that the slots of a site are made from, with a form for each section."""
    return _editor(site_id, Faults())


@blueprint.post(f"/sites/<uuid:site_id>/calendar/<any({SECTIONS}):section>")
@needs("change_calendar")
def draft(site_id: UUID, section: str) -> ResponseReturnValue:
    """Keep what one form would change as a preview, and show that."""
    who = current()
    try:
        rules = sites.calendars.calendar_rules({"site_id": site_id}, who=who).data
        changed = calendar_forms.SECTIONS[section](rules)
        fields = {"site_id": site_id, "version": typed_number("version"), **changed}
        preview = sites.calendars.preview_calendar(fields, who=who, command_id=command_id())
    except Refusal as refusal:
        return _editor(site_id, faults(refusal), section=section)
    return redirect(url_for("pages.calendars.preview", site_id=site_id, preview_id=preview["id"]), code=303)


@blueprint.get("/sites/<uuid:site_id>/calendar/previews/<uuid:preview_id>")
@needs("change_calendar")
def preview(site_id: UUID, preview_id: UUID) -> ResponseReturnValue:
    """Show what a change would do, before it is made."""
    return _preview(site_id, preview_id, Faults())


@blueprint.post("/sites/<uuid:site_id>/calendar/previews/<uuid:preview_id>/application")
@needs("change_calendar")
def apply(site_id: UUID, preview_id: UUID) -> ResponseReturnValue:
    """Make the change."""
    fields = given(
        site_id=site_id,
        preview_id=preview_id,
        close_slot_ids=request.form.getlist("close_slot_ids") or None,
        reason=typed("reason"),
        note=typed("note"),
    )
    try:
        done = sites.calendars.apply_calendar(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        return _preview(site_id, preview_id, faults(refusal))
    told = done["orders_told"]
    said = _("The calendar is changed.")
    if told:
        said += ngettext(" %(num)s order was told.", " %(num)s orders were told.", told)
    flash(said, "good")
    return redirect(url_for("pages.calendars.show", site_id=site_id), code=303)


@blueprint.post("/sites/<uuid:site_id>/closures")
@needs("close_site")
def close(site_id: UUID) -> ResponseReturnValue:
    """Close at once."""
    try:
        fields = {"site_id": site_id, **calendar_forms.closure({})["closure"]}
        closure = sites.calendars.close_site(given(**fields), who=current(), command_id=command_id())
    except Refusal as refusal:
        return _editor(site_id, faults(refusal), section="closure")
    flash(
        _("Closed. Orders that were told and offered other times: %(number)s.", number=closure["orders_told"]), "good"
    )
    return redirect(url_for("pages.calendars.show", site_id=site_id) + "#closures", code=303)


@blueprint.post("/sites/<uuid:site_id>/closures/<uuid:closure_id>/lifting")
@needs("close_site")
def lift(site_id: UUID, closure_id: UUID) -> ResponseReturnValue:
    """Open again."""
    try:
        sites.calendars.lift_closure(
            {"site_id": site_id, "closure_id": closure_id}, who=current(), command_id=command_id()
        )
    except Refusal as refusal:
        tell(refusal)
    else:
        flash(_("Open again, as far as it is still to come."), "good")
    return redirect(url_for("pages.calendars.show", site_id=site_id) + "#closures", code=303)


@blueprint.get("/holidays")
@public
def holidays() -> ResponseReturnValue:
    """Show which years' public holidays are announced."""
    return _holidays(Faults())


@blueprint.post("/holidays")
@needs("announce_holidays")
def announce() -> ResponseReturnValue:
    """Enter a year's holidays from a CSV file or from text."""
    try:
        fields = given(year=typed_number("year"), citation=typed("citation"), days=_written())
        year = sites.calendars.announce_holidays(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        at = dict.fromkeys(("holidays-unreadable", "holiday-invalid"), "days")
        return _holidays(faults(refusal, at=at))
    flash(_("%(year)s is entered. The slots of its days are made anew in the background.", year=year["year"]), "good")
    return redirect(url_for("pages.calendars.holidays"), code=303)


def month_of_days(days: list[dict[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """Return days as weeks from Monday to Sunday, with None where a week begins before or ends after them."""
    if not days:
        return []
    before = date.fromisoformat(days[0]["day"]).weekday()
    cells: list[dict[str, Any] | None] = [*[None] * before, *days]
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _written() -> str | None:
    """Return the days as typed, or as the uploaded file holds them. Raises BadRequest for a file that is too large."""
    file = request.files.get("file")
    if file is None or not file.filename:
        days = typed("days")
        return days if days is None or days.lower().startswith("date") else f"{HOLIDAY_COLUMNS}\n{days}"
    content = file.stream.read(FILE_MAX_BYTES + 1)
    if len(content) > FILE_MAX_BYTES:
        raise BadRequest(reason="too-long", max_bytes=FILE_MAX_BYTES)
    return content.decode("utf-8", errors="replace")


def _holidays(told: Faults) -> ResponseReturnValue:
    years = sites.calendars.holidays({}).data["items"]
    page = render_template(
        "holidays/index.html",
        years=years,
        next_year=min((year["year"] for year in years if not year["is_announced"]), default=None),
        may_announce=current().may("announce_holidays"),
        values=request.form,
        errors=told.errors,
    )
    return page, told.status if told.errors else 200


def _editor(site_id: UUID, told: Faults, *, section: str | None = None) -> ResponseReturnValue:
    who = current()
    rules = sites.calendars.calendar_rules({"site_id": site_id}, who=who).data
    today = clock.today(clock.now())
    parts = together(
        closures=lambda: sites.calendars.closures({"site_id": site_id, "limit": 50}, who=who),
        days=lambda: sites.calendars.calendar_days(
            {"site_id": site_id, "from_day": today, "to_day": today + timedelta(days=27)}
        ),
        holidays=lambda: sites.calendars.holidays({"year": (today + timedelta(days=28)).year}),
    )
    actor = who.actor
    assert actor is not None
    page = render_template(
        "calendars/show.html",
        rules=rules,
        weeks=_weeks(rules),
        names={programme["terms"]["programme_id"]: programme["name"] for programme in rules["programmes"]},
        weeks_of_days=month_of_days(parts["days"].data["days"] if parts["days"].data else []),
        holiday_year=(parts["holidays"].rows or [None])[0],
        said=calendar_forms.said,
        treatments=TREATMENTS,
        reasons=CLOSURE_REASONS,
        today=today.isoformat(),
        tree=_tree(rules["spaces"]),
        may_change=actor.may("change_calendar", site=rules["managing_path"]),
        may_close=actor.may("close_site", site=rules["managing_path"]),
        section=section,
        values=request.form,
        errors=told.errors,
        **parts,
    )
    return page, told.status if told.errors else 200


def _preview(site_id: UUID, preview_id: UUID, told: Faults) -> ResponseReturnValue:
    who = current()
    found = sites.calendars.calendar_preview({"site_id": site_id, "preview_id": preview_id}, who=who).data
    kept = {order["slot"]["id"]: order["slot"] for order in found["affected"] if order["effect"] == "keep"}
    page = render_template(
        "calendars/preview.html",
        preview=found,
        site=part(lambda: sites.places.site({"site_id": site_id})).data,
        kept=sorted(kept.values(), key=lambda slot: str(slot["starts_at"])),
        by_day=_by_day(found["slots"]),
        reasons=CLOSURE_REASONS,
        values=request.form,
        chosen=set(request.form.getlist("close_slot_ids")),
        errors=told.errors,
    )
    return page, told.status if told.errors else 200


def _by_day(slots: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: str(slot["starts_at"])):
        found[instant(slot["starts_at"]).date().isoformat()].append(slot)
    return list(found.items())


def _weeks(rules: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each set of weekly hours: of the site and of each programme, all year and in each season."""
    keepers: list[str | None] = [None, *(programme["terms"]["programme_id"] for programme in rules["programmes"])]
    found = []
    for programme in keepers:
        seasons = [None, *(row for row in rules["seasons"] if row["programme_id"] == programme)]
        for season in seasons:
            season_id = season["id"] if season else None
            rows = [row for row in rules["hours"] if (row["programme_id"], row["season_id"]) == (programme, season_id)]
            days = [[row for row in rows if row["weekday"] == weekday] for weekday in range(1, 8)]
            found.append({"programme_id": programme, "season": season, "days": days, "is_empty": not rows})
    return found


def _tree(spaces: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return the spaces with their depth, each below the one it is a part of."""
    found: list[tuple[int, dict[str, Any]]] = []

    def add(parent_id: str | None, depth: int) -> None:
        for space in spaces:
            if space["parent_id"] == parent_id:
                found.append((depth, space))
                add(space["id"], depth + 1)

    add(None, 0)
    return found
