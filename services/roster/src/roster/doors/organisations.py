"""Doors: the tree as it stands and as it stood, what changes it, and the setting rules that it breaks."""

from datetime import datetime

from chassis import clock
from chassis.actors import Actor
from chassis.doors import command, query
from contracts.envelope import Page, StoredFile
from contracts.roster.findings import (
    FindingCounts,
    FindingCountsAsked,
    FindingsListed,
    FindingsView,
    FindingWorkbookAsked,
    FindingWorkbookView,
    MakeFindingWorkbook,
    OverrideName,
    SetSettingRule,
    SettingRulesAsked,
    SettingRulesView,
    WithdrawOverride,
)
from contracts.roster.organisations import (
    OrganisationAsAt,
    OrganisationAsked,
    OrganisationHistoryAsked,
    OrganisationOnDay,
    OrganisationsAsked,
    OrganisationView,
    RecordUnits,
    TreeAsked,
    UnitsRecorded,
)
from contracts.roster.structure import (
    ChangeStructure,
    StructureChangeAsked,
    StructureChangesAsked,
    StructureChangeView,
    StructurePreview,
)

from roster.doors.resources import Doors
from roster.operations import finding_workbooks, name_overrides, setting_rules, units
from roster.operations import structure as changes
from roster.queries import findings, organisations, structure, tree
from roster.queries import setting_rules as rules


class OrganisationDoors(Doors):
    """Doors: the tree as it stands and as it stood, what changes it, and the setting rules that it breaks."""

    @query(OrganisationsAsked, returns=Page)
    def organisations(self, asked: OrganisationsAsked, *, actor: Actor, at: datetime) -> Page:
        """The tree, a page at a time."""
        return organisations.page(self.database.transaction, asked, actor=actor)

    @query(OrganisationAsked, returns=OrganisationView)
    def organisation(self, asked: OrganisationAsked, *, actor: Actor, at: datetime) -> OrganisationView:
        """One node of the tree."""
        return organisations.one(self.database.transaction, asked.organisation_id, actor=actor)

    @query(TreeAsked, returns=Page)
    def tree(self, asked: TreeAsked, *, actor: Actor, at: datetime) -> Page:
        """What stands, or stood on a day, directly under a node."""
        return tree.under(self.database.transaction, asked, actor=actor, today=clock.today(at))

    @query(OrganisationOnDay, returns=OrganisationAsAt)
    def organisation_as_at(self, asked: OrganisationOnDay, *, actor: Actor, at: datetime) -> OrganisationAsAt:
        """One node of the tree as it was on a day."""
        return tree.as_at(self.database.transaction, asked, actor=actor)

    @query(OrganisationHistoryAsked, returns=Page)
    def organisation_history(self, asked: OrganisationHistoryAsked, *, actor: Actor, at: datetime) -> Page:
        """What one node was called, was and stood under."""
        return tree.history(self.database.transaction, asked, actor=actor)

    # ---- what changes it -----------------------------------------------------------------------------------------

    @command(ChangeStructure, returns=StructureChangeView)
    def change_structure(self, asked: ChangeStructure, *, actor: Actor, at: datetime) -> StructureChangeView:
        """Found, rename, move, merge, split or dissolve."""
        return changes.change(self.database.transaction, asked=asked, actor=actor, at=at)

    # It is undone before it is answered.
    @command(ChangeStructure, returns=StructurePreview, recorded=False)
    def preview_structure(self, asked: ChangeStructure, *, actor: Actor, at: datetime) -> StructurePreview:
        """What such a change would do."""
        return changes.preview(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(StructureChangeAsked, returns=StructureChangeView)
    def structure_change(self, asked: StructureChangeAsked, *, actor: Actor, at: datetime) -> StructureChangeView:
        """One change of the tree."""
        return structure.one(self.database.transaction, asked.change_id, actor=actor)

    @query(StructureChangesAsked, returns=Page)
    def structure_changes(self, asked: StructureChangesAsked, *, actor: Actor, at: datetime) -> Page:
        """The changes of a part of the tree."""
        return structure.page(self.database.transaction, asked, actor=actor)

    @command(RecordUnits, returns=UnitsRecorded)
    def record_units(self, asked: RecordUnits, *, actor: Actor, at: datetime) -> UnitsRecorded:
        """Say which units a joint branch has."""
        return units.record(self.database.transaction, asked=asked, actor=actor, at=at)

    # ---- the rules that it breaks --------------------------------------------------------------------------------

    @query(OrganisationAsked, returns=FindingsView)
    def findings(self, asked: OrganisationAsked, *, actor: Actor, at: datetime) -> FindingsView:
        """The setting rules that an organisation breaks."""
        return findings.of(self.database.transaction, asked.organisation_id, actor=actor)

    @query(FindingsListed, returns=Page)
    def listed_findings(self, asked: FindingsListed, *, actor: Actor, at: datetime) -> Page:
        """The findings of a part of the tree."""
        return findings.page(self.database.transaction, asked, actor=actor)

    @query(FindingCountsAsked, returns=FindingCounts)
    def finding_counts(self, asked: FindingCountsAsked, *, actor: Actor, at: datetime) -> FindingCounts:
        """The findings of a part of the tree, counted."""
        return findings.counts(self.database.transaction, asked, actor=actor)

    @command(MakeFindingWorkbook, returns=FindingWorkbookView)
    def make_finding_workbook(self, asked: MakeFindingWorkbook, *, actor: Actor, at: datetime) -> FindingWorkbookView:
        """Write the findings into a workbook, in the background."""
        return finding_workbooks.ask(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(FindingWorkbookAsked, returns=FindingWorkbookView)
    def finding_workbook(self, asked: FindingWorkbookAsked, *, actor: Actor, at: datetime) -> FindingWorkbookView:
        """How far a workbook is."""
        return finding_workbooks.workbook(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(FindingWorkbookAsked, returns=StoredFile)
    def finding_workbook_file(self, asked: FindingWorkbookAsked, *, actor: Actor, at: datetime) -> StoredFile:
        """The reference to a workbook's file."""
        return finding_workbooks.file_of(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(OverrideName, returns=FindingsView)
    def override_name(self, asked: OverrideName, *, actor: Actor, at: datetime) -> FindingsView:
        """Let a name stand that breaks a rule."""
        return name_overrides.override(self.database.transaction, asked=asked, actor=actor, at=at)

    @command(WithdrawOverride, returns=FindingsView)
    def withdraw_override(self, asked: WithdrawOverride, *, actor: Actor, at: datetime) -> FindingsView:
        """Let it stand no longer."""
        return name_overrides.withdraw(self.database.transaction, asked=asked, actor=actor, at=at)

    @query(SettingRulesAsked, returns=SettingRulesView)
    def setting_rules(self, asked: SettingRulesAsked, *, actor: Actor, at: datetime) -> SettingRulesView:
        """All setting rules with their versions."""
        return rules.all_rows(self.database.transaction, actor=actor, on=clock.today(at))

    @command(SetSettingRule, returns=SettingRulesView)
    def set_setting_rule(self, asked: SetSettingRule, *, actor: Actor, at: datetime) -> SettingRulesView:
        """Enter a new version of a setting rule."""
        return setting_rules.set_rule(self.database.transaction, asked=asked, actor=actor, at=at)
