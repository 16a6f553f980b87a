"""Re-inspections every two years (A13): planned for whoever's turn it is, recorded with the problems that came back."""

from datetime import date, datetime

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.reinspections import (
    PlanReinspections,
    RecordReinspection,
    ReinspectionsPlannedView,
    ReinspectionView,
)
from contracts.envelope import plain
from sqlalchemy import Connection, text, update

from assessment.queries import reinspections as shown
from assessment.queries.organisations import organisation_named
from assessment.queries.review_rules import rule_on
from assessment.queries.scopes import must_judge
from assessment.tables.reviews import reinspections

# Whose last re-inspection lies so many years back in the year, or who never had one; the index refuses a second.
_PLAN = text(
    """
    INSERT INTO reinspections (id, organisation_id, state, due_on, since, opened_at, opened_by_id, opened_by)
    SELECT gen_random_uuid(), o.id, 'due',
           greatest(:today, coalesce(CAST(l.done_on + make_interval(years => :years) AS date), :year_end)),
           coalesce(l.done_on, CAST(CAST(:year_end AS date) - make_interval(years => :years) AS date)), :at, :by_id, :by
    FROM organisations o
    LEFT JOIN LATERAL (SELECT max(done_on) AS done_on FROM reinspections r WHERE r.organisation_id = o.id) l ON true
    WHERE (o.path = CAST(:path AS text) COLLATE "C" OR (o.path >= (:path || '.') COLLATE "C"
           AND o.path < (:path || '/') COLLATE "C"))
      AND o.kind IN ('branch', 'joint_branch') AND NOT o.is_external AND NOT o.dissolved
      AND (l.done_on IS NULL OR l.done_on + make_interval(years => :years) <= :year_end)
    ON CONFLICT DO NOTHING
    """
)


class ReinspectionDone(Refusal):
    """This re-inspection is recorded already."""


def plan(db: Connection, *, asked: PlanReinspections, actor: Actor, at: datetime) -> ReinspectionsPlannedView:
    """Plan those of a year, in one statement; a retry plans none twice. Raises NotFound, Forbidden; InvalidInput for a
    year that is over."""
    organisation = organisation_named(db, asked.organisation_id)
    if organisation is None:
        raise NotFound()
    actor.must("plan_reinspections", organisation=organisation.path)
    today = clock.today(at)
    if asked.year < today.year:
        raise InvalidInput({"year": ["This year is over."]})
    planned = db.execute(
        _PLAN,
        {
            "path": organisation.path,
            "today": today,
            "year_end": date(asked.year, 12, 31),
            "years": rule_on(db, today).numbers.reinspect_years,
            "at": at,
            "by_id": actor.person_id,
            "by": actor.name,
        },
    )
    return ReinspectionsPlannedView(planned=planned.rowcount)


def record(db: Connection, *, asked: RecordReinspection, actor: Actor, at: datetime) -> ReinspectionView:
    """Record what was found; the problems that had come back are kept with it as they stand.

    Raises NotFound, Forbidden, ReinspectionDone; InvalidInput for a day to come.
    """
    row = shown.row_of(db, asked.reinspection_id)
    must_judge(db, actor, "record_reinspection", organisation_id=row.organisation_id, path=row.path)
    if asked.done_on > clock.today(at):
        raise InvalidInput({"done_on": ["This day has not come yet."]})
    of = reinspections.c
    written = db.execute(
        update(reinspections)
        .where(of.id == row.id, of.state == "due")
        .values(
            state="done",
            done_on=asked.done_on,
            found=asked.found,
            again=plain(shown.again_of(db, row)),
            done_by_id=actor.person_id,
            done_by=actor.name,
        )
    )
    if written.rowcount == 0:
        raise ReinspectionDone()
    row = shown.row_of(db, row.id)
    return shown.view_of(row, shown.again_of(db, row), actor=actor, at=at)
