"""Doors: the register of problems, how they are mended, what shows it, files that are made of it."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.evidence import AddEvidence, EvidenceAsked, MendingEvidenceView, RemoveEvidence
from contracts.assessment.mending_files import (
    DrawSampleBulletin,
    MakeProblemWorkbook,
    MendingFileAsked,
    MendingFileView,
)
from contracts.assessment.mending_rules import (
    AddProblemKind,
    MendingRulesAsked,
    MendingRulesView,
    RetireProblemKind,
    SetMendingRule,
)
from contracts.assessment.problems import (
    AssignTraining,
    HoldTraining,
    ProblemAsked,
    ProblemCountsAsked,
    ProblemCountsView,
    ProblemsAsked,
    ProblemView,
    WithdrawProblem,
)
from contracts.assessment.rectifications import (
    AcceptRectification,
    ExtendRectification,
    OpenRectification,
    PlanRectification,
    ReportRectification,
    ReturnRectification,
)
from contracts.envelope import Page, StoredFile

from assessment.doors.resources import Doors
from assessment.operations import evidence, mending_files, mending_rules, problems, rectifications
from assessment.queries import evidence as files
from assessment.queries import problem_kinds
from assessment.queries import problems as shown


class ProblemDoors(Doors):
    """Doors: the register of problems, how they are mended, what shows it, files that are made of it."""

    @query(ProblemsAsked, returns=Page)
    def problems(self, asked: ProblemsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.problems_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ProblemAsked, returns=ProblemView)
    def problem(self, asked: ProblemAsked, *, actor: Actor, at: datetime) -> ProblemView:
        return shown.problem(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ProblemCountsAsked, returns=ProblemCountsView)
    def problem_counts(self, asked: ProblemCountsAsked, *, actor: Actor, at: datetime) -> ProblemCountsView:
        return shown.counts(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawProblem, returns=ProblemView)
    def withdraw_problem(self, asked: WithdrawProblem, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AssignTraining, returns=ProblemView)
    def assign_training(self, asked: AssignTraining, *, actor: Actor, at: datetime) -> ProblemView:
        return problems.assign_training(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(HoldTraining, returns=ProblemView)
    def hold_training(self, asked: HoldTraining, *, actor: Actor, at: datetime) -> ProblemView:
        return problems.hold_training(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OpenRectification, returns=ProblemView)
    def open_rectification(self, asked: OpenRectification, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.open_item(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PlanRectification, returns=ProblemView)
    def plan_rectification(self, asked: PlanRectification, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.plan(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReportRectification, returns=ProblemView)
    def report_rectification(self, asked: ReportRectification, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.report(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AcceptRectification, returns=ProblemView)
    def accept_rectification(self, asked: AcceptRectification, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.accept(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReturnRectification, returns=ProblemView)
    def return_rectification(self, asked: ReturnRectification, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.give_back(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ExtendRectification, returns=ProblemView)
    def extend_rectification(self, asked: ExtendRectification, *, actor: Actor, at: datetime) -> ProblemView:
        return rectifications.extend(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AddEvidence, returns=MendingEvidenceView)
    def add_evidence(self, asked: AddEvidence, *, actor: Actor, at: datetime) -> MendingEvidenceView:
        return evidence.add(self.database.transaction, evidence.store(), asked=asked, actor=actor, at=at)

    @command(RemoveEvidence, returns=MendingEvidenceView)
    def remove_evidence(self, asked: RemoveEvidence, *, actor: Actor, at: datetime) -> MendingEvidenceView:
        return evidence.remove(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(EvidenceAsked, returns=StoredFile)
    def evidence_file(self, asked: EvidenceAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return files.file_of(self.database.transaction, asked=asked, actor=actor)

    @query(MendingRulesAsked, returns=MendingRulesView)
    def mending_rules(self, asked: MendingRulesAsked, *, actor: Actor, at: datetime) -> MendingRulesView:
        return problem_kinds.settings(self.database.transaction, actor=actor, at=at)

    @command(SetMendingRule, returns=MendingRulesView)
    def set_mending_rule(self, asked: SetMendingRule, *, actor: Actor, at: datetime) -> MendingRulesView:
        return mending_rules.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AddProblemKind, returns=MendingRulesView)
    def add_problem_kind(self, asked: AddProblemKind, *, actor: Actor, at: datetime) -> MendingRulesView:
        return mending_rules.add_kind(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(RetireProblemKind, returns=MendingRulesView)
    def retire_problem_kind(self, asked: RetireProblemKind, *, actor: Actor, at: datetime) -> MendingRulesView:
        return mending_rules.retire_kind(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MakeProblemWorkbook, returns=MendingFileView)
    def make_problem_workbook(self, asked: MakeProblemWorkbook, *, actor: Actor, at: datetime) -> MendingFileView:
        return mending_files.ask_workbook(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DrawSampleBulletin, returns=MendingFileView)
    def draw_sample_bulletin(self, asked: DrawSampleBulletin, *, actor: Actor, at: datetime) -> MendingFileView:
        return mending_files.ask_bulletin(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MendingFileAsked, returns=MendingFileView)
    def mending_file(self, asked: MendingFileAsked, *, actor: Actor, at: datetime) -> MendingFileView:
        return mending_files.mending_file(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MendingFileAsked, returns=StoredFile)
    def mending_file_content(self, asked: MendingFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return mending_files.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
