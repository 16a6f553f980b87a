"""Files of members and organisations that come and go (R9)."""

from typing import Any, Final
from uuid import UUID

from chassis.files import CSV, XLSX
from contracts.roster.imports import (
    IMPORTS_FOLDER,
    ApplyImport,
    CancelImport,
    ExportAsked,
    ExportNumbers,
    ExportRoster,
    ExportView,
    FaultsAsked,
    FaultView,
    ImportAsked,
    ImportDifferencesAsked,
    ImportDifferenceView,
    ImportFileAsked,
    ImportsAsked,
    ImportView,
    MapColumns,
    Marked,
    MarkEntered,
    StartImport,
    TemplateAsked,
)
from flask import Response, request

from gateway.clients.roster import imports as doors
from gateway.edge import TABLE_MAX_BYTES, takes_tables
from gateway.idempotency import command_id
from gateway.identity import must
from gateway.nouns import Declared, Many, Noun, never_stored
from gateway.resources.settlement_batches import stored_file, uploaded

imports = Noun("imports")

IMPORTS: Final = ("import_members", "import_organisations")
EXPORTS: Final = ("export_members", "export_organisations")
TABLES: Final = (XLSX, CSV)
MULTIPART: Final = "multipart/form-data"
ONE: Final = "/imports/<uuid:import_id>"


def started() -> dict[str, Any]:
    """Store the file of the form at hand and return the fields of StartImport. Raises as `uploaded` does."""
    fields: dict[str, Any] = {"file": uploaded(TABLES, folder=IMPORTS_FOLDER, max_bytes=TABLE_MAX_BYTES)}
    for name in ("subject", "purpose", "platform"):
        if value := request.form.get(name):
            fields[name] = value
    return fields


def start() -> Response:
    """Have the file of the form looked through."""
    who = must(*IMPORTS)
    answer = doors.start_import(started(), who=who, command_id=command_id())
    response = never_stored(answer, status=202)
    response.headers["Location"] = f"{request.path}/{answer['id']}"
    return response


imports.own(
    "/imports",
    "POST",
    takes_tables(start),
    Declared(
        summary="Look a file of members or organisations through, in the background",
        needs=frozenset(IMPORTS),
        takes=StartImport,
        answers=ImportView,
        status=202,
        refusals=("payload-too-large", "unsupported-media-type", "too-many-imports"),
        takes_key=True,
        takes_file=(MULTIPART,),
    ),
)
imports.read("/imports", doors.imports, needs=IMPORTS, takes=ImportsAsked, answers=Many(ImportView))
imports.read(ONE, doors.import_, needs=IMPORTS, takes=ImportAsked, answers=ImportView, refusals=("not-found",))
imports.read(
    f"{ONE}/faults",
    doors.import_faults,
    needs=IMPORTS,
    takes=FaultsAsked,
    answers=Many(FaultView),
    refusals=("not-found",),
)
imports.read(
    f"{ONE}/differences",
    doors.import_differences,
    needs=IMPORTS,
    takes=ImportDifferencesAsked,
    answers=Many(ImportDifferenceView),
    refusals=("not-found",),
)
imports.act(
    f"{ONE}/mapping",
    doors.map_import,
    needs=IMPORTS,
    takes=MapColumns,
    answers=ImportView,
    status=202,
    refusals=("not-found", "import-not-movable"),
)
imports.act(
    f"{ONE}/application",
    doors.apply_import,
    needs=IMPORTS,
    takes=ApplyImport,
    answers=ImportView,
    status=202,
    refusals=(
        "not-found",
        "import-not-movable",
        "import-has-bad-cells",
        "nothing-to-import",
        "precondition-failed",
    ),
)
imports.act(
    f"{ONE}/cancellation",
    doors.cancel_import,
    needs=IMPORTS,
    takes=CancelImport,
    answers=ImportView,
    refusals=("not-found", "import-not-movable"),
)
imports.act(
    f"{ONE}/entered-marks",
    doors.mark_entered,
    needs=("import_members",),
    takes=MarkEntered,
    answers=Marked,
    refusals=("not-found",),
)
imports.act(
    "/roster-exports",
    doors.export_roster,
    needs=EXPORTS,
    takes=ExportRoster,
    answers=ExportView,
    status=202,
    refusals=("not-found", "too-many-exports"),
    located=True,
)
imports.act(
    "/roster-exports/in-full",
    doors.export_numbers,
    needs=("export_numbers",),
    takes=ExportNumbers,
    answers=ExportView,
    status=202,
    refusals=("not-found", "token-too-old", "too-many-exports"),
)
imports.read(
    "/roster-exports/<uuid:job_id>",
    doors.roster_export,
    needs=EXPORTS,
    takes=ExportAsked,
    answers=ExportView,
    refusals=("not-found",),
)


def errors_file(import_id: UUID) -> Response:
    """Stream the rows to mend out of the file store."""
    stored = doors.import_errors_file({"import_id": import_id}, who=must(*IMPORTS))
    return stored_file(stored.data, folder=IMPORTS_FOLDER)


def report_file(import_id: UUID) -> Response:
    """Stream what a comparison found out of the file store."""
    stored = doors.import_report_file({"import_id": import_id}, who=must(*IMPORTS))
    return stored_file(stored.data, folder=IMPORTS_FOLDER)


def template(subject: str) -> Response:
    """Stream an empty workbook out of the file store."""
    stored = doors.import_template({"subject": subject}, who=must(*IMPORTS))
    return stored_file(stored.data, folder=IMPORTS_FOLDER)


def export_file(job_id: UUID) -> Response:
    """Stream an export's file out of the file store."""
    stored = doors.roster_export_file({"job_id": job_id}, who=must(*EXPORTS))
    return stored_file(stored.data, folder=IMPORTS_FOLDER)


imports.own(
    f"{ONE}/errors-file",
    "GET",
    errors_file,
    Declared(
        summary="Return an import's rows to mend as a workbook",
        needs=frozenset(IMPORTS),
        takes=ImportFileAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(XLSX,),
    ),
)
imports.own(
    f"{ONE}/report-file",
    "GET",
    report_file,
    Declared(
        summary="Return what a comparison found as a workbook",
        needs=frozenset(IMPORTS),
        takes=ImportFileAsked,
        answers=None,
        refusals=("not-found",),
        media_types=(XLSX,),
    ),
)
imports.own(
    "/import-templates/<subject>",
    "GET",
    template,
    Declared(
        summary="Return an empty workbook with notes and one made-up row",
        needs=frozenset(IMPORTS),
        takes=TemplateAsked,
        answers=None,
        media_types=(XLSX,),
    ),
)
imports.own(
    "/roster-exports/<uuid:job_id>/file",
    "GET",
    export_file,
    Declared(
        summary="Return the file of one's own export",
        needs=frozenset(EXPORTS),
        takes=ExportAsked,
        answers=None,
        refusals=("not-found", "export-not-ready"),
        media_types=(XLSX, CSV),
    ),
)
