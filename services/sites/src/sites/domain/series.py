"""The dates of a recurring order (S6): weekly, every other week, or monthly on the same weekday of the month.

"The second Tuesday of each month" is kept; a month without a fifth Tuesday has no occurrence.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

WEEKS: Final = {"week": 1, "fortnight": 2}


def occurrences(first: date, *, every: str, times: int) -> Iterator[date]:
    """Yield the dates, `first` among them, at most `times` of them."""
    if every in WEEKS:
        for number in range(times):
            yield first + timedelta(weeks=WEEKS[every] * number)
        return
    week = (first.day - 1) // 7
    year, month = first.year, first.month
    for _ in range(times):
        begins = date(year, month, 1)
        day = begins + timedelta(days=(first.weekday() - begins.weekday()) % 7 + 7 * week)
        if day.month == month:
            yield day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
