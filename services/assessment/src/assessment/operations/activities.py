"""What branches did: told by the visits they order at sites, or written down by hand (A2)."""

from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import NotFound, Refusal
from contracts.assessment.activities import ActivityView, RecordActivity
from contracts.envelope import NAMESPACE_ZHENDI, Event
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.activities import HELD, THEME_DAY, Fact, told_by
from assessment.domain.months import Month
from assessment.operations.lights import light_branch, lock_branch
from assessment.operations.task_making import complete_by_record
from assessment.operations.visit_records import fill_by_visit
from assessment.queries import activities as records
from assessment.queries.organisations import organisation_named
from assessment.tables.activities import activities, activity_history


class MonthFrozen(Refusal):
    """{month} is frozen; only a correction can change it."""


class ActivityInFuture(Refusal):
    """The day of the activity lies in the future."""


def plan(db: Connection, *, event: Event, at: datetime) -> None:
    """Plan the theme day that the ordered visit will be."""
    visit = event.data
    fact = Fact(
        version=event.version,
        move="plan",
        at=event.occurred_at,
        held_on=visit.visit_on,
        subject=visit.programme,
        place=visit.site_name,
    )
    _hear(db, fact, order_id=visit.order_id, branch_id=visit.branch_id, at=at)


def cancel(db: Connection, *, event: Event, at: datetime) -> None:
    """Take back the theme day of a visit that does not take place."""
    visit = event.data
    fact = Fact(version=event.version, move="cancel", at=event.occurred_at, reason=f"{visit.state}: {visit.reason}")
    _hear(db, fact, order_id=visit.order_id, branch_id=visit.branch_id, at=at)


def hold(db: Connection, *, event: Event, at: datetime) -> None:
    """Write the theme-day record of a visit that took place: where, when, how many came."""
    visit = event.data
    fact = Fact(
        version=event.version,
        move="hold",
        at=event.occurred_at,
        held_on=visit.visit_on,
        subject=visit.programme,
        place=visit.site_name,
        attended=visit.headcount,
    )
    if _hear(db, fact, order_id=visit.order_id, branch_id=visit.branch_id, at=at):
        fill_by_visit(db, activity_of(visit.order_id), visit=visit)


def record(db: Connection, *, record: RecordActivity, actor: Actor, at: datetime) -> ActivityView:
    """Write down an activity that was held.

    Raises NotFound for an unknown branch, Forbidden, ActivityInFuture, MonthFrozen for a month that is over.
    """
    branch = organisation_named(db, record.branch_id)
    if branch is None:
        raise NotFound()
    actor.must("record_activity", branch=branch.path)
    if record.held_on > clock.today(at):
        raise ActivityInFuture()
    month = Month.of(record.held_on)
    if month < Month.at(at):
        raise MonthFrozen(month=str(month))
    fact = Fact(version=1, move="hold", at=at, held_on=record.held_on, subject=record.subject, attended=record.attended)
    activity_id = uuid4()
    lock_branch(db, record.branch_id)
    as_told = asdict(told_by([fact]))
    db.execute(insert(activities).values(id=activity_id, branch_id=record.branch_id, kind=record.kind, **as_told))
    _add(db, fact, activity_id=activity_id, by_id=actor.person_id, by_name=actor.name)
    complete_by_record(db, branch_ids=[record.branch_id], held_on=record.held_on, at=at)
    light_branch(db, branch_id=record.branch_id, at=at)
    return records.activity(db, activity_id)


def activity_of(order_id: UUID) -> UUID:
    """Return the id of the activity that an order's visit is."""
    return uuid5(NAMESPACE_ZHENDI, f"activity:order:{order_id}")


def _hear(db: Connection, fact: Fact, *, order_id: UUID, branch_id: UUID, at: datetime) -> bool:
    """Add what a visit tells of itself to its activity and read the branch's light anew; say whether it was new."""
    lock_branch(db, branch_id)
    activity_id = activity_of(order_id)
    first = insert(activities).values(
        id=activity_id, branch_id=branch_id, kind=THEME_DAY, order_id=order_id, **asdict(told_by([fact]))
    )
    db.execute(first.on_conflict_do_nothing())
    if not _add(db, fact, activity_id=activity_id, by_name="sites"):
        return False
    steps = activity_history.c
    rows = db.execute(
        select(*(steps[field.name] for field in fields(Fact))).where(steps.activity_id == activity_id)
    ).all()
    activity = told_by(Fact(**row._mapping) for row in rows)
    db.execute(update(activities).where(activities.c.id == activity_id).values(**asdict(activity)))
    if activity.state == HELD and activity.held_on is not None:
        complete_by_record(db, branch_ids=[branch_id], held_on=activity.held_on, at=at)
    light_branch(db, branch_id=branch_id, at=at)
    return True


def _add(db: Connection, fact: Fact, *, activity_id: UUID, by_name: str, by_id: UUID | None = None) -> bool:
    """Keep the fact; say whether it is new."""
    row = insert(activity_history).values(activity_id=activity_id, by_id=by_id, by_name=by_name, **asdict(fact))
    return db.execute(row.on_conflict_do_nothing().returning(activity_history.c.version)).first() is not None
