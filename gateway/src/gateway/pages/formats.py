"""How a page writes instants, days, money and numbers, in Chinese and in English. People see Asia/Shanghai."""

from datetime import date, datetime, timedelta
from typing import Final

from chassis import clock
from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from gateway.pages.language import is_chinese

WEEKDAYS_ZH = "一二三四五六日"
GROUP = 4


def instant(value: str | datetime) -> datetime:
    """Return the instant in Shanghai's time."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.astimezone(clock.SHANGHAI)


def _date(value: str | date) -> date:
    if isinstance(value, datetime):
        return instant(value).date()
    if isinstance(value, date):
        return value
    return instant(value).date() if "T" in value else date.fromisoformat(value)


def day(value: str | date) -> str:
    """2026年11月23日（周一） · Mon 23 Nov 2026."""
    found = _date(value)
    if is_chinese():
        return f"{found.year}年{found.month}月{found.day}日（周{WEEKDAYS_ZH[found.weekday()]}）"
    return f"{found:%a} {found.day} {found:%b %Y}"


def date_of(value: str | date) -> str:
    """2014年3月6日 · 6 Mar 2014: a day long past or far off, of which nobody asks the weekday."""
    found = _date(value)
    if is_chinese():
        return f"{found.year}年{found.month}月{found.day}日"
    return f"{found.day} {found:%b %Y}"


def time_of_day(value: str | datetime) -> str:
    """14:30."""
    return f"{instant(value):%H:%M}"


def minute_of_day(minute: int) -> str:
    """9:05; 24:00 at the day's end."""
    return f"{minute // 60}:{minute % 60:02d}"


def moment(value: str | datetime) -> str:
    """2026年11月23日（周一）14:30 · Mon 23 Nov 2026, 14:30."""
    found = instant(value)
    return f"{day(found)}{'' if is_chinese() else ', '}{found:%H:%M}"


def deadline(value: str | datetime) -> str:
    """2026年12月4日（周五）24:00 · Fri 4 Dec 2026, 24:00: a limit at midnight belongs to the day that ends then."""
    found = instant(value)
    if (found.hour, found.minute) != (0, 0):
        return moment(found)
    return f"{day(found.date() - timedelta(days=1))}{'' if is_chinese() else ', '}24:00"


def span(starts_at: str | datetime, ends_at: str | datetime) -> Markup:
    """A slot's day and times, broken between lines only after the day; the end's day is not said again."""
    first, last = instant(starts_at), instant(ends_at)
    between = "" if is_chinese() else ", "
    return Markup('<span class="nowrap">{}{}</span><wbr><span class="nowrap">{:%H:%M}–{:%H:%M}</span>').format(
        day(first), between, first, last
    )


def weekday(value: str | date) -> str:
    """周一 · Mon; today and tomorrow are said so."""
    found = _date(value)
    near = {0: _("Today"), 1: _("Tomorrow")}.get((found - clock.today(clock.now())).days)
    return near or (f"周{WEEKDAYS_ZH[found.weekday()]}" if is_chinese() else f"{found:%a}")


def month_day(value: str | date) -> str:
    """11月23日 · 23 Nov."""
    found = _date(value)
    return f"{found.month}月{found.day}日" if is_chinese() else f"{found.day} {found:%b}"


def month_name(value: str | date) -> str:
    """11月 · Nov."""
    found = _date(value)
    return f"{found.month}月" if is_chinese() else f"{found:%b}"


def month(value: str) -> str:
    """2026年11月 · November 2026."""
    year, _sep, number = value.partition("-")
    return f"{year}年{int(number)}月" if is_chinese() else f"{date(int(year), int(number), 1):%B %Y}"


def half_year(name: str) -> str:
    """2026年上半年 · First half of 2026, of 2026-H1; a whole year of 2026."""
    year, _dash, half = name.partition("-H")
    if half == "1":
        return _("First half of %(year)s", year=year)
    if half == "2":
        return _("Second half of %(year)s", year=year)
    return _("Year %(year)s", year=year)


def count(value: int) -> str:
    """1,800."""
    return f"{value:,}"


def decimal(value: float | str) -> str:
    """94.5, 95, 1,200.3: at most one digit after the point, and none that says nothing."""
    return f"{round(float(value), 1):,}".removesuffix(".0")


def yuan(fen: int | None) -> str:
    """1,380.00元 · ¥1,380.00; a dash for what is not known yet."""
    if fen is None:
        return "—"
    sign = "−" if fen < 0 else ""
    amount = f"{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
    return f"{sign}{amount}元" if is_chinese() else f"{sign}¥{amount}"


def percent(part: int, whole: int) -> str:
    """37%; a dash when there is no whole."""
    return f"{100 * part / whole:.0f}%" if whole else "—"


def grouped(code: str) -> str:
    """A voucher's code in groups of four, to be read aloud: K7PM 4Q9D."""
    bare = code.replace("-", "").replace(" ", "")
    return " ".join(bare[start : start + GROUP] for start in range(0, len(bare), GROUP))


def spelled(code: str) -> str:
    """A voucher's code letter by letter, for a screen reader."""
    return " ".join(code.replace("-", "").replace(" ", ""))


def distance(metres: float) -> str:
    """850米 or 12.4公里, 850 m or 12.4 km."""
    if metres < 1000:
        return f"{metres:.0f}米" if is_chinese() else f"{metres:.0f} m"
    return f"{metres / 1000:.1f}公里" if is_chinese() else f"{metres / 1000:.1f} km"


def day_code(value: str | datetime) -> str:
    """2026-11-23, the day on which an instant falls."""
    return instant(value).date().isoformat()


def day_before(value: str | date) -> str:
    """2026-11-22, the last day of a period that ends before a day."""
    return (_date(value) - timedelta(days=1)).isoformat()


_BROWSERS: Final = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("HuaweiBrowser", "Huawei"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """Chrome · Windows, from what a browser calls itself; of a program the beginning of it, of nothing a dash."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:40] or "—"


def register(app: Flask) -> None:
    """Give the formats to the templates as filters."""
    for name in (
        day,
        date_of,
        weekday,
        month_day,
        month_name,
        time_of_day,
        moment,
        deadline,
        month,
        half_year,
        count,
        decimal,
        yuan,
        grouped,
        spelled,
        distance,
        day_code,
        day_before,
        device,
    ):
        app.jinja_env.filters[name.__name__] = name
    app.jinja_env.globals.update(span=span, percent=percent)
