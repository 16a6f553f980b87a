"""Statistics, what visits cost and earned, and reports as files (S13)."""

from uuid import UUID

from chassis.files import CSV, PDF, XLSX
from contracts.sites.reports import REPORTS_FOLDER, AskReport, ReportAsked, ReportsAsked, ReportView
from contracts.sites.statistics import (
    BranchCostsAsked,
    BranchCostsView,
    SiteAccountAsked,
    SiteAccountView,
    StatisticsAsked,
    StatisticsView,
)
from flask import Response

from gateway.clients import sites
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun
from gateway.resources.settlement_batches import stored_file

reports = Noun("reports")

reports.read(
    "/statistics",
    sites.funds.statistics,
    needs=("read_statistics",),
    takes=StatisticsAsked,
    answers=StatisticsView,
    query_names={"from": "from_day", "to": "to_day"},
)
reports.read(
    "/branches/<uuid:branch_id>/visit-costs",
    sites.funds.branch_costs,
    needs=("read_branch_costs",),
    takes=BranchCostsAsked,
    answers=BranchCostsView,
    refusals=("not-found",),
)
reports.read(
    "/sites/<uuid:site_id>/account",
    sites.funds.site_account,
    needs=("read_site_account",),
    takes=SiteAccountAsked,
    answers=SiteAccountView,
    refusals=("not-found",),
)
reports.act(
    "/reports",
    sites.funds.ask_report,
    needs=("make_report",),
    takes=AskReport,
    answers=ReportView,
    status=202,
    refusals=("not-found", "too-many-reports"),
    located=True,
)
reports.read("/reports", sites.funds.reports, needs=("make_report",), takes=ReportsAsked, answers=Many(ReportView))
reports.read(
    "/reports/<uuid:report_id>",
    sites.funds.report,
    needs=("make_report",),
    takes=ReportAsked,
    answers=ReportView,
    refusals=("not-found",),
)


def report_file(report_id: UUID) -> Response:
    """Stream a report's file out of the file store."""
    who = must("make_report")
    stored = sites.funds.report_file({"report_id": report_id}, who=who)
    return stored_file(stored.data, folder=REPORTS_FOLDER)


reports.own(
    "/reports/<uuid:report_id>/file",
    "GET",
    report_file,
    Declared(
        summary="Return a report's file",
        needs=frozenset({"make_report"}),
        takes=ReportAsked,
        answers=None,
        refusals=("not-found", "report-not-ready"),
        media_types=(PDF, XLSX, CSV),
    ),
)
