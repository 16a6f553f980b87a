"""The assessment's doors: the visits of on-site rounds."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def round_visits(fields: Fields, *, who: Holder) -> Answer:
    """List the visits of a round, or one's own (RoundVisitsAsked → Page of RoundVisitLine)."""
    return call(SERVICE, "round_visits", fields, who=who)


def round_reports(fields: Fields, *, who: Holder) -> Answer:
    """List the reports that were sent to an organisation (RoundReportsAsked → Page of RoundVisitLine)."""
    return call(SERVICE, "round_reports", fields, who=who)


def round_visit(fields: Fields, *, who: Holder) -> Answer:
    """Return a visit, whole (RoundVisitAsked → RoundVisitView)."""
    return call(SERVICE, "round_visit", fields, who=who)


def my_forms(fields: Fields, *, who: Holder) -> Answer:
    """Return what an assessor takes along (MyFormsAsked → MyFormsView)."""
    return call(SERVICE, "my_forms", fields, who=who)


def sync_visit(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take over what an assessor wrote on a visit (SyncVisit → RoundVisitView)."""
    return call(SERVICE, "sync_visit", fields, who=who, command_id=command_id)


def decide_item(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide what counts for an item (DecideItem → RoundVisitView)."""
    return call(SERVICE, "decide_item", fields, who=who, command_id=command_id)


def finish_visit(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Finish a visit (FinishVisit → RoundVisitView)."""
    return call(SERVICE, "finish_visit", fields, who=who, command_id=command_id)


def reopen_visit(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open a finished visit again (ReopenVisit → RoundVisitView)."""
    return call(SERVICE, "reopen_visit", fields, who=who, command_id=command_id)


def open_visit_anew(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Open a visit again whose score is reckoned (OpenVisitAnew → RoundVisitView)."""
    return call(SERVICE, "open_visit_anew", fields, who=who, command_id=command_id)


def close_round_visit(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Close a visit, which gives its score (CloseRoundVisit → RoundVisitView)."""
    return call(SERVICE, "close_round_visit", fields, who=who, command_id=command_id)


def send_round_report(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Send the report of a visit to its organisation (SendReport → RoundVisitView)."""
    return call(SERVICE, "send_round_report", fields, who=who, command_id=command_id)


def send_round_reports(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Send all closed reports of a round (SendReports → ReportsSent)."""
    return call(SERVICE, "send_round_reports", fields, who=who, command_id=command_id)


def acknowledge_round_report(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Acknowledge a report (AcknowledgeReport → RoundVisitView)."""
    return call(SERVICE, "acknowledge_round_report", fields, who=who, command_id=command_id)


def dispute_round_report(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Dispute a report (DisputeReport → RoundVisitView)."""
    return call(SERVICE, "dispute_round_report", fields, who=who, command_id=command_id)


def settle_round_report(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide a dispute (SettleReport → RoundVisitView)."""
    return call(SERVICE, "settle_round_report", fields, who=who, command_id=command_id)


def print_round_report(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw the report of a visit (PrintReport → ReportPrintView)."""
    return call(SERVICE, "print_round_report", fields, who=who, command_id=command_id)


def round_report_print(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a report is (ReportPrintAsked → ReportPrintView)."""
    return call(SERVICE, "round_report_print", fields, who=who)


def round_report_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a report's file (ReportPrintAsked → StoredFile)."""
    return call(SERVICE, "round_report_file", fields, who=who)
