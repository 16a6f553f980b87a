"""Doors: the way to membership."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.roster.development import (
    AdvanceStage,
    DevelopmentAsked,
    DevelopmentsAsked,
    DevelopmentView,
    EndDevelopment,
    EnterApplicant,
    ExtendProbation,
    RecordStep,
    RulesAsked,
    StrikeStep,
)

from roster.doors.resources import Doors
from roster.operations import developments
from roster.queries import developments as asked_of


class DevelopmentDoors(Doors):
    """Doors: the way to membership."""

    @query(DevelopmentsAsked, returns=Page, recorded=True)
    def developments(self, asked: DevelopmentsAsked, *, actor: Actor, at: datetime) -> Page:
        """Who is on the way."""
        return asked_of.page(self.database.transaction, asked, actor=actor, on=clock.today(at))

    @query(DevelopmentAsked, returns=DevelopmentView, recorded=True)
    def development(self, asked: DevelopmentAsked, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Where somebody stands, and what is missing."""
        return asked_of.one(self.database.transaction, asked.person_id, actor=actor, on=clock.today(at))

    @query(RulesAsked, returns=Page)
    def member_rules(self, asked: RulesAsked, *, actor: Actor, at: datetime) -> Page:
        """The regulation's periods."""
        actor.must("read_organisation")
        return asked_of.rules_in_force(self.database.transaction, on=asked.on or clock.today(at))

    @command(EnterApplicant, returns=DevelopmentView)
    def enter_applicant(self, asked: EnterApplicant, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Enter somebody who applied."""
        return developments.enter(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RecordStep, returns=DevelopmentView)
    def record_step(self, asked: RecordStep, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Write down a step that was done."""
        return developments.record_step(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(StrikeStep, returns=DevelopmentView)
    def strike_step(self, asked: StrikeStep, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Strike out a step entered by mistake."""
        return developments.strike_step(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AdvanceStage, returns=DevelopmentView)
    def advance_stage(self, asked: AdvanceStage, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Take the next stage."""
        return developments.advance(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ExtendProbation, returns=DevelopmentView)
    def extend_probation(self, asked: ExtendProbation, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Extend a probation."""
        return developments.extend(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EndDevelopment, returns=DevelopmentView)
    def end_development(self, asked: EndDevelopment, *, actor: Actor, at: datetime) -> DevelopmentView:
        """Say that somebody goes no further."""
        return developments.end(self.database.transaction, asked=asked, actor=actor, at=at)
