"""Doors: the compliance switch."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.compliance import ComplianceAsked, ComplianceView, SetCompliance

from assessment.doors.resources import Doors
from assessment.operations import compliance as setting
from assessment.queries import compliance


class ComplianceDoors(Doors):
    """Doors: the compliance switch."""

    @query(ComplianceAsked, returns=ComplianceView)
    def compliance(self, asked: ComplianceAsked, *, actor: Actor, at: datetime) -> ComplianceView:
        return compliance.settings(self.database.transaction, actor=actor, at=at)

    @command(SetCompliance, returns=ComplianceView)
    def set_compliance(self, asked: SetCompliance, *, actor: Actor, at: datetime) -> ComplianceView:
        return setting.set_compliance(self.database.transaction, asked=asked, actor=actor, at=at)
