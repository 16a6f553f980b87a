"""Doors of sites: which funds bear a visit, and what they owe each other."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def propose_funding(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Propose which funds bear a place's visits; needs a fresh token (ProposeFunding → FundingRuleView)."""
    return call(SERVICE, "propose_funding", fields, who=who, command_id=command_id)


def adopt_funding(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Adopt another person's rule; needs a fresh token (MoveFunding → FundingRuleView)."""
    return call(SERVICE, "adopt_funding", fields, who=who, command_id=command_id)


def withdraw_funding(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a proposed rule back (MoveFunding → FundingRuleView)."""
    return call(SERVICE, "withdraw_funding", fields, who=who, command_id=command_id)


def funding_rules(fields: Fields, *, who: Holder) -> Answer:
    """List the rules (FundingRulesAsked → Page of FundingRuleView)."""
    return call(SERVICE, "funding_rules", fields, who=who)


def owed_between_funds(fields: Fields, *, who: Holder) -> Answer:
    """List what funds owe each other for a year's visits (OwedAsked → Page of OwedView)."""
    return call(SERVICE, "owed_between_funds", fields, who=who)


def record_transfer(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Record that one fund paid another; needs a fresh token (RecordTransfer → OwedView)."""
    return call(SERVICE, "record_transfer", fields, who=who, command_id=command_id)
