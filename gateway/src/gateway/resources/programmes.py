"""Menus: programmes of a site, who plays what in an ordered visit, and its run sheet."""

from contracts.sites.programmes import (
    AddProgramme,
    EditProgramme,
    MenuAsked,
    MoveProgramme,
    ProgrammeAsked,
    ProgrammeDetailView,
    ProgrammeHistoryAsked,
    ProgrammeMoveView,
)
from contracts.sites.run_sheets import AssignRoles, RunSheetAsked, RunSheetView

from gateway.clients import sites
from gateway.nouns import Many, Noun

programmes = Noun("programmes")

programmes.read(
    "/programmes/<uuid:programme_id>",
    sites.programmes.programme,
    takes=ProgrammeAsked,
    answers=ProgrammeDetailView,
    refusals=("not-found",),
    versioned=True,
)
programmes.read(
    "/sites/<uuid:site_id>/menu",
    sites.programmes.menu,
    needs=("edit_programmes",),
    takes=MenuAsked,
    answers=Many(ProgrammeDetailView),
    refusals=("not-found",),
)
programmes.read(
    "/programmes/<uuid:programme_id>/history",
    sites.programmes.programme_history,
    needs=("edit_programmes",),
    takes=ProgrammeHistoryAsked,
    answers=Many(ProgrammeMoveView),
    refusals=("not-found",),
)
programmes.act(
    "/sites/<uuid:site_id>/programmes",
    sites.programmes.add_programme,
    needs=("edit_programmes",),
    takes=AddProgramme,
    answers=ProgrammeDetailView,
    status=201,
    refusals=("not-found", "programme-name-taken", "case-not-published"),
)
programmes.change(
    "/programmes/<uuid:programme_id>",
    sites.programmes.edit_programme,
    needs=("edit_programmes",),
    takes=EditProgramme,
    answers=ProgrammeDetailView,
    refusals=("not-found", "programme-name-taken", "case-not-published"),
)
programmes.act(
    "/programmes/<uuid:programme_id>/retirement",
    sites.programmes.retire_programme,
    needs=("edit_programmes",),
    takes=MoveProgramme,
    answers=ProgrammeDetailView,
    refusals=("not-found", "programme-not-movable"),
)
programmes.act(
    "/programmes/<uuid:programme_id>/offer",
    sites.programmes.offer_programme,
    needs=("edit_programmes",),
    takes=MoveProgramme,
    answers=ProgrammeDetailView,
    refusals=("not-found", "programme-not-movable"),
)
programmes.read(
    "/orders/<uuid:order_id>/run-sheet",
    sites.programmes.run_sheet,
    needs=("read_run_sheet",),
    takes=RunSheetAsked,
    answers=RunSheetView,
    refusals=("not-found",),
)
programmes.act(
    "/orders/<uuid:order_id>/roles",
    sites.programmes.assign_roles,
    needs=("assign_roles",),
    takes=AssignRoles,
    answers=RunSheetView,
    refusals=("not-found", "roles-fixed"),
)
