"""Files of members and organisations that come and go."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def imports(fields: Fields, *, who: Holder) -> Answer:
    """List the imports of one's part of the tree (ImportsAsked → Page of ImportView)."""
    return call(SERVICE, "imports", fields, who=who)


def import_(fields: Fields, *, who: Holder) -> Answer:
    """Return one import and how far it is (ImportAsked → ImportView)."""
    return call(SERVICE, "import_", fields, who=who)


def import_faults(fields: Fields, *, who: Holder) -> Answer:
    """List the cells of an import that cannot be taken or are doubtful (FaultsAsked → Page of FaultView)."""
    return call(SERVICE, "import_faults", fields, who=who)


def import_differences(fields: Fields, *, who: Holder) -> Answer:
    """List what an import would change (ImportDifferencesAsked → Page of ImportDifferenceView)."""
    return call(SERVICE, "import_differences", fields, who=who)


def import_errors_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to the rows to mend (ImportFileAsked → StoredFile)."""
    return call(SERVICE, "import_errors_file", fields, who=who)


def import_report_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to what a comparison found (ImportFileAsked → StoredFile)."""
    return call(SERVICE, "import_report_file", fields, who=who)


def import_template(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to an empty workbook (TemplateAsked → StoredFile)."""
    return call(SERVICE, "import_template", fields, who=who)


def start_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Look a file of members or organisations through, in the background (StartImport → ImportView)."""
    return call(SERVICE, "start_import", fields, who=who, command_id=command_id)


def map_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say how an import's columns are read (MapColumns → ImportView)."""
    return call(SERVICE, "map_import", fields, who=who, command_id=command_id)


def apply_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take over what an import showed (ApplyImport → ImportView)."""
    return call(SERVICE, "apply_import", fields, who=who, command_id=command_id)


def cancel_import(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Stop an import; nothing of it is taken (CancelImport → ImportView)."""
    return call(SERVICE, "cancel_import", fields, who=who, command_id=command_id)


def mark_entered(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Mark members as entered in the platform a file came from (MarkEntered → Marked)."""
    return call(SERVICE, "mark_entered", fields, who=who, command_id=command_id)


def export_roster(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have members or organisations written as a file (ExportRoster → ExportView)."""
    return call(SERVICE, "export_roster", fields, who=who, command_id=command_id)


def export_numbers(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have members written with their numbers in full (ExportNumbers → ExportView)."""
    return call(SERVICE, "export_numbers", fields, who=who, command_id=command_id)


def roster_export(fields: Fields, *, who: Holder) -> Answer:
    """Return how far one's own export is (ExportAsked → ExportView)."""
    return call(SERVICE, "roster_export", fields, who=who)


def roster_export_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to the file of one's own export (ExportAsked → StoredFile)."""
    return call(SERVICE, "roster_export_file", fields, who=who)
