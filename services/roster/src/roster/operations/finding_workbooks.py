"""The findings of a part of the tree as a workbook: asked for, written by *work*, kept for a week for whoever asked."""

import tempfile
from datetime import datetime
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor
from chassis.files import XLSX, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import NotFound
from chassis.workbooks import workbook as new_workbook
from contracts.envelope import StoredFile, plain
from contracts.roster.findings import (
    FINDING_WORKBOOKS_FOLDER,
    FindingWorkbookAsked,
    FindingWorkbookView,
    MakeFindingWorkbook,
)
from sqlalchemy import Connection, text

from roster.domain.findings import FindingWorkbookNotReady, TooManyFindingWorkbooks
from roster.queries.findings import listed, narrowed, row_view
from roster.queries.organisations import name_of, path_the_actor_may

JOB: Final = "write_findings"
FILES: Final = MadeFiles(JOB, TooManyFindingWorkbooks)
ROWS_MAX: Final = 1_000_000
PART: Final = 5_000
FILE_MAX_BYTES: Final = 128 * 1024 * 1024
COLUMNS: Final = ("上级党组织", "党组织", "类别", "领域", "程度", "规则", "为什么", "如何整改", "开始日期", "依据")
WIDTHS: Final = (24, 30, 12, 12, 8, 36, 44, 44, 12, 40)
_KINDS: Final = {
    "committee": "党委",
    "working_committee": "党工委",
    "leading_group": "党组",
    "general_branch": "党总支",
    "branch": "党支部",
    "joint_branch": "联合党支部",
}
_FIELDS: Final = {
    "rural": "农村",
    "community": "社区",
    "government": "机关",
    "public_institution": "事业单位",
    "state_owned": "国有企业",
    "private": "非公有制企业",
    "social_organisation": "社会组织",
    "school": "学校",
    "hospital": "医院",
}
_SEVERITIES: Final = {"breach": "不符合", "remark": "提示"}


def store() -> FileStore:
    """Return the folder of the file store in which these workbooks stand."""
    return store_in(FINDING_WORKBOOKS_FOLDER)


def ask(db: Connection, *, asked: MakeFindingWorkbook, actor: Actor, at: datetime) -> FindingWorkbookView:
    """Have the open findings written down, narrowed as the list is. Raises NotFound, Forbidden,
    TooManyFindingWorkbooks."""
    path = path_the_actor_may(db, "export_findings", asked.organisation_id, actor=actor)
    where, values = narrowed(db, asked, path=path)
    if asked.rule:
        where.append("f.rule = :rule")
        values["rule"] = asked.rule
    name = name_of(db, asked.organisation_id)
    params = {"name": name, "where": where, "values": values}
    return FindingWorkbookView(**FILES.ask(db, params=params, actor=actor, at=at))


def write(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Write the workbook of a job; returns the reference to its file."""
    where, values = job.params["where"], job.params["values"]
    counted = f"SELECT count(*) FROM findings f WHERE f.closed_on IS NULL AND {' AND '.join(where)}"  # noqa: S608
    total = int(db.execute(text(counted), values).scalar_one())
    with tempfile.TemporaryFile() as made:
        with new_workbook(made) as book:
            bold = book.add_format({"bold": True})
            sheet = book.add_worksheet("设置问题")
            for column, (title, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, title, bold)
            sheet.freeze_panes(1, 0)
            done = 0
            after: dict[str, Any] | None = None
            while done < ROWS_MAX:
                cut: list[str] = [] if after is None else ["(f.path, f.rule) > (:after, :after_rule)"]
                given = {**values, "limit": PART, **(after or {})}
                rows = listed(db, [*where, *cut], given)
                for row in rows:
                    done += 1
                    for column, cell in enumerate(_cells(row)):
                        sheet.write_string(done, column, cell)
                job.progress(done, total)
                if len(rows) < PART:
                    break
                after = {"after": rows[-1].path, "after_rule": rows[-1].rule}
            sheet.autofilter(0, 0, max(done, 1), len(COLUMNS) - 1)
        made.seek(0)
        stored = files.put(
            made,
            name=f"设置问题-{job.params['name']}-{clock.today(at)}.xlsx",
            media_types={XLSX},
            max_bytes=FILE_MAX_BYTES,
        )
    reference: dict[str, Any] = plain(stored)
    return reference


def _cells(row: Any) -> list[str]:
    view = row_view(row)
    found = view.finding
    return [
        view.above_name or "",
        view.organisation_name,
        _KINDS.get(view.kind, view.kind),
        _FIELDS.get(view.field, view.field),
        _SEVERITIES.get(found.severity, found.severity),
        found.title_zh,
        found.why_zh,
        found.mend_zh,
        found.opened_on.isoformat() if found.opened_on else "",
        found.citation,
    ]


def workbook(db: Connection, *, asked: FindingWorkbookAsked, actor: Actor, at: datetime) -> FindingWorkbookView:
    """Return how far one of one's own workbooks is. Raises NotFound."""
    if not actor.paths_for("export_findings"):
        raise NotFound()
    return FindingWorkbookView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: FindingWorkbookAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own workbook. Raises NotFound, FindingWorkbookNotReady."""
    view = workbook(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise FindingWorkbookNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the workbooks whose week is over, and remove the files that none names; returns how many."""
    return FILES.forget(db, files, at=at)
