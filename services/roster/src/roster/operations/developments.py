"""What a branch does with those who want to join: enter, record steps, take the next stage, extend, end."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed
from contracts.roster.development import (
    AdvanceStage,
    DevelopmentView,
    EndDevelopment,
    EnterApplicant,
    ExtendProbation,
    RecordStep,
    StrikeStep,
)
from sqlalchemy import Connection, Row, insert, text

from roster.domain import development as rules
from roster.domain.development import (
    FULL,
    NEXT,
    OBJECT,
    PROBATIONARY,
    OutOfOrder,
    StageTooEarly,
    StepsMissing,
    WayEnded,
)
from roster.domain.members import IdentityNumberTaken, NotAMember, check_day
from roster.operations.member_records import keep_move, person_of
from roster.operations.members import Membership, admit, must_be_a_branch
from roster.operations.organisations import keep_the_tree, tell_changed
from roster.operations.people import Person, register_all
from roster.queries.developments import numbers_on, one, steps_of, way_of
from roster.queries.organisations import path_the_actor_may
from roster.queries.places import place_the_actor_may
from roster.tables.development import development_steps

_LOCKED: Final = text("SELECT * FROM developments WHERE person_id = :person FOR UPDATE")
_BEGIN: Final = text(
    "INSERT INTO developments (person_id, branch_id, stage, applied_on) VALUES (:person, :branch, 'applicant', :day)"
)
# A probationary member whom nobody entered as an applicant here: the way is taken up where it stands.
_TAKE_UP: Final = text(
    "INSERT INTO developments (person_id, branch_id, stage, probationary_on, probation_until)"
    " SELECT person_id, branch_id, 'probationary', joined_on,"
    " CAST(joined_on + make_interval(months => :months) AS date)"
    " FROM members WHERE person_id = :person AND status = 'probationary' AND joined_on IS NOT NULL"
    " ON CONFLICT DO NOTHING"
)


def enter(db: Connection, *, asked: EnterApplicant, actor: Actor, at: datetime) -> DevelopmentView:
    """Enter somebody who applied. Raises NotFound, Forbidden, NotABranch, NotYet, TooYoung, IdentityNumberTaken,
    InvalidInput."""
    keep_the_tree(db)
    path_the_actor_may(db, "develop_member", asked.branch_id, actor=actor)
    must_be_a_branch(db, asked.branch_id)
    today = clock.today(at)
    check_day(asked.applied_on, since=None, today=today)
    person, _ = person_of(asked, name=asked.name, today=today)
    rules.check_age(person.born_on, asked.applied_on, numbers_on(db, asked.applied_on))
    if not register_all(db, [person]):
        raise IdentityNumberTaken({"identity_number": ["This identity number is registered already."]})
    db.execute(_BEGIN, {"person": person.id, "branch": asked.branch_id, "day": asked.applied_on})
    keep_move(db, person.id, asked.branch_id, "applied", on=asked.applied_on, actor=actor, at=at)
    return one(db, person.id, actor=actor, on=today)


def record_step(db: Connection, *, asked: RecordStep, actor: Actor, at: datetime) -> DevelopmentView:
    """Write down a step that was done. Raises NotFound, Forbidden, NotYet, WayEnded; InvalidInput for training without
    hours."""
    way = _way(db, asked.person_id, actor=actor)
    check_day(asked.done_on, since=way.applied_on, today=clock.today(at))
    if way.stage not in NEXT:
        raise WayEnded()
    if asked.step == "training" and asked.hours is None:
        raise InvalidInput({"hours": ["Say how many hours the training had."]})
    db.execute(
        insert(development_steps).values(
            person_id=asked.person_id,
            step=asked.step,
            done_on=asked.done_on,
            hours=asked.hours,
            note=asked.note,
            recorded_by=actor.name,
            recorded_at=at,
        )
    )
    return one(db, asked.person_id, actor=actor, on=clock.today(at))


def strike_step(db: Connection, *, asked: StrikeStep, actor: Actor, at: datetime) -> DevelopmentView:
    """Strike out a step that was entered by mistake; it stays readable. Raises NotFound, Forbidden."""
    _way(db, asked.person_id, actor=actor)
    struck = db.execute(
        text(
            "UPDATE development_steps SET struck_at = :at, struck_by = :by, struck_because = :reason"
            " WHERE id = :id AND person_id = :person AND struck_at IS NULL"
        ),
        {"at": at, "by": actor.name, "reason": asked.reason, "id": asked.step_id, "person": asked.person_id},
    )
    if struck.rowcount == 0:
        raise NotFound()
    return one(db, asked.person_id, actor=actor, on=clock.today(at))


def advance(db: Connection, *, asked: AdvanceStage, actor: Actor, at: datetime) -> DevelopmentView:
    """Take the next stage on a day; a probationary member is admitted, a full one counts as such from that day on.

    Raises NotFound, Forbidden, PreconditionFailed, OutOfOrder, WayEnded, StageTooEarly, StepsMissing, NotYet.
    """
    keep_the_tree(db)
    row = _way(db, asked.person_id, actor=actor)
    _must_stand_at(row, asked.version)
    if row.stage not in NEXT:
        raise WayEnded()
    if NEXT[row.stage] != asked.to_stage:
        raise OutOfOrder(next_stage=NEXT[row.stage])
    check_day(asked.happened_on, since=None, today=clock.today(at))
    numbers = numbers_on(db, asked.happened_on)
    lacking = rules.missing(way_of(row), steps_of(db, asked.person_id), numbers, on=asked.happened_on)
    if early := next((what.not_before for what in lacking if what.not_before), None):
        raise StageTooEarly(not_before=early.isoformat())
    if lacking:
        raise StepsMissing(count=sum(what.count for what in lacking))
    values: dict[str, Any] = {"person": asked.person_id, "day": asked.happened_on, "stage": asked.to_stage}
    values["until"] = rules.probation_ends(asked.happened_on, numbers) if asked.to_stage == PROBATIONARY else None
    db.execute(_STAGE[row.stage], values)
    if row.stage == OBJECT:
        _admit(db, row, asked, at=at)
    if asked.to_stage == FULL:
        _become_full(db, row, asked, at=at)
    keep_move(db, asked.person_id, row.branch_id, f"became_{asked.to_stage}", on=asked.happened_on, actor=actor, at=at)
    return one(db, asked.person_id, actor=actor, on=clock.today(at))


_STAGE: Final = {
    stage: text(
        f"UPDATE developments SET stage = :stage, {day} = :day, version = version + 1,"  # noqa: S608 - constants
        " probation_until = coalesce(CAST(:until AS date), probation_until) WHERE person_id = :person"
    )
    for stage, day in (
        ("applicant", "activist_on"),
        ("activist", "object_on"),
        ("object", "probationary_on"),
        ("probationary", "full_on"),
    )
}


def _admit(db: Connection, row: Row[Any], asked: AdvanceStage, *, at: datetime) -> None:
    name = db.execute(text("SELECT name FROM people WHERE id = :id"), {"id": row.person_id}).scalar_one()
    membership = Membership(
        person_id=row.person_id,
        branch_id=row.branch_id,
        status="probationary",
        joined_on=asked.happened_on,
        since=asked.happened_on,
    )
    admit(db, Person(row.person_id, name), membership, at=at)


def _become_full(db: Connection, row: Row[Any], asked: AdvanceStage, *, at: datetime) -> None:
    member = db.execute(
        text("SELECT branch_id, since FROM members WHERE person_id = :person AND status = 'probationary' FOR UPDATE"),
        {"person": row.person_id},
    ).one_or_none()
    if member is None:
        raise NotAMember()
    check_day(asked.happened_on, since=member.since, today=clock.today(at))
    db.execute(
        text("UPDATE members SET status = 'full', full_on = :day, since = :day WHERE person_id = :person"),
        {"day": asked.happened_on, "person": row.person_id},
    )
    tell_changed(db, [member.branch_id], at=at)


def extend(db: Connection, *, asked: ExtendProbation, actor: Actor, at: datetime) -> DevelopmentView:
    """Extend a probation once. Raises NotFound, Forbidden, PreconditionFailed, NotExtendable."""
    row = _way(db, asked.person_id, actor=actor)
    _must_stand_at(row, asked.version)
    today = clock.today(at)
    rules.check_extension(way_of(row), asked.until, numbers_on(db, today), on=today)
    db.execute(
        text("UPDATE developments SET extended_until = :until, version = version + 1 WHERE person_id = :person"),
        {"until": asked.until, "person": asked.person_id},
    )
    keep_move(
        db, asked.person_id, row.branch_id, "probation_extended", on=today, reason=asked.reason, actor=actor, at=at
    )
    return one(db, asked.person_id, actor=actor, on=today)


def end(db: Connection, *, asked: EndDevelopment, actor: Actor, at: datetime) -> DevelopmentView:
    """Say that somebody goes no further. Raises NotFound, Forbidden, PreconditionFailed, WayEnded, NotYet.

    A probation is cancelled as a membership ends (`member_records.end`).
    """
    row = _way(db, asked.person_id, actor=actor)
    _must_stand_at(row, asked.version)
    if row.stage not in NEXT or row.stage == PROBATIONARY:
        raise WayEnded()
    check_day(asked.happened_on, since=None, today=clock.today(at))
    db.execute(
        text(
            "UPDATE developments SET stage = 'ended', ended_on = :day, version = version + 1 WHERE person_id = :person"
        ),
        {"day": asked.happened_on, "person": asked.person_id},
    )
    keep_move(
        db,
        asked.person_id,
        row.branch_id,
        "way_ended",
        on=asked.happened_on,
        reason=asked.reason,
        actor=actor,
        at=at,
    )
    return one(db, asked.person_id, actor=actor, on=clock.today(at))


def _way(db: Connection, person_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return the locked row of somebody's way, taking up that of a probationary member who has none."""
    place_the_actor_may(db, "develop_member", person_id, actor=actor)
    row = db.execute(_LOCKED, {"person": person_id}).one_or_none()
    if row is None:
        numbers = numbers_on(db, None)
        db.execute(_TAKE_UP, {"person": person_id, "months": numbers["probation"]["months"]})
        row = db.execute(_LOCKED, {"person": person_id}).one_or_none()
    if row is None:
        raise NotFound()
    return row


def _must_stand_at(row: Row[Any], version: int) -> None:
    if row.version != version:
        raise PreconditionFailed()
