"""Doors: criteria and on-site rounds, their draw, their days, what they came to."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.rounds import (
    AdoptCriteriaVersion,
    AnnounceOnSiteRound,
    ChangeOnSiteRound,
    CloseOnSiteRound,
    CriteriaAsked,
    CriteriaVersionsAsked,
    CriteriaView,
    DayPlanAsked,
    DayPlanView,
    DrawExportAsked,
    DrawExportView,
    MakeCriteria,
    MakeCriteriaVersion,
    MakeOnSiteRound,
    MoveVisit,
    OnSiteRoundAsked,
    OnSiteRoundsAsked,
    OnSiteRoundView,
    PlanDays,
    RoundSummaryAsked,
    RoundSummaryView,
    SetRoundTeams,
    SetVisitPlace,
    WithdrawCriteriaVersion,
    WithdrawOnSiteRound,
)
from contracts.envelope import Page

from assessment.doors.resources import Doors
from assessment.operations import criteria, day_plans, rounds
from assessment.queries import criteria as criteria_shown
from assessment.queries import day_plans as days
from assessment.queries import rounds as shown


class RoundDoors(Doors):
    """Doors: criteria and on-site rounds, their draw, their days, what they came to."""

    @query(CriteriaAsked, returns=Page)
    def criteria(self, asked: CriteriaAsked, *, actor: Actor, at: datetime) -> Page:
        return criteria_shown.criteria_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CriteriaVersionsAsked, returns=CriteriaView)
    def criteria_versions(self, asked: CriteriaVersionsAsked, *, actor: Actor, at: datetime) -> CriteriaView:
        return criteria_shown.criteria_whole(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakeCriteria, returns=CriteriaView)
    def make_criteria(self, asked: MakeCriteria, *, actor: Actor, at: datetime) -> CriteriaView:
        return criteria.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakeCriteriaVersion, returns=CriteriaView)
    def make_criteria_version(self, asked: MakeCriteriaVersion, *, actor: Actor, at: datetime) -> CriteriaView:
        return criteria.make_version(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AdoptCriteriaVersion, returns=CriteriaView)
    def adopt_criteria_version(self, asked: AdoptCriteriaVersion, *, actor: Actor, at: datetime) -> CriteriaView:
        return criteria.adopt(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawCriteriaVersion, returns=CriteriaView)
    def withdraw_criteria_version(self, asked: WithdrawCriteriaVersion, *, actor: Actor, at: datetime) -> CriteriaView:
        return criteria.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(OnSiteRoundsAsked, returns=Page)
    def on_site_rounds(self, asked: OnSiteRoundsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.on_site_rounds(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(OnSiteRoundAsked, returns=OnSiteRoundView)
    def on_site_round(self, asked: OnSiteRoundAsked, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return shown.on_site_round(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(DrawExportAsked, returns=DrawExportView)
    def on_site_draw(self, asked: DrawExportAsked, *, actor: Actor, at: datetime) -> DrawExportView:
        return shown.draw_export(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RoundSummaryAsked, returns=RoundSummaryView)
    def round_summary(self, asked: RoundSummaryAsked, *, actor: Actor, at: datetime) -> RoundSummaryView:
        return shown.summary(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(DayPlanAsked, returns=DayPlanView)
    def day_plan(self, asked: DayPlanAsked, *, actor: Actor, at: datetime) -> DayPlanView:
        return days.day_plan(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakeOnSiteRound, returns=OnSiteRoundView)
    def make_on_site_round(self, asked: MakeOnSiteRound, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return rounds.make(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ChangeOnSiteRound, returns=OnSiteRoundView)
    def change_on_site_round(self, asked: ChangeOnSiteRound, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return rounds.change(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetRoundTeams, returns=OnSiteRoundView)
    def set_round_teams(self, asked: SetRoundTeams, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return rounds.set_teams(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AnnounceOnSiteRound, returns=OnSiteRoundView)
    def announce_on_site_round(self, asked: AnnounceOnSiteRound, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return rounds.announce(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawOnSiteRound, returns=OnSiteRoundView)
    def withdraw_on_site_round(self, asked: WithdrawOnSiteRound, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return rounds.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CloseOnSiteRound, returns=OnSiteRoundView)
    def close_on_site_round(self, asked: CloseOnSiteRound, *, actor: Actor, at: datetime) -> OnSiteRoundView:
        return rounds.close(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PlanDays, returns=DayPlanView)
    def plan_days(self, asked: PlanDays, *, actor: Actor, at: datetime) -> DayPlanView:
        return day_plans.ask_for_plan(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveVisit, returns=DayPlanView)
    def move_visit(self, asked: MoveVisit, *, actor: Actor, at: datetime) -> DayPlanView:
        return day_plans.move(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetVisitPlace, returns=SetVisitPlace)
    def set_visit_place(self, asked: SetVisitPlace, *, actor: Actor, at: datetime) -> SetVisitPlace:
        return day_plans.set_place(self.database.transaction, asked=asked, actor=actor, at=at)
