"""In which part of the tree a right counts for an actor, and who leads what there."""

from typing import Any
from uuid import UUID

from chassis.actors import Actor
from contracts.rights import RIGHTS
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from assessment.queries.organisations import is_below
from assessment.tables.organisations import organisations
from assessment.tables.rolls import members


def places_for(actor: Actor, action: str) -> list[str]:
    """Return the nodes of the tree at which a role lets the actor do `action` there and below; those by which it is
    allowed about oneself alone are left out."""
    scopes = RIGHTS[action]
    return sorted({one.path for one in actor.grants_for(action) if scopes.get(one.role) in ("branch", "organisation")})


def is_seen(actor: Actor, action: str, *, person: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
    """The condition that a row's organisation lies where the actor may do `action`, or that it is about the actor."""
    below = is_below(places_for(actor, action))
    return below if person is None else or_(below, person == actor.person_id)


def member_named(db: Connection, person_id: UUID) -> str | None:
    """Return a member's name, if roster told us of them."""
    return db.execute(select(members.c.name).where(members.c.person_id == person_id).limit(1)).scalar()


def acting_for(db: Connection, actor: Actor, action: str, *, path: str) -> Row[Any] | None:
    """Return the organisation in whose name the actor does `action` to a part of the tree.

    It is the nearest at or above it at which they hold the right; where we know none, the nearest one above it.
    """
    places = [place for place in places_for(actor, action) if path == place or path.startswith(f"{place}.")]
    parts = path.split(".")
    above = [".".join(parts[:number]) for number in range(1, len(parts) + 1)]
    known = select(organisations).order_by(func.length(organisations.c.path).desc()).limit(1)
    held = db.execute(known.where(organisations.c.path.in_(places))).one_or_none() if places else None
    return held or db.execute(known.where(organisations.c.path.in_(above[:-1] or above))).one_or_none()
