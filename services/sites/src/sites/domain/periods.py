"""The periods that a period is compared with (S13). Both days of a period are in it."""

from calendar import monthrange
from datetime import date, timedelta

Period = tuple[date, date]


def before(first: date, last: date) -> Period:
    """Return the period before: whole months before whole months, otherwise as many days."""
    if first.day == 1 and last == _end_of_month(last):
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return _months_back(first, months), first - timedelta(days=1)
    return first - (last - first) - timedelta(days=1), first - timedelta(days=1)


def year_before(first: date, last: date) -> Period:
    """Return the same days a year before; 29 February and the end of a whole February stay the month's end."""
    is_end = last == _end_of_month(last)
    day = _same_day(last, last.year - 1)
    return _same_day(first, first.year - 1), _end_of_month(day) if is_end else day


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _same_day(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def _months_back(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
