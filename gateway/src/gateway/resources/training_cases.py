"""The library of training cases: published versions for everybody, drafts for their editors."""

from contracts.sites.training import (
    CaseAsked,
    CaseHistoryView,
    CasesAsked,
    CaseSummaryView,
    CaseVersionAsked,
    CaseVersionView,
    CreateCase,
    DraftCase,
    NameCaseEditor,
    PublishCase,
    RemoveCaseEditor,
    SaveDraft,
)

from gateway.clients import sites
from gateway.nouns import Many, Noun

cases = Noun("training-cases")

cases.read("/training-cases", sites.programmes.training_cases, takes=CasesAsked, answers=Many(CaseSummaryView))
cases.read(
    "/training-cases/<uuid:case_id>",
    sites.programmes.training_case,
    takes=CaseAsked,
    answers=CaseVersionView,
    refusals=("not-found",),
)
cases.read(
    "/training-cases/<uuid:case_id>/versions/<int:number>",
    sites.programmes.case_version,
    takes=CaseVersionAsked,
    answers=CaseVersionView,
    refusals=("not-found",),
)
cases.read(
    "/training-cases/<uuid:case_id>/versions",
    sites.programmes.case_history,
    needs=("edit_case",),
    takes=CaseAsked,
    answers=CaseHistoryView,
    refusals=("not-found",),
)
cases.act(
    "/training-cases",
    sites.programmes.create_case,
    needs=("create_case",),
    takes=CreateCase,
    answers=CaseVersionView,
    status=201,
)
cases.read(
    "/training-cases/<uuid:case_id>/draft",
    sites.programmes.case_draft,
    needs=("edit_case",),
    takes=CaseAsked,
    answers=CaseVersionView,
    refusals=("not-found", "no-draft"),
    versioned=True,
)
cases.act(
    "/training-cases/<uuid:case_id>/draft",
    sites.programmes.draft_case,
    needs=("edit_case",),
    takes=DraftCase,
    answers=CaseVersionView,
    status=201,
    refusals=("not-found", "no-draft"),
)
cases.change(
    "/training-cases/<uuid:case_id>/draft",
    sites.programmes.save_draft,
    needs=("edit_case",),
    takes=SaveDraft,
    answers=CaseVersionView,
    refusals=("not-found", "no-draft"),
)
cases.act(
    "/training-cases/<uuid:case_id>/publication",
    sites.programmes.publish_case,
    needs=("edit_case",),
    takes=PublishCase,
    answers=CaseVersionView,
    refusals=("not-found", "no-draft", "precondition-failed", "case-incomplete"),
)
cases.act(
    "/training-cases/<uuid:case_id>/editors",
    sites.programmes.name_case_editor,
    needs=("name_case_editor",),
    takes=NameCaseEditor,
    answers=CaseHistoryView,
    refusals=("not-found",),
)
cases.act(
    "/training-cases/<uuid:case_id>/editors/<uuid:person_id>/removal",
    sites.programmes.remove_case_editor,
    needs=("name_case_editor",),
    takes=RemoveCaseEditor,
    answers=CaseHistoryView,
    refusals=("not-found",),
)
