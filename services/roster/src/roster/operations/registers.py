"""The statutory register of members for print: asked for, drawn by *work*, kept for a week for whoever asked.

The right is judged when it is asked for, with the grants of then; no sealed number stands in it.
"""

import io
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from chassis import clock, jobs
from chassis.actors import Actor
from chassis.files import PDF, FileStore
from chassis.jobs import Job, JobView
from chassis.pictures import sweep
from chassis.refusals import NotFound, Refusal
from contracts.envelope import StoredFile, plain
from contracts.roster.stocktakes import REGISTERS_FOLDER, MakeRegister, RegisterAsked, RegisterView
from sqlalchemy import Connection, text

from roster.operations.register_pdf import Register, as_pdf
from roster.operations.views import keep_list
from roster.queries.members import rows_on
from roster.queries.organisations import path_the_actor_may
from roster.queries.stocktakes import statistics_of

JOB: Final = "draw_register"
KEPT: Final = timedelta(days=7)
AT_ONCE_MAX: Final = 3
MEMBERS_MAX: Final = 60_000
FILE_MAX_BYTES: Final = 64 * 1024 * 1024


class RegisterNotReady(Refusal):
    """This register is not drawn yet."""


class TooManyRegisters(Refusal):
    """{most} registers of yours are being drawn; wait for one of them."""


def store() -> FileStore:
    """Return the folder of the file store in which registers stand."""
    return FileStore(Path(os.environ["FILE_STORE"]) / REGISTERS_FOLDER)


def ask(db: Connection, *, asked: MakeRegister, actor: Actor, at: datetime) -> RegisterView:
    """Have a register drawn as it was on a day. Raises NotFound, Forbidden, TooManyRegisters."""
    path = path_the_actor_may(db, "make_register", asked.organisation_id, actor=actor)
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"register {actor.person_id}"})
    waiting = db.execute(
        text("SELECT count(*) FROM jobs WHERE kind = :kind AND asked_by = :by AND state IN ('waiting', 'running')"),
        {"kind": JOB, "by": actor.person_id},
    ).scalar_one()
    if waiting >= AT_ONCE_MAX:
        raise TooManyRegisters(most=AT_ONCE_MAX)
    name = db.execute(text("SELECT name FROM organisations WHERE id = :id"), {"id": asked.organisation_id}).scalar_one()
    on = asked.on or clock.today(at)
    params = {
        "organisation_id": str(asked.organisation_id),
        "name": name,
        "path": path,
        "on": on.isoformat(),
        "by_name": actor.name,
    }
    job_id = jobs.ask(db, JOB, params=params, at=at, asked_by=actor.person_id)
    keep_list(
        db,
        "register",
        organisation_id=asked.organisation_id,
        path=path,
        action="make_register",
        on=on,
        actor=actor,
        at=at,
    )
    return RegisterView(
        id=job_id,
        state="waiting",
        done=0,
        total=None,
        asked_at=at,
        file=None,
        error=None,
    )


def draw(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the register of a job; returns the reference to its file."""
    on = date.fromisoformat(job.params["on"])
    path, name = job.params["path"], job.params["name"]
    db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"))
    rows = rows_on(db, path, on=on, most=MEMBERS_MAX)
    counts = statistics_of(db, UUID(job.params["organisation_id"]), name=name, path=path, on=on)
    # Drawing takes longer than reading; no snapshot is held meanwhile.
    db.commit()
    register = Register(name=name, on=on, drawn_at=at, drawn_by=job.params["by_name"], rows=rows, counts=counts)
    drawn = as_pdf(register, told=lambda page: job.progress(page, None))
    stored = files.put(io.BytesIO(drawn), name=f"党员名册-{name}-{on}.pdf", media_types={PDF}, max_bytes=FILE_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def register(db: Connection, *, asked: RegisterAsked, actor: Actor, at: datetime) -> RegisterView:
    """Return how far one of one's own registers is. Raises NotFound."""
    return _view(_own(db, asked.job_id, actor=actor, at=at))


def file_of(db: Connection, *, asked: RegisterAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own register. Raises NotFound, RegisterNotReady."""
    view = register(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise RegisterNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the registers whose week is over, and remove the files that no register names; returns how many."""
    db.execute(
        text("DELETE FROM jobs WHERE kind = :kind AND asked_at <= :before AND state IN ('done', 'failed')"),
        {"kind": JOB, "before": at - KEPT},
    )
    named = db.execute(
        text("SELECT result ->> 'sha256' FROM jobs WHERE kind = :kind AND state = 'done'"), {"kind": JOB}
    )
    return sweep(files, set(named.scalars()), at=at)


def _own(db: Connection, job_id: UUID, *, actor: Actor, at: datetime) -> JobView:
    job = jobs.find(db, job_id)
    if job is None or job.kind != JOB or job.asked_by != actor.person_id or job.asked_at <= at - KEPT:
        raise NotFound()
    return job


def _view(job: JobView) -> RegisterView:
    return RegisterView(
        id=job.id,
        state=job.state,
        done=job.done,
        total=job.total,
        asked_at=job.asked_at,
        file=StoredFile(**job.result) if job.state == "done" else None,
        error=job.error if job.state == "failed" else None,
    )
