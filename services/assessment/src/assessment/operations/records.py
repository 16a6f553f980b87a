"""Records of the handbook: drafted, recorded, completed, corrected, withdrawn (A2); see domain/records.py.

Whoever changes a record holds its branch's advisory lock, as whoever hears of the branch does, and then the record's
row, as whoever decides a part of it does; the rows of the branches for which it counts come last, all of them in the
order of their ids. The record's version is compared in the statement that writes.

A record that counts completes the tasks that ask for its template (A1); one that is changed or withdrawn is looked at
again.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound, PreconditionFailed, Refusal
from contracts.assessment.record_templates import RECORD_TEMPLATES, Template
from contracts.assessment.records import (
    CorrectRecord,
    DiscardRecord,
    DraftRecord,
    KeepRecord,
    MakeUp,
    RecordContent,
    RecordView,
    WithdrawRecord,
    WriteRecord,
)
from contracts.envelope import plain
from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain import records as rules
from assessment.domain.activities import DRAFT, HELD
from assessment.domain.months import SHANGHAI
from assessment.domain.records import FIXED, MISSING, MOVES, PRESENT, Faults
from assessment.operations.activities import ActivityInFuture
from assessment.operations.attendance import attend, set_make_up
from assessment.operations.joint_activities import ask_no_more, ask_parts, name_parts, part_ids
from assessment.operations.lights import light_branch, lock_branch
from assessment.operations.task_making import complete_by_record, look_again
from assessment.queries.record_rules import rules_on
from assessment.queries.records import (
    attendance_of,
    branch_the_actor_may,
    missing_of,
    record_named,
    roll_of,
    specs_of,
    template_of,
    view_of,
)
from assessment.tables.activities import activities, activity_history
from assessment.tables.records import record_attendance, record_decisions, record_forms, record_history

WRITTEN: Final = ("starts_at", "ends_at", "host", "recorder", "minutes", "answers")
"""What stands in the form; day, place and subject stand in the activity."""


class RecordNotMovable(Refusal):
    """This record cannot be {move} any more: it is {state}."""


class AlreadyWritten(Refusal):
    """This is recorded already and only what is empty can be filled in; a change needs a correction with its reason."""


class WrittenByVisit(Refusal):
    """A visit wrote this record, and its site says whether it took place; correct what is wrong in it."""


class NothingMissed(Refusal):
    """There is nothing for this person to make up here."""


class AlreadyMadeUp(Refusal):
    """It is written down already how this was made up."""


def draft(db: Connection, *, given: DraftRecord, actor: Actor, at: datetime) -> RecordView:
    """Begin a record. Raises NotFound, Forbidden; InvalidInput for what is malformed, not for what is missing."""
    branch_the_actor_may(db, "write_record", given.branch_id, actor=actor)
    template = RECORD_TEMPLATES[given.template]
    record_id = uuid4()
    lock_branch(db, given.branch_id)
    db.execute(
        insert(activities).values(
            id=record_id,
            branch_id=given.branch_id,
            kind=given.template,
            state=DRAFT,
            held_on=given.held_on,
            subject=given.subject,
            place=given.place,
            recorded_at=at,
            version=0,
        )
    )
    row = record_named(db, record_id)
    _write(db, row, template, given)
    return view_of(db, record_named(db, record_id), actor=actor)


def write(db: Connection, *, given: WriteRecord, actor: Actor, at: datetime) -> RecordView:
    """Write a draft anew, or complete a record.

    Raises NotFound, Forbidden, PreconditionFailed, RecordNotMovable, AlreadyWritten, InvalidInput.
    """
    row = held(db, given.record_id, action="write_record", actor=actor)
    move = "write" if row.state == DRAFT else "complete"
    _must_move(row, move)
    _must_be(row, given.version)
    if move == "complete":
        _must_only_add(db, row, given)
    _write(db, row, template_of(row), given)
    if move == "complete":
        _recorded(db, row, given, move=move, actor=actor, at=at)
    return view_of(db, record_named(db, row.id), actor=actor)


def keep(db: Connection, *, asked: KeepRecord, actor: Actor, at: datetime) -> RecordView:
    """Record a draft: it counts from now on.

    Raises NotFound, Forbidden, RecordNotMovable, ActivityInFuture; InvalidInput that names what is still missing.
    """
    row = held(db, asked.record_id, action="write_record", actor=actor)
    _must_move(row, "record")
    if row.held_on > clock.today(at):
        raise ActivityInFuture()
    template, came = template_of(row), attendance_of(db, row.id)
    faults: Faults = {name: [MISSING] for name in missing_of(row, template, came)}
    if template.attendance == "members" and "attendance" not in faults:
        listed = {one.person_id for one in came}
        if any(one.person_id not in listed for one in roll_of(db, row.branch_id) if one.state == "active"):
            faults["attendance"] = ["Say of everybody on the roll whether they came."]
    if faults:
        raise InvalidInput(faults)
    attended = sum(one.state == PRESENT for one in came) if template.attendance else None
    db.execute(
        update(activities)
        .where(activities.c.id == row.id)
        .values(state=HELD, attended=attended, recorded_at=at, version=1)
    )
    _tell(db, row, "hold", version=1, attended=attended, actor=actor, at=at)
    set_make_up(db, record_id=row.id, template=template, held_on=row.held_on)
    ask_parts(db, record_id=row.id, at=at)
    _keep_history(db, row.id, "record", actor=actor, at=at)
    complete_by_record(db, branch_ids=[row.branch_id], held_on=row.held_on, at=at)
    light_branch(db, branch_id=row.branch_id, at=at)
    return view_of(db, record_named(db, row.id), actor=actor)


def correct(db: Connection, *, given: CorrectRecord, actor: Actor, at: datetime) -> RecordView:
    """Write a record anew and say why.

    Raises NotFound, Forbidden, PreconditionFailed, RecordNotMovable, ActivityInFuture, InvalidInput.
    """
    row = held(db, given.record_id, action="correct_record", actor=actor)
    _must_move(row, "correct")
    _must_be(row, given.version)
    if given.held_on > clock.today(at):
        raise ActivityInFuture()
    _write(db, row, template_of(row), given)
    db.execute(update(record_forms).where(record_forms.c.activity_id == row.id).values(corrected=True))
    now = record_named(db, row.id)
    faults = {name: [MISSING] for name in missing_of(now, template_of(now), attendance_of(db, row.id))}
    if faults and not row.order_id:
        raise InvalidInput(faults)
    _recorded(db, row, given, move="correct", actor=actor, at=at, reason=given.reason)
    return view_of(db, record_named(db, row.id), actor=actor)


def discard(db: Connection, *, asked: DiscardRecord, actor: Actor, at: datetime) -> RecordView:
    """Throw a draft away. Raises NotFound, Forbidden, RecordNotMovable."""
    row = held(db, asked.record_id, action="write_record", actor=actor)
    _must_move(row, "discard")
    db.execute(update(activities).where(activities.c.id == row.id).values(state=rules.CANCELLED))
    return view_of(db, record_named(db, row.id), actor=actor)


def withdraw(db: Connection, *, asked: WithdrawRecord, actor: Actor, at: datetime) -> RecordView:
    """Take back a record of what never took place: its tasks open again, for every branch that it counted for.

    Raises NotFound, Forbidden, RecordNotMovable, WrittenByVisit.
    """
    row = held(db, asked.record_id, action="withdraw_record", actor=actor)
    _must_move(row, "withdraw")
    if row.order_id:
        raise WrittenByVisit()
    version = row.version + 1
    gone = update(activities).where(activities.c.id == row.id)
    db.execute(gone.values(state=rules.CANCELLED, attended=None, version=version))
    _tell(db, row, "withdraw", version=version, attended=None, actor=actor, at=at, reason=asked.reason)
    ask_no_more(db, row.id)
    _keep_history(db, row.id, "withdraw", actor=actor, at=at, reason=asked.reason)
    _look_again(db, row, at=at)
    return view_of(db, record_named(db, row.id), actor=actor)


def make_up(db: Connection, *, made: MakeUp, actor: Actor, at: datetime) -> RecordView:
    """Write down how somebody made up what they missed.

    Raises NotFound, Forbidden, NothingMissed, AlreadyMadeUp; InvalidInput for a day before the record's or to come.
    """
    row = record_named(db, made.record_id)
    of = record_attendance.c
    this = (of.activity_id == row.id, of.person_id == made.person_id)
    missed = db.execute(select(record_attendance).where(*this)).one_or_none()
    branch_id = missed.branch_id if missed else row.branch_id
    branch_the_actor_may(db, "make_up_absence", branch_id, actor=actor)
    if row.state != HELD:
        raise NothingMissed()
    if not row.held_on <= made.made_up_on <= clock.today(at):
        raise InvalidInput({"made_up_on": ["It is made up after the day that was missed, and not after today."]})
    written = db.execute(
        update(record_attendance)
        .where(*this, of.make_up_by.is_not(None), of.made_up_on.is_(None))
        .values(made_up_on=made.made_up_on, made_up_how=made.how)
    )
    if written.rowcount != 1:
        raise AlreadyMadeUp() if missed and missed.make_up_by else NothingMissed()
    light_branch(db, branch_id=branch_id, at=at)
    return view_of(db, record_named(db, row.id), actor=actor)


def held(db: Connection, record_id: UUID, *, action: str, actor: Actor) -> Row[Any]:
    """Return the record's row with its branch and itself held, so that it stays until the transaction ends.

    Raises NotFound, Forbidden.
    """
    branch_id = db.scalar(select(activities.c.branch_id).where(activities.c.id == record_id))
    if branch_id is None:
        raise NotFound()
    lock_branch(db, branch_id)
    db.execute(select(activities.c.id).where(activities.c.id == record_id).with_for_update(key_share=True))
    row = record_named(db, record_id)
    if row.state == DRAFT and not actor.may("write_record", branch=row.path):
        raise NotFound()
    actor.must(action, branch=row.path)
    return row


def _must_move(row: Row[Any], move: str) -> None:
    if row.record_state not in MOVES[move][0]:
        raise RecordNotMovable(state=row.record_state, move=move)


def _must_be(row: Row[Any], version: int) -> None:
    if (row.form_version or 0) != version:
        raise PreconditionFailed()


def _write(db: Connection, row: Row[Any], template: Template, given: RecordContent) -> None:
    """Write the content over the record; raises InvalidInput for what is malformed, and PreconditionFailed."""
    specs = specs_of(template.fields)
    roll = {str(one.person_id): one.name for one in roll_of(db, row.branch_id)} | (row.people or {})
    starts_at, ends_at = (_local(moment) for moment in (given.starts_at, given.ends_at))
    faults = rules.faults_of(specs, given.answers, people=roll)
    faults |= rules.clock_faults(given.held_on, starts_at, ends_at)
    if row.order_id:
        for name in FIXED:
            if getattr(given, name) not in (None, getattr(row, name)):
                faults[name] = ["A visit wrote this; it stays as it is."]
    if given.attendance and template.attendance is None:
        faults["attendance"] = ["Nobody's attendance is taken on this template."]
    if given.parts and not template.may_be_joint:
        faults["parts"] = ["This is not held together with other branches."]
    faults |= attend(db, given.attendance, record_id=row.id, branch_id=row.branch_id)
    faults |= name_parts(db, given.parts, record_id=row.id, branch_id=row.branch_id, is_draft=row.state == DRAFT)
    if faults:
        raise InvalidInput(faults)
    if not row.order_id:
        about = {"held_on": given.held_on, "subject": given.subject, "place": given.place}
        if row.state == DRAFT or given.subject is not None:
            db.execute(update(activities).where(activities.c.id == row.id).values(**about))
        else:
            raise InvalidInput({"subject": [MISSING]})
    db.execute(delete(record_decisions).where(record_decisions.c.activity_id == row.id))
    if given.decisions:
        told = [
            {"activity_id": row.id, "number": number, **asdict(one)} for number, one in enumerate(given.decisions, 1)
        ]
        db.execute(insert(record_decisions), told)
    named = rules.ids_in(specs, given.answers)
    values = {name: getattr(given, name) for name in WRITTEN} | {
        "people": {str(one): roll[str(one)] for one in named},
        "hours": 0,
        "missing": 0,
    }
    if template.gives_hours:
        lesson = rules_on(db, given.held_on).lesson_minutes
        values["hours"] = rules.hours_of(starts_at, ends_at, lesson_minutes=lesson)
    new = insert(record_forms).values(
        activity_id=row.id, template_version=template.version, corrected=False, version=1, **values
    )
    written = db.execute(
        new.on_conflict_do_update(
            index_elements=["activity_id"],
            set_={**values, "version": record_forms.c.version + 1},
            where=record_forms.c.version == (row.form_version or 0),
        ).returning(record_forms.c.version)
    ).first()
    if written is None:
        raise PreconditionFailed()
    count_missing(db, row.id)


def count_missing(db: Connection, record_id: UUID) -> None:
    """Write down how many fields that the template needs are still empty."""
    row = record_named(db, record_id)
    missing = missing_of(row, template_of(row), attendance_of(db, record_id))
    db.execute(update(record_forms).where(record_forms.c.activity_id == record_id).values(missing=len(missing)))


def _must_only_add(db: Connection, row: Row[Any], given: WriteRecord) -> None:
    """Raise AlreadyWritten when something that is recorded would be changed."""
    about = () if row.order_id else FIXED
    names = (*about, *(name for name in WRITTEN if name != "answers"))
    changed = rules.only_adds({name: getattr(row, name) for name in names}, asdict(given))
    changed += rules.only_adds(row.answers or {}, given.answers)
    came = {
        one.person_id: (one.state, one.reason) for one in attendance_of(db, row.id) if one.branch_id == row.branch_id
    }
    said = {one.person_id: (one.state, one.reason) for one in given.attendance}
    kept = db.execute(
        select(record_decisions.c.text, record_decisions.c.owner, record_decisions.c.due_on)
        .where(record_decisions.c.activity_id == row.id)
        .order_by(record_decisions.c.number)
    ).all()
    decided = [(one.text, one.owner, one.due_on) for one in given.decisions]
    if changed or not came.items() <= said.items() or decided[: len(kept)] != [tuple(one) for one in kept]:
        raise AlreadyWritten()


def _recorded(
    db: Connection,
    row: Row[Any],
    given: RecordContent,
    *,
    move: str,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Bring the activity of a record that stands up to what was written: how many came, tasks, light."""
    template = template_of(row)
    if not row.order_id:
        attended = row.attended
        if template.attendance and given.attendance:
            attended = sum(one.state == PRESENT for one in given.attendance)
        now = {"held_on": given.held_on, "subject": given.subject, "place": given.place, "attended": attended}
        if now != {name: getattr(row, name) for name in now}:
            version = row.version + 1
            db.execute(update(activities).where(activities.c.id == row.id).values(attended=attended, version=version))
            fresh = record_named(db, row.id)
            _tell(db, fresh, "correct", version=version, attended=attended, actor=actor, at=at, reason=reason)
    set_make_up(db, record_id=row.id, template=template, held_on=given.held_on)
    ask_parts(db, record_id=row.id, at=at)
    _keep_history(db, row.id, move, actor=actor, at=at, reason=reason)
    _look_again(db, row, at=at)


def _look_again(db: Connection, row: Row[Any], *, at: datetime) -> None:
    """Look again at the tasks and the lights of all branches for which the record counts."""
    branch_ids = [row.branch_id, *part_ids(db, row.id)]
    look_again(db, record_id=row.id, branch_ids=branch_ids, at=at)
    for branch_id in branch_ids:
        light_branch(db, branch_id=branch_id, at=at)


def _tell(
    db: Connection,
    row: Row[Any],
    move: str,
    *,
    version: int,
    attended: int | None,
    actor: Actor,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Keep the fact in the activity's history."""
    db.execute(
        insert(activity_history).values(
            activity_id=row.id,
            version=version,
            move=move,
            at=at,
            held_on=row.held_on,
            subject=row.subject,
            place=row.place,
            attended=attended,
            reason=reason,
            by_id=actor.person_id,
            by_name=actor.name,
        )
    )


def _keep_history(
    db: Connection, record_id: UUID, move: str, *, actor: Actor, at: datetime, reason: str | None = None
) -> None:
    """Keep the record as it stands now."""
    row = record_named(db, record_id)
    came = [
        {"branch_id": one.branch_id, "person_id": one.person_id, "name": one.name, "state": one.state}
        | ({"reason": one.reason} if one.reason else {})
        for one in attendance_of(db, record_id)
    ]
    decided = db.execute(
        select(record_decisions).where(record_decisions.c.activity_id == record_id).order_by(record_decisions.c.number)
    )
    names = ("held_on", "subject", "place", "attended", *WRITTEN, "people")
    content = {name: getattr(row, name) for name in names} | {
        "attendance": came,
        "decisions": [{"text": one.text, "owner": one.owner, "due_on": one.due_on} for one in decided],
    }
    last = select(func.coalesce(func.max(record_history.c.version), 0) + 1).where(
        record_history.c.activity_id == record_id
    )
    db.execute(
        insert(record_history).values(
            activity_id=record_id,
            version=last.scalar_subquery(),
            move=move,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            reason=reason,
            content=plain(content),
        )
    )


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(SHANGHAI) if moment else None
