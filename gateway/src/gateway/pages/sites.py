"""A site: what it is, what it offers, when it has seats, how to get there. Open to everybody."""

from collections import defaultdict
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from chassis import clock
from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.identity import current, public
from gateway.pages.calendars import month_of_days
from gateway.pages.formats import instant
from gateway.pages.forms import day_in, given
from gateway.pages.parts import Part, together

blueprint = Blueprint("sites", __name__)

DAYS = 7
CALENDAR_DAYS = 35
WEEKS_AHEAD = 8
RATINGS_SHOWN = 5


@blueprint.get("/sites/<uuid:site_id>")
@public
def show(site_id: UUID) -> ResponseReturnValue:
    """Show one site with a week of its slots, of which one day is open."""
    today = clock.today(clock.now())
    chosen = _day(request.args.get("on"), today=today)
    first = today + timedelta(days=(chosen - today).days // DAYS * DAYS)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    site = sites.places.site({"site_id": site_id}).data  # without it there is no page
    asked = {"site_id": site_id, "from_day": days[0], "to_day": days[-1]}
    parts = together(
        programmes=lambda: sites.places.programmes({"site_id": site_id}),
        slots=lambda: sites.places.slots(asked),
        way=lambda: sites.places.navigation({"site_id": site_id}),
        calendar=lambda: sites.calendars.calendar_days(weeks_around(chosen, today=today) | {"site_id": site_id}),
        ratings=lambda: sites.visits.site_ratings(
            given(site_id=site_id, limit=RATINGS_SHOWN, cursor=request.args.get("ratings") or None)
        ),
    )
    by_day = _by_day(parts["slots"].rows)
    actor = current().actor
    if "on" not in request.args:
        chosen = next((day for day in days if any(_is_free(slot) for slot in by_day[day])), chosen)
    return render_template(
        "sites/show.html",
        site=site,
        **parts,
        **calendar_of(parts["calendar"], site_id, today=today),
        may_change_calendar=bool(actor and actor.may("read_calendar", site=site["managing_path"])),
        days=[(day.isoformat(), sum(_is_free(slot) for slot in by_day[day])) for day in days],
        chosen=chosen.isoformat(),
        open_slots=_by_programme([slot for slot in by_day[chosen] if _is_shown(slot)]),
        closed_slots=[slot for slot in by_day[chosen] if not _is_shown(slot)],
        earlier=(first - timedelta(days=DAYS)).isoformat() if first > today else None,
        later=(first + timedelta(days=DAYS)).isoformat() if first < today + timedelta(weeks=WEEKS_AHEAD) else None,
        qr=segno.make(address_of(site_id), error="m").svg_inline(border=2, omitsize=True),
        address=address_of(site_id),
        may_read_record=current().may("read_site_record", site=site["managing_path"]),
    )


@blueprint.get("/sites/<uuid:site_id>/place.svg")
@public
def place(site_id: UUID) -> ResponseReturnValue:
    """Return the QR of the place, to be printed large."""
    sites.places.site({"site_id": site_id})  # no QR of a place that is not there
    drawing = BytesIO()
    segno.make(address_of(site_id), error="m").save(drawing, kind="svg", border=4, scale=10)
    return Response(drawing.getvalue(), content_type="image/svg+xml")


@blueprint.get("/sites/<uuid:site_id>/poster")
@public
def poster(site_id: UUID) -> ResponseReturnValue:
    """Show the place on one A4, with a QR large enough to be scanned from a step away."""
    site = sites.places.site({"site_id": site_id}).data
    address = address_of(site_id)
    qr = segno.make(address, error="q").svg_inline(border=1, omitsize=True)
    return render_template("sites/poster.html", site=site, qr=qr, address=address)


def address_of(site_id: UUID) -> str:
    """Return the whole address of the site's page, which needs no login."""
    return url_for("pages.sites.show", site_id=site_id, _external=True)


def weeks_around(day: date, *, today: date) -> dict[str, date]:
    """Return the five weeks, from a Monday on, in which a day lies: those that begin with this week, or later ones."""
    monday = today - timedelta(days=today.weekday())
    first = monday + timedelta(days=(day - monday).days // CALENDAR_DAYS * CALENDAR_DAYS)
    return {"from_day": first, "to_day": first + timedelta(days=CALENDAR_DAYS - 1)}


def calendar_of(calendar: Part, site_id: UUID, *, today: date) -> dict[str, Any]:
    """Return what the calendar on the site's page is drawn from."""
    days = calendar.data["days"] if calendar.data else []
    first = date.fromisoformat(days[0]["day"]) if days else today
    later = first + timedelta(days=CALENDAR_DAYS)
    return {
        "calendar_weeks": month_of_days(days),
        "calendar_earlier": (first - timedelta(days=1)).isoformat() if first > today else None,
        "calendar_later": later.isoformat() if later < today + timedelta(weeks=WEEKS_AHEAD) else None,
        "day_link": lambda day: url_for("pages.sites.show", site_id=site_id, on=day) + "#slots",
    }


def _day(text: str | None, *, today: date) -> date:
    """Return the day that is asked for, within what can be shown; today for anything else."""
    asked = day_in(text)
    return asked if asked and today <= asked < today + timedelta(weeks=WEEKS_AHEAD + 1) else today


def _by_day(slots: list[dict[str, Any]]) -> dict[date, list[dict[str, Any]]]:
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for slot in slots:
        found[instant(slot["starts_at"]).date()].append(slot)
    return found


def _by_programme(slots: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for slot in slots:
        found.setdefault(slot["programme"]["id"], []).append(slot)
    return [(same[0]["programme"], same) for same in found.values()]


def _is_free(slot: dict[str, Any]) -> bool:
    return bool(slot["bookable"] and slot["seats_left"] > 0)


def _is_shown(slot: dict[str, Any]) -> bool:
    """Say whether there is something to do about the slot: order it, wait for it, ask for it in a round."""
    return bool(slot["bookable"] or slot["waitable"] or slot["round_id"])
