"""The half-yearly meeting of secretaries (A13): planned once for each half-year, held, written down."""

from datetime import datetime
from uuid import uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.half_year_meetings import HalfYearMeetingView, HoldHalfYearMeeting, PlanHalfYearMeeting
from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert

from assessment.queries import half_year_meetings as shown
from assessment.queries.organisations import organisation_named
from assessment.tables.reviews import half_year_meetings


class HalfYearPlanned(Refusal):
    """The meeting of this half-year is planned already."""


class HalfYearHeld(Refusal):
    """This meeting is written down already."""


def plan(db: Connection, *, asked: PlanHalfYearMeeting, actor: Actor, at: datetime) -> HalfYearMeetingView:
    """Plan the meeting of a half-year. Raises NotFound, Forbidden, HalfYearPlanned."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("hold_half_year_meeting", organisation=organisation.path)
    meeting_id = uuid4()
    new = insert(half_year_meetings).values(
        id=meeting_id,
        organisation_id=asked.organisation_id,
        year=asked.year,
        half=asked.half,
        planned_on=asked.planned_on,
        agenda=asked.agenda,
        made_at=at,
        made_by_id=actor.person_id,
        made_by=actor.name,
    )
    if db.execute(new.on_conflict_do_nothing()).rowcount == 0:
        raise HalfYearPlanned()
    row = shown.row_of(db, meeting_id)
    return shown.view_of(row, shown.lines_of(db, row, today=clock.today(at)), actor=actor)


def hold(db: Connection, *, asked: HoldHalfYearMeeting, actor: Actor, at: datetime) -> HalfYearMeetingView:
    """Write down that the meeting was held. Raises NotFound, Forbidden, HalfYearHeld, InvalidInput."""
    row = shown.row_of(db, asked.meeting_id)
    actor.must("hold_half_year_meeting", organisation=row.path)
    today = clock.today(at)
    if asked.held_on > today:
        raise InvalidInput({"held_on": ["This day has not come yet."]})
    of = half_year_meetings.c
    written = db.execute(
        update(half_year_meetings)
        .where(of.id == row.id, of.held_on.is_(None))
        .values(held_on=asked.held_on, minutes=asked.minutes)
    )
    if written.rowcount == 0:
        raise HalfYearHeld()
    row = shown.row_of(db, row.id)
    return shown.view_of(row, shown.lines_of(db, row, today=today), actor=actor)
