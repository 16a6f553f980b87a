"""Doors: the list of weak organisations."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.weak_organisations import (
    AcceptWeakItem,
    AddWeakItem,
    DismissWeakOrganisation,
    DoWeakItem,
    ListWeakOrganisation,
    ProposeWeakByRating,
    ProposeWeakOrganisation,
    ReleaseWeakOrganisation,
    ReturnWeakItem,
    WeakEntriesOfAsked,
    WeakEntryAsked,
    WeakEntryView,
    WeakOrganisationsAsked,
    WeakProposalsView,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import weak_organisations
from assessment.queries import weak_organisations as entries


class WeakOrganisationDoors(Doors):
    """Doors: the list of weak organisations."""

    @query(WeakOrganisationsAsked, returns=Page)
    def weak_organisations(self, asked: WeakOrganisationsAsked, *, actor: Actor, at: datetime) -> Page:
        return entries.weak_organisations_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(WeakEntriesOfAsked, returns=Page)
    def weak_entries_of(self, asked: WeakEntriesOfAsked, *, actor: Actor, at: datetime) -> Page:
        return entries.entries_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(WeakEntryAsked, returns=WeakEntryView)
    def weak_entry(self, asked: WeakEntryAsked, *, actor: Actor, at: datetime) -> WeakEntryView:
        return entries.entry(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ProposeWeakOrganisation, returns=WeakEntryView)
    def propose_weak_organisation(self, asked: ProposeWeakOrganisation, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.propose(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ProposeWeakByRating, returns=WeakProposalsView)
    def propose_weak_by_rating(self, asked: ProposeWeakByRating, *, actor: Actor, at: datetime) -> WeakProposalsView:
        return weak_organisations.propose_by_rating(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ListWeakOrganisation, returns=WeakEntryView)
    def list_weak_organisation(self, asked: ListWeakOrganisation, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.put_on(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DismissWeakOrganisation, returns=WeakEntryView)
    def dismiss_weak_organisation(self, asked: DismissWeakOrganisation, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.dismiss(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AddWeakItem, returns=WeakEntryView)
    def add_weak_item(self, asked: AddWeakItem, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.add_item(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DoWeakItem, returns=WeakEntryView)
    def do_weak_item(self, asked: DoWeakItem, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.do(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AcceptWeakItem, returns=WeakEntryView)
    def accept_weak_item(self, asked: AcceptWeakItem, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.accept(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReturnWeakItem, returns=WeakEntryView)
    def return_weak_item(self, asked: ReturnWeakItem, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.give_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReleaseWeakOrganisation, returns=WeakEntryView)
    def release_weak_organisation(self, asked: ReleaseWeakOrganisation, *, actor: Actor, at: datetime) -> WeakEntryView:
        return weak_organisations.release(self.database.transaction, asked=asked, actor=actor, at=at)
