"""Doors: numbers of claims, settings of funds."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.sites.settings import (
    AnomalyRuleView,
    ClaimRulesAsked,
    ClaimRulesView,
    FundSettingsAsked,
    FundSettingsView,
    SetAnomalyRule,
    SetClaimRules,
    SetFundSettings,
)

from sites.doors.resources import Doors
from sites.operations import settings
from sites.queries import claim_rules, fund_settings


class SettingsDoors(Doors):
    """Doors: numbers of claims, settings of funds."""

    @query(FundSettingsAsked, returns=FundSettingsView)
    def fund_settings(self, asked: FundSettingsAsked, *, actor: Actor, at: datetime) -> FundSettingsView:
        return fund_settings.settings_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetFundSettings, returns=FundSettingsView)
    def set_fund_settings(self, asked: SetFundSettings, *, actor: Actor, at: datetime) -> FundSettingsView:
        return settings.set_fund(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ClaimRulesAsked, returns=ClaimRulesView)
    def claim_rules(self, asked: ClaimRulesAsked, *, actor: Actor, at: datetime) -> ClaimRulesView:
        return claim_rules.rules_of(self.database.transaction, actor=actor, at=at)

    @command(SetClaimRules, returns=ClaimRulesView)
    def set_claim_rules(self, asked: SetClaimRules, *, actor: Actor, at: datetime) -> ClaimRulesView:
        return settings.set_claims(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetAnomalyRule, returns=AnomalyRuleView)
    def set_anomaly_rule(self, asked: SetAnomalyRule, *, actor: Actor, at: datetime) -> AnomalyRuleView:
        return settings.set_anomaly(self.database.transaction, asked=asked, actor=actor, at=at)
