"""Files about problems that *work* makes: the register as a workbook, the naming bulletin of a draw as PDF."""

import io
import tempfile
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.files import PDF, XLSX, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import NotFound, Refusal
from contracts.assessment.inspections import SampleBulletinView
from contracts.assessment.mending_files import (
    MENDING_FILES_FOLDER,
    DrawSampleBulletin,
    MakeProblemWorkbook,
    MendingFileAsked,
    MendingFileView,
)
from contracts.assessment.problems import ProblemsAsked
from contracts.envelope import StoredFile, load, plain
from sqlalchemy import Connection, Row

from assessment.queries import problems, samples
from assessment.tables.problems import problems as problems_

JOB: Final = "write_mending_file"
ROWS_MAX: Final = 1_000_000
PART: Final = 2_000
FILE_MAX_BYTES: Final = 128 * 1024 * 1024

COLUMNS: Final = (
    *("上级党组织", "党组织", "问题类别", "问题", "发现日期", "来源", "检查人员", "状态"),
    *("整改措施", "责任人", "整改期限", "是否逾期", "上报日期", "验收日期", "退回次数", "亮牌"),
)
WIDTHS: Final = (24, 30, 22, 50, 12, 14, 20, 10, 40, 14, 12, 10, 12, 12, 10, 8)
_SOURCES: Final = {
    "round_visit": "现场评估",
    "spot_check": "随机抽查",
    "superior_inspection": "上级巡察督查",
    "supervision": "督查月",
    "sampling": "第三方抽查",
    "light": "智能体检",
}
_STATES: Final = {"open": "待整改", "mending": "整改中", "mended": "已整改", "withdrawn": "已撤销"}
_COLOURS: Final = {"yellow": "黄牌", "orange": "橙牌", "red": "红牌"}


class MendingFileNotReady(Refusal):
    """This file is not made yet."""


class TooManyMendingFiles(Refusal):
    """{most} files of yours are being made; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyMendingFiles, ("export_problems",))


def store() -> FileStore:
    """Return the folder of the file store in which these files stand."""
    return store_in(MENDING_FILES_FOLDER)


def ask_workbook(db: Connection, *, asked: MakeProblemWorkbook, actor: Actor, at: datetime) -> MendingFileView:
    """Have the register written down, narrowed as the list is. Raises NotFound, Forbidden, TooManyMendingFiles."""
    paths, above = problems.places(db, asked.organisation_id, actor=actor, action="export_problems")
    params = {"paths": paths, "name": above.name if above else "全部", "asked": plain(asked)}
    return _asked(db, params, actor=actor, at=at)


def ask_bulletin(db: Connection, *, asked: DrawSampleBulletin, actor: Actor, at: datetime) -> MendingFileView:
    """Have a draw's bulletin drawn. Raises NotFound for a draw that was not drawn, Forbidden, TooManyMendingFiles."""
    row = samples.row_of(db, asked.sample_id)
    if row is None:
        raise NotFound()
    actor.must("export_problems", organisation=row.path)
    if row.drawn_at is None:
        raise NotFound()
    return _asked(db, {"sample_id": str(row.id)}, actor=actor, at=at)


def make(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make the file of a job; returns the reference to it."""
    made = _bulletin(db, files, job, at=at) if "sample_id" in job.params else _workbook(db, files, job, at=at)
    reference: dict[str, Any] = plain(made)
    return reference


def mending_file(db: Connection, *, asked: MendingFileAsked, actor: Actor, at: datetime) -> MendingFileView:
    """Return how far one of one's own files is. Raises NotFound."""
    return MendingFileView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: MendingFileAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to one's own file. Raises NotFound, MendingFileNotReady."""
    view = mending_file(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise MendingFileNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the files whose week is over, and remove those that nothing names; returns how many."""
    return FILES.forget(db, files, at=at)


def _asked(db: Connection, params: dict[str, Any], *, actor: Actor, at: datetime) -> MendingFileView:
    return MendingFileView(**FILES.ask(db, params=params, actor=actor, at=at))


def _workbook(db: Connection, files: FileStore, job: Job, *, at: datetime) -> StoredFile:
    from chassis.workbooks import workbook as new_workbook  # here, for the process that answers calls never draws

    asked = load(MakeProblemWorkbook, job.params["asked"])
    today = clock.today(at)
    narrowed = ProblemsAsked(
        kind=asked.kind, source=asked.source, state=asked.state, from_day=asked.from_day, until_day=asked.until_day
    )
    statement = problems.of_places(narrowed, job.params["paths"], today=today)
    of, kinds, sources = problems_.c, dict[str, int](), dict[str, int]()
    with tempfile.TemporaryFile() as made:
        with new_workbook(made) as book:
            bold = book.add_format({"bold": True})
            sheet = book.add_worksheet("问题台账")
            for column, (title, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, title, bold)
            sheet.freeze_panes(1, 0)
            done, part = 0, statement.order_by(of.found_on, of.id)
            for row in db.execute(part.limit(ROWS_MAX).execution_options(yield_per=PART)):
                done += 1
                for column, cell in enumerate(_cells(row, today=today)):
                    sheet.write_string(done, column, cell)
                kinds[row.kind_name] = kinds.get(row.kind_name, 0) + 1
                sources[_SOURCES[row.source]] = sources.get(_SOURCES[row.source], 0) + 1
                if done % PART == 0:
                    job.progress(done, None)
            sheet.autofilter(0, 0, max(done, 1), len(COLUMNS) - 1)
            _counts(book, bold, {"按问题类别": kinds, "按来源": sources})
        made.seek(0)
        name = f"问题台账-{job.params['name']}-{today}.xlsx"
        return files.put(made, name=name, media_types={XLSX}, max_bytes=FILE_MAX_BYTES)


def _counts(book: Any, bold: Any, tables: dict[str, dict[str, int]]) -> None:
    sheet = book.add_worksheet("分类统计")
    sheet.set_column(0, 0, 32)
    line = 0
    for title, counts in tables.items():
        sheet.write_string(line, 0, title, bold)
        sheet.write_string(line, 1, "个数", bold)
        for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
            line += 1
            sheet.write_string(line, 0, name)
            sheet.write_number(line, 1, count)
        line += 2


def _cells(row: Row[Any], *, today: date) -> list[str]:
    owed = row.mending_state in ("open", "returned") and row.deadline < today
    return [
        row.superior or "",
        row.organisation_name,
        row.kind_name,
        row.text,
        str(row.found_on),
        _SOURCES[row.source],
        row.found_by or "",
        _STATES[row.state],
        row.measures or "",
        row.in_charge or "",
        str(row.deadline or ""),
        "逾期" if owed else "",
        str(row.reported_on or ""),
        str(row.accepted_on or ""),
        str(row.returned) if row.rectification_id else "",
        _COLOURS[row.card_colour] if row.card_colour and row.card_state != "lifted" else "",
    ]


def _bulletin(db: Connection, files: FileStore, job: Job, *, at: datetime) -> StoredFile:
    from assessment.operations.sample_bulletins import as_pdf

    row = samples.row_of(db, UUID(job.params["sample_id"]))
    if row is None:
        raise NotFound()
    told = load(SampleBulletinView, row.bulletin) if row.bulletin else samples.bulletin_of(db, row.id, at=at)
    db.commit()  # drawing takes longer than reading; no snapshot is held meanwhile
    drawn = as_pdf(
        told,
        kind=row.kind,
        name=row.name,
        organisation=row.organisation_name,
        third_party=row.third_party,
        days=(row.from_day, row.until_day),
        issued_on=clock.today(row.closed_at) if row.closed_at else None,
        told=lambda page: job.progress(page, None),
    )
    name = f"{row.name}-{'通报' if row.kind == 'supervision' else '情况反馈'}.pdf"
    return files.put(io.BytesIO(drawn), name=name, media_types={PDF}, max_bytes=FILE_MAX_BYTES)
