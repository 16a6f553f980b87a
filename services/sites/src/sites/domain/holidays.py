"""The public holidays and make-up workdays of a year, as the State Council's notice announces them (S5).

A year that no notice has announced yet is "not announced": its days count as plain weekdays until it is.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chassis.refusals import Refusal

from sites.domain.calendars import MAKEUP_WORKDAY, PUBLIC_DAY_KINDS

COLUMNS: Final = ("date", "kind", "name")
ROWS_MAX: Final = 120
NAME_MAX: Final = 60


class HolidaysUnreadable(Refusal):
    """The file is a CSV (UTF-8) with the columns date, kind, name and 1 to {rows_max} rows."""


class HolidayInvalid(Refusal):
    """Row {row}, column “{column}”: “{found}” is not valid; expected is {expected}."""


@dataclass(frozen=True)
class PublicDay:
    """A day off, or a weekend day on which offices work."""

    day: date
    kind: str
    name: str


def days_in(written: str, *, year: int) -> list[PublicDay]:
    """Read a year's days from CSV text, in order.

    Raises HolidaysUnreadable; HolidayInvalid naming the row (the header is row 1), the column and what was found.
    """
    rows = list(csv.reader(io.StringIO(written.lstrip("\ufeff"))))
    header = [cell.strip() for cell in rows[0]] if rows else []
    rows = [row for row in rows[1:] if any(cell.strip() for cell in row)]
    if tuple(header[: len(COLUMNS)]) != COLUMNS or not 1 <= len(rows) <= ROWS_MAX:
        raise HolidaysUnreadable(rows_max=ROWS_MAX)
    found: dict[date, PublicDay] = {}
    for number, row in enumerate(rows, start=2):
        public_day = _read(dict(zip(COLUMNS, (cell.strip() for cell in row), strict=False)), number=number, year=year)
        if public_day.day in found:
            raise HolidayInvalid(row=number, column="date", found=str(public_day.day), expected="once")
        found[public_day.day] = public_day
    return [found[day] for day in sorted(found)]


def _read(cells: Mapping[str, str], *, number: int, year: int) -> PublicDay:
    try:
        day = date.fromisoformat(cells.get("date", ""))
    except ValueError:
        raise HolidayInvalid(row=number, column="date", found=cells.get("date", ""), expected="date") from None
    if day.year != year:
        raise HolidayInvalid(row=number, column="date", found=str(day), expected="year")
    kind, name = cells.get("kind", ""), cells.get("name", "")
    if kind not in PUBLIC_DAY_KINDS:
        raise HolidayInvalid(row=number, column="kind", found=kind, expected="kind")
    if kind == MAKEUP_WORKDAY and day.isoweekday() <= 5:
        raise HolidayInvalid(row=number, column="kind", found=str(day), expected="weekend")
    if not 1 <= len(name) <= NAME_MAX:
        raise HolidayInvalid(row=number, column="name", found=name[:NAME_MAX], expected="name")
    return PublicDay(day, kind, name)
