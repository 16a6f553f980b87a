"""A file that *work* makes for a person: asked for, made by a job, kept for some days for whoever asked.

The right is judged when it is asked for; the file is given out while the asker still holds each role that they asked
with (`rights` names the actions whose roles these are). The job's result is the reference to the file (`StoredFile`,
plain).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from contracts.envelope import StoredFile
from contracts.rights import RIGHTS
from sqlalchemy import Connection, text

from chassis import jobs
from chassis.actors import Actor
from chassis.files import FileStore
from chassis.jobs import JobView
from chassis.pictures import sweep
from chassis.refusals import NotFound, Refusal

KEPT: Final = timedelta(days=7)
AT_ONCE_MAX: Final = 3

_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_WAITING: Final = text(
    "SELECT count(*) FROM jobs WHERE kind = :kind AND asked_by = :by AND state IN ('waiting', 'running')"
)
_FORGET: Final = text("DELETE FROM jobs WHERE kind = :kind AND asked_at <= :before AND state IN ('done', 'failed')")
_HELD: Final = text("SELECT params -> 'held' FROM jobs WHERE id = :id")
_NAMED: Final = text("SELECT result ->> 'sha256' FROM jobs WHERE kind = :kind AND state = 'done'")


@dataclass(frozen=True)
class MadeFiles:
    """The files of one kind of job; `too_many` is refused with `most` while so many of a person's are being made."""

    job: str
    too_many: type[Refusal]
    rights: tuple[str, ...] = ()
    most: int = AT_ONCE_MAX

    def ask(self, db: Connection, *, params: dict[str, Any], actor: Actor, at: datetime) -> dict[str, Any]:
        """Have a file made, and return how far it is, as `shown` does. Raises `too_many`."""
        db.execute(_ALONE, {"key": f"{self.job} {actor.person_id}"})
        if db.execute(_WAITING, {"kind": self.job, "by": actor.person_id}).scalar_one() >= self.most:
            raise self.too_many(most=self.most)
        held = {"held": self._held(actor)} if self.rights else {}
        job_id = jobs.ask(db, self.job, params={**params, **held}, at=at, asked_by=actor.person_id)
        return {
            "id": job_id,
            "state": "waiting",
            "done": 0,
            "total": None,
            "asked_at": at,
            "file": None,
            "error": None,
        }

    def own(self, db: Connection, job_id: UUID, *, actor: Actor, at: datetime) -> JobView:
        """Return the job of a file that the actor asked for and that is still kept. Raises NotFound."""
        job = jobs.find(db, job_id)
        if job is None or job.kind != self.job or job.asked_by != actor.person_id or job.asked_at <= at - KEPT:
            raise NotFound()
        if self.rights:
            held = db.execute(_HELD, {"id": job_id}).scalar_one() or []
            if not all(one in self._held(actor) for one in held):
                raise NotFound()
        return job

    def _held(self, actor: Actor) -> list[list[str]]:
        """Return the grants by which the actor may do what such files are made for."""
        roles = {role for action in self.rights for role in RIGHTS[action]}
        return sorted([one.role, one.path] for one in actor.grants if one.role in roles)

    def forget(self, db: Connection, files: FileStore, *, at: datetime) -> int:
        """Forget what was asked for too long ago, and remove the files that nothing names; returns how many."""
        db.execute(_FORGET, {"kind": self.job, "before": at - KEPT})
        return sweep(files, set(db.execute(_NAMED, {"kind": self.job}).scalars()), at=at)


def shown(job: JobView) -> dict[str, Any]:
    """Return how far it is, as the views of such files have it; `file` is None until it is there."""
    return {
        "id": job.id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "asked_at": job.asked_at,
        "file": StoredFile(**job.result) if job.state == "done" else None,
        "error": job.error if job.state == "failed" else None,
    }
