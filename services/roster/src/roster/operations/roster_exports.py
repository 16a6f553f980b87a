"""Members and organisations of a part of the tree as a file that an import takes back; and the files of an import.

Asked for by a person, written by *work*, kept for a week for whoever asked. Numbers are masked unless they are asked
for in full, with a purpose: then each member's record says who took them out, and why.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock, logs
from chassis.actors import Actor
from chassis.files import CSV, XLSX, FileStore
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.personal import unseal
from chassis.refusals import InvalidInput, NotFound, Refusal
from chassis.workbooks import as_csv
from contracts.envelope import StoredFile, plain
from contracts.roster.imports import (
    ExportAsked,
    ExportNumbers,
    ExportRoster,
    ExportView,
    ImportFileAsked,
    TemplateAsked,
)
from sqlalchemy import Connection, Row, text

from roster.operations import import_workbooks
from roster.operations.import_subjects import SUBJECTS, Subject, words_of
from roster.operations.imports import paths_of
from roster.operations.views import keep_list, right_by
from roster.queries import imports as queries
from roster.queries.organisations import in_part, name_of, path_the_actor_may

JOB: Final = "export_roster"
PART: Final = 2_000
FILE_MAX_BYTES: Final = 256 * 1024 * 1024

_MEMBERS: Final = f"""
SELECT p.id AS person_id, p.name, p.sex, p.ethnicity, p.born_on, p.education, p.native_place, p.work_unit, p.file_place,
       p.identity_number AS sealed_number, p.identity_masked, p.phone AS sealed_phone, p.phone_masked,
       o.code AS branch_code, o.name AS branch, m.status, m.state, m.joined_on, m.full_on, m.since, m.party_group
FROM members m JOIN people p ON p.id = m.person_id JOIN organisations o ON o.id = m.branch_id
WHERE {in_part("o.path")} ORDER BY o.path, p.name, p.id
"""  # noqa: S608
_ORGANISATIONS: Final = f"""
SELECT o.code, o.name, o.kind, o.field, q.code AS parent_code, q.name AS parent, o.division_code,
       o.division_code_system
FROM organisations o LEFT JOIN organisations q ON q.id = o.parent_id WHERE {in_part("o.path")} ORDER BY o.path
"""  # noqa: S608
_QUERIES: Final = {"members": _MEMBERS, "organisations": _ORGANISATIONS}


class ExportNotReady(Refusal):
    """This file is not written yet."""


class TooManyExports(Refusal):
    """{most} files are being written for you; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyExports)


def ask(db: Connection, *, asked: ExportRoster, actor: Actor, at: datetime) -> ExportView:
    """Have a file written, numbers masked, and keep who took a list of members out.

    Raises NotFound, Forbidden, TooManyExports.
    """
    right = SUBJECTS[asked.subject].export_right
    path = path_the_actor_may(db, right, asked.organisation_id, actor=actor)
    if asked.subject == "members":
        organisation_id, today = asked.organisation_id, clock.today(at)
        keep_list(db, "export", organisation_id=organisation_id, path=path, action=right, on=today, actor=actor, at=at)
    return _ask(db, asked.organisation_id, path, {"subject": asked.subject, "format": asked.format}, actor=actor, at=at)


def ask_in_full(db: Connection, *, asked: ExportNumbers, actor: Actor, at: datetime) -> ExportView:
    """Have members written with their numbers in full. Raises NotFound, Forbidden, TokenTooOld, TooManyExports;
    InvalidInput when the purpose is none of the named ones and not said in words."""
    path = path_the_actor_may(db, "export_numbers", asked.organisation_id, actor=actor)
    actor.must_be_fresh(at)
    if asked.purpose == "other" and not asked.reason:
        raise InvalidInput({"reason": ["Say in words what it is needed for."]})
    role, by_path = right_by("export_numbers", path, actor=actor)
    params = {"subject": "members", "format": asked.format, "purpose": asked.purpose, "reason": asked.reason}
    params |= {"by_role": role, "by_path": by_path}
    return _ask(db, asked.organisation_id, path, params, actor=actor, at=at)


def _ask(
    db: Connection, organisation_id: UUID, path: str, params: dict[str, Any], *, actor: Actor, at: datetime
) -> ExportView:
    name = name_of(db, organisation_id)
    params |= {"path": path, "name": name, "by_name": actor.name, "request_id": logs.request_id.get() or None}
    return ExportView(**FILES.ask(db, params=params, actor=actor, at=at))


def write(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Write the file of a job; returns the reference to it."""
    subject = SUBJECTS[job.params["subject"]]
    path, in_full = job.params["path"], "purpose" in job.params
    rows = db.execute(text(_QUERIES[subject.name]), {"path": path}).all()
    job.progress(0, len(rows))
    if in_full:
        _keep_views(db, path, job, at=at)
    tabled = _tabled(rows, subject, job, in_full=in_full)
    headings = [column.heading for column in subject.columns]
    is_csv = job.params["format"] == "csv"
    written = as_csv(headings, tabled) if is_csv else import_workbooks.table([(subject.title, headings, tabled)])
    name = f"{subject.title}-{job.params['name']}-{clock.today(at)}.{job.params['format']}"
    media_type = CSV if is_csv else XLSX
    stored = files.put(io.BytesIO(written), name=name, media_types={media_type}, max_bytes=FILE_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def _keep_views(db: Connection, path: str, job: Job, *, at: datetime) -> None:
    """Keep for each member whose numbers go out who took them, in the transaction that writes the file down."""
    db.execute(
        text(
            "INSERT INTO personal_views (person_id, at, by_id, by_name, by_role, by_path, fields, purpose, reason,"  # noqa: S608
            " request_id) SELECT p.id, :at, :by_id, :by_name, :by_role, :by_path, array_remove(ARRAY["
            " CASE WHEN p.identity_number IS NOT NULL THEN 'identity_number' END,"
            " CASE WHEN p.phone IS NOT NULL THEN 'phone' END], NULL), :purpose, :reason, :request_id"
            " FROM members m JOIN people p ON p.id = m.person_id JOIN organisations o ON o.id = m.branch_id"
            f" WHERE {in_part('o.path')} AND (p.identity_number IS NOT NULL OR p.phone IS NOT NULL)"
        ),
        {
            "path": path,
            "at": at,
            "by_id": job.asked_by,
            "by_name": job.params["by_name"],
            "by_role": job.params["by_role"],
            "by_path": job.params["by_path"],
            "purpose": job.params["purpose"],
            "reason": job.params["reason"],
            "request_id": job.params["request_id"],
        },
    )


def _tabled(rows: Sequence[Row[Any]], subject: Subject, job: Job, *, in_full: bool) -> Iterable[list[str]]:
    words = {column.field: words_of(subject.name, column.field) for column in subject.columns}
    for number, row in enumerate(rows, 1):
        said = dict(row._mapping)
        if subject.name == "members":
            said["identity_number"], said["phone"] = said["identity_masked"], None
            if in_full:
                said["identity_number"] = said["sealed_number"] and unseal(said["sealed_number"])
                said["phone"] = said["sealed_phone"] and unseal(said["sealed_phone"])
        yield [_cell(said.get(column.field), words[column.field]) for column in subject.columns]
        if number % PART == 0:
            job.progress(number, len(rows))


def _cell(value: Any, words: dict[str, str]) -> str:
    return "" if value is None else words.get(str(value), str(value))


def export(db: Connection, *, asked: ExportAsked, actor: Actor, at: datetime) -> ExportView:
    """Return how far one of one's own exports is. Raises NotFound."""
    return ExportView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: ExportAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own export. Raises NotFound, ExportNotReady."""
    view = export(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise ExportNotReady()
    return view.file


# ---- files that are made while one waits -------------------------------------------------------------------------


def template(files: FileStore, *, asked: TemplateAsked, actor: Actor) -> StoredFile:
    """Return an empty workbook with notes and one made-up row. Raises Forbidden."""
    subject = SUBJECTS[asked.subject]
    paths_of(actor, subject.right)
    written = import_workbooks.template(subject)
    name = f"{subject.title}导入模板.xlsx"
    return files.put(io.BytesIO(written), name=name, media_types={XLSX}, max_bytes=FILE_MAX_BYTES)


def errors_file(db: Connection, *, asked: ImportFileAsked, actor: Actor) -> StoredFile:
    """Return the workbook of an import's rows to mend. Raises NotFound, Forbidden for somebody else's: it holds what
    the file held."""
    found = queries.found(db, asked.import_id, actor=actor)
    if found.asked_by_id != actor.person_id or found.errors_file is None:
        raise NotFound()
    return StoredFile(**found.errors_file)


def report_file(db: Connection, *, asked: ImportFileAsked, actor: Actor) -> StoredFile:
    """Return the workbook of what a comparison found. Raises NotFound."""
    found = queries.found(db, asked.import_id, actor=actor)
    if found.report_file is None:
        raise NotFound()
    return StoredFile(**found.report_file)
