"""The assessment's doors: the burden meter."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def branch_burden(fields: Fields, *, who: Holder) -> Answer:
    """Tell what a branch was asked for in a month (BranchBurdenAsked → BranchBurdenView)."""
    return call(SERVICE, "branch_burden", fields, who=who)


def burden_overview(fields: Fields, *, who: Holder) -> Answer:
    """Tell what the branches below an organisation were asked for (BurdenOverviewAsked → BurdenOverviewView)."""
    return call(SERVICE, "burden_overview", fields, who=who)


def burden_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return the ceiling and the minutes of forms (BurdenRulesAsked → BurdenRulesView)."""
    return call(SERVICE, "burden_rules", fields, who=who)


def set_burden_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter ceiling and minutes from a day on (SetBurdenRule → BurdenRulesView)."""
    return call(SERVICE, "set_burden_rule", fields, who=who, command_id=command_id)
