"""The process *work* of the assessment: its timers; inbox acts and the relay come with the chassis."""

from datetime import datetime
from typing import Any

from chassis.jobs import Job
from chassis.pictures import sweep
from chassis.work import Work
from sqlalchemy import Connection

from assessment.operations import (
    burden,
    day_plans,
    evidence,
    joint_activities,
    lights,
    mending_files,
    record_pictures,
    record_prints,
    rectifications,
    review_papers,
    reviews,
    round_reports,
    rounds,
    simulations,
    slips,
    star_drawings,
    star_files,
    supervision_papers,
    task_making,
)
from assessment.queries.slips import files_referred

WORK = Work(service="assessment", together=lights.lit_together)


@WORK.timer(every_s=60)
def light_all(db: Connection, *, at: datetime) -> None:
    """Read the lights anew that the new day may have changed; all but the first runs of a day find none."""
    while lights.light_all(db, at=at) == lights.BATCH:
        db.commit()


@WORK.timer(every_s=60)
def freeze_months(db: Connection, *, at: datetime) -> None:
    """Freeze the lights of the month that is over."""
    lights.freeze(db, at=at)


@WORK.timer(every_s=60)
def make_tasks(db: Connection, *, at: datetime) -> None:
    """Make the month's tasks of branches that have none yet, or that have changed."""
    while task_making.make(db, at=at) == task_making.BATCH:
        db.commit()


@WORK.timer(every_s=15)
def make_added_tasks(db: Connection, *, at: datetime) -> None:
    """Make the tasks that officers gave to branches besides their lists."""
    task_making.make_added(db, at=at)


@WORK.timer(every_s=60)
def confirm_silent_parts(db: Connection, *, at: datetime) -> None:
    """Take the silence of branches that were asked about a joint activity for a yes, once their days are over."""
    joint_activities.confirm_silent(db, at=at)


@WORK.job(simulations.JOB)
def simulate_check(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Read the lights of a month that is over by other numbers."""
    return simulations.run(db, job, at=at)


@WORK.job(record_prints.JOB)
def print_record(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the paper form of a record."""
    return record_prints.draw(db, record_prints.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_record_prints(db: Connection, *, at: datetime) -> None:
    """Remove the paper forms whose week is over."""
    record_prints.forget(db, record_prints.store(), at=at)


@WORK.timer(every_s=3600)
def sweep_record_pictures(db: Connection, *, at: datetime) -> None:
    """Remove the picture files that no record refers to any more, a day after they were stored."""
    sweep(record_pictures.store(), record_pictures.referred(db), at=at)


@WORK.timer(every_s=60)
def count_burden(db: Connection, *, at: datetime) -> None:
    """Count what the platform asks of branches, this month and the one before, once a day."""
    burden.count(db, at=at)


@WORK.job(review_papers.JOB)
def draw_review_paper(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the form of a review, or the paper of a half-yearly meeting."""
    return review_papers.draw(db, review_papers.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_review_papers(db: Connection, *, at: datetime) -> None:
    """Remove the papers of reviews whose week is over."""
    review_papers.forget(db, review_papers.store(), at=at)


@WORK.timer(every_s=3600)
def sweep_review_reports(db: Connection, *, at: datetime) -> None:
    """Remove the files of reports that no review refers to any more, a day after they were stored."""
    sweep(reviews.store(), reviews.referred(db), at=at)


@WORK.timer(every_s=60)
def escalate_slips(db: Connection, *, at: datetime) -> None:
    """Tell those above of slips that are not answered."""
    while slips.escalate(db, at=at) == slips.BATCH:
        db.commit()


@WORK.job(supervision_papers.JOB)
def make_supervision_paper(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Make the document of a bulletin, a slip or a list."""
    return supervision_papers.make(db, supervision_papers.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_supervision_papers(db: Connection, *, at: datetime) -> None:
    """Remove the documents whose week is over."""
    supervision_papers.forget(db, supervision_papers.store(), at=at)


@WORK.timer(every_s=3600)
def sweep_slip_evidence(db: Connection, *, at: datetime) -> None:
    """Remove the files that no reply refers to, a day after they were stored."""
    sweep(slips.store(), files_referred(db), at=at)


@WORK.job(star_drawings.DRAW)
def draw_stars(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw a rating, or its next revision."""
    return star_drawings.draw(db, job, at=at)


@WORK.job(star_drawings.TRY)
def try_star_formula(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Calculate a rating again from its frozen facts."""
    return star_drawings.calculate_again(db, job, at=at)


@WORK.job(star_files.JOB)
def make_star_file(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw an organisation's sheet, or write a rating down so that anyone can repeat it."""
    return star_files.make(db, star_files.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_star_files(db: Connection, *, at: datetime) -> None:
    """Remove the files of ratings whose week is over."""
    star_files.forget(db, star_files.store(), at=at)


@WORK.timer(every_s=15)
def draw_rounds(db: Connection, *, at: datetime) -> None:
    """Draw the on-site rounds whose published instant has come."""
    rounds.draw_due(db, at=at)


@WORK.timer(every_s=5)
def plan_days(db: Connection, *, at: datetime) -> None:
    """Plan the days of the rounds for which that was asked."""
    day_plans.plan_due(db, at=at)


@WORK.job(round_reports.JOB)
def print_round_report(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the report of a visit."""
    return round_reports.draw(db, round_reports.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_round_reports(db: Connection, *, at: datetime) -> None:
    """Remove the reports whose week is over."""
    round_reports.forget(db, round_reports.store(), at=at)


@WORK.timer(every_s=3600)
def remind_of_mending(db: Connection, *, at: datetime) -> None:
    """Remind organisations of what they have to report mended within days."""
    rectifications.remind(db, at=at)


@WORK.job(mending_files.JOB)
def write_mending_file(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Write the register of problems as a workbook, or a draw's bulletin as PDF."""
    return mending_files.make(db, mending_files.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_mending_files(db: Connection, *, at: datetime) -> None:
    """Remove the workbooks and bulletins whose week is over."""
    mending_files.forget(db, mending_files.store(), at=at)


@WORK.timer(every_s=3600)
def sweep_evidence(db: Connection, *, at: datetime) -> None:
    """Remove the files that stand as evidence of nothing, a day after they were stored."""
    sweep(evidence.store(), evidence.referred(db), at=at)
