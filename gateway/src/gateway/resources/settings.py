"""Numbers of claims, settings of funds and layouts of their files: what holds from which day on (S11, S12)."""

from contracts.sites.file_layouts import FileLayoutAsked, FileLayoutView, FilePreviewView, SetFileLayout
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

from gateway.clients import sites
from gateway.nouns import Many, Noun

settings = Noun("settings")

settings.read(
    "/funds/<uuid:fund_id>/settings",
    sites.settings.fund_settings,
    needs=("read_fund_settings",),
    takes=FundSettingsAsked,
    answers=FundSettingsView,
    refusals=("not-found",),
)
settings.act(
    "/funds/<uuid:fund_id>/settings",
    sites.settings.set_fund_settings,
    needs=("set_fund_settings",),
    takes=SetFundSettings,
    answers=FundSettingsView,
    status=201,
    refusals=("token-too-old", "not-found"),
)
settings.read(
    "/claim-rules",
    sites.settings.claim_rules,
    needs=("read_claim_rules",),
    takes=ClaimRulesAsked,
    answers=ClaimRulesView,
)
settings.act(
    "/claim-rules",
    sites.settings.set_claim_rules,
    needs=("set_claim_rules",),
    takes=SetClaimRules,
    answers=ClaimRulesView,
    status=201,
    refusals=("token-too-old",),
)
settings.act(
    "/claim-rules/anomalies/<rule>",
    sites.settings.set_anomaly_rule,
    needs=("set_claim_rules",),
    takes=SetAnomalyRule,
    answers=AnomalyRuleView,
    status=201,
    refusals=("token-too-old", "not-found"),
)
settings.read(
    "/funds/<uuid:fund_id>/file-layouts",
    sites.settlement.file_layouts,
    needs=("read_file_layout",),
    takes=FileLayoutAsked,
    answers=Many(FileLayoutView),
    refusals=("not-found",),
)
settings.act(
    "/funds/<uuid:fund_id>/file-layout/preview",
    sites.settlement.preview_file_layout,
    needs=("read_file_layout",),
    takes=SetFileLayout,
    answers=FilePreviewView,
    refusals=("not-found",),
)
