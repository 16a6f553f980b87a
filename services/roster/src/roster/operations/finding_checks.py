"""The nightly check of everything: what breaks by the passing of days or by a new version of a rule, and proof that
nothing had drifted.

Asked for once a day, done in parts of PART organisations, each in its own transaction; begun again after a crash it
goes on with nothing lost, for a part that was checked finds nothing more to do. What it finds that neither the day nor
a new version explains is a fault of ours: it is mended, counted as drift, and logged as an error.
"""

import logging
from datetime import datetime
from typing import Any, Final

from chassis import clock, jobs
from chassis.jobs import Job
from sqlalchemy import Connection, text

from roster.operations.findings import lock, measure
from roster.queries.setting_rules import in_force

log = logging.getLogger(__name__)

JOB: Final = "check_findings"
PART: Final = 2000

_BEGIN: Final = text("INSERT INTO finding_checks (checked_on, started_at) VALUES (:today, :at) ON CONFLICT DO NOTHING")
_NEXT: Final = text("SELECT id, path FROM organisations WHERE path > :after ORDER BY path LIMIT :part")
# The counts in the rows, the place of each node under its parent, and the newest version of its history say the same.
_RECOUNT: Final = text(
    """
    WITH counted AS (
        SELECT o.id, c.* FROM organisations o CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE m.status = 'full') AS members_full,
                   count(*) FILTER (WHERE m.status = 'probationary') AS members_probationary
            FROM members m WHERE m.branch_id = o.id
        ) c WHERE o.id = ANY(:ids)
    )
    UPDATE organisations o
       SET members_full = c.members_full, members_probationary = c.members_probationary
      FROM counted c WHERE c.id = o.id
       AND (o.members_full, o.members_probationary) <> (c.members_full, c.members_probationary)
    """
)
_MISPLACED: Final = text(
    """
    SELECT count(*) FROM organisations o
    LEFT JOIN organisations p ON p.id = o.parent_id
    LEFT JOIN LATERAL (SELECT name, kind, path, parent_id, dissolved FROM organisation_history
                        WHERE organisation_id = o.id ORDER BY version DESC LIMIT 1) h ON true
    WHERE o.id = ANY(:ids)
      AND (o.path IS DISTINCT FROM CASE WHEN o.parent_id IS NULL THEN o.code ELSE p.path || '.' || o.code END
           OR (h.name, h.kind, h.path, h.dissolved)
              IS DISTINCT FROM (o.name, o.kind, o.path, o.dissolved_on IS NOT NULL))
    """
)


def ask(db: Connection, *, at: datetime) -> bool:
    """Have everything checked, once a day; says whether it was asked for now."""
    today = clock.today(at)
    if db.execute(_BEGIN, {"today": today, "at": at}).rowcount == 0:
        return False
    jobs.ask(db, JOB, params={"on": today.isoformat()}, at=at)
    return True


def run(db: Connection, job: Job, *, at: datetime) -> dict[str, Any]:
    """Check every organisation; returns what was found."""
    total = int(db.execute(text("SELECT count(*) FROM organisations")).scalar_one())
    return check_all(db, at=at, told=lambda done: job.progress(done, total))


def check_all(db: Connection, *, at: datetime, told: Any = lambda done: None) -> dict[str, Any]:
    """Check every organisation, part by part, and write down what was found; commits after each part."""
    today = clock.today(at)
    db.execute(_BEGIN, {"today": today, "at": at})
    db.commit()
    sums = {"organisations": 0, "opened": 0, "closed": 0, "drifted": 0}
    after = ""
    while True:
        rows = db.execute(_NEXT, {"after": after, "part": PART}).all()
        if not rows:
            break
        ids = [row.id for row in rows]
        checked = lock(db, ids)
        drifted = db.execute(_RECOUNT, {"ids": ids}).rowcount
        drifted += int(db.execute(_MISPLACED, {"ids": ids}).scalar_one())
        found = measure(db, checked, at=at, known_rules=in_force(db, on=today))
        drifted += found.strange
        if drifted:
            log.error("%s of the organisations up to %s had drifted.", drifted, rows[-1].path)
        for name, number in (
            ("organisations", len(ids)),
            ("opened", found.opened),
            ("closed", found.closed),
            ("drifted", drifted),
        ):
            sums[name] += number
        after = rows[-1].path
        db.commit()
        told(sums["organisations"])
    db.execute(
        text(
            "UPDATE finding_checks SET ended_at = clock_timestamp(), organisations = :organisations, opened = :opened,"
            " closed = :closed, drifted = :drifted WHERE checked_on = :today"
        ),
        {**sums, "today": today},
    )
    return sums
