"""What the calendar editor's forms bring: each changes one section of the rules and leaves the rest as it is.

Hours are written as people write them, several openings on a line: 9:00-11:30 13:30-16:30.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from chassis import clock
from chassis.refusals import InvalidInput
from flask import request
from flask_babel import gettext as _

from gateway.pages.formats import minute_of_day
from gateway.pages.forms import day_in, typed, typed_number

Row = dict[str, Any]
Rules = Mapping[str, Any]

_DASH: Final = re.compile(r"\s*(?:-|–|—|~|至|到)\s*")
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")
_CLOCK: Final = re.compile(r"(\d{1,2})[:：](\d{2})\Z")
DAY_MINUTES: Final = 24 * 60


def openings(written: str | None, *, name: str) -> list[Row]:
    """Read openings; raises InvalidInput at the field `name`."""
    found = []
    for opening in _BETWEEN.split(_DASH.sub("-", (written or "").strip())) if written else ():
        ends = [_minute(end) for end in opening.split("-")]
        if len(ends) != 2 or None in ends:
            raise InvalidInput({name: [_("Write hours as 9:00-11:30 13:30-16:30.")]})
        found.append({"opens_minute": ends[0], "closes_minute": ends[1]})
    return found


def said(rows: list[Row]) -> str:
    """Write openings as the forms take them."""
    return " ".join(f"{minute_of_day(row['opens_minute'])}-{minute_of_day(row['closes_minute'])}" for row in rows)


def hours(rules: Rules) -> Row:
    """Replace the weekly hours of one programme or the site, all year or in one season."""
    programme, season = typed("programme_id"), typed("season_id")
    others = [row for row in rules["hours"] if (row["programme_id"], row["season_id"]) != (programme, season)]
    written = [
        {"weekday": weekday, "programme_id": programme, "season_id": season, **opening}
        for weekday in range(1, 8)
        for opening in openings(typed(f"weekday-{weekday}"), name=f"weekday-{weekday}")
    ]
    return {"hours": others + written}


def seasons(rules: Rules) -> Row:
    """Add a season, or remove one with its hours. What is typed as its last day is the last one in it."""
    gone = typed("remove")
    if gone:
        return {
            "seasons": [row for row in rules["seasons"] if row["id"] != gone],
            "hours": [row for row in rules["hours"] if row["season_id"] != gone],
        }
    season = {
        "id": str(uuid4()),
        "name": typed("name"),
        "active_from": typed("active_from"),
        "active_until": _day_after(typed("last_day"), name="last_day"),
        "programme_id": typed("programme_id"),
    }
    return {"seasons": [*rules["seasons"], season]}


def special_days(rules: Rules) -> Row:
    """Add or replace an exception, for one day or each day to a last one; or remove one. Raises InvalidInput."""
    programme = typed("programme_id")
    gone = typed("remove")
    if gone:
        return {"special_days": [row for row in rules["special_days"] if f"{row['day']}|{row['programme_id']}" != gone]}
    first, last = _day(typed("day"), name="day"), _day(typed("last_day") or typed("day"), name="last_day")
    if not 0 <= (last - first).days < 60:
        raise InvalidInput({"last_day": [_("The last day lies on or after the first, at most 60 days.")]})
    days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
    open_hours = openings(typed("hours"), name="hours") if typed("is_closed") is None else []
    if typed("is_closed") is None and not open_hours:
        raise InvalidInput({"hours": [_("Write the hours of the day, or choose closed.")]})
    others = [row for row in rules["special_days"] if (row["day"] not in days or row["programme_id"] != programme)]
    new = [{"day": day, "hours": open_hours, "note": typed("note"), "programme_id": programme} for day in days]
    return {"special_days": others + new}


def holidays(rules: Rules) -> Row:
    """Say how holidays and make-up workdays count for the site or one programme; empty: as for the site."""
    programme = typed("programme_id")
    others = [row for row in rules["holidays"] if row["programme_id"] != programme]
    rule = {
        "programme_id": programme,
        "on_holiday": typed("on_holiday"),
        "on_makeup_workday": typed("on_makeup_workday"),
    }
    return {"holidays": [*others, rule] if rule["on_holiday"] else others}


def spaces(rules: Rules) -> Row:
    """Add a hall or a room, or remove one with what lies in it; programmes that used it have none then."""
    gone = typed("remove")
    if not gone:
        space = {"id": str(uuid4()), "name": typed("name"), "parent_id": typed("parent_id")}
        return {"spaces": [*rules["spaces"], space]}
    removed = {gone}
    while below := {row["id"] for row in rules["spaces"] if row["parent_id"] in removed} - removed:
        removed |= below
    freed = [
        {**programme["terms"], "space_id": None}
        for programme in rules["programmes"]
        if programme["terms"]["space_id"] in removed
    ]
    return {
        "spaces": [row for row in rules["spaces"] if row["id"] not in removed],
        **({"terms": freed} if freed else {}),
    }


def terms(rules: Rules) -> Row:
    """Change how one programme is booked. Notices are typed in hours."""
    programme = typed("programme_id")
    before: Row = next((row["terms"] for row in rules["programmes"] if row["terms"]["programme_id"] == programme), {})
    numbers = ("minutes", "every_minutes", "seats", "window_days", "before_minutes", "after_minutes", "rank")
    typed_in = {name: typed_number(name) for name in numbers}
    for name in ("before_minutes", "after_minutes", "rank"):
        typed_in[name] = before.get(name, 0) if typed_in[name] is None else typed_in[name]
    return {
        "terms": [
            {
                **before,
                **typed_in,
                "programme_id": programme,
                "notice_minutes": _hours("notice") or 0,
                "change_notice_minutes": _hours("change_notice"),
                "cancel_notice_minutes": _hours("cancel_notice"),
                "groups_max": 1 if typed("is_exclusive") else typed_number("groups_max"),
                "space_id": typed("space_id"),
            }
        ]
    }


def closure(rules: Rules) -> Row:
    """Close the site, a programme or a space for a time."""
    part, _sep, part_id = (typed("part") or "").partition(":")
    row = {
        "starts_at": _instant("starts"),
        "ends_at": _instant("ends"),
        "reason": typed("reason"),
        "note": typed("note"),
    }
    if part in ("programme_id", "space_id", "slot_id"):
        row[part] = part_id
    return {"closure": row}


SECTIONS: Final[dict[str, Callable[[Rules], Row]]] = {
    "hours": hours,
    "seasons": seasons,
    "special-days": special_days,
    "holidays": holidays,
    "spaces": spaces,
    "terms": terms,
    "closure": closure,
}
"""The forms of the editor, by the last part of their address."""


def _minute(written: str) -> int | None:
    match = _CLOCK.match(written)
    if match is None or int(match[2]) > 59:
        return None
    minute = int(match[1]) * 60 + int(match[2])
    return minute if minute <= DAY_MINUTES else None


def _day(written: str | None, *, name: str) -> date:
    day = day_in(written)
    if day is None:
        raise InvalidInput({name: ["Not a valid date."]})
    return day


def _day_after(written: str | None, *, name: str) -> str:
    return (_day(written, name=name) + timedelta(days=1)).isoformat()


def _hours(name: str) -> int | str | None:
    """Return hours as typed in minutes; what is no number is passed on for the service to name the fault."""
    number = typed_number(name)
    return number * 60 if isinstance(number, int) else number


def _instant(name: str) -> str:
    """Return a day and a time of day as an instant of Shanghai; 24:00 is the next midnight."""
    day = _day(typed(f"{name}_on"), name=f"{name}_on")
    minute = _minute(request.form.get(f"{name}_time", "") or ("0:00" if name == "starts" else "24:00"))
    if minute is None:
        raise InvalidInput({f"{name}_time": [_("Write a time as 9:00.")]})
    at = datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI) + timedelta(minutes=minute)
    return at.isoformat()
