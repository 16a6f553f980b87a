"""Bulletins and slips as documents: asked for, made by *work* as PDF or workbook, kept for a week for whoever asked.

The right is judged when it is asked for; what is made is what stood then. Only which one it is goes into the job.
"""

import io
from datetime import datetime
from typing import Any, Final

from chassis.actors import Actor, Forbidden, Grant
from chassis.files import PDF, XLSX, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import InvalidInput, Refusal
from contracts.assessment.bulletins import BulletinAsked, BulletinView
from contracts.assessment.slips import SlipAsked, SlipsAsked, SlipView
from contracts.assessment.supervision import PAPERS_FOLDER, MakePaper, PaperAsked, PaperView
from contracts.assessment.talks import TalksAsked
from contracts.envelope import StoredFile, load, plain
from sqlalchemy import Connection

from assessment.queries import bulletins, slips, talks
from assessment.queries.scopes import places_for

JOB: Final = "make_supervision_paper"
FILE_MAX_BYTES: Final = 64 * 1024 * 1024
ROWS_MAX: Final = 10_000
PAGE: Final = 500


class PaperNotReady(Refusal):
    """This document is not made yet."""


class TooManySupervisionPapers(Refusal):
    """{most} documents of yours are being made; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManySupervisionPapers, ("read_slips", "read_bulletins", "read_talks"))


def store() -> FileStore:
    """Return the folder of the file store in which these documents stand."""
    return store_in(PAPERS_FOLDER)


def ask(db: Connection, *, asked: MakePaper, actor: Actor, at: datetime) -> PaperView:
    """Have a document made. Raises NotFound, Forbidden, InvalidInput, TooManySupervisionPapers."""
    params: dict[str, Any] = {"paper": asked.paper, "format": asked.format}
    if asked.paper in ("bulletin", "slip") and asked.subject_id is None:
        raise InvalidInput({"subject_id": ["Missing data for required field."]})
    if asked.paper == "slip" and asked.format != "pdf":
        raise InvalidInput({"format": ["A slip is made as PDF."]})
    if asked.paper in ("slips", "talks") and asked.format != "xlsx":
        raise InvalidInput({"format": ["A list is made as a workbook."]})
    if asked.paper == "bulletin" and asked.subject_id:
        params["seen"] = plain(bulletins.bulletin(db, asked=BulletinAsked(asked.subject_id), actor=actor))
    elif asked.paper == "slip" and asked.subject_id:
        params["seen"] = plain(slips.slip(db, asked=SlipAsked(asked.subject_id), actor=actor, at=at))
    else:
        right = "read_slips" if asked.paper == "slips" else "read_talks"
        if not places_for(actor, right):
            raise Forbidden()
        # What is listed is asked for by the job as the asker: their grants stand in it, nothing else of the token.
        params["grants"] = [[one.role, one.path] for one in actor.grants_for(right)]
    return PaperView(**FILES.ask(db, params={**params, "by_name": actor.name}, actor=actor, at=at))


def make(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make the document of a job; returns the reference to its file."""
    from assessment.operations import (  # here, for the process that answers calls never draws
        supervision_pdf,
        supervision_xlsx,
    )

    params = job.params
    if params["paper"] == "bulletin":
        view: BulletinView = load(BulletinView, params["seen"])
        lines = bulletins.all_lines(db, view.id)
        db.commit()  # drawing takes longer than reading; no snapshot is held meanwhile
        name = f"{view.title}{view.number or '草稿'}"
        if params["format"] == "xlsx":
            made = supervision_xlsx.bulletin(view, lines)
        else:
            made = supervision_pdf.bulletin(view, lines, told=lambda page: job.progress(page, None))
    elif params["paper"] == "slip":
        slip: SlipView = load(SlipView, params["seen"])
        name, made = slip.number, supervision_pdf.slip(slip, drawn_at=at)
    else:
        actor = _as_asked(job, at=at)
        rows: list[Any] = []
        asked: Any = SlipsAsked(limit=PAGE) if params["paper"] == "slips" else TalksAsked(limit=PAGE)
        read: Any = slips.slips_asked if params["paper"] == "slips" else talks.talks_asked
        while len(rows) < ROWS_MAX:
            page = read(db, asked=asked, actor=actor, at=at)
            rows += page.items
            job.progress(len(rows), None)
            if page.next is None:
                break
            asked = type(asked)(limit=PAGE, cursor=page.next)
        db.commit()
        name = "督办台账" if params["paper"] == "slips" else "提醒谈话台账"
        made = supervision_xlsx.slips(rows) if params["paper"] == "slips" else supervision_xlsx.talks(rows)
    media_type = PDF if params["format"] == "pdf" else XLSX
    named = f"{name}.{params['format']}"
    stored = files.put(io.BytesIO(made), name=named, media_types={media_type}, max_bytes=FILE_MAX_BYTES)
    told: dict[str, Any] = plain(stored)
    return told


def paper(db: Connection, *, asked: PaperAsked, actor: Actor, at: datetime) -> PaperView:
    """Return how far one of one's own documents is. Raises NotFound."""
    return PaperView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: PaperAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own document. Raises NotFound, PaperNotReady."""
    view = paper(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise PaperNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the documents whose week is over, and remove the files that none names; returns how many."""
    return FILES.forget(db, files, at=at)


def _as_asked(job: Job, *, at: datetime) -> Actor:
    """Return the asker with the grants that they held when they asked."""
    assert job.asked_by is not None
    grants = tuple(Grant(role, path) for role, path in job.params["grants"])
    return Actor(job.asked_by, job.asked_by, job.params["by_name"], grants, at)
