"""What a steward prints: the sheet of a day or a week, and the list of vouchers for when the phone is lost (S8)."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from chassis import clock
from chassis.refusals import NotFound, Refusal
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.clients import sites
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.formats import instant
from gateway.pages.forms import day_in, tell

blueprint = Blueprint("sheets", __name__)

WEEK = 7


@blueprint.get("/desk/sheet")
@needs("read_sheet")
def show() -> ResponseReturnValue:
    """Show the sheet of a day, or of a week from its Monday, as it is printed on one A4."""
    kept, site = _sites()
    days = WEEK if request.args.get("days") == str(WEEK) else 1
    on = _day()
    first = on - timedelta(days=on.weekday()) if days == WEEK else on
    sheet = sites.visits.sheet({"site_id": site["id"], "on": first, "days": days}, who=current()).data
    by_day = [(day, list(rows)) for day, rows in groupby(sheet["rows"], key=_day_of)]
    return render_template(
        "desk/sheet.html",
        kept=kept,
        site=site,
        sheet=sheet,
        by_day=by_day,
        days=days,
        on=on.isoformat(),
        earlier=(first - timedelta(days=days)).isoformat(),
        later=(first + timedelta(days=days)).isoformat(),
    )


@blueprint.get("/desk/vouchers")
@needs("print_vouchers")
def vouchers() -> ResponseReturnValue:
    """Say what the list of vouchers is for, and who printed it before."""
    kept, site = _sites()
    asked = {"site_id": site["id"], "limit": 20}
    return render_template(
        "desk/vouchers.html",
        kept=kept,
        site=site,
        on=_day().isoformat(),
        prints=sites.visits.sheet_prints(asked, who=current()).data,
        listed=None,
    )


@blueprint.post("/desk/vouchers")
@needs("print_vouchers")
def print_vouchers() -> ResponseReturnValue:
    """Show the list; that it was drawn is kept."""
    kept, site = _sites()
    on = _day()
    try:
        listed = sites.visits.print_vouchers(
            {"site_id": site["id"], "on": on}, who=current(), command_id=command_id()
        ).data
    except Refusal as refusal:
        tell(refusal)
        return redirect(url_for("pages.sheets.vouchers", site=site["id"], on=on), code=303)
    return render_template(
        "desk/vouchers.html", kept=kept, site=site, on=on.isoformat(), prints={"items": []}, listed=listed
    )


def _sites() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the sites whose door the person keeps, and the one asked for. Raises NotFound when they keep none."""
    kept = sites.visits.door_sites({}, who=current())["items"]
    if not kept:
        raise NotFound()
    asked = request.values.get("site")
    return kept, next((site for site in kept if site["id"] == asked), kept[0])


def _day() -> date:
    return day_in(request.values.get("on")) or clock.today(clock.now())


def _day_of(row: dict[str, Any]) -> str:
    return instant(row["starts_at"]).date().isoformat()
