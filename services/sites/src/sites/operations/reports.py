"""Reports (S13): asked for by whoever may see the figures, made by *work*, kept for a week for whoever asked.

The right is judged when a report is asked for, with the grants of then when it is made, and when its file is fetched.
"""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis.actors import Actor, Grant
from chassis.cursors import key_in, page_of
from chassis.files import CSV, PDF, XLSX, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import KEPT, MadeFiles
from chassis.refusals import NotFound, Refusal
from contracts.envelope import Page, StoredFile, load, plain
from contracts.sites.reports import REPORTS_FOLDER, AskReport, ReportAsked, ReportsAsked, ReportView
from sqlalchemy import Connection, Row, insert, text

from sites.operations.report_csv import as_csv
from sites.operations.report_pdf import as_pdf
from sites.operations.report_xlsx import as_xlsx
from sites.queries.reports import complete, document, title_of
from sites.tables.reports import reports

JOB: Final = "make_report"
AT_ONCE_MAX: Final = 5
FILE_MAX_BYTES: Final = 64 * 1024 * 1024

_SELECT: Final = """
SELECT r.*, j.params, j.state, j.done, j.total, j.ended_at, j.result, j.error
  FROM reports r JOIN jobs j ON j.id = r.id
 WHERE r.asked_by_id = :by AND r.expires_at > :at
"""


class ReportNotReady(Refusal):
    """This report is not made yet."""


class TooManyReports(Refusal):
    """{most} reports of yours are being made; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyReports, most=AT_ONCE_MAX)


def store() -> FileStore:
    """Return the folder of the file store in which reports stand."""
    return store_in(REPORTS_FOLDER)


def ask(db: Connection, *, asked: AskReport, actor: Actor, at: datetime) -> ReportView:
    """Have a report made. Raises Forbidden, NotFound, InvalidInput; TooManyReports while others are being made."""
    actor.must("make_report")
    complete(asked)
    title = title_of(db, asked, actor=actor, at=at)
    params = {
        "asked": plain(asked),
        "grants": [[grant.role, grant.path] for grant in actor.grants],
        "by_id": str(actor.person_id),
        "by_name": actor.name,
    }
    job_id = FILES.ask(db, params=params, actor=actor, at=at)["id"]
    row = {"id": job_id, "kind": asked.kind, "format": asked.format, "title": title}
    db.execute(insert(reports).values(**row, asked_by_id=actor.person_id, asked_at=at, expires_at=at + KEPT))
    return report(db, asked=ReportAsked(job_id), actor=actor, at=at)


def make(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make the report of a job; returns the reference to its file."""
    asked = load(AskReport, job.params["asked"])
    grants = tuple(Grant(role, path) for role, path in job.params["grants"])
    actor = Actor(UUID(job.params["by_id"]), uuid4(), job.params["by_name"], grants, issued_at=at)
    # Figures of one moment: whatever is written meanwhile, the tables of a report agree with each other.
    db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"))
    found = document(db, asked, actor=actor, at=at)
    # Drawing takes longer than reading; no snapshot is held meanwhile, for that slows down the rows that orders touch.
    db.commit()
    write, media_type = _FORMATS[asked.format]

    def told(done: int) -> None:
        job.progress(done, max(done, found.rows) if asked.format != "pdf" else None)

    name = f"{found.title}-{found.subject}-{found.period}.{asked.format}".replace("/", "-").replace(" ", "")
    stored = files.put(
        io.BytesIO(write(found, told=told)), name=name, media_types={media_type}, max_bytes=FILE_MAX_BYTES
    )
    made: dict[str, Any] = plain(stored)
    return made


def report(db: Connection, *, asked: ReportAsked, actor: Actor, at: datetime) -> ReportView:
    """Return how far one of one's own reports is. Raises Forbidden, NotFound."""
    return _view(_found(db, asked, actor=actor, at=at))


def own(db: Connection, *, asked: ReportsAsked, actor: Actor, at: datetime) -> Page:
    """Return one's own reports that are not gone yet, newest first."""
    actor.must("make_report")
    given: dict[str, Any] = {"by": actor.person_id, "at": at, "limit": asked.limit + 1}
    after = ""
    if asked.cursor:
        given["after_at"], given["after_id"] = key_in(asked.cursor, datetime.fromisoformat, UUID)
        after = " AND (r.asked_at, r.id) < (:after_at, :after_id)"
    rows = db.execute(text(f"{_SELECT}{after} ORDER BY r.asked_at DESC, r.id DESC LIMIT :limit"), given).all()
    return page_of(rows, limit=asked.limit, view=_view, key=lambda row: (row.asked_at, row.id))


def file_of(db: Connection, *, asked: ReportAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own report, if one may still see what is in it.

    Raises Forbidden, NotFound, ReportNotReady.
    """
    row = _found(db, asked, actor=actor, at=at)
    title_of(db, load(AskReport, row.params["asked"]), actor=actor, at=at)
    file = _view(row).file
    if file is None:
        raise ReportNotReady()
    return file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Remove the reports that nobody may fetch any more, and their files; returns how many files."""
    db.execute(text("DELETE FROM reports WHERE expires_at <= :at"), {"at": at})
    return FILES.forget(db, files, at=at)


def _found(db: Connection, asked: ReportAsked, *, actor: Actor, at: datetime) -> Row[Any]:
    actor.must("make_report")
    row = db.execute(
        text(f"{_SELECT} AND r.id = :id"), {"by": actor.person_id, "at": at, "id": asked.report_id}
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row


def _view(row: Row[Any]) -> ReportView:
    return ReportView(
        id=row.id,
        kind=row.kind,
        format=row.format,
        title=row.title,
        state=row.state,
        done=row.done,
        total=row.total,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        expires_at=row.expires_at,
        file=StoredFile(**row.result) if row.state == "done" else None,
        error=row.error if row.state == "failed" else None,
    )


_FORMATS: Final[dict[str, tuple[Callable[..., bytes], str]]] = {
    "pdf": (as_pdf, PDF),
    "xlsx": (as_xlsx, XLSX),
    "csv": (as_csv, CSV),
}
