"""Doors: the burden meter."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.burden import (
    BranchBurdenAsked,
    BranchBurdenView,
    BurdenOverviewAsked,
    BurdenOverviewView,
    BurdenRulesAsked,
    BurdenRulesView,
    SetBurdenRule,
)

from assessment.doors.resources import Doors
from assessment.operations import burden as setting
from assessment.queries import burden


class BurdenDoors(Doors):
    """Doors: the burden meter."""

    @query(BranchBurdenAsked, returns=BranchBurdenView)
    def branch_burden(self, asked: BranchBurdenAsked, *, actor: Actor, at: datetime) -> BranchBurdenView:
        return burden.branch(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(BurdenOverviewAsked, returns=BurdenOverviewView)
    def burden_overview(self, asked: BurdenOverviewAsked, *, actor: Actor, at: datetime) -> BurdenOverviewView:
        return burden.overview(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(BurdenRulesAsked, returns=BurdenRulesView)
    def burden_rules(self, asked: BurdenRulesAsked, *, actor: Actor, at: datetime) -> BurdenRulesView:
        return burden.all_rules(self.database.transaction, actor=actor, at=at)

    @command(SetBurdenRule, returns=BurdenRulesView)
    def set_burden_rule(self, asked: SetBurdenRule, *, actor: Actor, at: datetime) -> BurdenRulesView:
        return setting.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)
