"""The process *work* of the assessment: its timers; inbox acts and the relay come with the chassis."""

from datetime import datetime

from chassis.work import Work
from sqlalchemy import Connection

from assessment.operations import lights, task_making

WORK = Work(service="assessment")


@WORK.timer(every_s=60)
def light_all(db: Connection, *, at: datetime) -> None:
    """Read the lights anew that the new day may have changed; all but the first runs of a day find none."""
    lights.light_all(db, at=at)


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
