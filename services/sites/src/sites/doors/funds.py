"""Doors: policies, funds, the ledger, statistics and reports."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.funds import AppropriateFund, FundsAsked, FundView
from contracts.sites.ledger import StatementAsked, TrialBalanceAsked, TrialBalanceView
from contracts.sites.policies import PolicyAsked, PolicyView

from sites.doors.resources import Doors
from sites.operations import (
    funds,
)
from sites.queries import funds as fund_queries
from sites.queries import ledger as ledger_queries
from sites.queries import policies as policy_queries


class FundDoors(Doors):
    """Doors: policies, funds, the ledger, statistics and reports."""

    @command(AppropriateFund, returns=FundView)
    def appropriate(self, asked: AppropriateFund, *, actor: Actor, at: datetime) -> FundView:
        return funds.appropriate(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PolicyAsked, returns=PolicyView, public=True)
    def subsidy_policy(self, asked: PolicyAsked, *, actor: Actor | None, at: datetime) -> PolicyView:
        return policy_queries.policy_in_force(self.database.transaction, asked, at=at)

    @query(FundsAsked, returns=Page)
    def funds(self, asked: FundsAsked, *, actor: Actor, at: datetime) -> Page:
        return fund_queries.funds(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TrialBalanceAsked, returns=TrialBalanceView)
    def trial_balance(self, asked: TrialBalanceAsked, *, actor: Actor, at: datetime) -> TrialBalanceView:
        return ledger_queries.trial_balance(self.database.transaction, asked=asked, actor=actor)

    @query(StatementAsked, returns=Page)
    def statement(self, asked: StatementAsked, *, actor: Actor, at: datetime) -> Page:
        return ledger_queries.statement(self.database.transaction, asked=asked, actor=actor)
