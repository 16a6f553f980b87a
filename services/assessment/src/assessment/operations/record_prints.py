"""Records for print: asked for, drawn by *work* as the paper form in PDF or Word, kept for a week for whoever asked.

The right is judged when it is asked for; what the asker may not see (why others were away) is not on the paper.
"""

import io
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.files import DOCX, PDF, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import Refusal
from contracts.assessment.record_prints import (
    PRINTS_FOLDER,
    PrintHandbook,
    PrintRecord,
    RecordPrintAsked,
    RecordPrintView,
)
from contracts.assessment.record_templates import template_in
from contracts.assessment.records import RecordAsked, RecordView
from contracts.envelope import StoredFile, load, plain
from sqlalchemy import Connection

from assessment.operations.paper_forms import paper_form
from assessment.queries import records

JOB: Final = "print_record"
FILE_MAX_BYTES: Final = 16 * 1024 * 1024
HANDBOOK_MAX_BYTES: Final = 64 * 1024 * 1024
RECORDS_MAX: Final = 2000


class RecordPrintNotReady(Refusal):
    """This paper form is not drawn yet."""


class TooManyRecordPrints(Refusal):
    """{most} paper forms of yours are being drawn; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyRecordPrints, ("read_records",))


def store() -> FileStore:
    """Return the folder of the file store in which paper forms stand."""
    return store_in(PRINTS_FOLDER)


def ask(db: Connection, *, asked: PrintRecord, actor: Actor, at: datetime) -> RecordPrintView:
    """Have a record drawn as it is now. Raises NotFound, Forbidden, TooManyRecordPrints."""
    seen = records.record(db, asked=RecordAsked(asked.record_id), actor=actor, at=at)
    params = {"record": plain(seen), "format": asked.format, "by_name": actor.name}
    return RecordPrintView(**FILES.ask(db, params=params, actor=actor, at=at))


def ask_handbook(db: Connection, *, asked: PrintHandbook, actor: Actor, at: datetime) -> RecordPrintView:
    """Have the book of a branch's year drawn. Raises NotFound, Forbidden, TooManyRecordPrints."""
    branch = records.branch_the_actor_may(db, "read_absences", asked.branch_id, actor=actor)
    params = {"branch_id": str(branch.id), "branch": branch.name, "year": asked.year, "by_name": actor.name}
    return RecordPrintView(**FILES.ask(db, params=params, actor=actor, at=at))


def draw(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the paper form, or the book, of a job; returns the reference to its file."""
    from assessment.operations.record_docx import as_docx  # here, for the process that answers calls never draws
    from assessment.operations.record_pdf import as_pdf

    if "year" in job.params:
        return _draw_handbook(db, files, job, at=at)
    record: RecordView = load(RecordView, job.params["record"])
    template = template_in(record.template, record.template_version)
    form = paper_form(record, template, drawn_at=at, drawn_by=job.params["by_name"])
    is_word = job.params["format"] == "docx"
    drawn = as_docx(form) if is_word else as_pdf(form, told=lambda page: job.progress(page, None))
    name = f"{form.title}-{form.branch}-{record.held_on}.{job.params['format']}"
    media_type = DOCX if is_word else PDF
    stored = files.put(io.BytesIO(drawn), name=name, media_types={media_type}, max_bytes=FILE_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def _draw_handbook(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    from assessment.operations.record_pdf import handbook_pdf

    branch, year, by_name = job.params["branch"], job.params["year"], job.params["by_name"]
    found = records.records_in_year(db, UUID(job.params["branch_id"]), year, most=RECORDS_MAX)
    db.commit()  # drawing takes longer than reading; no snapshot is held meanwhile
    forms = [
        paper_form(one, template_in(one.template, one.template_version), drawn_at=at, drawn_by=by_name) for one in found
    ]
    drawn = handbook_pdf(branch, year, forms, told=lambda page: job.progress(page, None))
    name = f"党支部工作手册-{branch}-{year}.pdf"
    stored = files.put(io.BytesIO(drawn), name=name, media_types={PDF}, max_bytes=HANDBOOK_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def record_print(db: Connection, *, asked: RecordPrintAsked, actor: Actor, at: datetime) -> RecordPrintView:
    """Return how far one of one's own paper forms is. Raises NotFound."""
    return RecordPrintView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: RecordPrintAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own paper form. Raises NotFound, RecordPrintNotReady."""
    view = record_print(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise RecordPrintNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the paper forms whose week is over, and remove the files that none names; returns how many."""
    return FILES.forget(db, files, at=at)
