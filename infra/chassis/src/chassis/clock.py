"""The platform's clock. Rules take `at` as an argument; only doors and timers read it here.

CLOCK_OFFSET_S moves the date of a whole platform. CLOCK_OFFSET_FILE names a file that holds it instead, read each
time, so that a test walks months while the platform runs; the configuration refuses it outside of the demonstration.
Deadlines do not use this clock: they are real seconds.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the current instant in UTC, moved by CLOCK_OFFSET_S or by what CLOCK_OFFSET_FILE holds."""
    file = os.environ.get("CLOCK_OFFSET_FILE")
    offset_s = Path(file).read_text() if file else os.environ.get("CLOCK_OFFSET_S")
    return datetime.now(UTC) + timedelta(seconds=float(offset_s or 0))


def is_moved() -> bool:
    """Say whether somebody may move the clock while the platform runs: by CLOCK_OFFSET_FILE, in a test."""
    return "CLOCK_OFFSET_FILE" in os.environ


def today(at: datetime) -> date:
    """Return the calendar day in Asia/Shanghai on which `at` falls."""
    return at.astimezone(SHANGHAI).date()


def tomorrow(at: datetime) -> date:
    """Return the calendar day in Asia/Shanghai after the one on which `at` falls."""
    return today(at) + timedelta(days=1)


def first_of_month(at: datetime) -> date:
    """Return the first day of the month in Asia/Shanghai in which `at` falls."""
    return today(at).replace(day=1)


def month_of(at: datetime) -> str:
    """Return the month in Asia/Shanghai in which `at` falls, as YYYY-MM."""
    return f"{at.astimezone(SHANGHAI):%Y-%m}"
