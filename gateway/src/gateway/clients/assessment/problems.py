"""The assessment's doors: problems and how they are mended."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def problems(fields: Fields, *, who: Holder) -> Answer:
    """List the problems of a part of the tree (ProblemsAsked → Page of ProblemView)."""
    return call(SERVICE, "problems", fields, who=who)


def problem(fields: Fields, *, who: Holder) -> Answer:
    """Return a problem with all that became of it (ProblemAsked → ProblemView)."""
    return call(SERVICE, "problem", fields, who=who)


def problem_counts(fields: Fields, *, who: Holder) -> Answer:
    """Count problems by type, part, source and month (ProblemCountsAsked → ProblemCountsView)."""
    return call(SERVICE, "problem_counts", fields, who=who)


def withdraw_problem(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Withdraw a problem registered by mistake (WithdrawProblem → ProblemView)."""
    return call(SERVICE, "withdraw_problem", fields, who=who, command_id=command_id)


def assign_training(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Assign a training to a problem's organisation (AssignTraining → ProblemView)."""
    return call(SERVICE, "assign_training", fields, who=who, command_id=command_id)


def hold_training(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say that a training was held (HoldTraining → ProblemView)."""
    return call(SERVICE, "hold_training", fields, who=who, command_id=command_id)


def open_rectification(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a problem mended by a day (OpenRectification → ProblemView)."""
    return call(SERVICE, "open_rectification", fields, who=who, command_id=command_id)


def plan_rectification(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write down measures and who is in charge (PlanRectification → ProblemView)."""
    return call(SERVICE, "plan_rectification", fields, who=who, command_id=command_id)


def report_rectification(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Report that a problem is mended (ReportRectification → ProblemView)."""
    return call(SERVICE, "report_rectification", fields, who=who, command_id=command_id)


def accept_rectification(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Accept a report (AcceptRectification → ProblemView)."""
    return call(SERVICE, "accept_rectification", fields, who=who, command_id=command_id)


def return_rectification(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a report back (ReturnRectification → ProblemView)."""
    return call(SERVICE, "return_rectification", fields, who=who, command_id=command_id)


def extend_rectification(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give an item a later deadline (ExtendRectification → ProblemView)."""
    return call(SERVICE, "extend_rectification", fields, who=who, command_id=command_id)


def add_evidence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add a file as evidence (AddEvidence → MendingEvidenceView)."""
    return call(SERVICE, "add_evidence", fields, who=who, command_id=command_id)


def remove_evidence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a file of evidence away (RemoveEvidence → MendingEvidenceView)."""
    return call(SERVICE, "remove_evidence", fields, who=who, command_id=command_id)


def evidence_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a file of evidence (EvidenceAsked → StoredFile)."""
    return call(SERVICE, "evidence_file", fields, who=who)


def mending_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return the kinds of problems and the days of cards (MendingRulesAsked → MendingRulesView)."""
    return call(SERVICE, "mending_rules", fields, who=who)


def set_mending_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter days of cards that begin later (SetMendingRule → MendingRulesView)."""
    return call(SERVICE, "set_mending_rule", fields, who=who, command_id=command_id)


def add_problem_kind(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Add a kind of problem (AddProblemKind → MendingRulesView)."""
    return call(SERVICE, "add_problem_kind", fields, who=who, command_id=command_id)


def retire_problem_kind(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Retire a kind of problem (RetireProblemKind → MendingRulesView)."""
    return call(SERVICE, "retire_problem_kind", fields, who=who, command_id=command_id)


def make_problem_workbook(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have the register written as a workbook (MakeProblemWorkbook → MendingFileView)."""
    return call(SERVICE, "make_problem_workbook", fields, who=who, command_id=command_id)


def draw_sample_bulletin(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have a draw's bulletin drawn as PDF (DrawSampleBulletin → MendingFileView)."""
    return call(SERVICE, "draw_sample_bulletin", fields, who=who, command_id=command_id)


def mending_file(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a workbook or bulletin is (MendingFileAsked → MendingFileView)."""
    return call(SERVICE, "mending_file", fields, who=who)


def mending_file_content(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a workbook or bulletin (MendingFileAsked → StoredFile)."""
    return call(SERVICE, "mending_file_content", fields, who=who)
