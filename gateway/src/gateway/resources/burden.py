"""The burden meter: what the platform asks of branches, its ceiling and minutes."""

from contracts.assessment.burden import (
    BranchBurdenAsked,
    BranchBurdenView,
    BurdenOverviewAsked,
    BurdenOverviewView,
    BurdenRulesAsked,
    BurdenRulesView,
    SetBurdenRule,
)

from gateway.clients import assessment
from gateway.nouns import Noun

burden = Noun("burden")

burden.read(
    "/branches/<uuid:branch_id>/burden",
    assessment.burden.branch_burden,
    needs=("read_burden",),
    takes=BranchBurdenAsked,
    answers=BranchBurdenView,
    refusals=("not-found",),
)
burden.read(
    "/burden",
    assessment.burden.burden_overview,
    needs=("read_burden_overview",),
    takes=BurdenOverviewAsked,
    answers=BurdenOverviewView,
    refusals=("not-found",),
)
burden.read(
    "/burden-rules",
    assessment.burden.burden_rules,
    needs=("read_burden_rules",),
    takes=BurdenRulesAsked,
    answers=BurdenRulesView,
)
burden.act(
    "/burden-rules",
    assessment.burden.set_burden_rule,
    needs=("set_burden_rule",),
    takes=SetBurdenRule,
    answers=BurdenRulesView,
    status=201,
    refusals=("rule-version-there",),
)
