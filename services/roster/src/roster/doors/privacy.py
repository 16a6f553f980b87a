"""Doors: personal data over time: names for the audit, what is held of me, the purge of those who left."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.roster.privacy import (
    HeldOfMe,
    HeldOfMeAsked,
    NamesAsked,
    NamesView,
    PurgeListAsked,
    PurgePeople,
    PurgeReportView,
    PurgeRulesAsked,
    PurgesView,
    SetPurgeRule,
)

from roster.doors.resources import Doors
from roster.operations import purges
from roster.queries import privacy


class PrivacyDoors(Doors):
    """Doors: personal data over time."""

    @query(NamesAsked, returns=NamesView)
    def names_for_audit(self, asked: NamesAsked, *, actor: Actor, at: datetime) -> NamesView:
        """Whom or what the audit's ids stand for."""
        return privacy.names(self.database.transaction, asked, actor=actor)

    @query(HeldOfMeAsked, returns=HeldOfMe, recorded=True)
    def held_of_me(self, asked: HeldOfMeAsked, *, actor: Actor, at: datetime) -> HeldOfMe:
        """Everything that is held of me."""
        return privacy.held_of_me(self.database.transaction, actor=actor, at=at)

    @query(PurgeRulesAsked, returns=PurgesView)
    def purges(self, asked: PurgeRulesAsked, *, actor: Actor, at: datetime) -> PurgesView:
        """Rules and reports of the purge."""
        return privacy.purges(self.database.transaction, actor=actor, at=at)

    @query(PurgeListAsked, returns=Page, recorded=True)
    def purge_list(self, asked: PurgeListAsked, *, actor: Actor, at: datetime) -> Page:
        """Whose personal data is due to be purged."""
        return privacy.candidates(self.database.transaction, asked, actor=actor, at=at)

    @command(SetPurgeRule, returns=PurgesView)
    def set_purge_rule(self, asked: SetPurgeRule, *, actor: Actor, at: datetime) -> PurgesView:
        """Say after how many months data is purged."""
        return purges.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PurgePeople, returns=PurgeReportView)
    def purge_people(self, asked: PurgePeople, *, actor: Actor, at: datetime) -> PurgeReportView:
        """Purge whoever is due, in the background."""
        return purges.ask(self.database.transaction, asked=asked, actor=actor, at=at)
