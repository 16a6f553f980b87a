"""The statutory register of members for print: asked for, drawn by *work*, kept for a week for whoever asked.

The right is judged when it is asked for, with the grants of then; no sealed number stands in it.
"""

import io
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.files import PDF, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import Refusal
from contracts.envelope import StoredFile, plain
from contracts.roster.stocktakes import REGISTERS_FOLDER, MakeRegister, RegisterAsked, RegisterView
from sqlalchemy import Connection, text

from roster.operations.views import keep_list
from roster.queries.members import rows_on
from roster.queries.organisations import name_of, path_the_actor_may
from roster.queries.stocktakes import statistics_of

JOB: Final = "draw_register"
MEMBERS_MAX: Final = 60_000
FILE_MAX_BYTES: Final = 64 * 1024 * 1024


class RegisterNotReady(Refusal):
    """This register is not drawn yet."""


class TooManyRegisters(Refusal):
    """{most} registers of yours are being drawn; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyRegisters)


def store() -> FileStore:
    """Return the folder of the file store in which registers stand."""
    return store_in(REGISTERS_FOLDER)


def ask(db: Connection, *, asked: MakeRegister, actor: Actor, at: datetime) -> RegisterView:
    """Have a register drawn as it was on a day. Raises NotFound, Forbidden, TooManyRegisters."""
    path = path_the_actor_may(db, "make_register", asked.organisation_id, actor=actor)
    name = name_of(db, asked.organisation_id)
    on = asked.on or clock.today(at)
    params = {
        "organisation_id": str(asked.organisation_id),
        "name": name,
        "path": path,
        "on": on.isoformat(),
        "by_name": actor.name,
    }
    waiting = FILES.ask(db, params=params, actor=actor, at=at)
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
    return RegisterView(**waiting)


def draw(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the register of a job; returns the reference to its file."""
    from roster.operations.register_pdf import Register, as_pdf  # here, for the process that answers calls never draws

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
    return RegisterView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: RegisterAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own register. Raises NotFound, RegisterNotReady."""
    view = register(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise RegisterNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the registers whose week is over, and remove the files that no register names; returns how many."""
    return FILES.forget(db, files, at=at)
