"""What the roster does by itself."""

from datetime import datetime
from typing import Any

from chassis.jobs import Job
from chassis.work import Work
from sqlalchemy import Connection

from roster.operations import (
    dues,
    dues_documents,
    finding_checks,
    finding_workbooks,
    import_work,
    imports,
    provider_sign_ins,
    purges,
    registers,
    roster_exports,
    sealing,
    sessions,
    standings,
    terms,
    transfers,
)

WORK = Work(service="roster")


@WORK.timer(every_s=300)
def sweep_sessions(db: Connection, *, at: datetime) -> None:
    """End idle sessions; forget old wrong passwords, and sign-ins at a provider that nobody came back from."""
    sessions.sweep(db, at=at)
    provider_sign_ins.sweep(db, at=at)


@WORK.timer(every_s=600)
def expire_transfers(db: Connection, *, at: datetime) -> None:
    """End the letters of members that ran out, and tell both branches."""
    transfers.expire(db, at=at)


@WORK.timer(every_s=15)
def tell_standings(db: Connection, *, at: datetime) -> None:
    """Tell how branches stand whose dues or findings changed."""
    while standings.tell_noted(db, at=at) == standings.PART:
        db.commit()


@WORK.timer(every_s=3600)
def warn_of_terms(db: Connection, *, at: datetime) -> None:
    """Tell which terms end within half a year, and which are over."""
    terms.warn(db, at=at)


@WORK.job(sealing.JOB)
def seal_anew(db: Connection, job: Job, *, at: datetime) -> dict[str, int]:
    """Seal personal data with the newest key."""
    return sealing.run(db, job)


@WORK.job(registers.JOB)
def draw_register(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw a register of members for print."""
    return registers.draw(db, registers.store(), job, at=at)


@WORK.job(purges.JOB)
def purge_people(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Purge the personal data of those whose time is over."""
    return purges.run(db, job, at=at)


@WORK.timer(every_s=3600)
def forget_registers(db: Connection, *, at: datetime) -> None:
    """Remove the registers whose week is over."""
    registers.forget(db, registers.store(), at=at)


@WORK.timer(every_s=600)
def check_findings_daily(db: Connection, *, at: datetime) -> None:
    """Have every organisation measured by the setting rules of the day, once a day."""
    finding_checks.ask(db, at=at)


@WORK.job(finding_checks.JOB)
def check_findings(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Measure every organisation by the setting rules of the day."""
    return finding_checks.run(db, job, at=at)


@WORK.job(finding_workbooks.JOB)
def write_findings(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Write findings into a workbook."""
    return finding_workbooks.write(db, finding_workbooks.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_finding_workbooks(db: Connection, *, at: datetime) -> None:
    """Remove the workbooks of findings whose week is over."""
    finding_workbooks.forget(db, finding_workbooks.store(), at=at)


@WORK.timer(every_s=300)
def assess_dues(db: Connection, *, at: datetime) -> None:
    """Reckon the month's dues of the branches where that has not been done."""
    dues.assess_due(db, at=at)


@WORK.job(dues_documents.JOB)
def draw_dues(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw receipts, a statement or sums of dues."""
    return dues_documents.draw(db, dues_documents.store(), job, at=at)


@WORK.timer(every_s=3600)
def forget_dues_documents(db: Connection, *, at: datetime) -> None:
    """Remove the documents of dues whose week is over."""
    dues_documents.forget(db, dues_documents.store(), at=at)


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
