"""Doors: lights of branches and members, how they stand, the checks they are made of."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.check_settings import (
    CheckSettingsAsked,
    CheckSettingsView,
    SetCheck,
    SimulateCheck,
    SimulatedMembersAsked,
    SimulationAsked,
    SimulationView,
)
from contracts.assessment.lights import (
    CorrectedLightView,
    CorrectLight,
    LightAsked,
    LightBoardAsked,
    LightBoardView,
    LightHistoryAsked,
    LightHistoryView,
    LightsAsked,
    LightView,
    MemberLightsAsked,
    MemberLightsView,
    MyLightAsked,
    MyLightView,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import check_settings, light_corrections, simulations
from assessment.queries import check_settings as numbers
from assessment.queries import light_board, lights, member_lights


class LightDoors(Doors):
    """Doors: lights of branches and members, how they stand, the checks they are made of."""

    @query(LightAsked, returns=LightView)
    def light(self, asked: LightAsked, *, actor: Actor, at: datetime) -> LightView:
        return lights.light(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(LightsAsked, returns=Page)
    def lights(self, asked: LightsAsked, *, actor: Actor, at: datetime) -> Page:
        return lights.lights_below(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(LightHistoryAsked, returns=LightHistoryView)
    def light_history(self, asked: LightHistoryAsked, *, actor: Actor, at: datetime) -> LightHistoryView:
        return lights.history(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MyLightAsked, returns=MyLightView)
    def my_light(self, asked: MyLightAsked, *, actor: Actor, at: datetime) -> MyLightView:
        return member_lights.mine(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MemberLightsAsked, returns=MemberLightsView, recorded=True)
    def member_lights(self, asked: MemberLightsAsked, *, actor: Actor, at: datetime) -> MemberLightsView:
        return member_lights.of_branch(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(LightBoardAsked, returns=LightBoardView)
    def light_board(self, asked: LightBoardAsked, *, actor: Actor, at: datetime) -> LightBoardView:
        return light_board.board(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CorrectLight, returns=CorrectedLightView)
    def correct_light(self, asked: CorrectLight, *, actor: Actor, at: datetime) -> CorrectedLightView:
        return light_corrections.correct(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CheckSettingsAsked, returns=CheckSettingsView)
    def check_settings(self, asked: CheckSettingsAsked, *, actor: Actor, at: datetime) -> CheckSettingsView:
        return numbers.settings(self.database.transaction, actor=actor, at=at)

    @command(SetCheck, returns=CheckSettingsView)
    def set_check(self, asked: SetCheck, *, actor: Actor, at: datetime) -> CheckSettingsView:
        return check_settings.set_check(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SimulateCheck, returns=SimulationView)
    def simulate_check(self, asked: SimulateCheck, *, actor: Actor, at: datetime) -> SimulationView:
        return simulations.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SimulationAsked, returns=SimulationView)
    def simulation(self, asked: SimulationAsked, *, actor: Actor, at: datetime) -> SimulationView:
        return simulations.simulation(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SimulatedMembersAsked, returns=Page, recorded=True)
    def simulated_members(self, asked: SimulatedMembersAsked, *, actor: Actor, at: datetime) -> Page:
        return simulations.members(self.database.transaction, asked=asked, actor=actor, at=at)
