"""Doors: the visits of on-site rounds, their forms, their reports and the word on these."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.assessment.round_visits import (
    AcknowledgeReport,
    CloseRoundVisit,
    DecideItem,
    DisputeReport,
    FinishVisit,
    MyFormsAsked,
    MyFormsView,
    OpenVisitAnew,
    PrintReport,
    ReopenVisit,
    ReportPrintAsked,
    ReportPrintView,
    ReportsSent,
    RoundReportsAsked,
    RoundVisitAsked,
    RoundVisitsAsked,
    RoundVisitView,
    SendReport,
    SendReports,
    SettleReport,
    SyncVisit,
)
from contracts.envelope import Page, StoredFile

from assessment.doors.resources import Doors
from assessment.operations import round_reports as reports
from assessment.operations import round_visits as writing
from assessment.queries import round_visits as shown


class RoundVisitDoors(Doors):
    """Doors: the visits of on-site rounds, their forms, their reports and the word on these."""

    @query(RoundVisitsAsked, returns=Page)
    def round_visits(self, asked: RoundVisitsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.round_visits_asked(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RoundReportsAsked, returns=Page)
    def round_reports(self, asked: RoundReportsAsked, *, actor: Actor, at: datetime) -> Page:
        return shown.round_reports(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(RoundVisitAsked, returns=RoundVisitView)
    def round_visit(self, asked: RoundVisitAsked, *, actor: Actor, at: datetime) -> RoundVisitView:
        return shown.round_visit(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(MyFormsAsked, returns=MyFormsView)
    def my_forms(self, asked: MyFormsAsked, *, actor: Actor, at: datetime) -> MyFormsView:
        return shown.my_forms(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SyncVisit, returns=RoundVisitView)
    def sync_visit(self, given: SyncVisit, *, actor: Actor, at: datetime) -> RoundVisitView:
        return writing.sync(self.database.transaction, given=given, actor=actor, at=at)

    @command(DecideItem, returns=RoundVisitView)
    def decide_item(self, asked: DecideItem, *, actor: Actor, at: datetime) -> RoundVisitView:
        return writing.decide(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(FinishVisit, returns=RoundVisitView)
    def finish_visit(self, asked: FinishVisit, *, actor: Actor, at: datetime) -> RoundVisitView:
        return writing.finish(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ReopenVisit, returns=RoundVisitView)
    def reopen_visit(self, asked: ReopenVisit, *, actor: Actor, at: datetime) -> RoundVisitView:
        return writing.reopen(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OpenVisitAnew, returns=RoundVisitView)
    def open_visit_anew(self, asked: OpenVisitAnew, *, actor: Actor, at: datetime) -> RoundVisitView:
        return writing.open_anew(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CloseRoundVisit, returns=RoundVisitView)
    def close_round_visit(self, asked: CloseRoundVisit, *, actor: Actor, at: datetime) -> RoundVisitView:
        return writing.close(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SendReport, returns=RoundVisitView)
    def send_round_report(self, asked: SendReport, *, actor: Actor, at: datetime) -> RoundVisitView:
        return reports.send(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SendReports, returns=ReportsSent)
    def send_round_reports(self, asked: SendReports, *, actor: Actor, at: datetime) -> ReportsSent:
        return reports.send_all(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(AcknowledgeReport, returns=RoundVisitView)
    def acknowledge_round_report(self, asked: AcknowledgeReport, *, actor: Actor, at: datetime) -> RoundVisitView:
        return reports.acknowledge(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(DisputeReport, returns=RoundVisitView)
    def dispute_round_report(self, asked: DisputeReport, *, actor: Actor, at: datetime) -> RoundVisitView:
        return reports.dispute(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(SettleReport, returns=RoundVisitView)
    def settle_round_report(self, asked: SettleReport, *, actor: Actor, at: datetime) -> RoundVisitView:
        return reports.settle(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(PrintReport, returns=ReportPrintView)
    def print_round_report(self, asked: PrintReport, *, actor: Actor, at: datetime) -> ReportPrintView:
        return reports.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReportPrintAsked, returns=ReportPrintView)
    def round_report_print(self, asked: ReportPrintAsked, *, actor: Actor, at: datetime) -> ReportPrintView:
        return reports.report_print(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ReportPrintAsked, returns=StoredFile)
    def round_report_file(self, asked: ReportPrintAsked, *, actor: Actor, at: datetime) -> StoredFile:
        return reports.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
