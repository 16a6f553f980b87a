"""What *work* does with a file: read its headings, look through its rows, take over what was confirmed.

Each step is one transaction that ends by moving the import on, if it still stands where the step began: a step that
was cut off (the process ended, the machine was switched off) has done nothing and is done again; one that was cancelled
is undone. How far it is is told from a connection of its own, which is also where a cancellation is heard.
"""

import io
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final
from uuid import UUID

from chassis import clock, sheets
from chassis.files import XLSX, FileStore
from chassis.jobs import Job
from chassis.personal import index_key
from chassis.refusals import Refusal
from chassis.sheets import FileUnreadable
from contracts.envelope import StoredFile, plain
from contracts.roster.imports import FILE_MAX_BYTES, OPEN_STATES
from sqlalchemy import Connection, Row, text, update

from roster.domain.import_cells import Cell, Fault, shown, text_of
from roster.domain.import_columns import SAMPLES, headings_in, missing, signature
from roster.operations import import_workbooks
from roster.operations.import_staging import FAULTS_KEPT, Line, write_down
from roster.operations.import_subjects import SUBJECTS, Subject
from roster.operations.imports import ImportOutdated
from roster.queries.imports import missing_count
from roster.tables.imports import imports

PART: Final = 2_000
TOLD_EVERY_S: Final = 0.4
TOTALS: Final = frozenset({"合计", "总计", "小计", "共计", "总数"})


class NoTable(Refusal):
    """No sheet of this file has a row of headings that is known; see the template for how columns may be called."""


class TooManyBadCells(Refusal):
    """More than {most} cells cannot be taken; look whether the columns are read rightly."""


class _Stopped(Exception):
    """The import is not where this step found it any more: somebody cancelled it."""


class _Told:
    """How far a step is, seen by everybody at once."""

    def __init__(self, job: Job, import_id: UUID, state: str) -> None:
        self._job = job
        self._import_id = import_id
        self._state = state
        self._last = 0.0
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Say which stage is how far; raises _Stopped when the import was cancelled, LeaseLost."""
        now = time.monotonic()
        if stage == self._stage and done != total and now - self._last < TOLD_EVERY_S:
            return
        self._last, self._stage = now, stage
        with self._job.aside() as db:
            told = db.execute(
                _TOLD,
                {"id": self._import_id, "state": self._state, "job": self._job.id}
                | {"stage": stage, "done": done, "total": total},
            )
        if told.rowcount != 1:
            raise _Stopped
        self._job.progress(done, total)


_TOLD: Final = text(
    "UPDATE imports SET stage = :stage, done = :done, total = :total"
    " WHERE id = :id AND state = :state AND job_id = :job"
)


def run(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Do the steps that wait until somebody has to say something; returns where the import stands then."""
    import_id = UUID(job.params["import_id"])
    while True:
        found = db.execute(text("SELECT * FROM imports WHERE id = :id"), {"id": import_id}).one_or_none()
        if found is None or found.state not in OPEN_STATES or found.job_id != job.id:
            return {"state": found.state if found else "gone"}
        step = {"reading": _read, "checking": _check, "applying": _apply}[found.state]
        told = _Told(job, import_id, found.state)
        try:
            step(db, files, found, told, at=at)
            db.commit()
        except _Stopped:
            db.rollback()
            return {"state": "cancelled"}
        except ImportOutdated as refusal:
            db.rollback()
            _judge_again(db, found, refusal)
            db.commit()
        except Refusal as refusal:
            db.rollback()
            error = {"code": refusal.code, "detail": str(refusal), "params": refusal.params}
            _end(db, found, "failed", error=error, ended_at=at)
            db.commit()


def _end(db: Connection, found: Row[Any], state: str, **values: Any) -> None:
    """Move the import on from where the step found it; raises _Stopped when it is not there any more."""
    moved = db.execute(
        update(imports)
        .where(imports.c.id == found.id, imports.c.state == found.state, imports.c.job_id == found.job_id)
        .values(state=state, version=imports.c.version + 1, **values)
    )
    if moved.rowcount != 1:
        raise _Stopped


# ---- reading the headings ----------------------------------------------------------------------------------------


def _read(db: Connection, files: FileStore, found: Row[Any], told: _Told, *, at: datetime) -> None:
    """Find each sheet's headings and what they are taken for: as remembered, else as guessed."""
    told("reading", 0)
    subject = SUBJECTS[found.subject]
    seen = []
    with files.open(found.file["sha256"]) as stream:
        for sheet in sheets.read(stream, head_only=True):
            seen.append(_sheet(db, found, subject, sheet))
    if not any(sheet["header_row"] for sheet in seen):
        raise NoTable() if seen else FileUnreadable()
    taken = [sheet for sheet in seen if sheet["is_taken"]]
    is_known = bool(taken) and all(sheet["is_remembered"] for sheet in taken)
    _end(db, found, "checking" if is_known else "mapping", sheets=seen, stage="checking" if is_known else None)


def _sheet(db: Connection, found: Row[Any], subject: Subject, sheet: sheets.Sheet) -> dict[str, Any]:
    rows = list(sheet.rows)
    headings = headings_in(rows, subject.columns)
    said: dict[str, Any] = {"name": sheet.name, "rows": sheet.height, "header_row": None, "headings": []}
    said |= {"samples": [], "columns": {}, "is_taken": False, "is_remembered": False, "signature": ""}
    if headings is None:
        return said
    mark = signature(headings.texts)
    kept = db.execute(
        text(
            "SELECT columns FROM import_mappings"
            " WHERE organisation_id = :organisation AND subject = :subject AND signature = :signature"
        ),
        {"organisation": found.organisation_id, "subject": found.subject, "signature": mark},
    ).scalar()
    columns = kept or {str(place): name for place, name in headings.columns.items()}
    below = [cells for number, cells in rows if number > headings.row][:SAMPLES]
    return said | {
        "header_row": headings.row,
        "headings": list(headings.texts),
        "samples": [[shown(cell) for cell in cells] for cells in below],
        "columns": columns,
        "is_taken": kept is not None or not missing(columns.values(), subject.columns),
        "is_remembered": kept is not None,
        "signature": mark,
        "places": {name: int(place) for place, name in columns.items()},
        "fields": {name: headings.texts[int(place)] for place, name in columns.items()},
    }


# ---- looking through the rows ------------------------------------------------------------------------------------


def _check(db: Connection, files: FileStore, found: Row[Any], told: _Told, *, at: datetime) -> None:
    """Read every row, then ask the register about all of them."""
    subject = SUBJECTS[found.subject]
    today = clock.today(at)
    total = sum(max(0, sheet["rows"] - sheet["header_row"]) for sheet in found.sheets if sheet["is_taken"])
    told("checking", 0, total)
    db.execute(text("DELETE FROM import_faults WHERE import_id = :id"), {"id": found.id})
    db.execute(text("DELETE FROM import_rows WHERE import_id = :id"), {"id": found.id})
    stage = subject.stage(db, paths=found.paths, today=today)
    faults, lines, part = 0, 0, []
    with files.open(found.file["sha256"]) as stream:
        for line, ill in _lines(stream, found.sheets):
            lines += 1
            part.append((line, ill))
            if len(part) == PART:
                faults += _write(db, found.id, stage, part, faults)
                told("checking", lines, max(total, lines))
                part = []
    faults += _write(db, found.id, stage, part, faults)
    if faults >= FAULTS_KEPT:
        raise TooManyBadCells(most=FAULTS_KEPT)
    told("comparing", lines, lines)
    subject.judge(db, found.id, paths=found.paths)
    counts = _counts(db, found)
    errors_file = None
    if counts["bad"]:
        told("writing_errors", 0, counts["bad"])
        errors_file = plain(_errors_file(db, files, found))
    report_file = None
    if found.purpose == "compare":
        db.execute(
            _FOUND_THERE,
            {"id": found.id, "platform": found.platform, "at": at, "by_id": found.asked_by_id} | {"by": found.asked_by},
        )
        report_file = plain(
            _stored(files, import_workbooks.differences(db, found, subject), f"差异-{_stem(found)}.xlsx")
        )
    _end(
        db,
        found,
        "checked",
        stage=None,
        counts=counts,
        done=lines,
        total=lines,
        shown=_digest(db, found.id),
        errors_file=errors_file,
        report_file=report_file,
    )


def _write(db: Connection, import_id: UUID, stage: Any, part: Sequence[tuple[Line, list[Any]]], faults: int) -> int:
    staged = stage([line for line, _ in part])
    for row, (_, ill) in zip(staged, part, strict=True):
        row.faults[:0] = ill
    return write_down(db, import_id, staged, faults_before=faults)


def _lines(stream: BinaryIO, mapped: Sequence[dict[str, Any]]) -> Iterator[tuple[Line, list[Any]]]:
    """Yield the rows below the headings of the sheets that are taken, each with what is wrong with it as a row."""
    taken = {sheet["name"]: sheet for sheet in mapped if sheet["is_taken"]}
    number = 0
    for sheet in sheets.read(stream):
        said = taken.get(sheet.name)
        if said is None:
            continue
        places: dict[str, int] = said["places"]
        merged = {
            row: column
            for first, column, last, _ in sheet.merged
            for row in range(max(first, said["header_row"] + 1), min(last, sheet.height) + 1)
        }
        above = 0
        for row, cells in sheet.rows:
            if row <= said["header_row"]:
                continue
            ill = []
            if total := _total_in(cells):
                # A row of totals counts what stands above it, and is no row of the table.
                if total == above:
                    continue
                ill.append(Fault("name", "total-differs", str(total), {"said": total, "counted": above}))
            above += 1
            number += 1
            by_field = {name: cells[place] if place < len(cells) else None for name, place in places.items()}
            if all(cell is None for cell in by_field.values()):
                number -= 1
                above -= 1
                continue
            if row in merged:
                name = next((name for name, place in places.items() if place == merged[row]), "name")
                ill.append(Fault(name, "merged"))
            yield Line(number, sheet.name, row, by_field, places, said["fields"]), ill


def _total_in(cells: Sequence[Cell]) -> int | None:
    """Return the number in a row of totals, 0 when it has none; None for any other row."""
    if not any(text_of(cell).rstrip(":：") in TOTALS for cell in cells if isinstance(cell, str)):
        return None
    numbers = [text_of(cell) for cell in cells if cell is not None and text_of(cell).rstrip("人名个").isdecimal()]
    return int(numbers[0].rstrip("人名个")) if numbers else 0


def _counts(db: Connection, found: Row[Any]) -> dict[str, int]:
    row = db.execute(
        text(
            "SELECT count(*) AS rows, count(*) FILTER (WHERE verdict = 'new') AS new,"
            " count(*) FILTER (WHERE verdict = 'changed') AS changed,"
            " count(*) FILTER (WHERE verdict = 'unchanged') AS unchanged,"
            " count(*) FILTER (WHERE verdict = 'bad') AS bad FROM import_rows WHERE import_id = :id"
        ),
        {"id": found.id},
    ).one()
    told = db.execute(
        text(
            "SELECT count(*) FILTER (WHERE NOT is_warning) AS faults, count(*) FILTER (WHERE is_warning) AS warnings"
            " FROM import_faults WHERE import_id = :id"
        ),
        {"id": found.id},
    ).one()
    return {**row._mapping, **told._mapping, "missing": missing_count(db, found.id, subject=found.subject)}


def _digest(db: Connection, import_id: UUID) -> str:
    """Return what tells whether the differences are those that were shown: rows, verdicts, changes, and the key that
    the numbers were compared with."""
    return index_key() + str(
        db.execute(
            text(
                "SELECT md5(string_agg(concat_ws(' ', line, verdict, target_id, branch_id, changes), ','"
                " ORDER BY line))"
                " FROM import_rows WHERE import_id = :id"
            ),
            {"id": import_id},
        ).scalar_one()
    )


def _errors_file(db: Connection, files: FileStore, found: Row[Any]) -> StoredFile:
    def rows() -> Iterator[tuple[str, int, Sequence[Cell]]]:
        with files.open(found.file["sha256"]) as stream:
            for sheet in sheets.read(stream):
                for row, cells in sheet.rows:
                    yield sheet.name, row, cells

    written = import_workbooks.bad_rows(db, found.id, found.sheets, rows())
    return _stored(files, written, f"待改正-{_stem(found)}.xlsx")


def _stored(files: FileStore, written: bytes, name: str) -> StoredFile:
    return files.put(io.BytesIO(written), name=name, media_types={XLSX}, max_bytes=4 * FILE_MAX_BYTES)


def _stem(found: Row[Any]) -> str:
    name: str = found.file["name"]
    return name.rpartition(".")[0] or name


# Whoever stands in the other platform's file is entered there.
_FOUND_THERE: Final = text(
    "INSERT INTO entered_marks (platform, person_id, marked_at, marked_by_id, marked_by)"
    " SELECT DISTINCT :platform, p.id, CAST(:at AS timestamptz), CAST(:by_id AS uuid), :by FROM import_rows r"
    " JOIN people p ON p.id = r.target_id WHERE r.import_id = :id AND r.verdict <> 'bad' ON CONFLICT DO NOTHING"
)


# ---- taking over -------------------------------------------------------------------------------------------------


def _apply(db: Connection, files: FileStore, found: Row[Any], told: _Told, *, at: datetime) -> None:
    """Ask the register once more, with everything held; write when the answer is what was shown, else nothing."""
    subject = SUBJECTS[found.subject]
    lines = found.counts["rows"]
    told("comparing", 0, lines)
    subject.lock(db, found.id)
    subject.judge(db, found.id, paths=found.paths)
    if _digest(db, found.id) != found.shown:
        raise ImportOutdated()
    told("applying", 0, lines)
    subject.take_over(
        db,
        found.id,
        lines=lines,
        file_name=found.file["name"],
        by=(found.asked_by_id, found.asked_by),
        at=at,
        today=clock.today(at),
        told=lambda done: told("applying", done, lines),
    )
    told("telling", lines, lines)
    subject.tell(db, found.id, at=at, by=found.asked_by_id)
    _end(db, found, "applied", stage=None, done=lines, total=lines, ended_at=at)


def _judge_again(db: Connection, found: Row[Any], refusal: Refusal) -> None:
    """Show what differs now; the person confirms anew."""
    SUBJECTS[found.subject].judge(db, found.id, paths=found.paths)
    _end(
        db,
        found,
        "checked",
        stage=None,
        counts=_counts(db, found),
        shown=_digest(db, found.id),
        error={"code": refusal.code, "detail": str(refusal), "params": refusal.params},
    )
