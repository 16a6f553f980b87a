"""Activities that several branches hold together: the leading branch records, each other says whether it took part.

    named ──(the record is kept)──▶ asked ──confirm──▶ confirmed
                                      │ └──silence───────▲
                                      └──decline──▶ declined

A part is decided once, by one statement that finds it asked and in time; silence counts from the first instant of the
day after the last of its days. Credit for a branch is the confirmed row, of which there is one a record; it completes
the branch's tasks as its own record would. Whoever decides a part holds the record, so that it is not taken back
meanwhile: the branch's advisory lock, the record's row, then the branch's row in `organisations`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, Refusal
from contracts.assessment.records import ConfirmPart, DeclinePart, PartGiven, RecordView
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.activities import HELD
from assessment.domain.months import SHANGHAI
from assessment.domain.records import ASKED, CONFIRMED, DECLINED, NAMED, Faults
from assessment.operations.attendance import attend, set_make_up
from assessment.operations.lights import light_branch, lock_branch, lock_branches_at_rest
from assessment.operations.task_making import complete_by_record, hold_branches
from assessment.queries.organisations import IS_ASSESSED
from assessment.queries.record_rules import rules_on
from assessment.queries.records import branch_the_actor_may, record_named, template_of, view_of
from assessment.tables.activities import activities
from assessment.tables.organisations import organisations
from assessment.tables.records import joint_parts

BATCH = 200


class PartDecided(Refusal):
    """It is settled already whether the branch took part: {state}."""


def name_parts(db: Connection, given: list[PartGiven], *, record_id: UUID, branch_id: UUID, is_draft: bool) -> Faults:
    """Name the other branches that took part; returns the faults by field and then writes nothing.

    In a draft they are named anew; of a record that stands, those that are new are added and the others stay.
    """
    ids = [one.branch_id for one in given]
    faults: Faults = {"parts": ["One stands twice."]} if len(set(ids)) < len(ids) else {}
    known = set(db.scalars(select(organisations.c.id).where(organisations.c.id.in_(ids), IS_ASSESSED)))
    for number, one in enumerate(given):
        if one.branch_id == branch_id or one.branch_id not in known:
            faults[f"parts.{number}.branch_id"] = ["Name another branch of the district."]
    if faults:
        return faults
    if is_draft:
        db.execute(delete(joint_parts).where(joint_parts.c.activity_id == record_id))
    for one in given:
        new = insert(joint_parts).values(activity_id=record_id, branch_id=one.branch_id, state=NAMED, told=one.attended)
        db.execute(new.on_conflict_do_nothing())
    return {}


def ask_parts(db: Connection, *, record_id: UUID, at: datetime) -> None:
    """Ask the branches that were named; they have so many whole days from tomorrow on."""
    today = clock.today(at)
    last = today + timedelta(days=rules_on(db, today).confirm_days)
    silent_from = datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=SHANGHAI)
    db.execute(
        update(joint_parts)
        .where(joint_parts.c.activity_id == record_id, joint_parts.c.state == NAMED)
        .values(state=ASKED, silent_from=silent_from)
    )


def confirm(db: Connection, *, given: ConfirmPart, actor: Actor, at: datetime) -> RecordView:
    """Say that the branch took part. Raises NotFound, Forbidden, PartDecided, InvalidInput."""
    _decide(
        db,
        given.record_id,
        given.branch_id,
        state=CONFIRMED,
        attended=given.attended,
        reason=None,
        actor=actor,
        at=at,
    )
    faults = attend(db, given.attendance, record_id=given.record_id, branch_id=given.branch_id)
    if faults:
        raise InvalidInput(faults)
    row = record_named(db, given.record_id)
    set_make_up(db, record_id=row.id, template=template_of(row), held_on=row.held_on)
    complete_by_record(db, branch_ids=[given.branch_id], held_on=row.held_on, at=at)
    light_branch(db, branch_id=given.branch_id, at=at)
    return view_of(db, record_named(db, given.record_id), actor=actor)


def decline(db: Connection, *, given: DeclinePart, actor: Actor, at: datetime) -> RecordView:
    """Say that the branch did not take part. Raises NotFound, Forbidden, PartDecided."""
    _decide(
        db,
        given.record_id,
        given.branch_id,
        state=DECLINED,
        attended=None,
        reason=given.reason,
        actor=actor,
        at=at,
    )
    return view_of(db, record_named(db, given.record_id), actor=actor)


def confirm_silent(db: Connection, *, at: datetime, batch: int = BATCH) -> int:
    """Take the silence of the branches whose days are over for a yes, up to `batch` of them; returns how many parts.

    A branch of which something else is heard just now comes the next time.
    """
    silent = (joint_parts.c.state == ASKED, joint_parts.c.silent_from <= at)
    due = select(joint_parts.c.branch_id).where(*silent).distinct().order_by(joint_parts.c.branch_id).limit(batch)
    branch_ids = lock_branches_at_rest(db, db.scalars(due).all())
    asked = select(joint_parts.c.activity_id).where(*silent, joint_parts.c.branch_id.in_(branch_ids))
    standing = (activities.c.id.in_(asked), activities.c.state == HELD)
    held = select(activities.c.id, activities.c.held_on).where(*standing).order_by(activities.c.id)
    days = {row.id: row.held_on for row in db.execute(held.with_for_update(read=True))}
    confirmed = db.execute(
        update(joint_parts)
        .where(*silent, joint_parts.c.branch_id.in_(branch_ids), joint_parts.c.activity_id.in_(days))
        .values(state=CONFIRMED, attended=joint_parts.c.told, decided_at=at)
        .returning(joint_parts.c.activity_id, joint_parts.c.branch_id)
    ).all()
    hold_branches(db, branch_ids)
    for held_on in sorted({days[part.activity_id] for part in confirmed}):
        theirs = sorted({part.branch_id for part in confirmed if days[part.activity_id] == held_on})
        complete_by_record(db, branch_ids=theirs, held_on=held_on, at=at)
    for branch_id in branch_ids:
        light_branch(db, branch_id=branch_id, at=at)
    return len(confirmed)


def part_ids(db: Connection, record_id: UUID) -> list[UUID]:
    """Return the other branches for which a record counts; the caller holds the record."""
    confirmed = (joint_parts.c.activity_id == record_id, joint_parts.c.state == CONFIRMED)
    return list(db.scalars(select(joint_parts.c.branch_id).where(*confirmed)))


def ask_no_more(db: Connection, record_id: UUID) -> None:
    """Ask nobody any more about a record that is taken back; the caller holds the record."""
    db.execute(delete(joint_parts).where(joint_parts.c.activity_id == record_id, joint_parts.c.state == ASKED))


def _decide(
    db: Connection,
    record_id: UUID,
    branch_id: UUID,
    *,
    state: str,
    attended: int | None,
    reason: str | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Decide the branch's part, if nobody has yet and its days are not over."""
    branch_the_actor_may(db, "confirm_part", branch_id, actor=actor)
    lock_branch(db, branch_id)
    db.execute(select(activities.c.id).where(activities.c.id == record_id).with_for_update(read=True))
    of = joint_parts.c
    this = (of.activity_id == record_id, of.branch_id == branch_id)
    decided = db.execute(
        update(joint_parts)
        .where(*this, of.state == ASKED, of.silent_from > at)
        .values(state=state, attended=attended, reason=reason, decided_at=at, by_id=actor.person_id, by_name=actor.name)
    )
    if decided.rowcount == 1:
        return
    part = db.execute(select(joint_parts.c.state).where(*this)).one_or_none()
    if part is None or part.state == NAMED:
        raise NotFound()
    raise PartDecided(state=CONFIRMED if part.state == ASKED else part.state)
