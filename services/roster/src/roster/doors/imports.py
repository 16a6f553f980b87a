"""Doors: files of members and organisations that come and go (R9)."""

from datetime import datetime

from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.roster.imports import (
    ApplyImport,
    CancelImport,
    ExportAsked,
    ExportNumbers,
    ExportRoster,
    ExportView,
    FaultsAsked,
    ImportAsked,
    ImportDifferencesAsked,
    ImportFileAsked,
    ImportsAsked,
    ImportView,
    MapColumns,
    Marked,
    MarkEntered,
    StartImport,
    TemplateAsked,
)

from roster.doors.resources import Doors
from roster.operations import imports, roster_exports
from roster.queries import imports as queries


class ImportDoors(Doors):
    """Doors: files of members and organisations that come and go."""

    @command(StartImport, returns=ImportView)
    def start_import(self, asked: StartImport, *, actor: Actor, at: datetime) -> ImportView:
        """Look a file through in the background."""
        return imports.start(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MapColumns, returns=ImportView)
    def map_import(self, asked: MapColumns, *, actor: Actor, at: datetime) -> ImportView:
        """Say how the columns are read."""
        return imports.map_columns(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ApplyImport, returns=ImportView)
    def apply_import(self, asked: ApplyImport, *, actor: Actor, at: datetime) -> ImportView:
        """Take over what was shown."""
        return imports.apply(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(CancelImport, returns=ImportView)
    def cancel_import(self, asked: CancelImport, *, actor: Actor, at: datetime) -> ImportView:
        """Stop an import; nothing of it is taken."""
        return imports.cancel(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(MarkEntered, returns=Marked)
    def mark_entered(self, asked: MarkEntered, *, actor: Actor, at: datetime) -> Marked:
        """Mark members as entered in another platform."""
        return imports.mark(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ImportsAsked, returns=Page)
    def imports(self, asked: ImportsAsked, *, actor: Actor, at: datetime) -> Page:
        """The imports of one's part of the tree."""
        return queries.page(self.database.transaction, asked, actor=actor)

    @query(ImportAsked, returns=ImportView)
    def import_(self, asked: ImportAsked, *, actor: Actor, at: datetime) -> ImportView:
        """One import and how far it is."""
        return queries.view(self.database.transaction, asked.import_id, actor=actor)

    @query(FaultsAsked, returns=Page)
    def import_faults(self, asked: FaultsAsked, *, actor: Actor, at: datetime) -> Page:
        """The cells that cannot be taken."""
        return queries.faults(self.database.transaction, asked, actor=actor)

    @query(ImportDifferencesAsked, returns=Page, recorded=True)
    def import_differences(self, asked: ImportDifferencesAsked, *, actor: Actor, at: datetime) -> Page:
        """What a file would change."""
        return queries.differences(self.database.transaction, asked, actor=actor)

    @query(ImportFileAsked, returns=StoredFile, recorded=True)
    def import_errors_file(self, asked: ImportFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """The rows to mend, as a workbook."""
        return roster_exports.errors_file(self.database.transaction, asked=asked, actor=actor)

    @query(ImportFileAsked, returns=StoredFile, recorded=True)
    def import_report_file(self, asked: ImportFileAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """What a comparison found, as a workbook."""
        return roster_exports.report_file(self.database.transaction, asked=asked, actor=actor)

    @query(TemplateAsked, returns=StoredFile)
    def import_template(self, asked: TemplateAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """An empty workbook with notes."""
        return roster_exports.template(imports.store(), asked=asked, actor=actor)

    # ---- the way out ---------------------------------------------------------------------------------------------

    @command(ExportRoster, returns=ExportView)
    def export_roster(self, asked: ExportRoster, *, actor: Actor, at: datetime) -> ExportView:
        """Have members or organisations written as a file."""
        return roster_exports.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(ExportNumbers, returns=ExportView)
    def export_numbers(self, asked: ExportNumbers, *, actor: Actor, at: datetime) -> ExportView:
        """Have members written with their numbers in full."""
        return roster_exports.ask_in_full(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ExportAsked, returns=ExportView)
    def roster_export(self, asked: ExportAsked, *, actor: Actor, at: datetime) -> ExportView:
        """How far one's own export is."""
        return roster_exports.export(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(ExportAsked, returns=StoredFile, recorded=True)
    def roster_export_file(self, asked: ExportAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """The file of one's own export."""
        return roster_exports.file_of(self.database.transaction, asked=asked, actor=actor, at=at)
