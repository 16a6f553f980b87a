"""A term's end moved to another day: the organisation asks, the superior approves or refuses (article 3).

asked ──approve──▶ approved
  ├────refuse────▶ refused
  └───withdraw───▶ withdrawn
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from chassis.actors import Actor
from chassis.refusals import InvalidInput, NotFound
from contracts.roster.terms import (
    ApproveTermShift,
    AskTermShift,
    CommitteeView,
    RefuseTermShift,
    WithdrawTermShift,
)
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.terms import NotByOneself, NoTerm, ShiftDecided, ShiftOpen, TooFar, shift_limits
from roster.operations.terms import standing, term_of
from roster.queries.terms import Organ, committee_of, organ, rules_on
from roster.tables.terms import term_shifts


def ask(db: Connection, *, asked: AskTermShift, actor: Actor, at: datetime) -> CommitteeView:
    """Ask the superior that the running term end on another day.

    Raises NotFound, Forbidden, NoTerm, TooFar, ShiftOpen, InvalidInput.
    """
    found = standing(db, asked.organisation_id)
    actor.must("prepare_election", organisation=found.path)
    today = clock.today(at)
    term = term_of(db, found.id)
    check_shift(db, term, asked.new_ends_on, today=today)
    made = (
        insert(term_shifts)
        .values(
            id=uuid4(),
            term_id=term.id,
            ends_on=term.ends_on,
            new_ends_on=asked.new_ends_on,
            reason=asked.reason,
            state="asked",
            asked_at=at,
            asked_by_id=actor.person_id,
            asked_by=actor.name,
        )
        .on_conflict_do_nothing()
    )
    if db.execute(made).rowcount == 0:
        raise ShiftOpen()
    return committee_of(db, found, on=today, actor=actor, today=today)


def check_shift(db: Connection, term: Row[Any], new_ends_on: date, *, today: date) -> None:
    """Raise TooFar or InvalidInput unless the term may end on that day (article 3: at most about a year off)."""
    earliest, latest = shift_limits(term.regular_ends_on, rules_on(db, today)["shift"].numbers["months"])
    if not earliest <= new_ends_on <= latest:
        raise TooFar(earliest=earliest.isoformat(), latest=latest.isoformat())
    if new_ends_on == term.ends_on:
        raise InvalidInput({"new_ends_on": ["The term ends on this day already."]})
    if new_ends_on < max(today, term.active_from):
        raise InvalidInput({"new_ends_on": ["A term cannot be made to end on a day that has passed."]})


def approve(db: Connection, *, asked: ApproveTermShift, actor: Actor, at: datetime) -> CommitteeView:
    """Approve that the term ends on the other day; somebody else than who asked does.

    Raises NotFound, Forbidden, NotByOneself, ShiftDecided, NoTerm, TooFar, InvalidInput.
    """
    shift, found = _shift_of(db, asked.shift_id, "decide_term_shift", actor=actor)
    if shift.asked_by_id == actor.person_id:
        raise NotByOneself()
    today = clock.today(at)
    _decide(db, shift, "approved", actor=actor, at=at, document_number=asked.document_number)
    term = term_of(db, found.id)
    if term.id != shift.term_id:
        raise NoTerm()
    check_shift(db, term, shift.new_ends_on, today=today)
    db.execute(text("UPDATE terms SET ends_on = :day WHERE id = :id"), {"day": shift.new_ends_on, "id": shift.term_id})
    return committee_of(db, found, on=today, actor=actor, today=today)


def refuse(db: Connection, *, asked: RefuseTermShift, actor: Actor, at: datetime) -> CommitteeView:
    """Leave the term as it is. Raises NotFound, Forbidden, ShiftDecided."""
    shift, found = _shift_of(db, asked.shift_id, "decide_term_shift", actor=actor)
    _decide(db, shift, "refused", actor=actor, at=at, decision=asked.reason)
    return committee_of(db, found, on=clock.today(at), actor=actor, today=clock.today(at))


def withdraw(db: Connection, *, asked: WithdrawTermShift, actor: Actor, at: datetime) -> CommitteeView:
    """Take the application back. Raises NotFound, Forbidden, ShiftDecided."""
    shift, found = _shift_of(db, asked.shift_id, "prepare_election", actor=actor)
    _decide(db, shift, "withdrawn", actor=actor, at=at)
    return committee_of(db, found, on=clock.today(at), actor=actor, today=clock.today(at))


def _shift_of(db: Connection, shift_id: UUID, action: str, *, actor: Actor) -> tuple[Row[Any], Organ]:
    shift = db.execute(
        text("SELECT s.*, t.organisation_id FROM term_shifts s JOIN terms t ON t.id = s.term_id WHERE s.id = :id"),
        {"id": shift_id},
    ).one_or_none()
    if shift is None:
        raise NotFound()
    found = organ(db, shift.organisation_id)
    if not actor.may("read_terms", organisation=found.path):
        raise NotFound()
    actor.must(action, organisation=found.superior_path if action == "decide_term_shift" else found.path)
    return shift, found


def _decide(
    db: Connection,
    shift: Row[Any],
    state: str,
    *,
    actor: Actor,
    at: datetime,
    document_number: str | None = None,
    decision: str | None = None,
) -> None:
    """Move the application out of `asked`, once; raises ShiftDecided."""
    decided = db.execute(
        text(
            "UPDATE term_shifts SET state = :state, decided_at = :at, decided_by_id = :by_id, decided_by = :by,"
            " document_number = :number, decision = :decision WHERE id = :id AND state = 'asked'"
        ),
        {
            "state": state,
            "at": at,
            "by_id": actor.person_id,
            "by": actor.name,
            "number": document_number,
            "decision": decision,
            "id": shift.id,
        },
    )
    if decided.rowcount == 0:
        now = db.execute(text("SELECT state FROM term_shifts WHERE id = :id"), {"id": shift.id}).scalar_one()
        raise ShiftDecided(state=now)
