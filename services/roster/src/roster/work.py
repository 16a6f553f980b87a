"""What the roster does by itself."""

from datetime import datetime

from chassis.work import Work
from sqlalchemy import Connection

from roster.operations import sessions

WORK = Work(service="roster")


@WORK.timer(every_s=300)
def sweep_sessions(db: Connection, *, at: datetime) -> None:
    """End idle sessions and forget old wrong passwords."""
    sessions.sweep(db, at=at)
