"""Activity records of branches, newest first."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.actors import Actor, Forbidden
from chassis.cursors import key_in, page_of
from chassis.refusals import NotFound
from contracts.assessment.activities import ActivitiesAsked, ActivityView
from contracts.envelope import Page
from sqlalchemy import Connection, Row, select, tuple_

from assessment.domain.activities import DRAFT
from assessment.domain.months import Month
from assessment.queries.organisations import is_below, organisation_named
from assessment.tables.activities import activities
from assessment.tables.organisations import organisations


def activities_of(db: Connection, *, asked: ActivitiesAsked, actor: Actor, at: datetime) -> Page:
    """Return a page of one branch's records, or of all branches whose records the actor may read.

    Raises NotFound for an unknown branch, Forbidden.
    """
    rows = _RECORDS.order_by(activities.c.held_on.desc(), activities.c.id.desc()).limit(asked.limit + 1)
    if asked.branch_id:
        branch = organisation_named(db, asked.branch_id)
        if branch is None:
            raise NotFound()
        actor.must("read_activities", branch=branch.path)
        rows = rows.where(activities.c.branch_id == asked.branch_id)
    else:
        paths = actor.paths_for("read_activities")
        if not paths:
            raise Forbidden()
        rows = rows.where(is_below(paths))
    if asked.month:
        month = Month.named(asked.month)
        rows = rows.where(activities.c.held_on.between(month.first, month.last))
    if asked.cursor:
        after = key_in(asked.cursor, date.fromisoformat, UUID)
        rows = rows.where(tuple_(activities.c.held_on, activities.c.id) < after)
    return page_of(db.execute(rows).all(), limit=asked.limit, view=_view, key=lambda row: (row.held_on, row.id))


def activity(db: Connection, activity_id: UUID) -> ActivityView:
    """Return one record; raises sqlalchemy's NoResultFound."""
    return _view(db.execute(_RECORDS.where(activities.c.id == activity_id)).one())


# A cancelled order whose plan has not been heard of yet has no day and shows nothing; a draft is no activity yet.
_RECORDS = (
    select(activities, organisations.c.name.label("branch_name"))
    .join(organisations, organisations.c.id == activities.c.branch_id)
    .where(activities.c.held_on.is_not(None), activities.c.subject.is_not(None), activities.c.state != DRAFT)
)


def _view(row: Row[Any]) -> ActivityView:
    return ActivityView(
        id=row.id,
        branch_id=row.branch_id,
        branch_name=row.branch_name,
        kind=row.kind,
        state=row.state,
        held_on=row.held_on,
        subject=row.subject,
        place=row.place,
        attended=row.attended,
        order_id=row.order_id,
        recorded_at=row.recorded_at,
        version=row.version,
    )
