"""Doors: records of activities, and the visits that write them."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, listen, query
from contracts.assessment.activities import ActivitiesAsked, ActivityView, RecordActivity
from contracts.envelope import Event, Page
from contracts.sites.events import VisitAmended, VisitCancelled, VisitClosed, VisitOrdered

from assessment.doors.resources import Doors
from assessment.operations import activities
from assessment.queries import activities as records


class ActivityDoors(Doors):
    """Doors: records of activities, and the visits that write them."""

    @query(ActivitiesAsked, returns=Page)
    def activities(self, asked: ActivitiesAsked, *, actor: Actor, at: datetime) -> Page:
        return records.activities_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordActivity, returns=ActivityView)
    def record_activity(self, record: RecordActivity, *, actor: Actor, at: datetime) -> ActivityView:
        return activities.record(self.database.transaction, record=record, actor=actor, at=at)

    @listen("sites", VisitOrdered)
    def plan_theme_day(self, event: Event, *, at: datetime) -> None:
        activities.plan(self.database.transaction, event=event, at=at)

    @listen("sites", VisitAmended)
    def plan_theme_day_anew(self, event: Event, *, at: datetime) -> None:
        activities.plan(self.database.transaction, event=event, at=at)

    @listen("sites", VisitCancelled)
    def cancel_theme_day(self, event: Event, *, at: datetime) -> None:
        activities.cancel(self.database.transaction, event=event, at=at)

    @listen("sites", VisitClosed)
    def record_theme_day(self, event: Event, *, at: datetime) -> None:
        activities.hold(self.database.transaction, event=event, at=at)
