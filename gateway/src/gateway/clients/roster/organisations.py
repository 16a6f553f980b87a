"""The tree, what changes it, and the setting rules that it breaks."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "roster"


def organisations(fields: Fields, *, who: Holder) -> Answer:
    """List organisations (OrganisationsAsked → Page of OrganisationView)."""
    return call(SERVICE, "organisations", fields, who=who)


def organisation(fields: Fields, *, who: Holder) -> Answer:
    """Return one organisation (OrganisationAsked → OrganisationView)."""
    return call(SERVICE, "organisation", fields, who=who)


def tree(fields: Fields, *, who: Holder) -> Answer:
    """List what stands directly under an organisation on a day (TreeAsked → Page of TreeNode)."""
    return call(SERVICE, "tree", fields, who=who)


def organisation_as_at(fields: Fields, *, who: Holder) -> Answer:
    """Return what an organisation was on a day (OrganisationOnDay → OrganisationAsAt)."""
    return call(SERVICE, "organisation_as_at", fields, who=who)


def organisation_history(fields: Fields, *, who: Holder) -> Answer:
    """List what an organisation was called, was and stood under (OrganisationHistoryAsked → Page of HistoryRow)."""
    return call(SERVICE, "organisation_history", fields, who=who)


# ---- what changes it ---------------------------------------------------------------------------------------------


def change_structure(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Found, rename, move, merge, split or dissolve organisations (ChangeStructure → StructureChangeView)."""
    return call(SERVICE, "change_structure", fields, who=who, command_id=command_id)


def preview_structure(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say what such a change would do (ChangeStructure → StructurePreview)."""
    return call(SERVICE, "preview_structure", fields, who=who, command_id=command_id)


def structure_change(fields: Fields, *, who: Holder) -> Answer:
    """Return one change of the tree (StructureChangeAsked → StructureChangeView)."""
    return call(SERVICE, "structure_change", fields, who=who)


def structure_changes(fields: Fields, *, who: Holder) -> Answer:
    """List the changes of a part of the tree (StructureChangesAsked → Page of StructureChangeView)."""
    return call(SERVICE, "structure_changes", fields, who=who)


def record_units(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say which units a joint branch has (RecordUnits → UnitsRecorded)."""
    return call(SERVICE, "record_units", fields, who=who, command_id=command_id)


# ---- the rules that it breaks ------------------------------------------------------------------------------------


def findings(fields: Fields, *, who: Holder) -> Answer:
    """Return the setting rules that an organisation breaks (OrganisationAsked → FindingsView)."""
    return call(SERVICE, "findings", fields, who=who)


def listed_findings(fields: Fields, *, who: Holder) -> Answer:
    """List the findings of a part of the tree (FindingsListed → Page of FindingRow)."""
    return call(SERVICE, "listed_findings", fields, who=who)


def finding_counts(fields: Fields, *, who: Holder) -> Answer:
    """Count the findings of a part of the tree (FindingCountsAsked → FindingCounts)."""
    return call(SERVICE, "finding_counts", fields, who=who)


def make_finding_workbook(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have findings written into a workbook (MakeFindingWorkbook → FindingWorkbookView)."""
    return call(SERVICE, "make_finding_workbook", fields, who=who, command_id=command_id)


def finding_workbook(fields: Fields, *, who: Holder) -> Answer:
    """Say how far a workbook of findings is (FindingWorkbookAsked → FindingWorkbookView)."""
    return call(SERVICE, "finding_workbook", fields, who=who)


def finding_workbook_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a workbook's file (FindingWorkbookAsked → StoredFile)."""
    return call(SERVICE, "finding_workbook_file", fields, who=who)


def override_name(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Let a name stand that breaks a rule (OverrideName → FindingsView)."""
    return call(SERVICE, "override_name", fields, who=who, command_id=command_id)


def withdraw_override(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Let a name stand no longer (WithdrawOverride → FindingsView)."""
    return call(SERVICE, "withdraw_override", fields, who=who, command_id=command_id)


def setting_rules(fields: Fields, *, who: Holder) -> Answer:
    """List the setting rules with all their versions (SettingRulesAsked → SettingRulesView)."""
    return call(SERVICE, "setting_rules", fields, who=who)


def set_setting_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter a new version of a setting rule (SetSettingRule → SettingRulesView)."""
    return call(SERVICE, "set_setting_rule", fields, who=who, command_id=command_id)
