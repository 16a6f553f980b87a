"""Doors of sites: policies, funds, the ledger, statistics and reports."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def subsidy_policy(fields: Fields) -> Answer:
    """Return the subsidy policy in force on a day (PolicyAsked → PolicyView)."""
    return call(SERVICE, "subsidy_policy", fields)


def policies(fields: Fields, *, who: Holder) -> Answer:
    """List the versions and drafts of the subsidy policy (PoliciesAsked → Page of PolicyRow)."""
    return call(SERVICE, "policies", fields, who=who)


def policy(fields: Fields, *, who: Holder) -> Answer:
    """Return one version or draft of the subsidy policy (PolicyVersionAsked → PolicyVersionView)."""
    return call(SERVICE, "policy", fields, who=who)


def draft_policy(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft the next version of the subsidy policy (DraftPolicy → PolicyVersionView)."""
    return call(SERVICE, "draft_policy", fields, who=who, command_id=command_id)


def edit_policy(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a draft of the subsidy policy anew (EditPolicy → PolicyVersionView)."""
    return call(SERVICE, "edit_policy", fields, who=who, command_id=command_id)


def adopt_policy(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Adopt a draft of the subsidy policy; needs a fresh token (AdoptPolicy → PolicyVersionView)."""
    return call(SERVICE, "adopt_policy", fields, who=who, command_id=command_id)


def withdraw_policy(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a draft of the subsidy policy away (WithdrawPolicy → PolicyVersionView)."""
    return call(SERVICE, "withdraw_policy", fields, who=who, command_id=command_id)


def replay_policy(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Work past months out under a version or a draft of the policy (ReplayPolicy → ReplayView)."""
    return call(SERVICE, "replay_policy", fields, who=who, command_id=command_id)


def policy_replays(fields: Fields, *, who: Holder) -> Answer:
    """List the replays of a version or a draft (ReplaysAsked → Page of ReplayView)."""
    return call(SERVICE, "policy_replays", fields, who=who)


def policy_replay(fields: Fields, *, who: Holder) -> Answer:
    """Return a replay: how far it is, or what came of it (ReplayAsked → ReplayView)."""
    return call(SERVICE, "policy_replay", fields, who=who)


def funds(fields: Fields, *, who: Holder) -> Answer:
    """List funds with the year's balances (FundsAsked → Page of FundView)."""
    return call(SERVICE, "funds", fields, who=who)


def appropriate(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Grant money to a fund by a document; needs a fresh token (AppropriateFund → FundView)."""
    return call(SERVICE, "appropriate", fields, who=who, command_id=command_id)


def trial_balance(fields: Fields, *, who: Holder) -> Answer:
    """Return the trial balance (TrialBalanceAsked → TrialBalanceView)."""
    return call(SERVICE, "trial_balance", fields, who=who)


def statement(fields: Fields, *, who: Holder) -> Answer:
    """List the entries of one account (StatementAsked → Page of EntryView)."""
    return call(SERVICE, "statement", fields, who=who)


def statistics(fields: Fields, *, who: Holder) -> Answer:
    """Return what took place in a period and what it cost (StatisticsAsked → StatisticsView)."""
    return call(SERVICE, "statistics", fields, who=who)


def branch_costs(fields: Fields, *, who: Holder) -> Answer:
    """Return what a branch's visits of a year cost the fund (BranchCostsAsked → BranchCostsView)."""
    return call(SERVICE, "branch_costs", fields, who=who)


def site_account(fields: Fields, *, who: Holder) -> Answer:
    """Return what a site earned in a year, what was cut and when it is paid (SiteAccountAsked → SiteAccountView)."""
    return call(SERVICE, "site_account", fields, who=who)


def ask_report(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a report made in the background (AskReport → ReportView)."""
    return call(SERVICE, "ask_report", fields, who=who, command_id=command_id)


def report(fields: Fields, *, who: Holder) -> Answer:
    """Return how far one of one's own reports is (ReportAsked → ReportView)."""
    return call(SERVICE, "report", fields, who=who)


def reports(fields: Fields, *, who: Holder) -> Answer:
    """List one's own reports of the last seven days (ReportsAsked → Page of ReportView)."""
    return call(SERVICE, "reports", fields, who=who)


def report_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a report's file in the file store (ReportAsked → StoredFile)."""
    return call(SERVICE, "report_file", fields, who=who)
