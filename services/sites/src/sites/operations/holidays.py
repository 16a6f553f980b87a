"""Announcing a year's public holidays, and making the slots of its days anew (S5)."""

from datetime import datetime
from typing import Final

from chassis import jobs
from chassis.actors import Actor
from contracts.sites.calendars import AnnounceHolidays, HolidayYearView
from sqlalchemy import Connection, insert, text

from sites.domain.holidays import days_in
from sites.queries import holidays as queries
from sites.queries.scopes import must_oversee_all
from sites.tables.calendars import public_days

_YEAR: Final = text("""
INSERT INTO public_years (year, citation, announced_at, announced_by, job_id)
VALUES (:year, :citation, :at, :by, :job_id)
ON CONFLICT (year) DO UPDATE SET citation = excluded.citation, announced_at = excluded.announced_at,
       announced_by = excluded.announced_by, job_id = excluded.job_id
""")
_FORGET: Final = text(
    "DELETE FROM public_days WHERE day >= make_date(:year, 1, 1) AND day < make_date(:year + 1, 1, 1)"
)


def announce(db: Connection, *, asked: AnnounceHolidays, actor: Actor, at: datetime) -> HolidayYearView:
    """Enter a year's holidays and make-up workdays, or correct them; the slots are made anew in the background.

    Raises HolidaysUnreadable, HolidayInvalid; Forbidden to who does not oversee all.
    """
    must_oversee_all(db, "announce_holidays", actor=actor)
    days = days_in(asked.days, year=asked.year)
    job_id = jobs.ask(db, "extend_slots", params={"year": asked.year}, at=at, asked_by=actor.person_id)
    # The year's row first: two who announce the same year wait for each other here.
    db.execute(_YEAR, {"year": asked.year, "citation": asked.citation, "at": at, "by": actor.name, "job_id": job_id})
    db.execute(_FORGET, {"year": asked.year})
    db.execute(insert(public_days), [{"day": day.day, "kind": day.kind, "name": day.name} for day in days])
    return queries.year(db, asked.year)
