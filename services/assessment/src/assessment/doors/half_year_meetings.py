"""Doors: half-yearly meetings of secretaries, and re-inspections."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.half_year_meetings import (
    HalfYearMeetingAsked,
    HalfYearMeetingsAsked,
    HalfYearMeetingsView,
    HalfYearMeetingView,
    HoldHalfYearMeeting,
    PlanHalfYearMeeting,
)
from contracts.assessment.reinspections import (
    PlanReinspections,
    RecordReinspection,
    ReinspectionAsked,
    ReinspectionsAsked,
    ReinspectionsPlannedView,
    ReinspectionView,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import half_year_meetings, reinspections
from assessment.queries import half_year_meetings as shown
from assessment.queries import reinspections as again


class HalfYearDoors(Doors):
    """Doors: half-yearly meetings of secretaries, and re-inspections."""

    @query(HalfYearMeetingsAsked, returns=HalfYearMeetingsView)
    def half_year_meetings(self, asked: HalfYearMeetingsAsked, *, actor: Actor, at: datetime) -> HalfYearMeetingsView:
        return shown.meetings_asked(self.database.transaction, asked=asked, actor=actor)

    @query(HalfYearMeetingAsked, returns=HalfYearMeetingView)
    def half_year_meeting(self, asked: HalfYearMeetingAsked, *, actor: Actor, at: datetime) -> HalfYearMeetingView:
        return shown.meeting(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PlanHalfYearMeeting, returns=HalfYearMeetingView)
    def plan_half_year_meeting(self, asked: PlanHalfYearMeeting, *, actor: Actor, at: datetime) -> HalfYearMeetingView:
        return half_year_meetings.plan(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(HoldHalfYearMeeting, returns=HalfYearMeetingView)
    def hold_half_year_meeting(self, asked: HoldHalfYearMeeting, *, actor: Actor, at: datetime) -> HalfYearMeetingView:
        return half_year_meetings.hold(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReinspectionsAsked, returns=Page)
    def reinspections(self, asked: ReinspectionsAsked, *, actor: Actor, at: datetime) -> Page:
        return again.reinspections_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReinspectionAsked, returns=ReinspectionView)
    def reinspection(self, asked: ReinspectionAsked, *, actor: Actor, at: datetime) -> ReinspectionView:
        return again.reinspection(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PlanReinspections, returns=ReinspectionsPlannedView)
    def plan_reinspections(self, asked: PlanReinspections, *, actor: Actor, at: datetime) -> ReinspectionsPlannedView:
        return reinspections.plan(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordReinspection, returns=ReinspectionView)
    def record_reinspection(self, asked: RecordReinspection, *, actor: Actor, at: datetime) -> ReinspectionView:
        return reinspections.record(self.database.transaction, asked=asked, actor=actor, at=at)
