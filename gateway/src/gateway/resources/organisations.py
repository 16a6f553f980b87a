"""The tree of organisations, as it stands and as it stood; what changes it, what is wrong with it, its members."""

from uuid import UUID

from chassis.files import XLSX
from contracts.roster.findings import (
    FINDING_WORKBOOKS_FOLDER,
    FindingCounts,
    FindingCountsAsked,
    FindingRow,
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
from contracts.roster.members import MembersAsked, MemberView
from contracts.roster.organisations import (
    HistoryRow,
    OrganisationAsAt,
    OrganisationAsked,
    OrganisationHistoryAsked,
    OrganisationOnDay,
    OrganisationsAsked,
    OrganisationView,
    RecordUnits,
    TreeAsked,
    TreeNode,
    UnitsRecorded,
)
from contracts.roster.structure import (
    ChangeStructure,
    StructureChangeAsked,
    StructureChangesAsked,
    StructureChangeView,
    StructurePreview,
)
from flask import Response

from gateway.clients import roster
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun
from gateway.resources.settlement_batches import stored_file

organisations = Noun("organisations")

organisations.read(
    "/organisations",
    roster.organisations.organisations,
    needs=("read_organisation",),
    takes=OrganisationsAsked,
    answers=Many(OrganisationView),
)
organisations.read(
    "/organisations/<uuid:organisation_id>",
    roster.organisations.organisation,
    needs=("read_organisation",),
    takes=OrganisationAsked,
    answers=OrganisationView,
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/findings",
    roster.organisations.findings,
    needs=("read_findings",),
    takes=OrganisationAsked,
    answers=FindingsView,
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/members",
    roster.members.members,
    needs=("read_members",),
    takes=MembersAsked,
    answers=Many(MemberView),
    refusals=("not-found",),
)
organisations.read(
    "/organisation-tree",
    roster.organisations.tree,
    needs=("read_organisation",),
    takes=TreeAsked,
    answers=Many(TreeNode),
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/as-at",
    roster.organisations.organisation_as_at,
    needs=("read_organisation",),
    takes=OrganisationOnDay,
    answers=OrganisationAsAt,
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/history",
    roster.organisations.organisation_history,
    needs=("read_organisation",),
    takes=OrganisationHistoryAsked,
    answers=Many(HistoryRow),
    refusals=("not-found",),
)
_STAND_IN_THE_WAY = (
    "not-found",
    "not-yet",
    "too-long-ago",
    "before-it-began",
    "organisation-dissolved",
    "no-place-in-tree",
    "code-taken",
    "code-not-usable",
    "has-members",
    "has-organisations-below",
    "not-alike",
    "as-it-is",
)
organisations.act(
    "/structure-changes",
    roster.organisations.change_structure,
    needs=("change_structure",),
    takes=ChangeStructure,
    answers=StructureChangeView,
    status=201,
    refusals=_STAND_IN_THE_WAY,
    located=True,
)
organisations.act(
    "/structure-previews",
    roster.organisations.preview_structure,
    needs=("change_structure",),
    takes=ChangeStructure,
    answers=StructurePreview,
    refusals=_STAND_IN_THE_WAY,
)
organisations.read(
    "/structure-changes/<uuid:change_id>",
    roster.organisations.structure_change,
    needs=("read_structure_changes",),
    takes=StructureChangeAsked,
    answers=StructureChangeView,
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/structure-changes",
    roster.organisations.structure_changes,
    needs=("read_structure_changes",),
    takes=StructureChangesAsked,
    answers=Many(StructureChangeView),
    refusals=("not-found",),
)
organisations.act(
    "/organisations/<uuid:organisation_id>/units",
    roster.organisations.record_units,
    needs=("record_units",),
    takes=RecordUnits,
    answers=UnitsRecorded,
    refusals=("not-found", "organisation-dissolved"),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/listed-findings",
    roster.organisations.listed_findings,
    needs=("read_findings",),
    takes=FindingsListed,
    answers=Many(FindingRow),
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/finding-counts",
    roster.organisations.finding_counts,
    needs=("read_findings",),
    takes=FindingCountsAsked,
    answers=FindingCounts,
    refusals=("not-found",),
)
organisations.act(
    "/organisations/<uuid:organisation_id>/name-overrides",
    roster.organisations.override_name,
    needs=("override_name",),
    takes=OverrideName,
    answers=FindingsView,
    status=201,
    refusals=("not-found", "organisation-dissolved", "nothing-to-override", "overridden-already"),
)
organisations.act(
    "/name-overrides/<uuid:override_id>/withdrawal",
    roster.organisations.withdraw_override,
    needs=("override_name",),
    takes=WithdrawOverride,
    answers=FindingsView,
    refusals=("not-found", "override-withdrawn"),
)
organisations.act(
    "/finding-workbooks",
    roster.organisations.make_finding_workbook,
    needs=("export_findings",),
    takes=MakeFindingWorkbook,
    answers=FindingWorkbookView,
    status=202,
    refusals=("not-found", "too-many-finding-workbooks"),
    located=True,
)
organisations.read(
    "/finding-workbooks/<uuid:job_id>",
    roster.organisations.finding_workbook,
    needs=("export_findings",),
    takes=FindingWorkbookAsked,
    answers=FindingWorkbookView,
    refusals=("not-found",),
)


def finding_workbook_file(job_id: UUID) -> Response:
    """Stream a workbook of findings out of the file store."""
    who = must("export_findings")
    stored = roster.organisations.finding_workbook_file({"job_id": job_id}, who=who)
    return stored_file(stored.data, folder=FINDING_WORKBOOKS_FOLDER)


organisations.own(
    "/finding-workbooks/<uuid:job_id>/file",
    "GET",
    finding_workbook_file,
    Declared(
        summary="Return the file of a workbook of findings",
        needs=frozenset({"export_findings"}),
        takes=FindingWorkbookAsked,
        answers=None,
        refusals=("not-found", "finding-workbook-not-ready"),
        media_types=(XLSX,),
    ),
)
organisations.read(
    "/setting-rules",
    roster.organisations.setting_rules,
    needs=("read_setting_rules",),
    takes=SettingRulesAsked,
    answers=SettingRulesView,
)
organisations.act(
    "/setting-rules/<rule>/versions",
    roster.organisations.set_setting_rule,
    needs=("set_setting_rule",),
    takes=SetSettingRule,
    answers=SettingRulesView,
    status=201,
    refusals=("not-found", "rule-version-there"),
)
