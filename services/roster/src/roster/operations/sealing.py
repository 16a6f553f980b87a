"""Seal personal data anew after a new key was put in front: asked for by an administrator, worked by *work*.

`python -m roster.sealing` does the same at once, for whoever rotates the keys by hand.
"""

from datetime import datetime
from typing import Final

from chassis import jobs
from chassis.actors import Actor
from chassis.jobs import Job
from chassis.refusals import NotFound
from contracts.roster.members import SealingAsked, SealingView
from sqlalchemy import Connection

from roster.operations.people import seal_anew, stale

JOB: Final = "seal_anew"
PART: Final = 500


def ask(db: Connection, *, actor: Actor, at: datetime) -> SealingView:
    """Have everything sealed anew. Raises Forbidden, TokenTooOld."""
    actor.must("seal_anew")
    actor.must_be_fresh(at)
    job_id = jobs.ask(db, JOB, params={}, at=at, asked_by=actor.person_id)
    return SealingView(job_id, "waiting", 0, stale(db))


def state(db: Connection, *, asked: SealingAsked, actor: Actor) -> SealingView:
    """Return how far a sealing is. Raises Forbidden, NotFound."""
    actor.must("seal_anew")
    job = jobs.find(db, asked.job_id)
    if job is None or job.kind != JOB:
        raise NotFound()
    return SealingView(job.id, job.state, job.done, job.total)


def run(db: Connection, job: Job) -> dict[str, int]:
    """Seal part after part; each is committed, so one that was interrupted goes on where it stopped."""
    total, done = stale(db), 0
    while part := seal_anew(db, part=PART):
        db.commit()
        done += part
        job.progress(done, max(total, done))
    return {"sealed": done}
