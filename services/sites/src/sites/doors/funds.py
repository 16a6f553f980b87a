"""Doors: policies, funds, the ledger, statistics and reports."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.sites.funds import AppropriateFund, FundsAsked, FundView
from contracts.sites.ledger import StatementAsked, TrialBalanceAsked, TrialBalanceView
from contracts.sites.policies import (
    AdoptPolicy,
    DraftPolicy,
    EditPolicy,
    PoliciesAsked,
    PolicyAsked,
    PolicyVersionAsked,
    PolicyVersionView,
    PolicyView,
    ReplayAsked,
    ReplayPolicy,
    ReplaysAsked,
    ReplayView,
    WithdrawPolicy,
)
from contracts.sites.reports import AskReport, ReportAsked, ReportsAsked, ReportView
from contracts.sites.statistics import (
    BranchCostsAsked,
    BranchCostsView,
    SiteAccountAsked,
    SiteAccountView,
    StatisticsAsked,
    StatisticsView,
)

from sites.doors.resources import Doors
from sites.operations import (
    funds,
    policies,
    policy_replays,
    reports,
)
from sites.queries import accounts
from sites.queries import funds as fund_queries
from sites.queries import ledger as ledger_queries
from sites.queries import policies as policy_queries
from sites.queries import policy_replays as policy_replay_queries
from sites.queries import statistics as statistics_queries


class FundDoors(Doors):
    """Doors: policies, funds, the ledger, statistics and reports."""

    @command(AppropriateFund, returns=FundView)
    def appropriate(self, asked: AppropriateFund, *, actor: Actor, at: datetime) -> FundView:
        return funds.appropriate(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(PolicyAsked, returns=PolicyView, public=True)
    def subsidy_policy(self, asked: PolicyAsked, *, actor: Actor | None, at: datetime) -> PolicyView:
        return policy_queries.policy_in_force(self.database.transaction, asked, at=at)

    @query(PoliciesAsked, returns=Page)
    def policies(self, asked: PoliciesAsked, *, actor: Actor, at: datetime) -> Page:
        return policy_queries.policies_page(self.database.transaction, asked, actor=actor)

    @query(PolicyVersionAsked, returns=PolicyVersionView)
    def policy(self, asked: PolicyVersionAsked, *, actor: Actor, at: datetime) -> PolicyVersionView:
        return policy_queries.version_for(self.database.transaction, asked.policy_id, actor=actor, at=at)

    @command(DraftPolicy, returns=PolicyVersionView)
    def draft_policy(self, asked: DraftPolicy, *, actor: Actor, at: datetime) -> PolicyVersionView:
        return policies.draft(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditPolicy, returns=PolicyVersionView)
    def edit_policy(self, asked: EditPolicy, *, actor: Actor, at: datetime) -> PolicyVersionView:
        return policies.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AdoptPolicy, returns=PolicyVersionView)
    def adopt_policy(self, asked: AdoptPolicy, *, actor: Actor, at: datetime) -> PolicyVersionView:
        return policies.adopt_draft(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawPolicy, returns=PolicyVersionView)
    def withdraw_policy(self, asked: WithdrawPolicy, *, actor: Actor, at: datetime) -> PolicyVersionView:
        return policies.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReplayPolicy, returns=ReplayView)
    def replay_policy(self, asked: ReplayPolicy, *, actor: Actor, at: datetime) -> ReplayView:
        return policy_replays.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReplaysAsked, returns=Page)
    def policy_replays(self, asked: ReplaysAsked, *, actor: Actor, at: datetime) -> Page:
        return policy_replay_queries.replays(self.database.transaction, asked, actor=actor)

    @query(ReplayAsked, returns=ReplayView)
    def policy_replay(self, asked: ReplayAsked, *, actor: Actor, at: datetime) -> ReplayView:
        return policy_replay_queries.replay_for(self.database.transaction, asked.replay_id, actor=actor)

    @query(FundsAsked, returns=Page)
    def funds(self, asked: FundsAsked, *, actor: Actor, at: datetime) -> Page:
        return fund_queries.funds(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(TrialBalanceAsked, returns=TrialBalanceView)
    def trial_balance(self, asked: TrialBalanceAsked, *, actor: Actor, at: datetime) -> TrialBalanceView:
        return ledger_queries.trial_balance(self.database.transaction, asked=asked, actor=actor)

    @query(StatementAsked, returns=Page)
    def statement(self, asked: StatementAsked, *, actor: Actor, at: datetime) -> Page:
        return ledger_queries.statement(self.database.transaction, asked=asked, actor=actor)

    # ---- statistics and reports --------------------------------------------------------------------------------------

    @query(StatisticsAsked, returns=StatisticsView)
    def statistics(self, asked: StatisticsAsked, *, actor: Actor, at: datetime) -> StatisticsView:
        return statistics_queries.statistics(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(BranchCostsAsked, returns=BranchCostsView)
    def branch_costs(self, asked: BranchCostsAsked, *, actor: Actor, at: datetime) -> BranchCostsView:
        return accounts.branch_costs(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SiteAccountAsked, returns=SiteAccountView)
    def site_account(self, asked: SiteAccountAsked, *, actor: Actor, at: datetime) -> SiteAccountView:
        return accounts.site_account(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AskReport, returns=ReportView)
    def ask_report(self, asked: AskReport, *, actor: Actor, at: datetime) -> ReportView:
        return reports.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReportAsked, returns=ReportView)
    def report(self, asked: ReportAsked, *, actor: Actor, at: datetime) -> ReportView:
        return reports.report(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReportsAsked, returns=Page)
    def reports(self, asked: ReportsAsked, *, actor: Actor, at: datetime) -> Page:
        return reports.own(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReportAsked, returns=StoredFile)
    def report_file(self, asked: ReportAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return reports.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
