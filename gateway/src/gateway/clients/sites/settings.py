"""Doors of sites: numbers of claims, settings of funds."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def fund_settings(fields: Fields, *, who: Holder) -> Answer:
    """Return how a fund's batches are paid, from which day on (FundSettingsAsked → FundSettingsView)."""
    return call(SERVICE, "fund_settings", fields, who=who)


def set_fund_settings(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say how a fund's batches are paid from a day on; needs a fresh token (SetFundSettings → FundSettingsView)."""
    return call(SERVICE, "set_fund_settings", fields, who=who, command_id=command_id)


def claim_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return the numbers of claims and of the rules of doubt (ClaimRulesAsked → ClaimRulesView)."""
    return call(SERVICE, "claim_rules", fields, who=who)


def set_claim_rules(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set the numbers of claims from a day on; needs a fresh token (SetClaimRules → ClaimRulesView)."""
    return call(SERVICE, "set_claim_rules", fields, who=who, command_id=command_id)


def set_anomaly_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set a rule of doubt from a day on; needs a fresh token (SetAnomalyRule → AnomalyRuleView)."""
    return call(SERVICE, "set_anomaly_rule", fields, who=who, command_id=command_id)
