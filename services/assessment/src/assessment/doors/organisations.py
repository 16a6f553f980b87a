"""Doors: what roster tells of its tree."""

from datetime import datetime

from chassis.doors import listen
from contracts.envelope import Event
from contracts.roster.organisations import OrganisationChanged

from assessment.doors.resources import Doors
from assessment.operations import organisations


class OrganisationDoors(Doors):
    """Doors: what roster tells of its tree."""

    @listen("roster", OrganisationChanged)
    def remember_organisation(self, event: Event, *, at: datetime) -> None:
        organisations.remember(self.database.transaction, event=event, at=at)
