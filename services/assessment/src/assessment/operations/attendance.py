"""Who of a branch attended what is recorded, and until when they make up what they missed."""

from datetime import date, timedelta
from uuid import UUID

from contracts.assessment.record_templates import Template
from contracts.assessment.records import AttendanceGiven
from sqlalchemy import Connection, delete, update
from sqlalchemy.dialects.postgresql import insert

from assessment.domain.records import LEAVE, MISSING, Faults
from assessment.queries.record_rules import rules_on
from assessment.queries.records import MISSED, attendance_of, roll_of
from assessment.tables.records import record_attendance


def attend(
    db: Connection,
    given: list[AttendanceGiven],
    *,
    record_id: UUID,
    branch_id: UUID,
    under: str = "attendance",
) -> Faults:
    """Write who of a branch attended, by the names of its roll; returns the faults by field and then writes nothing.

    Who was listed before may stay so after leaving the branch; how somebody made it up stays with them.
    """
    of = record_attendance.c
    before = {one.person_id: one for one in attendance_of(db, record_id) if one.branch_id == branch_id}
    known = {one.person_id: (one.name, one.status) for one in (*roll_of(db, branch_id), *before.values())}
    faults: Faults = {}
    for number, one in enumerate(given):
        if one.person_id not in known:
            faults[f"{under}.{number}.person_id"] = ["Somebody named here is no member of the branch."]
        elif one.state == LEAVE and one.reason is None:
            faults[f"{under}.{number}.reason"] = [MISSING]
    if len({one.person_id for one in given}) < len(given):
        faults[under] = ["One stands twice."]
    if faults:
        return faults
    db.execute(
        delete(record_attendance).where(
            of.activity_id == record_id,
            of.branch_id == branch_id,
            of.person_id.not_in([one.person_id for one in given]),
        )
    )
    for one in given:
        name, status = known[one.person_id]
        values = {"state": one.state, "reason": one.reason}
        if one.state not in MISSED:
            values |= {"make_up_by": None, "made_up_on": None, "made_up_how": None}
        new = insert(record_attendance).values(
            activity_id=record_id, person_id=one.person_id, branch_id=branch_id, name=name, status=status, **values
        )
        # Somebody who came with one branch does not come with another as well.
        db.execute(
            new.on_conflict_do_update(
                index_elements=["activity_id", "person_id"], set_=values, where=of.branch_id == branch_id
            )
        )
    return {}


def set_make_up(db: Connection, *, record_id: UUID, template: Template, held_on: date) -> None:
    """Give those who missed it a day until when they make it up, where the template asks for that."""
    if not template.makes_up:
        return
    by = held_on + timedelta(days=rules_on(db, held_on).make_up_days)
    of = record_attendance.c
    db.execute(
        update(record_attendance)
        .where(of.activity_id == record_id, of.state.in_(MISSED), of.make_up_by.is_(None))
        .values(make_up_by=by)
    )
