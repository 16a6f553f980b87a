"""Doors of sites: menus, training cases, guides."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "sites"


def programme(fields: Fields) -> Answer:
    """Return one programme (ProgrammeAsked → ProgrammeDetailView)."""
    return call(SERVICE, "programme", fields)


def menu(fields: Fields, *, who: Holder) -> Answer:
    """List a site's whole menu for its keepers (MenuAsked → Page of ProgrammeDetailView)."""
    return call(SERVICE, "menu", fields, who=who)


def programme_history(fields: Fields, *, who: Holder) -> Answer:
    """List what was done with a programme (ProgrammeHistoryAsked → Page of ProgrammeMoveView)."""
    return call(SERVICE, "programme_history", fields, who=who)


def add_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a programme on a site's menu (AddProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "add_programme", fields, who=who, command_id=command_id)


def edit_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a programme anew (EditProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "edit_programme", fields, who=who, command_id=command_id)


def retire_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a programme off the menu; orders stand (MoveProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "retire_programme", fields, who=who, command_id=command_id)


def offer_programme(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a retired programme on the menu again (MoveProgramme → ProgrammeDetailView)."""
    return call(SERVICE, "offer_programme", fields, who=who, command_id=command_id)


def training_cases(fields: Fields) -> Answer:
    """List the training cases (CasesAsked → Page of CaseSummaryView)."""
    return call(SERVICE, "training_cases", fields)


def training_case(fields: Fields) -> Answer:
    """Return a training case's newest version with roles and steps (CaseAsked → CaseVersionView)."""
    return call(SERVICE, "training_case", fields)


def case_version(fields: Fields) -> Answer:
    """Return one published version of a training case (CaseVersionAsked → CaseVersionView)."""
    return call(SERVICE, "case_version", fields)


def case_draft(fields: Fields, *, who: Holder) -> Answer:
    """Return a training case's draft (CaseAsked → CaseVersionView)."""
    return call(SERVICE, "case_draft", fields, who=who)


def case_history(fields: Fields, *, who: Holder) -> Answer:
    """Return a training case's versions and editors (CaseAsked → CaseHistoryView)."""
    return call(SERVICE, "case_history", fields, who=who)


def create_case(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Begin a training case with an empty draft (CreateCase → CaseVersionView)."""
    return call(SERVICE, "create_case", fields, who=who, command_id=command_id)


def draft_case(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Begin a draft from the newest version (DraftCase → CaseVersionView)."""
    return call(SERVICE, "draft_case", fields, who=who, command_id=command_id)


def save_draft(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a draft anew (SaveDraft → CaseVersionView)."""
    return call(SERVICE, "save_draft", fields, who=who, command_id=command_id)


def publish_case(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Publish a draft as the next version, saying why (PublishCase → CaseVersionView)."""
    return call(SERVICE, "publish_case", fields, who=who, command_id=command_id)


def name_case_editor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Name a person who may edit a training case (NameCaseEditor → CaseHistoryView)."""
    return call(SERVICE, "name_case_editor", fields, who=who, command_id=command_id)


def remove_case_editor(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take the right to edit a training case from a person (RemoveCaseEditor → CaseHistoryView)."""
    return call(SERVICE, "remove_case_editor", fields, who=who, command_id=command_id)


def guides(fields: Fields, *, who: Holder) -> Answer:
    """List a site's guides (GuidesAsked → Page of GuideView)."""
    return call(SERVICE, "guides", fields, who=who)


def guide(fields: Fields, *, who: Holder) -> Answer:
    """Return one guide with the rota (GuideAsked → GuideView)."""
    return call(SERVICE, "guide", fields, who=who)


def rota(fields: Fields, *, who: Holder) -> Answer:
    """Return a site's week: guides' hours, slots and who leads them (RotaAsked → RotaView)."""
    return call(SERVICE, "rota", fields, who=who)


def add_guide(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter a guide of a site (AddGuide → GuideChangeView)."""
    return call(SERVICE, "add_guide", fields, who=who, command_id=command_id)


def edit_guide(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a guide anew (EditGuide → GuideChangeView)."""
    return call(SERVICE, "edit_guide", fields, who=who, command_id=command_id)


def set_rota(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Write a guide's rota anew (SetRota → GuideChangeView)."""
    return call(SERVICE, "set_rota", fields, who=who, command_id=command_id)


def report_absence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Note that a guide drops out; their slots move or close (ReportAbsence → GuideChangeView)."""
    return call(SERVICE, "report_absence", fields, who=who, command_id=command_id)


def assign_guide(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a slot a guide by hand, or take it off (AssignGuide → GuideChangeView)."""
    return call(SERVICE, "assign_guide", fields, who=who, command_id=command_id)


def assign_roles(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say who plays what in an ordered visit (AssignRoles → RunSheetView)."""
    return call(SERVICE, "assign_roles", fields, who=who, command_id=command_id)


def run_sheet(fields: Fields, *, who: Holder) -> Answer:
    """Return the run sheet of an ordered visit (RunSheetAsked → RunSheetView)."""
    return call(SERVICE, "run_sheet", fields, who=who)
