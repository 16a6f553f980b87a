"""Statistics: visits, branches, members and money of a period, beside those of the period before and a year before."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from chassis import clock
from chassis.refusals import Refusal
from contracts.sites.statistics import SPLITS
from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.clients import sites
from gateway.identity import current, needs
from gateway.pages import district_map
from gateway.pages.formats import count, percent, yuan
from gateway.pages.forms import Faults, faults
from gateway.pages.parts import Part, together
from gateway.pages.words import word

blueprint = Blueprint("statistics", __name__)

FILTERS: Final = ("from", "to", "by", "town", "category", "kind", "fund_id", "site_id", "branch_id")
SHADES: Final = 5
ROWS_SHOWN: Final = 100
TIMES: Final = frozenset({"month", "quarter", "year"})


@blueprint.get("/statistics")
@needs("read_statistics")
def show() -> ResponseReturnValue:
    """Show the figures of the period that is asked for."""
    who = current()
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    fields = {{"from": "from_day", "to": "to_day"}.get(name, name): value for name, value in asked.items()}
    told = Faults(status=200)
    parts: dict[str, Part] = {"found": Part(), "funds": Part()}
    reads: dict[str, Any] = {"found": lambda: sites.funds.statistics(fields, who=who)}
    if who.may("read_fund"):
        reads["funds"] = lambda: sites.funds.funds({}, who=who)
    try:
        parts |= together(**reads)
    except Refusal as refusal:
        if not refusal.errors:
            raise
        told = faults(refusal, called={"from_day": "from", "to_day": "to"})
    found = parts["found"].data
    by = asked.get("by", "site")
    page = render_template(
        "statistics/show.html",
        **parts,
        asked=asked,
        by=by if by in SPLITS else "site",
        compared=_compared(found) if found else [],
        rows=_rows(found) if found else [],
        shown=ROWS_SHOWN,
        heat=_heat(found["hours"]) if found else None,
        map=_map(found["sites"]) if found and found["sites"] else None,
        scripts=district_map.SCRIPTS,
        styles=district_map.STYLES,
        periods=_periods(asked, (found["from_day"], found["to_day"]) if found else None),
        fund_choices=[(fund["id"], fund["name"]) for fund in parts["funds"].rows],
        splits=[(split, word(split, "split")) for split in SPLITS],
        errors=told.errors,
    )
    return page, told.status


def _periods(asked: dict[str, str], shown: tuple[str, str] | None) -> list[tuple[str, str, bool]]:
    """Return the periods that are asked for most: name, address with the other filters, whether it is `shown` now."""
    today = clock.today(clock.now())
    month = today.replace(day=1)
    quarter = month.replace(month=3 * ((today.month - 1) // 3) + 1)
    last_month = month - timedelta(days=1)
    spans = (
        (_("This month"), month, today),
        (_("Last month"), last_month.replace(day=1), last_month),
        (_("This quarter"), quarter, today),
        (_("This year"), today.replace(month=1, day=1), today),
        (_("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    )
    kept: dict[str, Any] = {name: value for name, value in asked.items() if name not in ("from", "to")}
    return [
        (
            name,
            url_for("pages.statistics.show", **{**kept, "from": first.isoformat(), "to": last.isoformat()}),
            (first.isoformat(), last.isoformat()) == shown,
        )
        for name, first, last in spans
    ]


def _compared(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each figure of the period with those it is compared with, and how much it changed."""
    periods = (found["total"], found["before"], found["year_before"])

    def number(title: str, name: str, write: Any = count) -> dict[str, Any]:
        values = [period[name] for period in periods]
        said = ["—" if value is None else write(value) for value in values]
        return {"title": title, "values": said, "changes": [_change(values[0], earlier) for earlier in values[1:]]}

    def share(title: str, part: str, whole: str) -> dict[str, Any]:
        said = [percent(period[part], period[whole]) if period[whole] else "—" for period in periods]
        return {"title": title, "values": said, "changes": ["", ""]}

    stars = [f"{period['rating']:.2f} ★ ({period['ratings']})" if period["rating"] else "—" for period in periods]
    return [
        number(_("Visits"), "visits"),
        number(_("Members' own bookings used"), "bookings"),
        number(_("Heads"), "heads"),
        number(_("Persons known by name"), "persons"),
        number(_("Branches of the district"), "branches_inside"),
        number(_("Branches from outside"), "branches_outside"),
        share(_("No-shows"), "no_shows", "ended"),
        share(_("Late cancellations"), "late_cancellations", "ended"),
        {"title": _("Rating"), "values": stars, "changes": ["", ""]},
        share(_("Seats used"), "heads", "seats"),
        number(_("Asked"), "asked_fen", yuan),
        number(_("Approved"), "approved_fen", yuan),
        number(_("Paid"), "paid_fen", yuan),
        number(_("Cost for each head"), "cost_per_head_fen", yuan),
    ]


def _change(now: int | None, earlier: int | None) -> str:
    """+12%; empty where there is nothing to compare with."""
    if not earlier or now is None:
        return ""
    change = round(100 * (now - earlier) / earlier)
    return f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change):,}%"


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    by = found["by"]
    most = max((row["figures"]["heads"] for row in found["rows"]), default=0)
    rows = []
    for row in found["rows"]:
        figures = row["figures"]
        rows.append(
            {
                **row,
                "name": _name(row, by),
                "width": round(100 * figures["heads"] / most, 1) if most else 0,
                "branches": figures["branches_inside"] + figures["branches_outside"],
                "narrower": None if by in TIMES else {"site": "site_id"}.get(by, by),
            }
        )
    return rows


def _name(row: dict[str, Any], by: str) -> str:
    if by == "category":
        return str(word(row["key"], "category"))
    if by == "kind":
        return str(word(row["key"], "site_kind"))
    if by == "quarter":
        year, _dash, quarter = row["key"].partition("-Q")
        return _("%(year)s, quarter %(quarter)s", year=year, quarter=quarter)
    return str(row["name"])


def _heat(hours: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the table of weekdays and hours: for each cell the visits, the heads and one of five shades."""
    if not hours:
        return None
    first, last = (edge(cell["hour"] for cell in hours) for edge in (min, max))
    most = max(cell["visits"] for cell in hours)
    cells = {(cell["weekday"], cell["hour"]): cell for cell in hours}
    rows = []
    for weekday in range(1, 8):
        row = []
        for hour in range(first, last + 1):
            cell = cells.get((weekday, hour))
            shade = -(-SHADES * cell["visits"] // most) if cell else 0
            row.append({"visits": cell["visits"] if cell else 0, "heads": cell["heads"] if cell else 0, "shade": shade})
        rows.append((weekday, row, sum(cell["visits"] for cell in row)))
    return {"hours": range(first, last + 1), "rows": rows}


def _map(places: Sequence[dict[str, Any]]) -> dict[str, str]:
    settings = {
        "districts": url_for("static", filename="data/zibo_districts.geojson"),
        "tiled": bool(current_app.extensions["zhendi.config"].tile_url),
        "sites": [
            {
                "at": [place["lon"], place["lat"]],
                "visits": place["visits"],
                "title": _(
                    "%(site)s: %(visits)s visits, %(heads)s heads",
                    site=place["name"],
                    visits=place["visits"],
                    heads=place["heads"],
                ),
            }
            for place in places
            if place["visits"]
        ],
        "words": {"zoom_in": _("Zoom in"), "zoom_out": _("Zoom out"), "source": _("Outlines: Tianditu")},
    }
    return district_map.draw(current_app.extensions["zhendi.config"], settings=settings, module="visit_layer")
