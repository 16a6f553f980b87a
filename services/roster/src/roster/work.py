"""What the roster does by itself."""

from datetime import datetime
from typing import Any

from chassis.jobs import Job
from chassis.work import Work
from sqlalchemy import Connection

from roster.operations import import_work, imports, registers, roster_exports, sealing, sessions, transfers

WORK = Work(service="roster")


@WORK.timer(every_s=300)
def sweep_sessions(db: Connection, *, at: datetime) -> None:
    """End idle sessions and forget old wrong passwords."""
    sessions.sweep(db, at=at)


@WORK.timer(every_s=600)
def expire_transfers(db: Connection, *, at: datetime) -> None:
    """End the letters of members that ran out, and tell both branches."""
    transfers.expire(db, at=at)


@WORK.job(sealing.JOB)
def seal_anew(db: Connection, job: Job, *, at: datetime) -> dict[str, int]:
    """Seal personal data with the newest key."""
    return sealing.run(db, job)


@WORK.job(registers.JOB)
def draw_register(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw a register of members for print."""
    return registers.draw(db, registers.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_registers(db: Connection, *, at: datetime) -> None:
    """Remove the registers whose week is over."""
    registers.forget(db, registers.store(), at=at)


@WORK.job(imports.JOB)
def work_on_import(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Read, look through or take over a file of members or organisations."""
    return import_work.run(db, imports.store(), job, at=at)


@WORK.job(roster_exports.JOB)
def export_roster(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Write members or organisations as a file."""
    return roster_exports.write(db, imports.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_imports(db: Connection, *, at: datetime) -> None:
    """Remove the rows and files of imports whose week is over."""
    imports.forget(db, imports.store(), at=at)
