"""Calendars of the demonstration that show something: a season, rooms, a holiday rule, a closed day, a closure.

All of it is made up, and lies around the day on which the demonstration is loaded.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from chassis import clock
from contracts.envelope import NAMESPACE_ZHENDI
from sites.operations.calendars import enter_sections
from sites.queries.calendars import rules_row
from sites.tables.calendars import closures
from sqlalchemy import Connection, insert

MUSEUM: Final = "pusongling"
"""蒲松龄纪念馆, kept by the demonstration's steward; its demo programme can be ordered and visited at any moment."""
MINE: Final = "zibomeikuang"
"""淄博煤矿博物馆, kept by the other steward: one programme confirmed by hand, one with few seats."""
HALL_SITE: Final = "demo-26"
"""A made-up site with a hall of two rooms."""
WINTER_SITE: Final = "demo-01"
"""A made-up site with shorter hours in winter."""
LESSON: Final = "聊斋故事中的廉政课"


def enter(db: Connection, new: Mapping[str, UUID], *, at: datetime) -> None:
    """Enter the calendars of the sites that are new, by code; those that were there keep theirs."""
    today = clock.today(at)
    for code, sections in (
        (MUSEUM, _one_group_at_a_time),
        (MINE, _rooms),
        (HALL_SITE, _rooms),
        (WINTER_SITE, _winter),
    ):
        if code in new:
            enter_sections(db, new[code], sections(code, rules_row(db, new[code]), today))
    if HALL_SITE in new:
        db.execute(insert(closures).values(_repair(new[HALL_SITE], today, at=at)))


def _id(code: str, what: str) -> str:
    return str(uuid5(NAMESPACE_ZHENDI, f"calendar:{code}:{what}"))


def _terms(row: dict[str, Any], name: str, **changed: Any) -> dict[str, Any]:
    programme = next(programme for programme in row["programmes"] if programme["name"] == name)
    return {**programme["terms"], **changed}


def _one_group_at_a_time(code: str, row: dict[str, Any], today: date) -> dict[str, Any]:
    """Return: the museum's lesson is for one group, bookable 45 days ahead, and rests on public holidays."""
    lesson = _terms(row, LESSON, groups_max=1, window_days=45, cancel_notice_minutes=48 * 60)
    rest = {
        "programme_id": lesson["programme_id"],
        "on_holiday": "closed",
        "on_makeup_workday": "open",
    }
    return {"terms": [lesson], "holidays": [rest]}


def _rooms(code: str, row: dict[str, Any], today: date) -> dict[str, Any]:
    """Return: a hall of two rooms; the lecture takes all of it at the mine, one room elsewhere; closed on holidays."""
    hall, east, west = _id(code, "hall"), _id(code, "east"), _id(code, "west")
    spaces = [
        {"id": hall, "name": "报告厅", "parent_id": None},
        {"id": east, "name": "东厅", "parent_id": hall},
        {"id": west, "name": "西厅", "parent_id": hall},
    ]
    if code == MINE:
        terms = [_terms(row, "主题党课", space_id=hall, before_minutes=15, after_minutes=15, rank=10)]
    else:
        terms = [
            _terms(row, "主题党课", space_id=west, after_minutes=15),
            _terms(row, "志愿服务", space_id=east, before_minutes=15),
        ]
    rest = {"programme_id": None, "on_holiday": "sunday", "on_makeup_workday": "open"}
    return {"spaces": spaces, "terms": terms, "holidays": [rest]}


def _winter(code: str, row: dict[str, Any], today: date) -> dict[str, Any]:
    """Return: shorter hours for ten weeks that begin next Monday, and a day of its own in two weeks."""
    first = today + timedelta(days=7 - today.weekday())
    winter = _id(code, "winter")
    season = {
        "id": winter,
        "name": "冬季",
        "active_from": first.isoformat(),
        "active_until": (first + timedelta(weeks=10)).isoformat(),
        "programme_id": None,
    }
    shorter = [
        {"weekday": weekday, "opens_minute": 9 * 60, "closes_minute": 11 * 60 + 30, "programme_id": None}
        for weekday in range(1, 6)
    ]
    closed: dict[str, Any] = {
        "day": (today + timedelta(days=14)).isoformat(),
        "hours": [],
        "note": "内部培训",
        "programme_id": None,
    }
    return {
        "seasons": [season],
        "hours": [*row["hours"], *({**opening, "season_id": winter} for opening in shorter)],
        "special_days": [closed],
        "holidays": [{"programme_id": None, "on_holiday": "closed", "on_makeup_workday": "monday"}],
    }


def _repair(site_id: UUID, today: date, *, at: datetime) -> dict[str, Any]:
    begins = datetime(today.year, today.month, today.day, tzinfo=clock.SHANGHAI) + timedelta(days=5)
    return {
        "id": _id(HALL_SITE, "repair"),
        "site_id": site_id,
        "starts_at": begins,
        "ends_at": begins + timedelta(days=1),
        "is_sudden": False,
        "reason": "repair",
        "note": "消防设施检测（演示）",
        "made_at": at,
        "made_by_id": uuid5(NAMESPACE_ZHENDI, "demo"),
        "made_by": "演示",
    }
