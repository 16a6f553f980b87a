"""A site's days with their free seats, as everybody sees them (S5)."""

from datetime import datetime, timedelta
from typing import Any, Final

from chassis import clock
from chassis.refusals import InvalidInput, NotFound
from contracts.sites.calendars import CalendarDaysAsked, CalendarDaysView, CalendarDayView
from sqlalchemy import Connection, Row, text

from sites.queries.sites import SHOWN

DAYS_MAX: Final = 92

_DAYS: Final = text("""
SELECT d.day::date AS day, h.kind, h.name, y.year IS NOT NULL AS is_announced, special.note, special.is_closed,
       coalesce(f.slots, 0) AS slots, coalesce(f.slots_free, 0) AS slots_free,
       coalesce(f.seats_left_max, 0) AS seats_left_max, coalesce(f.slots_shut, 0) AS slots_shut,
       coalesce(f.slots_full, 0) AS slots_full, f.bookable_from, f.shut_reason
  FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d (day)
  LEFT JOIN public_days h ON h.day = d.day
  LEFT JOIN public_years y ON y.year = extract(year FROM d.day)
  LEFT JOIN (
      SELECT day, note, jsonb_array_length(hours) = 0 AS is_closed
        FROM special_days WHERE site_id = :site_id AND programme_id IS NULL
  ) special ON special.day = d.day
  LEFT JOIN (
      SELECT visit_on, count(*) AS slots,
             count(*) FILTER (WHERE is_open AND seats_left > 0) AS slots_free,
             max(seats_left) FILTER (WHERE is_open) AS seats_left_max,
             count(*) FILTER (WHERE is_open AND seats_left = 0) AS slots_full,
             count(*) FILTER (WHERE closed_reason IS NOT NULL) AS slots_shut,
             min(bookable_from) FILTER (WHERE bookable_from > :at AND closed_reason IS NULL) AS bookable_from,
             min(closed_reason) FILTER (WHERE closure_id IS NOT NULL) AS shut_reason
        FROM (
            SELECT *, seats - seats_taken AS seats_left,
                   closed_reason IS NULL AND bookable_until > :at
                   AND (bookable_from IS NULL OR bookable_from <= :at)
                   AND (groups_max IS NULL OR groups_taken < groups_max)
                   AND NOT EXISTS (SELECT FROM allocation_round_of(site_id, programme_id, visit_on)) AS is_open
              FROM slots
             WHERE site_id = :site_id AND visit_on BETWEEN :first AND :last AND dropped_at IS NULL
        ) s
       GROUP BY visit_on
  ) f ON f.visit_on = d.day
 ORDER BY d.day
""")


def calendar_days(db: Connection, asked: CalendarDaysAsked, *, at: datetime) -> CalendarDaysView:
    """Return the days asked for; without days the five weeks from today. Raises NotFound, InvalidInput."""
    first = asked.from_day or clock.today(at)
    last = asked.to_day or first + timedelta(days=34)
    if last < first or (last - first).days >= DAYS_MAX:
        raise InvalidInput({"to_day": ["Ask for 1 to 92 days."]})
    site = db.execute(text("SELECT state FROM sites WHERE id = :id"), {"id": asked.site_id}).one_or_none()
    if site is None or site.state not in SHOWN:
        raise NotFound()
    rows = db.execute(_DAYS, {"site_id": asked.site_id, "first": first, "last": last, "at": at})
    is_open = site.state == "open"
    return CalendarDaysView(site_id=asked.site_id, days=[_view(row, is_open=is_open) for row in rows])


def _view(row: Row[Any], *, is_open: bool) -> CalendarDayView:
    return CalendarDayView(
        day=row.day,
        state=_state(row) if is_open else "closed",
        slots=row.slots,
        slots_free=row.slots_free if is_open else 0,
        seats_left_max=row.seats_left_max if is_open else 0,
        public_day=row.name,
        public_day_kind=row.kind,
        is_announced=row.is_announced,
        note=row.shut_reason or row.note,
        bookable_from=row.bookable_from,
    )


def _state(row: Row[Any]) -> str:
    if row.slots_free:
        return "free"
    if row.is_closed or (row.slots and row.slots_shut == row.slots):
        return "closed"
    if not row.slots:
        return "none"
    if row.bookable_from:
        return "not_yet"
    return "full" if row.slots_full else "over"
