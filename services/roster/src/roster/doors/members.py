"""Doors: members."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import query
from contracts.envelope import Page
from contracts.roster.members import MembersAsked

from roster.doors.resources import Doors
from roster.queries import members


class MemberDoors(Doors):
    """Doors: members."""

    @query(MembersAsked, returns=Page)
    def members(self, asked: MembersAsked, *, actor: Actor, at: datetime) -> Page:
        """The members of an organisation, by name alone."""
        return members.page(self.database.transaction, asked, actor=actor)
