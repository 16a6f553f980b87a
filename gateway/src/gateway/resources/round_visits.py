"""The visits of on-site rounds: forms, score, report, and the word of the organisation on it."""

from typing import Final
from uuid import UUID

from chassis.files import PDF
from contracts.assessment.round_visits import (
    REPORTS_FOLDER,
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
    RoundVisitLine,
    RoundVisitsAsked,
    RoundVisitView,
    SendReport,
    SendReports,
    SettleReport,
    SyncVisit,
)
from flask import Response

from gateway.clients import assessment
from gateway.clients.calls import Answer
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun
from gateway.resources.settlement_batches import stored_file

visits = Noun("round_visits")
VISIT: Final = "/round-visits/<uuid:visit_id>"
READS: Final = ("read_on_site_rounds", "assess_visit", "read_round_report")

visits.read(
    "/round-visits",
    assessment.round_visits.round_visits,
    needs=("read_on_site_rounds", "assess_visit"),
    takes=RoundVisitsAsked,
    answers=Many(RoundVisitLine),
    refusals=("not-found",),
)
visits.read(
    "/organisations/<uuid:organisation_id>/round-reports",
    assessment.round_visits.round_reports,
    needs=("read_round_report",),
    takes=RoundReportsAsked,
    answers=Many(RoundVisitLine),
    refusals=("not-found",),
)
visits.read(
    VISIT,
    assessment.round_visits.round_visit,
    needs=READS,
    takes=RoundVisitAsked,
    answers=RoundVisitView,
    refusals=("not-found",),
)
visits.read(
    "/visit-forms",
    assessment.round_visits.my_forms,
    needs=("assess_visit",),
    takes=MyFormsAsked,
    answers=MyFormsView,
)
_WRITES: Final = ("not-found", "not-of-team")
visits.act(
    f"{VISIT}/answers",
    assessment.round_visits.sync_visit,
    needs=("assess_visit",),
    takes=SyncVisit,
    answers=RoundVisitView,
    refusals=(*_WRITES, "visit-finished"),
)
visits.act(
    f"{VISIT}/decisions",
    assessment.round_visits.decide_item,
    needs=("assess_visit",),
    takes=DecideItem,
    answers=RoundVisitView,
    refusals=(*_WRITES, "not-team-leader", "visit-finished"),
)
visits.act(
    f"{VISIT}/finishing",
    assessment.round_visits.finish_visit,
    needs=("assess_visit",),
    takes=FinishVisit,
    answers=RoundVisitView,
    refusals=(*_WRITES, "round-visit-not-movable", "visit-incomplete"),
)
visits.act(
    f"{VISIT}/reopening",
    assessment.round_visits.reopen_visit,
    needs=("assess_visit",),
    takes=ReopenVisit,
    answers=RoundVisitView,
    refusals=(*_WRITES, "not-team-leader", "round-visit-not-movable"),
)
visits.act(
    f"{VISIT}/opening",
    assessment.round_visits.open_visit_anew,
    needs=("judge_round_report",),
    takes=OpenVisitAnew,
    answers=RoundVisitView,
    refusals=("not-found", "round-ended", "round-visit-not-movable"),
)
visits.act(
    f"{VISIT}/closing",
    assessment.round_visits.close_round_visit,
    needs=("assess_visit",),
    takes=CloseRoundVisit,
    answers=RoundVisitView,
    refusals=(*_WRITES, "not-team-leader", "round-visit-not-movable", "nothing-applies"),
)
visits.act(
    f"{VISIT}/sending",
    assessment.round_visits.send_round_report,
    needs=("judge_round_report",),
    takes=SendReport,
    answers=RoundVisitView,
    refusals=("not-found", "round-visit-not-movable"),
)
visits.act(
    "/on-site-rounds/<uuid:round_id>/sending",
    assessment.round_visits.send_round_reports,
    needs=("judge_round_report",),
    takes=SendReports,
    answers=ReportsSent,
    refusals=("not-found",),
)
visits.act(
    f"{VISIT}/acknowledgement",
    assessment.round_visits.acknowledge_round_report,
    needs=("answer_round_report",),
    takes=AcknowledgeReport,
    answers=RoundVisitView,
    refusals=("not-found", "round-visit-not-movable"),
)
visits.act(
    f"{VISIT}/dispute",
    assessment.round_visits.dispute_round_report,
    needs=("answer_round_report",),
    takes=DisputeReport,
    answers=RoundVisitView,
    refusals=("not-found", "round-visit-not-movable"),
)
visits.act(
    f"{VISIT}/settlement",
    assessment.round_visits.settle_round_report,
    needs=("judge_round_report",),
    takes=SettleReport,
    answers=RoundVisitView,
    refusals=("not-found", "round-visit-not-movable", "nothing-applies"),
)
visits.act(
    f"{VISIT}/prints",
    assessment.round_visits.print_round_report,
    needs=READS,
    takes=PrintReport,
    answers=ReportPrintView,
    status=202,
    refusals=("not-found", "round-report-not-ready", "too-many-report-prints"),
)
visits.read(
    "/round-report-prints/<uuid:job_id>",
    assessment.round_visits.round_report_print,
    needs=READS,
    takes=ReportPrintAsked,
    answers=ReportPrintView,
    refusals=("not-found",),
)


def report_file(job_id: UUID) -> Response:
    """Stream a report out of the file store."""
    who = must(*READS)
    stored: Answer = assessment.round_visits.round_report_file({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=REPORTS_FOLDER)


visits.own(
    "/round-report-prints/<uuid:job_id>/file",
    "GET",
    report_file,
    Declared(
        summary="Return a report's file",
        needs=frozenset(READS),
        takes=ReportPrintAsked,
        answers=None,
        refusals=("not-found", "report-print-not-ready"),
        media_types=(PDF,),
    ),
)
