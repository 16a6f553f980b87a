"""Documents of dues for print and for a spreadsheet: asked for, drawn by *work*, kept for a week for whoever asked.

The right is judged when it is asked for, and what was read then is what is drawn: no base stands in any of them.
"""

import io
from datetime import date, datetime
from typing import Any, Final, TypeVar

from chassis.actors import Actor
from chassis.files import PDF, XLSX, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import InvalidInput, Refusal
from contracts.envelope import StoredFile, plain
from contracts.roster.dues import DuesLineView, DuesMonthAsked, DuesStatement
from contracts.roster.dues_documents import DUES_FOLDER, DuesDocumentAsked, DuesDocumentView, MakeDuesDocument
from contracts.roster.dues_payments import DuesReceiptLine, DuesReceiptView
from contracts.roster.dues_sums import DuesRollupAsked, DuesRollupRow, DuesRollupView, DuesSums
from sqlalchemy import Connection

from roster.queries import dues, dues_receipts, dues_sums

JOB: Final = "draw_dues"
FILE_MAX_BYTES: Final = 64 * 1024 * 1024
T = TypeVar("T")


class DuesDocumentNotReady(Refusal):
    """This document is not drawn yet."""


class TooManyDuesDocuments(Refusal):
    """{most} documents of yours are being drawn; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyDuesDocuments)


def store() -> FileStore:
    """Return the folder of the file store in which documents of dues stand."""
    return store_in(DUES_FOLDER)


def ask(db: Connection, *, asked: MakeDuesDocument, actor: Actor, at: datetime) -> DuesDocumentView:
    """Have a document drawn of what the actor may read. Raises NotFound, Forbidden, InvalidInput,
    TooManyDuesDocuments."""
    params = {
        "document": asked.document,
        "format": asked.format,
        "content": plain(_content(db, asked, actor=actor, at=at)),
        "by": actor.name,
    }
    return _view(FILES.ask(db, params=params, actor=actor, at=at))


def _content(db: Connection, asked: MakeDuesDocument, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Read what is to be drawn."""
    if asked.document == "receipts":
        if not asked.receipt_ids:
            raise InvalidInput({"receipt_ids": ["Missing data for required field."]})
        if asked.format != "pdf":
            raise InvalidInput({"format": ["Receipts are drawn as PDF."]})
        return {"receipts": dues_receipts.receipts_of(db, asked.receipt_ids, actor=actor)}
    if asked.organisation_id is None or asked.month is None:
        missing = "organisation_id" if asked.organisation_id is None else "month"
        raise InvalidInput({missing: ["Missing data for required field."]})
    if asked.document == "statement":
        month = dues.month(db, DuesMonthAsked(asked.organisation_id, asked.month), actor=actor, at=at)
        return {"name": month.organisation_name, "statement": month.statement, "lines": month.lines}
    return {
        "rollup": dues_sums.rollup(db, DuesRollupAsked(asked.organisation_id, asked.month), actor=actor, at=at),
    }


def draw(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the document of a job; returns the reference to its file."""
    from roster.operations import dues_drawing as drawing  # here, for the process that answers calls never draws

    params = job.params
    content, by = params["content"], str(params["by"])
    # Nothing is read here: no snapshot is held while it is drawn.
    db.commit()
    if params["document"] == "receipts":
        receipts = [_receipt(one) for one in content["receipts"]]
        name, drawn = f"党费收据-{receipts[0].number}", drawing.receipts_pdf(receipts)
    elif params["document"] == "statement":
        stated = _made(DuesStatement, content["statement"])
        lines = [_line(one) for one in content["lines"]]
        name = f"党费收缴情况-{content['name']}-{stated.month}"
        make = drawing.statement_pdf if params["format"] == "pdf" else drawing.statement_xlsx
        drawn = make(content["name"], stated, lines, by=by, at=at)
    else:
        sums = _rollup(content["rollup"])
        name = f"党费收缴汇总-{sums.organisation_name}-{sums.month}"
        make_sums = drawing.rollup_pdf if params["format"] == "pdf" else drawing.rollup_xlsx
        drawn = make_sums(sums, by=by, at=at)
    ending, kind = ("pdf", PDF) if params["format"] == "pdf" else ("xlsx", XLSX)
    stored = files.put(io.BytesIO(drawn), name=f"{name}.{ending}", media_types={kind}, max_bytes=FILE_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def document(db: Connection, *, asked: DuesDocumentAsked, actor: Actor, at: datetime) -> DuesDocumentView:
    """Return how far one of one's own documents is. Raises NotFound."""
    return _view(shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def _view(job: dict[str, Any]) -> DuesDocumentView:
    return DuesDocumentView(**{name: job[name] for name in ("id", "state", "asked_at", "file", "error")})


def file_of(db: Connection, *, asked: DuesDocumentAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own document. Raises NotFound, DuesDocumentNotReady."""
    view = document(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise DuesDocumentNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the documents whose week is over, and remove the files that none names; returns how many."""
    return FILES.forget(db, files, at=at)


# ---- what was kept as JSON becomes what is drawn ------------------------------------------------------------------


def _made(kind: type[T], kept: dict[str, Any]) -> T:
    return kind(**kept)


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None


def _line(kept: dict[str, Any]) -> DuesLineView:
    return DuesLineView(**{**kept, "paid_on": _day(kept["paid_on"])})


def _receipt(kept: dict[str, Any]) -> DuesReceiptView:
    lines = [DuesReceiptLine(**line) for line in kept["lines"]]
    days = {name: _day(kept[name]) for name in ("issued_on", "paid_on")}
    return DuesReceiptView(**{**kept, "lines": lines, **days})


def _rollup(kept: dict[str, Any]) -> DuesRollupView:
    rows = [DuesRollupRow(**{**row, "sums": DuesSums(**row["sums"])}) for row in kept["rows"]]
    return DuesRollupView(**{**kept, "total": DuesSums(**kept["total"]), "rows": rows})
