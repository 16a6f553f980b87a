"""Making the slots of the coming weeks from the weekly hours (S5)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis import clock
from sqlalchemy import Connection, Row, text

from sites.domain.slots import AHEAD, Hours, Rhythm, slot_times

# A programme keeps its own hours where it has any. Days that have slots already are not made again: what exists may
# have been ordered, and what a change of hours does to it is a decision of its own.
_PROGRAMMES: Final = text("""
SELECT p.id, p.site_id, p.minutes, p.every_minutes, p.notice_minutes, p.seats, p.confirmation,
       (SELECT max(starts_at) FROM slots WHERE programme_id = p.id) AS last_start,
       (SELECT coalesce(
               jsonb_agg(jsonb_build_array(weekday, opens_minute, closes_minute)) FILTER (WHERE programme_id = p.id),
               jsonb_agg(jsonb_build_array(weekday, opens_minute, closes_minute)) FILTER (WHERE programme_id IS NULL),
               '[]'
           ) FROM weekly_hours h WHERE h.site_id = p.site_id) AS hours
  FROM programmes p
  JOIN sites s ON s.id = p.site_id AND s.state = 'open'
 WHERE p.is_offered
 ORDER BY p.id
""")

_INSERT: Final = text("""
INSERT INTO slots (site_id, programme_id, starts_at, ends_at, visit_on, bookable_until, seats, confirmation)
SELECT :site_id, :programme_id, made.*, :seats, :confirmation
  FROM unnest(CAST(:starts_at AS timestamptz[]), CAST(:ends_at AS timestamptz[]), CAST(:visit_on AS date[]),
              CAST(:bookable_until AS timestamptz[])) AS made
ON CONFLICT (programme_id, starts_at) DO NOTHING
""")


def extend(db: Connection, *, at: datetime, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Make the slots that are missing from today to four weeks ahead; returns how many were made.

    Made again, it makes nothing. `progress` is told how many of the programmes are done.
    """
    today = clock.today(at)
    found = db.execute(_PROGRAMMES).all()
    made = 0
    for done, programme in enumerate(found, start=1):
        made += _extend_one(db, programme, today=today)
        progress(done, len(found))
    return made


def _extend_one(db: Connection, programme: Row[Any], *, today: date) -> int:
    first = today
    if programme.last_start is not None:
        first = max(first, clock.today(programme.last_start) + timedelta(days=1))
    times = list(
        slot_times(
            Rhythm(programme.minutes, programme.every_minutes, programme.notice_minutes),
            [Hours(*hours) for hours in programme.hours],
            first=first,
            last=today + AHEAD,
        )
    )
    if not times:
        return 0
    programme_id: UUID = programme.id
    inserted = db.execute(
        _INSERT,
        {
            "site_id": programme.site_id,
            "programme_id": programme_id,
            "seats": programme.seats,
            "confirmation": programme.confirmation,
            "starts_at": [time.starts_at for time in times],
            "ends_at": [time.ends_at for time in times],
            "visit_on": [time.visit_on for time in times],
            "bookable_until": [time.bookable_until for time in times],
        },
    )
    return inserted.rowcount
