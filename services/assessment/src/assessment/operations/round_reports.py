"""The report of a visit (A9): sent to its organisation, acknowledged or disputed by it, decided on, printed."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.actors import Actor
from chassis.files import PDF, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import NotFound, Refusal
from contracts.assessment.round_visits import (
    REPORTS_FOLDER,
    AcknowledgeReport,
    DisputeReport,
    PrintReport,
    ReportPrintAsked,
    ReportPrintView,
    ReportsSent,
    RoundVisitAsked,
    RoundVisitView,
    SendReport,
    SendReports,
    SettleReport,
)
from contracts.envelope import StoredFile, load, plain
from sqlalchemy import Connection, Row, func, select

from assessment.domain.round_visits import CLOSED, SEEN_BY_BRANCH
from assessment.operations import notices
from assessment.operations.round_visits import (
    NothingApplies,
    RoundVisitNotMovable,
    keep_decision,
    locked_visit,
    move,
    must_be_marks,
)
from assessment.queries.round_visits import reckoned, round_visit, view_for, views, visit_named
from assessment.queries.round_visits import shown as shown_score
from assessment.queries.scopes import must_be_none_of
from assessment.tables.rounds import round_visits, rounds, visit_reports

JOB: Final = "print_round_report"
FILE_MAX_BYTES: Final = 16 * 1024 * 1024


class RoundReportNotReady(Refusal):
    """A report is printed once its visit is closed."""


class ReportPrintNotReady(Refusal):
    """This report is not drawn yet."""


class TooManyReportPrints(Refusal):
    """{most} reports of yours are being drawn; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyReportPrints, ("read_round_report", "assess_visit", "read_on_site_rounds"))


def store() -> FileStore:
    """Return the folder of the file store in which reports stand."""
    return store_in(REPORTS_FOLDER)


def send(db: Connection, *, asked: SendReport, actor: Actor, at: datetime) -> RoundVisitView:
    """Send the report of a closed visit to its organisation. Raises RoundVisitNotMovable, NotFound, Forbidden."""
    row = locked_visit(db, asked.visit_id, actor=actor)
    actor.must("judge_round_report", organisation=row.round_path)
    _send(db, [row], round_name=row.round_name, actor=actor, at=at)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def send_all(db: Connection, *, asked: SendReports, actor: Actor, at: datetime) -> ReportsSent:
    """Send the reports of all closed visits of a round. Raises NotFound, Forbidden."""
    found = db.execute(select(rounds).where(rounds.c.id == asked.round_id)).one_or_none()
    if found is None:
        raise NotFound()
    actor.must("judge_round_report", organisation=found.path)
    closed = db.execute(
        select(round_visits)
        .where(round_visits.c.round_id == found.id, round_visits.c.state == CLOSED)
        .order_by(round_visits.c.id)
        .with_for_update()
    ).all()
    _send(db, closed, round_name=found.name, actor=actor, at=at)
    return ReportsSent(found.id, len(closed))


def acknowledge(db: Connection, *, asked: AcknowledgeReport, actor: Actor, at: datetime) -> RoundVisitView:
    """Acknowledge the report with the organisation's word. Raises RoundVisitNotMovable, NotFound, Forbidden."""
    return _answer(db, asked.visit_id, "acknowledge", asked.word, actor=actor, at=at)


def dispute(db: Connection, *, asked: DisputeReport, actor: Actor, at: datetime) -> RoundVisitView:
    """Dispute the report with the reason. Raises RoundVisitNotMovable, NotFound, Forbidden."""
    return _answer(db, asked.visit_id, "dispute", asked.reason, actor=actor, at=at)


def settle(db: Connection, *, asked: SettleReport, actor: Actor, at: datetime) -> RoundVisitView:
    """Decide a dispute; where items count otherwise the score is reckoned anew.

    Raises RoundVisitNotMovable, NothingApplies, NotFound, Forbidden, InvalidInput.
    """
    row = locked_visit(db, asked.visit_id, actor=actor)
    actor.must("judge_round_report", organisation=row.round_path)
    must_be_none_of(db, actor, organisation_id=row.organisation_id, path=row.path)
    if row.state != "disputed":
        raise RoundVisitNotMovable(state=row.state, move="settle")
    must_be_marks(db, row.version_id, {one.item_id: one.points for one in asked.changes}, at="changes.")
    for one in asked.changes:
        keep_decision(db, row.id, one.item_id, one.points, reason=asked.decision[:200], actor=actor, at=at)
    view = views(db, [row], writes=False)[0]
    score = reckoned(view.criteria, view.items)
    if score is None:
        raise NothingApplies()
    kept = {"score": score.score, "steps": plain(shown_score(score))}
    told = {"decision": asked.decision, "score": score.score}
    move(db, row, "settle", actor=actor, at=at, told=asked.decision, kept=kept, **told)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)


def ask(db: Connection, *, asked: PrintReport, actor: Actor, at: datetime) -> ReportPrintView:
    """Have a report drawn as the actor sees it now.

    Raises RoundReportNotReady, TooManyReportPrints, NotFound, Forbidden.
    """
    seen = round_visit(db, asked=RoundVisitAsked(asked.visit_id, asked.report), actor=actor, at=at)
    if seen.score is None:
        raise RoundReportNotReady()
    return ReportPrintView(**FILES.ask(db, params={"visit": plain(seen), "by_name": actor.name}, actor=actor, at=at))


def draw(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the report of a job; returns the reference to its file."""
    from assessment.operations.round_report_pdf import as_pdf  # here, for the process that answers calls never draws

    visit: RoundVisitView = load(RoundVisitView, job.params["visit"])
    drawn = as_pdf(visit, drawn_at=at, drawn_by=job.params["by_name"], told=lambda page: job.progress(page, None))
    name = f"现场评估报告-{visit.name}-{visit.finished_on}.pdf"
    made: dict[str, Any] = plain(files.put(io.BytesIO(drawn), name=name, media_types={PDF}, max_bytes=FILE_MAX_BYTES))
    return made


def report_print(db: Connection, *, asked: ReportPrintAsked, actor: Actor, at: datetime) -> ReportPrintView:
    """Return how far one of one's own reports is. Raises NotFound."""
    return ReportPrintView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: ReportPrintAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own report. Raises NotFound, ReportPrintNotReady."""
    view = report_print(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise ReportPrintNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the reports whose week is over, and remove the files that none names; returns how many."""
    return FILES.forget(db, files, at=at)


def _send(db: Connection, rows: Sequence[Row[Any]], *, round_name: str, actor: Actor, at: datetime) -> None:
    """Send the reports of closed visits, and tell their organisations. Raises RoundVisitNotMovable."""
    for row in rows:
        move(db, row, "send", actor=actor, at=at)
    before = select(visit_reports.c.visit_id, func.count().label("number")).where(
        visit_reports.c.visit_id.in_([row.id for row in rows])
    )
    earlier = {row.visit_id: row.number for row in db.execute(before.group_by(visit_reports.c.visit_id))}
    told = [
        {
            "subject_id": row.id,
            "organisation_id": row.organisation_id,
            "facts": {"round": round_name},
            "occasion": str(earlier.get(row.id) or ""),
        }
        for row in rows
    ]
    notices.tell_many(db, kind="round_report_sent", at=at, told=told)


def _answer(db: Connection, visit_id: UUID, name: str, word: str, *, actor: Actor, at: datetime) -> RoundVisitView:
    row = locked_visit(db, visit_id, actor=actor)
    actor.must("answer_round_report", organisation=row.path)
    if row.state not in SEEN_BY_BRANCH:
        raise NotFound()
    move(db, row, name, actor=actor, at=at, told=word, word=word)
    return view_for(db, visit_named(db, row.id, actor=actor), actor=actor)
