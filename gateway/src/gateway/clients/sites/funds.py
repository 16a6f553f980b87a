"""Doors of sites: policies, funds, the ledger, statistics and reports."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def subsidy_policy(fields: Fields) -> Answer:
    """Return the subsidy policy in force on a day (PolicyAsked → PolicyView)."""
    return call(SERVICE, "subsidy_policy", fields)


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
