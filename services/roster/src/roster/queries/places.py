"""To which branch somebody belongs, or belonged last, and what the actor may do with them there."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.actors import Actor
from chassis.refusals import NotFound
from sqlalchemy import Connection, text

_PLACE: Final = text(
    """
    SELECT o.id AS branch_id, o.name AS branch_name, o.path
    FROM (
        SELECT branch_id, 1 AS rank, NULL::date AS until FROM members WHERE person_id = :person
        UNION ALL
        SELECT branch_id, 2, NULL FROM developments WHERE person_id = :person AND stage <> 'ended'
        UNION ALL
        SELECT branch_id, 3, active_until FROM membership_periods WHERE person_id = :person
        UNION ALL
        SELECT branch_id, 4, NULL FROM developments WHERE person_id = :person
    ) stood JOIN organisations o ON o.id = stood.branch_id
    ORDER BY rank, until DESC LIMIT 1
    """
)


@dataclass(frozen=True)
class Place:
    """A branch and its path."""

    branch_id: UUID
    branch_name: str
    path: str


def place_of(db: Connection, person_id: UUID) -> Place | None:
    """Return the branch that keeps a person's record, or None for somebody who never was in one."""
    row = db.execute(_PLACE, {"person": person_id}).one_or_none()
    return Place(**row._mapping) if row else None


def place_the_actor_may(db: Connection, action: str, person_id: UUID, *, actor: Actor) -> Place:
    """Return the branch that keeps the record; raises NotFound when the actor may not read it there (so that an id says
    nothing), and Forbidden when they may read it and not do `action`."""
    place = place_of(db, person_id)
    if place is None or not actor.may("read_member", organisation=place.path):
        raise NotFound()
    actor.must(action, organisation=place.path)
    return place
