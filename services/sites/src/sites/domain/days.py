"""Days and hours as people here live them: by the clocks of Shanghai."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def day_of(at: datetime) -> date:
    """Return the day on which an instant lies."""
    return at.astimezone(_SHANGHAI).date()


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins."""
    return datetime.combine(day, time(), _SHANGHAI)


def month_after(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def said(at: datetime) -> str:
    """Return an instant as people say it: 2026-11-23 14:30."""
    return f"{at.astimezone(_SHANGHAI):%Y-%m-%d %H:%M}"
