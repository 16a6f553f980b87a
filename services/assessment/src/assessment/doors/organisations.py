"""Doors: what roster tells of its tree, of its branches' rolls, of who holds posts and of how branches stand."""

from datetime import datetime

from chassis.doors import listen
from contracts.envelope import Event
from contracts.roster.organisations import OrganisationChanged
from contracts.roster.posts import PostsChanged
from contracts.roster.rolls import RollChanged
from contracts.roster.standings import BranchStanding

from assessment.doors.resources import Doors
from assessment.operations import organisations, posts, rolls, standings


class OrganisationDoors(Doors):
    """Doors: what roster tells of its tree, of its branches' rolls, of who holds posts and of how branches stand."""

    @listen("roster", OrganisationChanged)
    def remember_organisation(self, event: Event, *, at: datetime) -> None:
        organisations.remember(self.database.transaction, event=event, at=at)

    @listen("roster", RollChanged)
    def remember_roll(self, event: Event, *, at: datetime) -> None:
        rolls.remember(self.database.transaction, event=event, at=at)

    @listen("roster", PostsChanged)
    def remember_posts(self, event: Event, *, at: datetime) -> None:
        posts.remember(self.database.transaction, event=event)

    @listen("roster", BranchStanding)
    def remember_standing(self, event: Event, *, at: datetime) -> None:
        standings.remember(self.database.transaction, event=event, at=at)
