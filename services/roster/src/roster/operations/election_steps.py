"""What every step of an election does: who may take it, the move itself, what is kept of it.

A step is one compare-and-set on the election's state, so of two that come together one is refused.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import clock
from chassis.actors import Actor
from contracts.roster.elections import ElectionView
from sqlalchemy import Connection, Row, text
from sqlalchemy.dialects.postgresql import insert

from roster.domain.elections import MOVES, StepNotDue, StepTooEarly
from roster.domain.members import check_day
from roster.domain.terms import NotHere
from roster.queries.elections import election_row, full_members, view_of
from roster.tables.elections import election_steps


def organisation_may(db: Connection, election_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return an election that the actor prepares, for the organisation that holds it. Raises NotFound, Forbidden."""
    row = election_row(db, election_id, actor=actor)
    actor.must("prepare_election", organisation=row.path)
    return row


def superior_may(db: Connection, election_id: UUID, *, actor: Actor) -> Row[Any]:
    """Return an election that the actor decides, for the superior. Raises NotFound, Forbidden."""
    row = election_row(db, election_id, actor=actor)
    actor.must("decide_election", organisation=row.superior_path)
    return row


_MOVE: Final = text(
    "UPDATE elections SET state = :target, last_on = greatest(last_on, :day), waits_since = :at, version = version + 1"
    " WHERE id = :id AND state = ANY(:sources) AND last_on <= :day"
)


def move(
    db: Connection,
    row: Row[Any],
    step: str,
    happened_on: date | None,
    *,
    actor: Actor,
    at: datetime,
    document_number: str | None = None,
    note: str | None = None,
    is_kept: bool = True,
) -> None:
    """Take a step, once, on its day (today), not before the one before; raises StepNotDue, StepTooEarly, NotYet."""
    sources, target = MOVES[step]
    day = happened_on or clock.today(at)
    check_day(day, since=None, today=clock.today(at))
    moved = db.execute(_MOVE, {"target": target, "day": day, "at": at, "id": row.id, "sources": sorted(sources)})
    if moved.rowcount == 0:
        now = db.execute(text("SELECT state, last_on FROM elections WHERE id = :id"), {"id": row.id}).one()
        if now.state in sources:
            raise StepTooEarly(day=now.last_on.isoformat())
        raise StepNotDue(state=now.state)
    if is_kept:
        keep(db, row.id, step, day, actor=actor, at=at, document_number=document_number, note=note)


def keep(
    db: Connection,
    election_id: UUID,
    step: str,
    day: date,
    *,
    actor: Actor,
    at: datetime,
    document_number: str | None = None,
    note: str | None = None,
) -> None:
    """Keep that a step was taken: by whom, on which day, by which document."""
    db.execute(
        insert(election_steps).values(
            election_id=election_id,
            step=step,
            happened_on=day,
            at=at,
            by_id=actor.person_id,
            by_name=actor.name,
            document_number=document_number,
            note=note,
        )
    )


def next_number(db: Connection, table: str, election_id: UUID) -> int:
    """Return the number of the next meeting or ballot; the election's row is locked, so nobody else takes it."""
    last = db.execute(
        text(f"SELECT coalesce(max(number), 0) FROM {table} WHERE election_id = :id"),  # noqa: S608 - one of two names
        {"id": election_id},
    ).scalar_one()
    return int(last) + 1


def last_meeting(db: Connection, row: Row[Any]) -> Row[Any]:
    """Return the meeting that votes; raises StepNotDue where none was held."""
    meeting = db.execute(
        text("SELECT * FROM election_meetings WHERE election_id = :id ORDER BY number DESC LIMIT 1"), {"id": row.id}
    ).one_or_none()
    if meeting is None:
        raise StepNotDue(state=row.state)
    return meeting


NAME_HERE: Final = text(
    "SELECT name FROM people p WHERE id = :id AND EXISTS (SELECT FROM membership_periods t"
    " JOIN organisations o ON o.id = t.branch_id WHERE t.person_id = p.id AND starts_with(o.path || '.', :path || '.'))"
)


def must_be_here(db: Connection, persons: list[UUID], *, path: str, lock: bool = False) -> None:
    """Raise NotHere unless all are full members below the path."""
    there = full_members(db, persons, path=path, lock=lock) if persons else {}
    for person in persons:
        if person not in there:
            # Whoever was never here stays unnamed: an id says nothing about people of other branches.
            name = db.execute(NAME_HERE, {"id": person, "path": path}).scalar()
            raise NotHere(name=name or "—")


def seen(db: Connection, election_id: UUID, *, actor: Actor, at: datetime) -> ElectionView:
    """Return the election as it is now, as the actor sees it."""
    return view_of(db, election_row(db, election_id, actor=actor), actor=actor, today=clock.today(at))
