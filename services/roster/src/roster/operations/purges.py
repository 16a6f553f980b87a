"""The purge of personal data of those who left: by a dated rule, never where something is open, with a report.

PIPL (个人信息保护法) article 19: data is kept no longer than its purpose needs; article 47: then it is deleted.
What the register and its history need stays: that somebody was a member, where, from when until when, their sex,
schooling and year of birth. The numbers, their blind indexes, the name and every word somebody wrote about them go.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock, jobs
from chassis.actors import Actor, Forbidden
from chassis.jobs import Job
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.roster.privacy import PurgePeople, PurgeReportView, PurgesView, SetPurgeRule
from sqlalchemy import Connection, text

from roster.queries import privacy
from roster.queries.accounts import parts_of

JOB: Final = "purge_people"
PART: Final = 200

_SET_RULE: Final = text(
    """
    INSERT INTO purge_rules AS kept (active_from, left_months, deceased_months, citation, set_at, set_by)
    VALUES (:active_from, :left_months, :deceased_months, :citation, :at, :by)
    ON CONFLICT (active_from) DO UPDATE
       SET left_months = excluded.left_months, deceased_months = excluded.deceased_months,
           citation = excluded.citation, set_at = excluded.set_at, set_by = excluded.set_by
    """
)
_PURGE: Final = text("SELECT purge_people(:purge, :at, :most)")


class ListChanged(Refusal):
    """{due} people are due now, not as many as the list showed; look at it again."""


class PurgeRuns(Refusal):
    """A purge is under way already; wait for its report."""


def set_rule(db: Connection, *, asked: SetPurgeRule, actor: Actor, at: datetime) -> PurgesView:
    """Say after how many months data is purged, from a day on. Raises Forbidden, TokenTooOld, InvalidInput."""
    _must_administer_all(db, actor=actor)
    actor.must_be_fresh(at)
    active_from = asked.active_from or clock.tomorrow(at)
    if active_from <= clock.today(at):
        raise InvalidInput({"active_from": ["A rule begins tomorrow at the earliest."]})
    db.execute(
        _SET_RULE,
        {
            "active_from": active_from,
            "left_months": asked.left_months,
            "deceased_months": asked.deceased_months,
            "citation": asked.citation,
            "at": at,
            "by": actor.person_id,
        },
    )
    return privacy.purges(db, actor=actor, at=at)


def ask(db: Connection, *, asked: PurgePeople, actor: Actor, at: datetime) -> PurgeReportView:
    """Have everybody purged who is due by the rule in force. Raises Forbidden, TokenTooOld, ListChanged, PurgeRuns."""
    _must_administer_all(db, actor=actor)
    actor.must_be_fresh(at)
    db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('the purge of people', 0))"))
    runs = text("SELECT EXISTS (SELECT FROM jobs WHERE kind = :kind AND state IN ('waiting', 'running'))")
    if db.execute(runs, {"kind": JOB}).scalar_one():
        raise PurgeRuns()
    due = privacy.due(db, parts=parts_of("read_purges", actor=actor), at=at)
    if due != asked.expected:
        raise ListChanged(due=due)
    left_before, deceased_before = privacy.limits(db, on=clock.today(at))
    purge_id = jobs.ask(db, JOB, params={}, at=at, asked_by=actor.person_id)
    db.execute(
        text(
            "INSERT INTO purges (id, asked_at, asked_by, left_before, deceased_before)"
            " VALUES (:id, :at, :by, :left_before, :deceased_before)"
        ),
        {
            "id": purge_id,
            "at": at,
            "by": actor.person_id,
            "left_before": left_before,
            "deceased_before": deceased_before,
        },
    )
    return report(db, purge_id, actor=actor)


def run(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Purge part after part; each is committed, so one that was interrupted goes on where it stopped."""
    done = 0
    while part := purge_part(db, job.id, at=at):
        db.commit()
        done += part
        job.progress(done, None)
    return {"persons": done}


def purge_part(db: Connection, purge_id: UUID, *, at: datetime, most: int = PART) -> int:
    """Purge at most so many people of a purge; returns how many."""
    return int(db.execute(_PURGE, {"purge": purge_id, "at": at, "most": most}).scalar_one())


def report(db: Connection, purge_id: UUID, *, actor: Actor) -> PurgeReportView:
    """Return the report of a purge. Raises Forbidden, NotFound."""
    parts_of("read_purges", actor=actor)
    found = privacy.reports(db, purge_id=purge_id)
    if not found:
        raise NotFound()
    return found[0]


def _must_administer_all(db: Connection, *, actor: Actor) -> None:
    roots = db.execute(text("SELECT path FROM organisations WHERE parent_id IS NULL")).scalars()
    if not any(actor.may("purge_people", organisation=root) for root in roots):
        raise Forbidden()
