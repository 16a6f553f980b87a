"""The process *work* of the assessment: its timers; inbox acts and the relay come with the chassis."""

from datetime import datetime

from chassis.work import Work
from sqlalchemy import Connection

from assessment.operations import joint_activities, lights

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
def confirm_silent_parts(db: Connection, *, at: datetime) -> None:
    """Take the silence of branches that were asked about a joint activity for a yes, once their days are over."""
    joint_activities.confirm_silent(db, at=at)
