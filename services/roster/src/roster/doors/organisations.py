"""Doors: the tree, and the setting rules that it breaks."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import query
from contracts.envelope import Page
from contracts.roster.findings import FindingsView
from contracts.roster.organisations import OrganisationAsked, OrganisationsAsked, OrganisationView

from roster.doors.resources import Doors
from roster.queries import findings, organisations


class OrganisationDoors(Doors):
    """Doors: the tree, and the setting rules that it breaks."""

    @query(OrganisationsAsked, returns=Page)
    def organisations(self, asked: OrganisationsAsked, *, actor: Actor, at: datetime) -> Page:
        """The tree, a page at a time."""
        return organisations.page(self.database.transaction, asked, actor=actor)

    @query(OrganisationAsked, returns=OrganisationView)
    def organisation(self, asked: OrganisationAsked, *, actor: Actor, at: datetime) -> OrganisationView:
        """One node of the tree."""
        return organisations.one(self.database.transaction, asked.organisation_id, actor=actor)

    @query(OrganisationAsked, returns=FindingsView)
    def findings(self, asked: OrganisationAsked, *, actor: Actor, at: datetime) -> FindingsView:
        """The setting rules that an organisation breaks."""
        return findings.of(self.database.transaction, asked.organisation_id, actor=actor, on=clock.today(at))
