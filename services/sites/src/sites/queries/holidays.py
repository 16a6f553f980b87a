"""Which years' public holidays are announced, and which days those are (S5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from chassis import clock
from contracts.envelope import Page
from contracts.sites.calendars import HolidaysAsked, HolidayYearView, PublicDayView
from sqlalchemy import Connection, Row, text

_YEARS: Final = text("""
SELECT y.year, known.year IS NOT NULL AS is_announced, known.citation, known.announced_at, known.announced_by,
       j.state, j.done, j.total,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(day, kind, name) ORDER BY day), '[]')
          FROM public_days WHERE day >= make_date(y.year, 1, 1) AND day < make_date(y.year + 1, 1, 1)) AS days
  FROM (SELECT unnest(CAST(:years AS integer[])) UNION SELECT year FROM public_years WHERE :with_known) AS y (year)
  LEFT JOIN public_years known ON known.year = y.year
  LEFT JOIN jobs j ON j.id = known.job_id
 ORDER BY y.year DESC
 LIMIT 50
""")


def holidays(db: Connection, asked: HolidaysAsked, *, at: datetime) -> Page:
    """Return the year asked for; or this year, the next and all that were announced, the latest first."""
    if asked.year is not None:
        return Page(items=[year(db, asked.year)])
    this_year = clock.today(at).year
    return Page(items=_years(db, [this_year, this_year + 1], with_known=True))


def year(db: Connection, number: int) -> HolidayYearView:
    """Return one year, announced or not."""
    return _years(db, [number], with_known=False)[0]


def _years(db: Connection, numbers: Iterable[int], *, with_known: bool) -> list[HolidayYearView]:
    return [_view(row) for row in db.execute(_YEARS, {"years": list(numbers), "with_known": with_known})]


def _view(row: Row[Any]) -> HolidayYearView:
    return HolidayYearView(
        year=row.year,
        is_announced=row.is_announced,
        citation=row.citation,
        announced_at=row.announced_at,
        announced_by=row.announced_by,
        days=[PublicDayView(day, kind, name) for day, kind, name in row.days],
        remade={"state": row.state, "done": row.done, "total": row.total} if row.state else None,
    )
