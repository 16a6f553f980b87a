"""Doors: menus, training cases, guides."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page
from contracts.sites.guides import (
    AddGuide,
    AssignGuide,
    EditGuide,
    GuideAsked,
    GuideChangeView,
    GuidesAsked,
    GuideView,
    ReportAbsence,
    RotaAsked,
    RotaView,
    SetRota,
)
from contracts.sites.programmes import (
    AddProgramme,
    EditProgramme,
    MenuAsked,
    MoveProgramme,
    ProgrammeAsked,
    ProgrammeDetailView,
    ProgrammeHistoryAsked,
)
from contracts.sites.run_sheets import AssignRoles, RunSheetAsked, RunSheetView
from contracts.sites.training import (
    CaseAsked,
    CaseHistoryView,
    CasesAsked,
    CaseVersionAsked,
    CaseVersionView,
    CreateCase,
    DraftCase,
    NameCaseEditor,
    PublishCase,
    RemoveCaseEditor,
    SaveDraft,
)

from sites.doors.resources import Doors
from sites.operations import (
    guides,
    programmes,
    roles,
    training_cases,
)
from sites.queries import guides as guide_queries
from sites.queries import programmes as programme_queries
from sites.queries import run_sheets as run_sheet_queries
from sites.queries import training_cases as case_queries


class ProgrammeDoors(Doors):
    """Doors: menus, training cases, guides."""

    # ---- menus and training cases ------------------------------------------------------------------------------------

    @query(ProgrammeAsked, returns=ProgrammeDetailView, public=True)
    def programme(self, asked: ProgrammeAsked, *, actor: Actor | None, at: datetime) -> ProgrammeDetailView:
        return programme_queries.programme_shown(self.database.transaction, asked.programme_id)

    @query(MenuAsked, returns=Page)
    def menu(self, asked: MenuAsked, *, actor: Actor, at: datetime) -> Page:
        return programme_queries.menu(self.database.transaction, asked, actor=actor)

    @query(ProgrammeHistoryAsked, returns=Page)
    def programme_history(self, asked: ProgrammeHistoryAsked, *, actor: Actor, at: datetime) -> Page:
        return programme_queries.history(self.database.transaction, asked, actor=actor)

    @command(AddProgramme, returns=ProgrammeDetailView)
    def add_programme(self, asked: AddProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.add(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditProgramme, returns=ProgrammeDetailView)
    def edit_programme(self, asked: EditProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveProgramme, returns=ProgrammeDetailView)
    def retire_programme(self, asked: MoveProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.retire(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MoveProgramme, returns=ProgrammeDetailView)
    def offer_programme(self, asked: MoveProgramme, *, actor: Actor, at: datetime) -> ProgrammeDetailView:
        return programmes.offer(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(CasesAsked, returns=Page, public=True)
    def training_cases(self, asked: CasesAsked, *, actor: Actor | None, at: datetime) -> Page:
        return case_queries.cases(self.database.transaction, asked)

    @query(CaseAsked, returns=CaseVersionView, public=True)
    def training_case(self, asked: CaseAsked, *, actor: Actor | None, at: datetime) -> CaseVersionView:
        return case_queries.newest(self.database.transaction, asked.case_id)

    @query(CaseVersionAsked, returns=CaseVersionView, public=True)
    def case_version(self, asked: CaseVersionAsked, *, actor: Actor | None, at: datetime) -> CaseVersionView:
        return case_queries.version(self.database.transaction, asked)

    @query(CaseAsked, returns=CaseVersionView)
    def case_draft(self, asked: CaseAsked, *, actor: Actor, at: datetime) -> CaseVersionView:
        return case_queries.draft(self.database.transaction, asked.case_id, actor=actor)

    @query(CaseAsked, returns=CaseHistoryView)
    def case_history(self, asked: CaseAsked, *, actor: Actor, at: datetime) -> CaseHistoryView:
        return case_queries.case_history(self.database.transaction, asked.case_id, actor=actor)

    @command(CreateCase, returns=CaseVersionView)
    def create_case(self, asked: CreateCase, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.create(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DraftCase, returns=CaseVersionView)
    def draft_case(self, asked: DraftCase, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.begin_draft(self.database.transaction, case_id=asked.case_id, actor=actor)

    @command(SaveDraft, returns=CaseVersionView)
    def save_draft(self, asked: SaveDraft, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.save_draft(self.database.transaction, asked=asked, actor=actor)

    @command(PublishCase, returns=CaseVersionView)
    def publish_case(self, asked: PublishCase, *, actor: Actor, at: datetime) -> CaseVersionView:
        return training_cases.publish(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(NameCaseEditor, returns=CaseHistoryView)
    def name_case_editor(self, asked: NameCaseEditor, *, actor: Actor, at: datetime) -> CaseHistoryView:
        return training_cases.name_editor(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RemoveCaseEditor, returns=CaseHistoryView)
    def remove_case_editor(self, asked: RemoveCaseEditor, *, actor: Actor, at: datetime) -> CaseHistoryView:
        return training_cases.remove_editor(self.database.transaction, asked=asked, actor=actor)

    @command(AssignRoles, returns=RunSheetView)
    def assign_roles(self, asked: AssignRoles, *, actor: Actor, at: datetime) -> RunSheetView:
        return roles.assign(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RunSheetAsked, returns=RunSheetView)
    def run_sheet(self, asked: RunSheetAsked, *, actor: Actor, at: datetime) -> RunSheetView:
        return run_sheet_queries.run_sheet(self.database.transaction, asked.order_id, actor=actor, at=at)

    # ---- guides ------------------------------------------------------------------------------------------------------

    @query(GuidesAsked, returns=Page)
    def guides(self, asked: GuidesAsked, *, actor: Actor, at: datetime) -> Page:
        return guide_queries.guides_of(self.database.transaction, asked, actor=actor, at=at)

    @query(GuideAsked, returns=GuideView)
    def guide(self, asked: GuideAsked, *, actor: Actor, at: datetime) -> GuideView:
        return guide_queries.guide(self.database.transaction, asked.guide_id, actor=actor, at=at)

    @query(RotaAsked, returns=RotaView)
    def rota(self, asked: RotaAsked, *, actor: Actor, at: datetime) -> RotaView:
        return guide_queries.rota(self.database.transaction, asked, actor=actor, at=at)

    @command(AddGuide, returns=GuideChangeView)
    def add_guide(self, asked: AddGuide, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.add(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(EditGuide, returns=GuideChangeView)
    def edit_guide(self, asked: EditGuide, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.edit(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SetRota, returns=GuideChangeView)
    def set_rota(self, asked: SetRota, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.set_rota(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReportAbsence, returns=GuideChangeView)
    def report_absence(self, asked: ReportAbsence, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.report_absence(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AssignGuide, returns=GuideChangeView)
    def assign_guide(self, asked: AssignGuide, *, actor: Actor, at: datetime) -> GuideChangeView:
        return guides.assign(self.database.transaction, asked=asked, actor=actor, at=at)
