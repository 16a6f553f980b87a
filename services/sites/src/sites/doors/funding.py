"""Doors: which funds bear a visit, and what they owe each other."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.funding import (
    FundingRulesAsked,
    FundingRuleView,
    MoveFunding,
    OwedAsked,
    OwedView,
    ProposeFunding,
    RecordTransfer,
)

from sites.doors.resources import Doors
from sites.operations import funding
from sites.queries import funding as funding_queries


class FundingDoors(Doors):
    """Doors: which funds bear a visit, and what they owe each other."""

    @command(ProposeFunding, returns=FundingRuleView)
    def propose_funding(self, asked: ProposeFunding, *, actor: Actor, at: datetime) -> FundingRuleView:
        return funding.propose(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveFunding, returns=FundingRuleView)
    def adopt_funding(self, asked: MoveFunding, *, actor: Actor, at: datetime) -> FundingRuleView:
        return funding.adopt(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveFunding, returns=FundingRuleView)
    def withdraw_funding(self, asked: MoveFunding, *, actor: Actor, at: datetime) -> FundingRuleView:
        return funding.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(FundingRulesAsked, returns=Page)
    def funding_rules(self, asked: FundingRulesAsked, *, actor: Actor, at: datetime) -> Page:
        return funding_queries.rules(self.database.transaction, asked, actor=actor)

    @query(OwedAsked, returns=Page)
    def owed_between_funds(self, asked: OwedAsked, *, actor: Actor, at: datetime) -> Page:
        return funding_queries.owed(self.database.transaction, asked, actor=actor, at=at)

    @command(RecordTransfer, returns=OwedView)
    def record_transfer(self, asked: RecordTransfer, *, actor: Actor, at: datetime) -> OwedView:
        return funding.record_transfer(self.database.transaction, asked=asked, actor=actor, at=at)
