"""Doors: exemptions from the health check."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.exemptions import (
    ApplyForExemption,
    ApproveExemption,
    ConsentToExemption,
    EndExemption,
    ExemptionAsked,
    ExemptionsAsked,
    ExemptionView,
    MyExemptionsAsked,
    RefuseExemption,
    WithdrawExemption,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import exemptions
from assessment.queries import exemptions as shown


class ExemptionDoors(Doors):
    """Doors: exemptions from the health check."""

    @query(ExemptionsAsked, returns=Page, recorded=True)
    def exemptions(self, asked: ExemptionsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.exemptions_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MyExemptionsAsked, returns=Page)
    def my_exemptions(self, asked: MyExemptionsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.mine(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ExemptionAsked, returns=ExemptionView, recorded=True)
    def exemption(self, asked: ExemptionAsked, *, actor: Actor, at: datetime) -> ExemptionView:
        return shown.exemption(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApplyForExemption, returns=ExemptionView)
    def apply_for_exemption(self, asked: ApplyForExemption, *, actor: Actor, at: datetime) -> ExemptionView:
        return exemptions.apply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ConsentToExemption, returns=ExemptionView)
    def consent_to_exemption(self, asked: ConsentToExemption, *, actor: Actor, at: datetime) -> ExemptionView:
        return exemptions.consent(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApproveExemption, returns=ExemptionView)
    def approve_exemption(self, asked: ApproveExemption, *, actor: Actor, at: datetime) -> ExemptionView:
        return exemptions.approve(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RefuseExemption, returns=ExemptionView)
    def refuse_exemption(self, asked: RefuseExemption, *, actor: Actor, at: datetime) -> ExemptionView:
        return exemptions.refuse(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawExemption, returns=ExemptionView)
    def withdraw_exemption(self, asked: WithdrawExemption, *, actor: Actor, at: datetime) -> ExemptionView:
        return exemptions.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EndExemption, returns=ExemptionView)
    def end_exemption(self, asked: EndExemption, *, actor: Actor, at: datetime) -> ExemptionView:
        return exemptions.end(self.database.transaction, asked=asked, actor=actor, at=at)
