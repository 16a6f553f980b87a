"""The doors of the assessment service."""

from datetime import datetime

from chassis.actors import Actor
from chassis.audit.doors import AuditDoors
from chassis.database import Database
from chassis.doors import command, listen, query
from contracts.assessment import ActivitiesAsked, ActivityView, LightAsked, LightsAsked, LightView, RecordActivity
from contracts.envelope import Event, Page
from contracts.roster.organisations import OrganisationChanged
from contracts.sites.events import VisitAmended, VisitCancelled, VisitClosed, VisitOrdered

from assessment.operations import activities, organisations
from assessment.queries import activities as records
from assessment.queries import lights


class AssessmentService(AuditDoors):
    """The assessment service, as the gateway and the other services see it."""

    name = "assessment"
    database = Database()

    @query(LightAsked, returns=LightView)
    def light(self, asked: LightAsked, *, actor: Actor, at: datetime) -> LightView:
        return lights.light(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(LightsAsked, returns=Page)
    def lights(self, asked: LightsAsked, *, actor: Actor, at: datetime) -> Page:
        return lights.lights_below(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ActivitiesAsked, returns=Page)
    def activities(self, asked: ActivitiesAsked, *, actor: Actor, at: datetime) -> Page:
        return records.activities_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordActivity, returns=ActivityView)
    def record_activity(self, record: RecordActivity, *, actor: Actor, at: datetime) -> ActivityView:
        return activities.record(self.database.transaction, record=record, actor=actor, at=at)

    @listen("roster", OrganisationChanged)
    def remember_organisation(self, event: Event, *, at: datetime) -> None:
        organisations.remember(self.database.transaction, event=event, at=at)

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


SERVICE = AssessmentService
